use domain::ids::TokenId;

use super::columns::{READ, TOKENS};
use super::{Cursor, ListedToken, Owner, TokenPage, TokenQuery};
use crate::runner::{Conditions, QueryError, Record, View};

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
    /// When the cursor belongs to another order, or the view cannot be read.
    pub async fn page(&self, query: &TokenQuery) -> Result<TokenPage, TokenListError> {
        let TokenQuery { owner, filter, sort, after, limit, now } = query;
        let position = self.view.handle().position();
        let mut conditions = Conditions::default();
        owner.add(&mut conditions);
        filter.add(*owner, *now, &mut conditions);
        if let Some(cursor) = after {
            sort.add(cursor, &mut conditions).ok_or(TokenListError::ForeignCursor)?;
        }
        // One more than wanted says whether there is a next page.
        let bound = conditions.arg(limit.saturating_add(1) as u64);
        let ending = format!("{} LIMIT {bound}", sort.clause());
        let mut tokens = self.select(*owner, conditions, &ending).await?;
        let is_last = tokens.len() <= *limit;
        tokens.truncate(*limit);
        let next = tokens.last().filter(|_| !is_last).map(|it| Cursor::after(it, *sort));
        Ok(TokenPage { tokens, next, position })
    }

    /// The token of that id, if that owner has one.
    ///
    /// # Errors
    /// When the view cannot be read.
    pub async fn find(&self, owner: Owner, token: TokenId) -> Result<Option<ListedToken>, QueryError> {
        let mut conditions = Conditions::default();
        conditions.compare("t.id", "=", token.to_string());
        owner.add(&mut conditions);
        Ok(self.select(owner, conditions, "").await?.pop())
    }

    async fn select(
        &self,
        owner: Owner,
        conditions: Conditions,
        ending: &str,
    ) -> Result<Vec<ListedToken>, QueryError> {
        let (clause, args) = conditions.finish();
        let columns = selected(owner);
        let sql = format!("SELECT {columns} FROM token_list.tokens AS t{clause}{ending}");
        let rows = self.view.query(&sql, args).await?;
        self.view.read(&rows, ListedToken::from_row)
    }
}

/// The columns that a token is read from, in their order.
fn selected(owner: Owner) -> String {
    let columns = TOKENS.columns.iter().take(READ).map(|column| match *column {
        "revoked_at" => format!("{} AS revoked_at", owner.revoked_at()),
        column => format!("t.{column}"),
    });
    columns.collect::<Vec<_>>().join(", ")
}
