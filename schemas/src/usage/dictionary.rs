//! What a segment has numbered so far.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::address::put_address;
use super::builder::{BlockBuilder, NewToken, Subject};
use super::decision::{Client, Credential, Decision, Organization, clamp, write_endpoint};
use super::header::MAX_NUMBERED;
use super::place::{subject_of_texts, unauthenticated};
use super::row::Row;

/// The most that one decision numbers of any kind: four texts and sixteen limits, and some room.
const MOST_PER_DECISION: usize = 24;

/// Numbers of subjects, organisations, tokens, clients and texts, each from 0 in order of first
/// use within the segment.
#[derive(Default)]
pub(super) struct Dictionary {
    subjects: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
    organizations: HashMap<u128, u32>,
    tokens: HashMap<Credential, Token>,
    clients: HashMap<Box<[u8]>, u32>,
    texts: HashMap<Box<[u8]>, u32>,
    /// Bytes of clients and texts, which is what takes memory.
    bytes: usize,
    key: Vec<u8>,
    endpoint: String,
}

#[derive(Clone, Copy)]
struct Token {
    number: u64,
    organization: u64,
    client: u64,
}

/// How many of each kind there are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sizes {
    pub(super) subjects: u32,
    pub(super) organizations: u32,
    pub(super) tokens: u32,
    pub(super) clients: u32,
    pub(super) texts: u32,
}

impl Dictionary {
    pub(super) fn sizes(&self) -> Sizes {
        Sizes {
            subjects: number(self.names.len()),
            organizations: number(self.organizations.len()),
            tokens: number(self.tokens.len()),
            clients: number(self.clients.len()),
            texts: number(self.texts.len()),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether one more decision could need a number that does not exist.
    pub(super) fn is_full(&self) -> bool {
        let most = (self.names.len())
            .max(self.organizations.len())
            .max(self.tokens.len())
            .max(self.clients.len())
            .max(self.texts.len());
        most + MOST_PER_DECISION > MAX_NUMBERED as usize
    }

    /// Numbers all that the decision refers to, tells the block what is new, and adds the row.
    pub(super) fn add(&mut self, decision: &Decision<'_>, block: &mut BlockBuilder) {
        let organization = decision.organization.map_or(0, |it| self.organization(it, block) + 1);
        let client = decision.client.map_or(0, |it| self.client(&it, block) + 1);
        let token = decision.token.map(|it| self.token(it, organization, client, block));
        let caller = decision.caller.map(|it| self.token(it, 0, 0, block));
        let mut row = Row {
            token: token.map_or(0, |it| it.number + 1),
            caller: caller.map_or(0, |it| it.number + 1),
            client: beside(token.map_or(0, |it| it.client), client),
            organization: beside(token.map_or(0, |it| it.organization), organization),
            ..Row::default()
        };
        self.texts_of(decision, &mut row, block);
        block.push(decision, organization, row);
    }

    fn texts_of(&mut self, decision: &Decision<'_>, row: &mut Row, block: &mut BlockBuilder) {
        let has_texts = decision.permission.is_some()
            || decision.endpoint.is_some()
            || decision.service.is_some()
            || decision.environment.is_some()
            || decision.client_request_id.is_some()
            || !decision.costs.is_empty();
        if !has_texts {
            return;
        }
        let subject = match subject_of_texts(decision) {
            Some(subject) => self.subject(subject, block),
            None => self.subject(&unauthenticated(decision.time_us), block),
        };
        let mut text = |it| self.text(subject, it, block) + 1;
        row.permission = decision.permission.map_or(0, &mut text);
        row.service = decision.service.map_or(0, &mut text);
        row.environment = decision.environment.map_or(0, &mut text);
        if let Some(endpoint) = decision.endpoint {
            let mut text = std::mem::take(&mut self.endpoint);
            write_endpoint(endpoint, &mut text);
            row.endpoint = self.text(subject, &text, block) + 1;
            self.endpoint = text;
        }
        for cost in decision.costs {
            let limit = self.text(subject, cost.limit, block);
            block.cost(limit, cost.cost);
        }
        if let Some(id) = decision.client_request_id {
            row.client_request_id = block.request_id(self.named(subject), clamp(id));
        }
    }

    fn subject(&mut self, subject: &str, block: &mut BlockBuilder) -> u32 {
        if let Some(number) = self.subjects.get(subject) {
            return *number;
        }
        let name: Arc<str> = subject.into();
        block.subject(Arc::clone(&name));
        self.names.push(Arc::clone(&name));
        next(&mut self.subjects, name)
    }

    fn named(&self, number: u32) -> Subject {
        let name = self.names.get(number as usize).cloned();
        Subject { number, name: name.unwrap_or_else(|| Arc::from("")) }
    }

    fn organization(&mut self, organization: Organization<'_>, block: &mut BlockBuilder) -> u64 {
        if let Some(number) = self.organizations.get(&organization.id) {
            return (*number).into();
        }
        let subject = self.subject(organization.subject, block);
        block.organization(organization.id, subject);
        next(&mut self.organizations, organization.id).into()
    }

    fn token(
        &mut self,
        credential: Credential,
        organization: u64,
        client: u64,
        block: &mut BlockBuilder,
    ) -> Token {
        let number = self.tokens.len() as u64;
        *self.tokens.entry(credential).or_insert_with(|| {
            block.token(NewToken { credential, organization, client });
            Token { number, organization, client }
        })
    }

    fn client(&mut self, client: &Client<'_>, block: &mut BlockBuilder) -> u64 {
        let subject = self.subject(client.subject, block);
        self.key.clear();
        self.key.extend_from_slice(&subject.to_be_bytes());
        put_address(client.address, &mut self.key);
        let client = Client { user_agent: client.user_agent.map(clamp), ..*client };
        self.key.push(client.user_agent.is_some().into());
        self.key.extend_from_slice(client.user_agent.unwrap_or_default().as_bytes());
        if let Some(number) = self.clients.get(self.key.as_slice()) {
            return (*number).into();
        }
        self.bytes += self.key.len();
        let number = next(&mut self.clients, self.key.as_slice().into());
        block.client(number, self.named(subject), &client);
        number.into()
    }

    fn text(&mut self, subject: u32, text: &str, block: &mut BlockBuilder) -> u64 {
        let text = clamp(text);
        self.key.clear();
        self.key.extend_from_slice(&subject.to_be_bytes());
        self.key.extend_from_slice(text.as_bytes());
        if let Some(number) = self.texts.get(self.key.as_slice()) {
            return (*number).into();
        }
        self.bytes += self.key.len();
        block.text(self.named(subject), text);
        next(&mut self.texts, self.key.as_slice().into()).into()
    }
}

/// Gives the next number to a thing that has none.
fn next<K: Hash + Eq>(numbers: &mut HashMap<K, u32>, thing: K) -> u32 {
    let number = number(numbers.len());
    numbers.insert(thing, number);
    number
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The value of a column beside what the token's entry names; both are 0 for none or one more
/// than the number.
fn beside(usual: u64, actual: u64) -> u64 {
    if actual == usual { 0 } else { actual + 1 }
}
