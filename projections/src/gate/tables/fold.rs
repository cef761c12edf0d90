//! How facts change the tables.

use std::sync::Arc;

use domain::{
    actor::Holder,
    catalogue::Catalogue,
    fact::{Fact, Recorded},
    ids::{MemberId, OrganizationId},
    member, organization, platform, role,
    stream::StreamId,
    subject,
    time::Timestamp,
};

use super::{At, HolderRow, Organization, Peppers, Rulebook, Standing, State, Tables};
use crate::gate::Misfit;

impl Rulebook {
    /// The catalogue after some facts, if they change it.
    pub(crate) fn catalogue_after<'a>(
        &self,
        facts: impl Iterator<Item = &'a Recorded>,
    ) -> Option<Arc<Catalogue>> {
        let mut changed: Option<Arc<Catalogue>> = None;
        for recorded in facts {
            let Fact::Platform(platform::Event::PermissionRegistered(permission)) = &recorded.fact else {
                continue;
            };
            let catalogue = changed.get_or_insert_with(|| Arc::clone(&self.catalogue));
            Arc::make_mut(catalogue).register(permission.clone());
        }
        changed
    }
}

impl Tables {
    /// Applies one fact. The catalogue is brought up to date before, by [`Rulebook::under`].
    ///
    /// # Errors
    /// When it does not fit; the tables are then not to be used any more.
    pub(crate) fn apply(&mut self, recorded: &Recorded, peppers: &Peppers) -> Result<(), Misfit> {
        match (&recorded.fact, recorded.stream) {
            (Fact::Platform(event), StreamId::Platform) => self.platform(event, recorded.recorded_at),
            (Fact::Organization(event), StreamId::Organization(id)) => self.organization(event, id)?,
            (Fact::Member(event), StreamId::Member(id)) => self.member(event, id, recorded)?,
            (Fact::Token(event), StreamId::Token(id)) => self.token(event, id, recorded, peppers)?,
            (Fact::Subject(subject::Event::Erased { .. }), StreamId::Subject(subject)) => self.erase(subject),
            // What the usage log lacks is nothing to a decision.
            (Fact::UsageGap(_), StreamId::UsageGap(_)) => {}
            (
                Fact::Platform(_)
                | Fact::Organization(_)
                | Fact::Member(_)
                | Fact::Token(_)
                | Fact::Subject(_)
                | Fact::UsageGap(_),
                stream,
            ) => return Err(Misfit::Stream(stream)),
        }
        Ok(())
    }

    fn platform(&mut self, event: &platform::Event, at: Timestamp) {
        match event {
            platform::Event::PermissionRegistered(_) => {}
            platform::Event::OperatorReset => {
                // All that were issued before are in the list, and none that will be issued after.
                for token in std::mem::take(&mut self.operators) {
                    self.end(token, State::Revoked, at);
                }
            }
        }
    }

    fn organization(&mut self, event: &organization::Event, id: OrganizationId) -> Result<(), Misfit> {
        match event {
            organization::Event::Registered { plan, owner, .. } => {
                if self.organizations.find(id).is_some() {
                    return Err(Misfit::OrganizationExists(id));
                }
                let owners = Arc::from([*owner]);
                self.organizations.insert(Organization { id, plan: *plan, owners, live_tokens: 0 })?;
                self.ownerless.insert(id, *owner);
                Ok(())
            }
        }
    }

    fn member(&mut self, event: &member::Event, id: MemberId, recorded: &Recorded) -> Result<(), Misfit> {
        match event {
            member::Event::Added { role, .. } => {
                let organization = self.organization_of(recorded)?;
                let role = self.rulebook.role_of(role)?;
                let holder = self.holder(Holder::Member(id))?;
                let row = self.holders.get_mut(holder).filter(|it| it.standing.is_none());
                let row = row.ok_or(Misfit::MemberExists(recorded.stream))?;
                row.standing = Some(Standing { organization: Some(organization), role });
                self.welcome(organization, id);
                Ok(())
            }
        }
    }

    /// The first owner of an organisation is there.
    fn welcome(&mut self, organization: At<Organization>, member: MemberId) {
        let Some(id) = self.organizations.get(organization).map(|it| it.id) else { return };
        if self.ownerless.get(&id) == Some(&member) {
            self.ownerless.remove(&id);
        }
    }

    pub(super) fn organization_of(&self, recorded: &Recorded) -> Result<At<Organization>, Misfit> {
        let found = recorded.organization.and_then(|it| self.organizations.find(it));
        found.ok_or(Misfit::OrganizationUnknown(recorded.stream))
    }

    /// The place of a holder, which is new or not. Operators need no fact to be active.
    pub(super) fn holder(&mut self, id: Holder) -> Result<At<HolderRow>, Misfit> {
        if let Some(at) = self.holders.find(id) {
            return Ok(at);
        }
        let standing = match id {
            Holder::Operator => {
                Some(Standing { organization: None, role: self.rulebook.role_of(&role::operator())? })
            }
            Holder::Member(_) | Holder::ServiceAccount(_) => None,
        };
        self.holders.insert(HolderRow::new(id, standing))
    }
}
