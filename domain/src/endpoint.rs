//! Endpoints: a method and a path, and patterns over them.
//!
//! A pattern is `METHOD /path`: `*` stands for one segment, a final `/**` for the rest, which may be empty, and the
//! method `ANY` for every method. There is no host and no query.
//! Paths that could mean another path to the service behind (`.`, `..`, `//`, `%2f`, `%2e`, `%5c`, `\`, control bytes) are refused,
//! never normalised.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Characters of a path, at most.
const MAX_PATH: usize = 256;

/// Why a path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It is empty or does not begin with a slash.
    #[error("a path begins with /")]
    NotRooted,
    /// It is too long to be recorded whole.
    #[error("a path has at most {MAX_PATH} bytes")]
    TooLong,
    /// It could mean another path to the service behind.
    #[error("a path has no query, no //, no . or .. segment, no encoded slash or dot, and no control bytes")]
    Ambiguous,
}

/// Checks a path as it was asked for, without query.
pub fn check_path(path: &str) -> Result<(), PathError> {
    if !path.starts_with('/') {
        return Err(PathError::NotRooted);
    }
    if path.len() > MAX_PATH {
        return Err(PathError::TooLong);
    }
    let plain = path.bytes().all(|it| it.is_ascii_graphic() && !matches!(it, b'?' | b'#' | b'\\'));
    if plain
        && !path.contains("//")
        && !path.split('/').any(|it| it == "." || it == "..")
        && !has_encoded_separator(path)
    {
        return Ok(());
    }
    Err(PathError::Ambiguous)
}

/// Whether `%2f`, `%2e`, `%5c` or an encoded control byte occurs.
fn has_encoded_separator(path: &str) -> bool {
    path.match_indices('%').any(|(at, _)| {
        let code = path.as_bytes().get(at + 1..at + 3).unwrap_or_default();
        match code {
            [b'2', b'f' | b'F' | b'e' | b'E']
            | [b'5', b'c' | b'C']
            | [b'0' | b'1', _]
            | [b'7', b'f' | b'F'] => true,
            [high, low] => !high.is_ascii_hexdigit() || !low.is_ascii_hexdigit(),
            _ => true,
        }
    })
}

/// An HTTP method: 1 to 20 upper-case letters or `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Method(String);

/// Why a text is no method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a method is upper-case letters, like GET")]
pub struct MethodError;

impl Method {
    /// The method as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text can be a method.
pub fn is_method(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_uppercase() || it == b'-')
}

impl FromStr for Method {
    type Err = MethodError;

    fn from_str(text: &str) -> Result<Self, MethodError> {
        if is_method(text) { Ok(Self(text.to_owned())) } else { Err(MethodError) }
    }
}

/// One segment of a pattern.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Segment {
    /// Exactly this.
    Literal(String),
    /// Any one segment that is not empty.
    One,
    /// All that is left, also nothing.
    Rest,
}

/// A pattern over endpoints, like `GET /v1/reports/*`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointPattern {
    /// The method; nothing stands for every method.
    pub method: Option<Method>,
    /// The path, segment by segment.
    pub segments: Vec<Segment>,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// There is no method, or no path behind it.
    #[error("an endpoint is METHOD /path, like GET /v1/reports/*, or ANY /path")]
    Shape,
    /// The path is none.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A star stands beside other characters, or two stars before the end.
    #[error("* stands for one whole segment, and ** only at the end")]
    Star,
}

impl EndpointPattern {
    /// Whether the pattern covers a method and a path that [`check_path`] accepts.
    pub fn matches(&self, method: &str, path: &str) -> bool {
        let method_fits = self.method.as_ref().is_none_or(|it| it.as_str() == method);
        method_fits && segments_match(&self.segments, path)
    }
}

fn segments_match(pattern: &[Segment], path: &str) -> bool {
    let mut asked = path.strip_prefix('/').unwrap_or(path).split('/');
    for segment in pattern {
        let fits = match (segment, asked.next()) {
            (Segment::Rest, rest) => return rest.is_some(),
            (Segment::Literal(wanted), Some(found)) => wanted == found,
            (Segment::One, Some(found)) => !found.is_empty(),
            (Segment::Literal(_) | Segment::One, None) => false,
        };
        if !fits {
            return false;
        }
    }
    asked.next().is_none()
}

impl FromStr for EndpointPattern {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let (method, path) = text.split_once(' ').ok_or(EndpointError::Shape)?;
        let method =
            if method == "ANY" { None } else { Some(method.parse().map_err(|_| EndpointError::Shape)?) };
        check_path(path)?;
        let mut segments: Vec<Segment> =
            path.split('/').skip(1).map(parse_segment).collect::<Result<_, _>>()?;
        let rest = segments.iter().position(|it| *it == Segment::Rest);
        if rest.is_some_and(|at| at + 1 < segments.len()) {
            return Err(EndpointError::Star);
        }
        segments.shrink_to_fit();
        Ok(Self { method, segments })
    }
}

fn parse_segment(text: &str) -> Result<Segment, EndpointError> {
    match text {
        "*" => Ok(Segment::One),
        "**" => Ok(Segment::Rest),
        literal if literal.contains('*') => Err(EndpointError::Star),
        literal => Ok(Segment::Literal(literal.to_owned())),
    }
}

impl fmt::Display for EndpointPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.method.as_ref().map_or("ANY", Method::as_str))?;
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Literal(text) => write!(f, "/{text}"),
            Segment::One => f.write_str("/*"),
            Segment::Rest => f.write_str("/**"),
        })
    }
}

impl TryFrom<String> for EndpointPattern {
    type Error = EndpointError;

    fn try_from(text: String) -> Result<Self, EndpointError> {
        text.parse()
    }
}

impl From<EndpointPattern> for String {
    fn from(pattern: EndpointPattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn covers(pattern: &str, method: &str, path: &str) -> bool {
        pattern.parse::<EndpointPattern>().unwrap().matches(method, path)
    }

    #[test]
    fn stars_stand_for_segments() {
        assert!(covers("GET /v1/reports/*", "GET", "/v1/reports/7"));
        assert!(!covers("GET /v1/reports/*", "GET", "/v1/reports"));
        assert!(!covers("GET /v1/reports/*", "GET", "/v1/reports/"));
        assert!(!covers("GET /v1/reports/*", "GET", "/v1/reports/7/pages"));
        assert!(!covers("GET /v1/reports/*", "POST", "/v1/reports/7"));
        assert!(covers("ANY /**", "PATCH", "/"));
        assert!(covers("ANY /v1/**", "GET", "/v1/a/b"));
        assert!(covers("ANY /v1/**", "GET", "/v1/"));
        assert!(!covers("ANY /v1/**", "GET", "/v1"));
    }

    #[test]
    fn paths_that_could_mean_another_are_refused() {
        for bad in [
            "/a//b", "/a/../b", "/a/.", "/a%2Fb", "/a%2eb", "/a?x=1", "/a b", "/ä", "/a%zz", "/a%2", "/a\\b",
            "/a%00",
        ] {
            assert_eq!(check_path(bad), Err(PathError::Ambiguous), "{bad}");
        }
        assert_eq!(check_path("a"), Err(PathError::NotRooted));
        assert_eq!(check_path(&format!("/{}", "a".repeat(256))), Err(PathError::TooLong));
        assert_eq!(check_path("/blog/tags/c%23"), Ok(()));
    }

    #[test]
    fn patterns_that_are_none_are_refused() {
        assert_eq!("/v1".parse::<EndpointPattern>(), Err(EndpointError::Shape));
        assert_eq!("get /v1".parse::<EndpointPattern>(), Err(EndpointError::Shape));
        assert_eq!("GET /v1/a*".parse::<EndpointPattern>(), Err(EndpointError::Star));
        assert_eq!("GET /**/a".parse::<EndpointPattern>(), Err(EndpointError::Star));
    }

    proptest! {
        #[test]
        fn a_pattern_is_read_as_it_was_printed(text in "(GET|POST|ANY) (/([a-z]{1,4}|\\*)){1,4}(/\\*\\*)?") {
            let pattern: EndpointPattern = text.parse().unwrap();
            prop_assert_eq!(pattern.to_string(), text);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            let _ = text.parse::<EndpointPattern>();
            let _ = check_path(&text);
        }
    }
}
