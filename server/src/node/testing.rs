//! A node in a folder of its own, for tests.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use commands::{
    asked::Asked,
    clock::ManualTime,
    organizations::{OrganizationRegistered, RegisterOrganization},
    tokens::{IssueToken, TokenIssued},
};
use domain::{
    actor::{Actor, Holder, Principal},
    ids::{CommandId, OrganizationId},
    organization::Person,
    plan::Plan,
    power::Power,
    role,
    time::{Lifespan, Timestamp},
    token::{Ends, Texts},
};
use eventlog::{
    Limit, Position,
    usage::{Lane, UsageLog as _},
};
use projections::{feed::Event, runner::State};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::Node;
use crate::{
    config::{Config, Flags},
    operator::OperatorToken,
};

pub(crate) const NOON: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder, and a machine's clocks.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) time: Arc<ManualTime>,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), time: Arc::new(ManualTime::at(NOON)) }
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn config(&self) -> Config {
        self.config_with(None)
    }

    pub(crate) fn config_with(&self, operator_token_file: Option<&Path>) -> Config {
        let text = |path: &Path| path.display().to_string();
        let flags = Flags {
            listen: Some("127.0.0.1:0".to_owned()),
            data: Some(text(&self.data())),
            operator_token_file: operator_token_file.map(text),
        };
        Config::load(None, [("COUNTERFOIL_GATE_RESERVE".into(), "0".into())], &flags).unwrap()
    }

    pub(crate) async fn start(&self) -> anyhow::Result<Node> {
        Node::start(&self.config(), self.time.clone()).await
    }

    /// What a start says that must be refused.
    pub(crate) async fn refusal(&self) -> String {
        format!("{:#}", self.start().await.err().unwrap())
    }

    /// The first start, and the operator's token that it shows.
    pub(crate) async fn first_start(&self) -> (Node, String) {
        let mut node = self.start().await.unwrap();
        match node.take_operator_token() {
            Some(OperatorToken::ShownOnce(text)) => (node, text.to_string()),
            Some(OperatorToken::InFile(_)) | None => panic!("the first start shows a token"),
        }
    }
}

impl Node {
    /// Whether the gate takes this text for a credential.
    pub(crate) fn takes(&self, token: &str) -> bool {
        self.gate().is_live(token, self.core.clock.now())
    }

    /// The first facts of the ledger.
    pub(crate) async fn facts(&self, limit: Limit) -> Vec<Arc<Event>> {
        self.core.feed.page(Position(0), limit).await.unwrap().events
    }

    /// Waits until every view has what its log has.
    pub(crate) async fn views_follow(&self) {
        let ledger = self.gate().position();
        let usage = Position(self.core.usage.head(Lane(0)).borrow().0);
        for view in self.views.handles() {
            let of_ledger = matches!(view.status().name, "audit" | "timers" | "token_list");
            let head = if of_ledger { ledger } else { usage };
            view.wait_for(head, PATIENCE).await.unwrap();
            let live = async {
                // A view that lacks nothing may still be about to say so.
                while view.status().state != State::Live {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(PATIENCE, live).await.unwrap();
        }
    }

    pub(crate) async fn register(&self) -> OrganizationRegistered {
        let wish = RegisterOrganization {
            name: "Acme".to_owned(),
            slug: "acme".parse().unwrap(),
            plan: Plan::Pro,
            owner: Person { email: "ada@acme.test".to_owned(), name: "Ada".to_owned() },
        };
        let asked = asked("register", None, Holder::Operator);
        self.commands().register_organization(&asked, wish).await.unwrap()
    }

    pub(crate) async fn issue(
        &self,
        to: &OrganizationRegistered,
        name: &str,
        lives: Lifespan,
    ) -> TokenIssued {
        let wish = IssueToken {
            holder: None,
            scopes: vec!["tokens:read".parse().unwrap()],
            starts_at: None,
            ends: Ends::In(lives),
            texts: Texts { name: name.to_owned(), ..Texts::default() },
        };
        self.commands().issue_token(&owner_of(to, name), wish).await.unwrap()
    }
}

/// What the owner of an organisation asks.
pub(crate) fn owner_of(organization: &OrganizationRegistered, name: &str) -> Asked {
    asked(name, Some(organization.id), Holder::Member(organization.owner))
}

fn asked(name: &str, organization: Option<OrganizationId>, holder: Holder) -> Asked {
    let role = if organization.is_some() { role::owner() } else { role::operator() };
    Asked {
        actor: Actor { principal: Principal::Holder(holder), token: None, on_behalf_of: None },
        power: Power::of_role(role),
        organization,
        request: None,
        command: CommandId::of_cause("test", name),
        payload: Some([7; 32]),
        expected_version: None,
        dry_run: false,
    }
}

/// Asks over HTTP; gives the status and the whole answer.
pub(crate) async fn get(address: SocketAddr, path: &str, token: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap();
    (status, answer)
}
