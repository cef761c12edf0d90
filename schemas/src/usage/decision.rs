//! A decision as the recorder gives it: borrowed, so that recording allocates next to nothing.

use super::{Address, Layer, Outcome};

/// The longest text of a decision in bytes; longer ones are cut at the last whole character.
pub const MAX_TEXT_BYTES: usize = 256;
/// The most limits that one decision charges.
pub const MAX_COSTS: usize = 16;

/// One secret version of one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Credential {
    /// Id of the token.
    pub token: u128,
    /// Id of the secret version (its 14 base62 characters as a number).
    pub secret: u128,
}

/// An organisation, and the subject under which its callers' texts are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Organization<'a> {
    /// Id of the organisation.
    pub id: u128,
    /// Its subject in the keyring.
    pub subject: &'a str,
}

/// Who called, as far as known. Address and user agent are sealed under `subject`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client<'a> {
    /// Subject of the holder, or [`unauthenticated`](super::unauthenticated) where nobody is known.
    pub subject: &'a str,
    /// Where the call came from.
    pub address: Option<Address>,
    /// What the caller's program calls itself.
    pub user_agent: Option<&'a str>,
}

/// An endpoint that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The path; whatever follows `?` or `#` is never recorded.
    pub path: &'a str,
}

/// What one limit was charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost<'a> {
    /// The limit's name.
    pub limit: &'a str,
    /// Units charged.
    pub cost: u64,
}

/// One decision, or several equal ones about unproven secrets in one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Ledger time in microseconds since 1970 UTC.
    pub time_us: i64,
    /// The lane's request counter, from which the request id is made; usually one more than that
    /// of the decision before.
    pub counter: u64,
    /// The credential that was asked about; none where its secret was not proven.
    pub token: Option<Credential>,
    /// The credential of whoever asked.
    pub caller: Option<Credential>,
    /// The token's organisation, or the caller's where there is no token. All texts below are
    /// sealed under its subject.
    pub organization: Option<Organization<'a>>,
    /// Who called.
    pub client: Option<Client<'a>>,
    /// The code answered.
    pub outcome: Outcome,
    /// The layer that refused.
    pub layer: Layer,
    /// The permission or permission expression asked for.
    pub permission: Option<&'a str>,
    /// The endpoint asked for.
    pub endpoint: Option<Endpoint<'a>>,
    /// The service that was called.
    pub service: Option<&'a str>,
    /// The environment it runs in.
    pub environment: Option<&'a str>,
    /// What each limit was charged; at most [`MAX_COSTS`].
    pub costs: &'a [Cost<'a>],
    /// Whether nothing was to be charged.
    pub peek: bool,
    /// How many decisions this stands for, at least 1.
    pub count: u64,
    /// Position of the gate when it decided.
    pub position: u64,
    /// The caller's own id of its request.
    pub client_request_id: Option<&'a str>,
}

/// As much of `text` as is recorded.
pub(super) fn clamp(text: &str) -> &str {
    let end = text.floor_char_boundary(MAX_TEXT_BYTES);
    text.get(..end).unwrap_or(text)
}

/// Writes `METHOD path`, without query and clamped, over `into`.
pub(super) fn write_endpoint(endpoint: Endpoint<'_>, into: &mut String) {
    let path = endpoint.path.split(['?', '#']).next().unwrap_or_default();
    into.clear();
    into.push_str(clamp(endpoint.method));
    into.push(' ');
    into.push_str(clamp(path));
    into.truncate(clamp(into).len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_recorded_without_query_and_cut_at_a_whole_character() {
        let mut text = String::from("left over");
        write_endpoint(Endpoint { method: "GET", path: "/v1/a?token=secret#x" }, &mut text);
        assert_eq!(text, "GET /v1/a");
        let path = "é".repeat(400);
        write_endpoint(Endpoint { method: "GET", path: &path }, &mut text);
        assert_eq!(text.len(), 256);
        write_endpoint(Endpoint { method: "POST", path: &path }, &mut text);
        assert_eq!(text.len(), 255);
    }
}
