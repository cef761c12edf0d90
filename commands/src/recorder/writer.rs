//! The one who writes: page after page, in order, each until it is durable.

use std::sync::Arc;

use domain::time::Lifespan;
use eventlog::usage::UsageLog;
use schemas::sealing::Keyring;
use schemas::usage::{NodeStart, Page, PushError};

use super::desk::{Desk, Load, Work};
use super::segments::Segments;
use super::subjects::Subjects;
use crate::clock::LedgerClock;

/// How long the first repetition of what failed waits,
const FIRST_PAUSE: Lifespan = Lifespan::from_micros(10_000);
/// and every one at most.
const LONGEST_PAUSE: Lifespan = Lifespan::from_micros(500_000);

/// The writer was told to stop and could not write.
pub(super) struct GivenUp;

/// Writes what a recorder takes in. Run it on a thread of its own: it encodes and compresses.
pub struct Writer {
    desk: Arc<Desk>,
    clock: Arc<LedgerClock>,
    subjects: Subjects,
    segments: Segments,
}

/// Waits longer each time, until it goes well.
pub(super) struct Patience<'w> {
    desk: &'w Desk,
    clock: &'w LedgerClock,
    pause: Lifespan,
}

impl<'w> Patience<'w> {
    pub(super) fn new(desk: &'w Desk, clock: &'w LedgerClock) -> Self {
        Self { desk, clock, pause: FIRST_PAUSE }
    }

    /// Notes why it failed, and waits before it is tried again.
    pub(super) async fn after(&mut self, why: String) -> Result<(), GivenUp> {
        self.desk.standing.note_trouble(why);
        let until = self.clock.now().plus(self.pause);
        while self.clock.now() < until {
            if self.desk.is_given_up() {
                return Err(GivenUp);
            }
            self.clock.towards(until).await;
        }
        self.pause = Lifespan::from_micros(self.pause.micros() * 2).min(LONGEST_PAUSE);
        Ok(())
    }

    /// Notes that no repetition can help.
    pub(super) fn broken(&self, why: String) -> Result<(), GivenUp> {
        self.desk.standing.note_broken(why);
        Err(GivenUp)
    }

    /// Notes that it went well.
    pub(super) fn end(self) {
        self.desk.standing.note_well();
    }
}

impl Writer {
    pub(super) fn new(
        desk: Arc<Desk>,
        log: Arc<dyn UsageLog>,
        keyring: Arc<Keyring>,
        clock: Arc<LedgerClock>,
        node_start: NodeStart,
        incarnation: u32,
    ) -> Self {
        let segments = Segments::new(log, node_start, incarnation);
        Self { desk, clock, subjects: Subjects::new(keyring), segments }
    }

    /// Writes until the recorder is told to stop.
    pub async fn run(mut self) {
        loop {
            let Load { page, upto, segment_ends, is_last } = self.next().await;
            if self.write(&page).await.is_err() {
                return self.desk.note_ended(false);
            }
            if !segment_ends.is_empty() && self.end_segment().await.is_err() {
                return self.desk.note_ended(false);
            }
            self.desk.note_durable(upto, page);
            for told in segment_ends {
                // Whoever does not wait any more needs not be told.
                let _ = told.send(());
            }
            if is_last {
                return self.desk.note_ended(self.desk.standing.broken().is_none());
            }
        }
    }

    async fn next(&self) -> Load {
        loop {
            match self.desk.work(self.clock.now()) {
                Work::Load(load) => return load,
                Work::Nothing => self.desk.told().await,
                Work::Until(at) => tokio::select! {
                    () = self.desk.told() => {}
                    () = self.clock.towards(at) => {}
                },
            }
        }
    }

    async fn write(&mut self, page: &Page) -> Result<(), GivenUp> {
        self.gather_keys(page).await?;
        let Self { desk, clock, subjects, segments } = self;
        let patience = || Patience::new(desk, clock);
        for row in page.rows() {
            let (client, organization) = subjects.of(&row);
            let decision = row.decision(client, organization);
            let mut pushed = segments.push(&decision);
            if pushed == Err(PushError::SegmentOver) {
                segments.end(subjects.keys(), patience()).await?;
                pushed = segments.push(&decision);
            }
            match pushed {
                Ok(true) => {
                    segments.close_block(subjects.keys(), patience()).await?;
                    desk.note_progress(row.time_us());
                }
                Ok(false) => {}
                Err(err) => return patience().broken(err.to_string()),
            }
        }
        segments.close_block(subjects.keys(), patience()).await
    }

    async fn gather_keys(&mut self, page: &Page) -> Result<(), GivenUp> {
        let mut patience = Patience::new(&self.desk, &self.clock);
        while let Err(err) = self.subjects.gather(page).await {
            patience.after(err.to_string()).await?;
        }
        Ok(())
    }

    async fn end_segment(&mut self) -> Result<(), GivenUp> {
        let patience = Patience::new(&self.desk, &self.clock);
        self.segments.end(self.subjects.keys(), patience).await
    }
}
