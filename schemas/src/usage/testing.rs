//! What the tests of this module share: generated decisions, and a lane in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::sealing::{DataKey, KeySet};

/// 2026-11-24T12:00:00Z.
pub(super) const NOON_US: i64 = 1_795_521_600_000_000;
pub(super) const START: NodeStart = NodeStart(*b"noonnode");

/// A decision that owns its texts.
#[derive(Debug, Clone)]
pub(super) struct Owned {
    pub(super) time_us: i64,
    pub(super) counter: u64,
    pub(super) token: Option<Credential>,
    pub(super) caller: Option<Credential>,
    pub(super) organization: Option<(u128, String)>,
    pub(super) client: Option<(String, Option<Address>, Option<String>)>,
    pub(super) outcome: Outcome,
    pub(super) layer: Layer,
    pub(super) permission: Option<String>,
    pub(super) endpoint: Option<(String, String)>,
    pub(super) service: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) costs: Vec<(String, u64)>,
    pub(super) peek: bool,
    pub(super) count: u64,
    pub(super) position: u64,
    pub(super) client_request_id: Option<String>,
}

impl Owned {
    pub(super) fn with<T>(&self, give: impl FnOnce(&Decision<'_>) -> T) -> T {
        let costs: Vec<_> = self.costs.iter().map(|(limit, cost)| Cost { limit, cost: *cost }).collect();
        give(&Decision {
            time_us: self.time_us,
            counter: self.counter,
            token: self.token,
            caller: self.caller,
            organization: self.organization.as_ref().map(|(id, subject)| Organization { id: *id, subject }),
            client: self.client.as_ref().map(|(subject, address, user_agent)| Client {
                subject,
                address: *address,
                user_agent: user_agent.as_deref(),
            }),
            outcome: self.outcome,
            layer: self.layer,
            permission: self.permission.as_deref(),
            endpoint: self.endpoint.as_ref().map(|(method, path)| Endpoint { method, path }),
            service: self.service.as_deref(),
            environment: self.environment.as_deref(),
            costs: &costs,
            peek: self.peek,
            count: self.count,
            position: self.position,
            client_request_id: self.client_request_id.as_deref(),
        })
    }

    /// What is read back when only the subjects that `keep` accepts have a key.
    pub(super) fn recorded(&self, keep: impl Fn(&str) -> bool) -> RecordedDecision {
        let unknown = unauthenticated(self.time_us);
        let subject = match (&self.organization, &self.client) {
            (Some((_, subject)), _) | (None, Some((subject, ..))) => subject,
            (None, None) => &unknown,
        };
        let text = |it: &String| {
            if keep(subject) { Opened::Open(Arc::from(it.as_str())) } else { Opened::Erased }
        };
        RecordedDecision {
            time_us: self.time_us,
            counter: self.counter,
            token: self.token,
            caller: self.caller,
            organization: self.organization.as_ref().map(|it| it.0),
            client: self.client.as_ref().map(|(subject, address, user_agent)| {
                let user_agent = user_agent.as_deref().map(Box::from);
                Arc::new(RecordedClient {
                    subject: subject.as_str().into(),
                    details: if keep(subject) {
                        Opened::Open(ClientDetails { address: *address, user_agent })
                    } else {
                        Opened::Erased
                    },
                })
            }),
            outcome: self.outcome,
            layer: self.layer,
            permission: self.permission.as_ref().map(text),
            endpoint: self.endpoint.as_ref().map(|(method, path)| text(&format!("{method} {path}"))),
            service: self.service.as_ref().map(text),
            environment: self.environment.as_ref().map(text),
            costs: self.costs.iter().map(|(limit, cost)| (text(limit), *cost)).collect(),
            peek: self.peek,
            count: self.count,
            position: self.position,
            client_request_id: self.client_request_id.as_ref().map(text),
        }
    }
}

fn credential() -> impl Strategy<Value = Option<Credential>> {
    option::weighted(0.8, (0_u128..40, 0_u128..2)).prop_map(|it| {
        it.map(|(token, secret)| Credential { token: token << 90 | 0x4d, secret: secret << 70 | token })
    })
}

fn client() -> impl Strategy<Value = (String, Option<Address>, Option<String>)> {
    let address = prop_oneof![
        any::<[u8; 1]>().prop_map(|[it]| Address::Ip(IpAddr::from([203, 0, 113, it]))),
        any::<u16>().prop_map(|it| Address::Ip(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, it]))),
        any::<[u8; 3]>().prop_map(Address::Network24),
        any::<[u8; 6]>().prop_map(Address::Network48),
    ];
    ("mem_[a-e]", option::of(address), option::of("curl/[0-9]|[ -~]{0,20}|é{0,300}"))
        .prop_map(|(subject, address, agent)| (subject, address, agent.map(|it| cut(&it))))
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_TEXT_BYTES)].to_owned()
}

/// Any decision that has no more to cut.
pub(super) fn decision() -> impl Strategy<Value = Owned> {
    let who = (credential(), credential(), option::weighted(0.8, 0_u128..6), option::of(client()));
    let asked = (
        option::of("[a-c]:(read|write)"),
        option::of(("GET|POST", "/v1/[a-d]{0,3}é?")),
        option::of("billing|search"),
        option::of("production|staging"),
        vec(("[rq]", any::<u64>()), 0..3),
        option::weighted(0.2, "[a-z0-9é]{0,30}"),
    );
    let numbers = (any::<u8>(), any::<u16>(), any::<u8>(), any::<bool>(), any::<u32>());
    (-50_i64..500, who, asked, numbers).prop_map(|(time, who, asked, numbers)| Owned {
        time_us: NOON_US + time,
        counter: numbers.4.into(),
        token: who.0,
        caller: who.1,
        organization: who.2.map(|it| (it << 100 | 5, format!("org_{it}"))),
        client: who.3,
        outcome: Outcome(numbers.1 % 20),
        layer: Layer((numbers.0 % 14).into()),
        permission: asked.0,
        endpoint: asked.1,
        service: asked.2,
        environment: asked.3,
        costs: asked.4,
        peek: numbers.3,
        count: u64::from(numbers.2) + 1,
        position: u64::from(numbers.1) << (numbers.0 % 40),
        client_request_id: asked.5,
    })
}

/// The same decisions each time.
pub(super) fn some_decisions(count: usize) -> Vec<Owned> {
    vec(decision(), count).new_tree(&mut TestRunner::deterministic()).unwrap().current()
}

/// The key of any subject, made of its name.
pub(super) fn key_of(subject: &str) -> (Arc<str>, Arc<DataKey>) {
    let mut bytes = [0x5a; 32];
    bytes.iter_mut().zip(subject.bytes()).for_each(|(key, it)| *key ^= it);
    (subject.into(), Arc::new(DataKey::new(bytes)))
}

pub(super) fn keys_of<S: AsRef<str>>(subjects: &[S]) -> KeySet {
    subjects.iter().map(|it| key_of(it.as_ref())).collect()
}

/// A lane in memory: encoded blocks at positions 100, 101, …
#[derive(Default)]
pub(super) struct Lane {
    pub(super) blocks: BTreeMap<u64, Vec<u8>>,
    first_block: u64,
}

impl Lane {
    pub(super) fn append(&mut self, closed: Option<ClosedBlock>) {
        let Some(closed) = closed else { return };
        let position = 100 + self.blocks.len() as u64;
        if closed.is_first() {
            self.first_block = position;
        }
        let bytes = closed.encode(&keys_of(&closed.subjects()), self.first_block).unwrap();
        self.blocks.insert(position, bytes);
    }

    /// Writes decisions as the recorder does, closing a block after each `every` rows at most.
    pub(super) fn write(&mut self, writer: &mut SegmentWriter, all: &[Owned], every: usize) {
        for (place, decision) in all.iter().enumerate() {
            let state = decision.with(|it| writer.push(it)).unwrap();
            if state == BlockState::Full || (place + 1) % every == 0 {
                self.append(writer.close_block());
            }
        }
        self.append(writer.close_block());
    }

    /// Reads from `from` on as a projector does, with the keys of those that `keep` accepts.
    pub(super) fn read(
        &self,
        reader: &mut SegmentReader,
        from: u64,
        keep: impl Fn(&str) -> bool,
    ) -> Vec<RecordedDecision> {
        let keys = |subjects: Vec<Arc<str>>| {
            let kept: BTreeSet<_> = subjects.into_iter().filter(|it| keep(it)).collect();
            keys_of(&kept.into_iter().collect::<Vec<_>>())
        };
        let mut rows = Vec::new();
        for (position, bytes) in self.blocks.range(from..) {
            let block = Block::decode(bytes).unwrap();
            match reader.standing(block.header()) {
                Standing::AlreadyRead => continue,
                Standing::Follows => {}
                Standing::NeedsEntriesFrom(first) => {
                    for bytes in self.blocks.range(first..*position).map(|it| it.1) {
                        let block = Block::decode(bytes).unwrap();
                        let keys = keys(reader.subjects(&block).unwrap());
                        reader.learn(&block, &keys).unwrap();
                    }
                }
            }
            let keys = keys(reader.subjects(&block).unwrap());
            rows.extend(reader.read(&block, &keys).unwrap());
        }
        rows
    }
}
