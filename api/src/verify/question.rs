//! A question, as callers write it.

use domain::permission::PermissionName;
use projections::gate::{Asker, Question};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use schemas::usage::Endpoint;
use serde::Deserialize;
use std::borrow::Cow;

use super::{Told, asked};
use crate::body::{NotYet, Text};
use crate::formats::{AddressText, PermissionText, all_said};
use crate::problem::Problem;

/// May this token do this?
///
/// What an end client has sent, its token, its user agent, its method and path, may be anything: it is judged, and
/// never a fault of the question.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "what comes later is only checked")]
pub(super) struct QuestionBody {
    /// The secret, as somebody presented it; a text that is none is `NOT_FOUND`.
    token: String,
    /// The permissions that it must have, all of them. Expressions come later.
    permissions: Option<Permissions>,
    /// The endpoint that it must open, besides.
    endpoint: Option<EndpointBody>,
    /// Where the request came from.
    ip: Option<Text<AddressText>>,
    /// What sent the request; of a long one the beginning counts.
    user_agent: Option<String>,
    /// The caller's own id of the request; of a long one the beginning counts.
    client_request_id: Option<String>,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    service: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    environment: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet", extend("x-not-supported-yet" = {"unless": [1]}))]
    cost: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet", extend("x-not-supported-yet" = {"unless": [[]]}))]
    limits: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet", extend("x-not-supported-yet" = {"unless": [false]}))]
    peek: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet", extend("x-not-supported-yet" = {"unless": [false]}))]
    explain: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    as_of: NotYet,
}

/// At most 100 permissions.
#[derive(Deserialize)]
#[serde(transparent)]
struct Permissions(Vec<Text<PermissionText>>);

impl JsonSchema for Permissions {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Permissions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["array", "string"],
            "items": generator.subschema_for::<Text<PermissionText>>(),
            "maxItems": 100,
            "x-not-supported-yet": {"type": "string"},
        })
    }
}

/// One request, as a client made it: a method or a path that no pattern knows is not permitted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EndpointBody {
    /// The method.
    method: String,
    /// The path without query.
    path: String,
}

impl QuestionBody {
    /// The permissions, as names.
    pub(super) fn permissions(&self) -> Result<Vec<PermissionName>, Problem> {
        self.permissions.as_ref().map_or(Ok(Vec::new()), |it| all_said(&it.0))
    }

    /// The question, with its permissions.
    pub(super) fn ask<'q>(&'q self, asker: Asker, permissions: &'q [PermissionName]) -> Told<'q> {
        let endpoint = self.endpoint.as_ref().map(|it| Endpoint { method: &it.method, path: &it.path });
        Told {
            question: Question { token: &self.token, asker, permissions, endpoint: endpoint.map(asked) },
            endpoint,
            ip: self.ip.as_ref().and_then(|it| it.as_str().parse().ok()),
            user_agent: self.user_agent.as_deref(),
            client_request_id: self.client_request_id.as_deref(),
        }
    }
}
