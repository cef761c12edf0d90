//! How the gate comes to know what it must know before anybody is answered: from its snapshot and what came after,
//! or from the whole ledger.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use eventlog::{EventLog as _, Position, SqliteLog};
use projections::{
    gate::{Doubt, Gate},
    runner::chain,
};

use super::{
    fold::{Folded, Folding},
    mark::Mark,
    snapshots::{Snapshots, Used},
};

/// All that a beginning needs.
pub(crate) struct Beginning<'a> {
    pub(crate) log: &'a Arc<SqliteLog>,
    pub(crate) gate: &'a Gate,
    pub(crate) snapshots: &'a Snapshots,
    pub(crate) folding: Folding<'a>,
    pub(crate) seen: Option<Mark>,
}

/// How a gate has begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Begun {
    /// The snapshot, where one was used. The pages and records of the ledger are then still to be checked.
    pub(crate) snapshot: Option<Used>,
    /// The facts that were read.
    pub(crate) facts: u64,
    /// How long that took; with the check of all pages, where there was no snapshot.
    pub(crate) took: Duration,
}

impl Beginning<'_> {
    /// Brings the gate to the head of the ledger.
    ///
    /// # Errors
    /// As [`Folding::into_gate`]; and where there is no snapshot, when a page of the ledger is damaged.
    pub(crate) async fn begin(self) -> anyhow::Result<Begun> {
        let begun = match self.by_snapshot().await {
            Ok(begun) => begun,
            Err(doubt) => {
                self.tell(&doubt);
                self.by_ledger().await?
            }
        };
        if let Some(Used { position, bytes, took }) = begun.snapshot {
            tracing::info!(
                position = position.0,
                bytes,
                millis = took.as_millis(),
                tail = begun.facts,
                tail_millis = begun.took.as_millis(),
                "the gate was loaded from its snapshot"
            );
        }
        Ok(begun)
    }

    /// From the snapshot, and what came after it.
    async fn by_snapshot(&self) -> Result<Begun, Reason> {
        self.folding.shelf.note_missed();
        let used = self.snapshots.load(self.log.as_ref()).await.map_err(Reason::Doubt)?;
        let begun = match self.folding.shelf.take_missed().pop_first() {
            // What was erased is not missed: this key is lost, and the ledger tells from where on.
            Some(subject) => Err(Reason::Doubt(Doubt::KeyMissing(subject))),
            None => self.fold().await.map_err(Reason::Tail),
        };
        let (facts, took) = begun.inspect_err(|_| self.gate.forget())?;
        Ok(Begun { snapshot: Some(used), facts, took })
    }

    /// From the whole ledger, whose pages are checked meanwhile.
    async fn by_ledger(&self) -> anyhow::Result<Begun> {
        let (checked, folded) = tokio::join!(self.log.check(), self.fold());
        checked?;
        let (facts, took) = folded?;
        Ok(Begun { snapshot: None, facts, took })
    }

    async fn fold(&self) -> anyhow::Result<(u64, Duration)> {
        let (began, before) = (Instant::now(), self.gate.position());
        let Folded { keyless, lacks_texts } = self.folding.into_gate(self.gate, self.seen).await?;
        if let Some(keyless) = keyless {
            keyless.warn();
        }
        if lacks_texts {
            self.snapshots.forbid("data keys of texts in it are missing");
        }
        Ok((self.gate.position().0.saturating_sub(before.0), began.elapsed()))
    }

    fn tell(&self, reason: &Reason) {
        let head = *self.log.head().borrow();
        match reason {
            // There is nothing yet that it could say.
            Reason::Doubt(Doubt::Missing) if head == Position(0) => {}
            Reason::Doubt(Doubt::Missing) => {
                tracing::info!(records = head.0, "the gate has no snapshot: the whole ledger is read");
            }
            Reason::Doubt(doubt) => {
                let reason = chain(doubt);
                tracing::warn!(
                    reason,
                    records = head.0,
                    "the gate's snapshot is not used: the whole ledger is read"
                );
            }
            Reason::Tail(err) => {
                let reason = format!("what came after it does not fit: {err:#}");
                tracing::warn!(
                    reason,
                    records = head.0,
                    "the gate's snapshot is not used: the whole ledger is read"
                );
            }
        }
    }
}

/// Why a snapshot was not used.
enum Reason {
    /// It was not believed.
    Doubt(Doubt),
    /// It was, but the gate could not go on from there.
    Tail(anyhow::Error),
}
