//! Those who verify all the while, what they were told, and what is recorded of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use eventlog::usage::{Lane, Options, Place, SqliteUsageLog, UsageLog};
use schemas::usage::Block;
use serde_json::json;

use crate::support::{Client, Patience, Server};

const VERIFIERS: usize = 8;

/// Some who verify the owner's token as fast as they are answered.
pub(super) struct Verifiers {
    stop: Arc<AtomicBool>,
    told: Arc<AtomicU64>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Verifiers {
    pub(super) fn start(server: &Server, owner: &Client) -> Self {
        let (stop, told) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let tasks = (0..VERIFIERS).map(|_| {
            let client = Client::new(server.url(), owner.token());
            tokio::spawn(verify(client, Arc::clone(&stop), Arc::clone(&told)))
        });
        let tasks = tasks.collect();
        Self { stop, told, tasks }
    }

    /// Verifications that were answered.
    pub(super) fn told(&self) -> u64 {
        self.told.load(Ordering::SeqCst)
    }

    /// Waits until nobody is answered any more.
    pub(super) async fn go_on_until_refused(&self, owner: &Client) {
        let patience = Patience::default();
        loop {
            let answer = owner.post("/v1/verify", &json!({ "token": owner.token() })).await;
            if answer.status == 503 {
                assert!(answer.headers.contains_key("retry-after"), "{}", answer.body);
                return;
            }
            assert_eq!(answer.status, 200, "{}", answer.body);
            self.told.fetch_add(1, Ordering::SeqCst);
            patience.goes_on("verification is never refused");
        }
    }

    pub(super) async fn stop(self) -> u64 {
        self.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.told.load(Ordering::SeqCst)
    }
}

async fn verify(client: Client, stop: Arc<AtomicBool>, told: Arc<AtomicU64>) {
    while !stop.load(Ordering::SeqCst) {
        let answer = client.post("/v1/verify", &json!({ "token": client.token() })).await;
        assert!(matches!(answer.status, 200 | 503), "{} {}", answer.status, answer.body);
        told.fetch_add(u64::from(answer.status == 200), Ordering::SeqCst);
    }
}

/// Decisions in a usage log that nobody serves, each block once.
pub(super) async fn recorded_in(folder: &Path) -> u64 {
    let options = Options { ballast_bytes: 0, ..Options::default() };
    let log = SqliteUsageLog::open(folder, options).unwrap();
    let (mut seen, mut recorded, mut after) = (BTreeSet::new(), 0, Place(0));
    loop {
        let page = log.read(Lane(0), after, 100).await.unwrap();
        let Some(last) = page.last() else { return recorded };
        after = last.place;
        for block in &page {
            let block = Block::decode(&block.bytes).unwrap();
            let header = block.header();
            if seen.insert((header.place.node_start, header.sequence)) {
                recorded += header.decisions();
            }
        }
    }
}
