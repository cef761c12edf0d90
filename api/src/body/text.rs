//! Texts whose form the domain checks, as fields of bodies and queries.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer};

/// A kind of text, as a type: `struct Scope; impl TextKind for Scope { … }`.
pub trait TextKind {
    /// The name of its [`TextFormat`](super::TextFormat).
    const FORMAT: &'static str;
}

/// A text that the format of `K` has let pass, when it was read by a reader of this crate.
///
/// `scopes: Vec<Text<Scope>>` is a list of scopes. Its `Debug` shows the kind and not the text,
/// because callers write personal data and secrets into anything.
pub struct Text<K>(String, PhantomData<fn() -> K>);

impl<K> Text<K> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<K: TextKind> fmt::Debug for Text<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Text({})", K::FORMAT)
    }
}

impl<'de, K> Deserialize<'de> for Text<K> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        String::deserialize(source).map(|text| Self(text, PhantomData))
    }
}

impl<K: TextKind> JsonSchema for Text<K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        K::FORMAT.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": K::FORMAT})
    }
}
