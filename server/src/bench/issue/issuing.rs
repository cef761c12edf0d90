//! Ours: the command, its seal, the ledger, and the gate, as `serve` puts them together.

use std::{net::IpAddr, sync::Arc, time::Duration};

use anyhow::Context;
use commands::{asked::Asked, clock::SystemTime, organizations::RegisterOrganization, tokens::IssueToken};
use domain::{
    actor::{Actor, Holder, Principal, Request},
    erasable::Erasable,
    ids::CommandId,
    organization::Person,
    plan::Plan,
    power::Power,
    role,
    token::{Ends, Texts},
};
use eventlog::{EventLog, Limit, Position};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{Caller, Sample, work};
use crate::{
    bench::scratch::Scratch,
    config::{Config, Flags},
    node::core::Core,
};

/// An owner of an organisation who issues tokens.
pub(super) struct Issuing {
    core: Core,
    asked: Asked,
    wish: IssueToken,
}

impl Issuing {
    /// What the record of one such token takes, in bytes.
    ///
    /// # Errors
    /// When none is issued.
    pub(super) async fn record_bytes() -> anyhow::Result<usize> {
        let folder = Scratch::new()?;
        let issuing = Self::open(&folder).await?;
        issuing.call(123_456).await?;
        let head = *issuing.core.log.head().borrow();
        let before = Position(head.0.saturating_sub(1));
        let page = issuing.core.log.read_all(before, Limit { records: 1, bytes: 0 }).await?;
        issuing.core.close().await;
        page.records.first().map(|it| it.bytes.len()).context("the ledger is empty")
    }

    /// One round in a fresh folder.
    ///
    /// # Errors
    /// When a token is not issued.
    pub(super) async fn round(time: Duration) -> anyhow::Result<Sample> {
        let folder = Scratch::new()?;
        let issuing = Arc::new(Self::open(&folder).await?);
        let following = issuing.follow();
        let sample = work(Arc::clone(&issuing), time).await;
        following.abort();
        // Cancelled is what it shall be.
        drop(following.await);
        if let Some(issuing) = Arc::into_inner(issuing) {
            issuing.core.close().await;
        }
        sample
    }

    async fn open(folder: &Scratch) -> anyhow::Result<Self> {
        let data = Some(folder.path().join("data").display().to_string());
        let config = Config::load(None, [], &Flags { data, ..Flags::default() })?;
        let (core, _) = Core::open(&config, Arc::new(SystemTime)).await?;
        let asked = owner(&core).await?;
        let wish = IssueToken {
            holder: None,
            scopes: vec!["tokens:read".parse()?, "usage:report".parse()?],
            starts_at: None,
            ends: Ends::Default,
            texts: Texts::default(),
        };
        Ok(Self { core, asked, wish })
    }

    /// The gate follows in the background too, as it does in a node.
    fn follow(&self) -> JoinHandle<()> {
        let follower = Arc::clone(&self.core.follower);
        tokio::spawn(async move { drop(follower.follow().await) })
    }
}

impl Caller for Issuing {
    async fn call(&self, number: u64) -> anyhow::Result<()> {
        let mut asked = self.asked.clone();
        asked.command = CommandId(Uuid::now_v7());
        if let Some(request) = &mut asked.request {
            request.id = format!("req_{number:022}");
        }
        let mut wish = self.wish.clone();
        wish.texts.name = format!("deploy key {number:06}");
        let issued = self.core.commands.issue_token(&asked, wish).await?;
        issued.secret.map(drop).context("a token came without its secret")
    }
}

/// Registers an organisation; gives its owner's way of asking.
async fn owner(core: &Core) -> anyhow::Result<Asked> {
    let mut asked = Asked {
        actor: Actor::system("bench"),
        power: Power::of_role(role::operator()),
        organization: None,
        request: Some(Request {
            id: String::new(),
            ip: Some(Erasable::Known(IpAddr::from([203, 0, 113, 9]))),
            user_agent: Some(Erasable::Known("curl/8.5.0".to_owned())),
        }),
        command: CommandId(Uuid::now_v7()),
        payload: None,
        expected_version: None,
        dry_run: false,
    };
    let owner = Person { email: "ada@acme.test".to_owned(), name: "Ada Lovelace".to_owned() };
    let wish = RegisterOrganization {
        name: "Acme".to_owned(),
        slug: "acme".parse()?,
        plan: Plan::Enterprise,
        owner,
    };
    let registered = core.commands.register_organization(&asked, wish).await?;
    let holder = Principal::Holder(Holder::Member(registered.owner));
    let token = registered.token.map(|it| it.id);
    asked.actor = Actor { principal: holder, token, on_behalf_of: None };
    asked.power = Power::of_role(role::owner());
    asked.organization = Some(registered.id);
    Ok(asked)
}
