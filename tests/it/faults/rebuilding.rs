//! Views built again on a real server, under load and under kills.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use crate::support::{Client, Server, binary};

const WRITERS: usize = 4;
const READERS: usize = 2;
const VERIFIERS: usize = 2;
const REBUILDS: usize = 3;

/// Runs `counterfoil projections …` against that server.
fn projections(url: &str, data: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(binary::path());
    command.arg("projections").args(words).arg("--data").arg(data);
    command.env("COUNTERFOIL_SERVER_LISTEN", url.trim_start_matches("http://")).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

async fn issue(owner: &Client, name: &str) -> Value {
    let wish = json!({"name": name, "scopes": ["tokens:read"]});
    let answer = owner.post("/v1/tokens", &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body
}

/// What the load did, until it is told to stop.
#[derive(Default)]
struct Load {
    over: AtomicBool,
    issued: AtomicU64,
    read: AtomicU64,
    verified: AtomicU64,
}

impl Load {
    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }

    /// Issues tokens named 0, 1, 2 … one after the other.
    async fn write(self: Arc<Self>, owner: Client) {
        let mut number = 0;
        while self.goes_on() {
            issue(&owner, &number.to_string()).await;
            number += 1;
            self.issued.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Reads the newest tokens, which have consecutive numbers, down to the first where the page is not full.
    async fn read(self: Arc<Self>, owner: Client) {
        let mut newest = 0;
        while self.goes_on() {
            let answer = owner.get("/v1/tokens?limit=100&sort=-created_at").await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let rows = answer.body["data"].as_array().unwrap();
            let numbers: Vec<u64> = rows.iter().filter_map(|it| it["name"].as_str()?.parse().ok()).collect();
            let first = numbers.first().copied().unwrap_or_default();
            let expected: Vec<u64> = (0..=first).rev().take(numbers.len()).collect();
            assert_eq!(numbers, expected, "a row is missing");
            assert!(rows.len() == 100 || numbers.last().is_none_or(|it| *it == 0), "the end is missing");
            assert!(newest <= first, "the view has gone back from {newest} to {first}");
            newest = first;
            self.follow(&owner).await;
        }
    }

    /// The oldest facts, which are there from the first page of a build on.
    async fn follow(&self, owner: &Client) {
        let answer = owner.get("/v1/audit/events?order=asc&limit=100").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let rows = answer.body["data"].as_array().unwrap();
        let kinds: Vec<&str> = rows.iter().map(|it| it["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds[..3], ["organization.registered.v1", "member.added.v1", "token.issued.v1"]);
        self.read.fetch_add(1, Ordering::Relaxed);
    }

    async fn verify(self: Arc<Self>, owner: Client) {
        let secret = issue(&owner, "verified").await["secret"].as_str().unwrap().to_owned();
        while self.goes_on() {
            let answer = owner.post("/v1/verify", &json!({ "token": secret })).await;
            assert_eq!(answer.body["code"], "VALID", "{}", answer.body);
            self.verified.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_rebuilds_of_all_views_under_four_writers_show_no_half_view_to_two_readers() {
    let server = Server::start();
    let load = Arc::new(Load::default());
    let mut tasks = tokio::task::JoinSet::new();
    let mut owners = Vec::new();
    for number in 0..WRITERS {
        let owner = server.owner_of(&format!("writer{number}")).await;
        tasks.spawn(Arc::clone(&load).write(owner.clone()));
        owners.push(owner);
    }
    for owner in owners.iter().take(READERS) {
        tasks.spawn(Arc::clone(&load).read(owner.clone()));
    }
    // Organisations of their own, so that the numbers of the others have no holes.
    for number in 0..VERIFIERS {
        let owner = server.owner_of(&format!("verifier{number}")).await;
        tasks.spawn(Arc::clone(&load).verify(owner));
    }
    let begun = Instant::now();
    for _ in 0..REBUILDS {
        let (url, data) = (server.url().to_owned(), server.path(""));
        let rebuilt = tokio::task::spawn_blocking(move || projections(&url, &data, &["rebuild", "--all"]));
        let told = said(&rebuilt.await.unwrap());
        assert!(told.contains("token_list: rebuilt, identical to the live view"), "{told}");
        let identical = told.lines().filter(|it| it.ends_with("rebuilt, identical to the live view")).count();
        assert_eq!(identical, told.lines().count(), "{told}");
    }
    let seconds = begun.elapsed().as_secs_f64();
    load.over.store(true, Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let count = |it: &AtomicU64| it.load(Ordering::Relaxed);
    let (issued, read, verified) = (count(&load.issued), count(&load.read), count(&load.verified));
    println!(
        "{REBUILDS} rebuilds in {seconds:.1} s: {issued} tokens issued, {read} reads, {verified} verified"
    );
    assert!(0 < issued && 0 < read && 0 < verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_in_the_middle_of_a_rebuild_leave_what_was_served() {
    let mut server = Server::start();
    let owner = server.owner_of("acme").await;
    for number in 0..50 {
        issue(&owner, &number.to_string()).await;
    }
    for round in 0..10 {
        let begun = server.operator().post("/v1/projections/audit/rebuild", &json!({})).await;
        assert_eq!(begun.status, 202, "{}", begun.body);
        if round % 2 == 1 {
            // Some are killed a little later.
            server.operator().get("/v1/projections").await;
        }
        server = Server::start_in(server.kill());
        let job = begun.headers["location"].to_str().unwrap();
        assert_eq!(server.operator().get(job).await.status, 404, "what was begun is over");
        let owner = Client::new(server.url(), owner.token());
        let found = owner.get("/v1/audit/events?action=token.issued&limit=100").await;
        assert_eq!(found.body["data"].as_array().unwrap().len(), 51, "{}", found.body);
        let views = std::fs::read_dir(server.path("views")).unwrap();
        let paths = views.map(|it| it.unwrap().path());
        let databases = paths.filter(|it| it.extension().is_some_and(|it| it == "db"));
        let names = databases.map(|it| it.file_name().unwrap().to_owned().into_string().unwrap());
        let builds = names.filter(|it| it.starts_with("audit.v")).count();
        assert_eq!(builds, 1, "a half build is left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_see_and_who_may_rebuild() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let list = owner.get("/v1/projections").await;
    assert_eq!(list.status, 200, "{}", list.body);
    let names: Vec<&str> =
        list.body["data"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"token_list") && names.contains(&"audit"), "{names:?}");
    let first = owner.get("/v1/projections?limit=1").await.body;
    assert_eq!(first["data"].as_array().unwrap().len(), 1);
    let cursor = first["next_cursor"].as_str().unwrap();
    let next = owner.get(&format!("/v1/projections?limit=1&cursor={cursor}")).await.body;
    assert_eq!(next["data"][0]["name"], names[1]);
    let rebuild = "/v1/projections/token_list/rebuild";
    let refused = owner.post(rebuild, &json!({})).await;
    assert_eq!((refused.status, refused.code()), (403, "insufficient_scope"));
    assert_eq!(server.nobody().get("/v1/projections").await.status, 401);
    let operator = server.operator();
    assert_eq!(operator.post("/v1/projections/nonsense/rebuild", &json!({})).await.status, 404);
    let faulty = operator.post(rebuild, &json!({"fast": true})).await;
    assert_eq!(faulty.faults(), ["/fast unknown_field"]);
    let begun = operator.post_once(rebuild, &json!({}), "once").await;
    assert_eq!(begun.status, 202, "{}", begun.body);
    let again = operator.post_once(rebuild, &json!({}), "once").await;
    assert_eq!(again.body["job"]["id"], begun.body["job"]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_lists_views_and_says_what_is_wrong() {
    let server = Server::start();
    let data = server.path("");
    let told = said(&projections(server.url(), &data, &["list"]));
    assert!(told.lines().any(|it| it.starts_with("token_list ") && it.contains("live")), "{told}");
    let json: Value =
        serde_json::from_str(&said(&projections(server.url(), &data, &["list", "--json"]))).unwrap();
    assert_eq!(json["projections"].as_array().unwrap().len(), told.lines().count());
    let one = said(&projections(server.url(), &data, &["rebuild", "--json", "timers"]));
    let one: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(one["rebuilt"][0]["identical"], true, "{one}");
    let unknown = projections(server.url(), &data, &["rebuild", "nonsense"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("404 not_found"));
    assert_eq!(projections(server.url(), &data, &["rebuild"]).status.code(), Some(2));
    assert_eq!(projections(server.url(), &data, &["rebuild", "--all", "timers"]).status.code(), Some(2));
}
