//! How facts of tokens change the tables.

use std::sync::Arc;

use domain::{
    actor::Holder,
    erasable::Erasable,
    fact::Recorded,
    ids::TokenId,
    secret::SecretId,
    time::Timestamp,
    token::{self, Issuance, NewSecret},
};

use super::{At, Extras, MaybeInstant, Name, Peppers, Replaced, State, Tables, Token};
use crate::gate::{Misfit, peppers::PepperPlace, prove::digest_words};

impl Tables {
    /// Applies a fact of a token.
    pub(super) fn token(
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
                self.rotate(token, secret, *replaced, *overlap_until, peppers)?;
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
        let Kept { secret, digest, pepper } = self.kept(&issuance.secret, peppers)?;
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
            secret,
            digest,
            id,
            expires_at: issuance.expires_at.into(),
            ended_at: MaybeInstant::NONE,
            extras: extras(issuance.starts_at, texts),
            name: texts.map_or(Name::Erased, |it| self.texts.name(&it.name)),
            organization,
            holder,
            scopes,
            kind: issuance.kind,
            state: State::Live,
            pepper,
        })?;
        self.by_secret.insert(secret.bits(), token.place());
        match organization.and_then(|it| self.organizations.get_mut(it)) {
            Some(organization) => organization.live_tokens += 1,
            None => self.operators.push(token),
        }
        if let Some(standing) = self.holders.get(holder).and_then(|it| it.standing) {
            self.rulebook.meet(scopes, standing.role);
        }
        Ok(())
    }

    /// A new secret takes the place of the current one, which lives on beside it until the overlap ends.
    fn rotate(
        &mut self,
        at: At<Token>,
        by: &NewSecret,
        replaced: SecretId,
        until: Timestamp,
        peppers: &Peppers,
    ) -> Result<(), Misfit> {
        let Kept { secret, digest, pepper } = self.kept(by, peppers)?;
        let token = self.tokens.get_mut(at).filter(|it| it.secret == replaced);
        let token = token.ok_or(Misfit::SecretNotCurrent(replaced))?;
        let old = Replaced {
            id: std::mem::replace(&mut token.secret, secret),
            digest: std::mem::replace(&mut token.digest, digest),
            valid_until: until,
            token: at,
            pepper: std::mem::replace(&mut token.pepper, pepper),
        };
        self.by_secret.insert(secret.bits(), at.place());
        self.replaced.insert(old)?;
        Ok(())
    }

    /// What is kept of a secret that nobody has had before.
    fn kept(&self, secret: &NewSecret, peppers: &Peppers) -> Result<Kept, Misfit> {
        if self.current(secret.id).is_some() || self.replaced.find(secret.id).is_some() {
            return Err(Misfit::SecretExists(secret.id));
        }
        let pepper = peppers.place(&secret.key).ok_or_else(|| Misfit::PepperUnknown(secret.key.clone()))?;
        Ok(Kept { secret: secret.id, digest: digest_words(&secret.digest), pepper })
    }

    /// A token that was revoked stays revoked, and one that has expired can still be revoked.
    pub(super) fn end(&mut self, at: At<Token>, state: State, when: Timestamp) {
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
}

/// What is kept of a secret.
struct Kept {
    secret: SecretId,
    digest: [u64; 4],
    pepper: PepperPlace,
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
