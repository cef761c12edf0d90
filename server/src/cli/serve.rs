//! `counterfoil serve`.

use std::{path::PathBuf, pin::pin, sync::Arc};

use anyhow::Context;
use commands::clock::SystemTime;

use super::{banner, place::Place};
use crate::{config::Config, listen, log, node::Node, operator::OperatorToken, print::say};

/// What to serve, and where.
#[derive(clap::Args, Debug)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    place: Place,
    /// The address and port to listen on; port 0 lets the system choose [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// Where the first start writes the operator token, mode 0600, instead of printing it
    #[arg(long, value_name = "FILE")]
    operator_token_file: Option<PathBuf>,
}

/// Serves until the process is told to stop by SIGTERM or SIGINT.
pub(super) async fn serve(args: ServeArgs) -> anyhow::Result<()> {
    let config = args.place.config_with(args.listen, args.operator_token_file.as_deref())?;
    log::set_up(&config.log)?;
    let mut stop = pin!(listen::stop_signal().context("failed to listen to signals")?);
    let mut node = tokio::select! {
        // A long start can be given up: nothing is acknowledged yet.
        () = &mut stop => return Ok(()),
        started = Node::start(&config, Arc::new(SystemTime)) => started?,
    };
    let given = node.take_operator_token();
    greet(&config, &node, given.as_ref());
    stop.await;
    node.stop().await;
    Ok(())
}

fn greet(config: &Config, node: &Node, given: Option<&OperatorToken>) {
    let banner = banner::of(config, node.address(), given);
    if say(&banner).is_err() && matches!(given, Some(OperatorToken::ShownOnce(_))) {
        tracing::error!("the operator token could not be shown: `counterfoil operator reset` gives another");
    }
}
