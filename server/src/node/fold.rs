//! The full fold: the gate reads the whole ledger before anybody is answered.

use anyhow::Context;
use domain::time::Timestamp;
use eventlog::{EventLog, Limit, Position};
use projections::{feed::Feed, gate::Gate};
use schemas::record::Sealed;

use super::{mark::Mark, remedy, shelf::StateShelf};

/// What is read at once.
const PAGE: Limit = Limit { records: 4_096, bytes: 4 << 20 };

/// What the fold reads.
pub(crate) struct Folding<'a> {
    pub(crate) log: &'a dyn EventLog,
    pub(crate) feed: &'a Feed,
    pub(crate) shelf: &'a StateShelf,
}

/// What the fold found besides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Folded {
    /// The greatest instant at which any fact was recorded.
    pub(crate) log_time: Timestamp,
    /// What could not be opened.
    pub(crate) keyless: Option<Keyless>,
}

/// Boxes whose keys are not there, although nobody has erased them. What they hold reads as erased.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Keyless {
    /// The first record with such a box.
    pub(crate) position: Position,
    /// How many subjects have no key.
    pub(crate) subjects: usize,
}

impl Folding<'_> {
    /// Folds the whole ledger into the gate.
    ///
    /// Each record is held against its leaf on the way, and one against what was seen of the ledger before.
    ///
    /// # Errors
    /// With the place and the remedy, when a record is not what was appended, cannot be read, or is not what was seen;
    /// when the keys cannot be had.
    pub(crate) async fn into_gate(self, gate: &Gate, seen: Option<Mark>) -> anyhow::Result<Folded> {
        let (mut log_time, mut head) = (Timestamp::EPOCH, Position(0));
        // The end of the last page that was opened whole.
        let mut opened = Position(0);
        self.shelf.note_missed();
        loop {
            let page = self.feed.page(gate.position(), PAGE).await;
            let page = page.map_err(|err| {
                let remedy = remedy::of_feed(&err);
                anyhow::Error::new(err).context(remedy)
            })?;
            for event in &page.events {
                log_time = log_time.max(event.recorded.recorded_at);
                seen.map_or(Ok(()), |it| it.check(event.position, event.leaf))?;
            }
            gate.apply(&page.events).map_err(|err| {
                let remedy = remedy::of_gate(&err);
                anyhow::Error::new(err).context(remedy)
            })?;
            if !self.shelf.has_missed() {
                opened = gate.position();
            }
            head = head.max(page.head);
            if page.events.is_empty() || head <= gate.position() {
                break;
            }
        }
        seen.map_or(Ok(()), |it| it.check_head(gate.position()))?;
        let keyless = self.keyless(opened).await.context("the ledger could not be read again")?;
        Ok(Folded { log_time, keyless })
    }

    /// Where the first box without a key is, in the page after a position; the whole ledger is not read again.
    async fn keyless(&self, opened: Position) -> anyhow::Result<Option<Keyless>> {
        let missed = self.shelf.take_missed();
        if missed.is_empty() {
            return Ok(None);
        }
        let mut position = opened;
        loop {
            let page = self.log.read_all(position, PAGE).await?;
            for record in &page.records {
                let sealed = Sealed::parse(&record.bytes)?;
                if sealed.subjects().any(|it| missed.contains(it)) {
                    return Ok(Some(Keyless { position: record.position, subjects: missed.len() }));
                }
            }
            let Some(last) = page.records.last() else { return Ok(None) };
            position = last.position;
        }
    }
}

impl Keyless {
    /// Says it to whoever reads the log.
    pub(crate) fn warn(self) {
        tracing::warn!(
            position = self.position.0,
            subjects = self.subjects,
            "data keys are missing from `state.db`: texts and personal data sealed under them read as erased; put \
             back a `state.db` that holds them"
        );
    }
}
