//! When and where from tokens were used, as far as the reader may see it.

use domain::{ids::TokenId, secret::SecretId};
use projections::{
    runner::chain,
    token_usage::{Used, UsedAt},
};
use std::collections::BTreeMap;

use super::answer::{SecretAnswer, TokenAnswer};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::refusals::unreadable;
use crate::routes::Needs;

/// What is known of the uses of some tokens.
pub(crate) struct Uses<'c> {
    caller: &'c Caller,
    /// By token; nothing where it cannot be known now.
    known: Option<BTreeMap<TokenId, Used>>,
}

/// The fields that tell of uses, and those of them that tell addresses.
const FIELDS: [&str; 4] = ["last_used_at", "last_used_ip", "secrets.last_used_at", "secrets.last_used_ip"];
const ADDRESSES: [&str; 2] = ["last_used_ip", "secrets.last_used_ip"];

impl<'c> Uses<'c> {
    /// The uses of these tokens.
    pub(super) async fn of(app: &App, caller: &'c Caller, tokens: &[TokenId]) -> Result<Self, Problem> {
        let known = app.token_usage.of(tokens).await.map_err(unreadable)?;
        Ok(Self { caller, known: Some(known) })
    }

    /// The same for an answer that must be given: what is done is done, whether or not the view can be read now.
    pub(super) async fn if_known(app: &App, caller: &'c Caller, token: TokenId) -> Self {
        let known = app.token_usage.of(&[token]).await;
        let known = known.inspect_err(|err| tracing::warn!(error = chain(err), "uses are left out"));
        Self { caller, known: known.ok() }
    }

    /// Tells them in a token's answer.
    pub(super) fn tell(&self, id: TokenId, token: &mut TokenAnswer) {
        let Some(known) = &self.known else {
            return token.hidden.extend(FIELDS.map(str::to_owned));
        };
        let sees_addresses = sees_addresses(self.caller, &token.holder.id);
        if !sees_addresses {
            token.hidden.extend(ADDRESSES.map(str::to_owned));
        }
        let Some(used) = known.get(&id) else { return };
        (token.last_used_at, token.last_used_ip) = told(used.last, sees_addresses);
        for secret in &mut token.secrets {
            (secret.last_used_at, secret.last_used_ip) = told(of_secret(used, secret), sees_addresses);
        }
    }
}

/// Addresses are for who may read personal data, and for the token's own holder, who has this id.
pub(super) fn sees_addresses(caller: &Caller, holder: &str) -> bool {
    caller.may(Needs::PersonalDataRead) || caller.credential.holder.to_string() == holder
}

fn of_secret(used: &Used, secret: &SecretAnswer) -> Option<UsedAt> {
    let id: SecretId = secret.id.parse().ok()?;
    used.secrets.get(&id).copied().flatten()
}

fn told(last: Option<UsedAt>, sees_addresses: bool) -> (Option<String>, Option<String>) {
    let ip = last.and_then(|it| it.ip).filter(|_| sees_addresses);
    (last.map(|it| it.at.to_string()), ip.map(|it| it.to_string()))
}
