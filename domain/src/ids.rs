//! Ids are types: a prefix that says what it names, then 128 bits as 22 base62 characters.
//!
//! They are opaque to clients. Where an id derives from something (an organisation's from its slug, a new token's
//! from its command), a repetition meets the same stream.

use crate::{base62, slug::Slug};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Characters after the prefix.
const WIDTH: usize = 22;

/// The namespace of every id that Counterfoil derives (RFC 9562 §5.5). It must never change.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f2c_9d1a_5b7e_4c03_8a41_c0f7_e1f0_11aa);

/// Why a text is no id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id of this kind is `{prefix}` and {WIDTH} letters or digits")]
pub struct IdError {
    /// The prefix that ids of this kind begin with.
    pub prefix: &'static str,
}

macro_rules! id {
    ($name:ident, $prefix:literal, $what:literal) => {
        #[doc = concat!("Names ", $what, ": `", $prefix, "` and 22 base62 characters.")]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// What ids of this kind begin with.
            pub const PREFIX: &'static str = $prefix;

            /// An id of these 128 bits, made by whoever holds the dice.
            pub const fn from_bits(bits: u128) -> Self {
                Self(bits)
            }

            /// The 128 bits.
            pub const fn bits(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; WIDTH];
                base62::encode(self.0, &mut text);
                write!(f, "{}{}", $prefix, std::str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .filter(|it| it.len() == WIDTH)
                    .and_then(|it| base62::decode(it.as_bytes()))
                    .map(Self)
                    .ok_or(IdError { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(OrganizationId, "org_", "an organisation");
id!(MemberId, "mem_", "a member of an organisation");
id!(ServiceAccountId, "sva_", "a service account");
id!(TokenId, "tok_", "a token, whatever its secrets");
id!(EventId, "evt_", "an event; random, never derived");
id!(JobId, "job_", "long work that somebody asked for");

impl OrganizationId {
    /// The organisation of that slug: there is one at most, since its stream is expected not to exist.
    pub fn of_slug(slug: &Slug) -> Self {
        Self(derive("organization", &[slug.as_str().as_bytes()]).as_u128())
    }
}

impl TokenId {
    /// The token that this command issues.
    pub fn of_command(command: CommandId) -> Self {
        Self(derive("token", &[command.0.as_bytes()]).as_u128())
    }
}

impl JobId {
    /// The work that this command asks for.
    pub fn of_command(command: CommandId) -> Self {
        Self(derive("job", &[command.0.as_bytes()]).as_u128())
    }
}

impl MemberId {
    /// The member that this command proposes; the address book decides which id an e-mail address has.
    pub fn of_command(command: CommandId) -> Self {
        Self(derive("member", &[command.0.as_bytes()]).as_u128())
    }
}

/// Names one wish of one caller: derived from an idempotency key, a request's number or a cause, or fresh.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CommandId(pub Uuid);

impl CommandId {
    /// From an `Idempotency-Key`: the same holder saying the same key to the same route means the same command.
    pub fn of_key(
        organization: Option<OrganizationId>,
        holder: &str,
        method: &str,
        path: &str,
        key: &str,
    ) -> Self {
        let organization = organization.map(|it| it.to_string()).unwrap_or_default();
        let parts = [organization.as_str(), holder, method, path, key].map(str::as_bytes);
        Self(derive("idempotency-key", &parts))
    }

    /// The n-th command of a request that is a list of commands, counted from 1.
    #[must_use]
    pub fn step(self, n: u32) -> Self {
        Self(derive("step", &[self.0.as_bytes(), &n.to_be_bytes()]))
    }

    /// The reaction named `reaction` to a cause (an event's or a thing's id as text): said twice, it is the same.
    pub fn of_cause(reaction: &str, cause: &str) -> Self {
        Self(derive("reaction", &[reaction.as_bytes(), cause.as_bytes()]))
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// UUID v5 over length-prefixed parts, so that no two lists of parts spell the same bytes.
fn derive(what: &str, parts: &[&[u8]]) -> Uuid {
    let mut bytes = Vec::with_capacity(64);
    for part in std::iter::once(what.as_bytes()).chain(parts.iter().copied()) {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    Uuid::new_v5(&NAMESPACE, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_is_read_as_it_was_printed(bits: u128) {
            let id = TokenId::from_bits(bits);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn another_kind_of_id_is_refused() {
        let member = MemberId::from_bits(7).to_string();
        assert_eq!(member.parse::<TokenId>(), Err(IdError { prefix: "tok_" }));
        assert!("tok_".parse::<TokenId>().is_err());
    }

    #[test]
    fn parts_cannot_be_shifted_between_each_other() {
        let one = CommandId::of_key(None, "ab", "POST", "/v1/tokens", "c");
        let other = CommandId::of_key(None, "a", "POST", "/v1/tokens", "bc");
        assert_ne!(one, other);
    }

    /// Derived ids are addresses of streams that exist: these must never change.
    #[test]
    fn derived_ids_stay_what_they_were() {
        let acme = OrganizationId::of_slug(&"acme".parse().unwrap());
        let command = CommandId::of_key(Some(acme), "mem_x", "POST", "/v1/tokens", "key");
        assert_eq!(acme.to_string(), "org_28aMlTrKjCSIBqwChlLrnF");
        assert_eq!(command.to_string(), "4a3c913f-9895-565f-996c-98232f929320");
        assert_eq!(TokenId::of_command(command).to_string(), "tok_51BHgA75Dr5LBxia2qZUuG");
        assert_eq!(command.step(1).to_string(), "ae4afacb-a5fb-5cfe-b016-706583f835c8");
        assert_eq!(
            CommandId::of_cause("expire", "tok_x").to_string(),
            "a1779e79-8d8f-5b2a-b5cf-09892d6179ef"
        );
    }
}
