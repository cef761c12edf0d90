//! What the gate is asked about a token.

use domain::{ids::OrganizationId, permission::PermissionName};

/// One question to the gate: may this token do this? It holds a secret, so it cannot be printed.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    /// The text that somebody presents as a token.
    pub token: &'q str,
    /// Who asks; what does not concern them is not found.
    pub asker: Asker,
    /// The permissions that the token must have, all of them. One that the catalogue does not know, nobody has.
    pub permissions: &'q [PermissionName],
    /// The endpoint that the token must open, besides.
    pub endpoint: Option<AskedEndpoint<'q>>,
}

/// Who asks, as far as the gate must know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asker {
    /// A caller who may ask about the tokens of this organisation.
    Organization(OrganizationId),
    /// A caller who may ask about the tokens of every organisation. Operators' tokens belong to none.
    Platform,
}

/// One request as a client made it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AskedEndpoint<'q> {
    /// The method, such as `GET`.
    pub method: &'q str,
    /// The path without query. One that could mean another path to the service behind opens nothing.
    pub path: &'q str,
}
