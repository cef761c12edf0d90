//! A small world for the workers' tests: a ledger in memory, processes over it, and time by hand.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use commands::{
    Commands, Keys, MacKey, Parts,
    asked::Asked,
    clock::{LedgerClock, ManualTime},
    fence::{Fence, FenceError},
    organizations::{OrganizationRegistered, RegisterOrganization},
    refusal::Refusal,
    tokens::IssueToken,
};
use domain::{
    actor::{Actor, Holder, Principal},
    fact::{Fact, Recorded},
    ids::{CommandId, EventId, OrganizationId, TokenId},
    organization::Person,
    plan::Plan,
    power::Power,
    role,
    secret::{Brand, Pepper},
    subject::{Reason, Subject},
    time::{Lifespan, Timestamp},
    token::{self, Ends, RevocationReason, Texts},
};
use eventlog::{EventLog, Limit, MemoryLog, Position};
use projections::{
    feed::Feed,
    gate::{Gate, GateFollower, Peppers},
    runner::{Projection, Projector, Runner, View},
    timers::{TimerQueries, Timers},
};
use schemas::record::Fresh;
use schemas::sealing::{Keyring, MasterKey, MasterKeys, MemoryShelf, OsRandomness};
use store::{SqliteViews, State, Statement, Value, Views};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::expiry::Expiry;

pub(crate) const NOON: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

const ALL: Limit = Limit { records: 10_000, bytes: 1 << 26 };

/// What outlives processes: the ledger, its keys, and the machine's clocks.
pub(crate) struct World {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) time: Arc<ManualTime>,
}

/// One process over the ledger, with a gate, a view of timers, caches and a clock of its own.
pub(crate) struct Process {
    pub(crate) commands: Arc<Commands>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) clock: Arc<LedgerClock>,
    pub(crate) timers: TimerQueries,
    pub(crate) log: Arc<MemoryLog>,
    fence: Arc<OwnGate>,
    views: Arc<SqliteViews>,
    _shutdown: watch::Sender<bool>,
    _folder: TempDir,
}

/// The process's own gate; it can be cut off, so that a list of commands ends after its first.
struct OwnGate {
    follower: GateFollower,
    is_cut_off: AtomicBool,
}

#[async_trait]
impl Fence for OwnGate {
    async fn reach(&self, position: Position) -> Result<(), FenceError> {
        let failed = |why: String| FenceError { position, why };
        if self.is_cut_off.load(Ordering::SeqCst) {
            return Err(failed("it is cut off".to_owned()));
        }
        self.follower.reach(position).await.map_err(|err| failed(err.to_string()))
    }

    fn live_tokens(&self, organization: OrganizationId) -> u64 {
        self.follower.gate().count_tokens(organization)
    }

    fn live_tokens_of(&self, holder: Holder, at: Timestamp) -> u64 {
        self.follower.gate().count_tokens_of(holder, at)
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let masters = MasterKeys::only(MasterKey::new(1, [1; 32]));
        let shelf = Arc::new(MemoryShelf::default());
        let keyring = Arc::new(Keyring::new(shelf, masters, Arc::new(OsRandomness), 100));
        Self { log: Arc::default(), keyring, time: Arc::new(ManualTime::at(NOON)) }
    }

    /// Starts a process whose view is empty and follows the ledger.
    pub(crate) async fn process(&self) -> Process {
        self.process_with(true).await
    }

    /// Starts a process whose view hears nothing of the ledger, unless it `follows`.
    pub(crate) async fn process_with(&self, follows: bool) -> Process {
        let folder = tempfile::tempdir().unwrap();
        let pepper = Pepper::new("k1".parse().unwrap(), &[1; 32]);
        let gate = Arc::new(Gate::new(Brand::default(), Peppers::new(pepper.clone(), [])));
        let fresh = Arc::<Fresh>::default();
        let feed = Feed::new(self.log.clone(), Arc::clone(&self.keyring)).knowing(Arc::clone(&fresh));
        let feed = Arc::new(feed);
        let follower = GateFollower::new(Arc::clone(&gate), Arc::clone(&feed));
        follower.catch_up().await.unwrap();
        let fence = Arc::new(OwnGate { follower, is_cut_off: AtomicBool::new(false) });
        let clock = Arc::new(LedgerClock::start(self.time.clone(), self.log_time().await).unwrap());
        let commands = Arc::new(Commands::new(Parts {
            log: self.log.clone(),
            keyring: Arc::clone(&self.keyring),
            fresh,
            state: Arc::new(State::in_memory().await.unwrap()),
            clock: Arc::clone(&clock),
            fence: fence.clone(),
            randomness: Arc::new(OsRandomness),
            keys: Keys {
                pepper,
                commands: MacKey::new("c1".parse().unwrap(), &[2; 32]),
                addresses: MacKey::new("a1".parse().unwrap(), &[3; 32]),
                brand: Brand::default(),
            },
            memories: Vec::new(),
        }));
        let views = Arc::new(SqliteViews::open(folder.path()).unwrap());
        let shutdown = watch::Sender::new(false);
        let silence = || Arc::new(Feed::new(Arc::<MemoryLog>::default(), Arc::clone(&self.keyring)));
        let feed = if follows { feed } else { silence() };
        let runner = Runner::new(feed, views.clone(), shutdown.subscribe());
        let (handle, _) = runner.start(Projection::of::<Timers>());
        let timers = TimerQueries::new(View::new(views.as_ref(), handle));
        let log = Arc::clone(&self.log);
        Process { commands, gate, clock, timers, log, fence, views, _shutdown: shutdown, _folder: folder }
    }

    pub(crate) fn head(&self) -> watch::Receiver<Position> {
        self.log.head()
    }

    /// All facts so far.
    pub(crate) async fn facts(&self) -> Vec<Recorded> {
        let feed = Feed::new(self.log.clone(), Arc::clone(&self.keyring));
        let page = feed.page(Position(0), ALL).await.unwrap();
        page.events.iter().map(|it| it.recorded.as_ref().clone()).collect()
    }

    /// The `token.expired` facts so far.
    pub(crate) async fn expirations(&self) -> Vec<Recorded> {
        let mut facts = self.facts().await;
        facts.retain(|it| matches!(it.fact, Fact::Token(token::Event::Expired { .. })));
        facts
    }

    /// Waits until the ledger has so many records.
    pub(crate) async fn has_records(&self, records: u64) {
        let mut head = self.log.head();
        let grown = head.wait_for(|it| records <= it.0);
        tokio::time::timeout(Duration::from_secs(20), grown).await.unwrap().unwrap();
    }

    async fn log_time(&self) -> Timestamp {
        self.facts().await.iter().map(|it| it.recorded_at).max().unwrap_or(Timestamp::EPOCH)
    }
}

impl Process {
    pub(crate) fn expiry(&self) -> Expiry {
        Expiry::new(Arc::clone(&self.commands), self.timers.clone(), Arc::clone(&self.clock), self.log.head())
    }

    pub(crate) async fn register(&self) -> Result<OrganizationRegistered, Refusal> {
        let wish = RegisterOrganization {
            name: "Acme".to_owned(),
            slug: "acme".parse().unwrap(),
            plan: Plan::Enterprise,
            owner: Person { email: "ada@acme.test".to_owned(), name: "Ada".to_owned() },
        };
        self.commands.register_organization(&asked("register", None, Holder::Operator), wish).await
    }

    /// Puts timers of tokens that nobody ever issued into the view, due at noon: they cannot be fired.
    pub(crate) async fn plant_timers(&self, timers: u128) {
        let head = *self.log.head().borrow();
        self.timers.view().handle().wait_for(head, Duration::from_secs(20)).await.unwrap();
        let row = |n| {
            let (token, cause) = (TokenId::from_bits(n), EventId::from_bits(n));
            vec![token.to_string().into(), Value::Null, NOON.micros().into(), cause.to_string().into()]
        };
        let sql = "INSERT INTO timers.expiries (token, organization, due_at, cause) VALUES ($1, $2, $3, $4)";
        let writer = self.views.writer(Timers::NAME, Timers::VERSION).await.unwrap();
        writer.transact(vec![Statement::many(sql, (1..=timers).map(row).collect())]).await.unwrap();
    }

    /// A registration whose process dies after the first fact.
    pub(crate) async fn register_and_die(&self) {
        self.fence.is_cut_off.store(true, Ordering::SeqCst);
        self.register().await.unwrap_err();
        self.fence.is_cut_off.store(false, Ordering::SeqCst);
        self.fence.follower.catch_up().await.unwrap();
    }

    /// Revokes the owner's first token and erases the owner, by a process that dies after the fact.
    pub(crate) async fn erase_and_die(&self, whom: &OrganizationRegistered) -> Subject {
        let by = asked("erase", Some(whom.id), Holder::Operator);
        let token = whom.token.as_ref().unwrap().id;
        self.commands.revoke_token(&by, token, RevocationReason::Unspecified, None).await.unwrap();
        let subject = Subject::Member(whom.owner);
        self.fence.is_cut_off.store(true, Ordering::SeqCst);
        self.commands.erase_subject(&by, subject, Reason::Requested).await.unwrap_err();
        self.fence.is_cut_off.store(false, Ordering::SeqCst);
        self.fence.follower.catch_up().await.unwrap();
        subject
    }

    /// Issues a token that lives so long.
    pub(crate) async fn issue(&self, to: &OrganizationRegistered, name: &str, lives: Lifespan) -> TokenId {
        let wish = IssueToken {
            holder: None,
            scopes: vec!["tokens:read".parse().unwrap()],
            starts_at: None,
            ends: Ends::In(lives),
            texts: Texts { name: name.to_owned(), ..Texts::default() },
        };
        let asked = asked(name, Some(to.id), Holder::Member(to.owner));
        self.commands.issue_token(&asked, wish).await.unwrap().id
    }
}

fn asked(name: &str, organization: Option<OrganizationId>, holder: Holder) -> Asked {
    let role = if organization.is_some() { role::owner() } else { role::operator() };
    Asked {
        actor: Actor { principal: Principal::Holder(holder), token: None, on_behalf_of: None },
        power: Power::of_role(role),
        organization,
        request: None,
        command: CommandId::of_cause("test", name),
        payload: Some([7; 32]),
        expected_version: None,
        dry_run: false,
    }
}
