//! Callers that must wait.

use super::{Explanation, page};

pub(in crate::problem) const RATE_LIMITED: Explanation = page(
    "The rate of one layer is used up; `layer`, `name`, `limit` and `reset_at` say which.",
    "The 61st request of a minute on the plan free.",
    "Wait for `Retry-After` seconds; spread requests evenly.",
);
pub(in crate::problem) const QUOTA_EXCEEDED: Explanation = page(
    "The quota of the calendar window is used up; `layer`, `name`, `limit` and `reset_at` say which.",
    "The 100,001st call of a month on the plan free.",
    "Wait for the next window, or change the plan.",
);
pub(in crate::problem) const TOO_MANY_FAILURES: Explanation = page(
    "Too many credentials from this source, or for this id, were wrong.",
    "A script that tries tokens.",
    "Wait for `Retry-After` seconds and send the right credential.",
);
