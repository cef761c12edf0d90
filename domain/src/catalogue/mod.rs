//! The catalogue: every permission there is, Counterfoil's own and those that the platform registers.

mod built_in;
mod set;

pub use set::PermissionSet;

use crate::{
    permission::{Permission, PermissionName},
    slug::Slug,
};
use std::collections::{BTreeMap, BTreeSet};

/// All permissions, each at the place where it was first registered: a permission never changes its place, so that
/// sets of places stay true.
#[derive(Clone, Debug)]
pub struct Catalogue {
    entries: Vec<Permission>,
    places: BTreeMap<PermissionName, usize>,
    /// What each entry gives with it, itself included.
    closures: Vec<PermissionSet>,
    /// What each built-in role grants.
    granted: BTreeMap<Slug, PermissionSet>,
    /// All that are not retired.
    current: PermissionSet,
}

impl Default for Catalogue {
    /// Counterfoil's own permissions.
    fn default() -> Self {
        let mut catalogue = Self {
            entries: Vec::new(),
            places: BTreeMap::new(),
            closures: Vec::new(),
            granted: BTreeMap::new(),
            current: PermissionSet::default(),
        };
        for permission in built_in::permissions() {
            catalogue.put(permission);
        }
        catalogue.close();
        catalogue
    }
}

impl Catalogue {
    /// Adds a permission or replaces the one of that name.
    pub fn register(&mut self, permission: Permission) {
        self.put(permission);
        self.close();
    }

    /// The permission of that name, retired or not.
    pub fn get(&self, name: &PermissionName) -> Option<&Permission> {
        self.place(name).and_then(|at| self.entries.get(at))
    }

    /// The place of the permission of that name.
    pub fn place(&self, name: &PermissionName) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// All permissions, each at its place.
    pub fn entries(&self) -> &[Permission] {
        &self.entries
    }

    /// The permission at `place` with all that it implies; nothing where there is none.
    pub fn closure(&self, place: usize) -> &PermissionSet {
        self.closures.get(place).unwrap_or(PermissionSet::EMPTY)
    }

    /// What a built-in role grants, at this moment.
    pub fn granted_to(&self, role: &Slug) -> &PermissionSet {
        self.granted.get(role).unwrap_or(PermissionSet::EMPTY)
    }

    /// All permissions of a resource.
    pub fn of_resource(&self, resource: &str) -> PermissionSet {
        self.select(|it| it.name.resource() == resource)
    }

    /// All permissions that are not retired.
    pub fn all(&self) -> &PermissionSet {
        &self.current
    }

    /// The permissions that open an endpoint: holding any of them is enough.
    pub fn opening(&self, method: &str, path: &str) -> PermissionSet {
        self.select(|it| it.endpoints.iter().any(|pattern| pattern.matches(method, path)))
    }

    fn select(&self, wanted: impl Fn(&Permission) -> bool) -> PermissionSet {
        let chosen = self.entries.iter().enumerate().filter(|(_, it)| !it.retired && wanted(it));
        chosen.map(|(place, _)| place).collect()
    }

    fn put(&mut self, permission: Permission) {
        let existing = self.places.get(&permission.name).and_then(|at| self.entries.get_mut(*at));
        if let Some(entry) = existing {
            *entry = permission;
            return;
        }
        self.places.insert(permission.name.clone(), self.entries.len());
        self.entries.push(permission);
    }

    /// Works out what each permission gives with it, and what each role grants.
    fn close(&mut self) {
        self.closures = (0..self.entries.len()).map(|place| self.reach(place)).collect();
        self.current = self.select(|_| true);
        let roles: BTreeSet<Slug> = self.entries.iter().flat_map(|it| &it.roles).cloned().collect();
        self.granted = roles
            .into_iter()
            .map(|role| (role.clone(), self.select(|it| it.roles.contains(&role))))
            .collect();
    }

    /// All that a permission gives. Implications may form chains, and even circles.
    fn reach(&self, start: usize) -> PermissionSet {
        let mut reached = PermissionSet::default();
        let mut open = vec![start];
        while let Some(place) = open.pop() {
            if reached.insert(place) {
                open.extend(self.implied(place));
            }
        }
        reached
    }

    fn implied(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        let entry = self.entries.get(place);
        let named = entry.into_iter().flat_map(|it| &it.implies).filter_map(|name| self.place(name));
        let read = entry.filter(|it| it.name.action() == "write").and_then(|it| {
            let read: PermissionName = format!("{}:read", it.name.resource()).parse().ok()?;
            self.place(&read)
        });
        named.chain(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::Risk;

    fn name(text: &str) -> PermissionName {
        text.parse().unwrap()
    }

    fn custom(text: &str, implies: &[&str]) -> Permission {
        Permission {
            name: name(text),
            description: String::new(),
            risk: Risk::Low,
            endpoints: vec!["GET /v1/invoices/*".parse().unwrap()],
            implies: implies.iter().map(|it| name(it)).collect(),
            roles: vec!["owner".parse().unwrap()],
            builtin: false,
            retired: false,
        }
    }

    #[test]
    fn writing_implies_reading_and_managing_implies_both() {
        let catalogue = Catalogue::default();
        let manage = catalogue.closure(catalogue.place(&name("tokens:manage")).unwrap());
        for implied in ["tokens:manage", "tokens:write", "tokens:read", "tokens:revoke"] {
            assert!(manage.contains(catalogue.place(&name(implied)).unwrap()), "{implied}");
        }
        assert_eq!(manage.len(), 4);
    }

    #[test]
    fn circles_of_implications_end() {
        let mut catalogue = Catalogue::default();
        catalogue.register(custom("a:x", &["b:x"]));
        catalogue.register(custom("b:x", &["a:x"]));
        assert_eq!(catalogue.closure(catalogue.place(&name("a:x")).unwrap()).len(), 2);
    }

    #[test]
    fn registering_again_keeps_the_place() {
        let mut catalogue = Catalogue::default();
        catalogue.register(custom("a:x", &[]));
        let place = catalogue.place(&name("a:x"));
        catalogue.register(custom("b:x", &[]));
        catalogue.register(Permission { retired: true, ..custom("a:x", &[]) });
        assert_eq!(catalogue.place(&name("a:x")), place);
        assert_eq!(catalogue.opening("GET", "/v1/invoices/7").len(), 1, "a retired permission opens nothing");
    }

    /// The catalogue of the reference, role by role.
    #[test]
    fn roles_grant_as_many_permissions_as_the_reference_says() {
        let catalogue = Catalogue::default();
        let counts: Vec<(&str, usize)> =
            ["owner", "admin", "developer", "viewer", "security", "compliance", "gateway", "operator"]
                .into_iter()
                .map(|role| (role, catalogue.granted_to(&role.parse().unwrap()).len()))
                .collect();
        let reference = [
            ("owner", 47),
            ("admin", 43),
            ("developer", 23),
            ("viewer", 13),
            ("security", 31),
            ("compliance", 24),
            ("gateway", 2),
            ("operator", 6),
        ];
        assert_eq!(counts, reference);
    }
}
