//! The rows of the tables: just what a decision needs of each thing.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    actor::Holder,
    ids::{MemberId, OrganizationId, ServiceAccountId, TokenId},
    plan::Plan,
    secret::{Kind, SecretId},
    time::Timestamp,
};

use super::{
    at::At,
    instant::MaybeInstant,
    rulebook::{Role, ScopeList},
    table::Row,
    texts::Name,
};
use crate::gate::peppers::PepperPlace;

/// One token with its current secret. It fills two cache lines that lie side by side, so that one look-up waits
/// for memory once: what proves the secret comes first.
#[repr(C, align(128))]
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) secret: SecretId,
    /// The digest of the current secret in words, which compare faster than bytes.
    pub(crate) digest: [u64; 4],
    pub(crate) id: TokenId,
    pub(crate) expires_at: MaybeInstant,
    /// When a fact ended it.
    pub(crate) ended_at: MaybeInstant,
    pub(crate) extras: Option<Box<Extras>>,
    pub(crate) name: Name,
    /// Nothing for operators.
    pub(crate) organization: Option<At<Organization>>,
    pub(crate) holder: At<HolderRow>,
    pub(crate) scopes: At<ScopeList>,
    pub(crate) kind: Kind,
    pub(crate) state: State,
    pub(crate) pepper: PepperPlace,
}

/// A secret version that another has replaced.
#[derive(Clone)]
pub(crate) struct Replaced {
    pub(crate) id: SecretId,
    pub(crate) digest: [u64; 4],
    /// The instant from which it is refused.
    pub(crate) valid_until: Timestamp,
    pub(crate) token: At<Token>,
    pub(crate) pepper: PepperPlace,
}

/// What the facts say of a token; its instants are compared at each decision besides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Live,
    Revoked,
    Expired,
}

/// What few tokens have.
#[derive(Default, Clone)]
pub(crate) struct Extras {
    pub(crate) starts_at: Option<Timestamp>,
    pub(crate) metadata: Option<Arc<BTreeMap<String, String>>>,
    pub(crate) external_id: Option<Arc<str>>,
}

/// One organisation.
#[derive(Clone)]
pub(crate) struct Organization {
    pub(crate) id: OrganizationId,
    pub(crate) plan: Plan,
    pub(crate) owners: Arc<[MemberId]>,
    /// Tokens that no fact has ended.
    pub(crate) live_tokens: u64,
}

/// One holder: known from the first fact that names it, active from the fact that says so.
#[repr(align(32))]
#[derive(Clone)]
pub(crate) struct HolderRow {
    bits: u128,
    pub(crate) standing: Option<Standing>,
    kind: HolderKind,
}

#[derive(Clone, Copy)]
enum HolderKind {
    Member,
    ServiceAccount,
    Operator,
}

/// What an active holder may do at all.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    /// Nothing for operators.
    pub(crate) organization: Option<At<Organization>>,
    pub(crate) role: At<Role>,
}

impl Row for Replaced {
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

impl HolderRow {
    /// A holder, active or not.
    pub(crate) fn new(id: Holder, standing: Option<Standing>) -> Self {
        let kind = match id {
            Holder::Member(_) => HolderKind::Member,
            Holder::ServiceAccount(_) => HolderKind::ServiceAccount,
            Holder::Operator => HolderKind::Operator,
        };
        Self { bits: Self::bits(id), standing, kind }
    }

    /// Who it is.
    pub(crate) fn holder(&self) -> Holder {
        match self.kind {
            HolderKind::Member => Holder::Member(MemberId::from_bits(self.bits)),
            HolderKind::ServiceAccount => Holder::ServiceAccount(ServiceAccountId::from_bits(self.bits)),
            HolderKind::Operator => Holder::Operator,
        }
    }
}

impl Row for HolderRow {
    type Id = Holder;

    fn id(&self) -> Holder {
        self.holder()
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
    fn a_token_fills_two_cache_lines_and_a_holder_half_of_one() {
        assert_eq!((size_of::<Token>(), size_of::<HolderRow>()), (128, 32));
        assert_eq!(std::mem::offset_of!(Token, expires_at), 64);
    }

    #[test]
    fn a_holder_is_read_as_it_was_written() {
        let account = Holder::ServiceAccount(ServiceAccountId::from_bits(7));
        for holder in [Holder::Member(MemberId::from_bits(7)), account, Holder::Operator] {
            assert_eq!(HolderRow::new(holder, None).holder(), holder);
        }
    }
}
