use domain::ids::TokenId;
use domain::time::Timestamp;
use eventlog::Position;
use serde::{Deserialize, Serialize};
use store::Value;

use super::{ListedToken, Owner, TokenFilter};
use crate::runner::Conditions;
use crate::search;

/// What the list is sorted by. Those that are the same are sorted by id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SortKey {
    /// When it was issued.
    CreatedAt,
    /// Its name, capital and small letters being the same; an erased name comes before all.
    Name,
    /// When it expires; one that never does comes after all.
    ExpiresAt,
}

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// An order of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Which way.
    pub direction: Direction,
}

impl Default for Sort {
    /// The newest first.
    fn default() -> Self {
        Self { key: SortKey::CreatedAt, direction: Direction::Descending }
    }
}

/// A place in the list, right after a token: the next page begins there, whatever was issued meanwhile.
/// It belongs to the order that it was got in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cursor {
    /// What the token is sorted by.
    key: CursorKey,
    /// The token.
    token: TokenId,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CursorKey {
    CreatedAt(Timestamp),
    Name(String),
    ExpiresAt(Option<Timestamp>),
}

/// A question to the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenQuery {
    /// Whose tokens.
    pub owner: Owner,
    /// Which of them.
    pub filter: TokenFilter,
    /// In which order.
    pub sort: Sort,
    /// Where the page begins; nothing: at the first token.
    pub after: Option<Cursor>,
    /// The most tokens, at least 1.
    pub limit: usize,
    /// The time of day that statuses are computed with.
    pub now: Timestamp,
}

/// A page of the list.
#[derive(Clone, PartialEq, Debug)]
pub struct TokenPage {
    /// The tokens, in the order asked for.
    pub tokens: Vec<ListedToken>,
    /// Where the next page begins; nothing where this is the last.
    pub next: Option<Cursor>,
    /// The position that the list had reached at least.
    pub position: Position,
}

impl Cursor {
    /// The place right after that token.
    pub(super) fn after(token: &ListedToken, sort: Sort) -> Self {
        let key = match sort.key {
            SortKey::CreatedAt => CursorKey::CreatedAt(token.created_at),
            SortKey::Name => {
                CursorKey::Name(token.texts.as_ref().map(|it| search::fold(&it.name)).unwrap_or_default())
            }
            SortKey::ExpiresAt => CursorKey::ExpiresAt(token.expires_at),
        };
        Self { key, token: token.id }
    }

    /// The value of the sort column there, if the cursor is one of that order.
    fn value(&self, sort: Sort) -> Option<Value> {
        match (&self.key, sort.key) {
            (CursorKey::CreatedAt(at), SortKey::CreatedAt) => Some(at.micros().into()),
            (CursorKey::Name(name), SortKey::Name) => Some(name.into()),
            (CursorKey::ExpiresAt(at), SortKey::ExpiresAt) => {
                Some(at.map_or(i64::MAX, Timestamp::micros).into())
            }
            (CursorKey::CreatedAt(_) | CursorKey::Name(_) | CursorKey::ExpiresAt(_), _) => None,
        }
    }
}

impl Sort {
    const fn column(self) -> &'static str {
        match self.key {
            SortKey::CreatedAt => "t.created_at",
            SortKey::Name => "t.name_key",
            SortKey::ExpiresAt => "t.expires_key",
        }
    }

    /// The `ORDER BY` clause.
    pub(super) fn clause(self) -> String {
        let way = match self.direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        format!(" ORDER BY {} {way}, t.id {way}", self.column())
    }

    /// The condition that a token comes after the cursor; nothing where it is not one of this order.
    pub(super) fn add(self, cursor: &Cursor, conditions: &mut Conditions) -> Option<()> {
        let value = conditions.arg(cursor.value(self)?);
        let token = conditions.arg(cursor.token.to_string());
        let how = match self.direction {
            Direction::Ascending => ">",
            Direction::Descending => "<",
        };
        conditions.add(format!("({}, t.id) {how} ({value}, {token})", self.column()));
        Some(())
    }
}
