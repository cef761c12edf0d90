//! `GET /v1/audit/events`: search over all facts of the organisation, or of the platform.

use axum::{http::StatusCode, response::Response};
use projections::{
    Position,
    audit::{AuditFilter, AuditPage, AuditQuery, Outcome, Reach, Sight, Thing, Walk},
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

use super::{Order, answer::EventAnswer};
use crate::app::App;
use crate::body::{NotYet, SchemaError, Text};
use crate::caller::Caller;
use crate::entered::Entered;
use crate::formats::{BlockText, TimeText, network, said};
use crate::problem::{Code, Problem};
use crate::query::{Asked, Page, Paging, QueryReader};
use crate::refusals::unreadable;
use crate::respond::{VIEW_CODES, json};
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// Which facts; all that is said must hold.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "what comes later is known, and refused until it is carried out")]
struct Filter {
    /// Who acted: the id of a member, a service account or a token, or a pasted token.
    actor: Option<String>,
    /// A kind, or its beginning: `token.revoked.v1`, `token.revoked`, `token`.
    action: Option<String>,
    /// What it happened to: an id, the name of a permission, or a pasted token.
    target: Option<String>,
    /// Where the request came from: an address, or a block like `203.0.113.0/24`; with `personal-data:read` only.
    ip: Option<Text<BlockText>>,
    /// How it ended.
    outcome: Option<OutcomeFilter>,
    /// What belongs together across streams.
    correlation: Option<String>,
    /// Recorded then or later.
    from: Option<Text<TimeText>>,
    /// Recorded earlier.
    to: Option<Text<TimeText>>,
    /// Words, each of which is part of something that the fact says; of persons, with `personal-data:read` only.
    q: Option<String>,
    /// The newest first (`desc`, the default), or the oldest first.
    order: Option<Order>,
    /// Facts after this position, the oldest first.
    after: Option<String>,
    #[serde(default)]
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

pub(super) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Filter>("searchAudit")?;
    Ok(Operation::get("/v1/audit/events", "searchAudit")
        .says(
            "Search the audit",
            "Every fact, the newest first. An operator who names no organization searches the platform's own, with \
             `platform:audit`. Who lacks `personal-data:read` sees no personal data and finds nothing by them.",
        )
        .tag("audit")
        .requires(Access::Either { organization: Needs::AuditRead, platform: Needs::PlatformAudit })
        .query(&query)
        .answers::<Page<EventAnswer>>(StatusCode::OK, "A page of facts.")
        .may_answer(&[Code::InvalidCursor, Code::NotSupportedYet])
        .may_answer(VIEW_CODES)
        .answered_by(move |app, entered| {
            let query = Arc::clone(&query);
            async move { search(&app, &query, entered).await }
        }))
}

async fn search(app: &App, query: &QueryReader<Filter>, entered: Entered) -> Result<Response, Problem> {
    let Asked { query: filter, binding } = entered.query(query)?;
    let reach = entered.caller.organization.map_or(Reach::Platform, Reach::Organization);
    let sight = sight(&entered.caller);
    if sight == Sight::WithoutPersonal && filter.ip.is_some() {
        entered.caller.require(Needs::PersonalDataRead)?;
    }
    let cursor: Option<u64> = filter.paging.cursor.as_deref().map(|it| binding.open(it)).transpose()?;
    let handle = app.audit.view().handle();
    let parameters = [("min_position", filter.min_position.as_deref()), ("after", filter.after.as_deref())];
    entered.awaits(app, &parameters)?.reached(app, handle).await?;
    let walk = walk(app, &filter, cursor.map(Position))?;
    let limit = usize::from(filter.paging.limit);
    let wanted = AuditQuery { reach, sight, walk, limit, filter: wanted(filter)? };
    let AuditPage { events, next, position } = app.audit.search(&wanted).await.map_err(unreadable)?;
    let answer = Page {
        next_cursor: next.and_then(seen_last).map(|it| binding.cursor(&it)),
        data: events.into_iter().map(|it| EventAnswer::of(it, app.incarnation)).collect(),
        position: app.incarnation.show(position),
        parked: app.audit.view().parked(),
    };
    Ok(app.at(position, json(&answer)?))
}

/// Addresses, user agents and what facts say of people are for those who may read personal data; the platform's
/// own facts are for its operators whole.
pub(super) fn sight(caller: &Caller) -> Sight {
    let may = caller.organization.is_none() || caller.may(Needs::PersonalDataRead);
    if may { Sight::Whole } else { Sight::WithoutPersonal }
}

fn walk(app: &App, filter: &Filter, cursor: Option<Position>) -> Result<Walk, Problem> {
    let after = filter.after.as_deref().map(|it| app.incarnation.read(it)).transpose();
    let after = after.map_err(|it| it.in_parameter("after"))?;
    if Order::is_oldest_first(filter.order, after.is_some())? {
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
        ip: filter.ip.as_ref().map(network).transpose()?,
        outcome: filter.outcome.map(|OutcomeFilter::Ok| Outcome::Ok),
        correlation: filter.correlation,
        from: instant(filter.from)?,
        to: instant(filter.to)?,
        q: filter.q,
    })
}
