//! A usage log in memory that keeps the contract: for tests, and for what needs no disk.

use std::collections::BTreeMap;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::{AppendError, Lane, NewBlock, NotWritable, Place, ReadError, StoredBlock, UsageLog};

/// A usage log that lives as long as its value. It can be told to fail as real engines do.
pub struct MemoryUsageLog {
    lanes: BTreeMap<Lane, LaneHeld>,
    mishap: Mutex<Option<Mishap>>,
}

struct LaneHeld {
    blocks: Mutex<Vec<StoredBlock>>,
    head: watch::Sender<Place>,
}

/// How appends go wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mishap {
    /// The next append stores its block, but its caller is told [`AppendError::Unknown`].
    LoseAnswer,
    /// Every append is refused with this and stores nothing, until [`MemoryUsageLog::mend`].
    Refuse(AppendError),
}

impl MemoryUsageLog {
    /// An empty log with lanes 0 to `lanes` - 1.
    #[must_use]
    pub fn new(lanes: u16) -> Self {
        let held = || LaneHeld { blocks: Mutex::default(), head: watch::Sender::new(Place(0)) };
        Self { lanes: (0..lanes).map(|it| (Lane(it), held())).collect(), mishap: Mutex::default() }
    }

    /// Has appends go wrong from now on.
    pub fn suffer(&self, mishap: Mishap) {
        *self.mishap.lock() = Some(mishap);
    }

    /// Has appends go well again.
    pub fn mend(&self) {
        *self.mishap.lock() = None;
    }

    /// Whether the answer of this append is to be lost.
    fn loses_answer(&self) -> Result<bool, AppendError> {
        let mut mishap = self.mishap.lock();
        match &*mishap {
            None => Ok(false),
            Some(Mishap::Refuse(err)) => Err(err.clone()),
            Some(Mishap::LoseAnswer) => {
                *mishap = None;
                Ok(true)
            }
        }
    }
}

impl LaneHeld {
    fn push(&self, block: NewBlock) -> Place {
        let mut blocks = self.blocks.lock();
        let last = blocks.last().map_or(Place(0), |it| it.place);
        let place = last.following(block.day);
        blocks.push(StoredBlock { place, bytes: block.bytes });
        self.head.send_replace(place);
        place
    }
}

#[async_trait]
impl UsageLog for MemoryUsageLog {
    async fn append(&self, lane: Lane, block: NewBlock) -> Result<Place, AppendError> {
        let held = self.lanes.get(&lane).ok_or(AppendError::NoLane(lane))?;
        block.check_size()?;
        let lost = self.loses_answer()?;
        let place = held.push(block);
        if lost { Err(AppendError::Unknown("the answer was lost".to_owned())) } else { Ok(place) }
    }

    async fn read(&self, lane: Lane, after: Place, blocks: usize) -> Result<Vec<StoredBlock>, ReadError> {
        let Some(known) = self.lanes.get(&lane) else { return Ok(Vec::new()) };
        let stored = known.blocks.lock();
        let head = stored.last().map_or(Place(0), |it| it.place);
        if head < after {
            return Err(ReadError::Beyond { lane, asked: after, head });
        }
        let first = stored.partition_point(|it| it.place <= after);
        Ok(stored.iter().skip(first).take(blocks.max(1)).cloned().collect())
    }

    fn lanes(&self) -> Vec<Lane> {
        self.lanes.keys().copied().collect()
    }

    fn head(&self, lane: Lane) -> watch::Receiver<Place> {
        match self.lanes.get(&lane) {
            Some(held) => held.head.subscribe(),
            None => watch::Sender::new(Place(0)).subscribe(),
        }
    }

    fn is_writable(&self) -> Result<(), NotWritable> {
        match &*self.mishap.lock() {
            Some(Mishap::Refuse(AppendError::Full)) => Err(NotWritable::Short("the disk is full".to_owned())),
            Some(Mishap::Refuse(err)) => Err(NotWritable::Stopped(err.to_string())),
            Some(Mishap::LoseAnswer) | None => Ok(()),
        }
    }
}
