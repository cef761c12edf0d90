//! `POST /v1/verify` over real HTTP against a bare axum handler with the same bytes in and out.
//!
//! Each is a process of its own, made of this binary and behind the same accept loop, so that what a request costs
//! the server can be told apart from what it costs whoever asks. The one who asks is this process: 64 connections
//! that are kept, each sending its next question when the last is answered, all from one thread.

mod answer;
mod bare;
mod child;
mod connection;
mod flat;
mod load;
mod node;
mod peopled;
mod scene;

use super::{
    args::Plan,
    figure::{Figure, Reach, grouped},
    rounds::in_turns,
};
pub(super) use bare::serve as serve_bare;
pub(super) use child::Child;
pub(super) use connection::Connection;
pub(super) use flat::measure as measure_flat;
use load::Sample;
pub(super) use node::serve as serve_node;
use peopled::Peopled;

/// Connections that ask.
const CONNECTIONS: u32 = 64;

/// Measures requests a second, and what each costs the server.
///
/// # Errors
/// When a server does not start, an answer is wrong, or the baseline's answer has other bytes.
pub(super) async fn measure(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let ours = Peopled::with(plan.tokens).await?;
    let bare = Child::bare(&ours.scene.sample)?;
    ours.scene.check_same_bytes(bare.address).await?;
    let load = ours.load();
    let rounds = in_turns::<Sample, 2>(plan.rounds, async |thing| match thing {
        0 => load.put_on(&ours.node, plan.time).await,
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
