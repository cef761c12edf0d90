use domain::ids::TokenId;
use domain::secret::SecretId;
use store::Value;

use super::columns::{EVENTS, READ};
use super::{AuditEvent, AuditPage, AuditQuery, Sight};
use crate::runner::{Conditions, QueryError, Record, View, columns};

/// What is asked of the audit.
#[derive(Clone)]
pub struct AuditQueries {
    view: View,
}

impl AuditQueries {
    /// Over the view of [`Audit`](super::Audit).
    pub fn new(view: View) -> Self {
        Self { view }
    }

    /// The view, to be waited for.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The token that a secret is of, if one has it.
    ///
    /// # Errors
    /// When the view cannot be read.
    pub async fn token_of(&self, secret: SecretId) -> Result<Option<TokenId>, QueryError> {
        let sql = "SELECT s.token FROM audit.secrets AS s WHERE s.id = $1";
        let rows = self.view.query(sql, vec![secret.to_string().into()]).await?;
        Ok(self.view.read(&rows, |row| columns::parsed(row, 0))?.pop())
    }

    /// A page of the facts that are asked for, as the reader may see them.
    ///
    /// # Errors
    /// When the view cannot be read.
    pub async fn search(&self, query: &AuditQuery) -> Result<AuditPage, QueryError> {
        let position = self.view.handle().position();
        let (sql, args) = statement(query);
        let rows = self.view.query(&sql, args).await?;
        let mut events = self.view.read(&rows, AuditEvent::from_row)?;
        let is_last = events.len() <= query.limit;
        events.truncate(query.limit);
        let next = events.last().filter(|_| !is_last).map(|it| query.walk.on_from(it.position));
        if query.sight == Sight::WithoutPersonal {
            events = events.into_iter().map(AuditEvent::without_personal).collect();
        }
        Ok(AuditPage { events, next, position })
    }
}

/// The statement that answers a question. It asks for one event more than wanted, which says whether there
/// is a next page.
pub(super) fn statement(query: &AuditQuery) -> (String, Vec<Value>) {
    let AuditQuery { reach, filter, sight, walk, limit } = query;
    let mut conditions = Conditions::default();
    reach.add(&mut conditions);
    filter.add(*sight, &mut conditions);
    if let Some((how, bound)) = walk.bound() {
        conditions.compare("e.position", how, bound.0);
    }
    let bound = conditions.arg(limit.saturating_add(1) as u64);
    let (clause, args) = conditions.finish();
    let (columns, order) = (selected(), walk.clause());
    (format!("SELECT {columns} FROM audit.events AS e{clause}{order} LIMIT {bound}"), args)
}

/// The columns that an event is read from, in their order.
fn selected() -> String {
    let columns = EVENTS.columns.iter().take(READ).map(|column| format!("e.{column}"));
    columns.collect::<Vec<_>>().join(", ")
}
