//! Folded states, and the bounded cache of them. A state is as fresh as the log: it is brought up to date before
//! each use, and never taken from a view.

use super::Folds;
use domain::{
    actor::Actor,
    decider::Decider,
    fact::{Fact, Recorded},
    ids::OrganizationId,
    member, organization, platform,
    seen::Seen,
    stream::StreamId,
    subject, token, usage_gap,
};
use eventlog::{Position, Version};
use lru::LruCache;
use parking_lot::Mutex;
use std::{num::NonZeroUsize, sync::Arc};

/// What a stream's facts amount to, and how far they were read.
#[derive(Clone, Debug)]
pub(crate) struct Folded<State> {
    pub(crate) state: State,
    pub(crate) version: Version,
    /// Where the last fact lies in the log.
    pub(crate) position: Position,
    /// The organisation that the stream belongs to.
    pub(crate) organization: Option<OrganizationId>,
    /// Who is behind the first fact.
    pub(crate) created_by: Option<Actor>,
    pub(crate) seen: Seen,
}

impl<State: Default> Default for Folded<State> {
    fn default() -> Self {
        Self {
            state: State::default(),
            version: Version(0),
            position: Position(0),
            organization: None,
            created_by: None,
            seen: Seen::default(),
        }
    }
}

/// A kind of stream: how its events are facts, and which cache keeps its states.
pub(crate) trait Aggregate: Decider {
    fn fact(event: Self::Event) -> Fact;
    fn event(fact: &Fact) -> Option<&Self::Event>;
    fn cache(folds: &Folds) -> &FoldCache<Self>;
}

macro_rules! aggregate {
    ($module:ident, $fact:ident, $cache:ident) => {
        impl Aggregate for $module::Rules {
            fn fact(event: $module::Event) -> Fact {
                Fact::$fact(event)
            }

            fn event(fact: &Fact) -> Option<&$module::Event> {
                if let Fact::$fact(event) = fact { Some(event) } else { None }
            }

            fn cache(folds: &Folds) -> &FoldCache<Self> {
                &folds.$cache
            }
        }
    };
}

aggregate!(platform, Platform, platform);
aggregate!(organization, Organization, organization);
aggregate!(member, Member, member);
aggregate!(token, Token, token);
aggregate!(subject, Subject, subject);
aggregate!(usage_gap, UsageGap, usage_gap);

/// Folds one more fact. A fact of another kind in the stream is damage, and is said to be.
pub(super) fn fold<A: Aggregate + ?Sized>(
    folded: &mut Folded<A::State>,
    recorded: &Recorded,
    position: Position,
) -> Result<(), String> {
    let Some(event) = A::event(&recorded.fact) else {
        return Err(format!("version {} of `{}` does not belong there", recorded.version, recorded.stream));
    };
    let state = std::mem::take(&mut folded.state);
    folded.state = A::evolve(state, event, recorded.recorded_at);
    folded.version = Version(recorded.version);
    folded.position = position;
    folded.organization = recorded.organization;
    folded.created_by.get_or_insert_with(|| recorded.actor.clone());
    folded.seen.note(recorded.version, recorded.command.as_ref(), recorded.recorded_at);
    Ok(())
}

/// The states used last, bounded in number.
pub(crate) struct FoldCache<A: Decider + ?Sized>(Mutex<Kept<A::State>>);

struct Kept<State> {
    states: LruCache<StreamId, Arc<Folded<State>>>,
    generation: Generation,
}

/// Moves whenever all states are let go of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Generation(u64);

impl<A: Aggregate + ?Sized> FoldCache<A> {
    pub(super) fn keeping(states: usize) -> Self {
        let states = LruCache::new(NonZeroUsize::new(states).unwrap_or(NonZeroUsize::MIN));
        Self(Mutex::new(Kept { states, generation: Generation::default() }))
    }

    pub(super) fn get(&self, stream: StreamId) -> Option<Arc<Folded<A::State>>> {
        self.0.lock().states.get(&stream).cloned()
    }

    /// To be asked before what a state is made of is opened, and given back with the state.
    pub(super) fn generation(&self) -> Generation {
        self.0.lock().generation
    }

    /// Keeps a state, unless a later one is kept already, or all was let go of since it was begun:
    ///
    /// ```text
    /// t0  A: opens ada's name                 t1  B: withholds ada's key, then lets go of all states
    /// t2  A: would keep a state with her name, which nothing would take away any more
    /// ```
    pub(super) fn put(&self, generation: Generation, stream: StreamId, folded: Arc<Folded<A::State>>) {
        let mut kept = self.0.lock();
        let is_newer = kept.states.peek(&stream).is_none_or(|it| it.version < folded.version);
        if kept.generation == generation && is_newer {
            kept.states.put(stream, folded);
        }
    }

    pub(super) fn clear(&self) {
        let mut kept = self.0.lock();
        kept.generation.0 += 1;
        kept.states.clear();
    }
}
