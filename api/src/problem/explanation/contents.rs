//! Bodies that are readable, and cannot be accepted.

use super::{Explanation, page};

pub(in crate::problem) const VALIDATION_FAILED: Explanation = page(
    "One or more fields are not as they must be; `errors` lists all of them at once, each with pointer, code and remedy.",
    "`{\"name\": 7, \"scpoes\": []}`.",
    "Mend every entry of `errors`, then send it again.",
);
pub(in crate::problem) const POLICY_VIOLATION: Explanation = page(
    "The organization's policy forbids what is asked; `policy_rule` and `errors` say which rule.",
    "`never_expires` for a member's token.",
    "Stay within the policy, or ask who may change it.",
);
pub(in crate::problem) const IDEMPOTENCY_MISMATCH: Explanation = page(
    "The `Idempotency-Key` was used within 24 hours with another body.",
    "A client that reuses one key for all its requests.",
    "Use a fresh key for each new request; repeat a request unchanged.",
);
pub(in crate::problem) const NOT_SUPPORTED_YET: Explanation = page(
    "A field or value has a meaning that this version does not carry out, so it is refused, never ignored.",
    "`\"limits\"` on a version without limits.",
    "Leave it out, or update the server.",
);
