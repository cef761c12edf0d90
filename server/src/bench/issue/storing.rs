//! The baseline's callers: each stores one record in a stream of its own.

use std::{sync::Arc, time::Duration};

use domain::{ids::TokenId, stream::StreamId};

use super::{
    Caller, Sample,
    group_commit::{GroupCommit, Record},
    work,
};
use crate::bench::{
    dice::{self, Purpose},
    scratch::Scratch,
};

/// Whoever stores records of that length.
pub(super) struct Storing {
    log: GroupCommit,
    record_bytes: usize,
}

impl Storing {
    /// One round in a fresh folder.
    ///
    /// # Errors
    /// When a record is not stored.
    pub(super) async fn round(time: Duration, record_bytes: usize) -> anyhow::Result<Sample> {
        let folder = Scratch::new()?;
        let log = GroupCommit::open(&folder.path().join("ledger.db"))?;
        let storing = Arc::new(Self { log, record_bytes });
        let sample = work(Arc::clone(&storing), time).await;
        if let Some(storing) = Arc::into_inner(storing) {
            tokio::task::spawn_blocking(move || storing.log.close()).await??;
        }
        sample
    }
}

impl Caller for Storing {
    async fn call(&self, number: u64) -> anyhow::Result<()> {
        // Ids of streams are as scattered as ours: an index is cheaper to fill in its order.
        let leaf = dice::throw(Purpose::Stream, number);
        let random = leaf.first_chunk().copied().unwrap_or_default();
        let stream = StreamId::Token(TokenId::from_bits(u128::from_be_bytes(random)));
        let record = Record {
            stream: stream.to_string(),
            expected: 0,
            event_id: random,
            leaf,
            bytes: vec![b'x'; self.record_bytes],
        };
        self.log.append(record).await
    }
}
