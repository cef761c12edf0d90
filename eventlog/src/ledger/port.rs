//! The port that commands, projections and workers hold.

use async_trait::async_trait;
use tokio::sync::watch;

use super::{Append, AppendError, Appended, Position, ReadError, StoredRecord, StreamName, Version};

/// The largest record that is stored, in bytes. What does not fit is refused by every adapter.
pub const LARGEST_RECORD: usize = 32 * 1024;

/// One ordered, append-only log of records in streams, held as `Arc<dyn EventLog>`.
///
/// Following it live is [`read_all`](Self::read_all) in a loop, woken by [`head`](Self::head):
/// catching up and following are the same code, and no notice can be lost. What every adapter
/// promises is written down as code in [`contract`](super::contract).
#[async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// Stores the records of one stream together, or none of them, durably.
    ///
    /// Versions decide. The stream must have exactly the expected version. If it is past that and
    /// exactly these event ids already stand at exactly the versions they would get, this is the
    /// same append again and the answer is that of the first; anything else is a conflict.
    ///
    /// Dropping the future leaves it open whether the records are stored.
    ///
    /// # Errors
    /// When nothing was stored, except for [`AppendError::Unknown`], which leaves it open.
    async fn append(&self, append: Append) -> Result<Appended, AppendError>;

    /// Of each stream asked for, all records after that version, in order; one list for each
    /// asked, in the order asked. A stream that does not exist, or has no more, gives an empty
    /// list.
    ///
    /// # Errors
    /// When the log cannot be read, or a record is not what was appended.
    async fn read_streams(
        &self,
        asked: &[(StreamName, Version)],
    ) -> Result<Vec<Vec<StoredRecord>>, ReadError>;

    /// The records after a position, in order, without gaps; a page may end inside an append.
    /// An empty page means that there is no more.
    ///
    /// # Errors
    /// When the position is beyond the head, the log cannot be read, or a record is not what was
    /// appended.
    async fn read_all(&self, after: Position, limit: Limit) -> Result<Page, ReadError>;

    /// Whether the log takes appends, as far as it knows without trying: cheap, and without I/O. An
    /// append may be refused all the same, as by a disk that has become full.
    ///
    /// # Errors
    /// Why it takes none, as a sentence.
    fn is_writable(&self) -> Result<(), String>;

    /// The position of the last record. A hint: it may lag behind the log, but not for ever, and
    /// it never falls.
    fn head(&self) -> watch::Receiver<Position>;
}

/// How much one page may hold. A page holds at least one record when there is one, so that a
/// reader always gets on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// The most records.
    pub records: usize,
    /// The most bytes of records, counted without what surrounds them.
    pub bytes: usize,
}

impl Limit {
    /// How many of the sizes, taken in order, one page holds.
    pub(crate) fn fitting(self, sizes: impl Iterator<Item = usize>) -> usize {
        let mut filling = Filling::default();
        sizes.take_while(|size| filling.takes(self, *size)).count()
    }
}

/// How full a page is by now.
#[derive(Clone, Copy, Default)]
pub(crate) struct Filling {
    records: usize,
    bytes: usize,
}

impl Filling {
    /// Whether a record of this size still belongs to the page; counts it if so.
    pub(crate) fn takes(&mut self, limit: Limit, size: usize) -> bool {
        let bytes = self.bytes.saturating_add(size);
        if 0 < self.records && (limit.records <= self.records || limit.bytes < bytes) {
            return false;
        }
        self.records += 1;
        self.bytes = bytes;
        true
    }
}

/// Some consecutive records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// The records, in the order of their positions.
    pub records: Vec<StoredRecord>,
    /// The last position that the log had when the page was read: at least that of the last
    /// record of the page.
    pub head: Position,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_bounded_in_records_and_in_bytes() {
        let limit = Limit { records: 3, bytes: 10 };
        assert_eq!(limit.fitting([1, 1, 1, 1].into_iter()), 3);
        assert_eq!(limit.fitting([6, 4, 1].into_iter()), 2);
    }

    #[test]
    fn a_page_holds_at_least_one_record() {
        let limit = Limit { records: 0, bytes: 0 };
        assert_eq!(limit.fitting([6, 4, 1].into_iter()), 1);
        assert_eq!(limit.fitting(std::iter::empty()), 0);
    }
}
