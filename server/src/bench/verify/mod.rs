//! `POST /v1/verify` over real HTTP against a bare axum handler with the same bytes in and out.
//!
//! Each is a process of its own, made of this binary and behind the same accept loop, so that what a request costs
//! the server can be told apart from what it costs whoever asks. The one who asks is this process: 64 connections
//! that are kept, each sending its next question when the last is answered, all from one thread.

mod answer;
mod bare;
mod child;
mod connection;
mod load;
mod node;
mod scene;

use std::time::Duration;

use anyhow::ensure;

use super::{
    args::Plan,
    figure::{Figure, Reach, grouped},
    machine,
    rounds::in_turns,
    scratch::Scratch,
};
use crate::print::say;
pub(super) use bare::serve as serve_bare;
use child::Child;
use load::{Load, Sample};
pub(super) use node::serve as serve_node;
use scene::Scene;

/// Connections that ask.
const CONNECTIONS: u32 = 64;

/// A server that uses less of a processor than this has nothing to do: its views have caught up.
const IDLE: Duration = Duration::from_millis(20);
/// How long that is looked at.
const IDLE_FOR: Duration = Duration::from_millis(500);

/// Measures requests a second, and what each costs the server.
///
/// # Errors
/// When a server does not start, an answer is wrong, or the baseline's answer has other bytes.
pub(super) async fn measure(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let folder = Scratch::new()?;
    let node = Child::node(folder.path())?;
    let scene = Scene::prepare(node.address, &node::operator_token(folder.path())?, plan.tokens).await?;
    say(&format!("  {} tokens are issued over HTTP", grouped(plan.tokens.into())))?;
    let bare = Child::bare(&scene.sample)?;
    scene.check_same_bytes(bare.address).await?;
    wait_until_idle(&node).await?;
    let load = Load::of(scene.requests);
    let rounds = in_turns::<Sample, 2>(plan.rounds, async |thing| match thing {
        0 => load.put_on(&node, plan.time).await,
        _ => load.put_on(&bare, plan.time).await,
    })
    .await?;
    let rate = |it: f64| format!("{} requests a second", grouped(it));
    let cost = |it: f64| format!("{it:.1} µs");
    let tokens = grouped(plan.tokens.into());
    Ok(vec![
        Figure {
            what: format!("`POST /v1/verify`, {CONNECTIONS} connections, {tokens} tokens"),
            ours: rate(rounds.median(|[ours, _]| ours.per_second)),
            baseline: rate(rounds.median(|[_, bare]| bare.per_second)),
            ratio: rounds.spread(|[ours, bare]| ours.per_second / bare.per_second),
            reach: Reach::AtLeast(0.9),
        },
        Figure {
            what: "processor time of the server for each request (dream: at most 1.05)".to_owned(),
            ours: cost(rounds.median(|[ours, _]| ours.cost)),
            baseline: cost(rounds.median(|[_, bare]| bare.cost)),
            ratio: rounds.spread(|[ours, bare]| ours.cost / bare.cost),
            reach: Reach::Told,
        },
    ])
}

/// Waits until a server does nothing any more, such as bringing its views up to date.
async fn wait_until_idle(server: &Child) -> anyhow::Result<()> {
    for _ in 0..240 {
        let before = machine::time_of_process(server.id())?;
        tokio::time::sleep(IDLE_FOR).await;
        if machine::time_of_process(server.id())?.saturating_sub(before) <= IDLE {
            return Ok(());
        }
    }
    ensure!(false, "the server was still busy with itself after two minutes");
    Ok(())
}
