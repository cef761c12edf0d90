use std::collections::BTreeSet;

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
    /// When it was last used. Those that never were come after all, either way, by when they were issued.
    LastUsedAt,
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
    LastUsedAt(Timestamp),
    NeverUsed(Timestamp),
}

/// The columns that a list is sorted by, one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    CreatedAt,
    Name,
    ExpiresAt,
    /// Of those that were used.
    LastUsedAt,
    /// Of those that were not.
    NeverUsed,
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
    /// Those of them that are set apart: a fact about them could not be folded, and they are not current.
    pub parked: BTreeSet<TokenId>,
    /// Where the next page begins; nothing where this is the last.
    pub next: Option<Cursor>,
    /// The position that the list had reached at least.
    pub position: Position,
}

impl Cursor {
    /// The place right after that token, which was last used then.
    pub(super) fn after(token: &ListedToken, last_used_at: Option<Timestamp>, sort: Sort) -> Self {
        let name = || token.texts.as_ref().map(|it| search::fold(&it.name)).unwrap_or_default();
        let key = match (sort.key, last_used_at) {
            (SortKey::CreatedAt, _) => CursorKey::CreatedAt(token.created_at),
            (SortKey::Name, _) => CursorKey::Name(name()),
            (SortKey::ExpiresAt, _) => CursorKey::ExpiresAt(token.expires_at),
            (SortKey::LastUsedAt, Some(at)) => CursorKey::LastUsedAt(at),
            (SortKey::LastUsedAt, None) => CursorKey::NeverUsed(token.created_at),
        };
        Self { key, token: token.id }
    }

    /// The order that it was got in, and the value of the sort column there.
    fn place(&self) -> (Order, Value) {
        match &self.key {
            CursorKey::CreatedAt(at) => (Order::CreatedAt, at.micros().into()),
            CursorKey::Name(name) => (Order::Name, name.into()),
            CursorKey::ExpiresAt(at) => (Order::ExpiresAt, at.map_or(i64::MAX, Timestamp::micros).into()),
            CursorKey::LastUsedAt(at) => (Order::LastUsedAt, at.micros().into()),
            CursorKey::NeverUsed(at) => (Order::NeverUsed, at.micros().into()),
        }
    }
}

impl Sort {
    /// The parts of the list, each in an order of its own, from the cursor on; nothing where the cursor is not one of
    /// this order.
    pub(super) fn parts(self, after: Option<&Cursor>) -> Option<Vec<Order>> {
        let mut parts = match self.key {
            SortKey::CreatedAt => vec![Order::CreatedAt],
            SortKey::Name => vec![Order::Name],
            SortKey::ExpiresAt => vec![Order::ExpiresAt],
            SortKey::LastUsedAt => vec![Order::LastUsedAt, Order::NeverUsed],
        };
        if let Some((order, _)) = after.map(Cursor::place) {
            let begun = parts.iter().position(|it| *it == order)?;
            parts.drain(..begun);
        }
        Some(parts)
    }
}

impl Direction {
    const fn clause(self) -> &'static str {
        match self {
            Self::Ascending => "ASC",
            Self::Descending => "DESC",
        }
    }
}

impl Order {
    /// The column, and that of the id beside it in the same table, so that one index gives the order.
    const fn columns(self) -> (&'static str, &'static str) {
        match self {
            Self::CreatedAt | Self::NeverUsed => ("t.created_at", "t.id"),
            Self::Name => ("t.name_key", "t.id"),
            Self::ExpiresAt => ("t.expires_key", "t.id"),
            Self::LastUsedAt => ("u.last_used_at", "u.token"),
        }
    }

    /// The tables.
    pub(super) const fn tables(self, asks_for_uses: bool) -> &'static str {
        match self {
            Self::LastUsedAt => "token_usage.tokens AS u JOIN token_list.tokens AS t ON t.id = u.token",
            Self::NeverUsed => "token_list.tokens AS t LEFT JOIN token_usage.tokens AS u ON u.token = t.id",
            Self::CreatedAt | Self::Name | Self::ExpiresAt if asks_for_uses => {
                "token_list.tokens AS t LEFT JOIN token_usage.tokens AS u ON u.token = t.id"
            }
            Self::CreatedAt | Self::Name | Self::ExpiresAt => "token_list.tokens AS t",
        }
    }

    /// When a token was last used, where it is sorted by that.
    pub(super) const fn last_used_at(self) -> &'static str {
        match self {
            Self::LastUsedAt => "u.last_used_at",
            Self::CreatedAt | Self::Name | Self::ExpiresAt | Self::NeverUsed => "CAST(NULL AS BIGINT)",
        }
    }

    /// The condition that a token is in this part.
    pub(super) fn add(self, owner: Owner, conditions: &mut Conditions) {
        match self {
            Self::LastUsedAt => {
                // Follows from the token's owner, and tells the engine that the index of uses will do.
                let of_owner = owner.is("u.organization", conditions);
                conditions.add(of_owner);
                conditions.add("u.last_used_at IS NOT NULL");
            }
            Self::NeverUsed => conditions.add("u.last_used_at IS NULL"),
            Self::CreatedAt | Self::Name | Self::ExpiresAt => {}
        }
    }

    /// The condition that a token comes after the cursor, if that lies in this part.
    pub(super) fn add_after(self, cursor: &Cursor, direction: Direction, conditions: &mut Conditions) {
        let (order, value) = cursor.place();
        if order != self {
            return;
        }
        let (value, token) = (conditions.arg(value), conditions.arg(cursor.token.to_string()));
        let how = match direction {
            Direction::Ascending => ">",
            Direction::Descending => "<",
        };
        let (column, id) = self.columns();
        conditions.add(format!("({column}, {id}) {how} ({value}, {token})"));
    }

    /// The `ORDER BY` clause.
    pub(super) fn clause(self, direction: Direction) -> String {
        let ((column, id), way) = (self.columns(), direction.clause());
        format!(" ORDER BY {column} {way}, {id} {way}")
    }
}
