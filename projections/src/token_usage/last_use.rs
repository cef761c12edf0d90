use std::net::IpAddr;
use std::sync::Arc;

use domain::time::Timestamp;
use schemas::usage::{Address, Opened, RecordedClient, RecordedDecision};
use store::{Row, SqlError, Value};

use crate::runner::{Blank, Left, Personal, columns};

/// What a row holds of whoever used it last.
pub(super) const LAST_USE: Personal =
    Personal { subject: "last_used_subject", left: Left::Blanks(&[("last_used_address", Blank::Null)]) };

/// When and where from something was used last. The later one is the greater.
///
/// Of two in the same microsecond the subject decides before the address does: so once a subject is erased, the
/// same one stands as if the address had never been known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// Whose key seals the address: the holder's. Nothing where nobody is known.
    pub subject: Option<Arc<str>>,
    /// Where from; nothing where that was not said, or is erased.
    pub address: Option<IpAddr>,
}

impl LastUse {
    /// The use that a decision is.
    pub(super) fn of(decision: &RecordedDecision) -> Self {
        let client = decision.client.as_deref();
        Self {
            at: Timestamp::from_micros(decision.time_us),
            subject: client.map(|it| Arc::clone(&it.subject)),
            address: client.and_then(address),
        }
    }

    /// Instant, subject and address as three columns.
    pub(super) fn values(last: Option<Self>) -> [Value; 3] {
        let Some(Self { at, subject, address }) = last else {
            return [Value::Null, Value::Null, Value::Null];
        };
        [at.micros().into(), subject.into(), columns::optional_text(address.as_ref())]
    }

    /// Reads what [`values`](Self::values) wrote.
    pub(super) fn from_columns(row: &Row, first: usize) -> Result<Option<Self>, SqlError> {
        let Some(at) = columns::optional_instant(row, first)? else { return Ok(None) };
        let subject = row.optional_text(first + 1)?.map(Arc::from);
        Ok(Some(Self { at, subject, address: columns::optional_parsed(row, first + 2)? }))
    }
}

/// The address that a client called from, written as what it is. Networks stand for unproven secrets alone.
pub(crate) fn address(client: &RecordedClient) -> Option<IpAddr> {
    let Opened::Open(details) = &client.details else { return None };
    match details.address? {
        Address::Ip(ip) => Some(ip.to_canonical()),
        Address::Network24(_) | Address::Network48(_) => None,
    }
}
