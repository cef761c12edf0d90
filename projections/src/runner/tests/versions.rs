//! A new version of a view.

use super::counts::{Counts, facts_seen};
use crate::runner::Projection;
use crate::runner::check::Running;
use crate::testing::Ledger;

#[tokio::test]
async fn a_new_version_takes_over_and_the_old_one_is_deleted() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let first = Running::start(Projection::of::<Counts<1>>(), &ledger);
    first.catch_up(&ledger).await;
    let place = first.stop().await;
    ledger.permission("invoices:write").await;
    let second = Running::start_in(place, Projection::of::<Counts<2>>(), &ledger);
    second.catch_up(&ledger).await;
    assert_eq!(second.views.published("counts").await.unwrap(), Some(2));
    assert_eq!(facts_seen(&second.view()).await, 2);
    let place = second.stop().await;
    assert!(!place.path().join("counts.v1.db").exists());
}

#[tokio::test]
async fn until_the_new_version_is_there_the_old_one_is_served_frozen() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let first = Running::start(Projection::of::<Counts<1>>(), &ledger);
    first.catch_up(&ledger).await;
    let place = first.stop().await;
    // The new version stands still before its first page: its ledger cannot be read.
    let limit = eventlog::Limit { records: 1, bytes: 0 };
    let good = ledger.feed.page(eventlog::Position(0), limit).await.unwrap().events[0].recorded.clone();
    let unreadable = Ledger::new();
    unreadable.append_bytes(&good, b"{}".to_vec()).await;
    let views = std::sync::Arc::new(store::SqliteViews::open(place.path()).unwrap());
    let (_shutdown, stopping) = tokio::sync::watch::channel(false);
    let runner = crate::runner::Runner::new(unreadable.feed.clone(), views.clone(), stopping);
    let (handle, _task) = runner.start(Projection::of::<Counts<2>>());
    let mut status = handle.status.clone();
    status.wait_for(|it| it.position == eventlog::Position(1)).await.unwrap();
    let view = crate::runner::View::new(views.as_ref(), handle.clone());
    assert_eq!(facts_seen(&view).await, 1, "the old version is still read");
}
