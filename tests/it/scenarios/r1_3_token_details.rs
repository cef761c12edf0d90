//! 1.3: a token's details show who made it and when, when it was last used, its scopes, and its address history.

use serde_json::{Value, json};

use crate::support::{Answer, Client, Patience, Server};

/// A token of that name: its id and its secret.
async fn issue(owner: &Client, name: &str) -> (String, String) {
    let body = json!({"name": name, "scopes": ["tokens:read", "members:read"]});
    let answer = owner.post("/v1/tokens", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&answer.body["token"]["id"]), text(&answer.body["secret"]))
}

async fn verify(owner: &Client, secret: &str, ip: &str, agent: &str) -> String {
    let question = json!({"token": secret, "ip": ip, "user_agent": agent});
    let answer = owner.post("/v1/verify", &question).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["code"].as_str().unwrap().to_owned()
}

/// Asks until the answer is as it must become: calls are told once they are recorded.
async fn until(client: &Client, path: &str, is_so: impl Fn(&Value) -> bool) -> Answer {
    let patience = Patience::default();
    loop {
        let answer = client.get(path).await;
        if answer.status == 200 && is_so(&answer.body) {
            return answer;
        }
        patience.goes_on(&format!("{path} stays {}", answer.body));
    }
}

fn ips(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|it| it["ip"].as_str().unwrap()).collect()
}

fn names(list: &Value) -> Vec<&str> {
    // The owner asks with a token of its own, which each call uses.
    let others = |it: &&str| *it != "First token";
    list["data"].as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).filter(others).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_3_details_show_creator_creation_last_use_and_scopes() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let (id, secret) = issue(&owner, "ci").await;
    let path = format!("/v1/tokens/{id}");
    let fresh = owner.get(&path).await.body;
    assert_eq!(fresh["token"]["last_used_at"], Value::Null);
    assert_eq!(fresh["token"]["created_by"]["kind"], "member");
    assert_eq!(fresh["token"]["scopes"], json!(["tokens:read", "members:read"]));

    assert_eq!(verify(&owner, &secret, "203.0.113.9", "curl/8.5").await, "VALID");
    let used = until(&owner, &path, |it| it["token"]["last_used_at"].is_string()).await.body;
    assert_eq!(used["token"]["last_used_ip"], "203.0.113.9");
    assert_eq!(used["token"]["secrets"][0]["last_used_at"], used["token"]["last_used_at"]);
    assert_eq!(used["token"]["secrets"][0]["last_used_ip"], "203.0.113.9");
    assert!(fresh["token"]["created_at"].as_str() <= used["token"]["last_used_at"].as_str());

    let rotated = owner.post(&format!("{path}/rotate"), &json!({"overlap": "1h"})).await.body;
    assert_eq!(rotated["rotation"]["last_used_at"], used["token"]["last_used_at"]);
    let second = rotated["secret"].as_str().unwrap();
    assert_eq!(verify(&owner, second, "203.0.113.10", "curl/8.5").await, "VALID");
    let both = until(&owner, &path, |it| it["token"]["secrets"][1]["last_used_at"].is_string()).await.body;
    assert_eq!(both["token"]["secrets"][0]["last_used_ip"], "203.0.113.9");
    assert_eq!(both["token"]["last_used_ip"], "203.0.113.10");
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_3_the_address_history_has_each_address_with_its_calls() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let (id, secret) = issue(&owner, "ci").await;
    for (ip, agent) in
        [("203.0.113.1", "a/1"), ("203.0.113.2", "a/1"), ("203.0.113.2", "b/1"), ("2001:db8::1", "a/1")]
    {
        assert_eq!(verify(&owner, &secret, ip, agent).await, "VALID");
    }
    let path = format!("/v1/tokens/{id}/ips");
    let all = until(&owner, &path, |it| ips(it).len() == 3).await.body;
    assert_eq!(ips(&all), ["2001:db8::1", "203.0.113.2", "203.0.113.1"], "the newest first");
    let second = &all["data"][1];
    assert_eq!((&second["calls"], &second["new"]), (&json!(2), &json!(true)));
    assert_eq!(second["user_agents"], json!(["a/1", "b/1"]));
    assert!(second["first_seen"].as_str() <= second["last_seen"].as_str());

    let first = owner.get(&format!("{path}?limit=2")).await.body;
    let rest =
        owner.get(&format!("{path}?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await.body;
    assert_eq!([ips(&first), ips(&rest)].concat(), ips(&all));
    assert_eq!(rest["next_cursor"], Value::Null);

    let stranger = server.owner_of("globex").await;
    assert_eq!(stranger.get(&path).await.status, 404, "foreign tokens are not there");
    assert_eq!(owner.with(&secret).get(&path).await.status, 200, "a token sees itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_3_tokens_are_found_by_their_use() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let (_, first) = issue(&owner, "first").await;
    let (_, second) = issue(&owner, "second").await;
    issue(&owner, "idle").await;
    assert_eq!(verify(&owner, &first, "203.0.113.1", "a/1").await, "VALID");
    assert_eq!(verify(&owner, &second, "198.51.100.1", "a/1").await, "VALID");
    let wanted = |it: &Value| names(it) == ["second", "first", "idle"];
    let down = until(&owner, "/v1/tokens?sort=-last_used_at", wanted).await.body;
    // Addresses are a view of their own.
    until(&owner, "/v1/tokens?ip=203.0.113.0/24", |it| names(it) == ["first"]).await;
    let all = down["data"].as_array().unwrap();
    let used = all.iter().find(|it| it["name"] == "first").unwrap()["last_used_at"].as_str().unwrap();
    let later = owner.get(&format!("/v1/tokens?sort=last_used_at&last_used_after={used}")).await.body;
    assert_eq!(names(&later), ["first", "second"]);
    let earlier = owner.get(&format!("/v1/tokens?last_used_before={used}")).await.body;
    assert_eq!(names(&earlier), Vec::<&str>::new());
    assert_eq!(names(&owner.get("/v1/tokens?unused_for=1h").await.body), Vec::<&str>::new());
}
