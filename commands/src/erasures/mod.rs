//! Erasures: the fact first, then the key.
//!
//! ```text
//! t0  `subject.erased` is durable          from here on nothing takes it back
//! t1  the key is withheld in this process  no reader opens, no writer seals with it any more
//! t2  what was opened is let go of         decoded facts, folded states, open segments
//! t3  the addresses are released, the key is erased in the state, and the state's log emptied
//! ```
//!
//! A crash after t0 is finished by the next start and by a worker, and by the same request again: each step may be
//! done twice. Whoever fetched the key before t1 may still append what it sealed with it; that opens for nobody.

mod memory;

pub use memory::Memory;

use crate::{
    asked::Asked,
    context::{Commands, require},
    ledger::{Done, Order, Outcome},
    refusal::{Failure, Refusal},
};
use domain::{
    actor::Holder,
    ids::MemberId,
    member,
    stream::StreamId,
    subject::{self, Erasure, Reason, Subject},
    time::Timestamp,
};
use eventlog::Position;

/// An erasure that was asked for.
#[derive(Clone, Debug)]
pub struct SubjectErased {
    /// Whose.
    pub subject: Subject,
    /// The erasure that stands: the first, if there was one before.
    pub erasure: Erasure,
    /// Where its fact lies.
    pub position: Position,
    /// How it came about.
    pub outcome: Outcome,
}

impl Commands {
    /// Has a subject erased: what is sealed for it can be read by nobody any more, and nothing is sealed for it again.
    ///
    /// # Errors
    /// When the subject is none of the organisation's, can still act, or cannot be erased yet. Where the key could not
    /// be erased the fact stands already: the same call again goes on.
    pub async fn erase_subject(
        &self,
        asked: &Asked,
        subject: Subject,
        reason: Reason,
    ) -> Result<SubjectErased, Refusal> {
        let needs = if asked.organization.is_some() { "personal-data:erase" } else { "platform:operate" };
        require(asked, needs, self.catalogue().await?.as_ref())?;
        self.check_own(asked, subject).await?;
        let order = Order::of(asked, StreamId::Subject(subject), asked.organization);
        let done = self
            .ledger
            .execute::<subject::Rules>(&order, |_, at| {
                let live_tokens = self.live_tokens_of(subject, at);
                Ok(subject::Command::Erase { subject, reason, live_tokens, at })
            })
            .await?;
        if done.outcome != Outcome::DryRun {
            self.carry_out(subject, &done).await?;
        }
        let erasure = done
            .state
            .erasure()
            .copied()
            .ok_or_else(|| Failure::Broken("an erasure that was recorded is not there".to_owned()))?;
        Ok(SubjectErased { subject, erasure, position: done.position, outcome: done.outcome })
    }

    /// Carries out an erasure that was recorded: what a crash left undone. Doing it twice adds nothing.
    ///
    /// # Errors
    /// When the state does not answer: it is to be tried again.
    pub async fn finish_erasure(&self, subject: Subject) -> Result<(), Refusal> {
        let folded = self.ledger.load::<subject::Rules>(StreamId::Subject(subject)).await?;
        self.carry_out(subject, &Done::of(&*folded, Outcome::AlreadySo)).await.map_err(Into::into)
    }

    /// Those of these subjects whose keys were not erased yet.
    ///
    /// # Errors
    /// When the state does not answer.
    pub async fn unfinished_erasures(&self, subjects: Vec<Subject>) -> Result<Vec<Subject>, Refusal> {
        let names: Vec<String> = subjects.iter().map(ToString::to_string).collect();
        let kept = self.ledger.keyring().kept_among(&names).await;
        let kept = kept.map_err(|err| Failure::state(err.to_string()))?;
        Ok(subjects
            .into_iter()
            .zip(names)
            .filter(|(_, name)| kept.contains(name))
            .map(|(it, _)| it)
            .collect())
    }

    /// Whether a member is erased. Nobody acts for one who is.
    pub(crate) async fn is_erased(&self, member: MemberId) -> Result<bool, Failure> {
        let stream = StreamId::Subject(Subject::Member(member));
        Ok(self.ledger.load::<subject::Rules>(stream).await?.state.erasure().is_some())
    }

    /// Members are their organisation's; the strangers of a day are the platform's, whoever they asked.
    async fn check_own(&self, asked: &Asked, subject: Subject) -> Result<(), Refusal> {
        let is_own = match (subject, asked.organization) {
            (Subject::Member(id), Some(organization)) => {
                let member = self.ledger.load::<member::Rules>(StreamId::Member(id)).await?;
                member.state.joined().is_some() && member.organization == Some(organization)
            }
            (Subject::Organization(id), Some(organization)) => id == organization,
            (Subject::Unauthenticated(_), None) => true,
            (Subject::Member(_) | Subject::Organization(_), None)
            | (Subject::Unauthenticated(_), Some(_)) => false,
        };
        if is_own { Ok(()) } else { Err(Refusal::NotFound) }
    }

    fn live_tokens_of(&self, subject: Subject, at: Timestamp) -> u64 {
        match subject {
            Subject::Member(id) => self.ledger.live_tokens_of(Holder::Member(id), at),
            Subject::Organization(_) | Subject::Unauthenticated(_) => 0,
        }
    }

    async fn carry_out(&self, subject: Subject, done: &Done<subject::State>) -> Result<(), Failure> {
        if done.state.erasure().is_none() {
            return Ok(());
        }
        let name = subject.to_string();
        self.ledger.keyring().withhold(&name);
        self.ledger.forget_states();
        for memory in &self.memories {
            memory.forget(&name).await;
        }
        if let (Subject::Member(_), Some(organization)) = (subject, done.organization) {
            let released = self.state.release_addresses_of(&organization.to_string(), &name).await;
            released.map_err(|err| Failure::state(err.to_string()))?;
        }
        // Last, for it is what says that all is done.
        self.ledger.keyring().forget(&name).await.map_err(|err| Failure::state(err.to_string()))
    }
}
