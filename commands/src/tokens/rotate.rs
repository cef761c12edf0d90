use super::{TokenDone, is_holder, issue::stands};
use crate::{
    asked::Asked,
    context::{Commands, require},
    ledger::Order,
    refusal::Refusal,
    secrets,
};
use domain::{
    catalogue::Catalogue,
    ids::TokenId,
    policy::Policy,
    scope::Scope,
    secret::SecretText,
    stream::StreamId,
    time::Lifespan,
    token::{self, Issued, Rejection},
};

/// A token with a new secret.
pub struct TokenRotated {
    /// The token.
    pub token: TokenDone,
    /// Its new secret; nothing where it was shown before, or where nothing was done.
    pub secret: Option<SecretText>,
}

impl Commands {
    /// Gives a token a new secret; the old one lives on for the overlap.
    pub async fn rotate_token(
        &self,
        asked: &Asked,
        id: TokenId,
        overlap: Option<Lifespan>,
        reason: Option<String>,
    ) -> Result<TokenRotated, Refusal> {
        let catalogue = self.catalogue().await?;
        // Who may not rotate anything learns nothing of what there is.
        require(asked, "tokens:write", &catalogue)?;
        let issued = self.own_token(asked, id).await?;
        may_rotate(asked, id, &issued, &catalogue)?;
        let (text, secret) =
            secrets::make(self.ledger.randomness(), &self.keys.brand, &self.keys.pepper, issued.kind)?;
        let order = Order::of(asked, StreamId::Token(id), asked.organization);
        let token = self
            .ledger
            .execute::<token::Rules>(&order, |_, at| {
                let (secret, reason, policy) = (secret.clone(), reason.clone(), Policy::default());
                Ok(token::Command::Rotate { secret, overlap, reason, policy, at })
            })
            .await?;
        let secret = Some(text).filter(|_| stands(&token, &secret));
        Ok(TokenRotated { token, secret })
    }
}

/// Whoever is shown a secret must be able to do all that it can; a token that rotates itself can already.
fn may_rotate(asked: &Asked, id: TokenId, issued: &Issued, catalogue: &Catalogue) -> Result<(), Refusal> {
    if asked.actor.token == Some(id) {
        return Ok(());
    }
    if !is_holder(asked, issued.holder) {
        require(asked, "tokens:manage", catalogue)?;
    }
    let excess: Vec<Scope> =
        issued.scopes.iter().filter(|it| !asked.power.covers(it, catalogue)).cloned().collect();
    if excess.is_empty() { Ok(()) } else { Err(Rejection::ExceedsCaller { excess }.into()) }
}
