//! Callers that are known, and may not do this.

use super::{Explanation, page};

pub(in crate::problem) const INSUFFICIENT_SCOPE: Explanation = page(
    "The token's effective permissions do not cover the operation; `required`, `missing_scopes` and `grantable_by` say what would.",
    "`POST /v1/tokens` with a token of scope `tokens:read`.",
    "Use a token with the missing scopes, or ask one of `grantable_by`.",
);
pub(in crate::problem) const SCOPE_EXCEEDS_ROLE: Explanation = page(
    "The scopes asked for go beyond what the holder's role, team or plan allows; `excess` lists them.",
    "`agents:write` for a holder with the role viewer.",
    "Leave out the scopes in `excess`, or change the holder's role.",
);
pub(in crate::problem) const SCOPE_EXCEEDS_CALLER: Explanation = page(
    "The request would give more than the presented credential can do itself; `excess` lists it.",
    "A token with `tokens:write` asks for a token with `*`.",
    "Ask for less, or use a credential that holds the scopes.",
);
pub(in crate::problem) const ROLE_EXCEEDS_CALLER: Explanation = page(
    "The role to be given can do more than the caller's own.",
    "An admin appoints a security officer.",
    "Ask somebody whose role covers it.",
);
pub(in crate::problem) const IP_NOT_ALLOWED: Explanation = page(
    "The call does not come from an address that the token's rule allows.",
    "A token for `203.0.113.0/24`, used from a laptop.",
    "Call from an allowed network, or change `allowed_ips`.",
);
pub(in crate::problem) const ORGANIZATION_LOCKED: Explanation = page(
    "A kill switch stops this credential; `blocked_by` names it.",
    "`POST /v1/organization/kill-switch` with everything selected.",
    "Wait until it is released, or release it with `kill-switch:write`.",
);
pub(in crate::problem) const ORGANIZATION_SUSPENDED: Explanation = page(
    "The platform's operator has suspended the organization.",
    "An account that is closed for non-payment.",
    "Contact the operator.",
);
pub(in crate::problem) const PLAN_LIMIT_REACHED: Explanation = page(
    "The plan's number of such things is reached; `limit`, `used` and `plan` say which.",
    "The 26th live token on the plan free.",
    "Remove one, or change the plan.",
);
pub(in crate::problem) const STEP_UP_REQUIRED: Explanation = page(
    "The session must prove its person again before this act.",
    "A kill switch from a session signed in an hour ago.",
    "`POST /v1/auth/sessions/current/elevate`, then repeat.",
);
pub(in crate::problem) const SECOND_PERSON_REQUIRED: Explanation = page(
    "The policy lets this happen only with a second person.",
    "Releasing a kill switch under `two_person_release`.",
    "Ask another person with the permission.",
);
pub(in crate::problem) const SELF_APPROVAL: Explanation = page(
    "A request is approved by somebody other than who made it.",
    "Approving one's own token request.",
    "Ask another approver.",
);
pub(in crate::problem) const CSRF_FAILED: Explanation = page(
    "A console request lacks the proof that the console made it.",
    "A form on another site.",
    "Send the session's `csrf` in the header the console uses.",
);
