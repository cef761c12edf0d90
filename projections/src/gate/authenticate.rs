//! Callers' own credentials at the gate.

use std::sync::Arc;

use domain::time::Timestamp;
use schemas::usage::{Decided, Layer, Outcome, Unrecorded};

use super::{
    Credential, Gate, Refusal, Unsound, columns,
    prove::Proven,
    status::{Status, status},
    tables::{HolderRow, Standing, Tables},
};

impl Gate {
    /// Who calls with this text, and what they can do, or why they are refused: closed until it is recorded. Only
    /// who has proven the secret is told why.
    ///
    /// # Errors
    /// When the gate is damaged, or has been behind the ledger for too long: then nobody is let in.
    pub fn authenticate(
        &self,
        text: &str,
        now: Timestamp,
    ) -> Result<Unrecorded<Result<Credential, Refusal>>, Unsound> {
        let tables = self.sound_tables()?;
        let proven = match self.prove(&tables, text) {
            Ok(proven) => proven,
            Err(why) => {
                let decided = Decided::unproven(why.outcome(), tables.position.0);
                return Ok(Unrecorded::new(Err(Refusal::NotFound), decided));
            }
        };
        let (judged, layer) = match status(&tables, &proven, now) {
            Status::Live(holder, standing) => {
                let credential = credential(&tables, &proven, holder, standing);
                (credential.ok_or(Refusal::NotFound), Layer::NONE)
            }
            Status::Revoked { at } => (Err(Refusal::Revoked { at }), Layer::STATUS),
            Status::SecretReplaced { at } => (Err(Refusal::Revoked { at }), Layer::SECRET),
            Status::Expired { at } => (Err(Refusal::Expired { at }), Layer::STATUS),
            Status::NotYetValid { at } => (Err(Refusal::NotYetValid { at }), Layer::STATUS),
            Status::HolderInactive => (Err(Refusal::HolderInactive), Layer::STATUS),
        };
        let outcome = judged.as_ref().map_or_else(Refusal::outcome, |_| Outcome::VALID);
        let decided = columns::of(&tables, &proven, outcome, layer);
        Ok(Unrecorded::new(judged, decided))
    }

    /// Whether a text is the secret of a token that lives. Nobody is answered by it, so nothing is recorded.
    pub fn is_live(&self, text: &str, now: Timestamp) -> bool {
        let Ok(tables) = self.sound_tables() else { return false };
        let proven = self.prove(&tables, text);
        proven.is_ok_and(|it| matches!(status(&tables, &it, now), Status::Live(..)))
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
