//! A log whose entries hold several events, as a usage lane's do: each is folded whole or not at all.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::time::{Lifespan, Timestamp};
use eventlog::usage::{Lane, MemoryUsageLog, NewBlock, Place, StoredBlock, UsageLog};
use eventlog::{Leaf, Limit, Position};
use proptest::prelude::*;
use store::{SqliteViews, Views};
use tokio::sync::watch;

use super::counts::{COUNTS, Count, facts_seen};
use crate::runner::check::{check_rebuild_of, run, some_cuts};
use crate::runner::{
    Checkpoint, Dump, Entry, Head, Keys, Page, Poison, Projection, Projector, Record, Rows, Runner, Source,
    SourceError, State, Table, View, fold_into_memory,
};

const LANE: Lane = Lane(0);
const DAY: u32 = 20_000;

/// Reads each byte of a block as an event.
struct Letters(MemoryUsageLog);

/// What a block says; `!` is poison.
struct Block {
    stored: StoredBlock,
    resume: Bytes,
}

impl Letters {
    async fn of(blocks: &[&str]) -> Arc<Self> {
        let letters = Self(MemoryUsageLog::new(1));
        for block in blocks {
            letters.add(block).await;
        }
        Arc::new(letters)
    }

    async fn add(&self, block: &str) {
        let block = NewBlock { day: DAY, bytes: block.as_bytes().into() };
        self.0.append(LANE, block).await.unwrap();
    }
}

impl Entry for Block {
    type Event = u8;

    fn position(&self) -> Position {
        Position(self.stored.place.0)
    }

    fn events(&self) -> &[u8] {
        // A block of one space is one that was read before.
        self.stored.bytes.strip_prefix(b" ").unwrap_or(&self.stored.bytes)
    }

    fn pass(&self, before: &Checkpoint) -> Checkpoint {
        let logged_at = before.logged_at.max(Timestamp::EPOCH.plus(Lifespan::days(i64::from(DAY))));
        let leaf = Leaf([self.stored.bytes[0]; 32]);
        Checkpoint { position: self.position(), leaf, logged_at, resume: self.resume.clone() }
    }

    fn name(&self) -> String {
        format!("the block at {}", self.stored.place)
    }
}

impl Source for Letters {
    type Entry = Block;
    type Memory = u64;

    fn lane(&self) -> u16 {
        LANE.0
    }

    fn head(&self) -> Head {
        Head::Usage(self.0.head(LANE))
    }

    async fn page(
        &self,
        after: &Checkpoint,
        memory: &mut u64,
        limit: Limit,
    ) -> Result<Page<Block>, SourceError> {
        // What a checkpoint says of the entries before it is what was read before it.
        let read = after.resume.first().copied().unwrap_or_default();
        assert_eq!(u64::from(read), after.position.0 & 0xff);
        *memory = after.position.0;
        let blocks = self.0.read(LANE, Place(after.position.0), limit.records).await;
        let blocks = blocks.map_err(|err| SourceError::Foreign(err.to_string()))?;
        let block = |stored: StoredBlock| {
            let resume = Bytes::copy_from_slice(&[u8::try_from(stored.place.0 & 0xff).unwrap()]);
            Arc::new(Block { stored, resume })
        };
        let entries: Vec<_> = blocks.into_iter().map(block).collect();
        Ok(Page { entries, head: self.head().get(), bytes: 0 })
    }

    async fn check_origin(&self, checkpoint: &Checkpoint) -> Result<(), SourceError> {
        let before = Place(checkpoint.position.0 - 1);
        let blocks = self.0.read(LANE, before, 1).await;
        let blocks = blocks.map_err(|err| SourceError::Foreign(err.to_string()))?;
        match blocks.first() {
            Some(block) if Leaf([block.bytes[0]; 32]) == checkpoint.leaf => Ok(()),
            _ => Err(SourceError::Foreign("it is of another lane".to_owned())),
        }
    }

    async fn logged_at(&self, _: Position) -> Option<Timestamp> {
        None
    }
}

enum LetterCounts {}

impl Projector for LetterCounts {
    type Event = u8;
    const NAME: &'static str = "counts";
    const VERSION: u32 = 1;
    const TABLES: &'static [Table] = &[COUNTS];

    fn keys(letter: &u8) -> Keys {
        Keys::none().changing::<Count>(char::from(*letter).to_string())
    }

    fn apply(rows: &mut Rows, letter: &u8) -> Result<(), Poison> {
        if *letter == b'!' {
            return Err(Poison::Senseless("it is poison".to_owned()));
        }
        let stream = char::from(*letter).to_string();
        let facts = rows.get::<Count>(stream.as_str())?.map_or(0, |it| it.facts) + 1;
        rows.put(Count { stream, facts })
    }
}

const LETTERS: Projection<u8> = Projection::of::<LetterCounts>();

fn counted(dump: &Dump) -> Vec<(String, u64)> {
    let count = |row| Count::from_row(&row).map(|it| (it.stream, it.facts)).unwrap();
    dump.rows(COUNTS.name).map(count).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_log_of_blocks_gives_the_same_rows_however_it_is_cut(
        blocks in proptest::collection::vec(" ?[a-d]{1,9}| ", 0..30),
        cuts in some_cuts(),
    ) {
        run(async {
            let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
            let dump = check_rebuild_of(LETTERS, &Letters::of(&blocks).await, &cuts).await;
            let letters = blocks.concat().chars().filter(char::is_ascii_alphabetic).count();
            assert_eq!(counted(&dump).iter().map(|it| it.1).sum::<u64>(), u64::try_from(letters).unwrap());
        });
    }
}

#[tokio::test]
async fn poison_within_a_block_leaves_out_all_of_it_and_nothing_before_it() {
    let letters = Letters::of(&["ab", "aac!ab", "a"]).await;
    let (_shutdown, stopping) = watch::channel(false);
    let place = tempfile::tempdir().unwrap();
    let views: Arc<dyn Views> = Arc::new(SqliteViews::open(place.path()).unwrap());
    let (handle, _task) = Runner::new(letters.clone(), Arc::clone(&views), stopping).start(LETTERS);
    let mut status = handle.status.clone();
    let status = status.wait_for(|it| it.state == State::Halted).await.unwrap().clone();
    let (first, second) = (Place(0).following(DAY), Place(0).following(DAY).following(DAY));
    assert_eq!((status.position.0, status.halted_at), (first.0, Some(Position(second.0))));
    let why = format!("the block at {second} cannot be folded: it is poison");
    assert_eq!(status.reason, Some(why));
    assert_eq!(facts_seen(&View::new(views.as_ref(), handle)).await, 2);
    assert!(fold_into_memory(&LETTERS, letters.as_ref(), Position(second.0)).await.is_err());
}

#[tokio::test]
async fn a_block_is_seen_once_its_place_is_waited_for_also_after_a_restart() {
    let letters = Letters::of(&["ab"]).await;
    let place = tempfile::tempdir().unwrap();
    for block in ["bc", "cd"] {
        letters.add(block).await;
        let (shutdown, stopping) = watch::channel(false);
        let views: Arc<dyn Views> = Arc::new(SqliteViews::open(place.path()).unwrap());
        let (handle, task) = Runner::new(letters.clone(), Arc::clone(&views), stopping).start(LETTERS);
        let head = Source::head(letters.as_ref()).get();
        handle.wait_for(head, Duration::from_secs(20)).await.unwrap();
        let seen = facts_seen(&View::new(views.as_ref(), handle)).await;
        assert_eq!(seen, 2 * (head.0 & 0xff));
        shutdown.send_replace(true);
        task.await.unwrap();
    }
}
