//! What a live token can do at this moment.

use domain::{catalogue::PermissionSet, endpoint::check_path, permission::PermissionName};

use super::{
    AskedEndpoint,
    tables::{HolderRow, Rulebook, Standing, Tables, Token},
};

/// What a token asks for, and what its holder's role grants: what is in both, it can do.
///
/// A scope narrowed to an instance or to endpoints is in neither set: it gives nothing yet.
pub(super) struct Ability<'t> {
    rulebook: &'t Rulebook,
    asked: &'t PermissionSet,
    granted: &'t PermissionSet,
}

/// What stands against something asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lack {
    /// The token does not ask for it.
    Scope,
    /// The holder's role does not grant it.
    Role,
}

impl<'t> Ability<'t> {
    pub(super) fn of(tables: &'t Tables, token: &Token, holder: &HolderRow, standing: Standing) -> Self {
        let rulebook = &tables.rulebook;
        let list = rulebook.list(token.scopes);
        let role = tables.role_in(standing, holder).and_then(|it| rulebook.role(it));
        Self {
            rulebook,
            asked: list.map_or(PermissionSet::EMPTY, |it| &it.asked),
            granted: role.map_or(PermissionSet::EMPTY, |it| &it.granted),
        }
    }

    /// What stands against a permission, if anything does. What the catalogue does not know, no scope means.
    pub(super) fn lacks(&self, name: &PermissionName) -> Option<Lack> {
        match self.rulebook.catalogue.place(name).filter(|it| self.asked.contains(*it)) {
            None => Some(Lack::Scope),
            Some(place) if self.granted.contains(place) => None,
            Some(_) => Some(Lack::Role),
        }
    }

    /// What stands against an endpoint, if anything does. Any permission that opens it is enough; a path that
    /// could mean another is opened by none.
    pub(super) fn lacks_endpoint(&self, endpoint: AskedEndpoint<'_>) -> Option<Lack> {
        let AskedEndpoint { method, path } = endpoint;
        if check_path(path).is_err() {
            return Some(Lack::Scope);
        }
        let endpoints = &self.rulebook.endpoints;
        if endpoints.any_opening(method, path, |it| it.meets_both(self.asked, self.granted)) {
            return None;
        }
        let asked = endpoints.any_opening(method, path, |it| it.meets(self.asked));
        Some(if asked { Lack::Role } else { Lack::Scope })
    }
}
