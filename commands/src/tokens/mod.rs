//! Tokens: issue, rotate, revoke, expire.

mod expire;
mod issue;
mod revoke;
mod rotate;

pub use issue::{IssueToken, TokenIssued};
pub use rotate::TokenRotated;

use crate::{asked::Asked, context::Commands, ledger::Done, refusal::Refusal};
use domain::{
    actor::{Holder, Principal},
    ids::TokenId,
    stream::StreamId,
    token::{self, Issued, Token},
};

/// A token after a command that changed it.
pub type TokenDone = Done<Token>;

impl Commands {
    /// The token, if it belongs to the organisation that is asked about.
    async fn own_token(&self, asked: &Asked, id: TokenId) -> Result<Issued, Refusal> {
        let folded = self.ledger.load::<token::Rules>(StreamId::Token(id)).await?;
        let issued = folded.state.issued().filter(|_| folded.organization == asked.organization);
        issued.cloned().ok_or(Refusal::NotFound)
    }
}

/// Whether the one who asks is the holder.
fn is_holder(asked: &Asked, holder: Holder) -> bool {
    asked.actor.principal == Principal::Holder(holder)
}
