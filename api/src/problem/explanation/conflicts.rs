//! Requests that do not fit the present state.

use super::{Explanation, page};

pub(in crate::problem) const VERSION_CONFLICT: Explanation = page(
    "The same thing was changed by others five times while this was decided.",
    "Many clients that rename one token.",
    "Send it again.",
);
pub(in crate::problem) const ALREADY_EXISTS: Explanation = page(
    "Another thing of this kind has the same slug or address.",
    "A second organization with the slug `acme`.",
    "Choose another, or use the one that is there.",
);
pub(in crate::problem) const LAST_OWNER: Explanation = page(
    "An organization always has an owner; this would remove the last one.",
    "The only owner becomes viewer.",
    "Make somebody else owner first.",
);
pub(in crate::problem) const IN_USE: Explanation = page(
    "The thing is still referred to.",
    "Deleting a role that members hold.",
    "Move those that use it, then try again.",
);
pub(in crate::problem) const STATE_CONFLICT: Explanation = page(
    "The thing is in a state in which this cannot be done; `state` says which.",
    "Resuming a revoked token.",
    "See `state`; what is revoked stays so, create a new one.",
);
pub(in crate::problem) const ROTATION_IN_PROGRESS: Explanation = page(
    "The token's last rotation still overlaps.",
    "Rotating twice within the overlap.",
    "`rotation/finish` or `rotation/cancel` first.",
);
pub(in crate::problem) const NO_ROTATION_IN_PROGRESS: Explanation = page(
    "The token has no rotation to finish, extend or cancel.",
    "`rotation/finish` after the overlap ended by itself.",
    "Nothing is needed, or start a rotation.",
);
pub(in crate::problem) const KILL_SWITCH_NOT_RELEASABLE: Explanation = page(
    "A kill switch of mode revoke is never released.",
    "Releasing what was engaged with `\"mode\": \"revoke\"`.",
    "Create new tokens.",
);
pub(in crate::problem) const SELECTION_CHANGED: Explanation = page(
    "What the filter matches changed since it was previewed.",
    "A bulk revocation confirmed a day after its dry run.",
    "Run the preview again and confirm its position.",
);
pub(in crate::problem) const EXECUTION_NOT_CLAIMED: Explanation = page(
    "The execution is not claimed by this caller, or its lease has ended.",
    "Finishing a run that another runtime took over.",
    "Claim it again; drop the result if another has finished it.",
);
pub(in crate::problem) const CLAIM_USED: Explanation = page(
    "The claim link has done its work, once.",
    "Opening an invitation a second time.",
    "Sign in, or ask for a new link.",
);
pub(in crate::problem) const CLAIM_EXPIRED: Explanation =
    page("The claim link's time is over.", "An invitation opened after a week.", "Ask for a new link.");
pub(in crate::problem) const SECRET_COLLECTED: Explanation = page(
    "The secret was shown once, and is not stored.",
    "`POST /v1/tokens/{id}/collect` a second time.",
    "Rotate the token to get a new secret.",
);
pub(in crate::problem) const APPROVAL_EXPIRED: Explanation = page(
    "Nobody decided in the time the policy gives.",
    "A request approved after seven days.",
    "Make the request again.",
);
pub(in crate::problem) const POSITION_EXPIRED: Explanation = page(
    "The position is older than what is kept, or of an earlier incarnation of the log.",
    "`GET /v1/events?after=` a position before a restore.",
    "Start from the beginning, or from a position of now.",
);
pub(in crate::problem) const VERSION_MISMATCH: Explanation = page(
    "The thing has changed since the version named in `If-Match`; the answer's `ETag` is the present one.",
    "Two people edit one token.",
    "Read it again, merge, and send the new `ETag`.",
);
