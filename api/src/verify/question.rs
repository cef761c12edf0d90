//! A question, as callers write it.

use domain::permission::PermissionName;
use projections::gate::{AskedEndpoint, Asker, Question};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::body::{NotYet, Text};
use crate::formats::{AddressText, MethodText, PermissionText, all_said};
use crate::problem::Problem;

/// May this token do this?
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionBody {
    /// The secret, as somebody presented it.
    #[schemars(length(max = 256))]
    pub(super) token: String,
    /// The permissions that it must have, all of them.
    #[schemars(length(max = 100))]
    pub(super) permissions: Option<Vec<Text<PermissionText>>>,
    /// The endpoint that it must open, besides.
    pub(super) endpoint: Option<EndpointBody>,
    /// Where the request came from.
    #[expect(dead_code, reason = "checked, and kept with the decision once decisions are recorded")]
    pub(super) ip: Option<Text<AddressText>>,
    /// What sent the request.
    #[schemars(length(max = 1024))]
    #[expect(dead_code, reason = "checked, and kept with the decision once decisions are recorded")]
    pub(super) user_agent: Option<String>,
    /// The caller's own id of the request.
    #[schemars(length(max = 100))]
    #[expect(dead_code, reason = "checked, and kept with the decision once decisions are recorded")]
    pub(super) client_request_id: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    service: NotYet,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    environment: NotYet,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    cost: NotYet,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    limits: NotYet,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    peek: NotYet,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    explain: NotYet,
    #[serde(default)]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    as_of: NotYet,
}

/// One request, as a client made it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EndpointBody {
    /// The method, upper case.
    pub(super) method: Text<MethodText>,
    /// The path without query.
    #[schemars(length(max = 4096))]
    pub(super) path: String,
}

impl QuestionBody {
    /// The permissions, as names.
    pub(super) fn permissions(&self) -> Result<Vec<PermissionName>, Problem> {
        self.permissions.as_deref().map(all_said).transpose().map(Option::unwrap_or_default)
    }

    /// The question, with its permissions.
    pub(super) fn ask<'q>(&'q self, asker: Asker, permissions: &'q [PermissionName]) -> Question<'q> {
        let endpoint = self.endpoint.as_ref();
        let endpoint = endpoint.map(|it| AskedEndpoint { method: it.method.as_str(), path: &it.path });
        Question { token: &self.token, asker, permissions, endpoint }
    }
}
