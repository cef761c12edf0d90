//! A snapshot that is loaded alone.

use std::{path::Path, sync::Arc, time::Instant};

use anyhow::Context;
use projections::gate::{Gate, Snapshot};
use schemas::sealing::{Keyring, OsRandomness};
use store::State;
use tokio::runtime::Handle;

use super::folder::Folder;
use crate::{
    bench::machine,
    keys::KeyFiles,
    node::{keys::Secrets, shelf::StateShelf},
};

/// What it took.
pub(super) struct Loading {
    pub(super) seconds: f64,
    /// The size of the file.
    pub(super) mebibytes: f64,
    /// What the process grew by.
    pub(super) mebibytes_grown: f64,
}

impl Loading {
    /// Loads the snapshot that lies in a folder which nobody serves.
    ///
    /// # Errors
    /// When there is doubt about it.
    pub(super) async fn of(folder: &Folder, path: &Path) -> anyhow::Result<Self> {
        let secrets = Secrets::of(&KeyFiles::open(&folder.config()?.keys.dir)?)?;
        let state = Arc::new(State::open_read_only(folder.path().join("data").join("state.db")).await?);
        let gate = Gate::new(secrets.brand.clone(), secrets.peppers());
        let keyring =
            Keyring::new(Arc::new(StateShelf::of(state)), secrets.masters, Arc::new(OsRandomness), 1_000);
        let (path, runtime) = (path.to_owned(), Handle::current());
        let loading = tokio::task::spawn_blocking(move || -> anyhow::Result<Self> {
            let (before, began) = (machine::resident_bytes()?, Instant::now());
            let snapshot = Snapshot::open(&path, &secrets.snapshots)?;
            let bytes = snapshot.bytes();
            let ask = |subjects: &[String]| runtime.block_on(keyring.keys_for_opening(subjects));
            gate.adopt(snapshot.load(gate.peppers(), ask)?);
            let seconds = began.elapsed().as_secs_f64();
            let grown = machine::resident_bytes()?.saturating_sub(before);
            Ok(Self { seconds, mebibytes: mebibytes(bytes), mebibytes_grown: mebibytes(grown) })
        });
        loading.await.context("loading broke off")?
    }
}

/// Bytes in MiB, to the next KiB.
fn mebibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1_024).unwrap_or(u32::MAX)) / 1_024.0
}
