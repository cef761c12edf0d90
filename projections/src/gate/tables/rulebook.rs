//! All that depends on the catalogue: worked out when it changes, so that decisions only compare bits.

use std::{collections::HashMap, sync::Arc};

use domain::{
    catalogue::{Catalogue, PermissionSet},
    power::Power,
    scope::Scope,
    slug::Slug,
};

use super::{
    at::{At, Place},
    chunks::Chunks,
    endpoints::Endpoints,
};
use crate::gate::{Misfit, credential::Grant};

/// The catalogue, and what each role and each list of scopes means under it.
#[derive(Clone)]
pub(crate) struct Rulebook {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) endpoints: Endpoints,
    roles: Vec<Role>,
    role_places: HashMap<Arc<Slug>, At<Role>>,
    lists: Chunks<ScopeList>,
    list_places: HashMap<Arc<[Scope]>, At<ScopeList>>,
}

/// One role.
#[derive(Clone)]
pub(crate) struct Role {
    pub(crate) slug: Arc<Slug>,
    pub(crate) granted: PermissionSet,
    /// It counts only for who is among the organisation's owners.
    pub(crate) is_owner: bool,
}

/// One list of scopes, shared by all tokens that ask for just this.
#[derive(Clone)]
pub(crate) struct ScopeList {
    pub(crate) scopes: Arc<[Scope]>,
    /// What the scopes ask for without narrowing.
    pub(crate) asked: PermissionSet,
    /// What they grant within the roles that they have met.
    grants: Vec<(At<Role>, Arc<Grant>)>,
}

impl Default for Rulebook {
    fn default() -> Self {
        let catalogue = Arc::<Catalogue>::default();
        Self {
            endpoints: Endpoints::of(&catalogue),
            catalogue,
            roles: Vec::new(),
            role_places: HashMap::new(),
            lists: Chunks::default(),
            list_places: HashMap::new(),
        }
    }
}

impl Rulebook {
    /// The same roles and scopes under another catalogue.
    pub(crate) fn under(&self, catalogue: Arc<Catalogue>) -> Self {
        let mut book = self.clone();
        book.endpoints = Endpoints::of(&catalogue);
        book.catalogue = catalogue;
        for role in &mut book.roles {
            role.granted = book.catalogue.granted_to(&role.slug).clone();
        }
        for list in book.lists.iter_mut() {
            list.asked = asked(&list.scopes, &book.catalogue);
            for (role, grant) in &mut list.grants {
                let Some(role) = book.roles.get(role.place().index()) else { continue };
                *grant = Arc::new(grant_of(&list.scopes, &list.asked, role, &book.catalogue));
            }
        }
        book
    }

    pub(crate) fn role(&self, at: At<Role>) -> Option<&Role> {
        self.roles.get(at.place().index())
    }

    pub(crate) fn list(&self, at: At<ScopeList>) -> Option<&ScopeList> {
        self.lists.get(at)
    }

    /// All roles, in the order of their places.
    pub(crate) fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// All lists of scopes, in the order of their places.
    pub(crate) fn lists(&self) -> &Chunks<ScopeList> {
        &self.lists
    }

    /// The place of a role, which is new or not.
    pub(crate) fn role_of(&mut self, slug: &Slug) -> Result<At<Role>, Misfit> {
        if let Some(at) = self.role_places.get(slug) {
            return Ok(*at);
        }
        let at = next(self.roles.len())?;
        let slug = Arc::new(slug.clone());
        let granted = self.catalogue.granted_to(&slug).clone();
        let is_owner = *slug == domain::role::owner();
        self.roles.push(Role { slug: Arc::clone(&slug), granted, is_owner });
        self.role_places.insert(slug, at);
        Ok(at)
    }

    /// The place of a list of scopes, which is new or not.
    pub(crate) fn list_of(&mut self, scopes: &[Scope]) -> Result<At<ScopeList>, Misfit> {
        if let Some(at) = self.list_places.get(scopes) {
            return Ok(*at);
        }
        let scopes: Arc<[Scope]> = scopes.into();
        let asked = asked(&scopes, &self.catalogue);
        let list = ScopeList { scopes: Arc::clone(&scopes), asked, grants: Vec::new() };
        let at = self.lists.push(list).ok_or(Misfit::Full)?;
        self.list_places.insert(scopes, at);
        Ok(at)
    }

    /// Works out what a list of scopes grants within a role, unless that is known.
    pub(crate) fn meet(&mut self, list: At<ScopeList>, at: At<Role>) {
        if self.lists.get(list).is_none_or(|it| it.known(at).is_some()) {
            return;
        }
        let (lists, roles) = (&mut self.lists, &self.roles);
        let Some((list, role)) = lists.get_mut(list).zip(roles.get(at.place().index())) else { return };
        let grant = grant_of(&list.scopes, &list.asked, role, &self.catalogue);
        list.grants.push((at, Arc::new(grant)));
    }

    /// What a list of scopes grants within a role; nothing at all where the role does not count.
    pub(crate) fn grant(&self, list: &ScopeList, role: Option<At<Role>>) -> Arc<Grant> {
        if let Some(grant) = role.and_then(|it| list.known(it)) {
            return Arc::clone(grant);
        }
        match role.and_then(|it| self.role(it)) {
            Some(role) => Arc::new(grant_of(&list.scopes, &list.asked, role, &self.catalogue)),
            None => Arc::new(self.no_grant()),
        }
    }

    fn no_grant(&self) -> Grant {
        // The role is named, but with no scope at all it gives nothing.
        let power = Power { scopes: Arc::from([]), role: domain::role::owner() };
        Grant { power, effective: PermissionSet::default(), catalogue: Arc::clone(&self.catalogue) }
    }
}

impl ScopeList {
    /// The roles that it has met, in the order in which it met them.
    pub(crate) fn met(&self) -> impl ExactSizeIterator<Item = At<Role>> {
        self.grants.iter().map(|(role, _)| *role)
    }

    fn known(&self, role: At<Role>) -> Option<&Arc<Grant>> {
        self.grants.iter().find(|(it, _)| *it == role).map(|(_, grant)| grant)
    }
}

fn next<T>(index: usize) -> Result<At<T>, Misfit> {
    Place::from_index(index).map(At::new).ok_or(Misfit::Full)
}

fn asked(scopes: &[Scope], catalogue: &Catalogue) -> PermissionSet {
    let mut asked = PermissionSet::default();
    for scope in scopes {
        asked.add(&scope.permissions(catalogue));
    }
    asked
}

fn grant_of(scopes: &Arc<[Scope]>, asked: &PermissionSet, role: &Role, catalogue: &Arc<Catalogue>) -> Grant {
    Grant {
        power: Power { scopes: Arc::clone(scopes), role: (*role.slug).clone() },
        effective: asked.and(&role.granted),
        catalogue: Arc::clone(catalogue),
    }
}
