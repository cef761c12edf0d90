//! `GET /v1/tokens`: the organisation's tokens.

use axum::{http::StatusCode, response::Response};
use domain::secret::Kind;
use projections::token_list::{
    Cursor, Direction, ListedToken, Owner, Sort, SortKey, TagMode, TokenFilter, TokenListError, TokenQuery,
    TokenStatus,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

use super::{answer::TokenAnswer, used::Uses};
use crate::app::App;
use crate::body::{NotYet, SchemaError, Text};
use crate::entered::Entered;
use crate::formats::{BlockText, DurationText, TimeText, network, said};
use crate::problem::{Code, Problem};
use crate::query::{Asked, Page, Paging, QueryReader};
use crate::refusals::unreadable;
use crate::respond::{VIEW_CODES, json};
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// Which tokens; all that is said must hold.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "what comes later is known, and refused until it is carried out")]
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
    holder_kind: Option<HolderKindFilter>,
    /// The kind that its secrets show.
    kind: Option<KindFilter>,
    /// Issued then or later.
    created_after: Option<Text<TimeText>>,
    /// Issued earlier.
    created_before: Option<Text<TimeText>>,
    /// Expiring then or later.
    expires_after: Option<Text<TimeText>>,
    /// Expiring earlier.
    expires_before: Option<Text<TimeText>>,
    /// Last used then or later.
    last_used_after: Option<Text<TimeText>>,
    /// Last used earlier; not one that was never used.
    last_used_before: Option<Text<TimeText>>,
    /// Not used for so long: `30d`; one that was never used, since it was issued.
    unused_for: Option<Text<DurationText>>,
    /// Used, or refused, at an address or in a block like `203.0.113.0/24`; with `personal-data:read` only.
    ip: Option<Text<BlockText>>,
    /// By what, `-` before it turning it round; the newest first where nothing is said. Never used comes last.
    sort: Option<SortFilter>,
    #[serde(default)]
    team: NotYet,
    #[serde(default)]
    scope: NotYet,
    #[serde(default)]
    risk: NotYet,
    #[serde(default)]
    service: NotYet,
    #[serde(default)]
    include: NotYet,
    #[serde(default)]
    as_of: NotYet,
    /// A position that the answer must have reached, as `Counterfoil-Position`.
    min_position: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(extend("x-not-supported-yet" = ["suspended"]))]
enum StatusFilter {
    Active,
    Revoked,
    Expired,
    Pending,
    Suspended,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum HolderKindFilter {
    Member,
    ServiceAccount,
    Agent,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum KindFilter {
    Pat,
    Svc,
    Agt,
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
    #[serde(rename = "last_used_at")]
    LastUsedAt,
    #[serde(rename = "-last_used_at")]
    LastUsedAtDown,
}

impl StatusFilter {
    /// Nothing for what the schema refuses until it is carried out.
    fn status(self) -> Option<TokenStatus> {
        match self {
            Self::Active => Some(TokenStatus::Active),
            Self::Revoked => Some(TokenStatus::Revoked),
            Self::Expired => Some(TokenStatus::Expired),
            Self::Pending => Some(TokenStatus::Pending),
            Self::Suspended => None,
        }
    }
}

impl HolderKindFilter {
    fn name(self) -> String {
        match self {
            Self::Member => "member".to_owned(),
            Self::ServiceAccount => "service_account".to_owned(),
            Self::Agent => "agent".to_owned(),
        }
    }
}

impl From<KindFilter> for Kind {
    fn from(kind: KindFilter) -> Self {
        match kind {
            KindFilter::Pat => Self::Pat,
            KindFilter::Svc => Self::Svc,
            KindFilter::Agt => Self::Agt,
        }
    }
}

impl SortFilter {
    fn sort(self) -> Sort {
        use Direction::{Ascending, Descending};
        let (key, direction) = match self {
            Self::CreatedAt => (SortKey::CreatedAt, Ascending),
            Self::CreatedAtDown => (SortKey::CreatedAt, Descending),
            Self::Name => (SortKey::Name, Ascending),
            Self::NameDown => (SortKey::Name, Descending),
            Self::ExpiresAt => (SortKey::ExpiresAt, Ascending),
            Self::ExpiresAtDown => (SortKey::ExpiresAt, Descending),
            Self::LastUsedAt => (SortKey::LastUsedAt, Ascending),
            Self::LastUsedAtDown => (SortKey::LastUsedAt, Descending),
        };
        Sort { key, direction }
    }
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Filter>("listTokens")?;
    Ok(Operation::get("/v1/tokens", "listTokens")
        .says("List tokens", "Without a status, all of them. One reads one's own writes.")
        .tag("tokens")
        .requires(Access::Organization(Needs::TokensRead))
        .query(&query)
        .answers::<Page<TokenAnswer>>(StatusCode::OK, "A page of tokens.")
        .may_answer(&[Code::InvalidCursor, Code::NotSupportedYet, Code::OrganizationRequired])
        .may_answer(VIEW_CODES)
        .answered_by(move |app, entered| {
            let query = Arc::clone(&query);
            async move { list(&app, &query, entered).await }
        }))
}

async fn list(app: &App, query: &QueryReader<Filter>, entered: Entered) -> Result<Response, Problem> {
    let organization = entered.caller.organization()?;
    let Asked { query: filter, binding } = entered.query(query)?;
    if filter.ip.is_some() {
        entered.caller.require(Needs::PersonalDataRead)?;
    }
    let after: Option<Cursor> = filter.paging.cursor.as_deref().map(|it| binding.open(it)).transpose()?;
    let handle = app.token_list.view().handle();
    entered.awaits(app, &[("min_position", filter.min_position.as_deref())])?.reached(app, handle).await?;
    let (limit, now) = (usize::from(filter.paging.limit), app.clock.now());
    let sort = filter.sort.map(SortFilter::sort).unwrap_or_default();
    let owner = Owner::Organization(organization);
    let wanted = TokenQuery { owner, filter: wanted(filter)?, sort, after, limit, now };
    let page = app.token_list.page(&wanted).await.map_err(failed)?;
    let ids: Vec<_> = page.tokens.iter().map(|it| it.id).collect();
    let uses = Uses::of(app, &entered.caller, &ids).await?;
    let shown = |token: &ListedToken| {
        let is_parked = page.parked.contains(&token.id);
        let mut answer = TokenAnswer::listed(token, &app.brand, now).parked(is_parked);
        uses.tell(token.id, &mut answer);
        answer
    };
    let answer = Page {
        data: page.tokens.iter().map(shown).collect(),
        next_cursor: page.next.as_ref().map(|it| binding.cursor(it)),
        position: app.incarnation.show(page.position),
        parked: app.token_list.view().parked(),
    };
    Ok(app.at(page.position, json(&answer)?))
}

fn wanted(filter: Filter) -> Result<TokenFilter, Problem> {
    let instant = |it: Option<Text<TimeText>>| it.as_ref().map(said).transpose();
    Ok(TokenFilter {
        statuses: filter.status.unwrap_or_default().into_iter().filter_map(StatusFilter::status).collect(),
        q: filter.q,
        tags: filter.tag.unwrap_or_default(),
        tag_mode: match filter.tag_mode {
            Some(TagModeFilter::Any) => TagMode::Any,
            Some(TagModeFilter::All) | None => TagMode::All,
        },
        holder: filter.holder,
        holder_kind: filter.holder_kind.map(HolderKindFilter::name),
        kind: filter.kind.map(Into::into),
        created_after: instant(filter.created_after)?,
        created_before: instant(filter.created_before)?,
        expires_after: instant(filter.expires_after)?,
        expires_before: instant(filter.expires_before)?,
        last_used_after: instant(filter.last_used_after)?,
        last_used_before: instant(filter.last_used_before)?,
        unused_for: filter.unused_for.as_ref().map(said).transpose()?,
        ip: filter.ip.as_ref().map(network).transpose()?,
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
