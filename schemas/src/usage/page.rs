//! Decisions as they were taken in: in clear, in order, in few and large allocations.

use domain::{actor::Holder, ids::OrganizationId, permission::PermissionName};

use super::decision::{Decision, MAX_TEXT_BYTES, clamp};
use super::{Address, Circumstances, Client, Credential, Decided, Endpoint, Organization};

/// What stands between two permissions that were both asked for.
const BETWEEN: &str = " and ";

/// Decisions that wait to be written, in the order they were taken in.
#[derive(Default)]
pub struct Page {
    rows: Vec<Row>,
    texts: String,
}

/// Where a text of a row lies.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

struct Row {
    time_us: i64,
    counter: u64,
    count: u64,
    decided: Decided,
    caller: Option<Credential>,
    address: Option<Address>,
    permission: Option<Span>,
    method: Option<Span>,
    path: Option<Span>,
    user_agent: Option<Span>,
    client_request_id: Option<Span>,
}

/// Equal decisions about unproven secrets, to be one row.
pub(super) struct Counted {
    pub(super) time_us: i64,
    pub(super) counter: u64,
    pub(super) count: u64,
    pub(super) decided: Decided,
    pub(super) caller: Option<Credential>,
    pub(super) network: Option<Address>,
}

impl Page {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        self.rows.len() * size_of::<Row>() + self.texts.len()
    }

    /// Time of the first row, which is the earliest.
    pub fn first_us(&self) -> Option<i64> {
        self.rows.first().map(|it| it.time_us)
    }

    /// The rows, in their order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = PageRow<'_>> {
        self.rows.iter().map(|row| PageRow { row, texts: &self.texts })
    }

    /// Forgets all rows and keeps the room, unless that is more than `most` rows.
    pub fn clear(&mut self, most: usize) {
        if most < self.rows.capacity() {
            *self = Self::default();
        }
        self.rows.clear();
        self.texts.clear();
    }

    pub(super) fn push(&mut self, counter: u64, time_us: i64, decided: &Decided, asked: &Circumstances<'_>) {
        let permission = self.permissions(asked.permissions);
        let row = Row {
            time_us,
            counter,
            count: 1,
            decided: *decided,
            caller: asked.asker.map(|it| it.credential),
            address: asked.address.map(Address::Ip),
            permission,
            method: asked.endpoint.map(|it| self.text(it.method)),
            path: asked.endpoint.map(|it| self.text(it.path)),
            user_agent: asked.user_agent.map(|it| self.text(it)),
            client_request_id: asked.client_request_id.map(|it| self.text(it)),
        };
        self.rows.push(row);
    }

    pub(super) fn push_counted(&mut self, counted: &Counted) {
        self.rows.push(Row {
            time_us: counted.time_us,
            counter: counted.counter,
            count: counted.count,
            decided: counted.decided,
            caller: counted.caller,
            address: counted.network,
            permission: None,
            method: None,
            path: None,
            user_agent: None,
            client_request_id: None,
        });
    }

    fn text(&mut self, text: &str) -> Span {
        let start = self.end();
        self.texts.push_str(clamp(text));
        Span { start, end: self.end() }
    }

    fn permissions(&mut self, permissions: &[PermissionName]) -> Option<Span> {
        let (first, more) = permissions.split_first()?;
        let (start, from) = (self.end(), self.texts.len());
        self.texts.push_str(first.as_str());
        for name in more {
            if MAX_TEXT_BYTES < self.texts.len() - from {
                break;
            }
            self.texts.push_str(BETWEEN);
            self.texts.push_str(name.as_str());
        }
        let kept = clamp(self.texts.get(from..).unwrap_or_default()).len();
        self.texts.truncate(from + kept);
        Some(Span { start, end: self.end() })
    }

    /// A page has far less than 4 GiB of texts; beyond them a text is empty.
    fn end(&self) -> u32 {
        u32::try_from(self.texts.len()).unwrap_or(u32::MAX)
    }
}

/// One row of a page.
#[derive(Clone, Copy)]
pub struct PageRow<'p> {
    row: &'p Row,
    texts: &'p str,
}

impl<'p> PageRow<'p> {
    /// Ledger time in microseconds since 1970 UTC.
    pub fn time_us(&self) -> i64 {
        self.row.time_us
    }

    /// The organisation under whose subject its texts are sealed.
    pub fn organization(&self) -> Option<OrganizationId> {
        self.row.decided.organization
    }

    /// Whether the row has a client: where anything is known of it, and where there is no organisation under whose
    /// subject texts could be sealed.
    pub fn has_client(&self) -> bool {
        self.row.address.is_some() || self.row.user_agent.is_some() || self.organization().is_none()
    }

    /// Whom the token acts for, if anybody is known.
    pub fn holder(&self) -> Option<Holder> {
        self.row.decided.holder
    }

    /// The decision, for a segment: `client` and `organization` are the subjects that those two are sealed under.
    pub fn decision(&self, client: &'p str, organization: &'p str) -> Decision<'p> {
        let Row { decided, .. } = self.row;
        let text = |it: Option<Span>| it.map(|it| self.text(it));
        let method_and_path = text(self.row.method).zip(text(self.row.path));
        Decision {
            time_us: self.row.time_us,
            counter: self.row.counter,
            token: decided.token,
            caller: self.row.caller,
            organization: decided
                .organization
                .map(|it| Organization { id: it.bits(), subject: organization }),
            client: self.has_client().then(|| Client {
                subject: client,
                address: self.row.address,
                user_agent: text(self.row.user_agent),
            }),
            outcome: decided.outcome,
            layer: decided.layer,
            permission: text(self.row.permission),
            endpoint: method_and_path.map(|(method, path)| Endpoint { method, path }),
            service: None,
            environment: None,
            costs: &[],
            peek: false,
            count: self.row.count,
            position: decided.position,
            client_request_id: text(self.row.client_request_id),
        }
    }

    fn text(&self, span: Span) -> &'p str {
        self.texts.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::Outcome;

    #[test]
    fn a_page_that_was_large_once_gives_its_room_back() {
        let mut page = Page::default();
        for n in 0..100 {
            page.push(n, 7, &Decided::unproven(Outcome::VALID, 1), &Circumstances::at(7));
        }
        assert_eq!((page.len(), page.first_us()), (100, Some(7)));
        let room = page.rows.capacity();
        page.clear(room);
        assert_eq!((page.bytes(), page.rows.capacity()), (0, room));
        page.clear(10);
        assert_eq!(page.rows.capacity(), 0);
    }
}
