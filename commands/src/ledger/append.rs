use super::{Aggregate, Done, Folded, Ledger, Order, Outcome, folds::fold};
use crate::{
    asked::mark,
    refusal::{Failure, Refusal},
};
use domain::{fact::Recorded, ids::EventId, seen::CommandMark, time::Timestamp};
use eventlog::{Append, AppendError, Appended, NewRecord, StreamName, Version};
use schemas::record::{EncodeError, Made, Unsealed};
use std::{sync::Arc, time::Duration};

/// How often a lost race is run again.
const RACES: u32 = 5;
/// How often the same bytes are sent again when the outcome is unknown.
const SENDINGS: u32 = 3;
/// How long one append may take.
const APPEND_WITHIN: Duration = Duration::from_secs(5);
/// How long the gates may take to know.
const FENCE_WITHIN: Duration = Duration::from_millis(800);

impl Ledger {
    /// Decides on the stream's present state and appends what follows, once, whatever races and losses happen.
    ///
    /// `wish` is asked anew for each attempt, with the state and the time of that attempt.
    pub(crate) async fn execute<A: Aggregate>(
        &self,
        order: &Order<'_>,
        mut wish: impl FnMut(&A::State, Timestamp) -> Result<A::Command, Refusal>,
    ) -> Result<Done<A::State>, Refusal>
    where
        Refusal: From<A::Rejection>,
    {
        let _turn = self.queues.turn(order.stream).await;
        let mark = order.asked.and_then(|it| mark(it, &self.mac));
        let generation = A::cache(&self.folds).generation();
        for race in 0..RACES {
            let folded = if order.unwritten && race == 0 {
                Arc::default()
            } else {
                self.load::<A>(order.stream).await?
            };
            if let Some(done) = self.repeated::<A>(&folded, mark.as_ref()).await? {
                return Ok(done);
            }
            check_version(order, folded.version)?;
            let at = self.clock.now();
            let events = A::decide(&folded.state, &wish(&folded.state, at)?)?;
            if events.is_empty() {
                self.reach(&folded).await?;
                return Ok(Done::of(&folded, Outcome::AlreadySo));
            }
            let facts = self.facts::<A>(order, mark.as_ref(), &folded, events, at)?;
            if order.asked.is_some_and(|it| it.dry_run) {
                return Ok(Done::of(&*after::<A>(&folded, &facts, None)?, Outcome::DryRun));
            }
            let era = self.fresh.era();
            let made = self.seal(&facts).await?;
            let append = append_of(folded.version, &made)?;
            // Until the gate has read them it need not open what is known here.
            let _keeping = self.fresh.keep(era, made);
            if let Some(appended) = self.append(append).await? {
                let folded = after::<A>(&folded, &facts, Some(appended))?;
                A::cache(&self.folds).put(generation, order.stream, folded.clone());
                self.reach(&folded).await?;
                return Ok(Done::of(&folded, Outcome::Appended));
            }
        }
        Err(Refusal::Contended)
    }

    /// The same again is answered from the state; the same key with another request is a mistake.
    async fn repeated<A: Aggregate>(
        &self,
        folded: &Arc<Folded<A::State>>,
        mark: Option<&CommandMark>,
    ) -> Result<Option<Done<A::State>>, Refusal> {
        let Some((mark, seen)) = mark.and_then(|it| Some((it, folded.seen.find(it.id)?))) else {
            return Ok(None);
        };
        if seen.mark.mac != mark.mac {
            return Err(Refusal::IdempotencyMismatch);
        }
        self.reach(folded).await?;
        Ok(Some(Done::of(folded, Outcome::Repeated)))
    }

    /// Waits until the gates know all of a stream. A command that finds all already so waits too: the one before
    /// may have been cut off between its append and its fence.
    async fn reach<State>(&self, folded: &Folded<State>) -> Result<(), Failure> {
        let position = folded.position;
        match tokio::time::timeout(FENCE_WITHIN, self.fence.reach(position)).await {
            Ok(reached) => Ok(reached?),
            Err(_) => Err(crate::fence::FenceError { position, why: "it takes too long".to_owned() }.into()),
        }
    }

    fn facts<A: Aggregate>(
        &self,
        order: &Order<'_>,
        mark: Option<&CommandMark>,
        folded: &Folded<A::State>,
        events: Vec<A::Event>,
        at: Timestamp,
    ) -> Result<Vec<Arc<Recorded>>, Failure> {
        let versions = (folded.version.0 + 1)..;
        let fact = |(version, event): (u64, A::Event)| {
            Ok(Arc::new(Recorded {
                id: self.event_id()?,
                stream: order.stream,
                version,
                organization: order.organization,
                recorded_at: at,
                command: mark.cloned(),
                actor: order.actor.clone(),
                request: order.request.cloned(),
                causation: order.causation,
                correlation: order.correlation.clone(),
                fact: A::fact(event),
            }))
        };
        versions.zip(events).map(fact).collect()
    }

    /// Random, never derived: two requests with one key must not both be told that theirs is the one that stands.
    fn event_id(&self) -> Result<EventId, Failure> {
        let mut bits = [0; 16];
        self.randomness.fill(&mut bits).map_err(|err| Failure::Broken(err.to_string()))?;
        Ok(EventId::from_bits(u128::from_be_bytes(bits)))
    }

    /// Appends; nothing is returned where others were faster.
    async fn append(&self, append: Append) -> Result<Option<Appended>, Refusal> {
        let mut why = String::new();
        for _ in 0..SENDINGS {
            match tokio::time::timeout(APPEND_WITHIN, self.log.append(append.clone())).await {
                Ok(Ok(appended)) => return Ok(Some(appended)),
                Ok(Err(AppendError::Conflict { .. })) => return Ok(None),
                // Versions decide: the same event ids at the same versions are the first outcome.
                Ok(Err(AppendError::Unknown(reason))) => why = reason,
                Ok(Err(AppendError::Full)) => return Err(Failure::Full.into()),
                Ok(Err(AppendError::TooLarge { .. })) => return Err(Refusal::TooLarge),
                Ok(Err(err @ AppendError::Unavailable(_))) => {
                    return Err(Failure::ledger(err.to_string()).into());
                }
                Ok(Err(err @ AppendError::Empty)) => return Err(Failure::Broken(err.to_string()).into()),
                Err(_) => {
                    return Err(Failure::ledger("no answer within 5 seconds; the outcome is unknown").into());
                }
            }
        }
        Err(Failure::ledger(why).into())
    }

    /// The keys of what is sealed are durable before it is appended.
    ///
    /// Where one is erased, whoever acts or is named is so since this began: nothing of them is recorded any more.
    async fn seal(&self, facts: &[Arc<Recorded>]) -> Result<Vec<Made>, Refusal> {
        let unsealed: Vec<Unsealed<'_>> = facts.iter().map(|it| Unsealed::of(it)).collect();
        let subjects: Vec<&str> = unsealed.iter().flat_map(Unsealed::subjects).collect();
        let keys =
            self.keyring.keys_for_sealing(&subjects).await.map_err(|err| Failure::state(err.to_string()))?;
        let seal = |(fact, unsealed): (&Arc<Recorded>, Unsealed<'_>)| {
            let written = unsealed.seal(&keys, self.randomness.as_ref()).map_err(not_encoded)?;
            Ok(Made { recorded: Arc::clone(fact), written })
        };
        facts.iter().zip(unsealed).map(seal).collect()
    }
}

fn not_encoded(err: EncodeError) -> Refusal {
    match err {
        EncodeError::NoKey(subject) => Refusal::Erased { subject },
        err @ (EncodeError::Randomness(_) | EncodeError::Json(_)) => Failure::Broken(err.to_string()).into(),
    }
}

fn append_of(expected: Version, made: &[Made]) -> Result<Append, Failure> {
    let first = made.first().ok_or_else(|| Failure::Broken("there is nothing to append".to_owned()))?;
    let stream = StreamName::new(Arc::clone(&first.written.stream));
    let record = |it: &Made| NewRecord {
        event_id: it.recorded.id.bits().to_be_bytes(),
        bytes: it.written.bytes.clone(),
    };
    Ok(Append { stream, expected, records: made.iter().map(record).collect() })
}

fn check_version(order: &Order<'_>, version: Version) -> Result<(), Refusal> {
    match order.asked.and_then(|it| it.expected_version) {
        Some(expected) if expected != version.0 => Err(Refusal::VersionMismatch { actual: version.0 }),
        Some(_) | None => Ok(()),
    }
}

fn after<A: Aggregate>(
    before: &Arc<Folded<A::State>>,
    facts: &[Arc<Recorded>],
    appended: Option<Appended>,
) -> Result<Arc<Folded<A::State>>, Failure> {
    let mut folded = before.as_ref().clone();
    let position = appended.map_or(before.position, |it| it.position);
    for fact in facts {
        fold::<A>(&mut folded, fact, position).map_err(Failure::Broken)?;
    }
    Ok(Arc::new(folded))
}
