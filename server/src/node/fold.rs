//! The fold: the gate reads all of the ledger that it does not know yet, before anybody is answered.

use std::collections::BTreeSet;

use anyhow::Context;
use domain::ids::OrganizationId;
use eventlog::{EventLog, Limit, Position};
use projections::{feed::Feed, gate::Gate};
use schemas::{events::text_subject, record::Sealed};

use super::{mark::Mark, remedy, shelf::StateShelf};

/// What is read at once.
pub(super) const PAGE: Limit = Limit { records: 4_096, bytes: 4 << 20 };

/// What the fold reads.
#[derive(Clone, Copy)]
pub(crate) struct Folding<'a> {
    pub(crate) log: &'a dyn EventLog,
    pub(crate) feed: &'a Feed,
    pub(crate) shelf: &'a StateShelf,
}

/// What the fold found besides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Folded {
    /// What could not be opened.
    pub(crate) keyless: Option<Keyless>,
    /// Whether there are texts among it that the gate would answer with.
    pub(crate) lacks_texts: bool,
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
    /// Folds into the gate what the ledger holds behind it.
    ///
    /// Each record is held against its leaf on the way, and one against what was seen of the ledger before.
    ///
    /// # Errors
    /// With the place and the remedy, when a record is not what was appended, cannot be read, or is not what was seen;
    /// when the keys cannot be had.
    pub(crate) async fn into_gate(self, gate: &Gate, seen: Option<Mark>) -> anyhow::Result<Folded> {
        let mut head = Position(0);
        // The end of the last page that was opened whole.
        let mut opened = gate.position();
        self.check_behind(opened, seen).await?;
        self.shelf.note_missed();
        loop {
            let page = self.feed.page(gate.position(), PAGE).await;
            let page = page.map_err(|err| {
                let remedy = remedy::of_feed(&err);
                anyhow::Error::new(err).context(remedy)
            })?;
            for event in &page.events {
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
        let missed = self.shelf.take_missed();
        let lacks_texts = missed.iter().any(|it| is_of_texts(it));
        let keyless = self.keyless(opened, &missed).await.context("the ledger could not be read again")?;
        Ok(Folded { keyless, lacks_texts })
    }

    /// Holds the record that was seen last against the ledger, where the fold will not come past it.
    async fn check_behind(&self, position: Position, seen: Option<Mark>) -> anyhow::Result<()> {
        let Some(seen) = seen.filter(|it| it.position <= position) else { return Ok(()) };
        let Some(before) = seen.position.0.checked_sub(1) else { return Ok(()) };
        let page = self.log.read_all(Position(before), Limit { records: 1, bytes: 0 }).await?;
        page.records.first().map_or(Ok(()), |it| seen.check(it.position, it.leaf))?;
        Ok(())
    }

    /// Where the first box without a key is, in the page after a position; the whole ledger is not read again.
    async fn keyless(&self, opened: Position, missed: &BTreeSet<String>) -> anyhow::Result<Option<Keyless>> {
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

/// Whether callers' texts are sealed for that subject: an organisation, or the platform.
fn is_of_texts(subject: &str) -> bool {
    subject == text_subject(None) || subject.parse::<OrganizationId>().is_ok()
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
