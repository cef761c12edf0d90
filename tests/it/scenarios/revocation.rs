//! A revocation that was answered holds for every verification that begins afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use crate::support::{Client, Server};

const TOKENS: usize = 40;
const VERIFIERS: usize = 8;

/// A token, and whether its revocation was answered.
struct Revocable {
    id: String,
    secret: String,
    is_revoked: AtomicBool,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_from_the_answer_on() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let mut tokens = Vec::new();
    for n in 0..TOKENS {
        let body = owner.post("/v1/tokens", &json!({"name": format!("t{n}"), "scopes": ["*"]})).await.body;
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let (id, secret) = (text(&body["token"]["id"]), text(&body["secret"]));
        tokens.push(Revocable { id, secret, is_revoked: AtomicBool::new(false) });
    }
    let tokens = Arc::new(tokens);
    let done = Arc::new(AtomicBool::new(false));
    let refused = Arc::new(AtomicUsize::new(0));
    let verifiers: Vec<_> = (0..VERIFIERS)
        .map(|at| {
            let (owner, tokens) = (owner.clone(), Arc::clone(&tokens));
            tokio::spawn(hammer(owner, tokens, at, Arc::clone(&done), Arc::clone(&refused)))
        })
        .collect();
    for token in tokens.iter() {
        let path = format!("/v1/tokens/{}/revoke", token.id);
        assert_eq!(owner.post(&path, &json!({"reason": "key_compromise"})).await.status, 200);
        token.is_revoked.store(true, Ordering::SeqCst);
    }
    done.store(true, Ordering::SeqCst);
    for verifier in verifiers {
        verifier.await.unwrap();
    }
    eprintln!("{} verifications began after an answer", refused.load(Ordering::SeqCst));
    assert!(TOKENS <= refused.load(Ordering::SeqCst));
}

/// Asks for all tokens in turn, until all are revoked and each was asked for once more.
async fn hammer(
    owner: Client,
    tokens: Arc<Vec<Revocable>>,
    first: usize,
    done: Arc<AtomicBool>,
    refused: Arc<AtomicUsize>,
) {
    loop {
        let is_last = done.load(Ordering::SeqCst);
        for token in tokens.iter().cycle().skip(first).take(TOKENS) {
            let was_revoked = token.is_revoked.load(Ordering::SeqCst);
            let answer = owner.post("/v1/verify", &json!({"token": token.secret})).await.body;
            if was_revoked {
                assert_eq!(answer["code"], "REVOKED", "{answer}");
                refused.fetch_add(1, Ordering::SeqCst);
            }
        }
        if is_last {
            return;
        }
    }
}
