//! The wrapped data keys by subject. What is erased here makes boxes unreadable for ever.
//!
//! In the place of an erased key stays an empty one, so that no other is ever made for its subject: a subject
//! without a row was never sealed for, or its key was lost.

use std::collections::HashMap;

use super::State;
use crate::{SqlError, Statement, Value};

/// Subjects asked for in one statement.
const LARGEST_QUERY: usize = 256;

const INSERT: &str = "INSERT INTO keyring (subject, wrapped) VALUES ($1, $2)
    ON CONFLICT (subject) DO UPDATE SET wrapped = keyring.wrapped
    RETURNING wrapped";

const ERASE: &str = "INSERT INTO keyring (subject, wrapped) VALUES ($1, $2)
    ON CONFLICT (subject) DO UPDATE SET wrapped = excluded.wrapped";

/// What stands for the key of an erased subject.
const ERASED: &[u8] = &[];

impl State {
    /// The wrapped keys of these subjects: nothing for one that is erased; one that never had a key is absent from
    /// the answer.
    pub async fn find_keys(&self, subjects: &[String]) -> Result<HashMap<String, Option<Vec<u8>>>, SqlError> {
        let mut found = HashMap::with_capacity(subjects.len());
        for some in subjects.chunks(LARGEST_QUERY) {
            for row in self.sql.query(&find_sql(some.len()), padded(some)).await? {
                found.insert(row.text(0)?.to_owned(), kept(row.blob(1)?));
            }
        }
        Ok(found)
    }

    /// Stores the subject's wrapped key, or reads the one that is there: the first wins, and
    /// everybody is answered the same; nothing where the subject is erased. It is durable when this answers.
    pub async fn insert_key(&self, subject: &str, wrapped: &[u8]) -> Result<Option<Vec<u8>>, SqlError> {
        let args = vec![subject.into(), wrapped.into()];
        match self.sql.query(INSERT, args).await?.first() {
            Some(row) => Ok(kept(row.blob(0)?)),
            None => Err(SqlError::refused("the keyring answered no row")),
        }
    }

    /// Erases the subject's key, from the files as well, and for good: no other can take its place. Erasing twice
    /// adds nothing.
    ///
    /// # Errors
    /// [`SqlError::Unavailable`] when traces may be left in the files: say it again.
    pub async fn erase_key(&self, subject: &str) -> Result<(), SqlError> {
        let erase = Statement::new(ERASE, vec![subject.into(), ERASED.into()]);
        self.sql.transact(vec![erase]).await?;
        self.sql.scrub().await
    }
}

/// A key, unless what stands in its place says that it is erased.
fn kept(wrapped: &[u8]) -> Option<Vec<u8>> {
    (wrapped != ERASED).then(|| wrapped.to_vec())
}

/// Statements exist for 1, 2, 4 … subjects only, so that few are prepared.
fn find_sql(subjects: usize) -> String {
    let places: Vec<_> = (1..=subjects.next_power_of_two()).map(|n| format!("${n}")).collect();
    format!("SELECT subject, wrapped FROM keyring WHERE subject IN ({})", places.join(", "))
}

/// The places that are left over ask for the last subject again, which finds nothing more.
fn padded(subjects: &[String]) -> Vec<Value> {
    let last = subjects.last().map_or(Value::Null, Value::from);
    let mut args: Vec<_> = subjects.iter().map(Value::from).collect();
    args.resize(subjects.len().next_power_of_two(), last);
    args
}
