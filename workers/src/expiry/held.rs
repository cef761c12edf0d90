//! Tokens whose end could not be noted: each waits for itself, and stands in no other's way.

use std::collections::{HashMap, HashSet};

use commands::refusal::Refusal;
use domain::{
    ids::TokenId,
    time::{Lifespan, Timestamp},
};
use projections::{
    runner::{Backoff, chain},
    timers::Timer,
};

/// The most tokens that wait for themselves. When so many cannot be fired it is no matter of theirs.
pub(super) const MOST: usize = 1_000;

/// Those that wait, with how long.
#[derive(Default)]
pub(super) struct Held(HashMap<TokenId, Wait>);

struct Wait {
    backoff: Backoff,
    until: Timestamp,
}

impl Held {
    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Of all that is due at `now`, what does not wait. Whose time to be tried again has come and who is not due any
    /// more is forgotten.
    pub(super) fn free(&mut self, due: Vec<Timer>, now: Timestamp) -> Vec<Timer> {
        let tokens: HashSet<TokenId> = due.iter().map(|it| it.token).collect();
        self.0.retain(|token, wait| now < wait.until || tokens.contains(token));
        due.into_iter().filter(|it| self.0.get(&it.token).is_none_or(|wait| wait.until <= now)).collect()
    }

    /// The first of these timers that does not wait.
    pub(super) fn first_free<'t>(&self, timers: &'t [Timer]) -> Option<&'t Timer> {
        timers.iter().find(|it| !self.0.contains_key(&it.token))
    }

    /// When the first of them is to be tried again.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.0.values().map(|it| it.until).min()
    }

    /// The token was fired.
    pub(super) fn fired(&mut self, token: TokenId) {
        if self.0.remove(&token).is_some() {
            tracing::info!(%token, "the end of the token's time is noted after all");
        }
    }

    /// The token could not be fired: it waits, longer each time; said once.
    ///
    /// # Errors
    /// With the reason, when too many wait already.
    pub(super) fn failed(&mut self, token: TokenId, why: Refusal, now: Timestamp) -> Result<(), Refusal> {
        if !self.0.contains_key(&token) {
            if MOST <= self.0.len() {
                return Err(why);
            }
            tracing::warn!(%token, reason = chain(&why), "the end of a token's time cannot be noted: tried again");
        }
        let wait = self.0.entry(token).or_insert(Wait { backoff: Backoff::new(), until: now });
        let micros = wait.backoff.wait().as_micros();
        wait.until = now.plus(Lifespan::from_micros(i64::try_from(micros).unwrap_or(i64::MAX)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::EventId;

    use super::*;
    use crate::testing::NOON;

    fn timer(n: u128) -> Timer {
        Timer { token: TokenId::from_bits(n), organization: None, due_at: NOON, cause: EventId::from_bits(n) }
    }

    fn after(millis: i64) -> Timestamp {
        NOON.plus(Lifespan::from_micros(millis * 1_000))
    }

    #[test]
    fn who_failed_is_left_out_until_it_is_tried_again_later_each_time() {
        let mut held = Held::default();
        let (one, other) = (timer(1), timer(2));
        let due = || vec![one.clone(), other.clone()];
        let mut now = 0;
        for wait in [50, 100, 200, 400] {
            assert_eq!(held.free(due(), after(now)), due());
            held.failed(one.token, Refusal::Contended, after(now)).unwrap();
            assert_eq!(held.next(), Some(after(now + wait)));
            assert_eq!(held.free(due(), after(now + wait - 1)), std::slice::from_ref(&other));
            assert_eq!(held.first_free(&due()), Some(&other));
            now += wait;
        }
        held.fired(one.token);
        assert_eq!((held.len(), held.next()), (0, None));
    }

    #[test]
    fn who_is_due_no_more_is_forgotten() {
        let mut held = Held::default();
        held.failed(timer(1).token, Refusal::Contended, NOON).unwrap();
        held.free(vec![], after(49));
        assert_eq!(held.len(), 1, "it may be due still");
        held.free(vec![], after(50));
        assert_eq!(held.len(), 0);
    }

    #[test]
    fn so_many_are_a_matter_of_the_worker() {
        let mut held = Held::default();
        for n in 0..MOST {
            held.failed(timer(n as u128).token, Refusal::Contended, NOON).unwrap();
        }
        assert!(held.failed(timer(0).token, Refusal::Contended, NOON).is_ok(), "it waits already");
        assert!(held.failed(timer(MOST as u128).token, Refusal::NotFound, NOON).is_err());
        assert_eq!(held.len(), MOST);
    }
}
