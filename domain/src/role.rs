//! Roles: what an organisation lets a person or a machine do at all, whatever their tokens say.

use crate::slug::Slug;

/// The role of an organisation's owners: all that is not the platform's.
pub fn owner() -> Slug {
    built_in("owner")
}

/// The role of platform operators: what is the platform's, and nothing else.
pub fn operator() -> Slug {
    built_in("operator")
}

fn built_in(name: &'static str) -> Slug {
    name.parse().unwrap_or_else(|_| unreachable!("the names of built-in roles are slugs"))
}
