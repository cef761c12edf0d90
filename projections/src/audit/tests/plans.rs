//! Which way SQLite goes to what is asked for. Without statistics it decides by the shape of the question.

use domain::ids::OrganizationId;
use eventlog::Position;

use super::AUDIT;
use crate::audit::queries::statement;
use crate::audit::{AuditFilter, AuditQuery, Reach, Sight, Thing, Walk};
use crate::runner::check::Running;
use crate::testing::Ledger;

async fn plan(running: &Running, filter: AuditFilter) -> String {
    let reach = Reach::Organization(OrganizationId::from_bits(1));
    let walk = Walk::NewestFirst { before: Some(Position(1_000)) };
    let (sql, args) = statement(&AuditQuery { reach, filter, sight: Sight::Whole, walk, limit: 50 });
    let rows = running.view().query(&format!("EXPLAIN QUERY PLAN {sql}"), args).await.unwrap();
    let steps: Vec<&str> = rows.iter().map(|row| row.text(3).unwrap()).collect();
    steps.join("; ")
}

#[tokio::test]
async fn each_filter_goes_to_its_index_and_sorts_nothing() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let running = Running::start(AUDIT, &ledger);
    running.catch_up(&ledger).await;
    let thing = |text: &str| Some(Thing::pasted(text));
    let filter = AuditFilter::default;
    let token = "tok_0000000000000000000001";
    for (index, filter) in [
        ("events_by_organization", filter()),
        ("events_by_organization", AuditFilter { q: Some("word".to_owned()), ..filter() }),
        ("events_by_target", AuditFilter { target: thing(token), ..filter() }),
        ("events_by_target", AuditFilter { target: thing("00000000000001"), ..filter() }),
        ("events_by_actor ", AuditFilter { actor: thing("mem_1"), ..filter() }),
        ("events_by_actor_token", AuditFilter { actor: thing(token), ..filter() }),
        ("events_by_correlation", AuditFilter { correlation: Some("req_1".to_owned()), ..filter() }),
        ("events_by_ip", AuditFilter { ip: Some("198.51.100.1/32".parse().unwrap()), ..filter() }),
        ("events_by_kind", AuditFilter { action: Some("token.revoked".to_owned()), ..filter() }),
    ] {
        let plan = plan(&running, filter.clone()).await;
        assert!(plan.contains(&format!("USING INDEX {index}")), "{filter:?}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
    }
}
