//! `GET /v1/tokens`: the organisation's tokens.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use projections::token_list::{
    Cursor, Direction, Owner, Sort, SortKey, TagMode, TokenFilter, TokenListError, TokenQuery, TokenStatus,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

use super::answer::TokenAnswer;
use crate::app::App;
use crate::asking::await_view;
use crate::body::{NotYet, SchemaError, Text};
use crate::caller::Caller;
use crate::formats::{TimeText, said};
use crate::problem::{Code, Problem};
use crate::query::{Asked, Page, Paging, QueryReader};
use crate::refusals::unreadable;
use crate::respond::{VIEW_CODES, json};
use crate::routes::{Kit, Operation, Route};

/// Which tokens; all that is said must hold.
#[derive(Deserialize, JsonSchema)]
struct Filter {
    /// Part of the name, the id, a displayed secret, a tag or the external id.
    q: Option<String>,
    /// What it is now; may be repeated.
    status: Option<Vec<StatusFilter>>,
    /// A tag, exactly; may be repeated.
    tag: Option<Vec<String>>,
    /// Whether it must have `all` of the tags (the default), or `any`.
    tag_mode: Option<TagModeFilter>,
    /// Its holder's id.
    holder: Option<String>,
    /// Its holder's kind.
    holder_kind: Option<String>,
    /// Issued then or later.
    created_after: Option<Text<TimeText>>,
    /// Issued earlier.
    created_before: Option<Text<TimeText>>,
    /// Expiring then or later.
    expires_after: Option<Text<TimeText>>,
    /// Expiring earlier.
    expires_before: Option<Text<TimeText>>,
    /// By what, `-` before it turning it round; the newest first where nothing is said.
    sort: Option<SortFilter>,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    team: NotYet,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    scope: NotYet,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    risk: NotYet,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    service: NotYet,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    ip: NotYet,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    include: NotYet,
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
enum StatusFilter {
    Active,
    Revoked,
    Expired,
    Pending,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum TagModeFilter {
    Any,
    All,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
enum SortFilter {
    #[serde(rename = "created_at")]
    CreatedAt,
    #[serde(rename = "-created_at")]
    CreatedAtDown,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDown,
    #[serde(rename = "expires_at")]
    ExpiresAt,
    #[serde(rename = "-expires_at")]
    ExpiresAtDown,
}

impl From<StatusFilter> for TokenStatus {
    fn from(status: StatusFilter) -> Self {
        match status {
            StatusFilter::Active => Self::Active,
            StatusFilter::Revoked => Self::Revoked,
            StatusFilter::Expired => Self::Expired,
            StatusFilter::Pending => Self::Pending,
        }
    }
}

impl From<SortFilter> for Sort {
    fn from(sort: SortFilter) -> Self {
        use Direction::{Ascending, Descending};
        let (key, direction) = match sort {
            SortFilter::CreatedAt => (SortKey::CreatedAt, Ascending),
            SortFilter::CreatedAtDown => (SortKey::CreatedAt, Descending),
            SortFilter::Name => (SortKey::Name, Ascending),
            SortFilter::NameDown => (SortKey::Name, Descending),
            SortFilter::ExpiresAt => (SortKey::ExpiresAt, Ascending),
            SortFilter::ExpiresAtDown => (SortKey::ExpiresAt, Descending),
        };
        Self { key, direction }
    }
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Filter>("listTokens")?;
    Ok(Operation::get("/v1/tokens", "listTokens")
        .says("List tokens", "Without a status, all of them. One reads one's own writes.")
        .tag("tokens")
        .requires("tokens:read")
        .query(&query)
        .answers::<Page<TokenAnswer>>(StatusCode::OK, "A page of tokens.")
        .may_answer(&[Code::InvalidCursor, Code::NotSupportedYet, Code::OrganizationRequired])
        .may_answer(VIEW_CODES)
        .handled_by(move |State(app): State<App>, RawQuery(text): RawQuery, headers: HeaderMap| {
            let query = Arc::clone(&query);
            async move { list(&app, &query, text.as_deref(), &headers).await }
        }))
}

async fn list(
    app: &App,
    query: &QueryReader<Filter>,
    text: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let caller = Caller::of(app, headers)?;
    let organization = caller.organization()?;
    caller.require("tokens:read")?;
    let Asked { query: filter, binding } = query.read(text)?;
    let after: Option<Cursor> = filter.paging.cursor.as_deref().map(|it| binding.open(it)).transpose()?;
    let handle = app.token_list.view().handle();
    await_view(app, headers, filter.min_position.as_deref(), Some(organization), handle).await?;
    let (limit, now) = (usize::from(filter.paging.limit), app.clock.now());
    let sort = filter.sort.map(Sort::from).unwrap_or_default();
    let owner = Owner::Organization(organization);
    let wanted = TokenQuery { owner, filter: wanted(filter)?, sort, after, limit, now };
    let page = app.token_list.page(&wanted).await.map_err(failed)?;
    let answer = Page {
        data: page.tokens.iter().map(|it| TokenAnswer::listed(it, &app.brand, now)).collect(),
        next_cursor: page.next.as_ref().map(|it| binding.cursor(it)),
        position: app.incarnation.show(page.position),
    };
    Ok(app.at(page.position, json(&answer)?))
}

fn wanted(filter: Filter) -> Result<TokenFilter, Problem> {
    let instant = |it: Option<Text<TimeText>>| it.as_ref().map(said).transpose();
    Ok(TokenFilter {
        statuses: filter.status.unwrap_or_default().into_iter().map(Into::into).collect(),
        q: filter.q,
        tags: filter.tag.unwrap_or_default(),
        tag_mode: match filter.tag_mode {
            Some(TagModeFilter::Any) => TagMode::Any,
            Some(TagModeFilter::All) | None => TagMode::All,
        },
        holder: filter.holder,
        holder_kind: filter.holder_kind,
        kind: None,
        created_after: instant(filter.created_after)?,
        created_before: instant(filter.created_before)?,
        expires_after: instant(filter.expires_after)?,
        expires_before: instant(filter.expires_before)?,
    })
}

fn failed(error: TokenListError) -> Problem {
    match error {
        TokenListError::ForeignCursor => Problem::new(
            Code::InvalidCursor,
            "start again without a cursor; filters and sort must stay the same",
        ),
        TokenListError::Query(error) => unreadable(error),
    }
}
