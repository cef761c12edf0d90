//! What whoever writes to a data folder needs: the lock, the keys, the ledger, the state, the gate and the write side.

use std::sync::Arc;

use commands::{
    Commands, Parts,
    clock::{LedgerClock, TimeSource},
};
use domain::secret::Brand;
use eventlog::{Position, SqliteLog, usage::SqliteUsageLog};
use projections::{
    feed::Feed,
    gate::{Gate, GateFollower},
    usage_feed::UsageFeed,
};
use schemas::{
    record::Fresh,
    sealing::{Keyring, NoncesAhead},
    usage::RequestIds,
};
use store::{SqliteSql, State};

use super::{
    beginning::{Beginning, Begun},
    brake::Brake,
    erasures::{DecodedFacts, OpenSegment, OpenedCalls, finish_erasures, tell_erased},
    fence::GateFence,
    files::Files,
    fold::Folding,
    mark::{self, Mark},
    shelf::StateShelf,
    snapshots::Snapshots,
};
use crate::{
    config::Config,
    folder::{DataFolder, keep_files_private},
};

/// Unwrapped data keys that are kept in memory.
const DATA_KEYS: usize = 20_000;

/// An open data folder that this process alone serves, with its gate at the head.
pub(crate) struct Core {
    pub(crate) folder: DataFolder,
    pub(crate) log: Arc<SqliteLog>,
    pub(crate) usage: Arc<SqliteUsageLog>,
    pub(crate) state: Arc<State>,
    pub(crate) keyring: Arc<Keyring>,
    state_file: Arc<SqliteSql>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) usage_feed: Arc<UsageFeed>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) follower: Arc<GateFollower>,
    pub(crate) snapshots: Arc<Snapshots>,
    /// How the gate came to its first position.
    pub(crate) begun: Begun,
    pub(crate) clock: Arc<LedgerClock>,
    pub(crate) commands: Arc<Commands>,
    pub(crate) segment: Arc<OpenSegment>,
    pub(crate) brand: Brand,
}

impl Core {
    /// Opens the folder; makes it, with its keys, at the first start. Gives the key of request ids besides.
    ///
    /// # Errors
    /// With the remedy, when another process serves the folder, when keys or the state are missing, when the ledger is
    /// damaged or has lost facts, or when this machine's clock is far behind it.
    pub(crate) async fn open(
        config: &Config,
        time: Arc<dyn TimeSource>,
    ) -> anyhow::Result<(Self, RequestIds)> {
        keep_files_private();
        let Files { folder, secrets, log, usage, state, state_file } = Files::open(config).await?;
        let randomness = Arc::new(NoncesAhead::default());
        let (peppers, keys) = (secrets.peppers(), secrets.for_commands());
        let shelf = Arc::new(StateShelf::of(Arc::clone(&state)));
        let keyring = Arc::new(Keyring::new(shelf.clone(), secrets.masters, randomness.clone(), DATA_KEYS));
        let fresh = Arc::new(Fresh::default());
        let feed = Arc::new(Feed::new(log.clone(), Arc::clone(&keyring)).knowing(Arc::clone(&fresh)));
        let usage_feed = Arc::new(UsageFeed::new(usage.clone(), Arc::clone(&keyring)));
        let gate = Arc::new(Gate::new(secrets.brand.clone(), peppers));
        let snapshots = Arc::new(Snapshots::new(
            folder.layout().snapshot(),
            secrets.snapshots,
            state.incarnation().await?,
            Arc::clone(&gate),
            Arc::clone(&keyring),
        ));
        let folding = Folding { log: log.as_ref(), feed: &feed, shelf: &shelf };
        let seen = Mark::noted(&state).await?;
        let beginning = Beginning { log: &log, gate: &gate, snapshots: &snapshots, folding, seen };
        let begun = beginning.begin().await?;
        let clock = Arc::new(LedgerClock::start(time, gate.log_time())?);
        let follower = Arc::new(GateFollower::new(Arc::clone(&gate), Arc::clone(&feed)));
        let segment = Arc::<OpenSegment>::default();
        let commands = Arc::new(Commands::new(Parts {
            log: Arc::new(Brake::new(log.clone(), usage.clone())),
            keyring: Arc::clone(&keyring),
            fresh,
            state: Arc::clone(&state),
            clock: Arc::clone(&clock),
            fence: Arc::new(GateFence(Arc::clone(&follower))),
            randomness,
            keys,
            memories: vec![
                Arc::new(DecodedFacts(Arc::clone(&feed))),
                segment.clone(),
                Arc::new(OpenedCalls(Arc::clone(&usage_feed))),
            ],
        }));
        finish_erasures(&commands, &gate).await?;
        tell_erased(&usage_feed, &gate);
        let brand = secrets.brand;
        let core = Self {
            folder,
            log,
            usage,
            state,
            keyring,
            state_file,
            feed,
            usage_feed,
            gate,
            follower,
            snapshots,
            begun,
            clock,
            commands,
            segment,
            brand,
        };
        Ok((core, secrets.request_ids))
    }

    /// Writes the gate's snapshot, notes the last record, closes the ledger, the usage log and then the state. The lock
    /// ends with the value.
    pub(crate) async fn close(self) {
        if let Err(err) = mark::note_last(self.log.as_ref(), &self.state, Position(0)).await {
            tracing::warn!(error = format!("{err:#}"), "the last record seen could not be noted");
        }
        self.snapshots.write_and_tell().await;
        self.log.close().await;
        self.usage.close().await;
        let state_file = Arc::clone(&self.state_file);
        if tokio::task::spawn_blocking(move || state_file.close()).await.is_err() {
            tracing::warn!("the state was not closed in an orderly way");
        }
    }
}
