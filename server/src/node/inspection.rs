//! What a start from a snapshot has not looked at, looked at while the node answers: all pages of the ledger, the
//! bytes of all records, and whether the keys of their boxes are there.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
    time::Instant,
};

use eventlog::{EventLog as _, Position, ReadError, SqliteLog};
use projections::{feed, runner::chain};
use store::State;

use super::{
    fold::{Keyless, PAGE},
    snapshots::Snapshots,
};

/// Subjects of which it is remembered that their keys are there.
const REMEMBERED: usize = 200_000;

/// Looks at all that lies up to a position.
pub(super) struct Inspection {
    pub(super) log: Arc<SqliteLog>,
    pub(super) state: Arc<State>,
    pub(super) snapshots: Arc<Snapshots>,
    pub(super) end: Position,
}

/// Why the looking came to an end before the ledger did.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The ledger is not what was appended.
    #[error("{0}")]
    Damaged(String),
    /// It could not be looked at.
    #[error("{0}")]
    Unfinished(String),
}

impl Inspection {
    /// Looks at everything once. Damage ends the writing of this node, and the snapshot: the next start refuses.
    pub(super) async fn run(self) {
        let began = Instant::now();
        match self.look().await {
            Ok(keyless) => {
                if let Some(keyless) = keyless {
                    keyless.warn();
                }
                let millis = began.elapsed().as_millis();
                tracing::info!(records = self.end.0, millis, "the ledger was checked and is whole");
            }
            Err(Broken::Damaged(what)) => {
                tracing::error!(
                    what,
                    "THE LEDGER IS DAMAGED: commands are refused, verifications go on from what was known; put the \
                     ledger back from a backup"
                );
                self.log.stop_writing(what);
                self.snapshots.discard();
            }
            Err(Broken::Unfinished(why)) => tracing::warn!(why, "the ledger was not checked to its end"),
        }
    }

    pub(super) async fn look(&self) -> Result<Option<Keyless>, Broken> {
        self.log.check().await.map_err(|err| {
            if err.is_of_the_file() { Broken::Damaged(chain(&err)) } else { Broken::Unfinished(chain(&err)) }
        })?;
        let (mut position, mut known) = (Position(0), HashSet::new());
        let mut keyless: Option<Keyless> = None;
        while position < self.end {
            let began = Instant::now();
            let page = self.log.read_all(position, PAGE).await.map_err(|err| match err {
                ReadError::Damaged { .. } => Broken::Damaged(chain(&err)),
                ReadError::Unavailable(_) | ReadError::Beyond { .. } => Broken::Unfinished(chain(&err)),
            })?;
            let mut boxes = Vec::new();
            for record in &page.records {
                let sealed = feed::parse(record).map_err(|why| {
                    Broken::Damaged(format!(
                        "the record at position {} cannot be read: {why}",
                        record.position
                    ))
                })?;
                boxes.extend(sealed.subjects().map(|it| (record.position, it.to_owned())));
                position = record.position;
            }
            if page.records.is_empty() {
                break;
            }
            self.add_missing(boxes, &mut known, &mut keyless).await?;
            // As long as it took: half of what it could take from those who are served.
            tokio::time::sleep(began.elapsed()).await;
        }
        Ok(keyless)
    }

    /// Adds the boxes whose keys are not there.
    async fn add_missing(
        &self,
        boxes: Vec<(Position, String)>,
        known: &mut HashSet<String>,
        keyless: &mut Option<Keyless>,
    ) -> Result<(), Broken> {
        let unknown: BTreeSet<&String> =
            boxes.iter().map(|it| &it.1).filter(|it| !known.contains(*it)).collect();
        let unknown: Vec<String> = unknown.into_iter().cloned().collect();
        let found = self.state.find_keys(&unknown).await.map_err(|err| Broken::Unfinished(chain(&err)))?;
        let missing: BTreeSet<&String> = unknown.iter().filter(|it| !found.contains_key(*it)).collect();
        if let Some((position, _)) = boxes.iter().find(|(_, subject)| missing.contains(subject)) {
            let first = keyless.get_or_insert(Keyless { position: *position, subjects: 0 });
            first.subjects += missing.len();
        }
        if REMEMBERED < known.len() {
            known.clear();
        }
        // Those that are missing too: each is counted once.
        known.extend(unknown);
        Ok(())
    }
}
