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

/// What an answer without its secret says: it was shown when the command came the first time.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AlreadyShown {
    /// This command was obeyed before, and showed the secret then.
    secret_shown: bool,
    /// What to do if it is lost.
    advice: &'static str,
}

/// What to say in place of a secret that is not shown again.
pub(crate) fn already_shown(outcome: Outcome, shown: bool) -> Option<AlreadyShown> {
    let advice = "a secret is shown once; if it is lost, rotate the token";
    (outcome == Outcome::Repeated && !shown).then_some(AlreadyShown { secret_shown: true, advice })
}
