//! Facts straight into a ledger: what commands would append, without what they ask before.

use std::{ops::Range, path::Path, sync::Arc};

use domain::secret::Pepper;
use eventlog::{Append, EventLog, NewRecord, SqliteLog, StreamName, Version};
use futures_util::{StreamExt, TryStreamExt, stream};
use projections::feed::Event;
use schemas::{
    record::{encode, subjects},
    sealing::{Keyring, OsRandomness},
};

use crate::{
    bench::gate::{ORGANIZATIONS, Story, TOKENS_EACH},
    keys::KeyFiles,
    node::core::Core,
};

/// Appends that wait at once: as many as the writer commits together, twice.
const WAITING: usize = 1_024;

/// Appends the facts of tokens by number; of all that they need before the first.
pub(super) async fn fill(core: &Core, keys: &Path, tokens: Range<u32>) -> anyhow::Result<()> {
    let files = KeyFiles::open(keys)?;
    let pepper = Pepper::new(files.pepper.id().parse()?, files.pepper.bytes());
    // Each event has an id of its own.
    let mut story = Story::under(pepper)?.at(core.clock.now(), 4 * u64::from(tokens.start));
    let appending = Appending { log: &core.log, keyring: &core.keyring };
    if tokens.start == 0 {
        appending.append([story.permission_registered()?]).await?;
        appending.append((0..ORGANIZATIONS).map(|it| story.registered(it))).await?;
    }
    let members = tokens.start.div_ceil(TOKENS_EACH)..tokens.end.div_ceil(TOKENS_EACH);
    appending.append(members.map(|it| story.joined(it))).await?;
    appending.append(tokens.map(|it| story.issued(it))).await
}

/// A ledger and the keys that its records are sealed under.
#[derive(Clone, Copy)]
struct Appending<'c> {
    log: &'c Arc<SqliteLog>,
    keyring: &'c Arc<Keyring>,
}

impl Appending<'_> {
    /// Appends facts, each to a stream of its own, and waits until they are durable.
    async fn append(self, facts: impl IntoIterator<Item = Arc<Event>>) -> anyhow::Result<()> {
        let appends = stream::iter(facts).map(async |fact| self.append_one(&fact).await);
        appends.buffer_unordered(WAITING).try_collect::<()>().await
    }

    async fn append_one(self, fact: &Event) -> anyhow::Result<()> {
        let keys = self.keyring.keys_for_sealing(&subjects(&fact.recorded)).await?;
        let bytes = encode(&fact.recorded, &keys, &OsRandomness)?;
        let event_id = fact.recorded.id.bits().to_be_bytes();
        let records = vec![NewRecord { event_id, bytes: bytes.into() }];
        let stream = StreamName::new(fact.recorded.stream.to_string());
        self.log.append(Append { stream, expected: Version(0), records }).await?;
        Ok(())
    }
}
