use super::TokenDone;
use crate::{context::Commands, ledger::Order, refusal::Refusal};
use domain::{
    actor::Actor,
    ids::{EventId, OrganizationId, TokenId},
    stream::StreamId,
    token,
};

impl Commands {
    /// Notes that a token's time is over. It was refused from that instant on, whenever this is noted; noting it
    /// twice adds nothing.
    pub async fn expire_token(
        &self,
        by: &Actor,
        id: TokenId,
        organization: Option<OrganizationId>,
        cause: Option<EventId>,
    ) -> Result<TokenDone, Refusal> {
        let order = Order::reaction(by, StreamId::Token(id), organization, cause);
        self.ledger.execute::<token::Rules>(&order, |_, at| Ok(token::Command::Expire { at })).await
    }
}
