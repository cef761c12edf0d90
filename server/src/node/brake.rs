//! The ledger as commands see it: what can wait is refused when space is needed for what cannot.

use std::sync::Arc;

use async_trait::async_trait;
use eventlog::{
    Append, AppendError, Appended, EventLog, Limit, Page, Position, ReadError, StoredRecord, StreamName,
    Version,
    usage::{NotWritable, UsageLog},
};
use tokio::sync::watch;

/// Refuses appends while the usage log cannot take blocks, or lives on its ballast: a command can be said again, a
/// decision is made once.
pub(crate) struct Brake {
    ledger: Arc<dyn EventLog>,
    usage: Arc<dyn UsageLog>,
}

impl Brake {
    pub(crate) fn new(ledger: Arc<dyn EventLog>, usage: Arc<dyn UsageLog>) -> Self {
        Self { ledger, usage }
    }
}

#[async_trait]
impl EventLog for Brake {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        match self.usage.is_writable() {
            Ok(()) => self.ledger.append(append).await,
            Err(NotWritable::Short(_)) => Err(AppendError::Full),
            Err(stopped @ NotWritable::Stopped(_)) => Err(AppendError::Unavailable(stopped.to_string())),
        }
    }

    async fn read_streams(
        &self,
        asked: &[(StreamName, Version)],
    ) -> Result<Vec<Vec<StoredRecord>>, ReadError> {
        self.ledger.read_streams(asked).await
    }

    async fn read_all(&self, after: Position, limit: Limit) -> Result<Page, ReadError> {
        self.ledger.read_all(after, limit).await
    }

    fn is_writable(&self) -> Result<(), String> {
        self.ledger.is_writable()
    }

    fn head(&self) -> watch::Receiver<Position> {
        self.ledger.head()
    }
}

#[cfg(test)]
mod tests {
    use eventlog::{
        MemoryLog, NewRecord,
        usage::{self, MemoryUsageLog, Mishap},
    };

    use super::*;

    #[tokio::test]
    async fn commands_are_refused_while_the_usage_log_is_short_or_stopped_and_pass_again_afterwards() {
        let usage = Arc::new(MemoryUsageLog::new(1));
        let brake = Brake::new(Arc::new(MemoryLog::new()), usage.clone());
        let append = |version: u64| Append {
            stream: StreamName::new("token-1"),
            expected: Version(version),
            records: vec![NewRecord {
                event_id: [u8::try_from(version).unwrap(); 16],
                bytes: b"fact"[..].into(),
            }],
        };
        brake.append(append(0)).await.unwrap();
        usage.suffer(Mishap::Refuse(usage::AppendError::Full));
        assert_eq!(brake.append(append(1)).await, Err(AppendError::Full));
        usage.suffer(Mishap::Refuse(usage::AppendError::Unavailable("it is broken".to_owned())));
        let refused = brake.append(append(1)).await;
        assert!(
            matches!(&refused, Err(AppendError::Unavailable(why)) if why.contains("broken")),
            "{refused:?}"
        );
        assert_eq!(*brake.head().borrow(), Position(1));
        usage.mend();
        brake.append(append(1)).await.unwrap();
    }
}
