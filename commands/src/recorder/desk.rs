//! The desk between those who record and the one who writes.

use std::time::Duration;

use domain::time::Timestamp;
use parking_lot::Mutex;
use schemas::usage::{Circumstances, Decided, Intake, MAX_ROWS, MAX_SPAN_US, Page, Receipt};
use tokio::sync::{Notify, oneshot, watch};

use super::standing::{Standing, Unready};

/// Rows that an empty page keeps room for.
const KEPT_ROWS: usize = 4 * MAX_ROWS;

/// Where decisions lie until the writer takes them, and how far it is.
pub(super) struct Desk {
    taken: Mutex<Taken>,
    /// Tells the writer that there is something to do.
    work: Notify,
    /// Decisions with smaller counters are durable.
    durable: watch::Sender<u64>,
    /// Whether the writer has ended, and wrote everything.
    ended: watch::Sender<Option<bool>>,
    pub(super) standing: Standing,
}

#[derive(Default)]
struct Taken {
    intake: Intake,
    /// An empty page, its room kept.
    spare: Page,
    /// Bytes of the page that is being written.
    writing: usize,
    /// Counters below this are with the writer or durable.
    handed: u64,
    /// Decisions below this are waited for.
    wanted: u64,
    /// Who waits for the segment's end.
    segment_ends: Vec<oneshot::Sender<()>>,
    is_stopping: bool,
}

/// What the writer has to do.
pub(super) enum Work {
    /// Write this.
    Load(Load),
    /// Look again at this instant, or when told.
    Until(Timestamp),
    /// Look again when told.
    Nothing,
}

/// A page to be written, and what is to be done after it.
pub(super) struct Load {
    pub(super) page: Page,
    /// Decisions with smaller counters are durable once it is written.
    pub(super) upto: u64,
    /// Who is told when it is written and its segment has ended.
    pub(super) segment_ends: Vec<oneshot::Sender<()>>,
    /// Nothing follows.
    pub(super) is_last: bool,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            taken: Mutex::default(),
            work: Notify::new(),
            durable: watch::Sender::new(0),
            ended: watch::Sender::new(None),
            standing: Standing::default(),
        }
    }
}

impl Desk {
    pub(super) fn take(&self, decided: &Decided, asked: &Circumstances<'_>) -> Receipt {
        let mut taken = self.taken.lock();
        let was_idle = taken.is_idle();
        let receipt = taken.intake.take(decided, asked);
        self.account(&taken);
        // One row more does not change when the writer must look, except the first and the one that fills a block.
        let tells = was_idle || taken.intake.page().len() == MAX_ROWS;
        drop(taken);
        if tells {
            self.work.notify_one();
        }
        receipt
    }

    /// Keeps the standing as the desk is; whoever calls it holds the desk.
    fn account(&self, taken: &Taken) {
        let page = taken.intake.page();
        self.standing.set_waiting(taken.writing + page.bytes());
        if self.standing.lacks_nothing() {
            self.standing.set_oldest(page.first_us());
        }
    }

    /// Waits until all that was taken in is durable.
    pub(super) async fn settle(&self, within: Duration) -> Result<(), Unready> {
        let upto = {
            let mut taken = self.taken.lock();
            taken.wanted = taken.intake.counter();
            taken.wanted
        };
        self.work.notify_one();
        let mut durable = self.durable.subscribe();
        let settled = tokio::time::timeout(within, durable.wait_for(|it| upto <= *it)).await;
        // The sender lives as long as the desk.
        if matches!(settled, Ok(Ok(_))) { Ok(()) } else { Err(self.not_in_time()) }
    }

    /// Waits until the segment has ended with all that was taken in.
    pub(super) async fn end_segment(&self, within: Duration) -> Result<(), Unready> {
        let (tell, told) = oneshot::channel();
        self.taken.lock().segment_ends.push(tell);
        self.work.notify_one();
        let ended = tokio::time::timeout(within, told).await;
        if matches!(ended, Ok(Ok(()))) { Ok(()) } else { Err(self.not_in_time()) }
    }

    /// Has the writer end when it has written all.
    pub(super) async fn stop(&self, within: Duration) -> Result<(), Unready> {
        self.standing.close();
        // Before the writer is told, for it ends when nobody waits any more.
        let mut ended = self.ended.subscribe();
        self.taken.lock().is_stopping = true;
        self.work.notify_one();
        let outcome = tokio::time::timeout(within, ended.wait_for(Option::is_some)).await;
        match outcome.map(|it| it.map(|it| *it)) {
            Ok(Ok(Some(true))) => Ok(()),
            Ok(Ok(Some(false) | None) | Err(_)) | Err(_) => Err(self.not_in_time()),
        }
    }

    fn not_in_time(&self) -> Unready {
        match self.standing.broken() {
            Some(why) => Unready::Broken(why),
            None => Unready::NotInTime { why: self.standing.trouble() },
        }
    }

    /// Ready when there may be something to do.
    pub(super) async fn told(&self) {
        self.work.notified().await;
    }

    /// What is to be done at this instant.
    pub(super) fn work(&self, now: Timestamp) -> Work {
        let mut taken = self.taken.lock();
        taken.intake.turn(now.micros());
        self.account(&taken);
        let due = taken.due_us();
        match due {
            Some(due) if due <= now.micros() => Work::Load(self.hand_over(&mut taken, now)),
            Some(due) => Work::Until(Timestamp::from_micros(due)),
            None => Work::Nothing,
        }
    }

    fn hand_over(&self, taken: &mut Taken, now: Timestamp) -> Load {
        // Whoever waits for a decision waits for those that are only counted too.
        if taken.is_waited_for() {
            taken.intake.unfold(now.micros());
            taken.handed = taken.intake.counter();
        }
        // Before the page is away: what has just become rows lacks durability from now on.
        self.account(taken);
        let spare = std::mem::take(&mut taken.spare);
        let page = taken.intake.take_page(spare);
        taken.writing = page.bytes();
        Load {
            page,
            upto: taken.handed,
            segment_ends: std::mem::take(&mut taken.segment_ends),
            is_last: taken.is_stopping,
        }
    }

    /// Notes that everything before `row_us` is durable.
    pub(super) fn note_progress(&self, row_us: i64) {
        let _taken = self.taken.lock();
        self.standing.set_oldest(Some(row_us));
    }

    /// Notes that a load is durable, and takes its page back.
    pub(super) fn note_durable(&self, upto: u64, mut page: Page) {
        page.clear(KEPT_ROWS);
        let mut taken = self.taken.lock();
        taken.spare = page;
        taken.writing = 0;
        self.standing.set_oldest(None);
        self.account(&taken);
        drop(taken);
        self.durable.send_if_modified(|it| std::mem::replace(it, upto) != upto);
    }

    /// Notes that the writer has ended.
    pub(super) fn note_ended(&self, wrote_all: bool) {
        self.standing.close();
        self.ended.send_replace(Some(wrote_all));
    }

    /// Whether nobody waits any more for the writer, which is to end.
    pub(super) fn is_given_up(&self) -> bool {
        self.taken.lock().is_stopping && self.ended.receiver_count() == 0
    }
}

impl Taken {
    fn is_idle(&self) -> bool {
        self.intake.page().is_empty() && self.intake.unfolds_at_us().is_none()
    }

    fn is_waited_for(&self) -> bool {
        self.handed < self.wanted || !self.segment_ends.is_empty() || self.is_stopping
    }

    /// When the writer is to look; at once, where that is in the past.
    fn due_us(&self) -> Option<i64> {
        let page = self.intake.page();
        if self.is_waited_for() || MAX_ROWS <= page.len() {
            return Some(i64::MIN);
        }
        let closes = page.first_us().map(|it| it.saturating_add_unsigned(MAX_SPAN_US));
        [closes, self.intake.unfolds_at_us()].into_iter().flatten().min()
    }
}
