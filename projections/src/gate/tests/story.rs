//! Facts for tests, told one after the other.

use std::sync::Arc;

use domain::{
    actor::{Actor, Holder},
    erasable::Erasable,
    fact::{Fact, Recorded},
    ids::{EventId, MemberId, OrganizationId, TokenId},
    member,
    organization::{self, Label, Person},
    permission::{Permission, PermissionName, Risk},
    plan::Plan,
    platform,
    scope::Scope,
    secret::{Brand, Kind, Pepper, SecretId, SecretText},
    stream::StreamId,
    time::{Lifespan, Timestamp},
    token::{self, GrantedUnder, Issuance, NewSecret, RevocationReason, Texts},
};
use eventlog::{Leaf, Position};
use schemas::usage::{Circumstances, Intake, Unrecorded};

use crate::{
    feed::Event,
    gate::{AskedEndpoint, Asker, Code, Credential, Decision, Gate, Peppers, Question, Refusal},
};

pub(super) const NOON: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
pub(super) const DUSK: Timestamp = NOON.plus(Lifespan::hours(6));

pub(super) const ACME: OrganizationId = OrganizationId::from_bits(0xACE);
pub(super) const GLOBEX: OrganizationId = OrganizationId::from_bits(0x910BE);
/// Acme's owner, one of its developers, and Globex's owner.
pub(super) const ADA: MemberId = MemberId::from_bits(0xADA);
pub(super) const BOB: MemberId = MemberId::from_bits(0xB0B);
pub(super) const EVE: MemberId = MemberId::from_bits(0xE7E);

pub(super) const CI: TokenId = TokenId::from_bits(0xC1);
pub(super) const OTHER: TokenId = TokenId::from_bits(0x07);

pub(super) fn pepper(id: &str) -> Pepper {
    let byte = id.bytes().last().unwrap();
    Pepper::new(id.parse().unwrap(), &[byte; 32])
}

pub(super) fn new_gate() -> Gate {
    Gate::new(Brand::default(), Peppers::new(pepper("k2"), [pepper("k1")]))
}

/// The text of the `n`-th secret of that kind; its second half is `random`.
pub(super) fn text_with(kind: Kind, n: u8, random: u8) -> SecretText {
    SecretText::assemble(&Brand::default(), kind, SecretId::from_random([n; 10]), &[random; 24])
}

pub(super) fn text_of(kind: Kind, n: u8) -> String {
    text_with(kind, n, n).into_text_shown_once().to_string()
}

pub(super) fn text(n: u8) -> String {
    text_of(Kind::Pat, n)
}

pub(super) fn secret_under(pepper: &Pepper, kind: Kind, n: u8) -> NewSecret {
    let text = text_with(kind, n, n);
    NewSecret { id: text.id(), key: pepper.id().clone(), digest: text.digest(pepper) }
}

pub(super) fn secret(n: u8) -> NewSecret {
    secret_under(&pepper("k2"), Kind::Pat, n)
}

pub(super) fn scopes(texts: &[&str]) -> Vec<Scope> {
    texts.iter().map(|it| it.parse().unwrap()).collect()
}

pub(super) fn names(texts: &[&str]) -> Vec<PermissionName> {
    texts.iter().map(|it| it.parse().unwrap()).collect()
}

fn somebody() -> Person {
    Person { email: "somebody@acme.test".to_owned(), name: "Somebody".to_owned() }
}

/// A token of Ada's with everything, for ever.
pub(super) fn issuance(n: u8, asked: &[&str]) -> Issuance {
    Issuance {
        holder: Holder::Member(ADA),
        kind: Kind::Pat,
        secret: secret(n),
        scopes: scopes(asked),
        starts_at: None,
        expires_at: None,
        granted_under: GrantedUnder { role: domain::role::owner(), policy: 1, plan: Some(Plan::Pro) },
        texts: Erasable::Known(Texts { name: "ci".to_owned(), ..Texts::default() }),
    }
}

/// The facts that have happened so far.
#[derive(Clone, Default)]
pub(super) struct Story {
    pub(super) events: Vec<Arc<Event>>,
}

impl Story {
    /// Acme with Ada and Bob, Globex with Eve.
    pub(super) fn of_two() -> Self {
        Self::default()
            .registered(ACME, ADA)
            .member(ACME, ADA, "owner")
            .member(ACME, BOB, "developer")
            .registered(GLOBEX, EVE)
            .member(GLOBEX, EVE, "owner")
    }

    pub(super) fn then(
        mut self,
        stream: StreamId,
        organization: Option<OrganizationId>,
        at: Timestamp,
        fact: Fact,
    ) -> Self {
        let number = self.events.len() as u64 + 1;
        let recorded = Recorded {
            id: EventId::from_bits(u128::from(number)),
            stream,
            version: 1,
            organization,
            recorded_at: at,
            command: None,
            actor: Actor::system("story"),
            request: None,
            causation: None,
            correlation: None,
            fact,
        };
        let (leaf, data, recorded) = (Leaf([0; 32]), "{}".into(), Arc::new(recorded));
        self.events.push(Arc::new(Event { position: Position(number), leaf, kind: "story", data, recorded }));
        self
    }

    pub(super) fn registered(self, id: OrganizationId, owner: MemberId) -> Self {
        let label = Erasable::Known(Label { name: "Acme".to_owned(), slug: "acme".to_owned() });
        let person = Erasable::Known(somebody());
        let fact = organization::Event::Registered { label, plan: Plan::Pro, owner, person };
        self.then(StreamId::Organization(id), Some(id), NOON, Fact::Organization(fact))
    }

    pub(super) fn member(self, organization: OrganizationId, id: MemberId, role: &str) -> Self {
        let fact = member::Event::Added { person: Erasable::Known(somebody()), role: role.parse().unwrap() };
        self.then(StreamId::Member(id), Some(organization), NOON, Fact::Member(fact))
    }

    pub(super) fn permission(self, name: &str, endpoints: &[&str], roles: &[&str]) -> Self {
        let permission = Permission {
            name: name.parse().unwrap(),
            description: String::new(),
            risk: Risk::Low,
            endpoints: endpoints.iter().map(|it| it.parse().unwrap()).collect(),
            implies: vec![],
            roles: roles.iter().map(|it| it.parse().unwrap()).collect(),
            builtin: false,
            retired: false,
        };
        let fact = Fact::Platform(platform::Event::PermissionRegistered(permission));
        self.then(StreamId::Platform, None, NOON, fact)
    }

    pub(super) fn operators_reset(self) -> Self {
        self.then(StreamId::Platform, None, NOON, Fact::Platform(platform::Event::OperatorReset))
    }

    pub(super) fn token(
        self,
        id: TokenId,
        organization: Option<OrganizationId>,
        event: token::Event,
    ) -> Self {
        self.then(StreamId::Token(id), organization, NOON, Fact::Token(event))
    }

    /// Acme's token, as an issuance has it.
    pub(super) fn issued(self, id: TokenId, issuance: Issuance) -> Self {
        self.token(id, Some(ACME), token::Event::Issued(Box::new(issuance)))
    }

    pub(super) fn rotated(self, id: TokenId, replaced: u8, by: u8, until: Timestamp) -> Self {
        let (secret, replaced) = (secret(by), secret(replaced).id);
        let event = token::Event::SecretRotated { secret, replaced, overlap_until: until, reason: None };
        self.token(id, Some(ACME), event)
    }

    pub(super) fn revoked(self, id: TokenId) -> Self {
        let event = token::Event::Revoked { reason: RevocationReason::Superseded, note: None };
        self.token(id, Some(ACME), event)
    }

    pub(super) fn expired(self, id: TokenId, expires_at: Timestamp) -> Self {
        self.token(id, Some(ACME), token::Event::Expired { expires_at })
    }

    pub(super) fn position(&self) -> Position {
        Position(self.events.len() as u64)
    }

    /// A gate that was told all of it.
    pub(super) fn gate(&self) -> Gate {
        let gate = new_gate();
        gate.apply(&self.events).unwrap();
        gate
    }
}

/// Opens what the gate has decided, as one who records it.
pub(super) fn opened<T>(unrecorded: Unrecorded<T>) -> T {
    let receipt = Intake::default().take(unrecorded.decided(), &Circumstances::at(NOON.micros()));
    unrecorded.recorded(receipt).into_parts().0
}

/// What the gate says of a caller.
pub(super) fn caller(gate: &Gate, text: &str, now: Timestamp) -> Result<Credential, Refusal> {
    opened(gate.authenticate(text, now).unwrap())
}

/// The answer to Acme, asking at noon.
pub(super) fn ask<'q>(gate: &Gate, token: &'q str, permissions: &'q [PermissionName]) -> Decision<'q> {
    let asker = Asker::Organization(ACME);
    opened(gate.decide(&Question { token, asker, permissions, endpoint: None }, NOON).unwrap())
}

/// The code of the answer to Acme about a token that is asked for nothing.
pub(super) fn code(gate: &Gate, token: &str, now: Timestamp) -> Code {
    let question = Question { token, asker: Asker::Organization(ACME), permissions: &[], endpoint: None };
    opened(gate.decide(&question, now).unwrap()).code
}

/// The answer to Acme about an endpoint.
pub(super) fn call<'q>(gate: &Gate, token: &'q str, method: &'q str, path: &'q str) -> Decision<'q> {
    let endpoint = Some(AskedEndpoint { method, path });
    let question = Question { token, asker: Asker::Organization(ACME), permissions: &[], endpoint };
    opened(gate.decide(&question, NOON).unwrap())
}
