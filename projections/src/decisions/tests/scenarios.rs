use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use eventlog::usage::{
    AppendError, Lane, MemoryUsageLog, NewBlock, NotWritable, Place, ReadError, StoredBlock, UsageLog,
};
use schemas::usage::{Opened, Outcome};
use tokio::sync::watch;

use super::super::*;
use super::scene::{Scene, newest, oldest, organization, token};
use crate::audit::Personal;
use crate::testing::{Call, Step, Usage};

/// A log that counts how many blocks are read of it.
struct Counted {
    log: Arc<MemoryUsageLog>,
    blocks: AtomicUsize,
}

#[async_trait]
impl UsageLog for Counted {
    async fn append(&self, lane: Lane, block: NewBlock) -> Result<Place, AppendError> {
        self.log.append(lane, block).await
    }

    async fn read(&self, lane: Lane, after: Place, blocks: usize) -> Result<Vec<StoredBlock>, ReadError> {
        let read = self.log.read(lane, after, blocks).await?;
        self.blocks.fetch_add(read.len(), Ordering::Relaxed);
        Ok(read)
    }

    fn lanes(&self) -> Vec<Lane> {
        self.log.lanes()
    }

    fn head(&self, lane: Lane) -> watch::Receiver<Place> {
        self.log.head(lane)
    }

    fn is_writable(&self) -> Result<(), NotWritable> {
        self.log.is_writable()
    }
}

fn about(number: u8) -> DecisionQuery {
    let filter = DecisionFilter { token: Some(token(number)), ..DecisionFilter::default() };
    let reach = Reach::Organization(organization(number % 3));
    DecisionQuery { reach, filter, walk: newest(), limit: 50 }
}

/// A thousand blocks of calls of one token, and one call of another in the midst of them.
async fn a_needle() -> Scene {
    let scene = Scene::of(Usage::new());
    for number in 0..1_000_u32 {
        scene.usage.call(&Call::of(3)).await;
        if number == 500 {
            scene.usage.call(&Call { address: Some((77, false)), ..Call::of(6) }).await;
        }
        scene.usage.close(1).await;
    }
    scene.catch_up().await;
    scene
}

#[tokio::test]
async fn one_call_among_a_thousand_blocks_is_found_in_those_of_its_chapter() {
    let scene = a_needle().await;
    let log = Arc::new(Counted { log: scene.usage.log.clone(), blocks: AtomicUsize::new(0) });
    let queries = scene.reading(log.clone());
    let page = queries.page(&about(6)).await.unwrap();
    assert_eq!((page.decisions.len(), page.next), (1, None));
    let by_token = log.blocks.swap(0, Ordering::Relaxed);
    assert!(by_token < 40, "{by_token} blocks of 1,000 were read");

    let ip = "203.0.113.77/32".parse().ok();
    let filter = DecisionFilter { ip, ..DecisionFilter::default() };
    let page = queries.page(&DecisionQuery { filter, ..about(6) }).await.unwrap();
    assert_eq!((page.decisions.len(), page.next), (1, None));
    let by_address = log.blocks.load(Ordering::Relaxed);
    assert!(by_address < 40, "{by_address} blocks of 1,000 were read");
}

#[tokio::test]
async fn decisions_that_come_while_one_pages_appear_on_no_later_page() {
    let scene = Scene::of(Usage::new());
    for _ in 0..9 {
        scene.usage.call(&Call::of(3)).await;
    }
    scene.usage.happen(&[Step::Close]).await;
    scene.catch_up().await;
    let mut query = DecisionQuery { limit: 4, ..about(3) };
    let mut found = Vec::new();
    loop {
        let page = scene.queries.page(&query).await.unwrap();
        found.extend(page.decisions.iter().map(|it| it.locator.counter));
        scene.usage.happen(&[Step::Call(Call::of(3)), Step::Close, Step::Restart]).await;
        scene.catch_up().await;
        match page.next {
            Some(next) => query.walk = next,
            None => break,
        }
    }
    assert_eq!(found, (1..=9).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn the_oldest_first_goes_on_where_the_log_ended() {
    let scene = Scene::of(Usage::new());
    scene.usage.happen(&[Step::Call(Call::of(3)), Step::Close]).await;
    scene.catch_up().await;
    let first = scene.queries.page(&DecisionQuery { walk: oldest(), ..about(3) }).await.unwrap();
    assert_eq!((first.decisions.len(), &first.next), (1, &None));
    scene.usage.happen(&[Step::Call(Call::of(3)), Step::Close]).await;
    scene.catch_up().await;
    let walk = DecisionWalk::OldestFirst(Bounds::after(&first.position));
    let second = scene.queries.page(&DecisionQuery { walk, ..about(3) }).await.unwrap();
    assert_eq!(second.decisions.iter().map(|it| it.locator.counter).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn unproven_secrets_are_the_callers_organisations_and_found_by_what_their_network_overlaps() {
    let scene = Scene::of(Usage::new());
    let junk = Call { token: None, caller: 201, outcome: Outcome::UNKNOWN.0, count: 40, ..Call::of(0) };
    scene.usage.happen(&[Step::Call(junk), Step::Close]).await;
    scene.catch_up().await;
    let ask = async |ip: &str, number: u8| {
        let filter = DecisionFilter { ip: ip.parse().ok(), ..DecisionFilter::default() };
        let reach = Reach::Organization(organization(number));
        scene.queries.page(&DecisionQuery { reach, filter, ..about(0) }).await.unwrap().decisions.len()
    };
    assert_eq!(ask("203.0.113.9/32", 0).await, 1);
    assert_eq!(ask("203.0.0.0/16", 0).await, 1);
    assert_eq!(ask("203.0.112.9/32", 0).await, 0);
    assert_eq!(ask("203.0.113.9/32", 1).await, 0);
}

#[tokio::test]
async fn what_is_erased_is_found_but_not_by_its_address_and_is_said_to_be_erased() {
    let scene = Scene::of(Usage::new());
    scene.usage.happen(&[Step::Call(Call::of(3)), Step::Close]).await;
    scene.catch_up().await;
    scene.usage.keyring.forget("mem_3").await.unwrap();
    let found = scene.queries.page(&about(3)).await.unwrap().decisions;
    let client = found[0].decision.client.as_ref().unwrap();
    assert_eq!((&*client.subject, &client.details), ("mem_3", &Opened::Erased));
    let filter = DecisionFilter { ip: "203.0.113.0/24".parse().ok(), ..DecisionFilter::default() };
    let by_address = scene.queries.page(&DecisionQuery { filter, ..about(3) }).await.unwrap();
    assert_eq!(by_address.decisions, []);
}

#[tokio::test]
async fn a_block_that_is_damaged_is_named_and_nothing_is_found_in_its_place() {
    let scene = Scene::of(Usage::new());
    scene.usage.happen(&[Step::Call(Call::of(3)), Step::Close]).await;
    scene.catch_up().await;
    let log = MemoryUsageLog::new(1);
    let stored = scene.usage.log.read(Lane(0), Place(0), 1).await.unwrap().remove(0);
    let mut bytes = stored.bytes.to_vec();
    bytes[30] ^= 4;
    log.append(Lane(0), NewBlock { day: stored.place.day(), bytes: bytes.into() }).await.unwrap();
    let err = scene.reading(Arc::new(log)).page(&about(3)).await.unwrap_err();
    assert!(err.to_string().contains(&format!("the block at {}", stored.place)), "{err}");
}

#[tokio::test]
async fn a_decision_is_shown_with_all_that_is_known_of_it() {
    let scene = Scene::of(Usage::new());
    let call = Call {
        outcome: Outcome::INSUFFICIENT_PERMISSIONS.0,
        endpoint: Some("/v1/invoices".to_owned()),
        cost: Some(2),
        client_request_id: Some("mine".to_owned()),
        ..Call::of(3)
    };
    scene.usage.happen(&[Step::Call(call), Step::Close]).await;
    scene.catch_up().await;
    let shown = scene.queries.search(&about(3)).await.unwrap().decisions.remove(0);
    let all = DecisionFilter::default();
    let found = scene.queries.find(&shown.request_id, about(3).reach, &all).await.unwrap();
    assert_eq!(found, std::slice::from_ref(&shown));
    assert_eq!((shown.code.as_str(), shown.layer), ("INSUFFICIENT_PERMISSIONS", Some("scope")));
    assert_eq!((shown.token, shown.caller), (Some(token(3)), Some(token(200))));
    assert_eq!(shown.organization, Some(organization(0)));
    assert_eq!(shown.endpoint.as_deref(), Some("GET /v1/invoices"));
    assert_eq!((shown.ip.as_deref(), shown.user_agent.as_deref()), (Some("203.0.113.9"), Some("curl/8.5")));
    assert_eq!(shown.costs, [("requests".to_owned(), 2)]);
    assert_eq!(shown.client_request_id.as_deref(), Some("mine"));
    assert_eq!((shown.count, shown.peek, shown.personal), (1, false, Personal::Visible));
    let hidden = shown.without_personal();
    assert_eq!((hidden.ip, hidden.user_agent, hidden.personal), (None, None, Personal::Hidden));
}
