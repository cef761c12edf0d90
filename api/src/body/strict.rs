//! JSON read more strictly than the grammar of RFC 8259 asks.
//!
//! Duplicate keys, numbers that are not whole or not in 64 bits, and texts, arrays and objects
//! beyond the limits are faults, found at any depth and all at once. Nesting beyond 32 ends the
//! reading at once, so that memory and stack stay bounded whatever is sent.

use serde::de::DeserializeSeed as _;
use serde_json::Value;

use node::{Node, Notes};

use super::path::Path;
use crate::problem::FieldFault;

mod node;

/// How deep arrays and objects may be nested; the outermost counts as 1.
pub const MAX_DEPTH: usize = 32;
/// Longest text, in bytes of UTF-8, of a value or of a key, unless the operation takes longer ones.
pub const MAX_STRING_BYTES: usize = 4 * 1024;
/// Most items of one array.
pub const MAX_ITEMS: usize = 1_000;
/// Most keys of one object.
pub const MAX_KEYS: usize = 256;
/// Most faults that one answer lists.
pub const MAX_FAULTS: usize = 100;

/// A text that is JSON, with what is wrong with it nevertheless.
#[derive(Debug)]
pub struct Strict {
    /// The value; where a fault was found it holds `null` or less than was sent.
    pub value: Value,
    /// Faults in the order of the text, at most [`MAX_FAULTS`].
    pub faults: Vec<FieldFault>,
}

/// Why a text could not be read to its end.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON.
    #[error("{reason} at line {line}, column {column}")]
    Malformed {
        /// Line where reading stopped, from 1.
        line: usize,
        /// Column where reading stopped, from 1; 0 is the end of the line before.
        column: usize,
        /// What was expected.
        reason: String,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested more than {MAX_DEPTH} deep at `{pointer}`")]
    TooDeep {
        /// Where the limit was passed.
        pointer: String,
    },
}

/// Reads one JSON text, whole, in which texts are at most `longest` bytes long.
///
/// # Errors
/// When the text is not JSON, has more than one value, or is nested too deeply.
pub fn parse(text: &[u8], longest: usize) -> Result<Strict, Unreadable> {
    let notes = Notes { longest, ..Notes::default() };
    let mut source = serde_json::Deserializer::from_slice(text);
    let node = Node { path: Path::Root, depth: 0, notes: &notes };
    let read = node.deserialize(&mut source).and_then(|value| source.end().map(|()| value));
    match read {
        Ok(value) => Ok(Strict { value, faults: notes.faults.into_inner() }),
        Err(error) => Err(unreadable(&error, notes.too_deep.take())),
    }
}

fn unreadable(error: &serde_json::Error, too_deep: Option<String>) -> Unreadable {
    if let Some(pointer) = too_deep {
        return Unreadable::TooDeep { pointer };
    }
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default().to_owned();
    Unreadable::Malformed { line: error.line(), column: error.column(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &[u8]) -> Result<Strict, Unreadable> {
        super::parse(text, MAX_STRING_BYTES)
    }

    fn faults(text: &str) -> Vec<(String, &'static str)> {
        let strict = parse(text.as_bytes()).unwrap();
        strict.faults.into_iter().map(|fault| (fault.pointer, fault.code.text())).collect()
    }

    fn nested(depth: usize) -> String {
        format!("{}{}", "[".repeat(depth), "]".repeat(depth))
    }

    #[test]
    fn a_clean_text_reads_as_the_same_value() {
        let text = r#"{"a":[1,-2,true,null,"\u00e9"],"b":{}}"#;
        let strict = parse(text.as_bytes()).unwrap();
        assert_eq!(strict.value, serde_json::from_str::<Value>(text).unwrap());
        assert!(strict.faults.is_empty());
    }

    #[test]
    fn duplicate_keys_are_found_at_any_depth_and_under_any_spelling() {
        let text = r#"{"a":{"x":1,"\u0078":2},"b":[{"y":1,"y":2,"y":3}],"a":0}"#;
        let found = faults(text);
        let expected = [("/a/x", "duplicate_key"), ("/b/0/y", "duplicate_key"), ("/a", "duplicate_key")];
        assert_eq!(found, expected.map(|(at, code)| (at.to_owned(), code)));
    }

    #[test]
    fn thirty_two_levels_are_read_and_one_more_is_not() {
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        let pointer = "/0".repeat(MAX_DEPTH);
        assert_eq!(parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err(), Unreadable::TooDeep { pointer });
    }

    #[test]
    fn a_million_brackets_end_at_the_limit() {
        let bomb = "[".repeat(1_000_000);
        assert!(matches!(parse(bomb.as_bytes()), Err(Unreadable::TooDeep { .. })));
    }

    #[test]
    fn numbers_are_whole_and_fit_64_bits() {
        let text = r"[9223372036854775807,-9223372036854775808,9223372036854775808,1.5,1e3,-1e30]";
        let found = faults(text);
        let expected =
            [("/2", "out_of_range"), ("/3", "wrong_type"), ("/4", "wrong_type"), ("/5", "out_of_range")];
        assert_eq!(found, expected.map(|(at, code)| (at.to_owned(), code)));
    }

    #[test]
    fn long_texts_arrays_and_objects_are_faults_and_not_the_end_of_reading() {
        let text = "x".repeat(MAX_STRING_BYTES + 1);
        let items = vec!["1"; MAX_ITEMS + 1].join(",");
        let keys = (0..=MAX_KEYS).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(",");
        let found = faults(&format!(r#"{{"t":"{text}","a":[{items}],"o":{{{keys}}},"n":0.5}}"#));
        let expected = [("/t", "too_long"), ("/a", "too_long"), ("/o", "too_long"), ("/n", "wrong_type")];
        assert_eq!(found, expected.map(|(at, code)| (at.to_owned(), code)));
    }

    #[test]
    fn the_list_of_faults_is_bounded() {
        let many = vec!["0.5"; MAX_FAULTS * 2].join(",");
        assert_eq!(faults(&format!("[{many}]")).len(), MAX_FAULTS);
    }

    #[test]
    fn what_is_not_json_says_where() {
        let error = parse(b"{\n  \"a\": 1,\n}").unwrap_err();
        insta::assert_snapshot!(error, @"trailing comma at line 3, column 1");
        let error = parse(b"{} {}").unwrap_err();
        insta::assert_snapshot!(error, @"trailing characters at line 1, column 4");
        let error = parse(b"").unwrap_err();
        insta::assert_snapshot!(error, @"EOF while parsing a value at line 1, column 0");
    }

    #[test]
    fn text_that_is_not_utf_8_is_not_json() {
        assert!(matches!(parse(b"\"\xff\""), Err(Unreadable::Malformed { .. })));
    }
}
