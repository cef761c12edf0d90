//! `counterfoil serve`.

use std::{
    future::Future,
    path::PathBuf,
    pin::{Pin, pin},
    sync::Arc,
};

use anyhow::{Context, bail};
use commands::clock::SystemTime;

use super::{
    banner::{self, Token},
    place::Place,
};
use crate::{
    config::Config,
    listen, log,
    node::{Node, Prepared},
    operator::OperatorToken,
    print::say,
};

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
    let prepared = unless(stop.as_mut(), Prepared::of(&config, Arc::new(SystemTime))).await?;
    // From here on a signal waits: the operators' token may be durable and must be shown.
    let mut node = prepared.answer().await?;
    let given = node.take_operator_token();
    greet(&config, &node, given.as_ref());
    stop.await;
    node.stop().await;
    Ok(())
}

/// A long start can be given up: nothing was acknowledged, and no token given away.
async fn unless<T>(
    stop: Pin<&mut impl Future<Output = ()>>,
    start: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::select! {
        biased;
        () = stop => bail!("the start was given up before anybody was answered"),
        started = start => started,
    }
}

fn greet(config: &Config, node: &Node, given: Option<&OperatorToken>) {
    let file = config.server.operator_token_file.as_deref();
    let token = match (given, file) {
        (Some(given), _) => Token::Given(given),
        (None, Some(path)) => Token::Kept(path, node.operator_token_in(path)),
        (None, None) => Token::Elsewhere,
    };
    let banner = banner::of(config, node.address(), &token);
    if say(&banner).is_err() && matches!(given, Some(OperatorToken::ShownOnce(_))) {
        tracing::error!("the operator token could not be shown: `counterfoil operator reset` gives another");
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;
    use crate::node::testing::Place;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_start_that_is_given_up_says_so_and_gives_no_token_away() {
        let place = Place::new();
        let config = place.config();
        let told = unless(pin!(ready(())), Prepared::of(&config, place.time.clone())).await;
        let sentence = told.err().unwrap().to_string();
        assert!(sentence.contains("given up"), "{sentence}");
        // Even at its last moment: what was prepared is dropped, and nothing was appended.
        drop(Prepared::of(&config, place.time.clone()).await.unwrap());
        let (node, token) = place.first_start().await;
        assert!(node.takes(&token));
        node.stop().await;
    }
}
