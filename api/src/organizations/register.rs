//! `POST /v1/organizations`: an organisation with its owner and the owner's first token.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use commands::{
    Outcome,
    organizations::{OrganizationRegistered, RegisterOrganization},
};
use domain::{organization::Person, plan::Plan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::app::App;
use crate::asking::{Asking, Form};
use crate::body::{SchemaError, Text};
use crate::entered::Entered;
use crate::formats::{EmailText, LabelText, SlugText, said};
use crate::problem::{Code, Problem};
use crate::refusals::refused;
use crate::respond::{COMMAND_CODES, json, tagged};
use crate::routes::{Access, Kit, Needs, Operation, Route};
use crate::tokens::shown::{AlreadyShown, ShownOnce, already_shown};

/// An organisation to be registered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Register {
    /// Its name, for people.
    #[schemars(length(min = 1, max = 100))]
    name: Text<LabelText>,
    /// Its slug, which never changes: 1 to 40 of `a-z`, `0-9` and `-`.
    slug: Text<SlugText>,
    plan: PlanBody,
    owner: OwnerBody,
}

/// What it has subscribed to.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum PlanBody {
    Free,
    Pro,
    Enterprise,
}

/// Its first owner.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OwnerBody {
    /// Their e-mail address.
    email: Text<EmailText>,
    /// Their name.
    #[schemars(length(min = 1, max = 100))]
    name: Text<LabelText>,
}

impl From<PlanBody> for Plan {
    fn from(plan: PlanBody) -> Self {
        match plan {
            PlanBody::Free => Self::Free,
            PlanBody::Pro => Self::Pro,
            PlanBody::Enterprise => Self::Enterprise,
        }
    }
}

/// The organisation, its owner, and the secret of the owner's first token.
#[derive(Serialize, JsonSchema)]
struct RegisteredAnswer {
    organization: OrganizationAnswer,
    owner: MemberAnswer,
    /// The id of the owner's first token: scope `*`, 30 days, tag `bootstrap`; null in a dry run.
    token_id: Option<String>,
    /// Its secret, shown here and nowhere else; null in a dry run, and where it was shown before.
    secret: Option<ShownOnce>,
    #[serde(flatten)]
    already_shown: Option<AlreadyShown>,
}

/// An organisation.
#[derive(Serialize, JsonSchema)]
struct OrganizationAnswer {
    /// `org_…`.
    id: String,
    /// Its slug; null once it is erased.
    slug: Option<String>,
    /// Its name; null once it is erased.
    name: Option<String>,
    /// Its plan.
    plan: String,
    /// `active`.
    status: &'static str,
    /// When it was registered.
    created_at: String,
    /// Grows by one with each change.
    version: u64,
}

/// A member.
#[derive(Serialize, JsonSchema)]
struct MemberAnswer {
    /// `mem_…`.
    id: String,
    /// Their e-mail address; null once it is erased.
    email: Option<String>,
    /// Their name; null once it is erased.
    name: Option<String>,
    /// Their role.
    role: String,
    /// `active`.
    status: &'static str,
    /// Grows by one with each change.
    version: u64,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let form = Arc::new(Form::<Register>::new(kit, "registerOrganization")?);
    Ok(Operation::post("/v1/organizations", "registerOrganization")
        .says(
            "Register an organization",
            "For platform operators. It comes with its first owner and the owner's first token.",
        )
        .tag("organizations")
        .requires(Access::Platform(Needs::PlatformOrganizations))
        .query(&form.query)
        .body(&form.body)
        .answers::<RegisteredAnswer>(StatusCode::CREATED, "The organization, its owner, and a secret.")
        .answers::<RegisteredAnswer>(StatusCode::OK, "What a dry run would have done.")
        .may_answer(&[Code::AlreadyExists])
        .may_answer(COMMAND_CODES)
        .idempotent()
        .answered_by(move |app, entered| {
            let form = Arc::clone(&form);
            async move { register(&app, &form, entered).await }
        }))
}

async fn register(app: &App, form: &Form<Register>, entered: Entered) -> Result<Response, Problem> {
    let Asking { caller, body, asked, .. } = entered.command(app, form, "").await?;
    let wish = RegisterOrganization {
        name: body.name.into_string(),
        slug: said(&body.slug)?,
        plan: body.plan.into(),
        owner: Person { email: body.owner.email.into_string(), name: body.owner.name.into_string() },
    };
    let registered = app.commands.register_organization(&asked, wish).await;
    let registered = registered.map_err(|it| refused(app, &caller, it))?;
    let last = registered.token.as_ref().map_or(registered.organization.position, |it| it.token.position);
    let id = registered.id;
    let response = app.acknowledge(&asked, Some(id), last, render(registered)?);
    Ok(app.acknowledge(&asked, None, last, response))
}

fn render(registered: OrganizationRegistered) -> Result<Response, Problem> {
    let OrganizationRegistered { id, organization, owner, member, token } = registered;
    let (dry, version) = (organization.outcome == Outcome::DryRun, organization.version);
    let entry = organization.state.registered().ok_or_else(Problem::not_found)?;
    let joined = member.state.joined().ok_or_else(Problem::not_found)?;
    let answer = RegisteredAnswer {
        organization: OrganizationAnswer {
            id: id.to_string(),
            slug: entry.label.known().map(|it| it.slug.clone()),
            name: entry.label.known().map(|it| it.name.clone()),
            plan: entry.plan.to_string(),
            status: "active",
            created_at: entry.created_at.to_string(),
            version,
        },
        owner: MemberAnswer {
            id: owner.to_string(),
            email: joined.person.known().map(|it| it.email.clone()),
            name: joined.person.known().map(|it| it.name.clone()),
            role: joined.role.to_string(),
            status: "active",
            version: member.version,
        },
        token_id: token.as_ref().map(|it| it.id.to_string()),
        already_shown: token.as_ref().and_then(|it| already_shown(it.token.outcome, it.secret.is_some())),
        secret: token.and_then(|it| it.secret).map(Into::into),
    };
    let status = if dry { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, tagged(version, json(&answer)?)).into_response())
}
