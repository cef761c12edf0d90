//! `POST /v1/tokens/{id}/revoke`: end a token for ever.

use axum::{http::StatusCode, response::Response};
use domain::{ids::TokenId, token::RevocationReason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::{TokenPath, answer::TokenAnswer, used::Uses};
use crate::app::App;
use crate::asking::{Asking, Form, unmatched};
use crate::body::{SchemaError, Text};
use crate::entered::Entered;
use crate::formats::ProseText;
use crate::problem::Problem;
use crate::refusals::refused;
use crate::respond::{COMMAND_CODES, json, tagged};
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// Why a token is ended.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Revoke {
    reason: Reason,
    /// What else there is to say.
    #[schemars(length(min = 1, max = 400))]
    note: Option<Text<ProseText>>,
}

/// Why (the names of RFC 5280 §5.3.1, as far as they apply).
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Reason {
    KeyCompromise,
    Superseded,
    PrivilegeWithdrawn,
    AffiliationChanged,
    Unspecified,
}

impl From<Reason> for RevocationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::KeyCompromise => Self::KeyCompromise,
            Reason::Superseded => Self::Superseded,
            Reason::PrivilegeWithdrawn => Self::PrivilegeWithdrawn,
            Reason::AffiliationChanged => Self::AffiliationChanged,
            Reason::Unspecified => Self::Unspecified,
        }
    }
}

/// The token, revoked.
#[derive(Serialize, JsonSchema)]
struct RevokedAnswer {
    token: TokenAnswer,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let form = Arc::new(Form::<Revoke>::new(kit, "revokeToken")?);
    Ok(Operation::post("/v1/tokens/{id}/revoke", "revokeToken")
        .says(
            "End a token for ever",
            "When this is answered, no verification that begins afterwards accepts it. Saying it twice adds nothing. \
             A token may always revoke itself.",
        )
        .tag("tokens")
        .requires(Access::OrganizationOrItself(Needs::TokensRevoke))
        .path::<TokenPath>()
        .query(&form.query)
        .body(&form.body)
        .answers::<RevokedAnswer>(StatusCode::OK, "The token, revoked.")
        .may_answer(COMMAND_CODES)
        .idempotent()
        .conditional()
        .answered_by(move |app, entered| {
            let form = Arc::clone(&form);
            async move { revoke(&app, &form, entered).await }
        }))
}

async fn revoke(app: &App, form: &Form<Revoke>, mut entered: Entered) -> Result<Response, Problem> {
    let id: TokenId = entered.named().await?;
    let Asking { caller, body, asked, must_exist } = entered.command(app, form, &id.to_string()).await?;
    let Revoke { reason, note } = body;
    let revoked = app.commands.revoke_token(&asked, id, reason.into(), note.map(Text::into_string)).await;
    let token = revoked.map_err(|it| unmatched(must_exist, refused(app, &caller, it)))?;
    let (position, version) = (token.position, token.version);
    let mut token =
        TokenAnswer::of(id, &token, &app.brand, app.clock.now()).ok_or_else(Problem::not_found)?;
    Uses::if_known(app, &caller, id).await.tell(id, &mut token);
    let answer = tagged(version, json(&RevokedAnswer { token })?);
    Ok(app.acknowledge(&asked, asked.organization, position, answer))
}
