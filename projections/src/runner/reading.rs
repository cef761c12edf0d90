//! How queries read a view.

use std::sync::Arc;

use store::{Row, Sql, SqlError, Value, Views};

use super::{Doubt, Handle, Key, chain};

/// Why a query was not answered.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// No build of the view is published yet, or none any more, or an older version that cannot be read so.
    #[error("the view is being built")]
    BeingBuilt,
    /// What is asked for is set apart: a fact about it could not be folded, and there is no row that shows it.
    #[error("what is asked for is set apart: a fact about it could not be folded")]
    SetApart,
    /// The view cannot be read now.
    #[error("the view cannot be read")]
    Sql(#[source] SqlError),
}

impl From<SqlError> for QueryError {
    fn from(err: SqlError) -> Self {
        if matches!(err, SqlError::Unpublished { .. }) { Self::BeingBuilt } else { Self::Sql(err) }
    }
}

/// A view as its queries see it.
#[derive(Clone)]
pub struct View {
    sql: Arc<dyn Sql>,
    handle: Handle,
}

impl View {
    /// What that projection has published.
    pub fn new(views: &dyn Views, handle: Handle) -> Self {
        Self { sql: views.reader(), handle }
    }

    /// The running projection, to be waited for.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Whether an older version is served until the one of this program is there. Its rows are read as far as this
    /// program can; that it cannot is no damage.
    fn is_older(&self) -> bool {
        self.handle.serves_older()
    }

    /// How many keys are set apart; nothing where none is.
    pub fn parked(&self) -> Option<u64> {
        Some(self.handle.status().parked).filter(|it| 0 < *it)
    }

    /// Whether that key is set apart.
    pub(crate) async fn sets_apart(&self, key: &Key) -> Result<bool, QueryError> {
        let name = self.handle.status().name;
        let sql = format!("SELECT since FROM {name}.parked_keys WHERE id = $1");
        Ok(!self.query(&sql, vec![key.to_string().into()]).await?.is_empty())
    }

    /// Runs one query, and has the view mended where it meets damage.
    pub(crate) async fn query(&self, sql: &str, args: Vec<Value>) -> Result<Vec<Row>, QueryError> {
        let answer = self.sql.query(sql, args).await;
        if matches!(answer, Err(SqlError::Refused { .. })) && self.is_older() {
            return Err(QueryError::BeingBuilt);
        }
        if let Err(err @ SqlError::Corrupt { .. }) = &answer {
            self.handle.distrust(Doubt::Damage(chain(err)));
        }
        Ok(answer?)
    }

    /// Reads rows as what they are, and has the view mended where one is something else.
    pub(crate) fn read<T>(
        &self,
        rows: &[Row],
        read: impl Fn(&Row) -> Result<T, SqlError>,
    ) -> Result<Vec<T>, QueryError> {
        let read: Result<Vec<T>, SqlError> = rows.iter().map(read).collect();
        if read.is_err() && self.is_older() {
            return Err(QueryError::BeingBuilt);
        }
        if let Err(err) = &read {
            self.handle.distrust(Doubt::Row(chain(err)));
        }
        Ok(read?)
    }
}
