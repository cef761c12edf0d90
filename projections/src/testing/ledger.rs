//! A ledger in memory, written through the deciders, with all that opens it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::actor::{Actor, Holder, Principal, Request};
use domain::catalogue::Catalogue;
use domain::decider::Decider;
use domain::erasable::Erasable::Known;
use domain::fact::{Fact, Recorded};
use domain::ids::{EventId, MemberId, OrganizationId, TokenId};
use domain::organization::{Label, Person};
use domain::permission::{Permission, Risk};
use domain::plan::Plan;
use domain::policy::Policy;
use domain::power::Power;
use domain::secret::{Digest, Kind, SecretId};
use domain::stream::StreamId;
use domain::subject::Subject;
use domain::time::{Lifespan, Timestamp};
use domain::token::{self, Ends, Issue, NewSecret, RevocationReason, Texts, Token};
use domain::{member, organization, platform, role, subject};
use eventlog::{Append, EventLog, MemoryLog, NewRecord, Position, StreamName, Version};
use parking_lot::Mutex;
use schemas::record::{encode, subjects};
use schemas::sealing::{KeySet, Keyring, MasterKey, MasterKeys, MemoryShelf, Randomness, RandomnessError};

use crate::feed::Feed;

/// When every ledger begins.
pub(crate) const NOON: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

/// Dice that count.
#[derive(Default)]
struct Counting(AtomicU64);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(count.iter().cycle()).for_each(|(place, byte)| *place = *byte);
        Ok(())
    }
}

/// What somebody wants of a new token.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) texts: Texts,
    pub(crate) scopes: Vec<String>,
    pub(crate) starts_at: Option<Timestamp>,
    pub(crate) ends: Ends,
}

impl Wish {
    pub(crate) fn named(name: &str) -> Self {
        let texts = Texts { name: name.to_owned(), ..Texts::default() };
        Self { texts, scopes: vec!["tokens:read".to_owned()], starts_at: None, ends: Ends::Default }
    }
}

/// A ledger, its keys, its feed, and the state of its streams.
pub(crate) struct Ledger {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) feed: Arc<Feed>,
    now: Mutex<Timestamp>,
    versions: Mutex<HashMap<StreamId, u64>>,
    tokens: Mutex<HashMap<TokenId, (Option<OrganizationId>, Token)>>,
    events: AtomicU64,
    secrets: AtomicU64,
    from: Mutex<Option<(IpAddr, String)>>,
    /// Keys that a writer has fetched and goes on sealing with, whatever is erased meanwhile.
    held: Mutex<KeySet>,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        let log = Arc::new(MemoryLog::new());
        let masters = MasterKeys::only(MasterKey::new(1, [1; 32]));
        let randomness = Arc::new(Counting::default());
        let keyring = Arc::new(Keyring::new(Arc::new(MemoryShelf::default()), masters, randomness, 1_000));
        let feed = Arc::new(Feed::new(log.clone(), keyring.clone()));
        Self {
            log,
            keyring,
            feed,
            now: Mutex::new(NOON),
            versions: Mutex::default(),
            tokens: Mutex::default(),
            events: AtomicU64::new(1),
            secrets: AtomicU64::new(1),
            from: Mutex::new(Some(("203.0.113.9".parse().unwrap(), "curl/8.5".to_owned()))),
            held: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        *self.now.lock()
    }

    pub(crate) fn advance(&self, span: Lifespan) {
        let mut now = self.now.lock();
        *now = now.plus(span);
    }

    /// Where requests come from, from now on.
    pub(crate) fn come_from(&self, ip: &str, user_agent: &str) {
        *self.from.lock() = Some((ip.parse().unwrap(), user_agent.to_owned()));
    }

    /// Has writers fetch the keys of these subjects now, and seal with them from now on, also once they are erased.
    pub(crate) async fn hold_keys(&self, subjects: &[Subject]) {
        let names: Vec<String> = subjects.iter().map(ToString::to_string).collect();
        let names: Vec<String> = names.into_iter().chain(["operator".to_owned()]).collect();
        let keys = self.keyring.keys_for_sealing(&names).await.unwrap();
        *self.held.lock() = keys;
    }

    /// Records that a subject is erased; its key is still there.
    pub(crate) async fn erase(&self, subject: Subject, organization: OrganizationId) -> Position {
        let fact = Fact::Subject(subject::Event::Erased { reason: subject::Reason::Requested });
        let stream = StreamId::Subject(subject);
        self.record(stream, Some(organization), operator(), std::iter::once(fact)).await
    }

    /// Deletes its key, and lets go of what was opened with it.
    pub(crate) async fn forget(&self, subject: Subject) {
        self.keyring.forget(&subject.to_string()).await.unwrap();
        self.feed.forget_decoded();
    }

    /// Registers a permission of that name.
    pub(crate) async fn permission(&self, name: &str) -> Position {
        let permission = Permission {
            name: name.parse().unwrap(),
            description: format!("may {name}"),
            risk: Risk::Low,
            endpoints: vec![],
            implies: vec![],
            roles: vec![role::owner()],
            builtin: false,
            retired: false,
        };
        let command = platform::Command::RegisterPermission(permission);
        let facts = platform::Rules::decide(&platform::Platform::default(), &command).unwrap();
        self.record(StreamId::Platform, None, operator(), facts.into_iter().map(Fact::Platform)).await
    }

    /// Voids all operator tokens.
    pub(crate) async fn reset_operators(&self) -> Position {
        let state = platform::Platform::default();
        let facts = platform::Rules::decide(&state, &platform::Command::ResetOperator).unwrap();
        let facts = facts.into_iter().map(Fact::Platform);
        self.record(StreamId::Platform, None, Actor::system("operator reset"), facts).await
    }

    /// Registers an organisation with its owner and adds the owner to its members.
    pub(crate) async fn organization(&self, slug: &str) -> (OrganizationId, MemberId) {
        let id = OrganizationId::of_slug(&slug.parse().unwrap());
        let owner = MemberId::from_bits(id.bits() ^ 1);
        let person = Person { email: format!("ada@{slug}.test"), name: "Ada Lovelace".to_owned() };
        let label = Label { name: slug.to_uppercase(), slug: slug.to_owned() };
        let command =
            organization::Command::Register { label, plan: Plan::Pro, owner, person: person.clone() };
        let facts = organization::Rules::decide(&organization::Organization::Absent, &command).unwrap();
        let facts = facts.into_iter().map(Fact::Organization);
        self.record(StreamId::Organization(id), Some(id), operator(), facts).await;
        let command = member::Command::Add { organization: id, person, role: role::owner() };
        let facts = member::Rules::decide(&member::Member::Absent, &command).unwrap();
        let facts = facts.into_iter().map(Fact::Member);
        self.record(StreamId::Member(owner), Some(id), operator(), facts).await;
        (id, owner)
    }

    /// Issues a token of a member.
    pub(crate) async fn issue(
        &self,
        id: u128,
        (organization, member): (OrganizationId, MemberId),
        wish: &Wish,
    ) -> TokenId {
        let token = TokenId::from_bits(id);
        let command = token::Command::Issue(Box::new(Issue {
            organization: Some(organization),
            holder: Holder::Member(member),
            kind: Kind::Pat,
            secret: self.secret(),
            scopes: wish.scopes.iter().map(|it| it.parse().unwrap()).collect(),
            starts_at: wish.starts_at,
            ends: wish.ends,
            texts: wish.texts.clone(),
            giver: Power::of_role(role::owner()),
            receiver: Power::of_role(role::owner()),
            catalogue: Arc::new(Catalogue::default()),
            policy: Policy::default(),
            plan: Some(Plan::Pro),
            at: self.now(),
        }));
        self.tokens.lock().insert(token, (Some(organization), Token::Unissued));
        self.token(token, actor(member), &command).await;
        token
    }

    /// Issues a token of the operators.
    pub(crate) async fn issue_operator(&self, id: u128) -> TokenId {
        let token = TokenId::from_bits(id);
        let power = Power::of_role(role::operator());
        let texts =
            Texts { name: "operator".to_owned(), reason: Some("runs it".to_owned()), ..Texts::default() };
        let command = token::Command::Issue(Box::new(Issue {
            organization: None,
            holder: Holder::Operator,
            kind: Kind::Ops,
            secret: self.secret(),
            scopes: vec!["platform:*".parse().unwrap()],
            starts_at: None,
            ends: Ends::Never,
            texts,
            giver: power.clone(),
            receiver: power,
            catalogue: Arc::new(Catalogue::default()),
            policy: Policy::default(),
            plan: None,
            at: self.now(),
        }));
        self.tokens.lock().insert(token, (None, Token::Unissued));
        self.token(token, operator(), &command).await;
        token
    }

    /// Rotates it, if the rules let it.
    pub(crate) async fn rotate(&self, token: TokenId, by: MemberId) {
        let command = token::Command::Rotate {
            secret: self.secret(),
            overlap: None,
            reason: Some("monthly".to_owned()),
            policy: Policy::default(),
            at: self.now(),
        };
        self.token(token, actor(by), &command).await;
    }

    /// Revokes it, if the rules let it.
    pub(crate) async fn revoke(&self, token: TokenId, by: MemberId, note: Option<&str>) {
        let reason = RevocationReason::Superseded;
        let command = token::Command::Revoke { reason, note: note.map(str::to_owned) };
        self.token(token, actor(by), &command).await;
    }

    /// Notes its expiry, if the rules let it.
    pub(crate) async fn expire(&self, token: TokenId) {
        self.token(token, Actor::system("expiry"), &token::Command::Expire { at: self.now() }).await;
    }

    /// The secret of a number.
    pub(crate) fn secret_of(number: u64) -> SecretId {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
        SecretId::from_random(random)
    }

    fn secret(&self) -> NewSecret {
        let number = self.secrets.fetch_add(1, Ordering::Relaxed);
        NewSecret {
            id: Self::secret_of(number),
            key: "k1".parse().unwrap(),
            digest: Digest::from_bytes([number.to_be_bytes()[7]; 32]),
        }
    }

    /// What the rules refuse changes nothing.
    async fn token(&self, token: TokenId, actor: Actor, command: &token::Command) {
        let (organization, state) = self.tokens.lock()[&token].clone();
        let facts = token::Rules::decide(&state, command).unwrap_or_default();
        let at = self.now();
        let state = facts.iter().fold(state, |state, fact| token::Rules::evolve(state, fact, at));
        self.tokens.lock().insert(token, (organization, state));
        self.record(StreamId::Token(token), organization, actor, facts.into_iter().map(Fact::Token)).await;
    }

    /// Appends facts as they are, one record each.
    pub(crate) async fn record(
        &self,
        stream: StreamId,
        organization: Option<OrganizationId>,
        actor: Actor,
        facts: impl Iterator<Item = Fact> + Send,
    ) -> Position {
        for fact in facts {
            let recorded = self.recorded(stream, organization, actor.clone(), fact);
            self.append(&recorded).await;
        }
        *self.log.head().borrow()
    }

    fn recorded(
        &self,
        stream: StreamId,
        organization: Option<OrganizationId>,
        actor: Actor,
        fact: Fact,
    ) -> Recorded {
        let number = self.events.fetch_add(1, Ordering::Relaxed);
        let from = self.from.lock().clone();
        let is_system = matches!(actor.principal, Principal::System(_));
        let request = from.filter(|_| !is_system).map(|(ip, user_agent)| Request {
            id: format!("req_{number}"),
            ip: Some(Known(ip)),
            user_agent: Some(Known(user_agent)),
        });
        Recorded {
            id: EventId::from_bits(u128::from(number)),
            stream,
            version: self.versions.lock().get(&stream).copied().unwrap_or_default() + 1,
            organization,
            recorded_at: self.now(),
            command: None,
            correlation: request.as_ref().map(|it| it.id.clone()),
            request,
            causation: is_system.then(|| EventId::from_bits(1)),
            actor,
            fact,
        }
    }

    /// Appends a record as it is.
    pub(crate) async fn append(&self, recorded: &Recorded) {
        let (subjects, held) = (subjects(recorded), self.held.lock().clone());
        let is_held = subjects.iter().all(|it| held.get(it).is_some());
        let keys = if is_held { held } else { self.keyring.keys_for_sealing(&subjects).await.unwrap() };
        let bytes = encode(recorded, &keys, &Counting::default()).unwrap();
        self.append_bytes(recorded, bytes).await;
    }

    /// Appends bytes under the name of a record.
    pub(crate) async fn append_bytes(&self, recorded: &Recorded, bytes: Vec<u8>) {
        let append = Append {
            stream: StreamName::new(recorded.stream.to_string()),
            expected: Version(recorded.version - 1),
            records: vec![NewRecord { event_id: recorded.id.bits().to_be_bytes(), bytes: bytes.into() }],
        };
        self.log.append(append).await.unwrap();
        self.versions.lock().insert(recorded.stream, recorded.version);
    }
}

fn actor(member: MemberId) -> Actor {
    Actor {
        principal: Principal::Holder(Holder::Member(member)),
        token: Some(TokenId::from_bits(0xC0DE)),
        on_behalf_of: None,
    }
}

fn operator() -> Actor {
    Actor {
        principal: Principal::Holder(Holder::Operator),
        token: Some(TokenId::from_bits(0x0995)),
        on_behalf_of: None,
    }
}
