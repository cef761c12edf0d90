use super::{Ending, Event, Issuance, Issued, NewSecret, SecretVersion, Token};
use crate::{secret::SecretId, time::Timestamp};

/// Total: what cannot have happened changes nothing.
pub(super) fn evolve(state: Token, event: &Event, at: Timestamp) -> Token {
    match event {
        Event::Issued(issuance) => Token::Live(Box::new(begin(issuance, at))),
        Event::SecretRotated { secret, replaced, overlap_until, .. } => with_issued(state, |it| {
            rotate(it, secret, *replaced, *overlap_until, at);
        }),
        Event::Revoked { reason, .. } => end(state, Ending::Revoked { at, reason: *reason }),
        Event::Expired { .. } => end(state, Ending::Expired { at }),
    }
}

fn begin(issuance: &Issuance, at: Timestamp) -> Issued {
    Issued {
        holder: issuance.holder,
        kind: issuance.kind,
        secrets: vec![version(&issuance.secret, at)],
        scopes: issuance.scopes.clone(),
        starts_at: issuance.starts_at,
        expires_at: issuance.expires_at,
        granted_under: issuance.granted_under.clone(),
        texts: issuance.texts.clone(),
        created_at: at,
    }
}

fn version(secret: &NewSecret, at: Timestamp) -> SecretVersion {
    SecretVersion {
        id: secret.id,
        key: secret.key.clone(),
        digest: secret.digest,
        created_at: at,
        valid_until: None,
    }
}

/// Of the versions that are no longer accepted only the one replaced last is kept: a token that is rotated every
/// minute must not grow.
fn rotate(issued: &mut Issued, secret: &NewSecret, replaced: SecretId, until: Timestamp, at: Timestamp) {
    issued.secrets.retain(|it| it.valid_until.is_none_or(|end| at < end));
    for old in issued.secrets.iter_mut().filter(|it| it.id == replaced && it.valid_until.is_none()) {
        old.valid_until = Some(until);
    }
    issued.secrets.push(version(secret, at));
}

fn with_issued(mut state: Token, change: impl FnOnce(&mut Issued)) -> Token {
    match &mut state {
        Token::Unissued => {}
        Token::Live(issued) | Token::Ended(issued, _) => change(issued),
    }
    state
}

/// A token that was revoked stays revoked, whatever is noted afterwards.
fn end(state: Token, ending: Ending) -> Token {
    match state {
        Token::Live(issued) | Token::Ended(issued, Ending::Expired { .. }) => Token::Ended(issued, ending),
        Token::Unissued | Token::Ended(_, Ending::Revoked { .. }) => state,
    }
}
