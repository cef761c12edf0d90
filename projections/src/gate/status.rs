//! Whether a proven token lives, whatever it asks for.

use domain::time::Timestamp;

use super::{
    prove::Proven,
    tables::{HolderRow, Standing, State, Tables},
};

/// Whether a token lives at some moment, or the first reason against it.
pub(super) enum Status<'t> {
    /// It lives, and its holder is active.
    Live(&'t HolderRow, Standing),
    /// The token is refused for ever.
    Revoked { at: Timestamp },
    /// Its time is over.
    Expired { at: Timestamp },
    /// The secret presented was replaced, and the overlap is over; the token lives.
    SecretReplaced { at: Timestamp },
    /// Its time has not come.
    NotYetValid { at: Timestamp },
    /// Its holder may do nothing.
    HolderInactive,
}

/// The state of what was proven. Facts and the clock both end a token: a clock that steps back revives none.
pub(super) fn status<'t>(tables: &'t Tables, proven: &Proven<'t>, now: Timestamp) -> Status<'t> {
    let token = proven.token;
    let ended_at = token.ended_at.get().unwrap_or(now);
    if token.state == State::Revoked {
        return Status::Revoked { at: ended_at };
    }
    if token.state == State::Expired || token.expires_at.has_come(now) {
        return Status::Expired { at: token.expires_at.get().unwrap_or(ended_at) };
    }
    if let Some(at) = proven.valid_until.filter(|it| *it <= now) {
        return Status::SecretReplaced { at };
    }
    if let Some(at) = token.extras.as_ref().and_then(|it| it.starts_at).filter(|it| now < *it) {
        return Status::NotYetValid { at };
    }
    let holder = tables.holders.get(token.holder);
    // A holder of another organisation is none here.
    let active = holder
        .and_then(|it| it.standing.map(|standing| (it, standing)))
        .filter(|(_, standing)| standing.organization == token.organization);
    active.map_or(Status::HolderInactive, |(holder, standing)| Status::Live(holder, standing))
}
