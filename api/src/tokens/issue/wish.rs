//! From what is said to what is wished for.

use commands::tokens::IssueToken;
use domain::{
    actor::Holder,
    ids::MemberId,
    scope::Scope,
    token::{Ends, Texts},
};
use std::collections::BTreeMap;

use super::body::{HolderBody, HolderKind, Issue, Metadata, TagBody};
use crate::body::Text;
use crate::formats::{all_said, said};
use crate::problem::{FieldCode, FieldFault, Problem};

/// The wish, as the domain knows it.
pub(super) fn wish(body: &Issue) -> Result<IssueToken, Problem> {
    Ok(IssueToken {
        holder: body.holder.as_ref().map(holder).transpose()?,
        scopes: scopes(body)?,
        starts_at: body.starts_at.as_ref().map(said).transpose()?,
        ends: ends(body)?,
        texts: Texts {
            name: owned(&body.name),
            description: body.description.as_ref().map(owned),
            reason: body.reason.as_ref().map(owned),
            tags: tags(body.tags.as_deref().unwrap_or_default()),
            metadata: body.metadata.as_ref().map(metadata).unwrap_or_default(),
            external_id: body.external_id.as_ref().map(owned),
        },
    })
}

/// The field that says when the token ends, for rules that point there.
pub(super) fn end(body: &Issue) -> &'static str {
    match (&body.expires_at, body.never_expires) {
        (Some(_), _) => "/expires_at",
        (None, Some(true)) => "/never_expires",
        (None, _) => "/expires_in",
    }
}

fn owned<K>(text: &Text<K>) -> String {
    text.as_str().to_owned()
}

fn holder(body: &HolderBody) -> Result<Holder, Problem> {
    match body.kind {
        HolderKind::Member => Ok(Holder::Member(said::<MemberId, _>(&body.id)?)),
        // The schema has refused these.
        HolderKind::ServiceAccount | HolderKind::Agent => {
            let detail = "this version does not carry it out yet";
            Err(Problem::invalid_body(vec![FieldFault::new(
                "/holder/kind",
                FieldCode::NotSupportedYet,
                detail,
            )]))
        }
    }
}

/// In the caller's order, each once.
fn scopes(body: &Issue) -> Result<Vec<Scope>, Problem> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in all_said(&body.scopes)? {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}

/// The body's rule has seen that only one is said.
fn ends(body: &Issue) -> Result<Ends, Problem> {
    if body.never_expires == Some(true) {
        return Ok(Ends::Never);
    }
    match (&body.expires_in, &body.expires_at) {
        (Some(lifespan), _) => Ok(Ends::In(said(lifespan)?)),
        (None, Some(instant)) => Ok(Ends::At(said(instant)?)),
        (None, None) => Ok(Ends::Default),
    }
}

fn tags(tags: &[TagBody]) -> Vec<String> {
    let mut tags: Vec<String> = tags.iter().map(|it| owned(&it.0)).collect();
    tags.sort();
    tags.dedup();
    tags
}

fn metadata(metadata: &Metadata) -> BTreeMap<String, String> {
    metadata.0.iter().map(|(name, value)| (name.clone(), owned(&value.0))).collect()
}
