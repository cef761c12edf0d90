//! A data folder with a ledger in it, and snapshots of its gate laid aside.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use anyhow::ensure;
use commands::clock::SystemTime;

use super::filling;
use crate::{
    bench::scratch::Scratch,
    config::{Config, Flags},
    node::core::Core,
};

/// The folder of one bench.
pub(super) struct Folder(Scratch);

/// What it took to read the whole ledger.
pub(super) struct Whole {
    /// With all its pages checked beside.
    pub(super) seconds: f64,
    /// To close it, which is to write the snapshot.
    pub(super) writing_seconds: f64,
}

impl Folder {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self(Scratch::new()?))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn config(&self) -> anyhow::Result<Config> {
        let data = Some(self.path().join("data").display().to_string());
        Ok(Config::load(None, [], &Flags { data, ..Flags::default() })?)
    }

    /// Where the snapshot of a node lies.
    pub(super) fn snapshot(&self) -> PathBuf {
        self.path().join("data").join("gate.snapshot")
    }

    /// Appends what makes those tokens; of all others too, where they begin with the first.
    pub(super) async fn fill(&self, tokens: Range<u32>) -> anyhow::Result<()> {
        let config = self.config()?;
        let (core, _) = Core::open(&config, Arc::new(SystemTime)).await?;
        filling::fill(&core, &config.keys.dir, tokens).await?;
        core.close().await;
        Ok(())
    }

    /// Begins without a snapshot, and leaves one.
    pub(super) async fn read_whole(&self) -> anyhow::Result<Whole> {
        drop(fs::remove_file(self.snapshot()));
        let (core, _) = Core::open(&self.config()?, Arc::new(SystemTime)).await?;
        ensure!(core.begun.snapshot.is_none(), "there was a snapshot where there should be none");
        let seconds = core.begun.took.as_secs_f64();
        let began = Instant::now();
        core.close().await;
        Ok(Whole { seconds, writing_seconds: began.elapsed().as_secs_f64() })
    }

    /// Lays the snapshot aside.
    pub(super) fn take_snapshot(&self) -> anyhow::Result<PathBuf> {
        let number = fs::read_dir(self.path())?.count();
        let aside = self.path().join(format!("{number}.snapshot"));
        fs::rename(self.snapshot(), &aside)?;
        Ok(aside)
    }

    /// Puts one that was laid aside in its place.
    pub(super) fn put_snapshot(&self, aside: &Path) -> anyhow::Result<()> {
        fs::copy(aside, self.snapshot())?;
        Ok(())
    }
}
