//! One problem, as built by handlers.

use std::error::Error;
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::{Code, FieldCode, FieldFault};

/// An answer that says no, and why: RFC 9457 problem details.
///
/// Made from a [`Code`] and a detail, enriched by the methods below, and turned into the answer
/// by `IntoResponse`. It is one pointer wide, so results that carry it stay small.
#[derive(Clone, Debug)]
pub struct Problem(pub(super) Box<Parts>);

#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) code: Code,
    pub(super) detail: String,
    pub(super) request_id: Option<String>,
    pub(super) errors: Vec<FieldFault>,
    pub(super) missing_scopes: Vec<String>,
    pub(super) required: Vec<String>,
    pub(super) grantable_by: Vec<String>,
    pub(super) policy_rule: Option<String>,
    pub(super) retry_after_s: Option<u64>,
    pub(super) members: Map<String, Value>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem of this code; `detail` says to a person what to do about this occurrence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            detail: detail.into(),
            request_id: None,
            errors: Vec::new(),
            missing_scopes: Vec::new(),
            required: Vec::new(),
            grantable_by: Vec::new(),
            policy_rule: None,
            // A promise of the code, whoever forgets it: one second is the shortest that can be said.
            retry_after_s: code.says_when_to_retry().then_some(1),
            members: Map::new(),
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// A failure of ours: the caller learns the request id only, the log gets the cause.
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        let detail = "an unexpected failure; it has been logged under the request id";
        Self::new(Code::Internal, detail).caused_by(cause)
    }

    /// What is absent, or is none of the caller's business: both look the same.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "there is no such thing, or none that you may see")
    }

    /// A body with these faults: `not_supported_yet` when nothing else is wrong with it, else
    /// `validation_failed`.
    pub fn invalid_body(errors: Vec<FieldFault>) -> Self {
        let later = !errors.is_empty() && errors.iter().all(|fault| fault.code == FieldCode::NotSupportedYet);
        let code = if later { Code::NotSupportedYet } else { Code::ValidationFailed };
        Self::new(code, summary(&errors)).errors(errors)
    }

    /// The code, for those who decide by it.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The faults of single fields.
    pub fn faults(&self) -> &[FieldFault] {
        &self.0.errors
    }

    /// Replaces the faults of single fields.
    #[must_use]
    pub fn errors(mut self, errors: Vec<FieldFault>) -> Self {
        self.0.errors = errors;
        self
    }

    /// Under which id the request is known to the log.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    /// The id given by [`Problem::request_id`].
    pub fn id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The scopes that would have done, of those the operation needs.
    #[must_use]
    pub fn missing_scopes(mut self, scopes: Vec<String>) -> Self {
        self.0.missing_scopes = scopes;
        self
    }

    /// All scopes that the operation needs; named in `WWW-Authenticate` too (RFC 6750 §3).
    #[must_use]
    pub fn required(mut self, scopes: Vec<String>) -> Self {
        self.0.required = scopes;
        self
    }

    /// Roles or members who could grant what is missing.
    #[must_use]
    pub fn grantable_by(mut self, who: Vec<String>) -> Self {
        self.0.grantable_by = who;
        self
    }

    /// The policy's rule that decided.
    #[must_use]
    pub fn policy_rule(mut self, rule: impl Into<String>) -> Self {
        self.0.policy_rule = Some(rule.into());
        self
    }

    /// Seconds until it is worth trying again; sent as `Retry-After` too.
    #[must_use]
    pub fn retry_after_s(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// A further member, such as `limit`, `used`, `state`, `at` or `excess`.
    ///
    /// Names of the members above are not for this; they would stand twice in the answer.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// A further header, such as `Allow` or `ETag`.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// What led here, for the log alone.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Arc::new(cause));
        self
    }

    /// What led here.
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync)> {
        self.0.cause.as_deref()
    }
}

fn summary(errors: &[FieldFault]) -> String {
    match errors {
        [] => "the body is not as it must be".to_owned(),
        [only] if only.pointer.is_empty() => format!("the body: {}", only.detail),
        [only] => format!("{}: {}", only.pointer, only.detail),
        many => format!("{} faults; `errors` lists them all", many.len()),
    }
}
