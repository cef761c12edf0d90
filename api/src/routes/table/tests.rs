//! The table as a whole: what it serves, what it describes, and that these are the same; held
//! on a small interface with everything an operation can have.

mod described;
mod served;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::*;
use crate::body::{Formats, NotYet};
use crate::edge::headers::json;
use crate::probe::{Answer, ask, request};
use crate::problem::Problem;
use crate::query::{DryRun, Paging};
use crate::routes::{Access, Kit, Needs, Operation, Segment};

/// What a thing may be changed to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    /// The new name.
    name: String,
    /// Who holds it.
    holder: Option<Holder>,
    /// The team, later.
    #[serde(default)]
    team: NotYet,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Holder {
    id: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Thing {
    name: String,
    holder: Option<Holder>,
}

#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "describes the path's parameter")]
struct ThingPath {
    /// The thing's id.
    id: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct List {
    #[serde(flatten)]
    paging: Paging,
    /// Only those with this name.
    name: Option<String>,
}

#[derive(Clone)]
struct App {
    suffix: &'static str,
}

const APP: App = App { suffix: "!" };

fn table() -> Table<App> {
    let kit = Kit::new(Formats::default());
    let body = Arc::new(kit.body::<Rename>().unwrap());
    let dry = kit.query::<DryRun>("renameThing").unwrap();
    let list = kit.query::<List>("listThings").unwrap();
    let rename = Operation::patch("/v1/things/{id}", "renameThing")
        .says("Rename a thing", "Its id stays.")
        .tag("things")
        .requires(Access::Organization(Needs::TokensWrite))
        .path::<ThingPath>()
        .query(&dry)
        .body(&body)
        .answers::<Thing>(StatusCode::OK, "The thing.")
        .idempotent()
        .conditional()
        .handled_by(
            move |State(app): State<App>, Segment(id): Segment<String>, request: Request| async move {
                let dry = dry.read(request.uri().query())?.query.dry_run;
                let (parts, sent) = request.into_parts();
                let sent = body.receive(&parts.headers, sent).await?;
                let Rename { name, holder, team: NotYet } = body.understand(&sent)?;
                let thing = Thing { name: format!("{id} {name}{} {dry}", app.suffix), holder };
                Ok::<_, Problem>(json(serde_json::to_vec(&thing).unwrap()))
            },
        );
    let list = Operation::get("/v1/things", "listThings")
        .says("List things", "")
        .tag("things")
        .requires(Access::Organization(Needs::TokensRead))
        .query(&list)
        .answers::<crate::query::Page<Thing>>(StatusCode::OK, "A page.")
        .header::<String>("X-Extra", "Whatever.")
        .handled_by(move |request: Request| async move {
            let asked = list.read(request.uri().query())?;
            let List { paging, name } = asked.query;
            Ok::<_, Problem>(format!("{} {:?} {:?}", paging.limit, paging.cursor, name))
        });
    Table::new().with([rename, list]).hint(&Method::DELETE, "/v1/things/{id}", "rename it instead")
}

async fn get(words: &str) -> Answer {
    ask(table(), APP, request(words)).await
}

async fn patch(path: &str, body: &str) -> Answer {
    let mut asked = request(&format!("PATCH {path}"));
    *asked.body_mut() = Body::from(body.to_owned());
    let media_type = HeaderValue::from_static("application/json");
    asked.headers_mut().insert(header::CONTENT_TYPE, media_type);
    ask(table(), APP, asked).await
}

fn other(path: &'static str, id: &'static str) -> Route<App> {
    async fn nothing() -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
    Operation::patch(path, id).says("Nothing", "").handled_by(nothing)
}

#[test]
fn operations_that_contradict_each_other_make_no_table() {
    let refused = |route| table().with([route]).into_router(APP).unwrap_err();
    assert_eq!(refused(other("/v1/x", "renameThing")), TableError::SameId("renameThing"));
    let twice = TableError::SameRoute(Method::PATCH, "/v1/things/{id}");
    assert_eq!(refused(other("/v1/things/{id}", "x")), twice);
    let alike = TableError::SamePaths("/v1/things/{id}", "/v1/things/{thing}");
    assert_eq!(refused(other("/v1/things/{thing}", "x")), alike);
    assert_eq!(refused(other("/v1/x/{id}", "x")), TableError::PathParameters("/v1/x/{id}"));
    for bad in ["v1/x", "/v1//x", "/v1/x-{id}", "/v1/{a"] {
        assert_eq!(refused(other(bad, "x")), TableError::BadTemplate(bad));
    }
}
