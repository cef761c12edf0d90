//! Quoted fields of an access log: where they end, and what they say.
//!
//! Apache writes `"` and `\` with a backslash before them, control characters as `\n`, `\t` and the like, and all
//! other bytes that cannot be printed as `\xhh` (`ap_escape_logitem`; Apache's documentation of `mod_log_config`,
//! "Format Notes").

/// A quoted field and what follows it; `closed` is false where the line ends within the field.
pub(super) struct Quoted<'l> {
    pub(super) raw: &'l [u8],
    pub(super) closed: bool,
    pub(super) rest: &'l [u8],
}

/// Splits a field off a text that begins behind the opening quote.
pub(super) fn quoted(text: &[u8]) -> Quoted<'_> {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'"' if !escaped => {
                let (raw, rest) = text.split_at(at);
                return Quoted { raw, closed: true, rest: rest.get(1..).unwrap_or_default() };
            }
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    Quoted { raw: text, closed: false, rest: &[] }
}

/// What a field says. Bytes that are no UTF-8 become U+FFFD: they were sent, but no text can hold them.
pub(super) fn unescape(raw: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let [first, tail @ ..] = rest {
        let (byte, left) = if *first == b'\\' { escape(tail) } else { (*first, tail) };
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The byte that stands behind a backslash, and what follows it. A backslash that begins nothing stands for itself.
fn escape(tail: &[u8]) -> (u8, &[u8]) {
    match tail {
        [b'x', high, low, rest @ ..] => match (digit(*high), digit(*low)) {
            (Some(high), Some(low)) => (high * 16 + low, rest),
            _ => (b'\\', tail),
        },
        [it @ (b'"' | b'\\'), rest @ ..] => (*it, rest),
        [b'n', rest @ ..] => (b'\n', rest),
        [b't', rest @ ..] => (b'\t', rest),
        [b'r', rest @ ..] => (b'\r', rest),
        [b'b', rest @ ..] => (0x08, rest),
        [b'v', rest @ ..] => (0x0b, rest),
        [b'f', rest @ ..] => (0x0c, rest),
        _ => (b'\\', tail),
    }
}

fn digit(byte: u8) -> Option<u8> {
    let value = char::from(byte).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_quote_ends_no_field() {
        let field = quoted(br#"a \"b\" c" 7"#);
        assert_eq!((field.raw, field.closed, field.rest), (&br#"a \"b\" c"#[..], true, &b" 7"[..]));
        let field = quoted(br#"ends with a backslash\\" 7"#);
        assert_eq!((field.raw, field.closed), (&br"ends with a backslash\\"[..], true));
        let field = quoted(br#"never ends\""#);
        assert_eq!((field.raw, field.closed, field.rest), (&br#"never ends\""#[..], false, &b""[..]));
    }

    #[test]
    fn escapes_say_what_was_sent() {
        assert_eq!(unescape(br#"\"a\\b\"\t\xc3\xa4"#), "\"a\\b\"\tä");
        assert_eq!(unescape(br"\xff \xzz \q \"), "\u{fffd} \\xzz \\q \\");
        assert_eq!(unescape(b"\xff\xfe raw"), "\u{fffd}\u{fffd} raw");
    }
}
