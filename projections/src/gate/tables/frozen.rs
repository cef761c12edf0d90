//! The tables as they were at one moment, and tables made of what was kept of such a moment.

use std::{collections::HashMap, sync::Arc};

use domain::{
    catalogue::Catalogue,
    ids::{MemberId, OrganizationId},
    subject::Subject,
    time::Timestamp,
};
use eventlog::{Leaf, Position};

use super::{
    At, HolderRow, Organization, Replaced, Role, Rulebook, State, Tables, Texts, Token, chunks::Chunks,
    index::Index, rulebook::ScopeList, table::Table,
};
use crate::gate::Misfit;

/// All that the gate knew at one position. It shares its memory with the gate as long as neither changes.
pub(crate) struct Frozen {
    pub(crate) position: Position,
    pub(crate) leaf: Leaf,
    pub(crate) log_time: Timestamp,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) roles: Vec<Role>,
    pub(crate) lists: Chunks<ScopeList>,
    pub(crate) tokens: Chunks<Token>,
    pub(crate) replaced: Chunks<Replaced>,
    pub(crate) organizations: Chunks<Organization>,
    pub(crate) holders: Chunks<HolderRow>,
    pub(crate) texts: Texts,
    pub(crate) ownerless: HashMap<OrganizationId, MemberId>,
    pub(crate) erased: Vec<Subject>,
}

/// How many things of a kind there will be.
#[derive(Clone, Copy)]
pub(crate) enum Room {
    Organizations(usize),
    Holders(usize),
    Tokens(usize),
    Replaced(usize),
}

impl Tables {
    /// All of it as it is now, in time that grows with the chunks and not with the things in them.
    pub(crate) fn freeze(&self) -> Frozen {
        Frozen {
            position: self.position,
            leaf: self.leaf,
            log_time: self.log_time,
            catalogue: Arc::clone(&self.rulebook.catalogue),
            roles: self.rulebook.roles().to_vec(),
            lists: self.rulebook.lists().clone(),
            tokens: self.tokens.rows().clone(),
            replaced: self.replaced.rows().clone(),
            organizations: self.organizations.rows().clone(),
            holders: self.holders.rows().clone(),
            texts: self.texts.clone(),
            ownerless: self.ownerless.clone(),
            erased: self.erased.clone(),
        }
    }

    /// Tables that know nothing but a rulebook.
    pub(crate) fn under(rulebook: Rulebook) -> Self {
        Self { rulebook, ..Self::default() }
    }

    /// Makes room for things of which there is none yet.
    pub(crate) fn make_room(&mut self, room: Room) {
        match room {
            Room::Organizations(things) => self.organizations = Table::with_room_for(things),
            Room::Holders(things) => self.holders = Table::with_room_for(things),
            Room::Replaced(things) => self.replaced = Table::with_room_for(things),
            Room::Tokens(things) => {
                self.tokens = Table::with_room_for(things);
                self.by_secret = Index::with_room_for(things);
            }
        }
    }

    /// Puts a token back whose organisation and holder are there.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn put_back(&mut self, token: Token) -> Result<At<Token>, Misfit> {
        let (secret, organization, state) = (token.secret, token.organization, token.state);
        let at = self.tokens.insert(token)?;
        self.by_secret.insert(secret.bits(), at.place());
        match organization.and_then(|it| self.organizations.get_mut(it)) {
            Some(organization) => organization.live_tokens += u64::from(state == State::Live),
            // A reset makes no difference to one that is revoked.
            None if state != State::Revoked => self.operators.push(at),
            None => {}
        }
        Ok(at)
    }
}
