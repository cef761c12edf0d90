use super::{Command, Event, Platform, Rejection};
use crate::{catalogue::Catalogue, permission::Permission};

/// The roles that a registered permission can be given to.
const ROLES: [&str; 7] = ["owner", "admin", "developer", "viewer", "security", "compliance", "gateway"];

pub(super) fn decide(state: &Platform, command: &Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::RegisterPermission(permission) => register(&state.catalogue, permission),
        Command::ResetOperator => Ok(vec![Event::OperatorReset]),
    }
}

fn register(catalogue: &Catalogue, permission: &Permission) -> Result<Vec<Event>, Rejection> {
    let existing = catalogue.get(&permission.name);
    if existing.is_some_and(|it| it.builtin) {
        return Err(Rejection::BuiltIn(permission.name.clone()));
    }
    if permission.name.resource() == "platform" {
        return Err(Rejection::Reserved);
    }
    // Already so: saying it twice adds nothing.
    if existing == Some(permission) {
        return Ok(vec![]);
    }
    for implied in &permission.implies {
        let Some(entry) = catalogue.get(implied) else {
            return Err(Rejection::ImpliesUnknown(implied.clone()));
        };
        if entry.name.resource() == "platform" {
            return Err(Rejection::ImpliesPlatform(implied.clone()));
        }
    }
    if let Some(role) = permission.roles.iter().find(|it| !ROLES.contains(&it.as_str())) {
        return Err(Rejection::RoleUnknown(role.clone()));
    }
    Ok(vec![Event::PermissionRegistered(permission.clone())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decider::Decider, permission::Risk, platform::Rules, time::Timestamp};

    fn invoices() -> Permission {
        Permission {
            name: "invoices:read".parse().unwrap(),
            description: "Read invoices".to_owned(),
            risk: Risk::Low,
            endpoints: vec!["GET /v1/invoices/*".parse().unwrap()],
            implies: vec![],
            roles: vec!["owner".parse().unwrap()],
            builtin: false,
            retired: false,
        }
    }

    #[test]
    fn registering_twice_adds_nothing() {
        let command = Command::RegisterPermission(invoices());
        let state = Platform::default();
        let facts = decide(&state, &command).unwrap();
        let state = facts.iter().fold(state, |it, fact| Rules::evolve(it, fact, Timestamp::EPOCH));
        assert_eq!(decide(&state, &command), Ok(vec![]));
    }

    #[test]
    fn built_in_permissions_do_not_change() {
        let permission = Permission { name: "tokens:read".parse().unwrap(), ..invoices() };
        let name = permission.name.clone();
        assert_eq!(
            decide(&Platform::default(), &Command::RegisterPermission(permission)),
            Err(Rejection::BuiltIn(name))
        );
    }

    #[test]
    fn what_is_the_platforms_cannot_be_implied_or_given() {
        let implying = Permission { implies: vec!["platform:verify".parse().unwrap()], ..invoices() };
        let given = Permission { roles: vec!["operator".parse().unwrap()], ..invoices() };
        let unknown = Permission { implies: vec!["no:such".parse().unwrap()], ..invoices() };
        let reserved = Permission { name: "platform:everything".parse().unwrap(), ..invoices() };
        for permission in [implying, given, unknown, reserved] {
            assert!(decide(&Platform::default(), &Command::RegisterPermission(permission)).is_err());
        }
    }
}
