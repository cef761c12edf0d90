//! The domain's own checks of texts, named by a schema's `format`.

use crate::problem::FieldCode;

/// One kind of text: its name in schemas, the fault's code, and the check.
#[derive(Clone, Copy, Debug)]
pub struct TextFormat {
    /// The `format` that a schema names, such as `scope`.
    pub name: &'static str,
    /// The code of the fault where the check fails.
    pub code: FieldCode,
    /// Says what is wrong and how to mend it, without repeating the text, which may be a secret.
    pub check: fn(&str) -> Result<(), String>,
}

/// All kinds of text that schemas may name.
///
/// Given by the caller, who knows the domain; a schema that names another kind does not compile.
#[derive(Clone, Debug, Default)]
pub struct Formats(Vec<TextFormat>);

impl Formats {
    /// These kinds of text; of two with one name the first counts.
    pub fn new(formats: impl IntoIterator<Item = TextFormat>) -> Self {
        Self(formats.into_iter().collect())
    }

    /// The kind of text with this name.
    pub fn get(&self, name: &str) -> Option<&TextFormat> {
        self.0.iter().find(|format| format.name == name)
    }

    /// Each kind of text once.
    pub fn iter(&self) -> impl Iterator<Item = &TextFormat> {
        self.0.iter()
    }
}
