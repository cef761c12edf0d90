//! The files of a data folder, opened one after the other: the lock first, so that nobody else changes what follows.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use eventlog::{
    EventLog as _, Position, SqliteLog,
    usage::{Options, SqliteUsageLog},
};
use store::{SqliteMode, SqliteSql, State};

use super::keys::Secrets;
use crate::{
    config::Config,
    folder::{DataFolder, Layout},
    keys::KeyFiles,
};

/// An open data folder, before anything in it was understood.
pub(crate) struct Files {
    pub(crate) folder: DataFolder,
    pub(crate) secrets: Secrets,
    pub(crate) log: Arc<SqliteLog>,
    pub(crate) usage: Arc<SqliteUsageLog>,
    pub(crate) state: Arc<State>,
    pub(crate) state_file: Arc<SqliteSql>,
}

/// The ledger has facts, and the keys that open them are not there.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{}` is missing, but the ledger beside it goes up to position {head}: the keys of all texts and personal data \
     in it lie in that file, and a new one would have them erased for ever. Put `state.db` back from a backup, with \
     its `-wal` file if there is one",
    path.display()
)]
pub(crate) struct StateLost {
    path: PathBuf,
    head: Position,
}

impl Files {
    /// Opens them all; makes them at the first start.
    ///
    /// # Errors
    /// When another process serves the folder, when keys or the state of a ledger with facts are missing, or when the
    /// ledger is none or lacks what was acknowledged.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        let folder = DataFolder::lock(&config.server.data)?;
        let layout = folder.layout();
        let files = KeyFiles::open_or_make(&config.keys.dir, layout.ledger_exists()?)?;
        let secrets = Secrets::of(&files)?;
        let log = Arc::new(open_log(layout.ledger()).await?);
        // Asked before it is opened, since opening makes it.
        refuse_lost_state(layout, *log.head().borrow())?;
        let state_file = open_state(layout.state()).await.context("failed to open the state")?;
        let state = State::over(state_file.clone()).await.context("failed to prepare the state")?;
        let usage = open_usage(layout.usage(), config.gate.reserve).await?;
        Ok(Self { folder, secrets, log, usage, state: Arc::new(state), state_file })
    }
}

fn refuse_lost_state(layout: &Layout, head: Position) -> anyhow::Result<()> {
    if head == Position(0) || layout.state_exists()? {
        return Ok(());
    }
    Err(StateLost { path: layout.state(), head }.into())
}

async fn open_state(path: PathBuf) -> anyhow::Result<Arc<SqliteSql>> {
    let opened = tokio::task::spawn_blocking(move || SqliteSql::open(&path, SqliteMode::State)).await;
    Ok(Arc::new(opened.context("it broke off")??))
}

/// The usage log: the record of decisions.
async fn open_usage(folder: PathBuf, reserve: u64) -> anyhow::Result<Arc<SqliteUsageLog>> {
    let options = Options { ballast_bytes: reserve, ..Options::default() };
    let opened = tokio::task::spawn_blocking(move || SqliteUsageLog::open(folder, options)).await;
    let log = opened.context("opening the usage log broke off")?.context("failed to open the usage log")?;
    Ok(Arc::new(log))
}

/// Whether its pages are checked before anybody is answered, or later, is for who reads it to say.
async fn open_log(path: PathBuf) -> anyhow::Result<SqliteLog> {
    let opened = tokio::task::spawn_blocking(move || SqliteLog::open_unchecked(path)).await;
    Ok(opened.context("opening the ledger broke off")??)
}
