//! Every call is recorded, and what a kill may have lost is recorded too.

use std::collections::BTreeMap;
use std::path::Path;

use eventlog::usage::{Lane, Options, Place, SqliteUsageLog, UsageLog as _};
use schemas::sealing::KeySet;
use schemas::usage::{Block, Outcome, SegmentReader, Standing};
use serde_json::{Value, json};

use crate::support::{Client, Server};

/// How often each outcome is in a usage log that nobody serves. Without keys: counts stand in clear.
async fn outcomes(folder: &Path) -> BTreeMap<Outcome, u64> {
    let folder = folder.join("data/usage");
    let log = SqliteUsageLog::open(folder, Options { ballast_bytes: 0, ..Options::default() }).unwrap();
    let mut reader = SegmentReader::default();
    let mut counts = BTreeMap::new();
    for stored in log.read(Lane(0), Place(0), usize::MAX).await.unwrap() {
        let block = Block::decode(&stored.bytes).unwrap();
        assert_ne!(reader.standing(block.header()), Standing::AlreadyRead);
        for row in reader.read(&block, &KeySet::default()).unwrap() {
            *counts.entry(row.outcome).or_default() += row.count;
        }
    }
    log.close().await;
    counts
}

/// The gaps that the ledger knows of.
async fn gaps(operator: &Client) -> Vec<Value> {
    let answer = operator.get("/v1/audit/events?action=ledger.gap_recorded").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_with_a_credential_is_recorded_with_its_outcome() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let issued = owner.post("/v1/tokens", &json!({"name": "ci", "scopes": ["tokens:read"]})).await;
    let (id, secret) =
        (issued.body["token"]["id"].as_str().unwrap(), issued.body["secret"].as_str().unwrap());
    let ci = owner.with(secret);
    for _ in 0..3 {
        assert_eq!(owner.post("/v1/verify", &json!({ "token": secret })).await.body["code"], "VALID");
        assert_eq!(owner.post("/v1/verify", &json!({"token": "junk"})).await.body["code"], "NOT_FOUND");
    }
    let batch = json!({"requests": [{"token": secret}, {"token": secret, "permissions": ["tokens:revoke"]}]});
    assert_eq!(owner.post("/v1/verify/batch", &batch).await.status, 200);
    assert_eq!(ci.get("/v1/whoami").await.status, 200);
    assert_eq!(ci.post("/v1/tokens", &json!({"name": "more", "scopes": ["tokens:read"]})).await.status, 403);
    assert_eq!(
        owner.post(&format!("/v1/tokens/{id}/revoke"), &json!({"reason": "superseded"})).await.status,
        200
    );
    assert_eq!(ci.get("/v1/whoami").await.code(), "token_revoked");
    assert_eq!(server.nobody().get("/v1/whoami").await.code(), "token_missing");
    assert_eq!(server.nobody().with("junk").get("/v1/whoami").await.code(), "token_invalid");
    let (folder, status) = server.stop();
    assert!(status.success());
    let expected = [
        // Registering, issuing, asking who one is, revoking; three questions and one of the batch.
        (Outcome::VALID, 4 + 3 + 1),
        (Outcome::INSUFFICIENT_PERMISSIONS, 1 + 1),
        (Outcome::REVOKED, 1),
        (Outcome::MALFORMED, 3 + 1),
    ];
    assert_eq!(outcomes(folder.path()).await, expected.into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_leaves_exactly_one_gap_and_a_clean_stop_none() {
    let server = Server::start();
    assert_eq!(gaps(&server.operator()).await, Vec::<Value>::new());
    let server = Server::start_in(server.stop().0);
    assert_eq!(gaps(&server.operator()).await, Vec::<Value>::new(), "a clean stop leaves none");
    let server = Server::start_in(server.kill());
    let gaps_now = gaps(&server.operator()).await;
    let [gap] = gaps_now.as_slice() else { panic!("{gaps_now:?}") };
    let data = &gap["data"];
    let instant = |name: &str| data[name].as_str().unwrap().to_owned();
    assert!(instant("from") < instant("until"), "{gap}");
    assert_eq!(gap["stream"], format!("usage_gap-{}", data["node_start"].as_str().unwrap()));
    assert_eq!(gap["actor"]["id"], "recorder", "{gap}");
    let server = Server::start_in(server.stop().0);
    assert_eq!(gaps(&server.operator()).await, std::slice::from_ref(gap), "no start adds to it");
}
