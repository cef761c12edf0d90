//! The table itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::http::Method;
use axum::routing::MethodRouter;
use bytes::Bytes;
use serde_json::Value;

use super::unknown::{OtherMethods, no_such_route};
use super::{Operation, Route, livez};
use crate::openapi;
use crate::problem::pages;

/// Why operations do not make one interface.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Two operations with one id.
    #[error("two operations have the id `{0}`")]
    SameId(&'static str),
    /// Two operations with one method and path.
    #[error("two operations answer `{0} {1}`")]
    SameRoute(Method, &'static str),
    /// Two templates that match the same paths.
    #[error("`{0}` and `{1}` match the same paths; name their parameters alike")]
    SamePaths(&'static str, &'static str),
    /// A template that is not of whole segments, each a text or a `{parameter}`.
    #[error("`{0}` is no path template")]
    BadTemplate(&'static str),
    /// Parameters described otherwise than the template names them.
    #[error("`{0}` does not name the parameters that are described for it")]
    PathParameters(&'static str),
}

/// All operations of the interface, over handlers with the state `S`.
#[derive(Debug)]
pub struct Table<S> {
    routes: Vec<Route<S>>,
    hints: BTreeMap<&'static str, BTreeMap<String, &'static str>>,
    document: Arc<OnceLock<Bytes>>,
}

impl<S: Clone + Send + Sync + 'static> Table<S> {
    /// The operations that the interface has by itself: liveness, problem pages, its own
    /// description and its page.
    pub fn new() -> Self {
        let document = Arc::new(OnceLock::new());
        let mut routes = vec![livez::route()];
        routes.extend(pages::routes());
        routes.extend(openapi::served::routes(&document));
        Self { routes, hints: BTreeMap::new(), document }
    }

    /// Adds operations.
    #[must_use]
    pub fn with(mut self, routes: impl IntoIterator<Item = Route<S>>) -> Self {
        self.routes.extend(routes);
        self
    }

    /// What to say to a method that a path does not have, such as "use revoke".
    #[must_use]
    pub fn hint(mut self, method: &Method, path: &'static str, detail: &'static str) -> Self {
        self.hints.entry(path).or_default().insert(method.to_string(), detail);
        self
    }

    /// The operations, in the order in which they are described.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.routes.iter().map(Route::operation)
    }

    /// The OpenAPI document of the operations.
    ///
    /// # Errors
    /// When the operations do not make one interface.
    pub fn document(&self) -> Result<Value, TableError> {
        check(self.operations())?;
        openapi::document(self.operations())
    }

    /// The router that answers them all, and everything else with a problem.
    ///
    /// # Errors
    /// When the operations do not make one interface.
    pub fn into_router(self, state: S) -> Result<Router, TableError> {
        let document = self.document()?;
        // Set once, here; the handler that serves it cannot run before there is a router.
        let _ = self.document.set(document.to_string().into());
        let mut paths: BTreeMap<&'static str, (Vec<Method>, MethodRouter<S>)> = BTreeMap::new();
        for Route { operation, handler } in self.routes {
            let (methods, merged) = paths.entry(operation.path).or_default();
            methods.push(operation.method);
            *merged = std::mem::take(merged).merge(handler);
        }
        let mut router = Router::new();
        let mut hints = self.hints;
        for (path, (methods, handlers)) in paths {
            let others = OtherMethods::new(&methods, hints.remove(path).unwrap_or_default());
            let others = Arc::new(others);
            let refuse = move |method: Method| async move { others.answer(&method) };
            router = router.route(path, handlers.fallback(refuse));
        }
        Ok(router.fallback(no_such_route).with_state(state))
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Table<S> {
    fn default() -> Self {
        Self::new()
    }
}

/// Everything that the router would otherwise panic about, and what the document must not have.
fn check<'a>(operations: impl Iterator<Item = &'a Operation>) -> Result<(), TableError> {
    let mut ids = BTreeSet::new();
    let mut routes = BTreeSet::new();
    let mut shapes = BTreeMap::new();
    for operation in operations {
        let path = operation.path;
        if !ids.insert(operation.id) {
            return Err(TableError::SameId(operation.id));
        }
        if !routes.insert((path, operation.method.as_str())) {
            return Err(TableError::SameRoute(operation.method.clone(), path));
        }
        let shape = shape(path).ok_or(TableError::BadTemplate(path))?;
        let first = *shapes.entry(shape).or_insert(path);
        if first != path {
            return Err(TableError::SamePaths(first, path));
        }
    }
    Ok(())
}

/// A template without the names of its parameters; `None` if it is none.
fn shape(path: &str) -> Option<String> {
    let mut shape = String::new();
    for segment in path.strip_prefix('/')?.split('/') {
        let inner = segment.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        let text = inner.map_or(segment, |_| "");
        if text.contains(['{', '}']) || (inner.is_none() && segment.is_empty() && path != "/") {
            return None;
        }
        shape.push('/');
        shape.push_str(inner.map_or(segment, |_| "{}"));
    }
    Some(shape)
}

/// The names of a template's parameters, in order.
pub(crate) fn parameter_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        Some(name.strip_prefix('*').unwrap_or(name))
    })
}

#[cfg(test)]
mod tests;
