//! `GET /v1/audit/events`: search over all facts of the organisation, or of the platform.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::permission::PermissionName;
use ipnet::IpNet;
use projections::{
    Position,
    audit::{AuditEvent, AuditFilter, AuditPage, AuditQuery, Outcome, Reach, Thing, Walk},
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::{net::IpAddr, sync::Arc};

use super::answer::EventAnswer;
use crate::app::App;
use crate::asking::await_view;
use crate::body::{NotYet, SchemaError, Text};
use crate::caller::Caller;
use crate::formats::{BlockText, TimeText, said};
use crate::problem::{Code, Problem};
use crate::query::{Asked, Page, Paging, QueryReader};
use crate::refusals::unreadable;
use crate::respond::{VIEW_CODES, json};
use crate::routes::{Kit, Operation, Route};

/// Which facts; all that is said must hold.
#[derive(Deserialize, JsonSchema)]
struct Filter {
    /// Who acted: the id of a member, a service account or a token, or a pasted token.
    actor: Option<String>,
    /// A kind, or its beginning: `token.revoked.v1`, `token.revoked`, `token`.
    action: Option<String>,
    /// What it happened to: an id, the name of a permission, or a pasted token.
    target: Option<String>,
    /// Where the request came from: an address, or a block like `203.0.113.0/24`.
    ip: Option<Text<BlockText>>,
    /// How it ended.
    outcome: Option<OutcomeFilter>,
    /// What belongs together across streams.
    correlation: Option<String>,
    /// Recorded then or later.
    from: Option<Text<TimeText>>,
    /// Recorded earlier.
    to: Option<Text<TimeText>>,
    /// Words, each of which is part of something that the fact says.
    q: Option<String>,
    /// The newest first (`desc`, the default), or the oldest first.
    order: Option<Order>,
    /// Facts after this position, the oldest first.
    after: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    as_of: NotYet,
    /// A position that the answer must have reached, as `Counterfoil-Position`.
    min_position: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum OutcomeFilter {
    Ok,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    Asc,
    Desc,
}

pub(super) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Filter>("searchAudit")?;
    Ok(Operation::get("/v1/audit/events", "searchAudit")
        .says(
            "Search the audit",
            "Every fact, the newest first. An operator who names no organization searches the platform's own, with \
             `platform:audit`.",
        )
        .tag("audit")
        .requires("audit:read")
        .query(&query)
        .answers::<Page<EventAnswer>>(StatusCode::OK, "A page of facts.")
        .may_answer(&[Code::InvalidCursor, Code::NotSupportedYet])
        .may_answer(VIEW_CODES)
        .handled_by(move |State(app): State<App>, RawQuery(text): RawQuery, headers: HeaderMap| {
            let query = Arc::clone(&query);
            async move { search(&app, &query, text.as_deref(), &headers).await }
        }))
}

async fn search(
    app: &App,
    query: &QueryReader<Filter>,
    text: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let caller = Caller::of(app, headers)?;
    let reach = reach(&caller)?;
    let Asked { query: filter, binding } = query.read(text)?;
    let cursor: Option<u64> = filter.paging.cursor.as_deref().map(|it| binding.open(it)).transpose()?;
    let handle = app.audit.view().handle();
    await_view(app, headers, filter.min_position.as_deref(), caller.organization, handle).await?;
    let walk = walk(app, &filter, cursor.map(Position))?;
    let wanted = AuditQuery { reach, walk, limit: usize::from(filter.paging.limit), filter: wanted(filter)? };
    let AuditPage { events, next, position } = app.audit.search(&wanted).await.map_err(unreadable)?;
    let answer = Page {
        next_cursor: next.and_then(seen_last).map(|it| binding.cursor(&it)),
        data: events.into_iter().map(|it| EventAnswer::of(shown(it, &caller), app.incarnation)).collect(),
        position: app.incarnation.show(position),
    };
    Ok(app.at(position, json(&answer)?))
}

fn reach(caller: &Caller) -> Result<Reach, Problem> {
    match caller.organization {
        Some(organization) => caller.require("audit:read").map(|()| Reach::Organization(organization)),
        None => caller.require("platform:audit").map(|()| Reach::Platform),
    }
}

/// Addresses, user agents and what facts say of people are for those who may read personal data.
fn shown(event: AuditEvent, caller: &Caller) -> AuditEvent {
    let permission = "personal-data:read".parse::<PermissionName>();
    let may = caller.organization.is_none() || permission.is_ok_and(|it| caller.may(&it));
    if may { event } else { event.without_personal() }
}

fn walk(app: &App, filter: &Filter, cursor: Option<Position>) -> Result<Walk, Problem> {
    let after = filter.after.as_deref().map(|it| app.incarnation.read(it)).transpose()?;
    if after.is_some() && filter.order == Some(Order::Desc) {
        return Err(Problem::new(Code::InvalidParameter, "after: is the oldest first; leave out order=desc"));
    }
    if after.is_some() || filter.order == Some(Order::Asc) {
        let after = cursor.or(after).unwrap_or_default();
        return Ok(Walk::OldestFirst { after });
    }
    Ok(Walk::NewestFirst { before: cursor })
}

fn seen_last(walk: Walk) -> Option<u64> {
    match walk {
        Walk::NewestFirst { before } => before.map(|it| it.0),
        Walk::OldestFirst { after } => Some(after.0),
    }
}

fn wanted(filter: Filter) -> Result<AuditFilter, Problem> {
    let instant = |it: Option<Text<TimeText>>| it.as_ref().map(said).transpose();
    Ok(AuditFilter {
        actor: filter.actor.as_deref().map(Thing::pasted),
        action: filter.action,
        target: filter.target.as_deref().map(Thing::pasted),
        ip: filter.ip.as_ref().and_then(|it| block(it.as_str())),
        outcome: filter.outcome.map(|OutcomeFilter::Ok| Outcome::Ok),
        correlation: filter.correlation,
        from: instant(filter.from)?,
        to: instant(filter.to)?,
        q: filter.q,
    })
}

/// A block, or an address as a block of one.
fn block(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
