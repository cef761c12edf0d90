//! Ledgers that break one promise each: the contract suite must notice.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use eventlog::{
    Append, AppendError, Appended, EventLog, Limit, MemoryLog, Page, Position, ReadError, StoredRecord,
    StreamName, Version,
    contract::{Factory, check},
};
use tokio::sync::watch;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    AcceptsLargeRecords,
    TakesAnyPositionForCaughtUp,
    ForgetsIdempotency,
    SkipsARecordInPages,
    IgnoresExpectedVersions,
    CutsStreams,
    ReordersStreams,
    LosesAllAtARestart,
    WatchesNoHead,
    ChangesBytes,
    IgnoresLimits,
    ComplainsForNothing,
}

struct Careless {
    log: MemoryLog,
    fault: Fault,
}

impl Careless {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    async fn version(&self, stream: &StreamName) -> Version {
        let read = self.log.read_streams(&[(stream.clone(), Version(0))]).await;
        Version(read.unwrap()[0].len() as u64)
    }
}

#[async_trait]
impl EventLog for Careless {
    async fn append(&self, mut append: Append) -> Result<Appended, AppendError> {
        if self.is(Fault::IgnoresExpectedVersions) {
            append.expected = self.version(&append.stream).await;
        }
        let head = u128::from(self.log.head().borrow().0);
        for (record, rank) in append.records.iter_mut().zip(0..) {
            if self.is(Fault::AcceptsLargeRecords) {
                record.bytes.truncate(eventlog::LARGEST_RECORD);
            }
            if self.is(Fault::ForgetsIdempotency) {
                record.event_id = (head << 64 | rank).to_be_bytes();
            }
        }
        self.log.append(append).await
    }

    async fn read_streams(
        &self,
        asked: &[(StreamName, Version)],
    ) -> Result<Vec<Vec<StoredRecord>>, ReadError> {
        let mut read = self.log.read_streams(asked).await?;
        if self.is(Fault::CutsStreams) {
            for records in &mut read {
                records.truncate(10);
            }
        }
        if self.is(Fault::ReordersStreams) {
            read.reverse();
        }
        Ok(read)
    }

    async fn read_all(&self, mut after: Position, mut limit: Limit) -> Result<Page, ReadError> {
        if self.is(Fault::IgnoresLimits) {
            limit = Limit { records: usize::MAX, bytes: usize::MAX };
        }
        if self.is(Fault::TakesAnyPositionForCaughtUp) {
            after = after.min(*self.log.head().borrow());
        }
        let mut page = self.log.read_all(after, limit).await?;
        if self.is(Fault::SkipsARecordInPages) && 1 < page.records.len() {
            page.records.remove(0);
        }
        for record in &mut page.records {
            if self.is(Fault::ChangesBytes) {
                record.bytes = Bytes::from_static(b"other");
            }
        }
        Ok(page)
    }

    fn is_writable(&self) -> Result<(), String> {
        if self.is(Fault::ComplainsForNothing) { Err("it rains".to_owned()) } else { self.log.is_writable() }
    }

    fn head(&self) -> watch::Receiver<Position> {
        if self.is(Fault::WatchesNoHead) {
            return watch::channel(Position(0)).1;
        }
        self.log.head()
    }
}

struct CarelessOnes(Fault);

#[async_trait]
impl Factory for CarelessOnes {
    async fn open(&self) -> Result<Arc<dyn EventLog>, String> {
        Ok(Arc::new(Careless { log: MemoryLog::new(), fault: self.0 }))
    }

    async fn reopen(&self, log: Arc<dyn EventLog>) -> Result<Arc<dyn EventLog>, String> {
        if self.0 == Fault::LosesAllAtARestart {
            return self.open().await;
        }
        Ok(log)
    }
}

async fn must_break(fault: Fault, rule: &str) {
    let report = check(Arc::new(CarelessOnes(fault))).await;
    assert!(report.broken().any(|(broken, _)| broken == rule), "{rule} held:\n{report}");
}

#[tokio::test]
async fn the_contract_notices_each_broken_promise() {
    let faults = [
        (Fault::AcceptsLargeRecords, "records_above_the_limit_are_refused"),
        (Fault::TakesAnyPositionForCaughtUp, "a_position_beyond_the_head_is_an_error"),
        (Fault::ForgetsIdempotency, "the_same_append_again_has_the_first_outcome"),
        (Fault::SkipsARecordInPages, "a_follower_sees_no_gap_and_no_reordering"),
        (Fault::IgnoresExpectedVersions, "one_of_many_writers_gets_each_version"),
        (Fault::CutsStreams, "streams_are_read_after_every_version"),
        (Fault::ReordersStreams, "streams_are_answered_in_the_order_asked"),
        (Fault::LosesAllAtARestart, "all_records_survive_a_restart"),
        (Fault::WatchesNoHead, "the_head_moves_and_never_falls"),
        (Fault::ChangesBytes, "records_come_back_as_they_went_in"),
        (Fault::ComplainsForNothing, "a_log_that_takes_appends_says_so"),
        (Fault::IgnoresLimits, "a_page_keeps_its_limits_but_is_never_empty"),
    ];
    for (fault, rule) in faults {
        must_break(fault, rule).await;
    }
}
