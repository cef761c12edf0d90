//! The gate's answer, as callers read it.

use domain::{scope::Scope, time::Timestamp};
use projections::gate::{Decision, Subject};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use schemas::usage::OnRecord;
use serde::{Serialize, Serializer};
use std::{borrow::Cow, collections::BTreeMap, fmt::Display};

use crate::position::Incarnation;

/// Yes, or why not. All but `valid`, `code`, `position` and `request_id` appear only once the secret is proven.
#[derive(Serialize, JsonSchema)]
pub(super) struct Answer<'a> {
    /// Whether it may.
    valid: bool,
    /// `VALID`, or the first reason against it: `NOT_FOUND`, `REVOKED`, `EXPIRED`, `NOT_YET_VALID`,
    /// `HOLDER_INACTIVE`, `INSUFFICIENT_PERMISSIONS`.
    code: &'static str,
    /// The token.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_id: Option<Shown<domain::ids::TokenId>>,
    /// Its organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<Shown<domain::ids::OrganizationId>>,
    /// Whom it acts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<HolderShown>,
    /// Its label.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    /// `pat`, `svc` or `agt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// What it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Scopes<'a>>,
    /// It is refused from this instant on; absent: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Shown<Timestamp>>,
    /// What its issuer wants to be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a BTreeMap<String, String>>,
    /// Its issuer's own id for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a str>,
    /// Of the permissions asked for, those that it does not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_permissions: Vec<&'a str>,
    /// What stands against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    denied_by: Option<DeniedByShown>,
    /// The position of the ledger that this was decided at.
    position: String,
    /// Names this decision.
    request_id: String,
}

/// Whom a token acts for.
#[derive(Serialize, JsonSchema)]
struct HolderShown {
    /// `member`, `service_account` or `agent`.
    kind: &'static str,
    /// Its id.
    id: Shown<domain::actor::Holder>,
}

/// What stood against it.
#[derive(Serialize, JsonSchema)]
struct DeniedByShown {
    /// The layer that refused.
    layer: &'static str,
    /// The thing that refused there.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// A value as the text that it prints.
struct Shown<T>(T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Scopes as their texts.
struct Scopes<'a>(&'a [Scope]);

impl Serialize for Scopes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Shown))
    }
}

macro_rules! schema_as {
    ($name:ty, $as:ty, [$($generic:tt)*]) => {
        impl<$($generic)*> JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                <$as>::schema_name()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                <$as>::json_schema(generator)
            }
        }
    };
}

schema_as!(Shown<T>, String, [T]);
schema_as!(Scopes<'_>, Vec<String>, []);

impl<'a> Answer<'a> {
    /// The answer to a question, which is recorded under the id of its request.
    pub(super) fn of(
        decision: &'a OnRecord<Decision<'a>>,
        incarnation: Incarnation,
        request_id: String,
    ) -> Self {
        let subject = decision.subject.as_ref();
        Self {
            valid: decision.is_valid(),
            code: decision.code.as_str(),
            token_id: subject.map(|it| Shown(it.token)),
            organization_id: subject.map(|it| Shown(it.organization)),
            holder: subject.map(holder),
            name: subject.and_then(|it| it.name.as_deref()),
            kind: subject.map(|it| it.kind.as_str()),
            scopes: subject.map(|it| Scopes(&it.scopes)),
            expires_at: subject.and_then(|it| it.expires_at).map(Shown),
            metadata: subject.and_then(|it| it.metadata.as_deref()),
            external_id: subject.and_then(|it| it.external_id.as_deref()),
            missing_permissions: decision.missing_permissions.iter().map(|it| it.as_str()).collect(),
            denied_by: decision.denied_by.as_ref().map(|it| DeniedByShown {
                layer: it.layer.as_str(),
                id: it.id.as_ref().map(ToString::to_string),
            }),
            position: incarnation.show(decision.position),
            request_id,
        }
    }
}

fn holder(subject: &Subject) -> HolderShown {
    HolderShown { kind: subject.holder.kind(), id: Shown(subject.holder) }
}
