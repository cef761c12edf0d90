//! Usage logs that break one promise each: the contract suite must notice.

use std::sync::Arc;

use async_trait::async_trait;
use eventlog::usage::{
    AppendError, LARGEST_BLOCK, Lane, MemoryUsageLog, NewBlock, NotWritable, Place, ReadError, StoredBlock,
    UsageLog,
    contract::{Factory, check},
};
use tokio::sync::watch;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    AcceptsLargeBlocks,
    AcceptsUnknownLanes,
    TakesAnyPlaceForCaughtUp,
    SkipsABlockInPages,
    StopsAtTheEndOfADay,
    SwapsNeighbours,
    MixesLanes,
    LosesAllAtARestart,
    WatchesNoHead,
    ChangesBytes,
    IgnoresLimits,
    ComplainsForNothing,
    StoresThriceWhatIsSentAgain,
}

struct Careless {
    log: MemoryUsageLog,
    fault: Fault,
}

impl Careless {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }
}

#[async_trait]
impl UsageLog for Careless {
    async fn append(&self, mut lane: Lane, mut block: NewBlock) -> Result<Place, AppendError> {
        if self.is(Fault::AcceptsLargeBlocks) && LARGEST_BLOCK < block.bytes.len() {
            block.bytes = block.bytes[..LARGEST_BLOCK].into();
        }
        if self.is(Fault::AcceptsUnknownLanes) {
            lane = lane.min(Lane(1));
        }
        if self.is(Fault::MixesLanes) {
            lane = Lane(0);
        }
        let place = self.log.append(lane, block.clone()).await?;
        if self.is(Fault::StoresThriceWhatIsSentAgain) {
            return self.log.append(lane, block).await;
        }
        Ok(place)
    }

    async fn read(
        &self,
        lane: Lane,
        mut after: Place,
        mut blocks: usize,
    ) -> Result<Vec<StoredBlock>, ReadError> {
        if self.is(Fault::IgnoresLimits) {
            blocks = usize::MAX;
        }
        if self.is(Fault::TakesAnyPlaceForCaughtUp) {
            after = after.min(*self.log.head(lane).borrow());
        }
        let mut page = self.log.read(lane, after, blocks).await?;
        if self.is(Fault::SkipsABlockInPages) && 1 < page.len() {
            page.remove(0);
        }
        if self.is(Fault::SwapsNeighbours) && 1 < page.len() {
            page.swap(0, 1);
        }
        if self.is(Fault::StopsAtTheEndOfADay) && after != Place(0) {
            page.retain(|it| it.place.day() == after.day());
        }
        if self.is(Fault::ChangesBytes) {
            for block in &mut page {
                block.bytes = [1, 2, 3].into();
            }
        }
        Ok(page)
    }

    fn lanes(&self) -> Vec<Lane> {
        self.log.lanes()
    }

    fn head(&self, lane: Lane) -> watch::Receiver<Place> {
        if self.is(Fault::WatchesNoHead) {
            return watch::channel(Place(0)).1;
        }
        self.log.head(lane)
    }

    fn is_writable(&self) -> Result<(), NotWritable> {
        if self.is(Fault::ComplainsForNothing) {
            return Err(NotWritable::Stopped("it rains".to_owned()));
        }
        self.log.is_writable()
    }
}

struct CarelessOnes(Fault);

#[async_trait]
impl Factory for CarelessOnes {
    async fn open(&self) -> Result<Arc<dyn UsageLog>, String> {
        Ok(Arc::new(Careless { log: MemoryUsageLog::new(2), fault: self.0 }))
    }

    async fn reopen(&self, log: Arc<dyn UsageLog>) -> Result<Arc<dyn UsageLog>, String> {
        if self.0 == Fault::LosesAllAtARestart {
            return self.open().await;
        }
        Ok(log)
    }
}

#[tokio::test]
async fn the_usage_contract_notices_each_broken_promise() {
    let faults = [
        (Fault::AcceptsLargeBlocks, "blocks_of_a_wrong_size_are_refused"),
        (Fault::AcceptsUnknownLanes, "a_lane_that_there_is_not_is_refused_and_empty"),
        (Fault::TakesAnyPlaceForCaughtUp, "a_place_beyond_the_head_is_an_error"),
        (Fault::SkipsABlockInPages, "a_follower_sees_every_block_in_order"),
        (Fault::SkipsABlockInPages, "reading_resumes_from_every_place"),
        (Fault::StopsAtTheEndOfADay, "reading_goes_on_over_days"),
        (Fault::SwapsNeighbours, "places_ascend_also_when_a_day_goes_back"),
        (Fault::MixesLanes, "appenders_to_several_lanes_do_not_mix"),
        (Fault::LosesAllAtARestart, "all_blocks_survive_a_restart"),
        (Fault::WatchesNoHead, "the_head_moves_and_never_falls"),
        (Fault::ChangesBytes, "blocks_come_back_byte_for_byte_and_in_order"),
        (Fault::IgnoresLimits, "a_page_keeps_its_limit_and_is_never_empty_while_there_is_more"),
        (Fault::ComplainsForNothing, "a_log_that_takes_blocks_says_so"),
        (Fault::StoresThriceWhatIsSentAgain, "a_block_that_is_sent_again_lies_once_or_twice"),
    ];
    for (fault, rule) in faults {
        let report = check(Arc::new(CarelessOnes(fault))).await;
        assert!(report.broken().any(|(broken, _)| broken == rule), "{rule} held:\n{report}");
    }
}
