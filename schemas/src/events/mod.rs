//! The kinds of facts as they are stored: one struct each for what stands in clear, and one for what is sealed.
//!
//! A kind is `subject.verbed.vN`. Within a version only optional fields are added; everything else is a new version,
//! and the old one is read for ever, by way of its successor. Unknown fields are refused: a reader that does not
//! know a field does not know the fact, and must not act on half of it.

mod ledger_gap_recorded;
mod member_added;
mod operator_reset;
mod organization_registered;
mod permission_registered;
mod subject_erased;
mod token_expired;
mod token_issued;
mod token_revoked;
mod token_secret_rotated;
pub(crate) mod wire;

pub use wire::{DataError, text_subject};
pub(crate) use wire::{Opened, Wire, from_wire, to_wire};

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};

/// One kind of fact, in one version.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name: `subject.verbed.vN`.
    pub name: &'static str,
    /// What happened, in a sentence.
    pub meaning: &'static str,
    /// Whether facts of this kind are still written, or only read.
    pub written: bool,
    data: fn(&mut SchemaGenerator) -> Schema,
    sealed: Option<fn(&mut SchemaGenerator) -> Schema>,
}

const fn kind<Data: JsonSchema>(name: &'static str, meaning: &'static str) -> Kind {
    Kind { name, meaning, written: true, data: |it| Data::json_schema(it), sealed: None }
}

impl Kind {
    const fn sealing<Sealed: JsonSchema>(mut self) -> Self {
        self.sealed = Some(|it| Sealed::json_schema(it));
        self
    }

    const fn only_read(mut self) -> Self {
        self.written = false;
        self
    }

    /// The JSON Schema (draft 2020-12) of the record's `data`; `$defs/sealed` is that of what its boxes hold.
    pub fn schema(&self) -> Schema {
        let mut generator =
            SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true).into_generator();
        let mut schema = (self.data)(&mut generator);
        schema.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("$id".to_owned(), self.name.into());
        schema.insert("description".to_owned(), self.meaning.into());
        if let Some(sealed) = self.sealed {
            let sealed = sealed(&mut generator);
            schema.insert("$defs".to_owned(), serde_json::json!({ "sealed": sealed }));
        }
        schema
    }
}

/// Every kind and version that was ever written.
pub const KINDS: [Kind; 11] = [
    kind::<permission_registered::v1::Data>(
        "permission.registered.v1",
        "A permission entered the catalogue; before permissions could imply others.",
    )
    .only_read(),
    kind::<permission_registered::Data>(
        "permission.registered.v2",
        "A permission entered the catalogue or changed there.",
    ),
    kind::<operator_reset::Data>("operator.reset.v1", "All operator tokens issued before this are void."),
    kind::<organization_registered::Data>(
        "organization.registered.v1",
        "An organisation exists from now on.",
    )
    .sealing::<organization_registered::Sealed>(),
    kind::<member_added::Data>("member.added.v1", "A person belongs to an organisation from now on.")
        .sealing::<member_added::Sealed>(),
    kind::<token_issued::Data>("token.issued.v1", "A token exists from now on.")
        .sealing::<token_issued::Sealed>(),
    kind::<token_secret_rotated::Data>(
        "token.secret_rotated.v1",
        "A token has a new secret; the one before lives on until the overlap ends.",
    )
    .sealing::<token_secret_rotated::Sealed>(),
    kind::<token_revoked::Data>("token.revoked.v1", "A token is refused for ever.")
        .sealing::<token_revoked::Sealed>(),
    kind::<token_expired::Data>("token.expired.v1", "A token's time is over."),
    kind::<subject_erased::Data>(
        "subject.erased.v1",
        "What is sealed for the subject cannot be read any more, for ever.",
    ),
    kind::<ledger_gap_recorded::Data>(
        "ledger.gap_recorded.v1",
        "A start of a node was cut off: decisions that it made between two instants may be missing in the usage log.",
    ),
];

/// The kind of that name, if one was ever written.
pub fn kind_of(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|it| it.name == name)
}
