//! Who calls: the credential presented, proven by the gate, and the organisation it acts in.

use axum::http::{HeaderMap, header};
use commands::recorder::Unready;
use domain::{
    actor::{Actor, Principal},
    ids::{OrganizationId, TokenId},
    permission::PermissionName,
    power::Power,
    role,
    time::Timestamp,
};
use projections::gate::{Credential, Refusal};

use crate::app::App;
use crate::problem::{Code, Problem};
use crate::routes::headers::{ORGANIZATION, single};
use crate::routes::{Access, Needs};

/// A caller whose credential is proven.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) credential: Credential,
    /// The organisation that the call is about, if it is about one.
    pub(crate) organization: Option<OrganizationId>,
    /// What an operator can do in an organisation that it names; others have what their credential has.
    as_owner: Option<Power>,
}

impl Caller {
    /// Who has proven this credential.
    pub(crate) fn of(credential: Credential) -> Self {
        let organization = credential.organization;
        Self { credential, organization, as_owner: None }
    }

    /// Has the caller act in the organisation that it names: an operator does so as its owner.
    pub(crate) fn placed(self, app: &App, headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(named) = single(headers, &ORGANIZATION)? else { return Ok(self) };
        let named: Option<OrganizationId> = named.parse().ok();
        match self.organization {
            Some(own) if named == Some(own) => Ok(self),
            Some(_) => Err(Problem::not_found()),
            None => self.placed_as_owner(app, named),
        }
    }

    /// Who may not act as anybody's owner learns nothing of what organisations there are.
    fn placed_as_owner(mut self, app: &App, named: Option<OrganizationId>) -> Result<Self, Problem> {
        self.require(Needs::PlatformOrganizations)?;
        let known = named.filter(|it| app.gate.organization(*it).is_some());
        self.organization = Some(known.ok_or_else(Problem::not_found)?);
        self.as_owner = Some(Power::of_role(role::owner()));
        Ok(self)
    }

    /// Refuses a caller who may not call an operation; `itself` is the token that the call is about.
    pub(crate) fn admitted(&self, access: Access, itself: Option<TokenId>) -> Result<(), Problem> {
        match access {
            Access::Open | Access::Caller => Ok(()),
            Access::OrganizationOrItself(_) if itself == Some(self.credential.token) => Ok(()),
            Access::Organization(needs) | Access::OrganizationOrItself(needs) => {
                self.organization().and_then(|_| self.require(needs))
            }
            Access::Platform(needs) => self.require(needs),
            Access::Either { organization, platform } => match self.organization {
                Some(_) => self.require(organization),
                None => self.require(platform),
            },
        }
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

    /// What the caller can do where it acts.
    pub(crate) fn power(&self) -> &Power {
        self.as_owner.as_ref().unwrap_or_else(|| self.credential.power())
    }

    /// Refuses a caller who lacks a permission.
    pub(crate) fn require(&self, needs: Needs) -> Result<(), Problem> {
        if self.may(needs) { Ok(()) } else { Err(insufficient(self, needs.text())) }
    }

    /// Whether the caller has a permission.
    pub(crate) fn may(&self, needs: Needs) -> bool {
        needs.name().is_some_and(|it| self.has(it))
    }

    /// The same for any permission of the catalogue.
    pub(crate) fn has(&self, name: &PermissionName) -> bool {
        match &self.as_owner {
            Some(power) => power.includes(name, self.credential.catalogue()),
            None => self.credential.may(name),
        }
    }

    /// The caller, as facts will name it.
    pub(crate) fn actor(&self) -> Actor {
        let principal = Principal::Holder(self.credential.holder);
        Actor { principal, token: Some(self.credential.token), on_behalf_of: None }
    }
}

/// The credential in `Authorization: Bearer …` (RFC 6750 §2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
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

/// Why a credential is refused, for whoever presented it.
pub(crate) fn refused(refusal: &Refusal) -> Problem {
    let dead = |code, detail: &str, at: &Timestamp| Problem::new(code, detail).with("at", at.to_string());
    match refusal {
        Refusal::NotFound => invalid(),
        Refusal::Revoked { at } => dead(Code::TokenRevoked, "the token was revoked; ask for another", at),
        Refusal::Expired { at } => dead(Code::TokenExpired, "the token has expired; ask for another", at),
        Refusal::NotYetValid { at } => dead(Code::TokenNotYetValid, "the token is not valid yet", at),
        Refusal::HolderInactive => {
            Problem::new(Code::HolderInactive, "whoever the token acts for is not active")
        }
    }
}

/// The gate does not answer: refusing is safe, guessing is not.
pub(crate) fn not_ready(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(Code::NotReady, "this node cannot decide at the moment; ask another, or again")
        .caused_by(cause)
}

/// A decision that cannot be recorded is not made, and one that is not durable in time is not answered.
pub(crate) fn unrecordable(cause: Unready) -> Problem {
    let detail =
        "decisions cannot be recorded at the moment, so none is answered; ask another node, or again";
    Problem::new(Code::LogUnavailable, detail).caused_by(cause)
}

/// What is missing, and which roles could grant it.
pub(crate) fn insufficient(caller: &Caller, name: &str) -> Problem {
    let entries = caller.credential.catalogue().entries();
    let roles = entries.iter().find(|it| it.name.as_str() == name).map(|it| it.roles.as_slice());
    Problem::new(Code::InsufficientScope, format!("this needs `{name}`"))
        .required(vec![name.to_owned()])
        .missing_scopes(vec![name.to_owned()])
        .grantable_by(roles.unwrap_or_default().iter().map(ToString::to_string).collect())
}
