//! What a server must still know, from what it acknowledged before it was ended.

use std::collections::HashMap;

use serde_json::json;

use super::history::Told;
use crate::support::{Client, Patience, Server};

/// What must be so, from what was acknowledged.
#[derive(Default)]
pub(super) struct Expected {
    /// Each secret that was shown, and what the gate must say of it.
    secrets: HashMap<String, &'static str>,
    /// The current secret of each token.
    current: HashMap<String, String>,
}

impl Expected {
    pub(super) fn note(&mut self, told: &[Told]) {
        for told in told {
            let Some((status, body)) = &told.answer else { continue };
            assert!(matches!(status, 200 | 201), "{:?}: {status} {body}", told.sent);
            let Some(token) = told.token() else { continue };
            if told.sent.path.ends_with("/revoke") {
                let secret = self.current.remove(token).unwrap();
                self.secrets.insert(secret, "REVOKED");
            }
            let Some(secret) = told.secret() else { continue };
            if let Some(old) = self.current.insert(token.to_owned(), secret.to_owned()) {
                self.secrets.insert(old, "REVOKED");
            }
            self.secrets.insert(secret.to_owned(), "VALID");
        }
    }

    /// Whatever others know too; no token is known to both.
    pub(super) fn take_in(&mut self, others: Self) {
        self.secrets.extend(others.secrets);
        self.current.extend(others.current);
    }

    /// Asks the gate about every secret that was ever shown. Of the tokens in `open` it is not known yet whether
    /// they were rotated or revoked.
    pub(super) async fn check(&self, server: &Server, owner: &str, open: &[String]) {
        let client = Client::new(server.url(), owner);
        for (secret, code) in &self.secrets {
            let answer = client.post("/v1/verify", &json!({ "token": secret })).await.body;
            if answer["code"] == "NOT_FOUND" {
                // A secret of another organisation is asked for by its own holder.
                let own = client.with(secret).get("/v1/whoami").await;
                assert_eq!((own.status, *code), (200, "VALID"), "{}", own.body);
                continue;
            }
            let is_open = *code == "VALID" && open.iter().any(|it| answer["token_id"] == **it);
            assert!(answer["code"] == *code || is_open, "{code} was acknowledged: {answer}");
        }
    }
}

/// Each organisation whose first fact was written has its owner, though nobody has asked again.
pub(super) async fn registrations_are_finished(server: &Server, told: &[Told]) {
    let operator = server.operator();
    for unanswered in told.iter().filter(|it| it.answer.is_none() && it.sent.path == "/v1/organizations") {
        let slug = unanswered.sent.key.parse().unwrap();
        let organization = domain::ids::OrganizationId::of_slug(&slug).to_string();
        let members = || async {
            let inside = [("Counterfoil-Organization", organization.as_str())];
            operator.call("GET", "/v1/audit/events?action=member.added", "", &inside).await
        };
        let patience = Patience::default();
        loop {
            let found = members().await;
            if found.status == 404 {
                break; // It was not registered: absent as a whole.
            }
            if found.body["data"].as_array().is_some_and(|it| it.len() == 1) {
                break;
            }
            patience.goes_on("a registration is left half done");
        }
    }
}

/// The tokens that a command was sent about and not answered.
pub(super) fn touched_without_answer(told: &[Told]) -> Vec<String> {
    let open = told.iter().filter(|it| it.answer.is_none());
    open.filter_map(|it| it.sent.path.strip_prefix("/v1/tokens/")?.split('/').next())
        .map(str::to_owned)
        .collect()
}

/// Says everything again that was not answered, with the same keys: it is done once, now or before.
pub(super) async fn retry_unanswered(server: &Server, owner: &str, told: &[Told], expected: &mut Expected) {
    let (owner, operator) = (Client::new(server.url(), owner), server.operator());
    for unanswered in told.iter().filter(|it| it.answer.is_none()) {
        let is_registration = unanswered.sent.path == "/v1/organizations";
        let client = if is_registration { &operator } else { &owner };
        let again = unanswered.sent.clone().send(client).await;
        let (status, body) = again.answer.as_ref().unwrap();
        assert!(matches!(status, 200 | 201), "{:?}: {status} {body}", again.sent);
        assert!(
            body["secret_shown"] == true || again.sent.path.ends_with("/revoke") || again.secret().is_some()
        );
        if again.sent.path.ends_with("/rotate") && again.secret().is_none() {
            // It was done before the kill, and showed its secret to nobody: the one before is no longer accepted.
            let token = again.token().unwrap().to_owned();
            if let Some(old) = expected.current.remove(&token) {
                expected.secrets.insert(old, "REVOKED");
            }
            continue;
        }
        expected.note(std::slice::from_ref(&again));
        let twice = unanswered.sent.clone().send(client).await;
        assert!(twice.secret().is_none(), "no secret is shown twice");
        assert_eq!(twice.token(), again.token());
    }
}
