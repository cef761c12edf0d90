//! Platform operators: their token at the first start, and another when it is lost. Whoever can write to the data
//! folder is an operator; that is the proof, and the use of it is recorded.

use crate::{
    asked::Asked,
    context::Commands,
    ledger::{Done, Order},
    refusal::Refusal,
    secrets,
    tokens::TokenIssued,
};
use domain::{
    actor::{Actor, Holder},
    catalogue::Catalogue,
    ids::{CommandId, TokenId},
    platform::{self, Platform},
    policy::Policy,
    power::Power,
    role,
    scope::Scope,
    secret::{Kind, SecretText},
    stream::StreamId,
    time::Timestamp,
    token::{self, Ends, Issue, Texts},
};
use std::sync::Arc;

/// The name under which the operators' tokens are issued.
const ACTOR: &str = "operator-of-the-folder";

impl Commands {
    /// Whether the first start has given the operators their token.
    pub async fn has_operator_token(&self) -> Result<bool, Refusal> {
        let stream = StreamId::Token(TokenId::of_command(first_start()));
        let folded = self.ledger.load::<token::Rules>(stream).await?;
        Ok(folded.state.issued().is_some())
    }

    /// The text of an operator's secret that is not stored yet, to be kept by the operator before it is.
    pub fn make_operator_secret(&self) -> Result<SecretText, Refusal> {
        Ok(secrets::make(self.ledger.randomness(), &self.keys.brand, &self.keys.pepper, Kind::Ops)?.0)
    }

    /// The first start's token: its id is fixed, so that it is issued once however often a start is cut off.
    pub async fn issue_first_operator_token(&self, text: SecretText) -> Result<TokenIssued, Refusal> {
        self.issue_operator_token(first_start(), text, true).await
    }

    /// Voids all operator tokens and issues another.
    pub async fn reset_operator_token(
        &self,
        command: CommandId,
        text: SecretText,
    ) -> Result<TokenIssued, Refusal> {
        self.void_operator_tokens().await?;
        self.issue_operator_token(command, text, false).await
    }

    async fn void_operator_tokens(&self) -> Result<Done<Platform>, Refusal> {
        let actor = Actor::system(ACTOR);
        let order = Order::reaction(&actor, StreamId::Platform, None, None);
        self.ledger.execute::<platform::Rules>(&order, |_, _| Ok(platform::Command::ResetOperator)).await
    }

    async fn issue_operator_token(
        &self,
        command: CommandId,
        text: SecretText,
        once: bool,
    ) -> Result<TokenIssued, Refusal> {
        let issue = Issue {
            organization: None,
            holder: Holder::Operator,
            kind: Kind::Ops,
            secret: secrets::kept(&text, &self.keys.pepper),
            scopes: vec![Scope::Resource("platform".to_owned())],
            starts_at: None,
            ends: Ends::Never,
            texts: Texts {
                name: "Operator".to_owned(),
                reason: Some("given at the data folder".to_owned()),
                ..Texts::default()
            },
            giver: Power::of_role(role::operator()),
            receiver: Power::of_role(role::operator()),
            catalogue: Arc::new(Catalogue::default()),
            policy: Policy::default(),
            plan: None,
            at: Timestamp::EPOCH,
        };
        self.append_issue(&by_the_folder(command, once), issue, text).await
    }
}

/// The command of the first start: a mark is needed so that a start that was cut off is recognised as the same.
fn first_start() -> CommandId {
    CommandId::of_cause("first-start", "operator")
}

fn by_the_folder(command: CommandId, once: bool) -> Asked {
    Asked {
        actor: Actor::system(ACTOR),
        power: Power::of_role(role::operator()),
        organization: None,
        request: None,
        command,
        payload: once.then_some([0; 32]),
        expected_version: None,
        dry_run: false,
    }
}
