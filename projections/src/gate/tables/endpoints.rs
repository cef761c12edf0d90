//! Which permissions open an endpoint: the patterns of the catalogue as trees of segments, so that the cost of a
//! question grows with its path and not with the number of patterns.

use std::collections::HashMap;

use domain::{
    catalogue::{Catalogue, PermissionSet},
    endpoint::{EndpointPattern, Segment},
};

/// The patterns of all permissions that are not retired, by method.
#[derive(Clone, Default)]
pub(crate) struct Endpoints {
    by_method: HashMap<String, Node>,
    every_method: Node,
}

/// All patterns that agree up to here.
#[derive(Clone, Default)]
struct Node {
    literal: HashMap<String, Node>,
    one: Option<Box<Node>>,
    /// What opens whatever comes after.
    rest: PermissionSet,
    /// What opens the path that ends here.
    end: PermissionSet,
}

impl Endpoints {
    /// The patterns of a catalogue.
    pub(crate) fn of(catalogue: &Catalogue) -> Self {
        let mut endpoints = Self::default();
        for place in catalogue.all().places() {
            let entry = catalogue.entries().get(place);
            for pattern in entry.into_iter().flat_map(|it| &it.endpoints) {
                endpoints.add(pattern, place);
            }
        }
        endpoints
    }

    /// Whether any permission that opens the endpoint is in a set that `wanted` accepts. The path is one that
    /// [`check_path`](domain::endpoint::check_path) accepts.
    pub(crate) fn any_opening(
        &self,
        method: &str,
        path: &str,
        wanted: impl Fn(&PermissionSet) -> bool,
    ) -> bool {
        let path = path.strip_prefix('/').unwrap_or(path);
        let of_method = self.by_method.get(method);
        of_method.into_iter().chain([&self.every_method]).any(|it| it.opens(Some(path), &wanted))
    }

    fn add(&mut self, pattern: &EndpointPattern, place: usize) {
        let mut node = match &pattern.method {
            Some(method) => self.by_method.entry(method.as_str().to_owned()).or_default(),
            None => &mut self.every_method,
        };
        for segment in &pattern.segments {
            node = match segment {
                Segment::Literal(text) => node.literal.entry(text.clone()).or_default(),
                Segment::One => node.one.get_or_insert_default(),
                Segment::Rest => {
                    node.rest.insert(place);
                    return;
                }
            };
        }
        node.end.insert(place);
    }
}

impl Node {
    /// `path` is what is left of it; nothing where its last segment is behind us.
    fn opens(&self, path: Option<&str>, wanted: &impl Fn(&PermissionSet) -> bool) -> bool {
        let Some(path) = path else {
            return wanted(&self.end);
        };
        if wanted(&self.rest) {
            return true;
        }
        let (segment, left) = path.split_once('/').map_or((path, None), |(it, left)| (it, Some(left)));
        if self.literal.get(segment).is_some_and(|it| it.opens(left, wanted)) {
            return true;
        }
        !segment.is_empty() && self.one.as_ref().is_some_and(|it| it.opens(left, wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::permission::{Permission, Risk};
    use proptest::prelude::*;

    fn catalogue(patterns: &[String]) -> Catalogue {
        let mut catalogue = Catalogue::default();
        for (number, pattern) in patterns.iter().enumerate() {
            catalogue.register(Permission {
                name: format!("site:p{number}").parse().unwrap(),
                description: String::new(),
                risk: Risk::Low,
                endpoints: vec![pattern.parse().unwrap()],
                implies: vec![],
                roles: vec![],
                builtin: false,
                retired: number % 7 == 6,
            });
        }
        catalogue
    }

    proptest! {
        #[test]
        fn it_opens_what_the_patterns_open_one_by_one(
            patterns in prop::collection::vec("(GET|POST|ANY) (/([ab]|\\*)){0,3}(/\\*\\*|/[ab]|/)", 0..20),
            paths in prop::collection::vec("(/[abc]){0,4}/?", 20),
        ) {
            let catalogue = catalogue(&patterns);
            let endpoints = Endpoints::of(&catalogue);
            for path in paths.iter().filter(|it| it.starts_with('/')) {
                for method in ["GET", "PUT"] {
                    let opening = catalogue.opening(method, path);
                    for place in 0..catalogue.entries().len() {
                        let found = endpoints.any_opening(method, path, |it| it.contains(place));
                        prop_assert_eq!(found, opening.contains(place), "{} {} at {}", method, path, place);
                    }
                }
            }
        }
    }
}
