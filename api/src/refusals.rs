//! Why a command is not obeyed, as a problem: each rule and each failure has its code.

use axum::http::{HeaderValue, header};
use commands::refusal::{Failure, Refusal};
use domain::{
    catalogue::Catalogue,
    member, organization, platform,
    power::Power,
    scope::Scope,
    slug::Slug,
    subject,
    token::{PolicyBreach, Rejection},
};

use projections::runner::{QueryError, WaitError};

use crate::app::App;
use crate::body::Text;
use crate::caller::Caller;
use crate::formats::ScopeText;
use crate::position::POSITION_NAME;
use crate::problem::{Code, FieldCode, FieldFault, Problem};

/// What the caller said, as far as rules that stand against it have to point there.
#[derive(Clone, Copy)]
pub(crate) struct Said<'s> {
    /// The scopes, in the caller's order.
    pub(crate) scopes: &'s [Text<ScopeText>],
    /// The field that says when it ends.
    pub(crate) end: &'static str,
}

impl Default for Said<'_> {
    fn default() -> Self {
        Self { scopes: &[], end: "/expires_in" }
    }
}

/// Why not, for the one who asked.
pub(crate) fn refused(app: &App, caller: &Caller, refusal: Refusal) -> Problem {
    refused_saying(app, caller, refusal, Said::default())
}

/// The same, pointing at what the caller said.
pub(crate) fn refused_saying(app: &App, caller: &Caller, refusal: Refusal, said: Said<'_>) -> Problem {
    match refusal {
        Refusal::NotFound => Problem::not_found(),
        Refusal::InsufficientScope(name) => crate::caller::insufficient(caller, name.as_str()),
        Refusal::ScopesUnknown(scopes) => unknown_scopes(&scopes, said.scopes),
        Refusal::HolderUnknown => {
            field("/holder/id", FieldCode::OutOfRange, "name a member of the organization")
        }
        Refusal::HolderNeeded => field("/holder", FieldCode::Required, "say whom the token shall act for"),
        Refusal::IdempotencyMismatch => Problem::new(
            Code::IdempotencyMismatch,
            "this Idempotency-Key was used for another request; use a fresh key",
        ),
        Refusal::VersionMismatch { actual } => version_mismatch(actual),
        Refusal::PlanLimit { limit, used, plan } => Problem::new(
            Code::PlanLimitReached,
            format!("the plan `{plan}` has {limit} live tokens; revoke some, or choose a larger plan"),
        )
        .with("limit", limit)
        .with("used", used)
        .with("plan", plan.to_string()),
        Refusal::TooLarge => {
            Problem::new(Code::BodyTooLarge, "the texts are too long together; shorten the longest of them")
        }
        Refusal::Contended => {
            Problem::new(Code::VersionConflict, "others changed it at the same time; read it and try again")
        }
        Refusal::Token(rejection) => token(rejection, caller.credential.catalogue(), said.end),
        Refusal::Organization(organization::Rejection::AlreadyExists) => {
            Problem::new(Code::AlreadyExists, "an organization of this slug exists; choose another slug")
        }
        Refusal::Member(member::Rejection::AlreadyExists) => {
            Problem::new(Code::AlreadyExists, "a member of this e-mail address exists")
        }
        Refusal::Platform(rejection) => platform(&rejection),
        Refusal::Subject(rejection) => subject(rejection),
        Refusal::Erased { subject } if subject == caller.credential.holder.to_string() => {
            Problem::new(Code::HolderInactive, "whoever the token acts for is erased")
        }
        Refusal::Erased { subject } => {
            state(&format!("`{subject}` is erased; nothing is recorded of it"), "erased")
        }
        Refusal::Failed(failure) => failed(app, failure),
    }
}

fn token(rejection: Rejection, catalogue: &Catalogue, end: &str) -> Problem {
    match rejection {
        Rejection::ExceedsRole { excess, role } => exceeds(
            Code::ScopeExceedsRole,
            format!("the holder's role `{role}` does not grant {}", list(&excess)),
            &excess,
        )
        .grantable_by(granting(&excess, catalogue)),
        // Another credential is needed, and not another role.
        Rejection::ExceedsCaller { excess } => exceeds(
            Code::ScopeExceedsCaller,
            format!("the credential presented cannot give {}", list(&excess)),
            &excess,
        ),
        Rejection::Policy(breaches) => policy(&breaches, end),
        Rejection::ExpiryNotInFuture => field(end, FieldCode::TimeInPast, "choose an instant in the future"),
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

fn exceeds(code: Code, detail: String, excess: &[Scope]) -> Problem {
    let excess: Vec<String> = excess.iter().map(ToString::to_string).collect();
    Problem::new(code, detail).missing_scopes(excess.clone()).with("excess", excess)
}

/// The roles whose holders could have all of the scopes.
fn granting(scopes: &[Scope], catalogue: &Catalogue) -> Vec<String> {
    let mut roles: Vec<&Slug> = Vec::new();
    for role in catalogue.entries().iter().flat_map(|it| &it.roles) {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    let grants = |role: &Slug| {
        let power = Power::of_role(role.clone());
        scopes.iter().all(|it| power.covers(it, catalogue))
    };
    roles.into_iter().filter(|it| grants(it)).map(ToString::to_string).collect()
}

fn policy(breaches: &[PolicyBreach], end: &str) -> Problem {
    let faults: Vec<FieldFault> = breaches.iter().map(|it| breach(it, end)).collect();
    let detail = breaches.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let problem = Problem::new(Code::PolicyViolation, detail);
    let problem = match breaches.first() {
        Some(first) => problem.policy_rule(rule(first)),
        None => problem,
    };
    problem.errors(faults)
}

/// The field of the policy that a breach is against.
fn rule(breach: &PolicyBreach) -> &'static str {
    match breach {
        PolicyBreach::ExpiryExceeds(_) => "max_lifetime",
        PolicyBreach::NeverExpiresNotAllowed => "never_expires",
        PolicyBreach::ReasonRequired => "reason_required",
        PolicyBreach::OverlapExceeds(_) => "max_overlap",
    }
}

fn breach(breach: &PolicyBreach, end: &str) -> FieldFault {
    let (pointer, code) = match breach {
        PolicyBreach::ExpiryExceeds(_) => (end, FieldCode::ExpiryExceedsPolicy),
        PolicyBreach::NeverExpiresNotAllowed => ("/never_expires", FieldCode::NeverExpiresNotAllowed),
        PolicyBreach::ReasonRequired => ("/reason", FieldCode::ReasonRequired),
        PolicyBreach::OverlapExceeds(_) => ("/overlap", FieldCode::OverlapExceedsPolicy),
    };
    FieldFault::new(pointer, code, breach.to_string())
}

fn subject(rejection: subject::Rejection) -> Problem {
    match rejection {
        subject::Rejection::StillActs(tokens) => {
            let detail =
                "the member can still act; revoke its tokens first, then ask again with another's token";
            state(detail, "active").with("live_tokens", tokens)
        }
        subject::Rejection::DayNotOver(day) => {
            state(&format!("wait until the day {day} (UTC) is over"), "open")
        }
        subject::Rejection::OrganizationOpen => Problem::new(
            Code::NotSupportedYet,
            "an organization is erased once it is closed, which this version cannot do yet; erase its members",
        ),
    }
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

fn unknown_scopes(scopes: &[Scope], said: &[Text<ScopeText>]) -> Problem {
    let fault = |it: &Scope| {
        let text = it.to_string();
        let detail = format!("`{text}` names nothing in the catalogue; GET /v1/permissions lists it");
        let pointer = match said.iter().position(|said| said.as_str() == text) {
            Some(at) => format!("/scopes/{at}"),
            None => "/scopes".to_owned(),
        };
        FieldFault::new(pointer, FieldCode::ScopeUnknown, detail)
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

/// A view that has not reached what it was asked for, in the header or the parameter of this name.
pub(crate) fn behind(app: &App, error: WaitError, named: &str) -> Problem {
    let beyond = if named == POSITION_NAME { Code::InvalidHeader } else { Code::InvalidParameter };
    let (code, detail, reached) = match &error {
        WaitError::Behind { reached, .. } => (
            Code::PositionNotReached,
            "this view has not reached that position yet; ask again".to_owned(),
            reached,
        ),
        WaitError::Halted { reached, .. } => (
            Code::ViewHalted,
            "this view has stopped at a fact that it cannot take in; its operator must act".to_owned(),
            reached,
        ),
        WaitError::Beyond { head, .. } => (beyond, format!("{named}: the ledger has no such position"), head),
    };
    let problem = Problem::new(code, detail).with("reached", app.incarnation.show(*reached));
    if code.status().is_server_error() { problem.caused_by(error) } else { problem }
}

/// A view that cannot be read.
pub(crate) fn unreadable(error: QueryError) -> Problem {
    if matches!(error, QueryError::SetApart) {
        let detail =
            "this view could not take in a fact about it and does not show it; its operator must act";
        return Problem::new(Code::ViewHalted, detail).caused_by(error);
    }
    Problem::new(Code::EngineUnavailable, "this view cannot be read now; ask again").caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who_grants(scopes: &[&str]) -> Vec<String> {
        let scopes: Vec<Scope> = scopes.iter().map(|it| it.parse().unwrap()).collect();
        granting(&scopes, &Catalogue::default())
    }

    #[test]
    fn roles_that_could_have_all_of_the_scopes_are_named() {
        assert_eq!(who_grants(&["platform:verify"]), ["operator"]);
        assert_eq!(who_grants(&["platform:*"]), ["operator"]);
        assert!(who_grants(&["tokens:manage"]).contains(&"admin".to_owned()));
        assert!(!who_grants(&["tokens:manage", "tokens:*"]).contains(&"developer".to_owned()));
        assert!(who_grants(&["tokens:*"]).contains(&"developer".to_owned()));
        assert_eq!(who_grants(&["tokens:read", "platform:verify"]), Vec::<String>::new());
    }

    #[test]
    fn a_breach_names_its_rule_and_the_field_that_was_said() {
        let problem = policy(&[PolicyBreach::NeverExpiresNotAllowed], "/never_expires").to_value();
        assert_eq!(problem["policy_rule"], "never_expires");
        let problem = token(Rejection::ExpiryNotInFuture, &Catalogue::default(), "/expires_in");
        assert_eq!(problem.faults()[0].pointer, "/expires_in");
    }
}
