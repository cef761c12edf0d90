//! `POST /v1/tokens`: issue a token.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use commands::{
    Outcome,
    tokens::{IssueToken, TokenIssued},
};
use domain::{
    actor::Holder,
    ids::MemberId,
    token::{Ends, Texts},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

use super::{
    answer::TokenAnswer,
    shown::{ShownOnce, was_shown},
};
use crate::app::App;
use crate::asking::{Asking, ask};
use crate::body::{BodyReader, NotYet, SchemaError, Text};
use crate::formats::{DurationText, LabelText, MemberIdText, ScopeText, TimeText, all_said, said};
use crate::problem::{Code, FieldCode, FieldFault, Problem};
use crate::query::{DryRun, QueryReader};
use crate::refusals::refused;
use crate::respond::json;
use crate::routes::{Kit, Operation, Route};

/// A token to be issued.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Issue {
    /// A label for people.
    #[schemars(length(min = 1, max = 100))]
    name: Text<LabelText>,
    /// What it asks for: `*`, `resource:*` or `resource:action`.
    #[schemars(length(min = 1, max = 60))]
    scopes: Vec<Text<ScopeText>>,
    /// Whom it acts for; the caller where nothing is said. For anybody else it takes `tokens:manage`.
    holder: Option<HolderBody>,
    /// It is refused before this instant.
    starts_at: Option<Text<TimeText>>,
    /// How long it lives; 90 days where nothing is said.
    expires_in: Option<Text<DurationText>>,
    /// The instant from which it is refused, instead of `expires_in`.
    expires_at: Option<Text<TimeText>>,
    /// It lives until it is revoked; the policy must allow it, and wants a `reason`.
    never_expires: Option<bool>,
    /// Why it is issued so.
    #[schemars(length(min = 1, max = 400))]
    reason: Option<Text<LabelText>>,
    /// What it is for.
    #[schemars(length(max = 400))]
    description: Option<Text<LabelText>>,
    /// Labels to find it by.
    #[schemars(length(max = 20))]
    tags: Option<Vec<TagBody>>,
    /// What is told when it is verified: at most 16 pairs of texts.
    metadata: Option<Metadata>,
    /// The caller's own id for it.
    #[schemars(length(min = 1, max = 100))]
    external_id: Option<Text<LabelText>>,
    /// Who is shown the secret; `holder` comes later.
    #[expect(
        dead_code,
        reason = "the caller is shown the secret; the other value is refused until it is carried out"
    )]
    deliver: Option<Deliver>,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    team: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    services: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    environments: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    allowed_ips: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    limits: NotYet,
}

/// A tag: 1 to 32 characters.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
struct TagBody(#[schemars(length(min = 1, max = 32))] Text<LabelText>);

/// Pairs of texts.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("maxProperties" = 16, "propertyNames" = {"maxLength": 40}))]
struct Metadata(BTreeMap<String, MetadataValue>);

/// A value: at most 150 characters.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
struct MetadataValue(#[schemars(length(max = 150))] Text<LabelText>);

/// Whom a token acts for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HolderBody {
    /// `member`; the others come later.
    kind: HolderKind,
    /// `mem_…`.
    id: Text<MemberIdText>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(extend("x-not-supported-yet" = ["service_account", "agent"]))]
enum HolderKind {
    Member,
    ServiceAccount,
    Agent,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(extend("x-not-supported-yet" = ["holder"]))]
enum Deliver {
    Caller,
    Holder,
}

/// The token and its secret.
#[derive(Serialize, JsonSchema)]
struct IssuedAnswer {
    token: TokenAnswer,
    /// Shown here and nowhere else; null in a dry run, and where it was shown before.
    secret: Option<ShownOnce>,
    /// This command was obeyed before, and showed the secret then: rotate the token if it is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_shown: Option<bool>,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let (body, query) = (Arc::new(kit.body::<Issue>()?), kit.query::<DryRun>("issueToken")?);
    Ok(Operation::post("/v1/tokens", "issueToken")
        .says("Issue a token", "Nobody gives more than they have. The secret is shown once, in this answer.")
        .tag("tokens")
        .requires("tokens:write")
        .query(&query)
        .body(&body)
        .answers::<IssuedAnswer>(StatusCode::CREATED, "The token and its secret.")
        .answers::<IssuedAnswer>(StatusCode::OK, "What a dry run would have done.")
        .may_answer(&[Code::ScopeExceedsRole, Code::ScopeExceedsCaller, Code::PolicyViolation])
        .may_answer(crate::respond::COMMAND_CODES)
        .idempotent()
        .handled_by(move |State(app): State<App>, request: Request| {
            let (body, query) = (Arc::clone(&body), Arc::clone(&query));
            async move { issue(&app, &body, &query, request).await }
        }))
}

async fn issue(
    app: &App,
    body: &BodyReader<Issue>,
    query: &QueryReader<DryRun>,
    request: Request,
) -> Result<Response, Problem> {
    let dry_run = query.read(request.uri().query())?.query.dry_run;
    let Asking { caller, body, asked } = ask(app, request, body, dry_run).await?;
    let organization = caller.organization()?;
    let issued =
        app.commands.issue_token(&asked, wish(body)?).await.map_err(|it| refused(app, &caller, it))?;
    let position = issued.token.position;
    Ok(app.acknowledge(Some(organization), position, render(app, issued)?))
}

fn render(app: &App, issued: TokenIssued) -> Result<Response, Problem> {
    let TokenIssued { id, token, secret } = issued;
    let status = if token.outcome == Outcome::DryRun { StatusCode::OK } else { StatusCode::CREATED };
    let secret_shown = was_shown(token.outcome, secret.is_some());
    let version = token.version;
    let token = TokenAnswer::of(id, &token, &app.brand, app.clock.now()).ok_or_else(Problem::not_found)?;
    let answer = IssuedAnswer { token, secret: secret.map(Into::into), secret_shown };
    Ok((status, crate::respond::tagged(version, json(&answer)?)).into_response())
}

fn wish(body: Issue) -> Result<IssueToken, Problem> {
    let text = |it: Text<LabelText>| it.into_string();
    Ok(IssueToken {
        holder: body.holder.as_ref().map(holder).transpose()?,
        scopes: scopes(&body.scopes)?,
        starts_at: body.starts_at.as_ref().map(said).transpose()?,
        ends: ends(&body)?,
        texts: Texts {
            name: text(body.name),
            description: body.description.map(text),
            reason: body.reason.map(text),
            tags: tags(body.tags.unwrap_or_default()),
            metadata: body.metadata.map(metadata).unwrap_or_default(),
            external_id: body.external_id.map(text),
        },
    })
}

fn holder(body: &HolderBody) -> Result<Holder, Problem> {
    match body.kind {
        HolderKind::Member => Ok(Holder::Member(said::<MemberId, _>(&body.id)?)),
        HolderKind::ServiceAccount | HolderKind::Agent => Err(not_yet("/holder/kind")),
    }
}

/// Narrowed scopes and endpoint scopes are read, and refused until the gate can hold somebody to them.
fn scopes(texts: &[Text<ScopeText>]) -> Result<Vec<domain::scope::Scope>, Problem> {
    use domain::scope::Scope::{All, Endpoint, Instance, Permission, Resource};
    let mut scopes: Vec<domain::scope::Scope> = all_said(texts)?;
    let later = scopes.iter().enumerate().filter_map(|(at, it)| match it {
        Endpoint(_) | Instance(..) => Some(not_yet_fault(&format!("/scopes/{at}"))),
        All | Resource(_) | Permission(_) => None,
    });
    let later: Vec<FieldFault> = later.collect();
    if !later.is_empty() {
        return Err(Problem::invalid_body(later));
    }
    scopes.sort();
    scopes.dedup();
    Ok(scopes)
}

/// Of the three ways to say when it ends, one.
fn ends(body: &Issue) -> Result<Ends, Problem> {
    let never = body.never_expires.unwrap_or_default();
    match (&body.expires_in, &body.expires_at, never) {
        (None, None, false) => Ok(Ends::Default),
        (Some(lifespan), None, false) => Ok(Ends::In(said(lifespan)?)),
        (None, Some(instant), false) => Ok(Ends::At(said(instant)?)),
        (None, None, true) => Ok(Ends::Never),
        _ => {
            let detail = "say only one of expires_in, expires_at and never_expires";
            Err(Problem::invalid_body(vec![FieldFault::new("/expires_in", FieldCode::OutOfRange, detail)]))
        }
    }
}

fn tags(tags: Vec<TagBody>) -> Vec<String> {
    let mut tags: Vec<String> = tags.into_iter().map(|it| it.0.into_string()).collect();
    tags.sort();
    tags.dedup();
    tags
}

fn metadata(metadata: Metadata) -> BTreeMap<String, String> {
    metadata.0.into_iter().map(|(name, value)| (name, value.0.into_string())).collect()
}

fn not_yet(pointer: &str) -> Problem {
    Problem::invalid_body(vec![not_yet_fault(pointer)])
}

fn not_yet_fault(pointer: &str) -> FieldFault {
    FieldFault::new(pointer, FieldCode::NotSupportedYet, "this version does not carry it out yet")
}
