//! Power: what somebody can do with a credential, and so what they can give.

use crate::{catalogue::Catalogue, permission::PermissionName, scope::Scope, slug::Slug};
use std::sync::Arc;

/// The scopes of a credential within the role of its holder: what both grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Power {
    /// What the credential asks for.
    pub scopes: Arc<[Scope]>,
    /// What its holder may do at all.
    pub role: Slug,
}

impl Power {
    /// All that a role grants.
    pub fn of_role(role: Slug) -> Self {
        Self { scopes: Arc::from([Scope::All]), role }
    }

    /// Whether this power includes a permission, at this moment of the catalogue.
    pub fn includes(&self, name: &PermissionName, catalogue: &Catalogue) -> bool {
        let Some(place) = catalogue.place(name) else {
            return false;
        };
        catalogue.granted_to(&self.role).contains(place)
            && self.scopes.iter().any(|it| it.permissions(catalogue).contains(place))
    }

    /// Whether all that `scope` can ever ask for lies within this power. A wildcard is always within a role, since
    /// it means no more than the role; it must name something there.
    pub fn covers(&self, scope: &Scope, catalogue: &Catalogue) -> bool {
        self.scopes.iter().any(|it| it.covers(scope, catalogue)) && self.role_covers(scope, catalogue)
    }

    fn role_covers(&self, scope: &Scope, catalogue: &Catalogue) -> bool {
        let granted = catalogue.granted_to(&self.role);
        match scope {
            Scope::All | Scope::Endpoint(_) => true,
            Scope::Resource(_) => granted.meets(&scope.permissions(catalogue)),
            Scope::Permission(name) | Scope::Instance(name, _) => {
                catalogue.place(name).is_some_and(|place| granted.contains(place))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role;

    fn power(scopes: &[&str], role: &str) -> Power {
        Power { scopes: scopes.iter().map(|it| it.parse().unwrap()).collect(), role: role.parse().unwrap() }
    }

    #[test]
    fn both_the_scope_and_the_role_must_grant() {
        let catalogue = Catalogue::default();
        let manage: PermissionName = "tokens:manage".parse().unwrap();
        assert!(power(&["tokens:*"], "owner").includes(&manage, &catalogue));
        assert!(!power(&["tokens:*"], "viewer").includes(&manage, &catalogue));
        assert!(!power(&["tokens:read"], "owner").includes(&manage, &catalogue));
    }

    #[test]
    fn an_owner_has_nothing_of_the_platform() {
        let catalogue = Catalogue::default();
        let owner = Power::of_role(role::owner());
        assert!(owner.covers(&"*".parse().unwrap(), &catalogue));
        assert!(!owner.covers(&"platform:verify".parse().unwrap(), &catalogue));
        assert!(!owner.covers(&"platform:*".parse().unwrap(), &catalogue));
    }
}
