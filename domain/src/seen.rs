//! The commands that a stream has already obeyed, so that a retry is answered and not obeyed again.

use crate::{
    ids::CommandId,
    secret::KeyId,
    time::{Lifespan, Timestamp},
};
use std::collections::VecDeque;

/// How long a repeated command is recognised, by log time.
pub const REMEMBERED: Lifespan = Lifespan::hours(24);

/// The mark that a fact carries when its command came with an idempotency key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandMark {
    /// The command.
    pub id: CommandId,
    /// HMAC-SHA-256 of the request: the same key with another request is a mistake.
    pub mac: [u8; 32],
    /// The key of that HMAC.
    pub mac_key: KeyId,
}

/// What is remembered of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenCommand {
    /// Its mark.
    pub mark: CommandMark,
    /// When its fact was recorded.
    pub at: Timestamp,
    /// The stream's version after its last fact.
    pub version: u64,
}

/// The commands of the last 24 hours, and a stream's first for ever.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    first: Option<SeenCommand>,
    recent: VecDeque<SeenCommand>,
}

impl Seen {
    /// The command of that id, if it is remembered.
    pub fn find(&self, id: CommandId) -> Option<&SeenCommand> {
        self.recent.iter().chain(&self.first).find(|it| it.mark.id == id)
    }

    /// Takes note of a fact's command and lets go of what is too old.
    pub fn note(&mut self, version: u64, mark: Option<&CommandMark>, at: Timestamp) {
        while self.recent.front().is_some_and(|it| it.at.plus(REMEMBERED) <= at) {
            self.recent.pop_front();
        }
        let Some(mark) = mark else { return };
        let seen = SeenCommand { mark: mark.clone(), at, version };
        if version == 1 {
            self.first = Some(seen);
            return;
        }
        match self.recent.back_mut().filter(|it| it.mark.id == mark.id) {
            Some(last) => *last = seen,
            None => self.recent.push_back(seen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn mark(n: u128) -> CommandMark {
        CommandMark { id: CommandId(Uuid::from_u128(n)), mac: [0; 32], mac_key: "k1".parse().unwrap() }
    }

    #[test]
    fn commands_are_forgotten_after_a_day_but_never_the_first() {
        let noon = Timestamp::from_micros(1);
        let mut seen = Seen::default();
        seen.note(1, Some(&mark(1)), noon);
        seen.note(2, Some(&mark(2)), noon);
        seen.note(3, None, noon.plus(REMEMBERED));
        assert!(seen.find(mark(1).id).is_some());
        assert!(seen.find(mark(2).id).is_none());
    }

    #[test]
    fn two_facts_of_one_command_are_one_memory() {
        let mut seen = Seen::default();
        seen.note(2, Some(&mark(2)), Timestamp::EPOCH);
        seen.note(3, Some(&mark(2)), Timestamp::EPOCH);
        assert_eq!(seen.find(mark(2).id).map(|it| it.version), Some(3));
        assert_eq!(seen.recent.len(), 1);
    }
}
