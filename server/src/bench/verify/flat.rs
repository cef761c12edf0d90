//! Whether a verification costs the same however many tokens there are: two servers, one with a thousand tokens and
//! one with many, asked in turns.

use super::{CONNECTIONS, load::Sample, peopled::Peopled};
use crate::bench::{
    args::Plan,
    figure::{Figure, Reach, grouped},
    rounds::in_turns,
};

/// Tokens of the server that others are held against.
const FEW: u32 = 1_000;

/// Measures what a request costs a server with many tokens against one with few.
///
/// # Errors
/// When a server does not start, or an answer is wrong.
pub(in crate::bench) async fn measure(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let few = Peopled::with(FEW).await?;
    let many = Peopled::with(plan.tokens).await?;
    let loads = [many.load(), few.load()];
    let [on_many, on_few] = &loads;
    let rounds = in_turns::<Sample, 2>(plan.rounds, async |thing| match thing {
        0 => on_many.put_on(&many.node, plan.time).await,
        _ => on_few.put_on(&few.node, plan.time).await,
    })
    .await?;
    let cost = |it: f64| format!("{it:.1} µs");
    let (most, least) = (grouped(plan.tokens.into()), grouped(FEW.into()));
    Ok(vec![Figure {
        what: format!(
            "processor time of the server for each `POST /v1/verify`, {CONNECTIONS} connections, {most} tokens \
             against {least}"
        ),
        ours: cost(rounds.median(|[many, _]| many.cost)),
        baseline: cost(rounds.median(|[_, few]| few.cost)),
        ratio: rounds.spread(|[many, few]| many.cost / few.cost),
        reach: Reach::AtMost(1.3),
    }])
}
