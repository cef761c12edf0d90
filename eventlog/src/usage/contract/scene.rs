//! What every rule needs: a log, blocks of its own, and short ways to use them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

pub(super) use crate::report::{all_of, equal, holds};

use super::{Broken, Factory};
use crate::usage::{Lane, NewBlock, Place, StoredBlock, UsageLog};

/// How long a rule waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);
/// A page of ordinary size.
pub(super) const PAGE: usize = 100;
/// The first day that rules write on, if the log has none yet: in 2024.
const FIRST_DAY: u32 = 19_800;

/// One rule's part of the log.
#[derive(Clone)]
pub(super) struct Scene {
    factory: Arc<dyn Factory>,
    /// The log under test.
    pub(super) log: Arc<dyn UsageLog>,
    /// The lane that rules use that need one.
    pub(super) lane: Lane,
    /// The end of each lane when the rule began.
    starts: BTreeMap<Lane, Place>,
    rule: &'static str,
    numbers: Arc<AtomicU64>,
}

impl Scene {
    pub(super) async fn set(factory: Arc<dyn Factory>, rule: &'static str) -> Result<Self, Broken> {
        let log = factory.open().await.map_err(Broken::because)?;
        let mut starts = BTreeMap::new();
        for lane in log.lanes() {
            starts.insert(lane, end_of(&*log, lane).await?);
        }
        let lane = *starts.keys().next().ok_or_else(|| Broken::because("there is no lane"))?;
        Ok(Self { factory, log, lane, starts, rule, numbers: Arc::default() })
    }

    /// Closes the log and opens it again.
    pub(super) async fn restart(self) -> Result<Self, Broken> {
        let Self { factory, log, lane, starts, rule, numbers } = self;
        let log = factory.reopen(log).await.map_err(Broken::because)?;
        Ok(Self { factory, log, lane, starts, rule, numbers })
    }

    /// The end of the lane when the rule began.
    pub(super) fn start(&self) -> Place {
        self.start_of(self.lane)
    }

    fn start_of(&self, lane: Lane) -> Place {
        self.starts.get(&lane).copied().unwrap_or_default()
    }

    /// The day that the rule begins with.
    pub(super) fn day(&self) -> u32 {
        self.start().day().max(FIRST_DAY)
    }

    /// A block of the rule's first day that no other is equal to.
    pub(super) fn block(&self) -> NewBlock {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        self.block_of(format!("{} after {}, {number}", self.rule, self.start()).as_bytes())
    }

    /// A block of these bytes on the rule's first day.
    pub(super) fn block_of(&self, bytes: &[u8]) -> NewBlock {
        NewBlock { day: self.day(), bytes: bytes.into() }
    }

    /// Appends some new blocks to the rule's lane, which must pass; says where they lie.
    pub(super) async fn grow(&self, blocks: usize) -> Result<Vec<Place>, Broken> {
        let mut places = Vec::with_capacity(blocks);
        for _ in 0..blocks {
            places.push(self.log.append(self.lane, self.block()).await?);
        }
        Ok(places)
    }

    /// All blocks of the rule's lane since it began.
    pub(super) async fn everything(&self) -> Result<Vec<StoredBlock>, Broken> {
        self.everything_in(self.lane).await
    }

    /// All blocks of a lane since the rule began.
    pub(super) async fn everything_in(&self, lane: Lane) -> Result<Vec<StoredBlock>, Broken> {
        let mut all: Vec<StoredBlock> = Vec::new();
        loop {
            let after = all.last().map_or(self.start_of(lane), |it| it.place);
            let page = self.log.read(lane, after, PAGE).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// One page of the rule's lane.
    pub(super) async fn page(&self, after: Place, blocks: usize) -> Result<Vec<StoredBlock>, Broken> {
        Ok(self.log.read(self.lane, after, blocks).await?)
    }

    /// Waits until a watch of the head shows at least that place; returns what it shows.
    pub(super) async fn head_reaches(
        &self,
        place: Place,
        head: &mut watch::Receiver<Place>,
    ) -> Result<Place, Broken> {
        match timeout(PATIENCE, head.wait_for(|it| place <= *it)).await {
            Ok(Ok(reached)) => Ok(*reached),
            Ok(Err(_)) => Err(Broken::because("the watch of the head ended")),
            Err(_) => Err(Broken::because(format!(
                "the watch of the head did not show {place} within {PATIENCE:?}"
            ))),
        }
    }
}

/// The place of the last block that can be read; the head is but a hint.
async fn end_of(log: &dyn UsageLog, lane: Lane) -> Result<Place, Broken> {
    let mut end = *log.head(lane).borrow();
    while let Some(last) = log.read(lane, end, PAGE).await?.last() {
        end = last.place;
    }
    Ok(end)
}

/// The places of some blocks.
pub(super) fn places(blocks: &[StoredBlock]) -> Vec<Place> {
    blocks.iter().map(|it| it.place).collect()
}

/// The bytes of some blocks.
pub(super) fn bytes(blocks: &[StoredBlock]) -> Vec<Arc<[u8]>> {
    blocks.iter().map(|it| it.bytes.clone()).collect()
}
