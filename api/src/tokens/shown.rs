//! A secret on its only way out.

use commands::Outcome;
use domain::secret::SecretText;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// The text of a secret in the answer that shows it. It serialises, and so it is made here and nowhere else; it
/// does not print.
pub(crate) struct ShownOnce(Zeroizing<String>);

impl From<SecretText> for ShownOnce {
    fn from(secret: SecretText) -> Self {
        Self(secret.into_text_shown_once())
    }
}

impl Serialize for ShownOnce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl JsonSchema for ShownOnce {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "description": "Shown here and nowhere else."})
    }
}

/// Whether the secret of a command was shown when the command came the first time.
pub(crate) fn was_shown(outcome: Outcome, shown: bool) -> Option<bool> {
    (outcome == Outcome::Repeated && !shown).then_some(true)
}
