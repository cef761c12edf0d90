//! The write side on a log in memory: identity, races, losses, lists of commands.

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

mod erasures;
mod gaps;

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

#[tokio::test]
async fn an_organisation_comes_with_its_owner_and_the_owner_s_first_token() {
    let world = world().await;
    let registered = world.register(&operator()).await.unwrap();
    let token = registered.token.unwrap();
    assert!(token.secret.is_some_and(|it| it.kind() == Kind::Pat));
    assert_eq!(token.token.state.issued().unwrap().holder, Holder::Member(registered.owner));
    assert_eq!(world.records().await, 3);
    assert!(world.gates.reached.lock().contains(&Position(3)));
}

#[tokio::test]
async fn a_retry_of_a_registration_adds_nothing_and_shows_no_secret_twice() {
    let world = world().await;
    let asked = keyed(1, 1, operator());
    let first = world.register(&asked).await.unwrap();
    let again = world.register(&asked).await.unwrap();
    assert_eq!((again.id, again.owner), (first.id, first.owner));
    assert!(again.token.unwrap().secret.is_none());
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn a_slug_that_is_taken_is_refused() {
    let world = world().await;
    world.register(&operator()).await.unwrap();
    let refusal = world.register(&operator()).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Organization(organization::Rejection::AlreadyExists)));
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn the_same_key_with_another_request_is_a_mistake() {
    let world = world().await;
    let ada = world.ada().await;
    world.commands.issue_token(&keyed(7, 1, ada.clone()), ci()).await.unwrap();
    let refusal = world.commands.issue_token(&keyed(7, 2, ada), ci()).await.unwrap_err();
    assert!(matches!(refusal, Refusal::IdempotencyMismatch));
}

#[tokio::test]
async fn two_at_once_with_one_key_issue_one_token_and_show_one_secret() {
    let world = world().await;
    let asked = keyed(7, 1, world.ada().await);
    let (one, other) =
        tokio::join!(world.commands.issue_token(&asked, ci()), world.commands.issue_token(&asked, ci()),);
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.id, other.id);
    assert_eq!([one.secret, other.secret].iter().filter(|it| it.is_some()).count(), 1);
    assert_eq!(world.records().await, 4);
}

#[tokio::test]
async fn two_processes_with_one_key_issue_one_token_and_show_one_secret() {
    let world = world().await;
    let asked = keyed(7, 1, world.ada().await);
    let (log, keyring) = (world.log.clone(), world.keyring.clone());
    let other = process(log, keyring, world.gates.clone(), world.time.clone()).await;
    let (one, two) =
        tokio::join!(world.commands.issue_token(&asked, ci()), other.commands.issue_token(&asked, ci()),);
    let shown = [one.unwrap().secret, two.unwrap().secret];
    assert_eq!(shown.iter().filter(|it| it.is_some()).count(), 1);
    assert_eq!(world.records().await, 4);
}

#[tokio::test]
async fn an_answer_that_is_lost_after_appending_changes_nothing() {
    let world = world().await;
    let ada = world.ada().await;
    world.log.inner.lose_next_answer();
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    assert!(issued.secret.is_some(), "the same bytes were sent again, so this secret is the one stored");
    assert_eq!(world.records().await, 4);
}

#[tokio::test]
async fn nobody_is_told_before_the_gate_knows() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    *world.gates.broken.lock() = true;
    let revoke = || world.commands.revoke_token(&ada, issued.id, RevocationReason::Superseded, None);
    assert!(matches!(revoke().await.unwrap_err(), Refusal::Failed(Failure::Fence(_))));
    // It is appended all the same; the same call again adds nothing and waits again.
    assert!(matches!(revoke().await.unwrap_err(), Refusal::Failed(Failure::Fence(_))));
    *world.gates.broken.lock() = false;
    assert_eq!(revoke().await.unwrap().outcome, Outcome::AlreadySo);
    assert_eq!(world.records().await, 5);
}

#[tokio::test]
async fn a_dry_run_adds_nothing() {
    let world = world().await;
    let asked = Asked { dry_run: true, ..world.ada().await };
    let issued = world.commands.issue_token(&asked, ci()).await.unwrap();
    assert!(issued.secret.is_none() && issued.token.state.issued().is_some());
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn another_organisation_s_token_is_not_there() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    let stranger = owner(OrganizationId::from_bits(9), MemberId::from_bits(9));
    let revoked =
        world.commands.revoke_token(&stranger, issued.id, RevocationReason::Unspecified, None).await;
    assert!(matches!(revoked.unwrap_err(), Refusal::NotFound));
    let nobody = world.commands.rotate_token(&stranger, TokenId::from_bits(4), None, None).await;
    assert!(matches!(nobody.err().unwrap(), Refusal::NotFound));
}

#[tokio::test]
async fn a_version_that_has_passed_is_refused() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    let late = Asked { expected_version: Some(7), ..ada };
    let rotated = world.commands.rotate_token(&late, issued.id, None, None).await;
    assert!(matches!(rotated.err().unwrap(), Refusal::VersionMismatch { actual: 1 }));
}

#[tokio::test]
async fn whoever_is_shown_a_secret_can_do_all_that_it_can() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    let narrow = Power { scopes: Arc::from(["tokens:manage".parse().unwrap()]), role: role::owner() };
    let weak = Asked { power: narrow, ..ada.clone() };
    let refused = world.commands.rotate_token(&weak, issued.id, None, None).await.err().unwrap();
    assert!(matches!(refused, Refusal::Token(Rejection::ExceedsCaller { .. })));
    let itself = Asked { actor: Actor { token: Some(issued.id), ..ada.actor.clone() }, ..weak };
    assert!(world.commands.rotate_token(&itself, issued.id, None, None).await.unwrap().secret.is_some());
}

#[tokio::test]
async fn who_may_not_rotate_or_revoke_cannot_tell_whether_a_token_is_there() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    let asker = Power { scopes: Arc::from(["tokens:verify".parse().unwrap()]), role: role::owner() };
    let weak = Asked { power: asker, ..ada };
    for id in [issued.id, TokenId::from_bits(4)] {
        let rotated = world.commands.rotate_token(&weak, id, None, None).await.err().unwrap();
        let revoked =
            world.commands.revoke_token(&weak, id, RevocationReason::Unspecified, None).await.unwrap_err();
        assert!(matches!((rotated, revoked), (Refusal::InsufficientScope(_), Refusal::InsufficientScope(_))));
    }
}

#[tokio::test]
async fn a_plan_s_number_of_tokens_is_not_exceeded() {
    let world = world().await;
    let ada = world.ada().await;
    *world.gates.live.lock() = 1_000;
    let refusal = world.commands.issue_token(&ada, ci()).await.unwrap_err();
    assert!(matches!(refusal, Refusal::PlanLimit { limit: 1_000, used: 1_000, plan: Plan::Pro }));
}

#[tokio::test]
async fn a_request_that_is_given_up_before_the_gate_knows_is_whole_and_shows_no_second_secret() {
    let world = world().await;
    let asked = keyed(7, 1, world.ada().await);
    *world.gates.silent.lock() = true;
    let given_up =
        tokio::time::timeout(std::time::Duration::from_millis(20), world.commands.issue_token(&asked, ci()));
    assert!(given_up.await.is_err());
    *world.gates.silent.lock() = false;
    let again = world.commands.issue_token(&asked, ci()).await.unwrap();
    assert_eq!(again.token.outcome, Outcome::Repeated);
    assert!(again.secret.is_none() && again.token.state.issued().is_some());
    assert_eq!(world.gates.reached.lock().last(), Some(&Position(4)));
    assert_eq!(world.records().await, 4);
}

#[tokio::test]
async fn five_lost_races_are_a_conflict() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    *world.log.conflicts.lock() = 5;
    let refusal = world.commands.rotate_token(&ada, issued.id, None, None).await.err().unwrap();
    assert!(matches!(refusal, Refusal::Contended));
    assert!(world.commands.rotate_token(&ada, issued.id, None, None).await.unwrap().secret.is_some());
}

#[tokio::test]
async fn a_registration_cut_off_after_its_second_step_is_finished_by_a_retry() {
    let world = world().await;
    let asked = keyed(1, 1, operator());
    *world.log.refused.lock() = Some(2);
    assert!(world.register(&asked).await.is_err());
    assert_eq!(world.records().await, 2);
    assert!(world.register(&asked).await.unwrap().token.unwrap().secret.is_some());
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn of_two_who_register_one_slug_at_once_one_owns_it() {
    let world = world().await;
    let register = |name: &str| {
        let person = Person { email: format!("{name}@acme.test"), name: name.to_owned() };
        let wish = RegisterOrganization { owner: person, ..acme() };
        async { world.commands.register_organization(&operator(), wish).await }
    };
    let (ada, eve) = tokio::join!(register("ada"), register("eve"));
    assert_eq!([ada.is_ok(), eve.is_ok()].iter().filter(|it| **it).count(), 1);
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn a_key_means_a_new_command_after_a_day_but_never_a_second_token() {
    let world = world().await;
    let ada = world.ada().await;
    let (issue, rotate) = (keyed(1, 1, ada.clone()), keyed(2, 1, ada));
    let id = world.commands.issue_token(&issue, ci()).await.unwrap().id;
    let rotated =
        async || world.commands.rotate_token(&rotate, id, Some(Lifespan::ZERO), None).await.unwrap();
    assert!(rotated().await.secret.is_some());
    assert!(rotated().await.secret.is_none());
    for _ in 0..25 * 4 {
        world.time.advance(Lifespan::seconds(900));
    }
    // What is forgotten is forgotten by log time, when the next fact is folded.
    let other = keyed(3, 1, rotate.clone());
    world.commands.rotate_token(&other, id, Some(Lifespan::ZERO), None).await.unwrap();
    assert!(rotated().await.secret.is_some());
    assert!(world.commands.issue_token(&issue, ci()).await.unwrap().secret.is_none());
}

#[tokio::test]
async fn a_token_expires_when_its_time_is_over_and_once() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    let worker = Actor::system("expiry");
    let expire = || world.commands.expire_token(&worker, issued.id, ada.organization, None);
    assert!(matches!(expire().await.unwrap_err(), Refusal::Token(Rejection::NotYetExpired)));
    for _ in 0..91 * 24 {
        world.time.advance(Lifespan::hours(1));
    }
    assert_eq!(expire().await.unwrap().outcome, Outcome::Appended);
    let again = expire().await.unwrap();
    assert_eq!(again.outcome, Outcome::AlreadySo);
    assert!(matches!(again.state.ending(), Some(Ending::Expired { .. })));
}

#[tokio::test]
async fn a_registration_that_was_cut_off_is_finished_but_for_the_secret() {
    let world = world().await;
    let asked = keyed(1, 1, operator());
    // The append of the second step fails as if the process had died there.
    *world.log.refused.lock() = Some(1);
    assert!(world.register(&asked).await.is_err());
    assert_eq!(world.records().await, 1);
    let acme = OrganizationId::of_slug(&"acme".parse().unwrap());
    let reconciler = Actor::system("registration");
    let finished = world.commands.finish_registration(&reconciler, acme, None).await.unwrap();
    assert_eq!(finished, Outcome::Appended);
    assert_eq!(
        world.commands.finish_registration(&reconciler, acme, None).await.unwrap(),
        Outcome::AlreadySo
    );
    let retried = world.register(&asked).await.unwrap();
    assert!(retried.token.unwrap().secret.is_some());
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn the_operators_are_given_one_token_however_often_a_first_start_is_cut_off() {
    let world = world().await;
    assert!(!world.commands.has_operator_token().await.unwrap());
    let first = world.commands.make_operator_secret().unwrap();
    let again = world.commands.make_operator_secret().unwrap();
    assert!(world.commands.issue_first_operator_token(first).await.unwrap().secret.is_some());
    assert!(world.commands.issue_first_operator_token(again).await.unwrap().secret.is_none());
    assert!(world.commands.has_operator_token().await.unwrap());
}
