//! Erasure of a person: asked for over HTTP, and looked for in the answers.

use serde_json::{Value, json};

use crate::support::{Answer, Client, Server};

/// An organisation, its owner's member and first token, and who runs the platform.
struct Acme {
    operator: Client,
    organization: String,
    owner: String,
    owners_token: String,
    secret: String,
}

impl Acme {
    async fn on(server: &Server) -> Self {
        let operator = server.operator();
        let body = json!({
            "name": "Acme", "slug": "acme", "plan": "enterprise",
            "owner": {"email": "ada.lovelace@acme.test", "name": "Ada Lovelace"},
        });
        let answer = operator.post("/v1/organizations", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let text = |pointer: &str| answer.body.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        Self {
            operator,
            organization: text("/organization/id"),
            owner: text("/owner/id"),
            owners_token: text("/token_id"),
            secret: text("/secret"),
        }
    }

    /// What an operator does as the organisation's owner.
    async fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("Counterfoil-Organization", self.organization.as_str())];
        self.operator.call("POST", path, &body.to_string(), &headers).await
    }

    async fn audit(&self) -> Vec<Value> {
        let headers = [("Counterfoil-Organization", self.organization.as_str())];
        let answer = self.operator.call("GET", "/v1/audit/events?order=asc", "", &headers).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["data"].as_array().unwrap().clone()
    }

    async fn revoke(&self) {
        let path = format!("/v1/tokens/{}/revoke", self.owners_token);
        assert_eq!(self.post(&path, &json!({"reason": "affiliation_changed"})).await.status, 200);
    }

    async fn erase(&self, query: &str) -> Answer {
        let body = json!({"subject": self.owner, "reason": "requested"});
        self.post(&format!("/v1/audit/erasures{query}"), &body).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_named_by_no_answer_and_every_fact_stays() {
    let server = Server::start();
    let acme = Acme::on(&server).await;
    let owner = acme.operator.with(&acme.secret);
    let wish = json!({"name": "ci", "scopes": ["*"]}).to_string();
    let issued = owner.call("POST", "/v1/tokens", &wish, &[("User-Agent", "AdasLaptop/7")]).await;
    assert_eq!(issued.status, 201, "{}", issued.body);
    let refused = acme.erase("").await;
    assert_eq!((refused.status, refused.code()), (409, "state_conflict"), "{}", refused.body);
    assert_eq!(refused.body["live_tokens"], 2);
    acme.revoke().await;
    let ci = issued.body["token"]["id"].as_str().unwrap().to_owned();
    acme.post(&format!("/v1/tokens/{ci}/revoke"), &json!({"reason": "affiliation_changed"})).await;
    let before = acme.audit().await;
    assert!(Value::from(before.clone()).to_string().contains("AdasLaptop/7"));

    let tried = acme.erase("?dry_run=true").await;
    assert_eq!((tried.status, acme.audit().await.len()), (200, before.len()), "{}", tried.body);
    let erased = acme.erase("").await;
    assert_eq!(erased.status, 201, "{}", erased.body);
    assert_eq!(erased.body["erasure"]["subject"], json!(acme.owner));
    let again = acme.erase("").await;
    assert_eq!((again.status, &again.body), (200, &erased.body));

    let after = acme.audit().await;
    assert_eq!(after.len(), before.len() + 1);
    let text = Value::from(after.clone()).to_string();
    for gone in ["Lovelace", "ada.lovelace", "AdasLaptop"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((&before["id"], &before["position"]), (&after["id"], &after["position"]));
    }
    assert_eq!((&after[1]["data"]["personal"], &after[1]["personal"]), (&json!("erased"), &json!("erased")));
    assert_eq!(after[2]["data"]["texts"]["name"], "First token", "texts are the organisation's");
    let fact = after.last().unwrap();
    assert_eq!((&fact["kind"], &fact["target"]), (&json!("subject.erased.v1"), &json!(acme.owner)));
    assert_eq!(fact["data"], json!({"reason": "requested"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_stays_erased_over_a_restart_and_gets_no_token() {
    let server = Server::start();
    let acme = Acme::on(&server).await;
    acme.revoke().await;
    assert_eq!(acme.erase("").await.status, 201);
    let server = Server::start_in(server.kill());
    let acme = Acme { operator: server.operator(), ..acme };
    let again = acme.erase("").await;
    assert_eq!(again.status, 200, "{}", again.body);
    let wish = json!({"name": "x", "scopes": ["*"], "holder": {"kind": "member", "id": acme.owner}});
    let refused = acme.post("/v1/tokens", &wish).await;
    assert_eq!((refused.status, refused.faults()), (422, vec!["/holder/id out_of_range".to_owned()]));
    assert!(!Value::from(acme.audit().await).to_string().contains("Lovelace"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_erase_learns_nothing_and_what_cannot_be_erased_says_why() {
    let server = Server::start();
    let acme = Acme::on(&server).await;
    let other = server.owner_of("globex").await;
    let body = json!({"subject": acme.owner, "reason": "requested"});
    let answer = other.post("/v1/audit/erasures", &body).await;
    assert_eq!((answer.status, answer.code()), (404, "not_found"), "another organisation's member");
    let owner = acme.operator.with(&acme.secret);
    let narrow = owner.post("/v1/tokens", &json!({"name": "narrow", "scopes": ["audit:read"]})).await;
    let narrow = owner.with(narrow.body["secret"].as_str().unwrap());
    let answer = narrow.post("/v1/audit/erasures", &body).await;
    assert_eq!((answer.status, answer.code()), (403, "insufficient_scope"));
    let bad = owner.post("/v1/audit/erasures", &json!({"subject": "ada", "reason": "because"})).await;
    assert_eq!(
        (bad.status, bad.faults()),
        (422, vec!["/subject out_of_range".to_owned(), "/reason out_of_range".to_owned(),])
    );
    let whole = json!({"subject": acme.organization, "reason": "no_longer_needed"});
    let answer = acme.post("/v1/audit/erasures", &whole).await;
    assert_eq!((answer.status, answer.code()), (422, "not_supported_yet"), "{}", answer.body);
    let strangers =
        |day: &str| json!({"subject": format!("unauthenticated/{day}"), "reason": "no_longer_needed"});
    let answer = acme.operator.post("/v1/audit/erasures", &strangers("2020-01-01")).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let answer = acme.operator.post("/v1/audit/erasures", &strangers("9999-12-31")).await;
    assert_eq!((answer.status, &answer.body["state"]), (409, &json!("open")));
    let answer = owner.post("/v1/audit/erasures", &strangers("2020-01-02")).await;
    assert_eq!(answer.status, 404);
}
