//! Bits that flip on a disk: what is wrong is built again, or refused with its place, and never answered.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::decisions::all_decisions;
use crate::support::{Client, Patience, Server};

const TOKENS: usize = 10;
const VERIFICATIONS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_snapshot_with_1_of_100_random_bits_flipped_is_not_believed() {
    let story = Story::told().await;
    for _ in 0..100 {
        let folder = story.copied();
        let flip = Flip::in_one_of(&[folder.path().join("data/gate.snapshot")]);
        let server = Server::try_start_in(folder).unwrap_or_else(|err| panic!("{flip}: {err}"));
        story.is_answered_whole(&server, &flip).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_usage_log_with_1_of_100_random_bits_flipped_is_whole_or_refused_with_its_place() {
    let story = Story::told().await;
    let (mut whole, mut refused) = (0, 0);
    for _ in 0..100 {
        let folder = story.copied();
        let mut files = files_in(&folder.path().join("data/usage"));
        files.retain(|it| !it.ends_with("ballast"));
        let flip = Flip::in_one_of(&files);
        match Server::try_start_answering(folder) {
            Err(words) => {
                assert!(words.contains("usage"), "{flip}: the place is named: {words}");
                refused += 1;
            }
            Ok(server) if story.decisions_are_whole_or_refused(&server, &flip).await => whole += 1,
            Ok(_) => refused += 1,
        }
    }
    eprintln!("100 bits of the usage log: {whole} times answered whole, {refused} times refused");
}

/// A folder that was served and stopped, and what is known of it.
struct Story {
    folder: Arc<TempDir>,
    owner: String,
    /// Each secret with the code that the gate must answer.
    secrets: Vec<(String, &'static str)>,
    /// A token that was verified so often, and is not again.
    witness: String,
}

impl Story {
    async fn told() -> Self {
        let server = Server::start();
        let owner = server.owner_of("acme").await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (mut secrets, mut witness) = (Vec::new(), String::new());
        for n in 0..TOKENS {
            let body = json!({"name": format!("t{n}"), "scopes": ["*"]});
            let issued = owner.post("/v1/tokens", &body).await.body;
            let (id, secret) = (text(&issued["token"]["id"]), text(&issued["secret"]));
            if n == 0 {
                verify_often(&owner, &secret).await;
                witness = id;
            } else if n.is_multiple_of(3) {
                let reason = json!({"reason": "superseded"});
                assert_eq!(owner.post(&format!("/v1/tokens/{id}/revoke"), &reason).await.status, 200);
                secrets.push((secret, "REVOKED"));
            } else {
                secrets.push((secret, "VALID"));
            }
        }
        let (folder, status) = server.stop();
        assert!(status.success(), "{status}");
        Self { folder, owner: owner.token().to_owned(), secrets, witness }
    }

    /// The same folder once more, but for the ballast.
    fn copied(&self) -> Arc<TempDir> {
        let copy = TempDir::new().unwrap();
        copy_folder(&self.folder.path().join("data"), &copy.path().join("data"));
        Arc::new(copy)
    }

    /// All that was told is answered, sooner or later.
    async fn is_answered_whole(&self, server: &Server, flip: &Flip) {
        self.gate_answers(server, flip).await;
        let patience = Patience::default();
        while !self.decisions_are_whole_or_refused(server, flip).await {
            patience.goes_on("the decisions are not answered");
        }
    }

    async fn gate_answers(&self, server: &Server, flip: &Flip) {
        let owner = Client::new(server.url(), &self.owner);
        for (secret, code) in &self.secrets {
            let answer = owner.post("/v1/verify", &json!({ "token": secret })).await;
            assert_eq!(answer.body["code"], *code, "{flip}: {}", answer.body);
        }
    }

    /// Whether the decisions about the witness are answered. They are so only as they were made.
    async fn decisions_are_whole_or_refused(&self, server: &Server, flip: &Flip) -> bool {
        let owner = Client::new(server.url(), &self.owner);
        let path = format!("/v1/audit/decisions?token={}&limit=100", self.witness);
        let answer = owner.get(&path).await;
        if answer.status >= 500 {
            return false;
        }
        let found = all_decisions(&owner, &format!("token={}&limit=100", self.witness)).await;
        let counted: u64 = found.iter().map(|it| it["count"].as_u64().unwrap()).sum();
        assert_eq!(counted, VERIFICATIONS as u64, "{flip}: {}", answer.body);
        assert!(found.iter().all(|it| it["code"] == "VALID"), "{flip}: {found:?}");
        true
    }
}

async fn verify_often(owner: &Client, secret: &str) {
    for _ in 0..VERIFICATIONS {
        assert_eq!(owner.post("/v1/verify", &json!({ "token": secret })).await.body["code"], "VALID");
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    entries.filter(|it| it.is_file() && !it.is_symlink()).collect()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path).unwrap(), target).unwrap();
        } else if path.is_dir() {
            copy_folder(&path, &target);
        } else if !path.ends_with("ballast") {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// One bit that was flipped.
struct Flip {
    file: PathBuf,
    byte: usize,
    bit: u32,
}

impl Flip {
    /// Flips a random bit of one of these files, each byte as likely as any other.
    fn in_one_of(files: &[PathBuf]) -> Self {
        let sizes: Vec<usize> = files.iter().map(|it| fs::read(it).unwrap().len()).collect();
        // The last 62 bits of such an id are random (RFC 9562 §5.7).
        let mut dice = uuid::Uuid::now_v7().as_u128() % (1 << 62);
        let bit = u32::try_from(dice % 8).unwrap();
        dice /= 8;
        let mut byte = usize::try_from(dice % sizes.iter().sum::<usize>() as u128).unwrap();
        let mut at = 0;
        while sizes[at] <= byte {
            byte -= sizes[at];
            at += 1;
        }
        let mut bytes = fs::read(&files[at]).unwrap();
        bytes[byte] ^= 1 << bit;
        fs::write(&files[at], bytes).unwrap();
        Self { file: files[at].clone(), byte, bit }
    }
}

impl std::fmt::Display for Flip {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.file.file_name().unwrap().to_string_lossy();
        write!(out, "bit {} of byte {} of {name} flipped", self.bit, self.byte)
    }
}
