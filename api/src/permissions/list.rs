//! `GET /v1/permissions`: the catalogue.

use axum::{http::StatusCode, response::Response};
use domain::{catalogue::PermissionSet, endpoint::check_path, permission::Permission};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

use super::{MAY_READ, PermissionAnswer};
use crate::app::App;
use crate::body::SchemaError;
use crate::caller::Caller;
use crate::entered::Entered;
use crate::problem::{Code, Problem};
use crate::query::{Asked, Page, Paging, QueryReader};
use crate::respond::json;
use crate::routes::{Kit, Operation, Route};

/// Which permissions.
#[derive(Deserialize, JsonSchema)]
struct Filter {
    /// Part of the name or the description.
    q: Option<String>,
    /// Those that open this endpoint: `METHOD /path`.
    endpoint: Option<String>,
    /// Those that the caller can give to a token, or those that they cannot.
    grantable: Option<bool>,
    #[serde(flatten)]
    paging: Paging,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Filter>("listPermissions")?;
    Ok(Operation::get("/v1/permissions", "listPermissions")
        .says("List the catalogue", "In the order in which permissions were registered.")
        .tag("permissions")
        .requires(MAY_READ)
        .query(&query)
        .answers::<Page<PermissionAnswer>>(StatusCode::OK, "A page of permissions.")
        .may_answer(&[Code::InvalidCursor])
        .answered_by(move |app, entered| {
            let query = Arc::clone(&query);
            async move { list(&app, &query, &entered) }
        }))
}

fn list(app: &App, query: &QueryReader<Filter>, entered: &Entered) -> Result<Response, Problem> {
    let Asked { query: filter, binding } = entered.query(query)?;
    let caller = &entered.caller;
    let after: Option<usize> = filter.paging.cursor.as_deref().map(|it| binding.open(it)).transpose()?;
    let matches = matching(&filter, caller)?;
    let limit = usize::from(filter.paging.limit);
    let entries = caller.credential.catalogue().entries().iter().enumerate();
    let mut found = entries.filter(|(at, it)| after.is_none_or(|after| after < *at) && matches(*at, it));
    let rows: Vec<(usize, &Permission)> = found.by_ref().take(limit).collect();
    let more = found.next().is_some();
    let last = rows.last().map(|(at, _)| *at).filter(|_| more);
    let position = caller.credential.position;
    let page = Page {
        data: rows.into_iter().map(|(_, it)| PermissionAnswer::of(it, caller)).collect::<Vec<_>>(),
        next_cursor: last.map(|it| binding.cursor(&it)),
        position: app.incarnation.show(position),
        parked: None,
    };
    Ok(app.at(position, json(&page)?))
}

fn matching<'a>(
    filter: &'a Filter,
    caller: &'a Caller,
) -> Result<impl Fn(usize, &Permission) -> bool + 'a, Problem> {
    let opening = filter.endpoint.as_deref().map(|it| opening(it, caller)).transpose()?;
    let q = filter.q.as_deref().map(str::to_lowercase);
    Ok(move |at: usize, permission: &Permission| {
        let text = || format!("{} {}", permission.name, permission.description).to_lowercase();
        let scope = domain::scope::Scope::Permission(permission.name.clone());
        opening.as_ref().is_none_or(|it| it.contains(at))
            && q.as_deref().is_none_or(|it| text().contains(it))
            && filter
                .grantable
                .is_none_or(|it| it == caller.power().covers(&scope, caller.credential.catalogue()))
    })
}

fn opening(endpoint: &str, caller: &Caller) -> Result<PermissionSet, Problem> {
    let parts = endpoint.split_once(' ').filter(|(_, path)| check_path(path).is_ok());
    let Some((method, path)) = parts else {
        return Err(Problem::new(
            Code::InvalidParameter,
            "endpoint: send METHOD /path, like GET /v1/invoices/7",
        ));
    };
    Ok(caller.credential.catalogue().opening(method, path))
}
