//! The recorder on a usage log in memory, under a clock that tests move.

mod durable;
mod laws;
mod subjects;

use std::net::IpAddr;
use std::sync::Arc;

use domain::actor::Holder;
use domain::ids::{MemberId, OrganizationId};
use domain::time::{Lifespan, Timestamp};
use eventlog::usage::{AppendError, MemoryUsageLog, Mishap, Place, UsageLog};
use schemas::sealing::{Keyring, MasterKey, MasterKeys, MemoryShelf, OsRandomness};
use schemas::usage::{
    Asker, Block, Circumstances, Credential, Decided, Endpoint, Layer, NodeStart, Outcome, RecordedDecision,
    RequestIds, SegmentReader, Standing,
};
use tokio::task::JoinHandle;

use super::*;
use crate::clock::ManualTime;

const NOON: Timestamp = Timestamp::from_micros(1_795_521_600_000_000);
const START: NodeStart = NodeStart(*b"noonnode");
const ACME: OrganizationId = OrganizationId::from_bits(0xAC3E);
const ADA: Holder = Holder::Member(MemberId::from_bits(0xADA));
const GATEWAY: Asker = Asker { credential: Credential { token: 8, secret: 80 }, organization: Some(ACME) };

struct Scene {
    recorder: Arc<Recorder>,
    log: Arc<MemoryUsageLog>,
    keyring: Arc<Keyring>,
    time: Arc<ManualTime>,
    clock: Arc<LedgerClock>,
    writer: JoinHandle<()>,
}

impl Scene {
    fn new(durability: Durability) -> Self {
        let time = Arc::new(ManualTime::at(NOON));
        let clock = Arc::new(LedgerClock::start(time.clone(), Timestamp::EPOCH).unwrap());
        let log = Arc::new(MemoryUsageLog::new(1));
        let masters = MasterKeys::only(MasterKey::new(1, [1; 32]));
        let shelf = Arc::new(MemoryShelf::default());
        let keyring = Arc::new(Keyring::new(shelf, masters, Arc::new(OsRandomness), 100));
        let (recorder, writer) = Recorder::new(Parts {
            log: log.clone(),
            keyring: Arc::clone(&keyring),
            clock: Arc::clone(&clock),
            request_ids: RequestIds::new([7; 16]),
            node_start: START,
            incarnation: 1,
            durability,
        });
        let writer = tokio::spawn(writer.run());
        Self { recorder: Arc::new(recorder), log, keyring, time, clock, writer }
    }

    /// The same, with keys for those who are known.
    async fn with_keys(durability: Durability) -> Self {
        let scene = Self::new(durability);
        scene.keyring.keys_for_sealing(&[ADA.to_string(), ACME.to_string()]).await.unwrap();
        scene
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn pass(&self, millis: i64) {
        self.time.advance(Lifespan::from_micros(millis * 1_000));
    }

    fn admits(&self) -> bool {
        self.recorder.admit(self.now()).is_ok()
    }

    fn record(&self, decided: &Decided) -> u64 {
        self.recorder.record(decided, &self.asked()).counter()
    }

    fn asked(&self) -> Circumstances<'static> {
        Circumstances {
            asker: Some(GATEWAY),
            endpoint: Some(Endpoint { method: "GET", path: "/v1/reports?q=1" }),
            address: Some(IpAddr::from([203, 0, 113, 9])),
            user_agent: Some("curl"),
            ..Circumstances::at(self.now().micros())
        }
    }

    fn head(&self) -> Place {
        *self.log.head(LANE).borrow()
    }

    fn refuse(&self) {
        self.log.suffer(Mishap::Refuse(AppendError::Full));
    }

    /// Lets the writer run until something is so.
    async fn until(&self, is_so: impl Fn() -> bool) {
        for _ in 0..100_000 {
            if is_so() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("it never came about");
    }

    /// Lets the writer do all that it can do now.
    async fn turn(&self) {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
    }

    /// All rows in the log, as a projector reads them.
    async fn rows(&self) -> Vec<RecordedDecision> {
        let mut reader = SegmentReader::default();
        let mut rows = Vec::new();
        for stored in self.log.read(LANE, Place(0), usize::MAX).await.unwrap() {
            let block = Block::decode(&stored.bytes).unwrap();
            if reader.standing(block.header()) == Standing::AlreadyRead {
                continue;
            }
            let subjects = reader.subjects(&block).unwrap();
            let keys = self.keyring.keys_for_opening(&subjects).await.unwrap();
            rows.extend(reader.read(&block, &keys).unwrap());
        }
        rows
    }
}

fn valid() -> Decided {
    Decided {
        token: Some(Credential { token: 7, secret: 70 }),
        holder: Some(ADA),
        organization: Some(ACME),
        outcome: Outcome::VALID,
        layer: Layer::NONE,
        position: 5,
    }
}
