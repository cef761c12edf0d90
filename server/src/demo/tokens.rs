//! The tokens of the demonstration: issued one a network, listed, revoked.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::Method;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};

use super::{network::Network, progress::Progress, register::PERMISSION};
use crate::client::{Bearer, Call, Client};

/// Tells the demonstration's tokens from the owner's own.
const TAG: &str = "demo";

/// Commands and queries about tokens, as the owner.
pub(super) struct Tokens<'d> {
    pub(super) client: &'d Client,
    pub(super) owner: &'d Bearer,
    /// Makes this run's idempotency keys its own.
    pub(super) slug: &'d str,
    /// Requests under way at once.
    pub(super) at_once: usize,
}

/// A token as the server lists it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: String,
    #[serde(default)]
    tags: Vec<String>,
}

/// What the server lists: the tokens of each name, of which there should be one.
pub(super) type Register = BTreeMap<String, Vec<Listed>>;

#[derive(Deserialize)]
struct Shown {
    token: Named,
    secret: Option<Bearer>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Tokens<'_> {
    /// Issues a token for each network, and keeps what its holder would keep.
    pub(super) async fn issue_all(
        &self,
        networks: &[Network],
        mut progress: Progress,
    ) -> anyhow::Result<HashMap<Network, Bearer>> {
        let issuing = stream::iter(networks).map(|it| self.issue(*it)).buffer_unordered(self.at_once);
        let mut issuing = std::pin::pin!(issuing);
        let mut issued = HashMap::with_capacity(networks.len());
        while let Some((network, secret)) = issuing.try_next().await? {
            issued.insert(network, secret);
            progress.advance();
        }
        progress.end();
        Ok(issued)
    }

    async fn issue(&self, network: Network) -> anyhow::Result<(Network, Bearer)> {
        let body = json!({"name": network.to_string(), "scopes": [PERMISSION], "tags": [TAG]});
        let call = self.command("/v1/tokens".to_owned(), format!("{}-issue-{network}", self.slug), body);
        let failed = || format!("failed to issue the token of {network}");
        let shown: Shown = self.client.ask(&call).await.with_context(failed)?;
        match shown.secret {
            Some(secret) => Ok((network, secret)),
            None => self.replace_lost_secret(network, &shown.token.id).await.with_context(failed),
        }
    }

    /// The answer that held the secret was lost, and a secret is shown once: the token gets another one.
    async fn replace_lost_secret(&self, network: Network, id: &str) -> anyhow::Result<(Network, Bearer)> {
        let key = format!("{}-rotate-{network}", self.slug);
        let call = self.command(format!("/v1/tokens/{id}/rotate"), key, json!({"overlap": "0s"}));
        let shown: Shown = self.client.ask(&call).await?;
        Ok((network, shown.secret.context("its new secret was not shown either")?))
    }

    /// The demonstration's tokens as the server lists them.
    pub(super) async fn read_back(&self) -> anyhow::Result<Register> {
        let mut register = Register::new();
        let add = |token: Listed| {
            if token.tags.iter().any(|tag| tag == TAG) {
                register.entry(token.name.clone()).or_default().push(token);
            }
        };
        self.client.all("/v1/tokens", &[], self.owner, add).await.context("failed to list the tokens")?;
        Ok(register)
    }

    /// Revokes the tokens of these networks.
    pub(super) async fn revoke_all(
        &self,
        listed: &Register,
        networks: &[Network],
        mut progress: Progress,
    ) -> anyhow::Result<()> {
        let names = networks.iter().map(ToString::to_string);
        let ids = names.flat_map(|it| listed.get(&it).cloned().unwrap_or_default()).map(|it| it.id);
        let revoking = stream::iter(ids).map(|it| self.revoke(it)).buffer_unordered(self.at_once);
        let mut revoking = std::pin::pin!(revoking);
        while revoking.try_next().await?.is_some() {
            progress.advance();
        }
        progress.end();
        Ok(())
    }

    async fn revoke(&self, id: String) -> anyhow::Result<()> {
        let key = format!("{}-revoke-{id}", self.slug);
        let call = self.command(format!("/v1/tokens/{id}/revoke"), key, json!({"reason": "superseded"}));
        let _: IgnoredAny = self.client.ask(&call).await.with_context(|| format!("failed to revoke {id}"))?;
        Ok(())
    }

    fn command(&self, target: String, key: String, body: Value) -> Call<'_> {
        Call {
            method: Method::POST,
            target,
            bearer: self.owner,
            idempotency_key: Some(key),
            body: Some(body),
        }
    }
}
