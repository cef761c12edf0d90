use super::{
    Command, Ending, Ends, Event, GrantedUnder, Issuance, Issue, Issued, NewSecret, PolicyBreach, Rejection,
    Token,
};
use crate::{
    erasable::Erasable,
    policy::Policy,
    power::Power,
    scope::Scope,
    time::{Lifespan, Timestamp},
};

pub(super) fn decide(state: &Token, command: &Command) -> Result<Vec<Event>, Rejection> {
    match (state, command) {
        (Token::Unissued, Command::Issue(issue)) => self::issue(issue).map(|it| vec![it]),
        (Token::Live(_) | Token::Ended(..), Command::Issue(_)) => Err(Rejection::AlreadyIssued),
        (Token::Unissued, Command::Rotate { .. } | Command::Revoke { .. } | Command::Expire { .. }) => {
            Err(Rejection::NotIssued)
        }
        (Token::Live(issued), Command::Rotate { secret, overlap, reason, policy, at }) => {
            rotate(issued, secret, *overlap, reason.clone(), policy, *at).map(|it| vec![it])
        }
        (Token::Ended(_, Ending::Revoked { .. }), Command::Rotate { .. }) => Err(Rejection::IsRevoked),
        (Token::Ended(_, Ending::Expired { .. }), Command::Rotate { .. }) => Err(Rejection::IsExpired),
        (Token::Live(_) | Token::Ended(_, Ending::Expired { .. }), Command::Revoke { reason, note }) => {
            Ok(vec![Event::Revoked { reason: *reason, note: note.clone().map(Erasable::Known) }])
        }
        (Token::Live(issued), Command::Expire { at }) => expire(issued, *at),
        // Already so: saying it twice adds nothing, and who is revoked need not expire.
        (Token::Ended(_, Ending::Revoked { .. }), Command::Revoke { .. })
        | (Token::Ended(..), Command::Expire { .. }) => Ok(vec![]),
    }
}

fn issue(issue: &Issue) -> Result<Event, Rejection> {
    let expires_at = end_of(issue)?;
    within(&issue.receiver, &issue.scopes, issue)
        .map_err(|excess| Rejection::ExceedsRole { excess, role: issue.receiver.role.clone() })?;
    within(&issue.giver, &issue.scopes, issue).map_err(|excess| Rejection::ExceedsCaller { excess })?;
    let breaches = breaches(issue, expires_at);
    if !breaches.is_empty() {
        return Err(Rejection::Policy(breaches));
    }
    Ok(Event::Issued(Box::new(Issuance {
        holder: issue.holder,
        kind: issue.kind,
        secret: issue.secret.clone(),
        scopes: issue.scopes.clone(),
        starts_at: issue.starts_at,
        expires_at,
        granted_under: GrantedUnder {
            role: issue.receiver.role.clone(),
            policy: issue.policy.version,
            plan: issue.plan,
        },
        texts: Erasable::Known(issue.texts.clone()),
    })))
}

fn end_of(issue: &Issue) -> Result<Option<Timestamp>, Rejection> {
    let expires_at = match issue.ends {
        Ends::Default => Some(issue.at.plus(issue.policy.default_lifetime)),
        Ends::In(lifespan) => Some(issue.at.plus(lifespan)),
        Ends::At(instant) => Some(instant),
        Ends::Never => None,
    };
    let Some(end) = expires_at else {
        return Ok(None);
    };
    if end <= issue.at {
        return Err(Rejection::ExpiryNotInFuture);
    }
    if issue.starts_at.is_some_and(|start| end <= start) {
        return Err(Rejection::StartsAfterExpiry);
    }
    Ok(expires_at)
}

/// Nobody gives more than they have, nor more than the receiver can hold.
fn within(power: &Power, scopes: &[Scope], issue: &Issue) -> Result<(), Vec<Scope>> {
    let excess: Vec<Scope> =
        scopes.iter().filter(|it| !power.covers(it, &issue.catalogue)).cloned().collect();
    if excess.is_empty() { Ok(()) } else { Err(excess) }
}

fn breaches(issue: &Issue, expires_at: Option<Timestamp>) -> Vec<PolicyBreach> {
    let Some(end) = expires_at else {
        return breaches_of_never(issue);
    };
    let longest = issue.policy.max_lifetime(issue.kind);
    let exceeded = longest.filter(|it| issue.at.plus(*it) < end);
    exceeded.map(PolicyBreach::ExpiryExceeds).into_iter().collect()
}

fn breaches_of_never(issue: &Issue) -> Vec<PolicyBreach> {
    if !issue.policy.may_never_expire(issue.kind) {
        return vec![PolicyBreach::NeverExpiresNotAllowed];
    }
    if issue.texts.reason.is_none() { vec![PolicyBreach::ReasonRequired] } else { vec![] }
}

fn rotate(
    issued: &Issued,
    secret: &NewSecret,
    overlap: Option<Lifespan>,
    reason: Option<String>,
    policy: &Policy,
    at: Timestamp,
) -> Result<Event, Rejection> {
    if issued.has_expired(at) {
        return Err(Rejection::IsExpired);
    }
    let overlap = overlap.unwrap_or(policy.default_overlap);
    if let Some(until) = issued.overlap_until(at).filter(|_| overlap != Lifespan::ZERO) {
        return Err(Rejection::RotationInProgress(until));
    }
    if policy.max_overlap < overlap {
        return Err(Rejection::Policy(vec![PolicyBreach::OverlapExceeds(policy.max_overlap)]));
    }
    let Some(current) = issued.secrets.last() else {
        return Err(Rejection::NotIssued);
    };
    Ok(Event::SecretRotated {
        secret: secret.clone(),
        replaced: current.id,
        overlap_until: at.plus(overlap),
        reason: reason.map(Erasable::Known),
    })
}

fn expire(issued: &Issued, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    match issued.expires_at {
        Some(expires_at) if expires_at <= at => Ok(vec![Event::Expired { expires_at }]),
        Some(_) | None => Err(Rejection::NotYetExpired),
    }
}
