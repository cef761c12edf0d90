//! The gate's snapshots: read at a start, written at a stop and whenever the ledger has grown by much.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use eventlog::{EventLog, Leaf, Limit, Position};
use projections::gate::{Doubt, Gate, Seal, Snapshot, SnapshotKey, Written};
use schemas::sealing::{Keyring, OsRandomness};
use tokio::{runtime::Handle, sync::watch, task::spawn_blocking};

/// A start that has to read more than this behind a snapshot takes noticeably longer.
const LONGEST_TAIL: u64 = 100_000;

/// The snapshots of a node.
pub(crate) struct Snapshots {
    path: PathBuf,
    key: SnapshotKey,
    incarnation: u32,
    gate: Arc<Gate>,
    keyring: Arc<Keyring>,
    /// The position of the one that lies there, as far as it is known to be good.
    written: AtomicU64,
    is_forbidden: AtomicBool,
    longest_tail: u64,
    /// Who holds it writes: also a thread whose task was cut off.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// A snapshot that was used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Used {
    /// The position of the last fact in it.
    pub(crate) position: Position,
    /// The size of the file.
    pub(crate) bytes: u64,
    /// How long it took to read.
    pub(crate) took: Duration,
}

impl Snapshots {
    /// Snapshots of that gate at that path, of a ledger in that incarnation.
    pub(crate) fn new(
        path: PathBuf,
        key: SnapshotKey,
        incarnation: u32,
        gate: Arc<Gate>,
        keyring: Arc<Keyring>,
    ) -> Self {
        let (written, is_forbidden) = (AtomicU64::new(0), AtomicBool::new(false));
        let (longest_tail, turn) = (LONGEST_TAIL, Arc::default());
        Self { path, key, incarnation, gate, keyring, written, is_forbidden, longest_tail, turn }
    }

    /// Snapshots of the same gate elsewhere, written whenever the ledger has grown by so much.
    #[cfg(test)]
    pub(crate) fn elsewhere(&self, path: PathBuf, longest_tail: u64) -> Self {
        let (key, gate, keyring) = (self.key.clone(), Arc::clone(&self.gate), Arc::clone(&self.keyring));
        Self { longest_tail, ..Self::new(path, key, self.incarnation, gate, keyring) }
    }

    /// Has the gate know what the snapshot says, if there is no doubt about it.
    ///
    /// # Errors
    /// The doubt; the gate is then as it was.
    pub(crate) async fn load(&self, log: &dyn EventLog) -> Result<Used, Doubt> {
        let began = Instant::now();
        let (path, key) = (self.path.clone(), self.key.clone());
        let snapshot = blocking(move || Snapshot::open(&path, &key)).await?;
        let (position, bytes, head) = (snapshot.position(), snapshot.bytes(), *log.head().borrow());
        snapshot.check(self.incarnation, head, leaf_at(log, position).await)?;
        let (gate, keyring, runtime) = (Arc::clone(&self.gate), Arc::clone(&self.keyring), Handle::current());
        blocking(move || {
            let ask = |subjects: &[String]| runtime.block_on(keyring.keys_for_opening(subjects));
            gate.adopt(snapshot.load(gate.peppers(), ask)?);
            Ok(())
        })
        .await?;
        self.written.store(position.0, Ordering::Relaxed);
        Ok(Used { position, bytes, took: began.elapsed() })
    }

    /// Writes none any more, where the gate lacks something that a later start may have again.
    pub(crate) fn forbid(&self, why: &str) {
        self.is_forbidden.store(true, Ordering::Relaxed);
        tracing::warn!(why, "no snapshot of the gate is written: the next start reads the whole ledger");
    }

    /// Takes the snapshot away, where the ledger behind it is damaged: the next start shall look at all of it.
    pub(crate) fn discard(&self) {
        self.is_forbidden.store(true, Ordering::Relaxed);
        if let Err(err) = std::fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), error = %err, "the gate's snapshot could not be removed");
        }
    }

    /// Writes one whenever the ledger has grown by much, until the ledger is closed.
    pub(crate) async fn write_as_it_grows(self: Arc<Self>, mut head: watch::Receiver<Position>) {
        let mut tried = self.written.load(Ordering::Relaxed);
        loop {
            let position = self.gate.position().0;
            if tried.saturating_add(self.longest_tail) < position {
                // One that failed is tried again when as much has been added, not at once.
                tried = position;
                self.write_and_tell().await;
            }
            if head.changed().await.is_err() {
                return;
            }
        }
    }

    /// Writes one if the gate has moved, and says so.
    pub(crate) async fn write_and_tell(&self) {
        let began = Instant::now();
        match self.write().await {
            Ok(Some(Written { position, bytes })) => {
                let millis = began.elapsed().as_millis();
                tracing::info!(position = position.0, bytes, millis, "the gate's snapshot was written");
            }
            Ok(None) => {}
            Err(err) => tracing::warn!(error = format!("{err:#}"), "the gate's snapshot was not written"),
        }
    }

    /// Writes one; nothing where the one that lies there says the same, or none may be written.
    async fn write(&self) -> anyhow::Result<Option<Written>> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        if self.is_forbidden.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let frozen = self.gate.freeze().filter(|it| self.written.load(Ordering::Relaxed) < it.position().0);
        let Some(frozen) = frozen else { return Ok(None) };
        let keys = self.keyring.keys_for_opening(&frozen.subjects()).await?;
        let (path, key, incarnation) = (self.path.clone(), self.key.clone(), self.incarnation);
        let written = spawn_blocking(move || {
            let _turn = turn;
            frozen.write(&path, &Seal { incarnation, key: &key, keys: &keys, randomness: &OsRandomness })
        });
        let written = written.await.context("writing it broke off")??;
        self.written.store(written.position.0, Ordering::Relaxed);
        Ok(Some(written))
    }
}

/// The leaf of the record at a position; nothing where there is none that can be read.
async fn leaf_at(log: &dyn EventLog, position: Position) -> Option<Leaf> {
    let before = Position(position.0.checked_sub(1)?);
    let page = log.read_all(before, Limit { records: 1, bytes: 0 }).await.ok()?;
    page.records.first().filter(|it| it.position == position).map(|it| it.leaf)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Doubt> + Send + 'static,
) -> Result<T, Doubt> {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(err) => Err(Doubt::Unreadable(std::io::Error::other(err))),
    }
}
