//! Recording decisions durably, against what is promised: uniform traffic, everything on its whole way but HTTP.
//!
//! One thread records as fast as it is admitted; the recorder's own thread seals, encodes and appends to a usage log in
//! files. What a decision costs is the processor time of the whole process, so that "on one core" means all of it.

mod traffic;

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use commands::{
    clock::{LedgerClock, SystemTime},
    recorder::{Durability, Parts},
};
use domain::time::Timestamp;
use eventlog::usage::{Options, SqliteUsageLog};
use schemas::{
    sealing::{Keyring, MasterKey, MasterKeys, MemoryShelf, OsRandomness},
    usage::RequestIds,
};

use super::{
    args::Plan,
    figure::{Figure, Reach, grouped},
    machine,
    rounds::in_turns,
    scratch::Scratch,
};
use crate::node::recording::{Recording, fresh_start};
use traffic::Traffic;

/// What is promised: decisions a second on one core,
const PER_SECOND: f64 = 100_000.0;
/// bytes of each on disk,
const BYTES: f64 = 40.0;
/// and nanoseconds that recording takes of the request's thread.
const NANOSECONDS: f64 = 1_000.0;

/// Decisions between two looks at the clock.
const BATCH: u32 = 256;
/// How long whoever is not admitted waits.
const PAUSE: Duration = Duration::from_millis(1);
/// Data keys that are kept: all that there are.
const KEYS: usize = 1 << 20;

/// What a round gave.
struct Sample {
    /// Decisions durable in a second of processor time.
    per_second: f64,
    /// Decisions durable in a second of the day.
    by_the_clock: f64,
    /// Bytes of each in files.
    bytes: f64,
    /// Nanoseconds of the thread that records.
    nanoseconds: f64,
}

/// Measures decisions recorded durably, what each takes on disk, and of the thread that records it.
///
/// # Errors
/// When one of them is not durable.
pub(super) async fn measure(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let traffic = Traffic::over(plan.tokens);
    let rounds = in_turns::<Sample, 1>(plan.rounds, async |_| round(&traffic, plan.time).await).await?;
    let by_the_clock = grouped(rounds.median(|[it]| it.by_the_clock));
    Ok(vec![
        Figure {
            what: format!("decisions recorded durably, {by_the_clock} a second by the clock"),
            ours: format!("{} a second of a core", grouped(rounds.median(|[it]| it.per_second))),
            baseline: format!("{} promised", grouped(PER_SECOND)),
            ratio: rounds.spread(|[it]| it.per_second / PER_SECOND),
            reach: Reach::AtLeast(1.0),
        },
        Figure {
            what: "what each takes on disk".to_owned(),
            ours: format!("{:.1} bytes", rounds.median(|[it]| it.bytes)),
            baseline: format!("{BYTES:.0} promised"),
            ratio: rounds.spread(|[it]| it.bytes / BYTES),
            reach: Reach::AtMost(1.0),
        },
        Figure {
            what: "what each takes of the request's thread".to_owned(),
            ours: format!("{:.0} ns", rounds.median(|[it]| it.nanoseconds)),
            baseline: format!("{NANOSECONDS:.0} promised"),
            ratio: rounds.spread(|[it]| it.nanoseconds / NANOSECONDS),
            reach: Reach::AtMost(1.0),
        },
    ])
}

async fn round(traffic: &Traffic, time: Duration) -> anyhow::Result<Sample> {
    let folder = Scratch::new()?;
    let log =
        Arc::new(SqliteUsageLog::open(folder.path(), Options { ballast_bytes: 0, ..Options::default() })?);
    let masters = MasterKeys::only(MasterKey::new(1, [1; 32]));
    let keyring =
        Arc::new(Keyring::new(Arc::<MemoryShelf>::default(), masters, Arc::new(OsRandomness), KEYS));
    // The keys of holders and organisations are there before their first decision.
    keyring.keys_for_sealing(&traffic.subjects()).await?;
    let clock = Arc::new(LedgerClock::start(Arc::new(SystemTime), Timestamp::EPOCH)?);
    let recording = Recording::start(Parts {
        log: log.clone(),
        keyring,
        clock: Arc::clone(&clock),
        request_ids: RequestIds::new([7; 16]),
        node_start: fresh_start()?,
        incarnation: 1,
        durability: Durability::Grouped,
    })?;
    let (began, used_before) = (Instant::now(), machine::process_time());
    let (mut recorded, mut recording_time) = (0_u32, Duration::ZERO);
    while began.elapsed() < time {
        let now = clock.now();
        if recording.recorder().admit(now).is_err() {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        let before = machine::thread_time();
        for number in recorded..recorded + BATCH {
            traffic.record(recording.recorder(), number, now);
        }
        recording_time += machine::thread_time().saturating_sub(before);
        recorded += BATCH;
        tokio::task::yield_now().await;
    }
    ensure!(recording.stop().await, "decisions were lost");
    let (elapsed, used) = (began.elapsed(), machine::process_time().saturating_sub(used_before));
    log.close().await;
    let each = f64::from(recorded);
    Ok(Sample {
        per_second: each / used.as_secs_f64(),
        by_the_clock: each / elapsed.as_secs_f64(),
        bytes: bytes_in(folder.path())? / each,
        nanoseconds: recording_time.as_secs_f64() * 1e9 / each,
    })
}

/// Bytes of all files in a folder.
fn bytes_in(folder: &Path) -> anyhow::Result<f64> {
    let mut kibibytes = 0;
    for entry in fs::read_dir(folder)? {
        kibibytes += entry?.metadata()?.len().div_ceil(1 << 10);
    }
    Ok(f64::from(u32::try_from(kibibytes)?) * 1_024.0)
}
