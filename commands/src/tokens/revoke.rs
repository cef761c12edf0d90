use super::TokenDone;
use crate::{
    asked::Asked,
    context::{Commands, require},
    ledger::Order,
    refusal::Refusal,
};
use domain::{
    ids::TokenId,
    stream::StreamId,
    token::{self, RevocationReason},
};

impl Commands {
    /// Has a token refused for ever; when this returns, no gate accepts it any more. A token may always revoke itself.
    pub async fn revoke_token(
        &self,
        asked: &Asked,
        id: TokenId,
        reason: RevocationReason,
        note: Option<String>,
    ) -> Result<TokenDone, Refusal> {
        if asked.actor.token != Some(id) {
            // Who may not revoke others learns nothing of what there is.
            require(asked, "tokens:revoke", self.catalogue().await?.as_ref())?;
        }
        self.own_token(asked, id).await?;
        let order = Order::of(asked, StreamId::Token(id), asked.organization);
        self.ledger
            .execute::<token::Rules>(&order, |_, _| Ok(token::Command::Revoke { reason, note: note.clone() }))
            .await
    }
}
