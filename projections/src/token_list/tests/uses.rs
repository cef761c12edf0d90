//! Tokens that were used, as the views of the usage log say it.

use std::net::IpAddr;

use domain::time::Timestamp;
use store::{Sql, Statement, Views};

use super::TOKENS;
use crate::runner::check::Running;
use crate::runner::{Projector, Record};
use crate::testing::Ledger;
use crate::token_addresses::{SeenAddress, Sightings, TokenAddresses, UserAgents};
use crate::token_list::page::Order;
use crate::token_list::queries::statement;
use crate::token_list::{Direction, ListedToken, Owner, Sort, SortKey, TokenFilter, TokenQuery};
use crate::token_usage::{LastUse, Tally, TokenUsage, UsedToken};

/// When and where from a token was used last.
pub(super) type Use = Option<(Timestamp, IpAddr)>;

/// Publishes views that say so.
pub(super) async fn publish(running: &Running, used: &[(ListedToken, Use)]) {
    let each = || used.iter().filter_map(|(token, last)| Some((token, (*last)?)));
    let tokens = each().map(|(token, (at, ip))| {
        let last_use = Some(LastUse { at, subject: None, address: Some(ip) });
        let tally = Tally { calls: 1, last_use, ..Tally::default() };
        UsedToken { token: token.id, organization: token.organization, tally }
    });
    let addresses = each().map(|(token, (at, ip))| SeenAddress {
        token: token.id,
        subject: "mem_1".into(),
        address: ip,
        organization: token.organization,
        sightings: Sightings { first_seen: at, last_seen: at, calls: 1, user_agents: UserAgents::default() },
    });
    fill::<TokenUsage, _>(running.views.as_ref(), tokens).await;
    fill::<TokenAddresses, _>(running.views.as_ref(), addresses).await;
}

async fn fill<P: Projector, R: Record>(views: &dyn Views, rows: impl Iterator<Item = R>) {
    let writer = views.writer(P::NAME, P::VERSION).await.unwrap();
    let statements =
        P::TABLES.iter().flat_map(|it| std::iter::once(it.ddl).chain(it.indexes.iter().copied()));
    let mut statements: Vec<_> = statements.map(|it| Statement::new(it, vec![])).collect();
    let (name, columns) = (R::TABLE.name, R::TABLE.columns);
    let places: Vec<_> = (1..=columns.len()).map(|it| format!("${it}")).collect();
    let (columns, places) = (columns.join(", "), places.join(", "));
    let insert = format!("INSERT INTO {}.{name} ({columns}) VALUES ({places})", P::NAME);
    statements.extend(rows.map(|it| Statement::new(insert.clone(), it.into_values())));
    writer.transact(statements).await.unwrap();
    views.publish(P::NAME, P::VERSION).await.unwrap();
}

/// Without statistics the engine decides by the shape of the question.
#[tokio::test]
async fn tokens_sorted_by_their_last_use_come_from_the_index_of_uses() {
    let ledger = Ledger::new();
    let (acme, _) = ledger.organization("acme").await;
    let running = Running::start(TOKENS, &ledger);
    running.catch_up(&ledger).await;
    publish(&running, &[]).await;
    let reader = running.views.reader();
    for (order, index) in [(Order::LastUsedAt, "tokens_by_use"), (Order::NeverUsed, "tokens_by_creation")] {
        for direction in [Direction::Ascending, Direction::Descending] {
            let sort = Sort { key: SortKey::LastUsedAt, direction };
            let (owner, now) = (Owner::Organization(acme), ledger.now());
            let filter = TokenFilter::default();
            let query = TokenQuery { owner, filter, sort, after: None, limit: 50, now };
            let plan = explained(reader.as_ref(), &query, order).await;
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{order:?}: {plan}");
        }
    }
}

async fn explained(reader: &dyn Sql, query: &TokenQuery, order: Order) -> String {
    let (sql, args) = statement(query, order, 51);
    let rows = reader.query(&format!("EXPLAIN QUERY PLAN {sql}"), args).await.unwrap();
    rows.iter().map(|row| row.text(3).unwrap().to_owned()).collect::<Vec<_>>().join("; ")
}
