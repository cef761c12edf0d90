//! HTTP and nothing else: parse, call, render.
//!
//! It knows no engine, no log and no rule of the business: those are asked for through the
//! layers below.

pub mod app;
mod asking;
mod audit;
pub mod body;
mod caller;
mod door;
pub mod edge;
mod entered;
mod formats;
mod jobs;
pub mod openapi;
mod organizations;
mod permissions;
pub mod position;
#[cfg(test)]
mod probe;
pub mod problem;
mod projections;
#[cfg(test)]
mod promises;
pub mod query;
mod refusals;
mod respond;
pub mod routes;
mod service;
mod tokens;
mod verify;

use routes::{Kit, Table};

/// The whole interface cannot be put together: a defect of the code, found at each start and by tests.
#[derive(Debug, thiserror::Error)]
pub enum InterfaceError {
    /// A body or a query is not described as it must be.
    #[error(transparent)]
    Schema(#[from] body::SchemaError),
    /// Two operations are in each other's way.
    #[error(transparent)]
    Table(#[from] routes::TableError),
}

/// All operations of the interface.
///
/// # Errors
/// When they do not make one interface.
pub fn operations() -> Result<Table<app::App>, InterfaceError> {
    let kit = Kit::new(formats::formats());
    Ok(Table::new()
        .with(service::routes(&kit)?)
        .with(verify::routes(&kit)?)
        .with(tokens::routes(&kit)?)
        .with(organizations::routes(&kit)?)
        .with(permissions::routes(&kit)?)
        .with(audit::routes(&kit)?)
        .with(projections::routes(&kit)?)
        .with(jobs::routes(&kit)?)
        .hint(
            &axum::http::Method::DELETE,
            "/v1/tokens/{id}",
            "tokens are not deleted: POST …/revoke ends one",
        ))
}

/// The router that answers all of them.
///
/// # Errors
/// When they do not make one interface.
pub fn router(app: app::App) -> Result<axum::Router, InterfaceError> {
    Ok(operations()?.into_router(app)?)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;

    /// `UPDATE=1` writes it anew.
    #[test]
    fn the_committed_openapi_file_is_that_of_the_code() {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "schemas", "openapi.json"].iter().collect();
        let fresh = serde_json::to_string_pretty(&operations().unwrap().document().unwrap()).unwrap() + "\n";
        if std::env::var("UPDATE").is_ok() {
            fs::write(&path, &fresh).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == fresh, "UPDATE=1 cargo test -p counterfoil-api writes schemas/openapi.json");
    }
}
