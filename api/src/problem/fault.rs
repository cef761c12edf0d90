//! One fault of a body or of a query string, as it stands in a problem's `errors`.

use schemars::JsonSchema;
use serde::Serialize;

/// Makes the enum, its texts and its list from one row per code.
macro_rules! field_codes {
    ($($variant:ident $text:literal $meaning:literal;)*) => {
        /// What is wrong with one field; the `code` of an entry of `errors`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        pub enum FieldCode {
            $(#[doc = $meaning] #[serde(rename = $text)] $variant,)*
        }

        impl FieldCode {
            /// Every code of a field.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it stands in the answer.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

field_codes! {
    UnknownField "unknown_field" "No field, or parameter, of this name.";
    Required "required" "The field must be there.";
    WrongType "wrong_type" "Another JSON type is wanted.";
    OutOfRange "out_of_range" "Below, above or not among the values that can be.";
    TooLong "too_long" "Too many characters, items or keys.";
    DuplicateKey "duplicate_key" "The same name twice in one object, or one parameter twice.";
    InvalidFormat "invalid_format" "Text that does not parse as what it stands for.";
    CidrInvalid "cidr_invalid" "Not an address block.";
    DurationInvalid "duration_invalid" "Not a duration.";
    TimeInPast "time_in_past" "A moment that is over.";
    ScopeUnknown "scope_unknown" "Not a scope, or none that the catalogue knows.";
    EndpointUnknown "endpoint_unknown" "Not an endpoint that the catalogue knows.";
    SchemaInvalid "schema_invalid" "Not a JSON Schema.";
    CronInvalid "cron_invalid" "Not a cron expression.";
    UrlNotPublic "url_not_public" "Not a public https address.";
    CostExceedsBurst "cost_exceeds_burst" "More at once than the limit ever admits.";
    NotSupportedYet "not_supported_yet" "Its meaning comes with a later version.";
    ExpiryExceedsPolicy "expiry_exceeds_policy" "A longer life than the policy allows.";
    NeverExpiresNotAllowed "never_expires_not_allowed" "The policy wants an end for this holder's tokens.";
    ScopeForbidden "scope_forbidden" "A scope that the policy forbids.";
    RiskExceedsPolicy "risk_exceeds_policy" "A higher risk than the policy allows this role.";
    AddressRuleRequired "address_rule_required" "The policy wants allowed addresses.";
    OverlapExceedsPolicy "overlap_exceeds_policy" "A longer overlap than the policy allows.";
    LimitExceedsCap "limit_exceeds_cap" "A higher limit than the plan's cap.";
    ReasonRequired "reason_required" "The policy wants a reason.";
}

/// Where something is wrong, what, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldFault {
    /// JSON Pointer (RFC 6901) into the body; for query parameters `/` and the parameter's name.
    pub pointer: String,
    /// What is wrong.
    pub code: FieldCode,
    /// How to mend it. Never holds a value that was sent, because a value may be a secret.
    pub detail: String,
}

impl FieldFault {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, code: FieldCode, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}
