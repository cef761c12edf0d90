use domain::fact::Fact;
use domain::ids::{OrganizationId, TokenId};
use domain::platform;
use domain::secret::SecretId;
use domain::stream::StreamId;
use domain::time::Timestamp;
use domain::token::{Event as TokenFact, Issuance, NewSecret};

use super::columns::TOKENS;
use super::reset::{RESETS, Reset};
use super::{Ended, ListedSecret, ListedTexts, ListedToken};
use crate::feed::Event;
use crate::runner::{Keys, OnPoison, Poison, Projector, Rows, Table};

/// The projector of the list of tokens.
pub enum TokenList {}

impl Projector for TokenList {
    type Event = Event;
    const NAME: &'static str = "token_list";
    const VERSION: u32 = 3;
    const ON_POISON: OnPoison = OnPoison::Park;
    const TABLES: &'static [Table] = &[TOKENS, RESETS];

    fn keys(event: &Event) -> Keys {
        match concerned(event) {
            Concerned::Begins(token, _) => Keys::none().making::<ListedToken>(token.to_string()),
            Concerned::Changes(token, _) => Keys::none().changing::<ListedToken>(token.to_string()),
            Concerned::Operators => Keys::none().making::<Reset>(event.position),
            Concerned::Nothing => Keys::none(),
        }
    }

    fn apply(rows: &mut Rows, event: &Event) -> Result<(), Poison> {
        match concerned(event) {
            Concerned::Begins(token, issuance) => rows.put(begin(token, issuance, event)),
            Concerned::Changes(token, fact) => {
                let mut listed = rows.find::<ListedToken>(token.to_string())?;
                change(&mut listed, fact, event.recorded.recorded_at);
                listed.version = event.recorded.version;
                listed.position = event.position;
                rows.put(listed)
            }
            Concerned::Operators => {
                rows.put(Reset { position: event.position, reset_at: event.recorded.recorded_at })
            }
            Concerned::Nothing => Ok(()),
        }
    }
}

/// What of the list a fact concerns.
enum Concerned<'a> {
    Begins(TokenId, &'a Issuance),
    Changes(TokenId, &'a TokenFact),
    Operators,
    Nothing,
}

fn concerned(event: &Event) -> Concerned<'_> {
    match (event.recorded.stream, &event.recorded.fact) {
        (StreamId::Token(token), Fact::Token(TokenFact::Issued(issuance))) => {
            Concerned::Begins(token, issuance)
        }
        (StreamId::Token(token), Fact::Token(fact)) => Concerned::Changes(token, fact),
        (_, Fact::Platform(platform::Event::OperatorReset)) => Concerned::Operators,
        (
            _,
            Fact::Platform(_)
            | Fact::Organization(_)
            | Fact::Member(_)
            | Fact::Token(_)
            | Fact::Subject(_)
            | Fact::UsageGap(_),
        ) => Concerned::Nothing,
    }
}

fn begin(id: TokenId, issuance: &Issuance, event: &Event) -> ListedToken {
    let recorded = &event.recorded;
    ListedToken {
        id,
        organization: recorded.organization,
        holder: issuance.holder.into(),
        kind: issuance.kind,
        texts: issuance.texts.known().map(ListedTexts::from),
        texts_subject: subject(recorded.organization),
        scopes: issuance.scopes.clone(),
        secrets: vec![secret(&issuance.secret, recorded.recorded_at)],
        created_by: (&recorded.actor).into(),
        created_at: recorded.recorded_at,
        starts_at: issuance.starts_at,
        expires_at: issuance.expires_at,
        ended: Ended::default(),
        granted_under: (&issuance.granted_under).into(),
        version: recorded.version,
        issued_position: event.position,
        position: event.position,
    }
}

/// As the domain folds it: one that is revoked stays revoked, whatever is noted afterwards.
fn change(token: &mut ListedToken, fact: &TokenFact, at: Timestamp) {
    match fact {
        TokenFact::SecretRotated { secret: new, replaced, overlap_until, .. } => {
            rotate(token, new, *replaced, *overlap_until, at);
        }
        TokenFact::Revoked { reason, .. } if token.ended.revoked_at.is_none() => {
            token.ended.revoked_at = Some(at);
            token.ended.revoked_reason = Some(*reason);
        }
        TokenFact::Expired { .. } if token.ended.revoked_at.is_none() => token.ended.expired_at = Some(at),
        TokenFact::Issued(_) | TokenFact::Revoked { .. } | TokenFact::Expired { .. } => {}
    }
}

fn rotate(token: &mut ListedToken, new: &NewSecret, replaced: SecretId, until: Timestamp, at: Timestamp) {
    let is_old = |it: &&mut ListedSecret| it.id == replaced && it.valid_until.is_none();
    for old in token.secrets.iter_mut().filter(is_old) {
        old.valid_until = Some(until);
    }
    // A token that is rotated every minute must not grow: what is accepted stays, and the last ten.
    let past = token.secrets.len().saturating_sub(KEPT_SECRETS - 1);
    let mut place = 0;
    token.secrets.retain(|it| {
        place += 1;
        past < place || it.valid_until.is_none_or(|end| at < end)
    });
    token.secrets.push(secret(new, at));
}

fn secret(new: &NewSecret, at: Timestamp) -> ListedSecret {
    ListedSecret { id: new.id, created_at: at, valid_until: None }
}

/// Secret versions that a row keeps, beyond those that are still accepted.
const KEPT_SECRETS: usize = 10;

/// Whose key seals callers' texts: the organisation's, or the platform's.
fn subject(organization: Option<OrganizationId>) -> String {
    organization.map_or_else(|| "platform".to_owned(), |it| it.to_string())
}
