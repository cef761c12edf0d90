//! `POST /v1/audit/erasures`: erase a subject's personal data, for ever.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use commands::{Outcome, erasures::SubjectErased};
use domain::subject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::app::App;
use crate::asking::{Asking, Form};
use crate::body::{SchemaError, Text};
use crate::entered::Entered;
use crate::formats::{SubjectText, said};
use crate::position::Incarnation;
use crate::problem::{Code, Problem};
use crate::refusals::refused;
use crate::respond::{COMMAND_CODES, json};
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// Whose personal data shall go, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Erase {
    /// A member of the organization (`mem_…`); for platform operators, those who showed no proven secret on a day
    /// that is over (`unauthenticated/2026-11-24`).
    subject: Text<SubjectText>,
    reason: Reason,
}

/// Why: the grounds of the GDPR, article 17 (1), and one for what has no other name. It is a code and no text: a text
/// is where the erased name would come back.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Reason {
    NoLongerNeeded,
    ConsentWithdrawn,
    Requested,
    Unlawful,
    LegalObligation,
    Unspecified,
}

impl From<Reason> for subject::Reason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::NoLongerNeeded => Self::NoLongerNeeded,
            Reason::ConsentWithdrawn => Self::ConsentWithdrawn,
            Reason::Requested => Self::Requested,
            Reason::Unlawful => Self::Unlawful,
            Reason::LegalObligation => Self::LegalObligation,
            Reason::Unspecified => Self::Unspecified,
        }
    }
}

/// The erasure.
#[derive(Serialize, JsonSchema)]
struct ErasedAnswer {
    erasure: Erasure,
}

/// An erasure that stands for ever.
#[derive(Serialize, JsonSchema)]
struct Erasure {
    /// Whose personal data are gone.
    subject: String,
    /// Why: the code that was given the first time.
    reason: String,
    /// Since when.
    erased_at: String,
    /// Where the fact lies that says so.
    position: String,
}

impl Erasure {
    fn of(erased: &SubjectErased, incarnation: Incarnation) -> Self {
        Self {
            subject: erased.subject.to_string(),
            reason: erased.erasure.reason.code().to_owned(),
            erased_at: erased.erasure.erased_at.to_string(),
            position: incarnation.show(erased.position),
        }
    }
}

pub(super) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let form = Arc::new(Form::<Erase>::new(kit, "eraseSubject")?);
    Ok(Operation::post("/v1/audit/erasures", "eraseSubject")
        .says(
            "Erase a subject",
            "Deletes the key under which the subject's name, addresses and user agents are sealed. Every fact stays and \
             still proves itself; what it said of the subject reads `erased` from then on, everywhere and for ever, \
             and nothing is recorded of the subject again. Nobody acts for a member who is erased, so the tokens must \
             be revoked first. Saying it twice adds nothing. Copies that others hold, and backups, are not reached.",
        )
        .tag("audit")
        .requires(Access::Either { organization: Needs::PersonalDataErase, platform: Needs::PlatformOperate })
        .query(&form.query)
        .body(&form.body)
        .answers::<ErasedAnswer>(StatusCode::CREATED, "The subject is erased.")
        .answers::<ErasedAnswer>(StatusCode::OK, "It was erased before, or this is a dry run.")
        .may_answer(COMMAND_CODES)
        .may_answer(&[Code::NotFound, Code::NotSupportedYet])
        .idempotent()
        .answered_by(move |app, entered| {
            let form = Arc::clone(&form);
            async move { erase(&app, &form, entered).await }
        }))
}

async fn erase(app: &App, form: &Form<Erase>, entered: Entered) -> Result<Response, Problem> {
    let Asking { caller, body, asked, .. } = entered.command(app, form, "").await?;
    let erased = app.commands.erase_subject(&asked, said(&body.subject)?, body.reason.into()).await;
    let erased = erased.map_err(|it| refused(app, &caller, it))?;
    let status = match erased.outcome {
        Outcome::Appended => StatusCode::CREATED,
        Outcome::AlreadySo | Outcome::Repeated | Outcome::DryRun => StatusCode::OK,
    };
    let answer = json(&ErasedAnswer { erasure: Erasure::of(&erased, app.incarnation) })?;
    Ok(app.acknowledge(&asked, asked.organization, erased.position, (status, answer).into_response()))
}
