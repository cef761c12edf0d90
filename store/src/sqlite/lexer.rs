//! Cuts SQL text into tokens, so that nothing inside quotes or comments is ever touched.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// White space or a comment.
    Blank,
    /// A string literal or a quoted identifier.
    Quoted,
    /// A keyword, an identifier or a number.
    Word,
    /// `$n`.
    Placeholder,
    /// Any other character.
    Mark,
}

/// A piece of the text; all tokens together are the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

impl Token<'_> {
    /// Whether this is the given keyword, in any case.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Mark) && self.text.eq_ignore_ascii_case(word)
    }
}

/// Cuts the whole text. Whatever is not closed reaches to the end.
pub(super) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = next(first, rest);
        let (text, after) = rest.split_at(length);
        found.push(Token { kind, text });
        rest = after;
    }
    found
}

fn next(first: char, rest: &str) -> (Kind, usize) {
    if rest.starts_with("--") {
        return (Kind::Blank, rest.find('\n').map_or(rest.len(), |at| at + 1));
    }
    if rest.starts_with("/*") {
        return (Kind::Blank, comment_length(rest));
    }
    match first {
        '\'' | '"' => (Kind::Quoted, quoted_length(first, rest)),
        '$' => dollar(rest),
        _ if first.is_whitespace() => (Kind::Blank, run(rest, char::is_whitespace)),
        _ if belongs_to_word(first) => (Kind::Word, run(rest, belongs_to_word)),
        _ => (Kind::Mark, first.len_utf8()),
    }
}

/// `$` and digits alone are a placeholder; `$1x` is none on either engine.
fn dollar(rest: &str) -> (Kind, usize) {
    let length = run(rest, belongs_to_word);
    let name = rest.get(1..length).unwrap_or_default();
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        (Kind::Placeholder, length)
    } else {
        (Kind::Word, length)
    }
}

/// SQLite and PostgreSQL both let `$` and every character beyond ASCII into an identifier.
fn belongs_to_word(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '_' || it == '$' || !(it.is_ascii() || it.is_whitespace())
}

fn run(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|it| !belongs(it)).unwrap_or(rest.len())
}

fn comment_length(rest: &str) -> usize {
    let body = rest.get(2..).unwrap_or_default();
    body.find("*/").map_or(rest.len(), |at| at + 4)
}

/// A doubled quote stands for one quote and does not close.
fn quoted_length(quote: char, rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, it)) = characters.next() {
        if it != quote {
            continue;
        }
        if characters.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kinds(sql: &str) -> Vec<(Kind, &str)> {
        tokens(sql).into_iter().map(|it| (it.kind, it.text)).filter(|(_, text)| *text != " ").collect()
    }

    #[test]
    fn a_doubled_quote_does_not_close() {
        assert_eq!(kinds("'it''s $1' $2"), [(Kind::Quoted, "'it''s $1'"), (Kind::Placeholder, "$2")]);
    }

    #[test]
    fn comments_are_blank() {
        assert_eq!(
            kinds("/* $1 */a--$2\nb"),
            [(Kind::Blank, "/* $1 */"), (Kind::Word, "a"), (Kind::Blank, "--$2\n"), (Kind::Word, "b"),]
        );
    }

    #[test]
    fn a_dollar_within_a_word_is_no_placeholder() {
        assert_eq!(kinds("a$1"), [(Kind::Word, "a$1")]);
        assert_eq!(kinds("$1x"), [(Kind::Word, "$1x")]);
        assert_eq!(kinds("-$1"), [(Kind::Mark, "-"), (Kind::Placeholder, "$1")]);
    }

    #[test]
    fn what_is_not_closed_reaches_to_the_end() {
        assert_eq!(kinds("'abc $1"), [(Kind::Quoted, "'abc $1")]);
        assert_eq!(kinds("/*/ $1"), [(Kind::Blank, "/*/ $1")]);
    }

    proptest! {
        #[test]
        fn all_tokens_together_are_the_text(sql in "([ -~]|\\PC|\n){0,80}") {
            let whole: String = tokens(&sql).iter().map(|it| it.text).collect();
            prop_assert_eq!(whole, sql);
        }
    }
}
