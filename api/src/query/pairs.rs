//! A query string taken apart (WHATWG URL, `application/x-www-form-urlencoded`), strictly.

/// Most parameters of one query.
const MOST: usize = 128;

/// Why a query string cannot be taken apart.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadQuery {
    #[error("give at most {MOST} parameters")]
    TooMany,
    #[error("percent-encode parameters as UTF-8 (`%` and two hexadecimal digits)")]
    Encoding,
}

/// Names and values in the order they came, decoded; empty pieces between `&` are nothing.
pub(super) fn pairs(query: &str) -> Result<Vec<(String, String)>, BadQuery> {
    let pieces = query.split('&').filter(|piece| !piece.is_empty());
    let mut pairs = Vec::new();
    for piece in pieces {
        if MOST <= pairs.len() {
            return Err(BadQuery::TooMany);
        }
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        pairs.push((decode(name)?, decode(value)?));
    }
    Ok(pairs)
}

fn decode(text: &str) -> Result<String, BadQuery> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (digits, after) = rest.split_at_checked(2).ok_or(BadQuery::Encoding)?;
                bytes.push(hexadecimal(digits).ok_or(BadQuery::Encoding)?);
                rest = after;
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).map_err(|_| BadQuery::Encoding)
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    digits.iter().try_fold(0_u8, |value, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(value << 4 | u8::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn names_and_values_are_decoded() {
        let query = "q=a+b%20c&tag=x%26y%3D&empty=&bare&&%C3%A9=1=2";
        let expected = [("q", "a b c"), ("tag", "x&y="), ("empty", ""), ("bare", ""), ("é", "1=2")];
        assert_eq!(pairs(query).unwrap(), owned(&expected));
    }

    #[test]
    fn broken_encodings_are_refused() {
        for query in ["a=%", "a=%4", "a=%zz", "a=%+1", "a=%ff", "%e9=1"] {
            assert_eq!(pairs(query).unwrap_err(), BadQuery::Encoding, "{query}");
        }
    }

    #[test]
    fn the_number_of_parameters_is_bounded() {
        assert!(pairs(&"a=1&".repeat(MOST)).is_ok());
        assert_eq!(pairs(&"a=1&".repeat(MOST + 1)).unwrap_err(), BadQuery::TooMany);
    }
}
