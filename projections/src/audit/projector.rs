use domain::actor::{Actor, Principal};
use domain::erasable::Erasable;
use domain::fact::Fact;
use domain::ids::TokenId;
use domain::secret::SecretId;
use domain::stream::StreamId;
use domain::token::Event as TokenFact;

use super::columns::EVENTS;
use super::content::{Content, target};
use super::secret::{SECRETS, SecretOf};
use super::{AuditEvent, Outcome, Personal};
use crate::feed::Event;
use crate::runner::{Keys, OnPoison, Poison, Projector, Rows, Table};

/// The projector of the audit.
pub enum Audit {}

impl Projector for Audit {
    type Event = Event;
    const NAME: &'static str = "audit";
    const VERSION: u32 = 4;
    const ON_POISON: OnPoison = OnPoison::Park;
    const TABLES: &'static [Table] = &[EVENTS, SECRETS];

    fn keys(event: &Event) -> Keys {
        let keys = Keys::none().making::<AuditEvent>(event.position);
        match new_secret(event) {
            Some((secret, _)) => keys.making::<SecretOf>(secret.to_string()),
            None => keys,
        }
    }

    fn apply(rows: &mut Rows, event: &Event) -> Result<(), Poison> {
        if let Some((id, token)) = new_secret(event) {
            rows.put(SecretOf { id, token })?;
        }
        rows.put(shown(event)?)
    }
}

fn new_secret(event: &Event) -> Option<(SecretId, TokenId)> {
    let StreamId::Token(token) = event.recorded.stream else { return None };
    match &event.recorded.fact {
        Fact::Token(TokenFact::Issued(issuance)) => Some((issuance.secret.id, token)),
        Fact::Token(TokenFact::SecretRotated { secret, .. }) => Some((secret.id, token)),
        Fact::Token(TokenFact::Revoked { .. } | TokenFact::Expired { .. })
        | Fact::Platform(_)
        | Fact::Organization(_)
        | Fact::Member(_)
        | Fact::Subject(_)
        | Fact::UsageGap(_) => None,
    }
}

fn shown(event: &Event) -> Result<AuditEvent, Poison> {
    let recorded = &event.recorded;
    let Content { data, texts_subject, personal_subject, is_erased } = Content::of(event)?;
    let ip = recorded.request.as_ref().and_then(|it| it.ip.as_ref());
    let user_agent = recorded.request.as_ref().and_then(|it| it.user_agent.as_ref());
    let has_whereabouts = ip.is_some() || user_agent.is_some();
    let is_erased = is_erased || ip == Some(&Erasable::Erased) || user_agent == Some(&Erasable::Erased);
    Ok(AuditEvent {
        position: event.position,
        id: recorded.id,
        kind: event.kind.to_owned(),
        organization: recorded.organization,
        recorded_at: recorded.recorded_at,
        actor: (&recorded.actor).into(),
        target: target(recorded),
        ip: ip.and_then(Erasable::known).copied(),
        user_agent: user_agent.and_then(Erasable::known).cloned(),
        whereabouts_subject: subject(&recorded.actor).filter(|_| has_whereabouts),
        outcome: Outcome::Ok,
        correlation: recorded.correlation.clone(),
        causation: recorded.causation,
        request_id: recorded.request.as_ref().map(|it| it.id.clone()),
        stream: recorded.stream.to_string(),
        version: recorded.version,
        data,
        texts_subject,
        personal_subject,
        personal: if is_erased { Personal::Erased } else { Personal::Visible },
    })
}

/// Whose personal data it is where an actor's request came from: nobody's, where Counterfoil itself acts.
fn subject(actor: &Actor) -> Option<String> {
    match &actor.principal {
        Principal::Holder(holder) => Some(holder.to_string()),
        Principal::System(_) => None,
    }
}
