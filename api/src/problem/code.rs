//! The closed list of problem codes.

use axum::http::StatusCode;

use super::explanation::{Explanation, conflicts, contents, credentials, limits, powers, requests, service};

/// Makes the enum, its texts and its list from one row per code, so that none can be forgotten.
macro_rules! codes {
    ($($variant:ident $status:ident $text:literal $title:literal $page:path;)*) => {
        /// What went wrong, as a stable name that clients may match on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// Every code, in order of status.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it stands in a problem's `code` and in `/problems/{code}`.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The HTTP status that this code is answered with, always the same.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// A short sentence for people, the same for each occurrence (RFC 9457 §3.1.3).
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What the code's page says: meaning, example, remedy.
            pub const fn explanation(self) -> &'static Explanation {
                match self { $(Self::$variant => &$page,)* }
            }
        }
    };
}

codes! {
    MalformedJson BAD_REQUEST "malformed_json" "The body is not JSON" requests::MALFORMED_JSON;
    UnknownParameter BAD_REQUEST "unknown_parameter" "Unknown query parameter" requests::UNKNOWN_PARAMETER;
    InvalidParameter BAD_REQUEST "invalid_parameter" "Invalid query parameter" requests::INVALID_PARAMETER;
    InvalidCursor BAD_REQUEST "invalid_cursor" "The cursor belongs to another query" requests::INVALID_CURSOR;
    InvalidHeader BAD_REQUEST "invalid_header" "A header cannot be read" requests::INVALID_HEADER;
    OrganizationRequired BAD_REQUEST "organization_required" "Name the organization to act in" requests::ORGANIZATION_REQUIRED;
    TokenMissing UNAUTHORIZED "token_missing" "No credential was sent" credentials::TOKEN_MISSING;
    TokenInvalid UNAUTHORIZED "token_invalid" "The credential is not valid" credentials::TOKEN_INVALID;
    TokenExpired UNAUTHORIZED "token_expired" "The token has expired" credentials::TOKEN_EXPIRED;
    TokenRevoked UNAUTHORIZED "token_revoked" "The token has been revoked" credentials::TOKEN_REVOKED;
    TokenSuspended UNAUTHORIZED "token_suspended" "The token is suspended" credentials::TOKEN_SUSPENDED;
    TokenNotYetValid UNAUTHORIZED "token_not_yet_valid" "The token is not valid yet" credentials::TOKEN_NOT_YET_VALID;
    HolderInactive UNAUTHORIZED "holder_inactive" "The token's holder is not active" credentials::HOLDER_INACTIVE;
    SessionExpired UNAUTHORIZED "session_expired" "The session has ended" credentials::SESSION_EXPIRED;
    SignInFailed UNAUTHORIZED "sign_in_failed" "Sign-in failed" credentials::SIGN_IN_FAILED;
    SecondFactorRequired UNAUTHORIZED "second_factor_required" "A second factor is needed" credentials::SECOND_FACTOR_REQUIRED;
    InsufficientScope FORBIDDEN "insufficient_scope" "The token may not do this" powers::INSUFFICIENT_SCOPE;
    ScopeExceedsRole FORBIDDEN "scope_exceeds_role" "More than the holder may do" powers::SCOPE_EXCEEDS_ROLE;
    ScopeExceedsCaller FORBIDDEN "scope_exceeds_caller" "More than the caller may do" powers::SCOPE_EXCEEDS_CALLER;
    RoleExceedsCaller FORBIDDEN "role_exceeds_caller" "A role beyond the caller's own" powers::ROLE_EXCEEDS_CALLER;
    IpNotAllowed FORBIDDEN "ip_not_allowed" "Not from this address" powers::IP_NOT_ALLOWED;
    OrganizationLocked FORBIDDEN "organization_locked" "A kill switch is engaged" powers::ORGANIZATION_LOCKED;
    OrganizationSuspended FORBIDDEN "organization_suspended" "The organization is suspended" powers::ORGANIZATION_SUSPENDED;
    PlanLimitReached FORBIDDEN "plan_limit_reached" "The plan allows no more" powers::PLAN_LIMIT_REACHED;
    StepUpRequired FORBIDDEN "step_up_required" "Confirm it is you" powers::STEP_UP_REQUIRED;
    SecondPersonRequired FORBIDDEN "second_person_required" "A second person is needed" powers::SECOND_PERSON_REQUIRED;
    SelfApproval FORBIDDEN "self_approval" "Nobody approves their own request" powers::SELF_APPROVAL;
    CsrfFailed FORBIDDEN "csrf_failed" "The request does not come from the console" powers::CSRF_FAILED;
    NotFound NOT_FOUND "not_found" "Nothing here" requests::NOT_FOUND;
    MethodNotAllowed METHOD_NOT_ALLOWED "method_not_allowed" "Not with this method" requests::METHOD_NOT_ALLOWED;
    NotAcceptable NOT_ACCEPTABLE "not_acceptable" "No representation that the client accepts" requests::NOT_ACCEPTABLE;
    RequestTimeout REQUEST_TIMEOUT "request_timeout" "The body did not arrive in time" requests::REQUEST_TIMEOUT;
    VersionConflict CONFLICT "version_conflict" "Others kept changing the same thing" conflicts::VERSION_CONFLICT;
    AlreadyExists CONFLICT "already_exists" "The name is taken" conflicts::ALREADY_EXISTS;
    LastOwner CONFLICT "last_owner" "The last owner stays" conflicts::LAST_OWNER;
    InUse CONFLICT "in_use" "Still in use" conflicts::IN_USE;
    StateConflict CONFLICT "state_conflict" "Not in this state" conflicts::STATE_CONFLICT;
    RotationInProgress CONFLICT "rotation_in_progress" "A rotation is under way" conflicts::ROTATION_IN_PROGRESS;
    NoRotationInProgress CONFLICT "no_rotation_in_progress" "No rotation is under way" conflicts::NO_ROTATION_IN_PROGRESS;
    KillSwitchNotReleasable CONFLICT "kill_switch_not_releasable" "This kill switch cannot be released" conflicts::KILL_SWITCH_NOT_RELEASABLE;
    SelectionChanged CONFLICT "selection_changed" "The selection is no longer the same" conflicts::SELECTION_CHANGED;
    ExecutionNotClaimed CONFLICT "execution_not_claimed" "The execution is not yours" conflicts::EXECUTION_NOT_CLAIMED;
    ClaimUsed GONE "claim_used" "The claim has been used" conflicts::CLAIM_USED;
    ClaimExpired GONE "claim_expired" "The claim has expired" conflicts::CLAIM_EXPIRED;
    SecretCollected GONE "secret_collected" "The secret has been collected" conflicts::SECRET_COLLECTED;
    ApprovalExpired GONE "approval_expired" "The approval has expired" conflicts::APPROVAL_EXPIRED;
    PositionExpired GONE "position_expired" "The position is no longer kept" conflicts::POSITION_EXPIRED;
    VersionMismatch PRECONDITION_FAILED "version_mismatch" "Changed since it was read" conflicts::VERSION_MISMATCH;
    BodyTooLarge PAYLOAD_TOO_LARGE "body_too_large" "The body is too large" requests::BODY_TOO_LARGE;
    TooDeep PAYLOAD_TOO_LARGE "too_deep" "The body is nested too deeply" requests::TOO_DEEP;
    UnsupportedMediaType UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" "Not a media type this takes" requests::UNSUPPORTED_MEDIA_TYPE;
    ValidationFailed UNPROCESSABLE_ENTITY "validation_failed" "Fields are not as they must be" contents::VALIDATION_FAILED;
    PolicyViolation UNPROCESSABLE_ENTITY "policy_violation" "The organization's policy forbids this" contents::POLICY_VIOLATION;
    IdempotencyMismatch UNPROCESSABLE_ENTITY "idempotency_mismatch" "The key was used for another request" contents::IDEMPOTENCY_MISMATCH;
    NotSupportedYet UNPROCESSABLE_ENTITY "not_supported_yet" "This version does not do that yet" contents::NOT_SUPPORTED_YET;
    RateLimited TOO_MANY_REQUESTS "rate_limited" "Too many requests" limits::RATE_LIMITED;
    QuotaExceeded TOO_MANY_REQUESTS "quota_exceeded" "The quota is used up" limits::QUOTA_EXCEEDED;
    TooManyFailures TOO_MANY_REQUESTS "too_many_failures" "Too many failed sign-ins" limits::TOO_MANY_FAILURES;
    HeadersTooLarge REQUEST_HEADER_FIELDS_TOO_LARGE "headers_too_large" "The headers are too large" requests::HEADERS_TOO_LARGE;
    Internal INTERNAL_SERVER_ERROR "internal" "Something broke here" service::INTERNAL;
    NotReady SERVICE_UNAVAILABLE "not_ready" "Not ready yet" service::NOT_READY;
    Overloaded SERVICE_UNAVAILABLE "overloaded" "Too busy" service::OVERLOADED;
    LogUnavailable SERVICE_UNAVAILABLE "log_unavailable" "The log cannot be written" service::LOG_UNAVAILABLE;
    NodeLeaseLost SERVICE_UNAVAILABLE "node_lease_lost" "This node may not answer" service::NODE_LEASE_LOST;
    PositionNotReached SERVICE_UNAVAILABLE "position_not_reached" "The view has not caught up" service::POSITION_NOT_REACHED;
    ViewHalted SERVICE_UNAVAILABLE "view_halted" "A view has stopped" service::VIEW_HALTED;
    GatewayNotAuthorized SERVICE_UNAVAILABLE "gateway_not_authorized" "The gateway's own credential is not accepted" service::GATEWAY_NOT_AUTHORIZED;
    EngineUnavailable SERVICE_UNAVAILABLE "engine_unavailable" "A storage engine is unreachable" service::ENGINE_UNAVAILABLE;
    StorageFull INSUFFICIENT_STORAGE "storage_full" "No space left" service::STORAGE_FULL;
}

impl Code {
    /// The code with this text, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.text() == text)
    }

    /// The version of the interface that first answered this code.
    ///
    /// All are of the first version; a code that is added later gets an arm of its own.
    pub const fn since(self) -> &'static str {
        "0.1"
    }

    /// Whether an answer always says when to come back (`Retry-After`).
    pub fn says_when_to_retry(self) -> bool {
        matches!(self.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
    }
}
