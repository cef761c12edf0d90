//! Reading recorded decisions page by page.

use serde_json::Value;

use super::{Client, Patience};

/// All decisions that a search finds, over all its pages, in their order.
pub(crate) async fn all_decisions(client: &Client, filters: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = client.get(&format!("/v1/audit/decisions?{filters}{cursor}")).await;
        assert_eq!(answer.status, 200, "{filters}: {}", answer.body);
        found.extend(answer.body["data"].as_array().unwrap().clone());
        match answer.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// The same, once there are as many.
pub(crate) async fn decisions(client: &Client, filters: &str, count: u64) -> Vec<Value> {
    let patience = Patience::default();
    loop {
        let found = all_decisions(client, filters).await;
        let counted: u64 = found.iter().map(|it| it["count"].as_u64().unwrap()).sum();
        assert!(counted <= count, "{filters}: {counted} decisions are found, not {count}");
        if counted == count {
            return found;
        }
        patience.goes_on("the decisions are not recorded");
    }
}
