//! Why a command is not obeyed, as a problem: each rule and each failure has its code.

use axum::http::{HeaderValue, header};
use commands::refusal::{Failure, Refusal};
use domain::{
    catalogue::Catalogue,
    member, organization,
    permission::PermissionName,
    platform,
    scope::Scope,
    token::{PolicyBreach, Rejection},
};

use projections::runner::{QueryError, WaitError};

use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Code, FieldCode, FieldFault, Problem};

/// Why not, for the one who asked.
pub(crate) fn refused(app: &App, caller: &Caller, refusal: Refusal) -> Problem {
    match refusal {
        Refusal::NotFound => Problem::not_found(),
        Refusal::InsufficientScope(name) => crate::caller::insufficient(caller, &name),
        Refusal::ScopesUnknown(scopes) => unknown_scopes(&scopes),
        Refusal::HolderUnknown => {
            field("/holder/id", FieldCode::OutOfRange, "name a member of the organization")
        }
        Refusal::HolderNeeded => field("/holder", FieldCode::Required, "say whom the token shall act for"),
        Refusal::IdempotencyMismatch => Problem::new(
            Code::IdempotencyMismatch,
            "this Idempotency-Key was used for another request; use a fresh key",
        ),
        Refusal::VersionMismatch { actual } => version_mismatch(actual),
        Refusal::Contended => {
            Problem::new(Code::VersionConflict, "others changed it at the same time; read it and try again")
        }
        Refusal::Token(rejection) => token(rejection, caller.credential.catalogue()),
        Refusal::Organization(organization::Rejection::AlreadyExists) => {
            Problem::new(Code::AlreadyExists, "an organization of this slug exists; choose another slug")
        }
        Refusal::Member(member::Rejection::AlreadyExists) => {
            Problem::new(Code::AlreadyExists, "a member of this e-mail address exists")
        }
        Refusal::Platform(rejection) => platform(&rejection),
        Refusal::Failed(failure) => failed(app, failure),
    }
}

fn token(rejection: Rejection, catalogue: &Catalogue) -> Problem {
    match rejection {
        Rejection::ExceedsRole { excess, role } => exceeds(
            Code::ScopeExceedsRole,
            format!("the holder's role `{role}` does not grant {}", list(&excess)),
            &excess,
            catalogue,
        ),
        Rejection::ExceedsCaller { excess } => exceeds(
            Code::ScopeExceedsCaller,
            format!("the credential presented cannot give {}", list(&excess)),
            &excess,
            catalogue,
        ),
        Rejection::Policy(breaches) => policy(&breaches),
        Rejection::ExpiryNotInFuture => {
            field("/expires_at", FieldCode::TimeInPast, "choose an instant in the future")
        }
        Rejection::StartsAfterExpiry => {
            field("/starts_at", FieldCode::OutOfRange, "choose an instant before the token expires")
        }
        Rejection::NotIssued => Problem::not_found(),
        Rejection::AlreadyIssued => Problem::new(Code::AlreadyExists, "this token exists"),
        Rejection::IsRevoked => state("the token is revoked; issue another", "revoked"),
        Rejection::IsExpired => state("the token has expired; issue another", "expired"),
        Rejection::NotYetExpired => state("the token has not expired", "active"),
        Rejection::RotationInProgress(until) => Problem::new(
            Code::RotationInProgress,
            format!("the old secret lives until {until}; wait, or rotate after that"),
        )
        .with("until", until.to_string()),
    }
}

fn state(detail: &str, state: &str) -> Problem {
    Problem::new(Code::StateConflict, detail).with("state", state)
}

fn exceeds(code: Code, detail: String, excess: &[Scope], catalogue: &Catalogue) -> Problem {
    let excess_texts: Vec<String> = excess.iter().map(ToString::to_string).collect();
    Problem::new(code, detail)
        .missing_scopes(excess_texts.clone())
        .grantable_by(grantable_by(excess, catalogue))
        .with("excess", excess_texts)
}

/// The roles that grant all of the scopes.
fn grantable_by(scopes: &[Scope], catalogue: &Catalogue) -> Vec<String> {
    let names: Vec<&PermissionName> = scopes
        .iter()
        .filter_map(|it| match it {
            Scope::Permission(name) | Scope::Instance(name, _) => Some(name),
            Scope::All | Scope::Resource(_) | Scope::Endpoint(_) => None,
        })
        .collect();
    let Some((first, rest)) = names.split_first() else { return Vec::new() };
    let roles = |name: &PermissionName| catalogue.get(name).map(|it| it.roles.as_slice()).unwrap_or_default();
    let all = roles(first).iter().filter(|role| rest.iter().all(|name| roles(name).contains(role)));
    all.map(ToString::to_string).collect()
}

fn policy(breaches: &[PolicyBreach]) -> Problem {
    let faults: Vec<FieldFault> = breaches.iter().map(breach).collect();
    let detail = breaches.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    Problem::new(Code::PolicyViolation, detail).errors(faults)
}

fn breach(breach: &PolicyBreach) -> FieldFault {
    let (pointer, code) = match breach {
        PolicyBreach::ExpiryExceeds(_) => ("/expires_in", FieldCode::ExpiryExceedsPolicy),
        PolicyBreach::NeverExpiresNotAllowed => ("/never_expires", FieldCode::NeverExpiresNotAllowed),
        PolicyBreach::ReasonRequired => ("/reason", FieldCode::ReasonRequired),
        PolicyBreach::OverlapExceeds(_) => ("/overlap", FieldCode::OverlapExceedsPolicy),
    };
    FieldFault::new(pointer, code, breach.to_string())
}

fn platform(rejection: &platform::Rejection) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        platform::Rejection::BuiltIn(_) | platform::Rejection::Reserved => state(&detail, "builtin"),
        platform::Rejection::ImpliesUnknown(_) | platform::Rejection::ImpliesPlatform(_) => {
            field("/implies", FieldCode::ScopeUnknown, &detail)
        }
        platform::Rejection::RoleUnknown(_) => field("/roles", FieldCode::OutOfRange, &detail),
    }
}

fn unknown_scopes(scopes: &[Scope]) -> Problem {
    let fault = |it: &Scope| {
        let detail = format!("`{it}` names nothing in the catalogue; GET /v1/permissions lists it");
        FieldFault::new("/scopes", FieldCode::ScopeUnknown, detail)
    };
    Problem::invalid_body(scopes.iter().map(fault).collect())
}

fn field(pointer: &str, code: FieldCode, detail: &str) -> Problem {
    Problem::invalid_body(vec![FieldFault::new(pointer, code, detail)])
}

fn list(scopes: &[Scope]) -> String {
    scopes.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

fn version_mismatch(actual: u64) -> Problem {
    let problem =
        Problem::new(Code::VersionMismatch, "it has changed since; read it again").with("version", actual);
    match HeaderValue::try_from(format!("\"{actual}\"")) {
        Ok(tag) => problem.header(header::ETAG, tag),
        Err(_) => problem,
    }
}

fn failed(app: &App, failure: Failure) -> Problem {
    match failure {
        Failure::Full => {
            Problem::new(Code::StorageFull, "there is no space left for facts; nothing was done")
                .caused_by(Failure::Full)
        }
        Failure::Unavailable { engine, .. } => {
            let code = if engine == "ledger" { Code::LogUnavailable } else { Code::EngineUnavailable };
            let detail = format!("the {engine} does not answer; ask again with the same Idempotency-Key");
            Problem::new(code, detail).caused_by(failure)
        }
        Failure::Fence(error) => {
            let detail = "it is done, but not every node is known to know; the same call again waits again";
            let position = app.incarnation.show(error.position);
            Problem::new(Code::NodeLeaseLost, detail).with("position", position).caused_by(error)
        }
        Failure::Broken(_) => Problem::internal(failure),
    }
}

/// A view that has not reached what it was asked for.
pub(crate) fn behind(app: &App, error: WaitError) -> Problem {
    let (code, detail, reached) = match &error {
        WaitError::Behind { reached, .. } => {
            (Code::PositionNotReached, "this view has not reached that position yet; ask again", reached)
        }
        WaitError::Halted { reached, .. } => (
            Code::ViewHalted,
            "this view has stopped at a fact that it cannot take in; its operator must act",
            reached,
        ),
        WaitError::Beyond { head, .. } => {
            (Code::InvalidParameter, "Counterfoil-Position: the ledger has no such position", head)
        }
    };
    let problem = Problem::new(code, detail).with("reached", app.incarnation.show(*reached));
    if code.status().is_server_error() { problem.caused_by(error) } else { problem }
}

/// A view that cannot be read.
pub(crate) fn unreadable(error: QueryError) -> Problem {
    Problem::new(Code::EngineUnavailable, "this view cannot be read now; ask again").caused_by(error)
}
