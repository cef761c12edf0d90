//! The server under measure: a node as `serve` starts it.

use std::{fs, io, path::Path, sync::Arc};

use anyhow::Context;
use commands::clock::SystemTime;

use crate::{
    bench::BenchArgs,
    config::{Config, Flags},
    log,
    node::Node,
    print::say,
};

/// Serves from a folder until standard input ends; says its address in one line.
///
/// # Errors
/// When the node does not start.
pub(in crate::bench) async fn serve(args: &BenchArgs) -> anyhow::Result<()> {
    let folder = args.folder.as_deref().context("--folder is missing")?;
    let text = |name: &str| Some(folder.join(name).display().to_string());
    let flags = Flags {
        listen: Some("127.0.0.1:0".to_owned()),
        data: text("data"),
        operator_token_file: text(OPERATOR_TOKEN),
    };
    // What a start says is of no interest here; what goes wrong is.
    let quiet = [("COUNTERFOIL_LOG_FILTER".into(), "warn".into())];
    let config = Config::load(None, quiet, &flags)?;
    log::set_up(&config.log)?;
    let node = Node::start(&config, Arc::new(SystemTime)).await?;
    say(&node.address().to_string())?;
    end_of_input().await?;
    node.stop().await;
    Ok(())
}

/// The operators' token of a node in that folder.
///
/// # Errors
/// When there is none.
pub(super) fn operator_token(folder: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(folder.join(OPERATOR_TOKEN)).context("there is no operators' token")?;
    Ok(text.trim().to_owned())
}

const OPERATOR_TOKEN: &str = "operator.token";

/// Returns when whoever started this process has gone, or wants it to go.
pub(super) async fn end_of_input() -> anyhow::Result<()> {
    let read_all = || io::copy(&mut io::stdin().lock(), &mut io::sink());
    tokio::task::spawn_blocking(read_all).await??;
    Ok(())
}
