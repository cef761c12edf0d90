use super::columns::{EVENTS, READ};
use super::{AuditEvent, AuditPage, AuditQuery};
use crate::runner::{Conditions, QueryError, Record, View};

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

    /// A page of the facts that are asked for.
    ///
    /// # Errors
    /// When the view cannot be read.
    pub async fn search(&self, query: &AuditQuery) -> Result<AuditPage, QueryError> {
        let AuditQuery { reach, filter, walk, limit } = query;
        let position = self.view.handle().position();
        let mut conditions = Conditions::default();
        reach.add(&mut conditions);
        filter.add(&mut conditions);
        if let Some((how, bound)) = walk.bound() {
            conditions.compare("e.position", how, bound.0);
        }
        // One more than wanted says whether there is a next page.
        let bound = conditions.arg(limit.saturating_add(1) as u64);
        let (clause, args) = conditions.finish();
        let (columns, order) = (selected(), walk.clause());
        let sql = format!("SELECT {columns} FROM audit.events AS e{clause}{order} LIMIT {bound}");
        let rows = self.view.query(&sql, args).await?;
        let mut events = self.view.read(&rows, AuditEvent::from_row)?;
        let is_last = events.len() <= *limit;
        events.truncate(*limit);
        let next = events.last().filter(|_| !is_last).map(|it| walk.on_from(it.position));
        Ok(AuditPage { events, next, position })
    }
}

/// The columns that an event is read from, in their order.
fn selected() -> String {
    let columns = EVENTS.columns.iter().take(READ).map(|column| format!("e.{column}"));
    columns.collect::<Vec<_>>().join(", ")
}
