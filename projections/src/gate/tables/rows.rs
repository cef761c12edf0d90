//! The rows of the tables: just what a decision needs of each thing.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    actor::Holder,
    ids::{MemberId, OrganizationId, TokenId},
    plan::Plan,
    secret::{Kind, SecretId},
    time::Timestamp,
};

use super::{
    at::At,
    instant::MaybeInstant,
    rulebook::{Role, ScopeList},
    table::Row,
    texts::TextAt,
};
use crate::gate::peppers::PepperPlace;

/// One secret version. It fills one cache line: a look-up should wait for memory once.
#[repr(align(64))]
pub(crate) struct Secret {
    pub(crate) id: SecretId,
    /// The digest in words, which compare faster than bytes.
    pub(crate) digest: [u64; 4],
    /// The instant from which it is refused, once another has replaced it.
    pub(crate) valid_until: MaybeInstant,
    pub(crate) token: At<Token>,
    pub(crate) pepper: PepperPlace,
}

/// One token. It fills one cache line.
#[repr(align(64))]
pub(crate) struct Token {
    pub(crate) id: TokenId,
    pub(crate) expires_at: MaybeInstant,
    /// When a fact ended it.
    pub(crate) ended_at: MaybeInstant,
    pub(crate) extras: Option<Box<Extras>>,
    pub(crate) name: TextAt,
    /// Nothing for operators.
    pub(crate) organization: Option<At<Organization>>,
    pub(crate) holder: At<HolderRow>,
    pub(crate) scopes: At<ScopeList>,
    pub(crate) kind: Kind,
    pub(crate) state: State,
}

/// What the facts say of a token; its instants are compared at each decision besides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Live,
    Revoked,
    Expired,
}

/// What few tokens have.
#[derive(Default)]
pub(crate) struct Extras {
    pub(crate) starts_at: Option<Timestamp>,
    pub(crate) metadata: Option<Arc<BTreeMap<String, String>>>,
    pub(crate) external_id: Option<Arc<str>>,
}

/// One organisation.
pub(crate) struct Organization {
    pub(crate) id: OrganizationId,
    pub(crate) plan: Plan,
    pub(crate) owners: Arc<[MemberId]>,
    /// Tokens that no fact has ended.
    pub(crate) live_tokens: u64,
}

/// One holder: known from the first fact that names it, active from the fact that says so.
pub(crate) struct HolderRow {
    pub(crate) id: Holder,
    pub(crate) standing: Option<Standing>,
}

/// What an active holder may do at all.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    /// Nothing for operators.
    pub(crate) organization: Option<At<Organization>>,
    pub(crate) role: At<Role>,
}

impl Row for Secret {
    type Id = SecretId;

    fn id(&self) -> SecretId {
        self.id
    }

    fn bits(id: SecretId) -> u128 {
        id.bits()
    }
}

impl Row for Token {
    type Id = TokenId;

    fn id(&self) -> TokenId {
        self.id
    }

    fn bits(id: TokenId) -> u128 {
        id.bits()
    }
}

impl Row for Organization {
    type Id = OrganizationId;

    fn id(&self) -> OrganizationId {
        self.id
    }

    fn bits(id: OrganizationId) -> u128 {
        id.bits()
    }
}

impl Row for HolderRow {
    type Id = Holder;

    fn id(&self) -> Holder {
        self.id
    }

    fn bits(id: Holder) -> u128 {
        match id {
            Holder::Member(id) => id.bits(),
            Holder::ServiceAccount(id) => id.bits(),
            Holder::Operator => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_and_a_token_fill_a_cache_line_each() {
        assert_eq!((size_of::<Secret>(), size_of::<Token>()), (64, 64));
    }
}
