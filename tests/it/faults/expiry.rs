//! Expiries over kills: each is noted once, whenever the process dies.

use serde_json::json;

use crate::support::{Client, Patience, Server};

const TOKENS: usize = 12;
const KILLS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn over_4_kills_each_of_12_expiries_is_noted_exactly_once() {
    let mut server = Server::start();
    let owner = server.owner_of("acme").await.token().to_owned();
    for n in 0..TOKENS {
        let body = json!({"name": format!("t{n}"), "scopes": ["*"], "expires_in": format!("{}s", 1 + n % 4)});
        let issued = Client::new(server.url(), &owner).post("/v1/tokens", &body).await;
        assert_eq!(issued.status, 201, "{}", issued.body);
    }
    for kill in 0..KILLS {
        let expected = (1 + kill) * TOKENS / KILLS;
        until_noted(&server, &owner, expected).await;
        server = Server::start_in(server.kill());
    }
    let noted = noted(&server, &owner).await;
    let mut once = noted.clone();
    once.sort();
    once.dedup();
    assert_eq!((noted.len(), once.len()), (TOKENS, TOKENS));
}

async fn until_noted(server: &Server, owner: &str, expected: usize) {
    let patience = Patience::default();
    while noted(server, owner).await.len() < expected {
        patience.goes_on("an expiry is never noted");
    }
}

/// The tokens whose expiry is a fact, each as often as it is one.
async fn noted(server: &Server, owner: &str) -> Vec<String> {
    let owner = Client::new(server.url(), owner);
    let patience = Patience::default();
    let facts = loop {
        let facts = owner.get("/v1/audit/events?action=token.expired&limit=100").await;
        // On a busy machine a view may be behind what was answered for: 503, and to be asked again.
        if facts.status == 200 {
            break facts.body["data"].as_array().unwrap().clone();
        }
        assert_eq!(facts.status, 503, "{}", facts.body);
        patience.goes_on("the audit is never answered");
    };
    facts.iter().map(|it| it["target"].as_str().unwrap().to_owned()).collect()
}
