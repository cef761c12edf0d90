//! Credentials that do not prove who is calling.

use super::{Explanation, page};

pub(in crate::problem) const TOKEN_MISSING: Explanation = page(
    "The operation needs a credential and none was sent.",
    "`GET /v1/whoami` without `Authorization`.",
    "Send `Authorization: Bearer c9d_…`.",
);
pub(in crate::problem) const TOKEN_INVALID: Explanation = page(
    "The credential is malformed, unknown or has a wrong secret. Which of these is not told.",
    "A token cut short when it was copied.",
    "Check that the whole token is sent; create a new one if it is lost.",
);
pub(in crate::problem) const TOKEN_EXPIRED: Explanation = page(
    "The secret is right, but the token's time is over since `at`.",
    "A token of 90 days, used on the 91st.",
    "Create a new token; rotate before expiry next time (`Counterfoil-Token-Expires`).",
);
pub(in crate::problem) const TOKEN_REVOKED: Explanation = page(
    "The secret is right, but the token, or this secret of it, was revoked at `at`.",
    "The old secret after a rotation's overlap has ended.",
    "Use the current secret, or create a new token.",
);
pub(in crate::problem) const TOKEN_SUSPENDED: Explanation = page(
    "The secret is right, but the token is suspended since `at`.",
    "A security officer has suspended the token.",
    "Ask for `POST /v1/tokens/{id}/resume`.",
);
pub(in crate::problem) const TOKEN_NOT_YET_VALID: Explanation = page(
    "The secret is right, but the token starts at `at`.",
    "A token with `starts_at` tomorrow.",
    "Wait, or create one that starts now.",
);
pub(in crate::problem) const HOLDER_INACTIVE: Explanation = page(
    "The secret is right, but the token's holder is suspended, disabled or removed.",
    "The token of a service account that was disabled.",
    "Enable the holder, or use a token of another.",
);
pub(in crate::problem) const SESSION_EXPIRED: Explanation =
    page("The console session has ended.", "30 minutes without a request.", "Sign in again.");
pub(in crate::problem) const SIGN_IN_FAILED: Explanation = page(
    "E-mail, password or code do not match. Which of these is not told.",
    "A mistyped password.",
    "Try again; after 20 failures a minute the source must wait.",
);
pub(in crate::problem) const SECOND_FACTOR_REQUIRED: Explanation = page(
    "The organization asks for a second factor at sign-in.",
    "Password right, code not given.",
    "Send the code as `totp`.",
);
