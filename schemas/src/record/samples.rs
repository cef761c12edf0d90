//! One sample fact of each kind that is written, and keys and nonces that are the same in every run.

use crate::sealing::{DataKey, KeySet, Randomness, RandomnessError};
use domain::{
    actor::{Actor, Holder, Principal, Request},
    erasable::Erasable::Known,
    fact::{Fact, Recorded},
    ids::{CommandId, EventId, MemberId, OrganizationId, TokenId},
    member,
    organization::{self, Label, Person},
    permission::{Permission, Risk},
    plan::Plan,
    platform, role,
    secret::{Digest, Kind, SecretId},
    seen::CommandMark,
    stream::StreamId,
    subject::{self, Subject},
    time::Timestamp,
    token::{self, GrantedUnder, Issuance, NewSecret, RevocationReason, Texts},
    usage_gap,
};
use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};
use uuid::Uuid;

pub(super) const NOON: Timestamp = Timestamp::from_micros(1_800_000_000_123_456);
pub(super) const ACME: OrganizationId = OrganizationId::from_bits(0xAC3E);
pub(super) const ADA: MemberId = MemberId::from_bits(0xADA);
pub(super) const TOKEN: TokenId = TokenId::from_bits(0x70C3);

/// Nonces that count.
#[derive(Default)]
pub(super) struct Counting(AtomicU8);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

pub(super) fn keys(subjects: &[String]) -> KeySet {
    let key = |it: &String| DataKey::new([it.bytes().fold(0, u8::wrapping_add); 32]);
    subjects.iter().map(|it| (Arc::from(it.as_str()), Arc::new(key(it)))).collect()
}

fn person() -> Person {
    Person { email: "ada@acme.test".to_owned(), name: "Ada Lovelace".to_owned() }
}

fn secret(n: u8) -> NewSecret {
    NewSecret {
        id: SecretId::from_random([n; 10]),
        key: "k1".parse().unwrap(),
        digest: Digest::from_bytes([n; 32]),
    }
}

pub(super) fn invoices() -> Permission {
    Permission {
        name: "invoices:read".parse().unwrap(),
        description: "Read invoices".to_owned(),
        risk: Risk::Low,
        endpoints: vec!["GET /v1/invoices/*".parse().unwrap()],
        implies: vec!["agents:read".parse().unwrap()],
        roles: vec!["owner".parse().unwrap(), "admin".parse().unwrap()],
        builtin: false,
        retired: false,
    }
}

pub(super) fn issuance() -> Issuance {
    Issuance {
        holder: Holder::Member(ADA),
        kind: Kind::Pat,
        secret: secret(1),
        scopes: vec!["invoices:read".parse().unwrap(), "agents:*".parse().unwrap()],
        starts_at: Some(NOON),
        expires_at: Some(Timestamp::from_micros(1_807_776_000_123_456)),
        granted_under: GrantedUnder { role: role::owner(), policy: 1, plan: Some(Plan::Pro) },
        texts: Known(Texts {
            name: "ci".to_owned(),
            description: Some("Builds „alles“".to_owned()),
            reason: Some("nightly builds".to_owned()),
            tags: vec!["ci".to_owned()],
            metadata: [("team".to_owned(), "build".to_owned())].into(),
            external_id: Some("ext-7".to_owned()),
        }),
    }
}

const NODE_START: usage_gap::NodeStart = usage_gap::NodeStart([0, 1, 2, 3, 4, 5, 6, 7]);

fn gap() -> usage_gap::Gap {
    let until = Timestamp::from_micros(1_800_000_060_000_000);
    usage_gap::Gap { node_start: NODE_START, lane: 0, after: Some(20_833 << 32 | 7), from: NOON, until }
}

/// A fact by Ada, through her token, with a key, from an address.
fn recorded(stream: StreamId, version: u64, fact: Fact) -> Recorded {
    Recorded {
        id: EventId::from_bits(0xE0 + u128::from(version)),
        stream,
        version,
        organization: Some(ACME),
        recorded_at: NOON,
        command: Some(CommandMark {
            id: CommandId(Uuid::from_u128(0xC0DE)),
            mac: [9; 32],
            mac_key: "m1".parse().unwrap(),
        }),
        actor: Actor {
            principal: Principal::Holder(Holder::Member(ADA)),
            token: Some(TOKEN),
            on_behalf_of: None,
        },
        request: Some(Request {
            id: "req_7".to_owned(),
            ip: Some(Known("203.0.113.9".parse().unwrap())),
            user_agent: Some(Known("curl/8.5".to_owned())),
        }),
        causation: None,
        correlation: Some("req_7".to_owned()),
        fact,
    }
}

pub(super) fn samples() -> Vec<(&'static str, Recorded)> {
    let operator =
        Actor { principal: Principal::Holder(Holder::Operator), token: Some(TOKEN), on_behalf_of: None };
    let token = |version, event| recorded(StreamId::Token(TOKEN), version, Fact::Token(event));
    let platform = |event| Recorded {
        organization: None,
        actor: operator.clone(),
        ..recorded(StreamId::Platform, 1, Fact::Platform(event))
    };
    vec![
        ("permission.registered.v2", platform(platform::Event::PermissionRegistered(invoices()))),
        (
            "operator.reset.v1",
            Recorded { request: None, command: None, ..platform(platform::Event::OperatorReset) },
        ),
        (
            "organization.registered.v1",
            recorded(
                StreamId::Organization(ACME),
                1,
                Fact::Organization(organization::Event::Registered {
                    label: Known(Label { name: "Acme".to_owned(), slug: "acme".to_owned() }),
                    plan: Plan::Pro,
                    owner: ADA,
                    person: Known(person()),
                }),
            ),
        ),
        (
            "member.added.v1",
            recorded(
                StreamId::Member(ADA),
                1,
                Fact::Member(member::Event::Added { person: Known(person()), role: role::owner() }),
            ),
        ),
        ("token.issued.v1", token(1, token::Event::Issued(Box::new(issuance())))),
        (
            "token.secret_rotated.v1",
            token(
                2,
                token::Event::SecretRotated {
                    secret: secret(2),
                    replaced: secret(1).id,
                    overlap_until: NOON,
                    reason: Some(Known("monthly".to_owned())),
                },
            ),
        ),
        (
            "token.revoked.v1",
            token(
                3,
                token::Event::Revoked {
                    reason: RevocationReason::Superseded,
                    note: Some(Known("bye".to_owned())),
                },
            ),
        ),
        (
            "token.expired.v1",
            Recorded {
                command: None,
                actor: Actor::system("expiry"),
                request: None,
                causation: Some(EventId::from_bits(0xE1)),
                ..token(4, token::Event::Expired { expires_at: NOON })
            },
        ),
        (
            "subject.erased.v1",
            recorded(
                StreamId::Subject(Subject::Member(MemberId::from_bits(0xBEB))),
                1,
                Fact::Subject(subject::Event::Erased { reason: subject::Reason::Requested }),
            ),
        ),
        (
            "ledger.gap_recorded.v1",
            Recorded {
                organization: None,
                command: None,
                actor: Actor::system("recorder"),
                request: None,
                correlation: None,
                ..recorded(
                    StreamId::UsageGap(NODE_START),
                    1,
                    Fact::UsageGap(usage_gap::Event::Recorded(gap())),
                )
            },
        ),
    ]
}
