//! From stored records to facts.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::ids::EventId;
use eventlog::StoredRecord;
use schemas::events::kind_of;
use schemas::record::{Fresh, Made, Sealed, Written};
use schemas::sealing::{KeySet, Keyring};

use super::{Event, FeedError, Opened};

/// After so many records others get their turn on this thread.
const BETWEEN_YIELDS: usize = 64;

/// A record on its way to a fact.
#[expect(
    clippy::large_enum_variant,
    reason = "it lives for a page; a box would cost each record an allocation"
)]
enum Read<'a> {
    /// This process has just made it.
    Fresh(Made),
    Sealed(Sealed<'a>),
}

/// Opens the records up to the first that cannot be read; that one is the error only if it is the
/// first of all. The keys of all are asked for at once.
pub(super) async fn open(
    keyring: &Keyring,
    fresh: &Fresh,
    records: &[StoredRecord],
) -> Result<Vec<Opened>, FeedError> {
    let mut parsed = Vec::with_capacity(records.len());
    let mut damage = None;
    for record in records {
        match read(record, fresh) {
            Ok(read) => parsed.push((record, read)),
            Err(why) => {
                damage = Some(damaged(record, why));
                break;
            }
        }
    }
    let keys = keyring.keys_for_opening(&subjects(&parsed)).await?;
    let mut opened = Vec::with_capacity(parsed.len());
    for (count, (record, read)) in parsed.into_iter().enumerate() {
        match fact(record, read, &keys) {
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

fn subjects<'a>(parsed: &'a [(&StoredRecord, Read<'_>)]) -> Vec<&'a str> {
    let mut subjects = BTreeSet::new();
    for (_, read) in parsed {
        match read {
            Read::Fresh(made) => subjects.extend(made.written.subjects.iter().map(String::as_str)),
            Read::Sealed(sealed) => subjects.extend(sealed.subjects()),
        }
    }
    subjects.into_iter().collect()
}

/// Whose key is not to be used any more, by what a record says.
pub(super) fn erased(record: &StoredRecord) -> Option<String> {
    if !record.stream.as_str().starts_with("subject-") {
        return None;
    }
    Sealed::parse(&record.bytes).ok()?.erases().map(str::to_owned)
}

/// Takes the fact where it is at hand, else reads what stands in clear.
fn read<'a>(record: &'a StoredRecord, fresh: &Fresh) -> Result<Read<'a>, String> {
    let id = EventId::from_bits(u128::from_be_bytes(record.event_id));
    let Some(made) = fresh.take(id, &record.bytes) else { return parse(record).map(Read::Sealed) };
    check([
        ("stream", *made.written.stream == *record.stream.as_str()),
        ("version", made.recorded.version == record.version.0),
    ])?;
    Ok(Read::Fresh(made))
}

/// Reads what stands in clear, and holds it against what the log says of the record.
///
/// # Errors
/// What does not fit.
pub fn parse(record: &StoredRecord) -> Result<Sealed<'_>, String> {
    let sealed = Sealed::parse(&record.bytes).map_err(|err| err.to_string())?;
    check([
        ("id", sealed.id().bits().to_be_bytes() == record.event_id),
        ("stream", sealed.stream() == record.stream.as_str()),
        ("version", sealed.version() == record.version.0),
    ])?;
    Ok(sealed)
}

fn check<const FIELDS: usize>(copies: [(&str, bool); FIELDS]) -> Result<(), String> {
    match copies.iter().find(|(_, same)| !same) {
        None => Ok(()),
        Some((field, _)) => Err(format!("its `{field}` is another than the ledger's")),
    }
}

fn fact(record: &StoredRecord, read: Read<'_>, keys: &KeySet) -> Result<Event, String> {
    let sealed = match read {
        Read::Sealed(sealed) => sealed,
        // Nobody is told what could not be opened: a view that is built later would not find it.
        Read::Fresh(made) if made.written.subjects.iter().any(|it| keys.get(it).is_none()) => parse(record)?,
        Read::Fresh(Made { recorded, written: Written { kind, data, .. } }) => {
            return Ok(Event { position: record.position, leaf: record.leaf, kind, data, recorded });
        }
    };
    let kind = kind_of(sealed.kind()).map(|it| it.name);
    let kind = kind.ok_or_else(|| format!("the kind `{}` is not known", sealed.kind()))?;
    let data = record.bytes.slice_ref(sealed.data().as_bytes());
    let recorded = Arc::new(sealed.open(keys).map_err(|err| err.to_string())?);
    Ok(Event { position: record.position, leaf: record.leaf, kind, data, recorded })
}

fn damaged(record: &StoredRecord, why: String) -> FeedError {
    FeedError::Damaged { position: record.position, why }
}
