//! Scopes: what a token asks for.
//!
//! ```text
//! scope = "*"                      all that the holder's role grants, at each moment
//!       | resource ":*"            all permissions of a resource
//!       | resource ":" action      one permission
//!       | permission "/" instance  one permission on one thing
//!       | METHOD " " path          one endpoint, or a pattern of them
//! ```

use crate::{
    catalogue::{Catalogue, PermissionSet},
    endpoint::{EndpointError, EndpointPattern},
    permission::{PermissionName, PermissionNameError, is_word},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One scope.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// All that the holder's role grants, at each moment.
    All,
    /// All permissions of a resource, at each moment.
    Resource(String),
    /// One permission, with what it implies.
    Permission(PermissionName),
    /// One permission on one thing.
    Instance(PermissionName, String),
    /// One endpoint, or a pattern of them.
    Endpoint(EndpointPattern),
}

/// Why a text is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// It has the shape of none.
    #[error("a scope is *, resource:*, resource:action, resource:action/id, or METHOD /path")]
    Shape,
    /// It would be a permission, were its name one.
    #[error(transparent)]
    Permission(#[from] PermissionNameError),
    /// It would be an endpoint, were its path one.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}

impl Scope {
    /// The permissions that this scope asks for without narrowing, at this moment of the catalogue.
    pub fn permissions(&self, catalogue: &Catalogue) -> PermissionSet {
        match self {
            Self::All => catalogue.all().clone(),
            Self::Resource(resource) => catalogue.of_resource(resource),
            Self::Permission(name) => closure(name, catalogue),
            Self::Instance(..) | Self::Endpoint(_) => PermissionSet::default(),
        }
    }

    /// Whether a holder of this scope has all that `other` can ever ask for. A list of what a wildcard holds today
    /// does not cover the wildcard, which grows.
    pub fn covers(&self, other: &Self, catalogue: &Catalogue) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Resource(mine), Self::Resource(theirs)) => mine == theirs,
            (Self::Resource(mine), Self::Permission(theirs) | Self::Instance(theirs, _)) => {
                mine == theirs.resource()
            }
            (Self::Permission(mine), Self::Permission(theirs) | Self::Instance(theirs, _)) => {
                implies(mine, theirs, catalogue)
            }
            (Self::Instance(mine, at), Self::Instance(theirs, there)) => {
                at == there && implies(mine, theirs, catalogue)
            }
            (Self::Endpoint(mine), Self::Endpoint(theirs)) => mine == theirs,
            (Self::Resource(_) | Self::Permission(_) | Self::Instance(..) | Self::Endpoint(_), _) => false,
        }
    }

    /// Whether the catalogue knows what this scope names.
    pub fn is_known(&self, catalogue: &Catalogue) -> bool {
        match self {
            Self::All | Self::Endpoint(_) => true,
            Self::Resource(resource) => !catalogue.of_resource(resource).is_empty(),
            Self::Permission(name) | Self::Instance(name, _) => {
                catalogue.get(name).is_some_and(|it| !it.retired)
            }
        }
    }
}

fn closure(name: &PermissionName, catalogue: &Catalogue) -> PermissionSet {
    catalogue.place(name).map(|place| catalogue.closure(place).and(catalogue.all())).unwrap_or_default()
}

fn implies(mine: &PermissionName, theirs: &PermissionName, catalogue: &Catalogue) -> bool {
    mine == theirs || catalogue.place(theirs).is_some_and(|place| closure(mine, catalogue).contains(place))
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        if text == "*" {
            return Ok(Self::All);
        }
        if text.contains(' ') {
            return Ok(Self::Endpoint(text.parse()?));
        }
        if let Some(resource) = text.strip_suffix(":*") {
            return if is_word(resource) {
                Ok(Self::Resource(resource.to_owned()))
            } else {
                Err(ScopeError::Shape)
            };
        }
        match text.split_once('/') {
            Some((name, instance)) if is_instance(instance) => {
                Ok(Self::Instance(name.parse()?, instance.to_owned()))
            }
            Some(_) => Err(ScopeError::Shape),
            None => Ok(Self::Permission(text.parse()?)),
        }
    }
}

/// An instance is 1 to 64 letters, digits, `_`, `-` or `.`.
fn is_instance(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.'))
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Resource(resource) => write!(f, "{resource}:*"),
            Self::Permission(name) => write!(f, "{name}"),
            Self::Instance(name, instance) => write!(f, "{name}/{instance}"),
            Self::Endpoint(pattern) => write!(f, "{pattern}"),
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Scopes over a handful of names, so that they meet often.
    fn any_scope() -> impl Strategy<Value = Scope> {
        let text = "\\*|(tokens|agents|members):(\\*|read|write|manage)|(agents|tokens):(read|write)/[ab]|(GET|ANY) /v1/(a|\\*)";
        text.prop_map(|it| it.parse().unwrap())
    }

    proptest! {
        #[test]
        fn a_scope_is_read_as_it_was_printed(scope in any_scope()) {
            prop_assert_eq!(scope.to_string().parse(), Ok(scope));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            let _ = text.parse::<Scope>();
        }

        #[test]
        fn what_is_covered_asks_for_nothing_more(mine in any_scope(), theirs in any_scope()) {
            let catalogue = Catalogue::default();
            if mine.covers(&theirs, &catalogue) {
                let (mine, theirs) = (mine.permissions(&catalogue), theirs.permissions(&catalogue));
                prop_assert_eq!(theirs.and(&mine), theirs.and(&theirs));
            }
        }

        #[test]
        fn covering_is_an_order(a in any_scope(), b in any_scope(), c in any_scope()) {
            let catalogue = Catalogue::default();
            prop_assert!(a.covers(&a, &catalogue));
            if a.covers(&b, &catalogue) && b.covers(&c, &catalogue) {
                prop_assert!(a.covers(&c, &catalogue));
            }
        }
    }

    #[test]
    fn texts_that_are_none_are_refused() {
        for bad in [
            "",
            "**",
            "tokens",
            "Tokens:read",
            "tokens:read/",
            "tokens:read/a/b",
            "tokens:read/a b",
            "GET v1",
            ":*",
        ] {
            assert!(bad.parse::<Scope>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_list_of_today_does_not_cover_a_wildcard() {
        let catalogue = Catalogue::default();
        let all: Scope = "*".parse().unwrap();
        let resource: Scope = "tokens:*".parse().unwrap();
        let manage: Scope = "tokens:manage".parse().unwrap();
        assert!(!manage.covers(&resource, &catalogue) && !resource.covers(&all, &catalogue));
    }
}
