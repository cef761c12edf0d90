//! The numbers of one decision, and the columns that they are kept in.

use super::cursor::varint_length;

/// How many columns a row has a value in.
pub(super) const ROW_COLUMNS: usize = 17;

/// One decision as numbers, each the difference from what a reader expects, so that 0 is usual.
///
/// References to things numbered in the segment are one more than the number, 0 being none;
/// `client` and `organization` are 0 for what the token's entry names, 1 for none, and two more
/// than the number otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Column 1: microseconds after the row before (zigzag).
    pub(super) time: u64,
    /// Column 2: request counter beyond one more than the row before (zigzag).
    pub(super) counter: u64,
    /// Column 3.
    pub(super) token: u64,
    /// Column 4: a token's number too.
    pub(super) caller: u64,
    /// Column 5.
    pub(super) client: u64,
    /// Column 6.
    pub(super) organization: u64,
    /// Column 7: see [`Outcome`](super::Outcome).
    pub(super) outcome: u64,
    /// Column 8: see [`Layer`](super::Layer).
    pub(super) layer: u64,
    /// Column 9: a text.
    pub(super) permission: u64,
    /// Column 10: a text, `METHOD path`.
    pub(super) endpoint: u64,
    /// Column 11: a text.
    pub(super) service: u64,
    /// Column 12: a text.
    pub(super) environment: u64,
    /// Column 13: how many of columns 32 and 33 belong to the row.
    pub(super) costs: u64,
    /// Column 14: 0 or 1.
    pub(super) peek: u64,
    /// Column 15: decisions beyond the first.
    pub(super) more: u64,
    /// Column 16: the gate's position beyond the row before (zigzag).
    pub(super) position: u64,
    /// Column 17: 1 where the box of the row's texts holds the caller's own request id.
    pub(super) client_request_id: u64,
}

impl Row {
    fn values(self) -> [u64; ROW_COLUMNS] {
        [
            self.time,
            self.counter,
            self.token,
            self.caller,
            self.client,
            self.organization,
            self.outcome,
            self.layer,
            self.permission,
            self.endpoint,
            self.service,
            self.environment,
            self.costs,
            self.peek,
            self.more,
            self.position,
            self.client_request_id,
        ]
    }

    fn of(values: [u64; ROW_COLUMNS]) -> Self {
        let [
            time,
            counter,
            token,
            caller,
            client,
            organization,
            outcome,
            layer,
            permission,
            endpoint,
            service,
            environment,
            costs,
            peek,
            more,
            position,
            client_request_id,
        ] = values;
        Self {
            time,
            counter,
            token,
            caller,
            client,
            organization,
            outcome,
            layer,
            permission,
            endpoint,
            service,
            environment,
            costs,
            peek,
            more,
            position,
            client_request_id,
        }
    }
}

/// The rows of a block, by column: the column at place n has the number n + 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RowColumns(pub(super) [Vec<u64>; ROW_COLUMNS]);

impl RowColumns {
    pub(super) fn len(&self) -> usize {
        self.0.first().map_or(0, Vec::len)
    }

    /// Adds a row and returns the most bytes by which the block grows, as if each column were
    /// stored in runs.
    pub(super) fn push(&mut self, row: Row) -> usize {
        let mut growth = 0;
        for (column, value) in self.0.iter_mut().zip(row.values()) {
            if column.last() != Some(&value) {
                growth += varint_length(value) + 1;
            }
            column.push(value);
        }
        growth
    }

    /// Column 13, which says how long the lists of costs are.
    pub(super) fn costs(&self) -> &[u64] {
        let [.., costs, _, _, _, _] = &self.0;
        costs
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        (0..self.len())
            .map(|place| Row::of(self.0.each_ref().map(|it| it.get(place).copied().unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_in_columns_what_it_was() {
        let row = Row::of(std::array::from_fn(|place| place as u64 + 1));
        assert_eq!((row.time, row.token, row.client_request_id), (1, 3, 17));
        let mut columns = RowColumns::default();
        assert_eq!(columns.push(row), 2 * ROW_COLUMNS);
        assert_eq!(columns.push(row), 0);
        assert_eq!(columns.rows().collect::<Vec<_>>(), [row, row]);
        assert_eq!(columns.costs(), [13, 13]);
    }
}
