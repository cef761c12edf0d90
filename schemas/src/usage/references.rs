//! Whether the columns of a block refer only to what exists.

use super::BlockError;
use super::block::Columns;
use super::decision::MAX_COSTS;
use super::header::Header;
use super::row::Row;

/// Refuses a block in which anything refers beyond what is numbered, so that its readers need not
/// look again.
pub(super) fn check(header: &Header, columns: &Columns) -> Result<(), BlockError> {
    let limits = Limits::of(header);
    let rows = columns.rows.rows().all(|row| limits.hold_for(row));
    let entries = all_below(&columns.cost_limits, limits.texts)
        && all_below(&columns.organization_subjects, limits.subjects)
        && all_below(&columns.token_organizations, limits.organizations + 1)
        && all_below(&columns.token_clients, limits.clients + 1)
        && all_below(&columns.client_subjects, limits.subjects)
        && all_below(&columns.text_boxes, limits.boxes)
        && all_below(&columns.box_subjects, limits.subjects);
    let texts = columns.subjects.iter().all(|it| std::str::from_utf8(it).is_ok());
    match (rows && entries, texts) {
        (true, true) => Ok(()),
        (false, _) => Err(BlockError::Malformed("a reference leads nowhere")),
        (true, false) => Err(BlockError::Malformed("a subject is no text")),
    }
}

fn all_below(values: &[u64], limit: u64) -> bool {
    values.iter().all(|it| *it < limit)
}

/// How many there are of each thing once the block is read.
struct Limits {
    subjects: u64,
    organizations: u64,
    tokens: u64,
    clients: u64,
    texts: u64,
    boxes: u64,
}

impl Limits {
    fn of(header: &Header) -> Self {
        let numbering = &header.numbering;
        Self {
            subjects: numbering.subjects.after().into(),
            organizations: numbering.organizations.after().into(),
            tokens: numbering.tokens.after().into(),
            clients: numbering.clients.after().into(),
            texts: numbering.texts.after().into(),
            boxes: header.text_boxes.into(),
        }
    }

    fn hold_for(&self, row: Row) -> bool {
        let texts = [row.permission, row.endpoint, row.service, row.environment];
        row.token <= self.tokens
            && row.caller <= self.tokens
            && row.client <= self.clients + 1
            && row.organization <= self.organizations + 1
            && texts.into_iter().all(|it| it <= self.texts)
            && row.costs <= MAX_COSTS as u64
            && row.outcome <= u16::MAX.into()
            && row.layer <= u16::MAX.into()
            && row.peek <= 1
            && row.client_request_id <= self.boxes
    }
}
