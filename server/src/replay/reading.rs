//! A folder that is only read.

use std::sync::Arc;

use anyhow::Context;
use domain::secret::Brand;
use eventlog::{Limit, Position, SqliteLog};
use projections::feed::{Event, Feed};
use schemas::sealing::{Keyring, OsRandomness};
use store::State;

use crate::{
    config::Config,
    folder::Layout,
    keys::KeyFiles,
    node::{keys::masters, shelf::StateShelf},
};

const PAGE: Limit = Limit { records: 1_024, bytes: 4 << 20 };

/// Unwrapped data keys that are kept in memory.
const DATA_KEYS: usize = 20_000;

/// The facts of a folder, opened.
pub(super) struct Reading {
    feed: Feed,
    pub(super) brand: Brand,
}

impl Reading {
    /// Opens the folder of a configuration for reading.
    ///
    /// # Errors
    /// When it holds no ledger, or the keys of it are not there.
    pub(super) async fn open(config: &Config) -> anyhow::Result<Self> {
        let layout = Layout::to_read(&config.server.data)?;
        let keys = KeyFiles::open(&config.keys.dir)?;
        let path = layout.ledger();
        let log = tokio::task::spawn_blocking(move || SqliteLog::open_read_only(path)).await;
        let log = log.context("opening the ledger broke off")??;
        // It must be there: without its keys everything would look erased.
        let state = State::open_read_only(layout.state()).await.context("failed to open the state")?;
        let shelf = Arc::new(StateShelf::of(Arc::new(state)));
        let keyring = Keyring::new(shelf, masters(&keys)?, Arc::new(OsRandomness), DATA_KEYS);
        Ok(Self { feed: Feed::new(Arc::new(log), Arc::new(keyring)), brand: Brand::default() })
    }

    /// Has every fact seen that there was when this began, in order.
    ///
    /// # Errors
    /// When a record cannot be read, with the place; or when whoever sees it says so.
    pub(super) async fn each(&self, mut see: impl FnMut(&Event) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let end = *self.feed.head().borrow();
        let mut position = Position(0);
        while position < end {
            let page = self.feed.page(position, PAGE).await?;
            let Some(last) = page.events.last() else { return Ok(()) };
            position = last.position;
            for event in page.events.iter().filter(|it| it.position <= end) {
                see(event)?;
            }
        }
        Ok(())
    }
}
