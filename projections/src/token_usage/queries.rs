use std::collections::BTreeMap;
use std::net::IpAddr;

use domain::ids::TokenId;
use domain::secret::SecretId;
use domain::time::Timestamp;
use schemas::usage::Outcome;

use super::secret_row::SecretRow;
use super::{LastUse, UsedToken};
use crate::runner::{Conditions, QueryError, Record, View};

/// What a token was used for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Used {
    /// Decisions, refusals among them.
    pub calls: u64,
    /// Refusals by outcome.
    pub refused: BTreeMap<Outcome, u64>,
    /// The last use.
    pub last: Option<UsedAt>,
    /// The secret versions that were asked about.
    pub secrets: BTreeMap<SecretId, UsedSecret>,
}

/// When and where from something was used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UsedAt {
    /// When.
    pub at: Timestamp,
    /// Where from; nothing where that was not said, or is erased.
    pub ip: Option<IpAddr>,
}

/// A secret version's last use; nothing where it never was accepted.
pub type UsedSecret = Option<UsedAt>;

/// What is asked of the uses of tokens.
#[derive(Clone)]
pub struct TokenUsageQueries {
    view: View,
}

impl TokenUsageQueries {
    /// Over the view of [`TokenUsage`](super::TokenUsage).
    pub fn new(view: View) -> Self {
        Self { view }
    }

    /// The view, to be waited for.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// What these tokens were used for. One that was never asked about is not in the answer.
    ///
    /// # Errors
    /// When the view cannot be read.
    pub async fn of(&self, tokens: &[TokenId]) -> Result<BTreeMap<TokenId, Used>, QueryError> {
        if tokens.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows: Vec<UsedToken> = self.rows(tokens).await?;
        let mut used: BTreeMap<TokenId, Used> = rows.into_iter().map(|it| (it.token, it.into())).collect();
        for row in self.rows::<SecretRow>(tokens).await? {
            if let Some(used) = used.get_mut(&row.token) {
                used.secrets.insert(row.secret, row.last_use.map(Into::into));
            }
        }
        Ok(used)
    }

    /// The rows of a table that concern these tokens.
    async fn rows<R: Record>(&self, tokens: &[TokenId]) -> Result<Vec<R>, QueryError> {
        let mut conditions = Conditions::default();
        conditions.one_of("token", tokens.iter().map(ToString::to_string));
        let (clause, args) = conditions.finish();
        let (columns, table) = (R::TABLE.columns.join(", "), R::TABLE.name);
        let rows =
            self.view.query(&format!("SELECT {columns} FROM token_usage.{table}{clause}"), args).await?;
        self.view.read(&rows, R::from_row)
    }
}

impl From<UsedToken> for Used {
    fn from(row: UsedToken) -> Self {
        Self {
            calls: row.tally.calls,
            refused: row.tally.refused.into_iter().map(|(it, calls)| (Outcome(it), calls)).collect(),
            last: row.tally.last_use.map(Into::into),
            secrets: BTreeMap::new(),
        }
    }
}

impl From<LastUse> for UsedAt {
    fn from(last: LastUse) -> Self {
        Self { at: last.at, ip: last.address }
    }
}
