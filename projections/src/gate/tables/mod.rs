//! The tables of the gate: all that it knows, at one position of the ledger.

mod at;
mod chunks;
mod endpoints;
mod erase;
mod fold;
mod fold_tokens;
mod frozen;
mod index;
mod instant;
mod rows;
mod rulebook;
mod table;
mod texts;

use std::collections::HashMap;

use domain::{
    actor::Holder,
    ids::{MemberId, OrganizationId},
    secret::SecretId,
    subject::Subject,
    time::Timestamp,
};
use eventlog::{Leaf, Position};

pub(crate) use at::At;
pub(crate) use frozen::{Frozen, Room};
use index::Index;
pub(crate) use instant::MaybeInstant;
pub(crate) use rows::{Extras, HolderRow, Organization, Replaced, Standing, State, Token};
pub(crate) use rulebook::{Role, Rulebook, ScopeList};
use table::Table;
pub(crate) use texts::{Name, Texts};

use super::{Damage, peppers::Peppers};

/// All that the gate knows.
pub(crate) struct Tables {
    /// The position of the last fact applied.
    pub(crate) position: Position,
    /// The hash of its record; zeros before the first.
    pub(crate) leaf: Leaf,
    /// The greatest instant at which any fact applied was recorded.
    pub(crate) log_time: Timestamp,
    /// Why no further fact is applied, and no question answered.
    pub(crate) damage: Option<Damage>,
    pub(crate) rulebook: Rulebook,
    pub(crate) tokens: Table<Token>,
    /// The tokens by their current secrets, and still by those that were current once.
    by_secret: Index,
    pub(crate) replaced: Table<Replaced>,
    pub(crate) organizations: Table<Organization>,
    pub(crate) holders: Table<HolderRow>,
    pub(crate) texts: Texts,
    /// Operators' tokens, which a reset voids.
    operators: Vec<At<Token>>,
    /// Organisations whose first owner is not a member yet.
    pub(crate) ownerless: HashMap<OrganizationId, MemberId>,
    /// The subjects that were erased, in the order of the facts.
    pub(crate) erased: Vec<Subject>,
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            position: Position(0),
            leaf: Leaf([0; 32]),
            log_time: Timestamp::EPOCH,
            damage: None,
            rulebook: Rulebook::default(),
            tokens: Table::default(),
            by_secret: Index::default(),
            replaced: Table::default(),
            organizations: Table::default(),
            holders: Table::default(),
            texts: Texts::default(),
            operators: Vec::new(),
            ownerless: HashMap::new(),
            erased: Vec::new(),
        }
    }
}

impl Tables {
    /// The token whose current secret has that id.
    pub(crate) fn current(&self, id: SecretId) -> Option<At<Token>> {
        let is_current = |it| self.tokens.get(At::new(it)).is_some_and(|it| it.secret == id);
        self.by_secret.find(id.bits(), is_current).map(At::new)
    }

    /// The role that a holder has in the organisation of a token, and whether it counts there.
    pub(crate) fn role_in(&self, standing: Standing, holder: &HolderRow) -> Option<At<Role>> {
        let role = self.rulebook.role(standing.role)?;
        if !role.is_owner {
            return Some(standing.role);
        }
        let organization = self.organizations.get(standing.organization?)?;
        let owns = organization.owners.iter().any(|it| holder.holder() == Holder::Member(*it));
        owns.then_some(standing.role)
    }

    /// Whether the gate may answer.
    pub(crate) fn sound(&self) -> Result<(), Damage> {
        self.damage.clone().map_or(Ok(()), Err)
    }
}
