//! Damage on disk: views are rebuilt, a damaged ledger refuses the start and says where.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use crate::support::{Client, Patience, Server};

/// A folder with some history, and its owner's token.
async fn stopped() -> (Arc<tempfile::TempDir>, String) {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    for n in 0..20 {
        owner.post("/v1/tokens", &json!({"name": format!("t{n}"), "scopes": ["*"]})).await;
    }
    let (folder, status) = server.stop();
    assert!(status.success(), "a clean stop exits 0");
    (folder, owner.token().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn views_that_are_garbage_are_rebuilt() {
    let (folder, owner) = stopped().await;
    let server = Server::start_in(folder);
    let before = seen(&Client::new(server.url(), &owner)).await;
    let (folder, _) = server.stop();
    let views = folder.path().join("data").join("views");
    let mut spoiled = 0;
    for file in fs::read_dir(&views).unwrap().map(Result::unwrap) {
        if file.path().is_file() && !file.path().is_symlink() {
            fs::write(file.path(), b"this is no database").unwrap();
            spoiled += 1;
        }
    }
    assert!(3 <= spoiled, "{spoiled}");
    let server = Server::start_in(folder);
    assert_eq!(seen(&Client::new(server.url(), &owner)).await, before);
}

/// What the views answer, but for when a token was used: to look is to use one.
async fn seen(owner: &Client) -> [serde_json::Value; 2] {
    let mut list = owner.get("/v1/tokens?limit=100").await.body["data"].take();
    for token in list.as_array_mut().unwrap() {
        unused(token);
        token["secrets"].as_array_mut().unwrap().iter_mut().for_each(unused);
    }
    let facts = owner.get("/v1/audit/events?limit=100").await.body["data"].take();
    assert_eq!((list.as_array().map(Vec::len), facts.as_array().map(Vec::len)), (Some(21), Some(23)));
    [list, facts]
}

fn unused(shown: &mut serde_json::Value) {
    for name in ["last_used_at", "last_used_ip"] {
        shown[name] = serde_json::Value::Null;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_in_a_record_refuses_the_start_and_says_where() {
    let (folder, _) = stopped().await;
    let (position, whole) = (10, flip_a_bit_in(&folder, 10));
    // A start that has a snapshot answers first, and looks afterwards.
    fs::remove_file(folder.path().join("data").join("gate.snapshot")).unwrap();
    let words = Server::try_start_in(Arc::clone(&folder)).err().unwrap();
    assert!(words.contains(&format!("position {position}")) && words.contains("ledger"), "{words}");
    fs::write(folder.path().join("data").join("ledger.db"), &whole).unwrap();
    drop(Server::start_in(folder));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_behind_a_snapshot_ends_the_writing_says_where_and_refuses_the_next_start() {
    let (folder, owner) = stopped().await;
    let (position, whole) = (10, flip_a_bit_in(&folder, 10));
    let server = Server::start_in(Arc::clone(&folder));
    let owner = Client::new(server.url(), &owner);
    let (place, patience) = (format!("position {position}"), Patience::default());
    loop {
        let ready = server.nobody().get("/readyz").await;
        if ready.status == 503 && ready.body["missing"].to_string().contains(&place) {
            break;
        }
        patience.goes_on("the damage is never told");
    }
    let refused = owner.post("/v1/tokens", &json!({"name": "late", "scopes": ["*"]})).await;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert_eq!(owner.get("/v1/whoami").await.status, 200, "what the gate knows is not in doubt");
    let (folder, _) = server.stop();
    let words = Server::try_start_in(Arc::clone(&folder)).err().unwrap();
    assert!(words.contains(&place) && words.contains("ledger"), "{words}");
    fs::write(folder.path().join("data").join("ledger.db"), &whole).unwrap();
    drop(Server::start_in(folder));
}

/// Flips a bit in the middle of the record at a position; gives the file as it was.
fn flip_a_bit_in(folder: &tempfile::TempDir, position: i64) -> Vec<u8> {
    let ledger = folder.path().join("data").join("ledger.db");
    let bytes = fs::read(&ledger).unwrap();
    let record = record_at(&ledger, position);
    let mut flipped = bytes.clone();
    // SQLite leaves copies behind where it has moved a record.
    for place in (0..bytes.len()).filter(|it| bytes[*it..].starts_with(&record)) {
        flipped[place + record.len() / 2] ^= 1;
    }
    assert!(flipped != bytes);
    fs::write(&ledger, &flipped).unwrap();
    bytes
}

/// The bytes of a record, as the file holds them.
fn record_at(ledger: &Path, position: i64) -> Vec<u8> {
    let file =
        rusqlite::Connection::open_with_flags(ledger, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    file.query_row("SELECT bytes FROM records WHERE position = ?1", [position], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_lost_its_end_refuses_the_start() {
    let (folder, owner) = stopped().await;
    let data = folder.path().join("data");
    let before = fs::read(data.join("ledger.db")).unwrap();
    let server = Server::start_in(Arc::clone(&folder));
    Client::new(server.url(), &owner).post("/v1/tokens", &json!({"name": "last", "scopes": ["*"]})).await;
    let (folder, _) = server.stop();
    fs::write(data.join("ledger.db"), &before).unwrap();
    let words = Server::try_start_in(folder).err().unwrap();
    assert!(words.contains("position"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_folder_is_refused_with_the_first_one_s_process() {
    let server = Server::start();
    let words = Server::try_start_in(server.folder()).err().unwrap();
    assert!(words.contains(&server.pid().to_string()), "{words}");
    assert_eq!(server.nobody().get("/readyz").await.status, 200);
}
