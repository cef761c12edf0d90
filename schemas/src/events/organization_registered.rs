use domain::{
    ids::MemberId,
    organization::{Label, Person},
    plan::Plan,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `organization.registered.v1`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// The plan's slug.
    #[schemars(with = "String")]
    pub(crate) plan: Plan,
    /// The owners, the first of whom is sealed in a box of their own.
    #[schemars(with = "Vec<String>")]
    pub(crate) owners: Vec<MemberId>,
}

/// What the organisation's box holds.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sealed {
    /// Its name.
    name: String,
    /// Its slug, from which its id derives.
    slug: String,
}

/// What the box of a member holds who is named by a fact.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SealedPerson {
    /// Their e-mail address.
    email: String,
    /// Their name.
    name: String,
}

impl From<&Label> for Sealed {
    fn from(label: &Label) -> Self {
        Self { name: label.name.clone(), slug: label.slug.clone() }
    }
}

impl From<Sealed> for Label {
    fn from(sealed: Sealed) -> Self {
        Self { name: sealed.name, slug: sealed.slug }
    }
}

impl From<&Person> for SealedPerson {
    fn from(person: &Person) -> Self {
        Self { email: person.email.clone(), name: person.name.clone() }
    }
}

impl From<SealedPerson> for Person {
    fn from(sealed: SealedPerson) -> Self {
        Self { email: sealed.email, name: sealed.name }
    }
}
