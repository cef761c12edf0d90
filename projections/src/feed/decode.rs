//! From stored records to facts.

use std::collections::BTreeSet;
use std::sync::Arc;

use eventlog::StoredRecord;
use schemas::events::kind_of;
use schemas::record::Sealed;
use schemas::sealing::{KeySet, Keyring};

use super::{Event, FeedError, Opened};

/// After so many records others get their turn on this thread.
const BETWEEN_YIELDS: usize = 64;

/// Opens the records up to the first that cannot be read; that one is the error only if it is the
/// first of all. The keys of all are asked for at once.
pub(super) async fn open(keyring: &Keyring, records: &[StoredRecord]) -> Result<Vec<Opened>, FeedError> {
    let mut parsed = Vec::with_capacity(records.len());
    let mut damage = None;
    for record in records {
        match parse(record) {
            Ok(sealed) => parsed.push((record, sealed)),
            Err(why) => {
                damage = Some(damaged(record, why));
                break;
            }
        }
    }
    let keys = keyring.keys_for_opening(&subjects(&parsed)).await?;
    let mut opened = Vec::with_capacity(parsed.len());
    for (count, (record, sealed)) in parsed.into_iter().enumerate() {
        match fact(record, sealed, &keys) {
            Ok(event) => opened.push(Opened { event: Arc::new(event), bytes: record.bytes.len() }),
            Err(why) => {
                damage = Some(damaged(record, why));
                break;
            }
        }
        if count % BETWEEN_YIELDS == BETWEEN_YIELDS - 1 {
            tokio::task::yield_now().await;
        }
    }
    match damage {
        Some(damage) if opened.is_empty() => Err(damage),
        _ => Ok(opened),
    }
}

fn subjects<'a>(parsed: &'a [(&StoredRecord, Sealed<'_>)]) -> Vec<&'a str> {
    let subjects: BTreeSet<&str> = parsed.iter().flat_map(|(_, sealed)| sealed.subjects()).collect();
    subjects.into_iter().collect()
}

/// Whose key is not to be used any more, by what a record says.
pub(super) fn erased(record: &StoredRecord) -> Option<String> {
    if !record.stream.as_str().starts_with("subject-") {
        return None;
    }
    Sealed::parse(&record.bytes).ok()?.erases().map(str::to_owned)
}

/// Reads what stands in clear, and holds it against what the log says of the record.
fn parse(record: &StoredRecord) -> Result<Sealed<'_>, String> {
    let sealed = Sealed::parse(&record.bytes).map_err(|err| err.to_string())?;
    let copies = [
        ("id", sealed.id().bits().to_be_bytes() == record.event_id),
        ("stream", sealed.stream() == record.stream.as_str()),
        ("version", sealed.version() == record.version.0),
    ];
    match copies.iter().find(|(_, same)| !same) {
        None => Ok(sealed),
        Some((field, _)) => Err(format!("its `{field}` is another than the ledger's")),
    }
}

fn fact(record: &StoredRecord, sealed: Sealed<'_>, keys: &KeySet) -> Result<Event, String> {
    let kind = kind_of(sealed.kind()).map(|it| it.name);
    let kind = kind.ok_or_else(|| format!("the kind `{}` is not known", sealed.kind()))?;
    let data = sealed.data().to_owned();
    let recorded = sealed.open(keys).map_err(|err| err.to_string())?;
    Ok(Event { position: record.position, leaf: record.leaf, kind, data, recorded })
}

fn damaged(record: &StoredRecord, why: String) -> FeedError {
    FeedError::Damaged { position: record.position, why }
}
