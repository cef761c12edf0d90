//! The write side on a log in memory: identity, races, losses, lists of commands.

mod erasures;
mod gaps;
mod registrations;
mod repetition;
mod tokens;

use crate::{
    Commands, Keys, MacKey, Outcome, Parts,
    asked::Asked,
    clock::{LedgerClock, ManualTime},
    fence::{Fence, FenceError},
    organizations::{OrganizationRegistered, RegisterOrganization},
    refusal::{Failure, Refusal},
    tokens::IssueToken,
};
use async_trait::async_trait;
use domain::{
    actor::{Actor, Holder, Principal},
    ids::{CommandId, MemberId, OrganizationId, TokenId},
    organization::{self, Person},
    plan::Plan,
    power::Power,
    role,
    scope::Scope,
    secret::{Brand, Kind, Pepper},
    time::{Lifespan, Timestamp},
    token::{Ending, Ends, Rejection, RevocationReason, Texts},
};
use eventlog::{
    Append, AppendError, Appended, EventLog, Limit, MemoryLog, Page, Position, ReadError, StoredRecord,
    StreamName, Version,
};
use parking_lot::Mutex;
use schemas::sealing::{Keyring, MasterKey, MasterKeys, MemoryShelf, OsRandomness};
use std::sync::Arc;
use store::State;
use tokio::sync::watch;
use uuid::Uuid;

const NOON: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

/// A fence that knows at once, or never.
#[derive(Default)]
struct Gates {
    reached: Mutex<Vec<Position>>,
    broken: Mutex<bool>,
    silent: Mutex<bool>,
    live: Mutex<u64>,
    live_of_holder: Mutex<u64>,
}

#[async_trait]
impl Fence for Gates {
    async fn reach(&self, position: Position) -> Result<(), FenceError> {
        if *self.silent.lock() {
            std::future::pending::<()>().await;
        }
        if *self.broken.lock() {
            return Err(FenceError { position, why: "a gate is silent".to_owned() });
        }
        self.reached.lock().push(position);
        Ok(())
    }

    fn live_tokens(&self, _: OrganizationId) -> u64 {
        *self.live.lock()
    }

    fn live_tokens_of(&self, _: Holder, _: Timestamp) -> u64 {
        *self.live_of_holder.lock()
    }
}

/// A log that refuses one of the appends to come, as if the process had died before it.
#[derive(Default)]
struct Log {
    inner: MemoryLog,
    refused: Mutex<Option<u32>>,
    /// So many appends are told that somebody else was faster.
    conflicts: Mutex<u32>,
}

impl Log {
    fn is_beaten(&self) -> bool {
        let mut conflicts = self.conflicts.lock();
        let is_beaten = 0 < *conflicts;
        *conflicts = conflicts.saturating_sub(1);
        is_beaten
    }
}

#[async_trait]
impl EventLog for Log {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let left = self.refused.lock().take();
        if left == Some(0) {
            return Err(AppendError::Unavailable("the process is gone".to_owned()));
        }
        *self.refused.lock() = left.map(|it| it - 1);
        if self.is_beaten() {
            let (stream, expected) = (append.stream, append.expected);
            return Err(AppendError::Conflict { stream, expected, actual: Version(expected.0 + 1) });
        }
        self.inner.append(append).await
    }

    async fn read_streams(
        &self,
        asked: &[(StreamName, Version)],
    ) -> Result<Vec<Vec<StoredRecord>>, ReadError> {
        self.inner.read_streams(asked).await
    }

    async fn read_all(&self, after: Position, limit: Limit) -> Result<Page, ReadError> {
        self.inner.read_all(after, limit).await
    }

    fn is_writable(&self) -> Result<(), String> {
        self.inner.is_writable()
    }

    fn head(&self) -> watch::Receiver<Position> {
        self.inner.head()
    }
}

struct World {
    commands: Arc<Commands>,
    log: Arc<Log>,
    keyring: Arc<Keyring>,
    gates: Arc<Gates>,
    time: Arc<ManualTime>,
}

async fn world() -> World {
    let masters = MasterKeys::only(MasterKey::new(1, [1; 32]));
    let shelf = Arc::new(MemoryShelf::default());
    let keyring = Arc::new(Keyring::new(shelf, masters, Arc::new(OsRandomness), 100));
    let (log, gates, time) = (Arc::default(), Arc::default(), Arc::new(ManualTime::at(NOON)));
    process(log, keyring, gates, time).await
}

/// One process over a log: with queues, caches and a clock of its own.
async fn process(log: Arc<Log>, keyring: Arc<Keyring>, gates: Arc<Gates>, time: Arc<ManualTime>) -> World {
    let parts = Parts {
        log: log.clone(),
        keyring: keyring.clone(),
        fresh: Arc::default(),
        state: Arc::new(State::in_memory().await.unwrap()),
        clock: Arc::new(LedgerClock::start(time.clone(), Timestamp::EPOCH).unwrap()),
        fence: gates.clone(),
        randomness: Arc::new(OsRandomness),
        keys: Keys {
            pepper: Pepper::new("k1".parse().unwrap(), &[1; 32]),
            commands: MacKey::new("c1".parse().unwrap(), &[2; 32]),
            addresses: MacKey::new("a1".parse().unwrap(), &[3; 32]),
            brand: Brand::default(),
        },
        memories: Vec::new(),
    };
    World { commands: Arc::new(Commands::new(parts)), log, keyring, gates, time }
}

fn keyed(key: u128, payload: u8, asked: Asked) -> Asked {
    Asked { command: CommandId(Uuid::from_u128(key)), payload: Some([payload; 32]), ..asked }
}

fn operator() -> Asked {
    Asked {
        actor: Actor { principal: Principal::Holder(Holder::Operator), token: None, on_behalf_of: None },
        power: Power::of_role(role::operator()),
        organization: None,
        request: None,
        command: CommandId(Uuid::now_v7()),
        payload: None,
        expected_version: None,
        dry_run: false,
    }
}

fn owner(organization: OrganizationId, member: MemberId) -> Asked {
    Asked {
        actor: Actor {
            principal: Principal::Holder(Holder::Member(member)),
            token: None,
            on_behalf_of: None,
        },
        power: Power::of_role(role::owner()),
        organization: Some(organization),
        ..operator()
    }
}

fn acme() -> RegisterOrganization {
    RegisterOrganization {
        name: "Acme".to_owned(),
        slug: "acme".parse().unwrap(),
        plan: Plan::Pro,
        owner: Person { email: "ada@acme.test".to_owned(), name: "Ada".to_owned() },
    }
}

fn ci() -> IssueToken {
    IssueToken {
        holder: None,
        scopes: vec![Scope::All],
        starts_at: None,
        ends: Ends::Default,
        texts: Texts { name: "ci".to_owned(), ..Texts::default() },
    }
}

impl World {
    async fn register(&self, asked: &Asked) -> Result<OrganizationRegistered, Refusal> {
        self.commands.register_organization(asked, acme()).await
    }

    async fn ada(&self) -> Asked {
        let registered = self.register(&operator()).await.unwrap();
        owner(registered.id, registered.owner)
    }

    async fn records(&self) -> usize {
        let limit = Limit { records: 1_000, bytes: 1 << 24 };
        self.log.read_all(Position(0), limit).await.unwrap().records.len()
    }
}
