//! What the facts about a token amount to.

use domain::{
    secret::Brand,
    time::Timestamp,
    token::{Ending, SecretVersion, Status, Token},
};
use projections::who::{Acted, Who};
use serde_json::{Value, json};

use super::amount::Amount;

/// A token as the interface shows it; nothing where it was never issued.
pub(super) fn shown(
    amount: &Amount,
    id: &str,
    token: &Token,
    brand: &Brand,
    now: Timestamp,
) -> Option<Value> {
    let issued = token.issued()?;
    let texts = issued.texts.known();
    let (revoked_at, revoked_reason) = match token.ending() {
        Some(Ending::Revoked { at, reason }) => (Some(at), Some(json!(reason))),
        Some(Ending::Expired { .. }) | None => (amount.voided_at(issued.holder), None),
    };
    Some(json!({
        "id": id,
        "organization": amount.organization,
        "name": texts.map(|it| &it.name),
        "status": status(token, revoked_at, now).map(Status::as_str),
        "display": issued.secrets.last().map(|it| brand.display(issued.kind, it.id)),
        "kind": issued.kind.as_str(),
        "holder": Who::from(issued.holder),
        "created_by": amount.created_by.as_ref().map(Acted::from),
        "created_at": issued.created_at,
        "starts_at": issued.starts_at,
        "expires_at": issued.expires_at,
        "revoked_at": revoked_at,
        "revoked_reason": revoked_reason,
        "scopes": issued.scopes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "tags": texts.map(|it| &it.tags),
        "description": texts.map(|it| &it.description),
        "metadata": texts.map(|it| &it.metadata),
        "external_id": texts.map(|it| &it.external_id),
        "secrets": issued.secrets.iter().map(|it| secret(it, now)).collect::<Vec<_>>(),
        "version": amount.version,
    }))
}

/// A reset voids an operator's token without a fact of the token's own.
fn status(token: &Token, revoked_at: Option<Timestamp>, now: Timestamp) -> Option<Status> {
    if revoked_at.is_some() { Some(Status::Revoked) } else { token.status(now) }
}

fn secret(version: &SecretVersion, now: Timestamp) -> Value {
    let status = match version.valid_until {
        None => "active",
        Some(until) if now < until => "overlapping",
        Some(_) => "retired",
    };
    json!({
        "id": version.id,
        "status": status,
        "created_at": version.created_at,
        "valid_until": version.valid_until,
    })
}
