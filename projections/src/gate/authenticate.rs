//! Callers' own credentials at the gate.

use std::sync::Arc;

use domain::time::Timestamp;

use super::{
    Credential, Gate, Refusal,
    prove::Proven,
    status::{Status, status},
    tables::{HolderRow, Standing, Tables},
};

impl Gate {
    /// Who calls with this text, and what they can do.
    ///
    /// # Errors
    /// When the text is no credential, or a dead one, or the gate does not answer. Only who has proven the secret
    /// is told why.
    pub fn authenticate(&self, text: &str, now: Timestamp) -> Result<Credential, Refusal> {
        let tables = self.sound_tables()?;
        let proven = self.prove(&tables, text).ok_or(Refusal::NotFound)?;
        match status(&tables, &proven, now) {
            Status::Live(holder, standing) => {
                credential(&tables, &proven, holder, standing).ok_or(Refusal::NotFound)
            }
            Status::Revoked { at } | Status::SecretReplaced { at } => Err(Refusal::Revoked { at }),
            Status::Expired { at } => Err(Refusal::Expired { at }),
            Status::NotYetValid { at } => Err(Refusal::NotYetValid { at }),
            Status::HolderInactive => Err(Refusal::HolderInactive),
        }
    }
}

/// Nothing only if a place in a table led nowhere, which would be a fault of ours.
fn credential(
    tables: &Tables,
    proven: &Proven<'_>,
    holder: &HolderRow,
    standing: Standing,
) -> Option<Credential> {
    let token = proven.token;
    let list = tables.rulebook.list(token.scopes)?;
    let role = tables.rulebook.role(standing.role)?;
    let organization = match token.organization {
        Some(at) => Some(tables.organizations.get(at)?.id),
        None => None,
    };
    Some(Credential {
        token: token.id,
        secret: proven.secret,
        kind: token.kind,
        holder: holder.holder(),
        organization,
        scopes: Arc::clone(&list.scopes),
        role: Arc::clone(&role.slug),
        expires_at: token.expires_at.get(),
        position: tables.position,
        grant: tables.rulebook.grant(list, tables.role_in(standing, holder)),
    })
}
