//! What a start that was cut off leaves, and that it is recorded once however often the next start is cut off too.

use super::*;
use crate::recorder::{self, Durability, Recorder};
use domain::{
    fact::Fact,
    usage_gap::{Event, Gap},
};
use eventlog::usage::{Lane, MemoryUsageLog, UsageLog as _};
use schemas::usage::{Circumstances, Decided, NodeStart, Outcome as Code, RequestIds};
use store::OpenStart;

/// A node that starts, records, and is cut off or stops, over one ledger and one usage log.
struct House {
    world: World,
    usage: Arc<MemoryUsageLog>,
    starts: u8,
}

impl House {
    async fn new() -> Self {
        Self { world: world().await, usage: Arc::new(MemoryUsageLog::new(1)), starts: 0 }
    }

    fn now(&self) -> Timestamp {
        self.world.commands.ledger.now()
    }

    fn next(&mut self) -> NodeStart {
        self.starts += 1;
        NodeStart([self.starts; 8])
    }

    async fn begin(&mut self) -> NodeStart {
        let start = self.next();
        self.world.commands.begin_node_start(start, self.usage.as_ref()).await.unwrap();
        start
    }

    /// A recorder of a start, its writer running.
    fn recorder(&self, start: NodeStart) -> Recorder {
        let (recorder, writer) = Recorder::new(recorder::Parts {
            log: self.usage.clone(),
            keyring: self.world.keyring.clone(),
            clock: Arc::new(LedgerClock::start(self.world.time.clone(), Timestamp::EPOCH).unwrap()),
            request_ids: RequestIds::new([7; 16]),
            node_start: start,
            incarnation: 1,
            durability: Durability::Strict,
        });
        drop(tokio::spawn(writer.run()));
        recorder
    }

    async fn gaps(&self) -> Vec<Gap> {
        let facts = self.world.facts().await;
        let gaps = facts.into_iter().filter_map(|it| {
            let Fact::UsageGap(Event::Recorded(gap)) = it.fact else { return None };
            assert_eq!(it.stream.to_string(), format!("usage_gap-{}", gap.node_start));
            Some(gap)
        });
        gaps.collect()
    }
}

#[tokio::test]
async fn a_first_start_and_one_after_a_clean_stop_leave_no_gap() {
    let mut house = House::new().await;
    let first = house.begin().await;
    house.world.commands.end_node_start(first).await.unwrap();
    house.begin().await;
    assert_eq!(house.gaps().await, []);
}

#[tokio::test]
async fn a_start_that_was_cut_off_leaves_a_gap_from_the_second_of_its_last_durable_decision() {
    let mut house = House::new().await;
    let start = house.begin().await;
    let recorder = house.recorder(start);
    house.world.time.advance(Lifespan::from_micros(2_700_000));
    recorder.record(&Decided::unproven(Code::WRONG, 5), &Circumstances::at(house.now().micros()));
    recorder.settle().await.unwrap();
    let second = NOON.plus(Lifespan::seconds(2));
    house.world.time.advance(Lifespan::seconds(60));
    let until = house.now();
    house.begin().await;
    let place = house.usage.head(Lane(0)).borrow().0;
    let gap = Gap { node_start: start, lane: 0, after: Some(place), from: second, until };
    assert_eq!(house.gaps().await, [gap]);
}

#[tokio::test]
async fn a_start_that_decided_nothing_leaves_a_gap_from_its_beginning() {
    let mut house = House::new().await;
    let began = house.now();
    let start = house.begin().await;
    house.world.time.advance(Lifespan::seconds(5));
    house.begin().await;
    let gap = Gap { node_start: start, lane: 0, after: None, from: began, until: house.now() };
    assert_eq!(house.gaps().await, [gap]);
}

#[tokio::test]
async fn wherever_a_start_is_cut_off_each_gap_is_recorded_once() {
    let mut house = House::new().await;
    let first = house.begin().await;
    house.world.time.advance(Lifespan::seconds(1));
    // Cut off after the gap was appended, and before the start was noted no more.
    house.begin().await;
    let noted = OpenStart { start: first.0, lane: 0, began_us: 0 };
    house.world.commands.state.note_start(noted).await.unwrap();
    house.world.time.advance(Lifespan::seconds(1));
    house.begin().await;
    // The same start again, as after a failure.
    house.world.commands.begin_node_start(NodeStart([3; 8]), house.usage.as_ref()).await.unwrap();
    let gaps = house.gaps().await;
    let starts: Vec<_> = gaps.iter().map(|it| it.node_start.0[0]).collect();
    assert_eq!(starts, [1, 2]);
    assert_eq!(gaps[0].until, NOON.plus(Lifespan::seconds(1)), "the first record stands");
    assert_eq!(house.world.commands.state.open_starts().await.unwrap().len(), 1);
}
