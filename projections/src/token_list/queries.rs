use domain::ids::TokenId;
use domain::time::Timestamp;
use store::{Row, SqlError, Value};

use super::columns::{READ, TOKENS};
use super::page::Order;
use super::{Cursor, ListedToken, Owner, TokenPage, TokenQuery};
use crate::runner::{Conditions, Key, QueryError, Record, View, columns};

/// Why the list was not answered.
#[derive(Debug, thiserror::Error)]
pub enum TokenListError {
    /// The cursor was got in another order.
    #[error("the cursor belongs to another order")]
    ForeignCursor,
    /// The view cannot be read.
    #[error(transparent)]
    Query(#[from] QueryError),
}

/// What is asked of the list of tokens.
#[derive(Clone)]
pub struct TokenQueries {
    view: View,
}

impl TokenQueries {
    /// Over the view of [`TokenList`](super::TokenList).
    pub fn new(view: View) -> Self {
        Self { view }
    }

    /// The view, to be waited for.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// A page of the tokens that are asked for.
    ///
    /// # Errors
    /// When the cursor belongs to another order, or a view that the question needs cannot be read.
    pub async fn page(&self, query: &TokenQuery) -> Result<TokenPage, TokenListError> {
        let TokenQuery { sort, after, limit, .. } = query;
        let position = self.view.handle().position();
        let parts = sort.parts(after.as_ref()).ok_or(TokenListError::ForeignCursor)?;
        // One more than wanted says whether there is a next page.
        let wanted = limit.saturating_add(1);
        let mut found: Vec<Found> = Vec::new();
        for order in parts {
            let lacking = wanted.saturating_sub(found.len());
            if 0 < lacking {
                found.extend(self.part(query, order, lacking).await?);
            }
        }
        let is_last = found.len() <= *limit;
        found.truncate(*limit);
        let next =
            found.last().filter(|_| !is_last).map(|it| Cursor::after(&it.token, it.last_used_at, *sort));
        let parked = found.iter().filter(|it| it.is_parked).map(|it| it.token.id).collect();
        Ok(TokenPage { tokens: found.into_iter().map(|it| it.token).collect(), parked, next, position })
    }

    /// The first tokens of a part of the list, from the cursor on.
    async fn part(&self, query: &TokenQuery, order: Order, limit: usize) -> Result<Vec<Found>, QueryError> {
        let (sql, args) = statement(query, order, limit);
        let rows = self.view.query(&sql, args).await?;
        self.view.read(&rows, Found::from_row)
    }

    /// The token of that id, if that owner has one.
    ///
    /// # Errors
    /// When the view cannot be read.
    pub async fn find(&self, owner: Owner, token: TokenId) -> Result<Option<ListedToken>, QueryError> {
        Ok(self.look_up(owner, token).await?.map(|(it, _)| it))
    }

    /// The same, and whether it is set apart: then it is not current.
    ///
    /// # Errors
    /// When the view cannot be read, or a token that is set apart has no row.
    pub async fn look_up(
        &self,
        owner: Owner,
        token: TokenId,
    ) -> Result<Option<(ListedToken, bool)>, QueryError> {
        let mut conditions = Conditions::default();
        conditions.compare("t.id", "=", token.to_string());
        owner.add(&mut conditions);
        let (clause, args) = conditions.finish();
        let sql = format!("SELECT {}, {PARKED_SINCE} FROM token_list.tokens AS t{clause}", selected(owner));
        let rows = self.view.query(&sql, args).await?;
        let read = |row: &Row| Ok((ListedToken::from_row(row)?, row.optional_int(READ)?.is_some()));
        let found = self.view.read(&rows, read)?.pop();
        let key = Key::of::<ListedToken>(token.to_string());
        if found.is_none() && self.view.parked().is_some() && self.view.sets_apart(&key).await? {
            return Err(QueryError::SetApart);
        }
        Ok(found)
    }
}

/// Since when a token is set apart: nothing where it is not.
const PARKED_SINCE: &str =
    "(SELECT p.since FROM token_list.parked_keys AS p WHERE p.id = 'tokens ' || t.id) AS parked_since";

/// A token, and when it was last used where the list is sorted by that.
struct Found {
    token: ListedToken,
    last_used_at: Option<Timestamp>,
    /// Whether it is set apart.
    is_parked: bool,
}

impl Found {
    fn from_row(row: &Row) -> Result<Self, SqlError> {
        let last_used_at = columns::optional_instant(row, READ)?;
        let is_parked = row.optional_int(READ + 1)?.is_some();
        Ok(Self { token: ListedToken::from_row(row)?, last_used_at, is_parked })
    }
}

/// The statement that finds the first tokens of a part of the list, from the cursor on.
pub(super) fn statement(query: &TokenQuery, order: Order, limit: usize) -> (String, Vec<Value>) {
    let TokenQuery { owner, filter, sort, after, now, .. } = query;
    let mut conditions = Conditions::default();
    owner.add(&mut conditions);
    order.add(*owner, &mut conditions);
    filter.add(*owner, *now, &mut conditions);
    if let Some(cursor) = after {
        order.add_after(cursor, sort.direction, &mut conditions);
    }
    let bound = conditions.arg(limit as u64);
    let (clause, args) = conditions.finish();
    let (columns, used) = (selected(*owner), order.last_used_at());
    let (tables, by) = (order.tables(filter.asks_for_uses()), order.clause(sort.direction));
    (format!("SELECT {columns}, {used}, {PARKED_SINCE} FROM {tables}{clause}{by} LIMIT {bound}"), args)
}

/// The columns that a token is read from, in their order.
fn selected(owner: Owner) -> String {
    let columns = TOKENS.columns.iter().take(READ).map(|column| match *column {
        "revoked_at" => format!("{} AS revoked_at", owner.revoked_at()),
        column => format!("t.{column}"),
    });
    columns.collect::<Vec<_>>().join(", ")
}
