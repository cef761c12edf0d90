//! Commands one after the other, each after the answer to the one before.

use super::history::{Sent, Told};
use crate::support::Client;

/// Says that many commands, or as many as are answered: the last one told may have no answer.
pub(super) async fn say(owner: &Client, operator: &Client, name: &str, commands: usize) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    while told.len() < commands && told.last().is_none_or(|it| it.answer.is_some()) {
        let n = told.len();
        let key = format!("{name}n{n}");
        // A token that was issued is rotated or revoked next, or left for an organisation to be registered.
        let issued = told.last().filter(|it| it.sent.path == "/v1/tokens").and_then(Told::token);
        told.push(match (issued, n % 3) {
            (None, _) => Sent::issue(&key).send(owner).await,
            (Some(token), 0) => Sent::rotate(token, &key).send(owner).await,
            (Some(token), 1) => Sent::revoke(token, &key).send(owner).await,
            (Some(_), _) => Sent::register(&key).send(operator).await,
        });
    }
    told
}
