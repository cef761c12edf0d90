//! Reading published views: attached when first asked for, let go when replaced.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags};

use super::attach::{attach, detach};
use super::file::{Folder, ViewFile};
use super::published::Published;
use crate::sqlite::{Dictionary, Pool, READERS, Session, in_memory_with, query};
use crate::{Row, Sql, SqlError, Statement, Value};

/// SQLite's own limit of attached databases, of which a query may join that many.
const ATTACHED: usize = 10;

/// How long a query may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// All published views, read-only.
pub(super) struct ViewReader {
    dictionary: Dictionary,
    published: Arc<Published>,
    pool: Pool<ReadSession>,
}

impl ViewReader {
    pub(super) fn start(folder: &Arc<Folder>, published: &Arc<Published>) -> Result<Self, SqlError> {
        let sessions =
            (0..READERS).map(|_| ReadSession::open(folder, published)).collect::<Result<_, _>>()?;
        Ok(Self {
            dictionary: Dictionary::default(),
            published: Arc::clone(published),
            pool: Pool::start("view-reader", sessions, PATIENCE)?,
        })
    }

    /// Lets every thread close the files that are no longer published.
    pub(super) fn refresh(&self) {
        self.pool.refresh_all();
    }

    /// SQLite says that there is no such table as `token_list.tokens`; whether the view is
    /// there at all is known here.
    fn explain(&self, err: SqlError) -> SqlError {
        let mut unpublished = None;
        if let SqlError::Refused { message, .. } = &err {
            unpublished = missing_schema(message);
        }
        match unpublished.filter(|it| self.published.get(it).is_none()) {
            Some(projection) => SqlError::Unpublished { projection },
            None => err,
        }
    }
}

fn missing_schema(message: &str) -> Option<String> {
    let (_, table) = message.split_once("no such table: ")?;
    let (schema, _) = table.split_once('.')?;
    Some(schema.to_owned())
}

#[async_trait]
impl Sql for ViewReader {
    async fn query(&self, sql: &str, args: Vec<Value>) -> Result<Vec<Row>, SqlError> {
        let translated = self.dictionary.translate(sql)?;
        if translated.writes {
            return Err(SqlError::ReadOnly);
        }
        let read = move |session: &mut ReadSession| {
            session.attach_all(&translated.qualifiers)?;
            query(&session.connection, &translated, &args)
        };
        self.pool.call(read).await.map_err(|err| self.explain(err))
    }

    async fn transact(&self, _: Vec<Statement>) -> Result<Vec<u64>, SqlError> {
        Err(SqlError::ReadOnly)
    }
}

/// One thread's connection; `attached` goes from the longest unused to the last used.
struct ReadSession {
    connection: Connection,
    folder: Arc<Folder>,
    published: Arc<Published>,
    attached: Vec<ViewFile>,
}

impl Session for ReadSession {
    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn refresh(&mut self) {
        let stale: Vec<_> = {
            let published = self.published.read();
            let is_stale = |file: &&ViewFile| published.get(&file.projection) != Some(*file);
            self.attached.iter().filter(is_stale).cloned().collect()
        };
        for file in stale {
            if let Err(err) = self.detach(&file) {
                tracing::warn!(view = file.name(), error = %err, "a replaced view stays open");
            }
        }
    }
}

impl ReadSession {
    fn open(folder: &Arc<Folder>, published: &Arc<Published>) -> Result<Self, SqlError> {
        // What is attached inherits this flag, so no statement can change a view.
        let connection = in_memory_with(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(Self {
            connection,
            folder: Arc::clone(folder),
            published: Arc::clone(published),
            attached: Vec::new(),
        })
    }

    /// Attaches the published build of each of these names that is a projection's.
    fn attach_all(&mut self, names: &[String]) -> Result<(), SqlError> {
        let published = Arc::clone(&self.published);
        // Held until all are attached: a build cannot be deleted between its look-up and here.
        let published = published.read();
        let wanted: Vec<_> = names.iter().filter_map(|it| published.get(it)).collect();
        for file in &wanted {
            self.attach(file, &wanted)?;
        }
        Ok(())
    }

    fn attach(&mut self, file: &ViewFile, wanted: &[&ViewFile]) -> Result<(), SqlError> {
        let same_name = |it: &ViewFile| it.projection == file.projection;
        match self.attached.iter().position(same_name) {
            Some(at) if self.attached.get(at) == Some(file) => {
                let used = self.attached.remove(at);
                self.attached.push(used);
                return Ok(());
            }
            Some(at) => {
                let stale = self.attached.get(at).cloned();
                stale.map_or(Ok(()), |it| self.detach(&it))?;
            }
            None => self.make_room(wanted)?,
        }
        attach(&self.connection, &file.projection, &self.folder.path(file))?;
        self.attached.push(file.clone());
        Ok(())
    }

    fn make_room(&mut self, wanted: &[&ViewFile]) -> Result<(), SqlError> {
        if self.attached.len() < ATTACHED {
            return Ok(());
        }
        let unused = self.attached.iter().find(|it| !wanted.contains(it));
        match unused.cloned() {
            Some(file) => self.detach(&file),
            None => Err(SqlError::refused("a query may join at most 10 projections")),
        }
    }

    fn detach(&mut self, file: &ViewFile) -> Result<(), SqlError> {
        detach(&self.connection, &file.projection)?;
        self.attached.retain(|it| it != file);
        Ok(())
    }
}
