//! What the facts about one thing amount to: the domain's own fold, over the ledger and nothing else.

use anyhow::anyhow;
use domain::{
    actor::{Actor, Holder},
    decider::Decider,
    fact::Fact,
    member::{self, Member},
    organization::{self, Organization},
    platform::{self, Platform},
    secret::Brand,
    stream::StreamId,
    subject,
    time::Timestamp,
    token::{self, Token},
    usage_gap::{self, Gap},
};
use eventlog::Position;
use projections::feed::Event;
use serde_json::{Value, json};

use super::{target::Target, token::shown as token_shown};

/// A thing, as far as its facts were seen.
pub(super) struct Amount {
    target: Target,
    state: State,
    pub(super) version: u64,
    pub(super) organization: Option<domain::ids::OrganizationId>,
    pub(super) created_by: Option<Actor>,
    began_at: Option<Position>,
    operators_reset: Option<(Position, Timestamp)>,
}

enum State {
    Platform(Platform),
    Organization(Organization),
    Member(Member),
    Token(Token),
    Subject(subject::State),
    UsageGap(usage_gap::State),
}

impl Amount {
    /// Nothing yet.
    pub(super) fn of(target: Target) -> Self {
        let state = match target.stream() {
            StreamId::Platform => State::Platform(Platform::default()),
            StreamId::Organization(_) => State::Organization(Organization::default()),
            StreamId::Member(_) => State::Member(Member::default()),
            StreamId::Token(_) => State::Token(Token::default()),
            StreamId::Subject(_) => State::Subject(subject::State::default()),
            StreamId::UsageGap(_) => State::UsageGap(None),
        };
        Self {
            target,
            state,
            version: 0,
            organization: None,
            created_by: None,
            began_at: None,
            operators_reset: None,
        }
    }

    /// Folds one more fact of the ledger, if it concerns the thing.
    ///
    /// # Errors
    /// When a fact about another kind of thing lies among those about this one.
    pub(super) fn add(&mut self, event: &Event) -> anyhow::Result<()> {
        let recorded = &event.recorded;
        if let Fact::Platform(platform::Event::OperatorReset) = recorded.fact {
            self.operators_reset = Some((event.position, recorded.recorded_at));
        }
        if recorded.stream != self.target.stream() {
            return Ok(());
        }
        self.version = recorded.version;
        self.organization = recorded.organization;
        self.created_by.get_or_insert_with(|| recorded.actor.clone());
        self.began_at.get_or_insert(event.position);
        let folded = self.state.fold(&recorded.fact, recorded.recorded_at);
        folded.map_err(|Misplaced| {
            let (kind, stream) = (event.kind, recorded.stream);
            anyhow!("the ledger is damaged at position {}: no {kind} belongs to `{stream}`", event.position)
        })
    }

    /// The state, by the time of day; nothing where there was no fact.
    pub(super) fn shown(&self, brand: &Brand, now: Timestamp) -> Option<Value> {
        self.began_at?;
        let id = self.target.to_string();
        match &self.state {
            State::Platform(it) => Some(json!({ "platform": self.platform(it) })),
            State::Organization(it) => Some(json!({ "organization": self.organization(&id, it)? })),
            State::Member(it) => Some(json!({ "member": self.member(&id, it)? })),
            State::Token(it) => {
                let token = token_shown(self, &id, it, brand, now)?;
                Some(json!({ "token": token }))
            }
            State::Subject(it) => {
                let erasure = it.erasure()?;
                let (reason, erased_at) = (erasure.reason.code(), erasure.erased_at);
                Some(json!({ "erasure": { "subject": id, "reason": reason, "erased_at": erased_at } }))
            }
            State::UsageGap(it) => {
                let Gap { node_start: _, lane, after, from, until } = it.as_ref()?;
                Some(json!({ "gap": {
                    "node_start": id, "lane": lane, "after": after, "from": from, "until": until,
                } }))
            }
        }
    }

    /// When an operator's token was voided by a reset after it.
    pub(super) fn voided_at(&self, holder: Holder) -> Option<Timestamp> {
        let (position, at) = self.operators_reset.filter(|_| holder == Holder::Operator)?;
        self.began_at.filter(|it| *it < position).map(|_| at)
    }

    fn platform(&self, platform: &Platform) -> Value {
        let registered = platform.catalogue.entries().iter().filter(|it| !it.builtin);
        json!({
            "permissions": registered.map(|it| it.name.to_string()).collect::<Vec<_>>(),
            "operators_reset_at": platform.operators_reset_at,
            "version": self.version,
        })
    }

    fn organization(&self, id: &str, organization: &Organization) -> Option<Value> {
        let registered = organization.registered()?;
        let label = registered.label.known();
        Some(json!({
            "id": id,
            "slug": label.map(|it| &it.slug),
            "name": label.map(|it| &it.name),
            "plan": registered.plan.to_string(),
            "status": "active",
            "owners": registered.owners,
            "created_at": registered.created_at,
            "version": self.version,
        }))
    }

    fn member(&self, id: &str, member: &Member) -> Option<Value> {
        let joined = member.joined()?;
        let person = joined.person.known();
        Some(json!({
            "id": id,
            "organization": self.organization,
            "email": person.map(|it| &it.email),
            "name": person.map(|it| &it.name),
            "role": joined.role.to_string(),
            "status": "active",
            "created_at": joined.created_at,
            "version": self.version,
        }))
    }
}

/// A fact about another kind of thing.
struct Misplaced;

impl State {
    fn fold(&mut self, fact: &Fact, at: Timestamp) -> Result<(), Misplaced> {
        match (self, fact) {
            (Self::Platform(it), Fact::Platform(event)) => {
                *it = platform::Rules::evolve(std::mem::take(it), event, at);
            }
            (Self::Organization(it), Fact::Organization(event)) => {
                *it = organization::Rules::evolve(std::mem::take(it), event, at);
            }
            (Self::Member(it), Fact::Member(event)) => {
                *it = member::Rules::evolve(std::mem::take(it), event, at);
            }
            (Self::Token(it), Fact::Token(event)) => {
                *it = token::Rules::evolve(std::mem::take(it), event, at);
            }
            (Self::Subject(it), Fact::Subject(event)) => {
                *it = subject::Rules::evolve(std::mem::take(it), event, at);
            }
            (Self::UsageGap(it), Fact::UsageGap(event)) => {
                *it = usage_gap::Rules::evolve(std::mem::take(it), event, at);
            }
            (
                Self::Platform(_)
                | Self::Organization(_)
                | Self::Member(_)
                | Self::Token(_)
                | Self::Subject(_)
                | Self::UsageGap(_),
                _,
            ) => return Err(Misplaced),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use eventlog::Limit;

    use super::*;
    use crate::node::testing::Place;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_fact_about_another_kind_of_thing_is_damage_where_it_stands() {
        let place = Place::new();
        let (node, _) = place.first_start().await;
        node.register().await;
        let events = node.facts(Limit { records: 4, bytes: 1 << 20 }).await;
        let mut lie = Event::clone(&events[2]);
        std::sync::Arc::make_mut(&mut lie.recorded).stream = events[1].recorded.stream;
        let target = lie.recorded.stream.to_string().trim_start_matches("organization-").parse().unwrap();
        let mut amount = Amount::of(target);
        amount.add(&events[1]).unwrap();
        let refusal = amount.add(&lie).unwrap_err().to_string();
        assert!(refusal.contains("position 3") && refusal.contains("member.added.v1"), "{refusal}");
        node.stop().await;
    }
}
