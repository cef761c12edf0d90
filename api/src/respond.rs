//! Answers: JSON of a value, with its version.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Serialize;

use crate::edge::headers;
use crate::problem::{Code, Problem};

/// What every command may be answered, whatever it is about.
pub(crate) const COMMAND_CODES: &[Code] = &[
    Code::VersionConflict,
    Code::LogUnavailable,
    Code::EngineUnavailable,
    Code::StorageFull,
    Code::OrganizationRequired,
    Code::StateConflict,
];

/// What every query of a view may be answered.
pub(crate) const VIEW_CODES: &[Code] = &[
    Code::InvalidParameter,
    Code::InvalidHeader,
    Code::PositionNotReached,
    Code::PositionExpired,
    Code::ViewHalted,
    Code::EngineUnavailable,
];

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<Response, Problem> {
    Ok(headers::json(serde_json::to_vec(value).map_err(Problem::internal)?))
}

/// The same with its version as `ETag`.
pub(crate) fn tagged(version: u64, mut response: Response) -> Response {
    if let Ok(tag) = HeaderValue::try_from(format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
