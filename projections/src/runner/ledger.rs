//! The ledger as a source: each fact is an entry of its own.

use bytes::Bytes;
use domain::fact::Fact;
use domain::stream::StreamId;
use domain::subject;
use domain::time::Timestamp;
use eventlog::{Limit, Position, ReadError};

use super::outcome::chain;
use super::{Checkpoint, Entry, Head, Page, Source, SourceError};
use crate::feed::{Event, Feed, FeedError};

impl Entry for Event {
    type Event = Self;

    fn position(&self) -> Position {
        self.position
    }

    fn events(&self) -> &[Self] {
        std::slice::from_ref(self)
    }

    fn pass(&self, before: &Checkpoint) -> Checkpoint {
        let logged_at = before.logged_at.max(self.recorded.recorded_at);
        Checkpoint { position: self.position, leaf: self.leaf, logged_at, resume: Bytes::new() }
    }

    fn erases(&self) -> Option<String> {
        match (self.recorded.stream, &self.recorded.fact) {
            (StreamId::Subject(subject), Fact::Subject(subject::Event::Erased { .. })) => {
                Some(subject.to_string())
            }
            _ => None,
        }
    }

    fn name(&self) -> String {
        format!("{} {}", self.kind, self.recorded.id)
    }
}

impl Source for Feed {
    type Entry = Event;
    type Memory = ();

    fn lane(&self) -> u16 {
        0
    }

    fn head(&self) -> Head {
        Head::Ledger(Self::head(self))
    }

    async fn page(
        &self,
        after: &Checkpoint,
        _memory: &mut (),
        limit: Limit,
    ) -> Result<Page<Event>, SourceError> {
        let page = Self::page(self, after.position, limit).await;
        let page = page.map_err(|err| meaning(&err, after.position))?;
        Ok(Page { entries: page.events, head: page.head, bytes: page.bytes })
    }

    async fn check_origin(&self, checkpoint: &Checkpoint) -> Result<(), SourceError> {
        let position = checkpoint.position;
        let foreign = |why| Err(SourceError::Foreign(why));
        let before = Position(position.0.saturating_sub(1));
        let page = Self::page(self, before, Limit { records: 1, bytes: 0 }).await;
        match page.map_err(|err| meaning(&err, position))?.events.first() {
            Some(event) if event.leaf == checkpoint.leaf => Ok(()),
            Some(_) => foreign(format!("the view comes from another ledger: at {position}")),
            None => foreign(format!("the view is at {position}, beyond the ledger's head")),
        }
    }

    async fn logged_at(&self, position: Position) -> Option<Timestamp> {
        let before = Position(position.0.saturating_sub(1));
        let page = Self::page(self, before, Limit { records: 1, bytes: 0 }).await.ok()?;
        page.events.first().map(|it| it.recorded.recorded_at)
    }
}

/// What it means to a view at `after` that the ledger cannot be read.
fn meaning(err: &FeedError, after: Position) -> SourceError {
    let why = chain(err);
    match err {
        FeedError::Damaged { position: at, .. } | FeedError::Log(ReadError::Damaged { position: at, .. }) => {
            SourceError::Damaged { at: *at, why }
        }
        FeedError::Log(ReadError::Beyond { .. }) if after != Position(0) => {
            SourceError::Foreign(format!("the view knows more than the ledger: {why}"))
        }
        FeedError::Log(ReadError::Beyond { .. } | ReadError::Unavailable(_)) | FeedError::Keys(_) => {
            SourceError::Unavailable(why)
        }
    }
}
