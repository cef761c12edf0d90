use super::{Aggregate, Folded, Ledger, folds::fold};
use crate::refusal::Failure;
use domain::{fact::Recorded, stream::StreamId};
use eventlog::{ReadError, StoredRecord, StreamName, Version};
use schemas::record::Sealed;
use std::sync::Arc;

impl Ledger {
    /// The state of a stream, brought up to date from the log.
    pub(crate) async fn load<A: Aggregate>(
        &self,
        stream: StreamId,
    ) -> Result<Arc<Folded<A::State>>, Failure> {
        let cache = A::cache(&self.folds);
        let generation = cache.generation();
        let kept = cache.get(stream);
        let after = kept.as_ref().map_or(Version(0), |it| it.version);
        let records = self.read(stream, after).await?;
        match kept {
            Some(kept) if records.is_empty() => Ok(kept),
            kept => {
                let folded = self.fold_all::<A>(kept, &records).await?;
                cache.put(generation, stream, folded.clone());
                Ok(folded)
            }
        }
    }

    async fn fold_all<A: Aggregate>(
        &self,
        kept: Option<Arc<Folded<A::State>>>,
        records: &[StoredRecord],
    ) -> Result<Arc<Folded<A::State>>, Failure> {
        let mut folded = kept.map(|it| it.as_ref().clone()).unwrap_or_default();
        for (record, recorded) in records.iter().zip(self.decode(records).await?) {
            fold::<A>(&mut folded, &recorded, record.position).map_err(Failure::Broken)?;
        }
        Ok(Arc::new(folded))
    }

    async fn read(&self, stream: StreamId, after: Version) -> Result<Vec<StoredRecord>, Failure> {
        let asked = [(StreamName::new(stream.to_string()), after)];
        let read = self.log.read_streams(&asked).await.map_err(|err| match err {
            ReadError::Unavailable(_) => Failure::ledger(err.to_string()),
            ReadError::Damaged { .. } | ReadError::Beyond { .. } => Failure::Broken(err.to_string()),
        })?;
        Ok(read.into_iter().next().unwrap_or_default())
    }

    async fn decode(&self, records: &[StoredRecord]) -> Result<Vec<Recorded>, Failure> {
        let damaged = |record: &StoredRecord, why: String| {
            Failure::Broken(format!("the record at position {} cannot be read: {why}", record.position.0))
        };
        let mut sealed = Vec::with_capacity(records.len());
        for record in records {
            sealed.push(Sealed::parse(&record.bytes).map_err(|err| damaged(record, err.to_string()))?);
        }
        let subjects: Vec<String> = sealed.iter().flat_map(Sealed::subjects).map(str::to_owned).collect();
        let keys =
            self.keyring.keys_for_opening(&subjects).await.map_err(|err| Failure::state(err.to_string()))?;
        let open = |(sealed, record): (Sealed<'_>, &StoredRecord)| {
            sealed.open(&keys).map_err(|err| damaged(record, err.to_string()))
        };
        sealed.into_iter().zip(records).map(open).collect()
    }
}
