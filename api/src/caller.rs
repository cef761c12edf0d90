//! Who calls: the credential presented, proven by the gate, and the organisation it acts in.

use axum::http::{HeaderMap, header};
use domain::{
    actor::{Actor, Holder, Principal},
    ids::OrganizationId,
    permission::PermissionName,
    power::Power,
    role,
};
use projections::gate::{Credential, Refusal};

use crate::app::App;
use crate::problem::{Code, Problem};
use crate::routes::headers::{ORGANIZATION, single};

/// A caller whose credential is proven.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) credential: Credential,
    /// The organisation that the call is about, if it is about one.
    pub(crate) organization: Option<OrganizationId>,
    /// What the caller can do there.
    pub(crate) power: Power,
}

impl Caller {
    /// Proves the credential in `Authorization: Bearer …` (RFC 6750 §2.1).
    pub(crate) fn of(app: &App, headers: &HeaderMap) -> Result<Self, Problem> {
        let credential = app.gate.authenticate(bearer(headers)?, app.clock.now()).map_err(refused)?;
        let (organization, power) = place(app, &credential, headers)?;
        Ok(Self { credential, organization, power })
    }

    /// The organisation, for calls that are about one.
    pub(crate) fn organization(&self) -> Result<OrganizationId, Problem> {
        self.organization.ok_or_else(|| {
            Problem::new(
                Code::OrganizationRequired,
                "this credential spans several organizations; name one in Counterfoil-Organization",
            )
        })
    }

    /// Refuses a caller who lacks a permission.
    pub(crate) fn require(&self, permission: &'static str) -> Result<(), Problem> {
        let Ok(name) = permission.parse::<PermissionName>() else { return Err(Problem::not_found()) };
        if self.may(&name) { Ok(()) } else { Err(insufficient(self, &name)) }
    }

    pub(crate) fn may(&self, name: &PermissionName) -> bool {
        if self.acts_as_owner() {
            return self.power.includes(name, self.credential.catalogue());
        }
        self.credential.may(name)
    }

    /// Whether this is an operator within an organisation.
    fn acts_as_owner(&self) -> bool {
        self.credential.holder == Holder::Operator && self.organization.is_some()
    }

    /// The caller, as facts will name it.
    pub(crate) fn actor(&self) -> Actor {
        let principal = Principal::Holder(self.credential.holder);
        Actor { principal, token: Some(self.credential.token), on_behalf_of: None }
    }
}

/// The text behind `Bearer`.
fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Err(missing()) };
    let text = value.to_str().map_err(|_| invalid())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(missing()) }
}

fn missing() -> Problem {
    Problem::new(Code::TokenMissing, "send a token in `Authorization: Bearer …`")
}

/// The same for malformed, unknown and wrong secrets: whoever guesses learns nothing.
fn invalid() -> Problem {
    Problem::new(Code::TokenInvalid, "the token is malformed, unknown or wrong")
}

fn refused(refusal: Refusal) -> Problem {
    let dead = |code, detail: &str, at: domain::time::Timestamp| {
        Problem::new(code, detail).with("at", at.to_string())
    };
    match refusal {
        Refusal::NotFound => invalid(),
        Refusal::Revoked { at } => dead(Code::TokenRevoked, "the token was revoked; ask for another", at),
        Refusal::Expired { at } => dead(Code::TokenExpired, "the token has expired; ask for another", at),
        Refusal::NotYetValid { at } => dead(Code::TokenNotYetValid, "the token is not valid yet", at),
        Refusal::HolderInactive => {
            Problem::new(Code::HolderInactive, "whoever the token acts for is not active")
        }
        Refusal::Damaged(damage) => not_ready(damage),
    }
}

/// The gate does not answer: refusing is safe, guessing is not.
pub(crate) fn not_ready(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(Code::NotReady, "this node cannot decide at the moment; ask another, or again")
        .caused_by(cause)
}

/// Where a caller acts and with what power. An operator acts in the organisation that it names, as its owner.
fn place(
    app: &App,
    credential: &Credential,
    headers: &HeaderMap,
) -> Result<(Option<OrganizationId>, Power), Problem> {
    let named =
        single(headers, &ORGANIZATION)?.map(|it| it.parse().map_err(|_| Problem::not_found())).transpose()?;
    match (credential.organization, named) {
        (Some(own), Some(named)) if own != named => Err(Problem::not_found()),
        (Some(own), _) => Ok((Some(own), credential.power().clone())),
        (None, Some(named)) if app.gate.organization(named).is_some() => {
            Ok((Some(named), Power::of_role(role::owner())))
        }
        (None, Some(_)) => Err(Problem::not_found()),
        (None, None) => Ok((None, credential.power().clone())),
    }
}

/// What is missing, and which roles could grant it.
pub(crate) fn insufficient(caller: &Caller, name: &PermissionName) -> Problem {
    let roles = caller.credential.catalogue().get(name).map(|it| it.roles.as_slice()).unwrap_or_default();
    Problem::new(Code::InsufficientScope, format!("this needs `{name}`"))
        .required(vec![name.to_string()])
        .missing_scopes(vec![name.to_string()])
        .grantable_by(roles.iter().map(ToString::to_string).collect())
}
