//! What is said of a token to be issued.

use domain::{ids::MemberId, scope::Scope};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

use crate::body::{NotYet, Text};
use crate::formats::{DurationText, HolderIdText, LabelText, ProseText, ScopeText, TimeText};
use crate::problem::{FieldCode, FieldFault};

/// A token to be issued.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "what comes later is known, and refused until it is carried out")]
pub(super) struct Issue {
    /// A label for people.
    #[schemars(length(min = 1, max = 100))]
    pub(super) name: Text<LabelText>,
    /// What it asks for: `*`, `resource:*` or `resource:action`.
    #[schemars(length(min = 1, max = 50))]
    pub(super) scopes: Vec<Text<ScopeText>>,
    /// Whom it acts for; the caller where nothing is said. For anybody else it takes `tokens:manage`.
    pub(super) holder: Option<HolderBody>,
    /// It is refused before this instant.
    pub(super) starts_at: Option<Text<TimeText>>,
    /// How long it lives; 90 days where nothing is said.
    pub(super) expires_in: Option<Text<DurationText>>,
    /// The instant from which it is refused, instead of `expires_in`.
    pub(super) expires_at: Option<Text<TimeText>>,
    /// It lives until it is revoked; the policy must allow it, and wants a `reason`.
    pub(super) never_expires: Option<bool>,
    /// Why it is issued so.
    #[schemars(length(min = 1, max = 400))]
    pub(super) reason: Option<Text<ProseText>>,
    /// What it is for.
    #[schemars(length(max = 400))]
    pub(super) description: Option<Text<ProseText>>,
    /// Labels to find it by.
    #[schemars(length(max = 20))]
    pub(super) tags: Option<Vec<TagBody>>,
    /// What is told when it is verified: at most 16 pairs of texts, names up to 40 characters and values up to 120.
    pub(super) metadata: Option<Metadata>,
    /// The caller's own id for it.
    #[schemars(length(min = 1, max = 100))]
    pub(super) external_id: Option<Text<LabelText>>,
    /// Who is shown the secret; `holder` comes later.
    deliver: Option<Deliver>,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    team: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    services: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    environments: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    allowed_ips: NotYet,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    limits: NotYet,
}

/// A tag: 1 to 32 characters.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub(super) struct TagBody(#[schemars(length(min = 1, max = 32))] pub(super) Text<LabelText>);

/// Pairs of texts.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("maxProperties" = 16, "propertyNames" = {"minLength": 1, "maxLength": 40, "format": "label"}))]
pub(super) struct Metadata(pub(super) BTreeMap<String, MetadataValue>);

/// A value: at most 120 characters.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct MetadataValue(#[schemars(length(max = 120))] pub(super) Text<ProseText>);

/// Whom a token acts for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HolderBody {
    /// `member`; the others come later.
    pub(super) kind: HolderKind,
    /// `mem_…`.
    pub(super) id: Text<HolderIdText>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(extend("x-not-supported-yet" = ["service_account", "agent"]))]
pub(super) enum HolderKind {
    Member,
    ServiceAccount,
    Agent,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(extend("x-not-supported-yet" = ["holder"]))]
enum Deliver {
    Caller,
    Holder,
}

/// What no schema says of it.
pub(super) fn rule(body: &Value) -> Vec<FieldFault> {
    let mut faults = one_end(body);
    faults.extend(later_scopes(body));
    faults.extend(a_member_s_id(body));
    faults
}

/// Of the three ways to say when it ends, one: each that was said is named.
fn one_end(body: &Value) -> Vec<FieldFault> {
    let is_said = |name: &&str| body.get(*name).is_some_and(|it| !it.is_null() && *it != Value::Bool(false));
    let said: Vec<&str> = ["expires_in", "expires_at", "never_expires"].into_iter().filter(is_said).collect();
    if said.len() < 2 {
        return Vec::new();
    }
    let detail = "say only one of expires_in, expires_at and never_expires";
    let fault = |name: &str| FieldFault::new(format!("/{name}"), FieldCode::OutOfRange, detail);
    said.into_iter().map(fault).collect()
}

/// Narrowed scopes and endpoint scopes are read, and refused until the gate can hold somebody to them.
fn later_scopes(body: &Value) -> Vec<FieldFault> {
    let texts = body.get("scopes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_later = |text: &Value| match text.as_str().and_then(|it| it.parse::<Scope>().ok()) {
        Some(Scope::Endpoint(_) | Scope::Instance(..)) => true,
        Some(Scope::All | Scope::Resource(_) | Scope::Permission(_)) | None => false,
    };
    let later = texts.iter().enumerate().filter(|(_, text)| is_later(text));
    let detail = "this version does not carry it out yet; leave it out";
    let fault = |at: usize| FieldFault::new(format!("/scopes/{at}"), FieldCode::NotSupportedYet, detail);
    later.map(|(at, _)| fault(at)).collect()
}

fn a_member_s_id(body: &Value) -> Option<FieldFault> {
    let holder = body.get("holder").filter(|it| it.get("kind").is_some_and(|kind| kind == "member"))?;
    let id = holder.get("id")?.as_str().filter(|it| it.starts_with("sva_") || it.starts_with("agt_"))?;
    let misfit = id.parse::<MemberId>().err()?;
    Some(FieldFault::new("/holder/id", FieldCode::OutOfRange, misfit.to_string()))
}
