use domain::fact::Fact;
use domain::ids::TokenId;
use domain::stream::StreamId;
use domain::time::Timestamp;
use domain::token;

use super::Timer;
use super::row::EXPIRIES;
use crate::feed::Event;
use crate::runner::{Keys, Poison, Projector, Rows, Table};

/// The projector of timers.
pub enum Timers {}

/// What a fact does to the expiry of a token.
enum Change {
    Set(Timestamp),
    Clear,
}

impl Projector for Timers {
    type Event = Event;
    const NAME: &'static str = "timers";
    const VERSION: u32 = 2;
    const TABLES: &'static [Table] = &[EXPIRIES];

    fn keys(event: &Event) -> Keys {
        match change(event) {
            Some((token, _)) => Keys::none().making::<Timer>(token.to_string()),
            None => Keys::none(),
        }
    }

    fn apply(rows: &mut Rows, event: &Event) -> Result<(), Poison> {
        match change(event) {
            Some((token, Change::Set(due_at))) => rows.put(Timer {
                token,
                organization: event.recorded.organization,
                due_at,
                cause: event.recorded.id,
            }),
            Some((token, Change::Clear)) => rows.remove::<Timer>(token.to_string()),
            None => Ok(()),
        }
    }
}

fn change(event: &Event) -> Option<(TokenId, Change)> {
    let (StreamId::Token(token), Fact::Token(fact)) = (event.recorded.stream, &event.recorded.fact) else {
        return None;
    };
    let change = match fact {
        token::Event::Issued(issuance) => issuance.expires_at.map_or(Change::Clear, Change::Set),
        token::Event::SecretRotated { .. } => return None,
        token::Event::Revoked { .. } | token::Event::Expired { .. } => Change::Clear,
    };
    Some((token, change))
}
