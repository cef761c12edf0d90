//! How facts change the tables.

use std::sync::Arc;

use domain::{
    actor::Holder,
    catalogue::Catalogue,
    erasable::Erasable,
    fact::{Fact, Recorded},
    ids::TokenId,
    member, organization, platform, role,
    secret::SecretId,
    stream::StreamId,
    time::Timestamp,
    token::{self, Issuance, NewSecret},
};

use super::{
    At, Extras, HolderRow, MaybeInstant, Organization, Peppers, Rulebook, Secret, Standing, State, Tables,
    Token, texts::TextAt,
};
use crate::gate::{Misfit, digest_words};

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
            (Fact::Platform(_) | Fact::Organization(_) | Fact::Member(_) | Fact::Token(_), stream) => {
                return Err(Misfit::Stream(stream));
            }
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

    fn organization(
        &mut self,
        event: &organization::Event,
        id: domain::ids::OrganizationId,
    ) -> Result<(), Misfit> {
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

    fn member(
        &mut self,
        event: &member::Event,
        id: domain::ids::MemberId,
        recorded: &Recorded,
    ) -> Result<(), Misfit> {
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
    fn welcome(&mut self, organization: At<Organization>, member: domain::ids::MemberId) {
        let Some(id) = self.organizations.get(organization).map(|it| it.id) else { return };
        if self.ownerless.get(&id) == Some(&member) {
            self.ownerless.remove(&id);
        }
    }

    fn token(
        &mut self,
        event: &token::Event,
        id: TokenId,
        recorded: &Recorded,
        peppers: &Peppers,
    ) -> Result<(), Misfit> {
        if let token::Event::Issued(issuance) = event {
            return self.issue(issuance, id, recorded, peppers);
        }
        let token = self.tokens.find(id).ok_or(Misfit::TokenUnknown(id))?;
        match event {
            token::Event::Issued(_) => {}
            token::Event::SecretRotated { secret, replaced, overlap_until, .. } => {
                self.replace(token, *replaced, *overlap_until)?;
                self.add_secret(secret, token, peppers)?;
            }
            token::Event::Revoked { .. } => self.end(token, State::Revoked, recorded.recorded_at),
            token::Event::Expired { .. } => self.end(token, State::Expired, recorded.recorded_at),
        }
        Ok(())
    }

    fn issue(
        &mut self,
        issuance: &Issuance,
        id: TokenId,
        recorded: &Recorded,
        peppers: &Peppers,
    ) -> Result<(), Misfit> {
        if self.tokens.find(id).is_some() {
            return Err(Misfit::TokenExists(id));
        }
        let organization = match issuance.holder {
            Holder::Operator => None,
            Holder::Member(_) | Holder::ServiceAccount(_) => Some(self.organization_of(recorded)?),
        };
        let holder = self.holder(issuance.holder)?;
        let scopes = self.rulebook.list_of(&issuance.scopes)?;
        let texts = match &issuance.texts {
            Erasable::Known(texts) => Some(texts),
            Erasable::Erased => None,
        };
        let token = self.tokens.insert(Token {
            id,
            expires_at: issuance.expires_at.into(),
            ended_at: MaybeInstant::NONE,
            extras: extras(issuance.starts_at, texts),
            name: texts.map_or(TextAt::NONE, |it| self.texts.add(&it.name)),
            organization,
            holder,
            scopes,
            kind: issuance.kind,
            state: State::Live,
        })?;
        match organization.and_then(|it| self.organizations.get_mut(it)) {
            Some(organization) => organization.live_tokens += 1,
            None => self.operators.push(token),
        }
        if let Some(standing) = self.holders.get(holder).and_then(|it| it.standing) {
            self.rulebook.meet(scopes, standing.role);
        }
        self.add_secret(&issuance.secret, token, peppers)
    }

    /// A secret that is replaced lives on until the overlap ends.
    fn replace(&mut self, token: At<Token>, replaced: SecretId, until: Timestamp) -> Result<(), Misfit> {
        let secret = self.secrets.find(replaced).and_then(|it| self.secrets.get_mut(it));
        let current = secret.filter(|it| it.token == token && it.valid_until == MaybeInstant::NONE);
        current.ok_or(Misfit::SecretNotCurrent(replaced))?.valid_until = until.into();
        Ok(())
    }

    fn add_secret(&mut self, secret: &NewSecret, token: At<Token>, peppers: &Peppers) -> Result<(), Misfit> {
        if self.secrets.find(secret.id).is_some() {
            return Err(Misfit::SecretExists(secret.id));
        }
        let pepper = peppers.place(&secret.key).ok_or_else(|| Misfit::PepperUnknown(secret.key.clone()))?;
        let digest = digest_words(&secret.digest);
        let valid_until = MaybeInstant::NONE;
        self.secrets.insert(Secret { id: secret.id, digest, valid_until, token, pepper })?;
        Ok(())
    }

    /// A token that was revoked stays revoked, and one that has expired can still be revoked.
    fn end(&mut self, at: At<Token>, state: State, when: Timestamp) {
        let Some(token) = self.tokens.get_mut(at) else { return };
        let was = token.state;
        if was == State::Revoked || was == state {
            return;
        }
        token.state = state;
        token.ended_at = when.into();
        let organization = token.organization.filter(|_| was == State::Live);
        if let Some(organization) = organization.and_then(|it| self.organizations.get_mut(it)) {
            organization.live_tokens = organization.live_tokens.saturating_sub(1);
        }
    }

    fn organization_of(&self, recorded: &Recorded) -> Result<At<Organization>, Misfit> {
        let found = recorded.organization.and_then(|it| self.organizations.find(it));
        found.ok_or(Misfit::OrganizationUnknown(recorded.stream))
    }

    /// The place of a holder, which is new or not. Operators need no fact to be active.
    fn holder(&mut self, id: Holder) -> Result<At<HolderRow>, Misfit> {
        if let Some(at) = self.holders.find(id) {
            return Ok(at);
        }
        let standing = match id {
            Holder::Operator => {
                Some(Standing { organization: None, role: self.rulebook.role_of(&role::operator())? })
            }
            Holder::Member(_) | Holder::ServiceAccount(_) => None,
        };
        self.holders.insert(HolderRow { id, standing })
    }
}

fn extras(starts_at: Option<Timestamp>, texts: Option<&token::Texts>) -> Option<Box<Extras>> {
    let metadata = texts.map(|it| &it.metadata).filter(|it| !it.is_empty());
    let external_id = texts.and_then(|it| it.external_id.as_deref());
    if starts_at.is_none() && metadata.is_none() && external_id.is_none() {
        return None;
    }
    let metadata = metadata.map(|it| Arc::new(it.clone()));
    Some(Box::new(Extras { starts_at, metadata, external_id: external_id.map(Arc::from) }))
}
