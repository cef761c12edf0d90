//! A start with many tokens: from the gate's snapshot, alone and with as many facts behind it as there ever are,
//! against what it has to take at most and against the whole ledger being read.
//!
//! A round is a process of its own, from the moment that it is begun until `/readyz` says yes.

mod filling;
mod folder;
mod loading;

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::{
    args::Plan,
    figure::{Figure, Reach, grouped},
    rounds::{Rounds, in_turns},
    verify::{Child, Connection},
};
use crate::print::say;
use folder::{Folder, Whole};
use loading::Loading;

/// Seconds in which a start has to be ready.
const READY: f64 = 2.0;
/// Facts behind the snapshot, where there are any: a running node lets it come to no more.
const TAIL: u32 = 100_000;
/// The memory that a million tokens may take, in MiB.
const MEMORY: f64 = 200.0;
/// The longest that views may take to be built.
const BUILDING: Duration = Duration::from_hours(1);
/// The longest that anything else may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Seconds of starts: from a snapshot at the head, and from one with a tail behind it.
type Starts = Rounds<f64, 2>;

/// Measures starts with so many tokens.
///
/// # Errors
/// When the ledger cannot be filled, or a start goes another way than it should.
pub(super) async fn measure(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let tail = TAIL.min(plan.tokens / 10);
    let folder = Folder::new()?;
    folder.fill(0..plan.tokens - tail).await?;
    folder.read_whole().await?;
    let early = folder.take_snapshot()?;
    folder.fill(plan.tokens - tail..plan.tokens).await?;
    let whole = folder.read_whole().await?;
    let late = folder.take_snapshot()?;
    say(&format!("  {} tokens are in a ledger", grouped(plan.tokens.into())))?;
    let loading = Loading::of(&folder, &late).await?;
    folder.put_snapshot(&late)?;
    // The first start builds the views, which is not what is measured.
    ready(&folder, BUILDING).await?;
    let starts = in_turns(plan.rounds, async |thing| {
        folder.put_snapshot(if thing == 0 { &late } else { &early })?;
        ready(&folder, PATIENCE).await
    });
    Ok(figures(plan, tail, &starts.await?, &whole, &loading))
}

/// Seconds until a new process is ready.
async fn ready(folder: &Folder, patience: Duration) -> anyhow::Result<f64> {
    let began = Instant::now();
    let node = Child::node(folder.path())?;
    let mut connection = Connection::to(node.address).await?;
    loop {
        let answer = connection.ask(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
        if answer.status == 200 {
            return Ok(began.elapsed().as_secs_f64());
        }
        ensure!(began.elapsed() < patience, "the server was not ready in time");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn figures(plan: &Plan, tail: u32, starts: &Starts, whole: &Whole, loading: &Loading) -> Vec<Figure> {
    let seconds = |it: f64| format!("{it:.2} s");
    let tokens = grouped(plan.tokens.into());
    let figure = |what: String, ours: f64, baseline: f64, ratio, reach| Figure {
        what,
        ours: seconds(ours),
        baseline: seconds(baseline),
        ratio,
        reach,
    };
    let reached = |thing: usize| starts.spread(|it| it.get(thing).copied().unwrap_or(f64::NAN) / READY);
    let median = |thing: usize| starts.median(|it| it.get(thing).copied().unwrap_or(f64::NAN));
    let size = loading.mebibytes / f64::from(plan.tokens) * 1e6;
    let memory = loading.mebibytes_grown / f64::from(plan.tokens) * 1e6;
    let at_most = |it: f64| Reach::AtMost(it);
    vec![
        figure(
            format!("ready with {tokens} tokens, from process to yes (dream: 0.5 s)"),
            median(0),
            READY,
            reached(0),
            at_most(1.0),
        ),
        figure(
            format!("the same with {} facts behind the snapshot", grouped(tail.into())),
            median(1),
            READY,
            reached(1),
            at_most(1.0),
        ),
        figure(
            format!(
                "loading a snapshot of {size:.0} MiB for each million tokens, against reading the whole ledger"
            ),
            loading.seconds,
            whole.seconds,
            (loading.seconds / whole.seconds).into(),
            Reach::Told,
        ),
        figure(
            "writing that snapshot, beside which the gate goes on, against the same".to_owned(),
            whole.writing_seconds,
            whole.seconds,
            (whole.writing_seconds / whole.seconds).into(),
            Reach::Told,
        ),
        Figure {
            what: "memory for each million tokens, loaded".to_owned(),
            ours: format!("{memory:.0} MiB"),
            baseline: format!("{MEMORY:.0} MiB"),
            ratio: (memory / MEMORY).into(),
            reach: at_most(1.0),
        },
    ]
}
