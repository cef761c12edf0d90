//! Issuing a token on its whole durable way against a hand-written group commit of the same bytes.
//!
//! Both have 64 callers that wait for their answer before they ask again, the same runtime, fresh files in each
//! round, and the same settings of SQLite.

mod group_commit;
mod issuing;
mod storing;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use tokio::task::JoinSet;

use super::{
    args::Plan,
    figure::{Figure, Reach, grouped},
    machine,
    rounds::in_turns,
};
use issuing::Issuing;
use storing::Storing;

/// Callers at once.
const CALLERS: u32 = 64;

/// Of a round's time, the part that is spent before it is measured.
const WARM_UP: f64 = 0.2;

/// One caller's work, done again and again.
trait Caller: Send + Sync + 'static {
    /// Asks once and waits for the answer.
    fn call(&self, number: u64) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// What a round gave.
struct Sample {
    per_second: f64,
    /// Microseconds of processor time each.
    cost: f64,
}

/// Measures tokens issued a second, and what each costs.
///
/// # Errors
/// When a token is not issued, or a record not stored.
pub(super) async fn measure(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let record_bytes = Issuing::record_bytes().await?;
    let rounds = in_turns::<Sample, 2>(plan.rounds, async |thing| match thing {
        0 => Issuing::round(plan.time).await,
        _ => Storing::round(plan.time, record_bytes).await,
    })
    .await?;
    let rate = |it: f64| format!("{} a second", grouped(it));
    let cost = |it: f64| format!("{it:.1} µs");
    Ok(vec![
        Figure {
            what: format!("tokens issued durably, {CALLERS} callers, records of {record_bytes} bytes"),
            ours: rate(rounds.median(|[ours, _]| ours.per_second)),
            baseline: rate(rounds.median(|[_, baseline]| baseline.per_second)),
            ratio: rounds.spread(|[ours, baseline]| ours.per_second / baseline.per_second),
            reach: Reach::AtLeast(0.8),
        },
        Figure {
            what: "processor time of each, callers included".to_owned(),
            ours: cost(rounds.median(|[ours, _]| ours.cost)),
            baseline: cost(rounds.median(|[_, baseline]| baseline.cost)),
            ratio: rounds.spread(|[ours, baseline]| ours.cost / baseline.cost),
            reach: Reach::Told,
        },
    ])
}

/// Has all callers work for that time, after a warm-up.
async fn work(caller: Arc<impl Caller>, time: Duration) -> anyhow::Result<Sample> {
    let numbers = Arc::new(AtomicU64::new(0));
    call_for(&caller, &numbers, time.mul_f64(WARM_UP)).await?;
    let (began, used) = (Instant::now(), machine::process_time());
    let done = call_for(&caller, &numbers, time).await?;
    let (took, used) = (began.elapsed(), machine::process_time().saturating_sub(used));
    ensure!(0 < done, "nothing was done");
    Ok(Sample {
        per_second: f64::from(done) / took.as_secs_f64(),
        cost: used.as_secs_f64() * 1e6 / f64::from(done),
    })
}

/// How often all callers together were answered in that time.
async fn call_for(
    caller: &Arc<impl Caller>,
    numbers: &Arc<AtomicU64>,
    time: Duration,
) -> anyhow::Result<u32> {
    let until = Instant::now() + time;
    let mut calling = JoinSet::new();
    for _ in 0..CALLERS {
        let (caller, numbers) = (Arc::clone(caller), Arc::clone(numbers));
        calling.spawn(async move {
            let mut done = 0;
            while Instant::now() < until {
                caller.call(numbers.fetch_add(1, Ordering::Relaxed)).await?;
                done += 1;
            }
            anyhow::Ok(done)
        });
    }
    let mut all = 0;
    while let Some(done) = calling.join_next().await {
        all += done??;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_ways_store_what_they_are_asked_to() {
        let time = Duration::from_millis(50);
        assert!(200 < Issuing::record_bytes().await.unwrap());
        assert!(0.0 < Issuing::round(time).await.unwrap().per_second);
        assert!(0.0 < Storing::round(time, 700).await.unwrap().per_second);
    }
}
