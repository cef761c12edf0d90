//! Permissions: `resource:action`, each with a risk and the endpoints it opens.

use crate::{endpoint::EndpointPattern, slug::Slug};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The name of a permission: `resource:action`, like `agents:write`. Each half is 1 to 40 of `a-z`, `0-9` and `-`,
/// beginning with a letter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PermissionName(String);

/// Why a text names no permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a permission is resource:action, like agents:write, each half 1 to 40 of a-z, 0-9 and -, beginning with a letter"
)]
pub struct PermissionNameError;

impl PermissionName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it concerns.
    pub fn resource(&self) -> &str {
        self.halves().0
    }

    /// What it lets one do there.
    pub fn action(&self) -> &str {
        self.halves().1
    }

    fn halves(&self) -> (&str, &str) {
        self.0.split_once(':').unwrap_or((&self.0, ""))
    }
}

impl FromStr for PermissionName {
    type Err = PermissionNameError;

    fn from_str(text: &str) -> Result<Self, PermissionNameError> {
        let (resource, action) = text.split_once(':').ok_or(PermissionNameError)?;
        if is_word(resource) && is_word(action) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PermissionNameError)
        }
    }
}

/// Whether a text can be one half of a permission's name.
pub(crate) fn is_word(text: &str) -> bool {
    let inside = text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
    inside && text.len() <= 40 && text.starts_with(|it: char| it.is_ascii_lowercase())
}

impl TryFrom<String> for PermissionName {
    type Error = PermissionNameError;

    fn try_from(text: String) -> Result<Self, PermissionNameError> {
        text.parse()
    }
}

impl From<PermissionName> for String {
    fn from(name: PermissionName) -> Self {
        name.0
    }
}

impl fmt::Display for PermissionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How much harm a permission can do in the wrong hands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Reads what is hardly secret.
    Low,
    /// Changes what is easily put right.
    Medium,
    /// Reads secrets or changes what matters.
    High,
    /// Gives power, or takes it from everybody.
    Critical,
}

impl Risk {
    /// The risk, as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// One entry of the catalogue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permission {
    /// Its name.
    pub name: PermissionName,
    /// What it lets one do, in a sentence for people.
    pub description: String,
    /// How much harm it can do.
    pub risk: Risk,
    /// The endpoints that it opens.
    pub endpoints: Vec<EndpointPattern>,
    /// The permissions that whoever has this one has too.
    pub implies: Vec<PermissionName>,
    /// The built-in roles that grant it.
    pub roles: Vec<Slug>,
    /// Whether it is Counterfoil's own, and so cannot be changed.
    pub builtin: bool,
    /// Whether it is withdrawn: then nobody has it, whatever their scopes say.
    pub retired: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_two_plain_halves() {
        let name: PermissionName = "service-accounts:read".parse().unwrap();
        assert_eq!((name.resource(), name.action()), ("service-accounts", "read"));
        for bad in ["", "agents", ":read", "agents:", "Agents:read", "a:b:c", "a b:c", "1a:b", "agents:*"] {
            assert_eq!(bad.parse::<PermissionName>(), Err(PermissionNameError), "{bad}");
        }
    }
}
