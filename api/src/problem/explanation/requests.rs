//! Requests that cannot be read, or that ask for what is not there.

use super::{Explanation, page};

pub(in crate::problem) const MALFORMED_JSON: Explanation = page(
    "The body is not JSON text; `line` and `column` say where reading stopped.",
    "`{\"name\": \"ci\",}` (a comma before the closing brace).",
    "Send UTF-8 JSON; look at the given line and column.",
);
pub(in crate::problem) const UNKNOWN_PARAMETER: Explanation = page(
    "The query string has a parameter that this operation does not take.",
    "`GET /v1/tokens?state=active` (the filter is called `status`).",
    "Remove it, or use one of the names in the API reference.",
);
pub(in crate::problem) const INVALID_PARAMETER: Explanation = page(
    "A query parameter has a value it cannot have, or is given twice.",
    "`GET /v1/tokens?limit=1000` (at most 100).",
    "Mend the parameters named in `errors`.",
);
pub(in crate::problem) const INVALID_CURSOR: Explanation = page(
    "The cursor was not given by this service for this query with these filters and this order.",
    "A cursor of `?status=active` sent with `?status=revoked`.",
    "Start again without a cursor; keep filters and sort unchanged while paging.",
);
pub(in crate::problem) const INVALID_HEADER: Explanation = page(
    "A header has a value that cannot be read.",
    "`If-Match: 7` (an entity tag is quoted: `\"7\"`).",
    "Mend the header that `detail` names.",
);
pub(in crate::problem) const ORGANIZATION_REQUIRED: Explanation = page(
    "The credential is good in several organizations and the request names none.",
    "An operator's token without `Counterfoil-Organization`.",
    "Send the header `Counterfoil-Organization` with an organization's id.",
);
pub(in crate::problem) const NOT_FOUND: Explanation = page(
    "There is no such route, or no such thing that the caller may see. Both look the same on purpose.",
    "`GET /v1/tokens/tok_…` with the id of another organization's token.",
    "Check path and id, and that the credential belongs to the right organization.",
);
pub(in crate::problem) const METHOD_NOT_ALLOWED: Explanation = page(
    "The path exists, but not with this method; `Allow` lists those it has.",
    "`DELETE /v1/tokens/tok_…` (tokens are revoked, never deleted).",
    "Use a method of the `Allow` header.",
);
pub(in crate::problem) const NOT_ACCEPTABLE: Explanation = page(
    "The `Accept` header rules out every representation of the answer.",
    "`Accept: image/png`.",
    "Accept `application/json`, or leave the header out.",
);
pub(in crate::problem) const REQUEST_TIMEOUT: Explanation = page(
    "The request's body was not complete within the time a body may take.",
    "A client that stops in the middle of its body.",
    "Send the request again; nothing of it has been done.",
);
pub(in crate::problem) const BODY_TOO_LARGE: Explanation = page(
    "The body exceeds 64 KiB (1 MiB for a batch).",
    "`POST /v1/tokens` with metadata of 100 KiB.",
    "Send less, or split the batch.",
);
pub(in crate::problem) const TOO_DEEP: Explanation = page(
    "Arrays and objects in the body are nested more than 32 deep.",
    "`[[[[…]]]]`.",
    "Flatten the value at the pointer named in `detail`.",
);
pub(in crate::problem) const UNSUPPORTED_MEDIA_TYPE: Explanation = page(
    "The body's media type or encoding is not one this operation reads.",
    "`Content-Type: text/plain`, or `Content-Encoding: gzip`.",
    "Send `Content-Type: application/json`, not compressed.",
);
pub(in crate::problem) const HEADERS_TOO_LARGE: Explanation = page(
    "The header section is larger than this service reads.",
    "A cookie jar of 40 KiB.",
    "Send fewer or shorter headers.",
);
