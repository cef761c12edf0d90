//! Faults on this side.

use super::{Explanation, page};

pub(in crate::problem) const INTERNAL: Explanation = page(
    "Something failed here that should not; it has been logged under `request_id`.",
    "A defect.",
    "Send it again with the same `Idempotency-Key`; report the `request_id` if it stays.",
);
pub(in crate::problem) const NOT_READY: Explanation = page(
    "The service is starting or stopping.",
    "A request in the first second.",
    "Try again after `Retry-After` seconds; `/readyz` says what is missing.",
);
pub(in crate::problem) const OVERLOADED: Explanation = page(
    "More work has arrived than can be done in time, so this was not begun.",
    "A burst above the machine's power.",
    "Try again after `Retry-After` seconds, slower.",
);
pub(in crate::problem) const LOG_UNAVAILABLE: Explanation = page(
    "What must be recorded cannot be written, so it is not done.",
    "A broken disk under the ledger.",
    "Try again with the same `Idempotency-Key`; the operator must act if it stays.",
);
pub(in crate::problem) const NODE_LEASE_LOST: Explanation = page(
    "This node cannot know whether it is up to date, so it does not answer.",
    "A node cut off from its database.",
    "Try again after `Retry-After` seconds, or ask another node.",
);
pub(in crate::problem) const POSITION_NOT_REACHED: Explanation = page(
    "The view did not reach the requested position within two seconds.",
    "`min_position` of a write just made, during a rebuild.",
    "Try again after `Retry-After` seconds.",
);
pub(in crate::problem) const VIEW_HALTED: Explanation = page(
    "A view met something that it cannot take in, or nobody keeps it any more.",
    "A damaged view.",
    "The operator looks at `counterfoil projections list`, and rebuilds it or restarts the node as `detail` says.",
);
pub(in crate::problem) const GATEWAY_NOT_AUTHORIZED: Explanation = page(
    "The gateway that asks is not one that may ask, so its clients get no answer either.",
    "A gateway whose own token has expired.",
    "Give the gateway a credential with `tokens:verify`.",
);
pub(in crate::problem) const ENGINE_UNAVAILABLE: Explanation = page(
    "A storage engine that this needs does not answer.",
    "PostgreSQL restarts.",
    "Try again after `Retry-After` seconds.",
);
pub(in crate::problem) const STORAGE_FULL: Explanation = page(
    "There is no space for another record. Verification goes on.",
    "The disk of the ledger is full.",
    "The operator must make space; then send it again.",
);
