//! What must be there before the first token: a permission that opens every path, and an organization of its own.

use anyhow::{Context, bail};
use hyper::Method;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

use crate::client::{Bearer, Call, Client};

/// The permission that the demonstration's tokens ask for.
pub(super) const PERMISSION: &str = "site:read";
/// Letters of a slug behind `demo-`.
const SLUG_LETTERS: usize = 8;
/// Slugs that are tried before giving up.
const SLUGS: usize = 3;

/// An organization that nobody else uses.
pub(super) struct Organization {
    /// Its slug.
    pub(super) slug: String,
    /// Its owner's first token.
    pub(super) owner: Bearer,
    /// The id of that token.
    pub(super) owner_token: String,
}

#[derive(Deserialize)]
struct Registered {
    token_id: String,
    secret: Option<Bearer>,
}

/// Registers the permission; a second time changes nothing.
pub(super) async fn permission(client: &Client, operator: &Bearer) -> anyhow::Result<()> {
    let body = json!({
        "description": "Read the web site of the demonstration",
        "risk": "low",
        "endpoints": ["ANY /**"],
        "roles": ["owner", "admin"],
    });
    let call = Call {
        method: Method::PUT,
        target: format!("/v1/permissions/{PERMISSION}"),
        bearer: operator,
        idempotency_key: None,
        body: Some(body),
    };
    let _: IgnoredAny = client.ask(&call).await.context("failed to register the permission")?;
    Ok(())
}

/// Registers an organization. Its owner's token is shown once: if the answer that held it was lost, the
/// organization is left alone and another one made.
pub(super) async fn organization(client: &Client, operator: &Bearer) -> anyhow::Result<Organization> {
    for _ in 0..SLUGS {
        let slug = fresh_slug()?;
        let call = Call {
            method: Method::POST,
            target: "/v1/organizations".to_owned(),
            bearer: operator,
            idempotency_key: Some(slug.clone()),
            body: Some(json!({
                "name": "Demonstration",
                "slug": slug,
                "plan": "enterprise",
                "owner": {"email": format!("owner@{slug}.example"), "name": "Demo"},
            })),
        };
        let registered: Registered = client.ask(&call).await.context("failed to register an organization")?;
        if let Some(owner) = registered.secret {
            return Ok(Organization { slug, owner, owner_token: registered.token_id });
        }
    }
    bail!("the first token of {SLUGS} new organizations was never shown")
}

fn fresh_slug() -> anyhow::Result<String> {
    let mut random = [0; SLUG_LETTERS];
    getrandom::fill(&mut random).context("the operating system gives no randomness")?;
    let letters = random.map(|it| char::from(b'a' + it % 26));
    Ok(format!("demo-{}", letters.iter().collect::<String>()))
}
