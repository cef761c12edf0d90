//! What commands and workers ask of the gate, because it is at the head of the ledger.

use std::sync::Arc;

use domain::{
    actor::Holder,
    catalogue::Catalogue,
    ids::{MemberId, OrganizationId, TokenId},
    plan::Plan,
    subject::Subject,
    time::Timestamp,
};

use super::{Gate, tables::State};

/// An organisation that exists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrganizationEntry {
    /// Its plan.
    pub plan: Plan,
    /// Its owners.
    pub owners: Arc<[MemberId]>,
}

impl Gate {
    /// All permissions, at this moment.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.tables.read().rulebook.catalogue)
    }

    /// The organisation, if it exists.
    pub fn organization(&self, id: OrganizationId) -> Option<OrganizationEntry> {
        let tables = self.tables.read();
        let organization = tables.organizations.get(tables.organizations.find(id)?)?;
        Some(OrganizationEntry { plan: organization.plan, owners: Arc::clone(&organization.owners) })
    }

    /// The organisations whose first owner is not a member yet, each with that owner: registrations that somebody
    /// has to finish. The cost is that of the list.
    pub fn registrations_without_owner(&self) -> Vec<(OrganizationId, MemberId)> {
        self.tables.read().ownerless.iter().map(|(organization, owner)| (*organization, *owner)).collect()
    }

    /// The organisation of a token; nothing for operators' tokens and where there is no such token.
    pub fn token_organization(&self, id: TokenId) -> Option<OrganizationId> {
        let tables = self.tables.read();
        let token = tables.tokens.get(tables.tokens.find(id)?)?;
        tables.organizations.get(token.organization?).map(|it| it.id)
    }

    /// The subjects that were erased, but for as many of the first; in the order of their facts.
    pub fn erased_subjects(&self, but: usize) -> Vec<Subject> {
        self.tables.read().erased.get(but..).map(<[Subject]>::to_vec).unwrap_or_default()
    }

    /// With how many tokens a holder can act at an instant, or later. It looks at every token, a few thousand at a
    /// time, so that nobody waits for it.
    pub fn count_tokens_of(&self, holder: Holder, at: Timestamp) -> u64 {
        let Some(holder) = self.tables.read().holders.find(holder) else { return 0 };
        let (mut count, mut some) = (0, 0);
        while let Some(tokens) = self.tables.read().tokens.rows().some(some) {
            let is_live = |it: &&super::tables::Token| {
                it.holder == holder && it.state == State::Live && !it.expires_at.has_come(at)
            };
            count += tokens.iter().filter(is_live).count() as u64;
            some += 1;
        }
        count
    }

    /// How many tokens of an organisation no fact has ended; 0 where there is no such organisation. A token whose
    /// time is over counts until its end is recorded.
    pub fn count_tokens(&self, id: OrganizationId) -> u64 {
        let tables = self.tables.read();
        let organization = tables.organizations.find(id).and_then(|it| tables.organizations.get(it));
        organization.map_or(0, |it| it.live_tokens)
    }
}
