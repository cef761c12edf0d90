//! `GET /v1/tokens/{id}/ips`: where a token was used from.

use axum::{http::StatusCode, response::Response};
use domain::{
    ids::TokenId,
    time::{Lifespan, Timestamp},
};
use projections::{
    token_addresses::{Cursor, SeenAddress},
    token_list::Owner,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::{TokenPath, used::sees_addresses};
use crate::app::App;
use crate::body::SchemaError;
use crate::entered::Entered;
use crate::problem::{Code, Problem};
use crate::query::{Asked, Page, Paging, QueryReader};
use crate::refusals::unreadable;
use crate::respond::{VIEW_CODES, json};
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// For so long an address is new.
const NEW: Lifespan = Lifespan::days(7);

/// Which part.
#[derive(Deserialize, JsonSchema)]
struct Part {
    /// A position that the answer must have reached, as `Counterfoil-Position`.
    min_position: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

/// An address that a token was used from, or refused at.
#[derive(Serialize, JsonSchema)]
struct IpAnswer {
    /// The address.
    ip: String,
    /// The first call from there.
    first_seen: String,
    /// The last call from there.
    last_seen: String,
    /// How many calls, refused ones among them.
    calls: u64,
    /// What the callers' programs called themselves: the last eight, the latest at the end.
    user_agents: Vec<String>,
    /// Whether it was first seen within the last seven days.
    new: bool,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Part>("listTokenIps")?;
    Ok(Operation::get("/v1/tokens/{id}/ips", "listTokenIps")
        .says(
            "List where a token was used from",
            "The address first seen last comes first. Calls count once they are recorded durably, within 250 ms, and \
             of an erased holder no address is left. It needs `personal-data:read` too, but for one's own tokens.",
        )
        .tag("tokens")
        .requires(Access::OrganizationOrItself(Needs::TokensRead))
        .path::<TokenPath>()
        .query(&query)
        .answers::<Page<IpAnswer>>(StatusCode::OK, "A page of addresses.")
        .may_answer(&[Code::InvalidCursor, Code::OrganizationRequired])
        .may_answer(VIEW_CODES)
        .answered_by(move |app, entered| {
            let query = Arc::clone(&query);
            async move { list(&app, &query, entered).await }
        }))
}

async fn list(app: &App, query: &QueryReader<Part>, mut entered: Entered) -> Result<Response, Problem> {
    let id: TokenId = entered.named().await?;
    let Asked { query: part, binding } = entered.query(query)?;
    let after: Option<Cursor> = part.paging.cursor.as_deref().map(|it| binding.open(it)).transpose()?;
    let parameters = [("min_position", part.min_position.as_deref())];
    let position = entered.awaits(app, &parameters)?.reached(app, app.token_list.view().handle()).await?;
    let owner = entered.caller.organization.map_or(Owner::Operators, Owner::Organization);
    let found = app.token_list.find(owner, id).await.map_err(unreadable)?;
    let token = found.ok_or_else(Problem::not_found)?;
    if !sees_addresses(&entered.caller, &token.holder.id) {
        entered.caller.require(Needs::PersonalDataRead)?;
    }
    let now = app.clock.now();
    let limit = usize::from(part.paging.limit);
    let page = app.token_addresses.page(id, after.as_ref(), limit).await.map_err(unreadable)?;
    let answer = Page {
        data: page.addresses.iter().map(|it| IpAnswer::of(it, now)).collect(),
        next_cursor: page.next.as_ref().map(|it| binding.cursor(it)),
        position: app.incarnation.show(position),
        parked: app.token_addresses.view().parked(),
    };
    Ok(app.at(position, json(&answer)?))
}

impl IpAnswer {
    fn of(seen: &SeenAddress, now: Timestamp) -> Self {
        let sightings = &seen.sightings;
        Self {
            ip: seen.address.to_string(),
            first_seen: sightings.first_seen.to_string(),
            last_seen: sightings.last_seen.to_string(),
            calls: sightings.calls,
            user_agents: sightings.user_agents.texts().map(str::to_owned).collect(),
            new: now < sightings.first_seen.plus(NEW),
        }
    }
}
