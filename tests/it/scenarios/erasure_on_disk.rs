//! Erasure of a person, looked for on the disk: what is gone is in no file, whatever is killed, restored or replayed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use serde_json::{Value, json};

use crate::support::{Client, Patience, Server, binary};

/// Where the owner's requests come from, and what sends them.
const HER_ADDRESS: &str = "127.0.0.2";
const HER_LAPTOP: &str = "AdasLaptop/7";

/// What nobody may find any more: name, e-mail address, user agent, and the address as text and as a key of views.
const GONE: [&[u8]; 6] = [
    b"Ada Lovelace",
    b"ada.lovelace@acme",
    b"lovelace",
    HER_LAPTOP.as_bytes(),
    b"adaslaptop/7",
    b"127.0.0.2",
];
const HER_ADDRESS_KEY: &[u8] = &[4, 127, 0, 0, 2];

/// An organisation whose owner has acted, and can act no more.
struct Acme {
    organization: String,
    owner: String,
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
        let acme = Self { organization: text("/organization/id"), owner: text("/owner/id") };
        let ada = Client::coming_from(server.url(), &text("/secret"), HER_ADDRESS.parse().unwrap());
        for n in 0..40 {
            let wish = json!({"name": format!("ci-{n}"), "scopes": ["tokens:read"]}).to_string();
            let issued = ada.call("POST", "/v1/tokens", &wish, &[("User-Agent", HER_LAPTOP)]).await;
            assert_eq!(issued.status, 201, "{}", issued.body);
            let question =
                json!({"token": issued.body["secret"], "ip": HER_ADDRESS, "user_agent": HER_LAPTOP});
            let verified = ada.post("/v1/verify", &question).await;
            assert_eq!(verified.body["code"], "VALID", "{}", verified.body);
            let path = format!("/v1/tokens/{}/revoke", issued.body["token"]["id"].as_str().unwrap());
            let revoked =
                ada.call("POST", &path, r#"{"reason":"superseded"}"#, &[("User-Agent", HER_LAPTOP)]).await;
            assert_eq!(revoked.status, 200, "{}", revoked.body);
        }
        let path = format!("/v1/tokens/{}/revoke", text("/token_id"));
        assert_eq!(acme.post(server, &path, &json!({"reason": "affiliation_changed"})).await, 200);
        acme
    }

    async fn post(&self, server: &Server, path: &str, body: &Value) -> u16 {
        let headers = [("Counterfoil-Organization", self.organization.as_str())];
        server.operator().call("POST", path, &body.to_string(), &headers).await.status
    }

    async fn erase(&self, server: &Server) -> u16 {
        self.post(server, "/v1/audit/erasures", &json!({"subject": self.owner, "reason": "requested"})).await
    }

    /// Waits until the audit says all.
    async fn audit(&self, server: &Server) -> String {
        let headers = [("Counterfoil-Organization", self.organization.as_str())];
        let answer = server.operator().call("GET", "/v1/audit/events?limit=100", "", &headers).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body.to_string()
    }
}

/// All files of a data folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&entry.path())),
            Ok(kind) if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    found
}

/// What is found of what must be gone, and where. A file that goes away meanwhile holds nothing.
fn traces(server_folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(&server_folder.join("data")) {
        let bytes = match fs::read(&path) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => continue,
            read => read.unwrap(),
        };
        for needle in GONE.into_iter().chain([HER_ADDRESS_KEY]) {
            if bytes.windows(needle.len()).any(|it| it == needle) {
                found.push(format!("{} in {}", String::from_utf8_lossy(needle), path.display()));
            }
        }
    }
    found
}

/// Decisions are recorded, and followed, a moment after they are answered.
fn wait_for_trace(server_folder: &Path, needle: &str, file: &str) {
    let patience = Patience::default();
    while !traces(server_folder).iter().any(|it| it.starts_with(needle) && it.contains(file)) {
        patience.goes_on(&format!("{needle} is in no file like {file}"));
    }
}

/// Views are written anew after they are blanked.
fn wait_until_clean(server_folder: &Path) {
    let patience = Patience::default();
    loop {
        let found = traces(server_folder);
        if found.is_empty() {
            return;
        }
        patience.goes_on(&format!("it is still there: {found:?}"));
    }
}

fn replay(server_folder: &Path, target: &str) -> String {
    let mut command = Command::new(binary::path());
    command.args(["audit", "replay", "--target", target, "--data"]).arg(server_folder.join("data"));
    let output = command.current_dir(server_folder).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_erased_person_no_byte_is_left_in_any_file_and_every_record_still_proves_itself() {
    let server = Server::start();
    let acme = Acme::on(&server).await;
    assert!(acme.audit(&server).await.contains(HER_LAPTOP));
    let folder = server.folder();
    wait_for_trace(folder.path(), HER_ADDRESS, "token_addresses");
    let before = traces(folder.path());
    for needle in ["Ada Lovelace", HER_LAPTOP, HER_ADDRESS] {
        assert!(before.iter().any(|it| it.starts_with(needle)), "the search must be able to find {needle}");
    }
    assert_eq!(acme.erase(&server).await, 201);
    assert!(!acme.audit(&server).await.contains("Lovelace"));
    wait_until_clean(folder.path());
    // Each record is held against its leaf on the way.
    let told = replay(folder.path(), &acme.owner);
    assert!(told.contains("member.added.v1") && told.contains("erased"), "{told}");
    let folder = server.kill();
    assert_eq!(traces(folder.path()), Vec::<String>::new(), "after a kill");
    let server = Server::start_in(folder);
    assert!(!acme.audit(&server).await.contains("Lovelace"));
    let (folder, status) = server.stop();
    assert!(status.success());
    assert_eq!(traces(folder.path()), Vec::<String>::new(), "after a restart and a stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_from_before_the_erasure_brings_nobody_back() {
    let server = Server::start();
    let acme = Acme::on(&server).await;
    let (folder, _) = server.stop();
    let (state, backup) = (folder.path().join("data/state.db"), folder.path().join("backup.db"));
    fs::copy(&state, &backup).unwrap();
    let server = Server::start_in(folder);
    assert_eq!(acme.erase(&server).await, 201);
    let (folder, _) = server.stop();
    for ending in ["state.db-wal", "state.db-shm"] {
        let _ = fs::remove_file(folder.path().join("data").join(ending));
    }
    fs::copy(&backup, &state).unwrap();
    fs::remove_dir_all(folder.path().join("data/views")).unwrap();
    let server = Server::start_in(folder);
    assert!(!acme.audit(&server).await.contains("Lovelace"));
    let folder = server.kill();
    assert_eq!(traces(folder.path()), Vec::<String>::new());
    assert!(replay(folder.path(), &acme.owner).contains("erased"));
}
