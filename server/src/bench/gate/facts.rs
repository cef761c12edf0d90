//! Facts as a busy platform has them: organisations, their members, and tokens with different scopes.

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    actor::{Actor, Holder},
    erasable::Erasable,
    fact::{Fact, Recorded},
    ids::{EventId, MemberId, OrganizationId, TokenId},
    member, organization,
    permission::{Permission, Risk},
    plan::Plan,
    platform,
    scope::Scope,
    secret::Pepper,
    slug::Slug,
    stream::StreamId,
    time::{Lifespan, Timestamp},
    token::{self, GrantedUnder, Issuance, NewSecret},
};
use eventlog::{Leaf, Position};
use projections::{feed::Event, gate::AskedEndpoint};

use super::texts;
use crate::bench::dice::{self, Purpose};

/// When everything happens.
pub(super) const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

/// The permission that every decision is asked for.
pub(super) const ASKED: &str = "invoices:read";

/// An endpoint that it opens.
pub(super) const ENDPOINT: AskedEndpoint<'static> = AskedEndpoint { method: "GET", path: "/v1/invoices/42" };

/// Organisations that there are.
pub(in crate::bench) const ORGANIZATIONS: u32 = 100;

/// Tokens that each member has.
pub(in crate::bench) const TOKENS_EACH: u32 = 10;

/// Tells facts one after the other.
pub(in crate::bench) struct Story {
    pepper: Pepper,
    role: Slug,
    scopes: Vec<Vec<Scope>>,
    at: Timestamp,
    told: u64,
}

impl Story {
    /// A story whose digests stand under that pepper.
    pub(in crate::bench) fn under(pepper: Pepper) -> anyhow::Result<Self> {
        let lists = [&[ASKED][..], &["*"], &["invoices:*"], &["audit:read", ASKED, "tokens:read"]];
        let scopes = lists.iter().map(|list| list.iter().map(|it| it.parse()).collect());
        Ok(Self {
            pepper,
            role: "developer".parse()?,
            scopes: scopes.collect::<Result<_, _>>()?,
            at: NOW,
            told: 0,
        })
    }

    /// The same told at another time, going on after so many facts.
    pub(in crate::bench) fn at(self, at: Timestamp, told: u64) -> Self {
        Self { at, told, ..self }
    }

    /// The permission that everybody is asked for is registered.
    pub(in crate::bench) fn permission_registered(&mut self) -> anyhow::Result<Arc<Event>> {
        let permission = platform::Event::PermissionRegistered(self.permission()?);
        Ok(self.tell(StreamId::Platform, None, Fact::Platform(permission)))
    }

    /// One of the [`ORGANIZATIONS`] is registered.
    pub(in crate::bench) fn registered(&mut self, number: u32) -> Arc<Event> {
        let id = organization(number);
        let owner = MemberId::from_bits(id.bits());
        let name = format!("organisation-{number}");
        let label = Erasable::Known(organization::Label { slug: name.clone(), name });
        let person = person(number);
        let fact = organization::Event::Registered { label, plan: Plan::Pro, owner, person };
        self.tell(StreamId::Organization(id), Some(id), Fact::Organization(fact))
    }

    /// A member joins an organisation that is registered.
    pub(in crate::bench) fn joined(&mut self, member: u32) -> Arc<Event> {
        let fact = member::Event::Added { person: person(member), role: self.role.clone() };
        self.tell(StreamId::Member(member_id(member)), Some(organization(member)), Fact::Member(fact))
    }

    /// A member's token is issued.
    pub(in crate::bench) fn issued(&mut self, number: u32) -> Arc<Event> {
        let text = texts::secret(number);
        let secret =
            NewSecret { id: text.id(), key: self.pepper.id().clone(), digest: text.digest(&self.pepper) };
        let member = number / TOKENS_EACH;
        let list = (number as usize).checked_rem(self.scopes.len()).and_then(|it| self.scopes.get(it));
        let issuance = Issuance {
            holder: Holder::Member(member_id(member)),
            kind: text.kind(),
            secret,
            scopes: list.cloned().unwrap_or_default(),
            starts_at: None,
            expires_at: Some(self.at.plus(Lifespan::days(90))),
            granted_under: GrantedUnder { role: self.role.clone(), policy: 1, plan: Some(Plan::Pro) },
            texts: Erasable::Known(token::Texts {
                name: format!("deploy key {number}"),
                ..token::Texts::default()
            }),
        };
        let id = TokenId::from_bits(u128::from_be_bytes(dice::bytes(Purpose::Stream, number.into())));
        let fact = Fact::Token(token::Event::Issued(Box::new(issuance)));
        self.tell(StreamId::Token(id), Some(organization(member)), fact)
    }

    fn permission(&self) -> anyhow::Result<Permission> {
        Ok(Permission {
            name: ASKED.parse()?,
            description: "see invoices".to_owned(),
            risk: Risk::Low,
            endpoints: vec!["GET /v1/invoices/*".parse()?],
            implies: Vec::new(),
            roles: vec![self.role.clone()],
            builtin: false,
            retired: false,
        })
    }

    fn tell(&mut self, stream: StreamId, organization: Option<OrganizationId>, fact: Fact) -> Arc<Event> {
        self.told += 1;
        let recorded = Recorded {
            id: EventId::from_bits(self.told.into()),
            stream,
            version: 1,
            organization,
            recorded_at: self.at,
            command: None,
            actor: Actor::system("bench"),
            request: None,
            causation: None,
            correlation: None,
            fact,
        };
        let (leaf, data, recorded) = (Leaf([0; 32]), Bytes::new(), Arc::new(recorded));
        Arc::new(Event { position: Position(self.told), leaf, kind: "bench", data, recorded })
    }
}

fn person(number: u32) -> Erasable<organization::Person> {
    let (email, name) = (format!("member-{number}@bench.test"), format!("Member {number}"));
    Erasable::Known(organization::Person { email, name })
}

fn organization(member: u32) -> OrganizationId {
    scattered(1, member % ORGANIZATIONS, OrganizationId::from_bits)
}

fn member_id(number: u32) -> MemberId {
    scattered(2, number, MemberId::from_bits)
}

/// An id that looks random, as ids are.
fn scattered<T>(kind: u64, number: u32, id: impl Fn(u128) -> T) -> T {
    id(u128::from_be_bytes(dice::bytes(Purpose::Id, kind << 40 | u64::from(number))))
}
