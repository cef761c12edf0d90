//! From the shared SQL text to SQLite's.
//!
//! | shared text | SQLite |
//! |---|---|
//! | `$n` | `?n`: to SQLite `$n` is a name, bound in order of appearance |
//! | BIGINT, BYTEA, BOOLEAN in CREATE TABLE and ALTER TABLE | INTEGER, BLOB, INTEGER |
//! | CREATE TABLE | … STRICT, so that a value of another type is refused as by PostgreSQL |
//! | CREATE INDEX name ON schema.table | CREATE INDEX schema.name ON table |

use super::lexer::{Kind, Token, tokens};
use crate::SqlError;

/// A statement as SQLite takes it, and what is known of it without asking SQLite.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Translated {
    /// The text for SQLite.
    pub(crate) sql: String,
    /// Whether it may change the database.
    pub(crate) writes: bool,
    /// Whether it inserts, updates or deletes rows.
    pub(crate) changes_rows: bool,
    /// The words that stand before a full stop: schemas, tables, aliases; each once.
    pub(crate) qualifiers: Vec<String>,
}

/// Translates one statement.
///
/// # Errors
/// When the text holds no statement, or more than one.
pub(crate) fn translate(sql: &str) -> Result<Translated, SqlError> {
    let mut text = tokens(sql);
    drop_terminator(&mut text)?;
    let qualifiers = qualifiers(&text);
    let changes_rows = mentions(&text, &["INSERT", "UPDATE", "DELETE"]);
    let writes = changes_rows || !starts_with_any(&text, &["SELECT", "WITH", "VALUES", "EXPLAIN"]);
    let sql = match leading_words(&text) {
        ["CREATE", "TABLE"] => with_types(&text) + "\nSTRICT",
        ["ALTER", "TABLE"] => with_types(&text),
        ["CREATE", "INDEX" | "UNIQUE"] => render(&with_qualified_index(&text)),
        _ => render(&text),
    };
    Ok(Translated { sql, writes, changes_rows, qualifiers })
}

fn significant<'a, 'b>(text: &'b [Token<'a>]) -> impl Iterator<Item = &'b Token<'a>> {
    text.iter().filter(|it| it.kind != Kind::Blank)
}

/// Removes a closing semicolon, and what is blank behind it.
fn drop_terminator(text: &mut Vec<Token<'_>>) -> Result<(), SqlError> {
    if let Some(end) = text.iter().position(|it| it.is(";")) {
        let behind = text.split_off(end);
        if significant(&behind).any(|it| !it.is(";")) {
            return Err(SqlError::refused("the text holds more than one statement"));
        }
    }
    if significant(text).next().is_none() {
        return Err(SqlError::refused("the text holds no statement"));
    }
    Ok(())
}

fn mentions(text: &[Token<'_>], words: &[&str]) -> bool {
    text.iter().any(|it| words.iter().any(|word| it.is(word)))
}

fn starts_with_any(text: &[Token<'_>], words: &[&str]) -> bool {
    significant(text).find(|it| !it.is("(")).is_some_and(|first| words.iter().any(|word| first.is(word)))
}

/// The first two words, where they are ones that matter here.
fn leading_words(text: &[Token<'_>]) -> [&'static str; 2] {
    const KNOWN: [&str; 5] = ["CREATE", "ALTER", "TABLE", "INDEX", "UNIQUE"];
    let mut words = significant(text).map(|token| KNOWN.into_iter().find(|it| token.is(it)));
    let mut next = || words.next().flatten().unwrap_or_default();
    [next(), next()]
}

fn qualifiers(text: &[Token<'_>]) -> Vec<String> {
    let words: Vec<_> = significant(text).collect();
    let mut found: Vec<String> = Vec::new();
    for pair in words.windows(2) {
        let [name, mark] = pair else { continue };
        if name.kind == Kind::Word && mark.is(".") && !found.iter().any(|it| it == name.text) {
            found.push(name.text.to_owned());
        }
    }
    found
}

fn render(text: &[Token<'_>]) -> String {
    text.iter().map(placeholder).collect()
}

fn placeholder(token: &Token<'_>) -> String {
    match token.kind {
        Kind::Placeholder => token.text.replacen('$', "?", 1),
        Kind::Blank | Kind::Quoted | Kind::Word | Kind::Mark => token.text.to_owned(),
    }
}

fn with_types(text: &[Token<'_>]) -> String {
    text.iter()
        .map(|token| match token {
            it if it.is("BIGINT") || it.is("BOOLEAN") => "INTEGER".to_owned(),
            it if it.is("BYTEA") => "BLOB".to_owned(),
            it => placeholder(it),
        })
        .collect()
}

/// Moves the schema from the table, where PostgreSQL wants it, to the index, where SQLite does.
fn with_qualified_index<'a>(text: &[Token<'a>]) -> Vec<Token<'a>> {
    let places: Vec<usize> =
        (0..text.len()).filter(|at| text.get(*at).is_some_and(|it| it.kind != Kind::Blank)).collect();
    let token = |place: usize| places.get(place).and_then(|at| text.get(*at));
    let is = |place: usize, word: &str| token(place).is_some_and(|it| it.is(word));
    let Some(on) = (1..places.len()).find(|place| is(*place, "ON")) else {
        return text.to_vec();
    };
    let (Some(schema), true) = (token(on + 1), is(on + 2, ".")) else {
        return text.to_vec();
    };
    let at = |place: usize| places.get(place).copied().unwrap_or(usize::MAX);
    let (name, moved) = (at(on - 1), at(on + 1)..=at(on + 2));
    let dot = Token { kind: Kind::Mark, text: "." };
    let mut result = Vec::with_capacity(text.len() + 2);
    for (index, token) in text.iter().enumerate() {
        if index == name {
            result.extend([*schema, dot]);
        }
        if !moved.contains(&index) {
            result.push(*token);
        }
    }
    result
}

#[cfg(test)]
mod tests;
