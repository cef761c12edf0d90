//! The way from the root of a JSON text to where we are.

use std::fmt::Write as _;

/// A way into a JSON value, linked through the stack so that descending allocates nothing.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl Path<'_> {
    /// The way as a JSON Pointer (RFC 6901).
    pub(crate) fn pointer(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Root => {}
            Self::Key(parent, key) => {
                parent.write(text);
                push_key(text, key);
            }
            Self::Index(parent, index) => {
                parent.write(text);
                // Writing to a string cannot fail.
                let _ = write!(text, "/{index}");
            }
        }
    }
}

/// Appends one member's name to a pointer, escaped (RFC 6901 §3) and cut to a bearable length.
pub(crate) fn push_key(pointer: &mut String, key: &str) {
    const LONGEST_SHOWN: usize = 128;
    pointer.push('/');
    for letter in key.chars().take(LONGEST_SHOWN) {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_escapes_slash_and_tilde() {
        let root = Path::Root;
        let outer = Path::Key(&root, "a/b");
        let inner = Path::Index(&outer, 3);
        assert_eq!(Path::Key(&inner, "m~n").pointer(), "/a~1b/3/m~0n");
    }

    #[test]
    fn the_root_is_the_empty_pointer() {
        assert_eq!(Path::Root.pointer(), "");
    }
}
