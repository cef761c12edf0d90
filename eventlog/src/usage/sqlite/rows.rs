//! Rows of a day's file: the statements that read them, and blocks from them.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::hash::{BlockHash, Last};
use crate::{
    sqlite::{Fault, signed, unsigned},
    usage::{Lane, Place, StoredBlock},
};

const GREATEST: &str = "SELECT max(slot) FROM blocks";
const GREATEST_NOTED: &str = "SELECT max(lane) FROM lasts";
const LAST: &str = "SELECT slot, hash FROM blocks WHERE slot BETWEEN ?1 AND ?2 ORDER BY slot DESC LIMIT 1";
const HASH: &str = "SELECT hash FROM blocks WHERE slot = ?1";
const NOTED: &str = "SELECT place, hash, seal FROM lasts WHERE lane = ?1";
const AFTER: &str =
    "SELECT slot, hash, bytes FROM blocks WHERE ?1 < slot AND slot <= ?2 ORDER BY slot LIMIT ?3";

/// Where a block lies in the file of its day: lane × 2³² + rank in the day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Slot(pub(super) i64);

impl Slot {
    /// The slot of a lane's block.
    pub(super) fn of(lane: Lane, place: Place) -> Self {
        Self::ranked(lane, place.rank())
    }

    /// The slot of a rank in a lane; rank 0 is before the first.
    pub(super) fn ranked(lane: Lane, rank: u32) -> Self {
        Self(i64::from(lane.0) << 32 | i64::from(rank))
    }

    fn lane(self) -> Option<Lane> {
        u16::try_from(self.0 >> 32).ok().map(Lane)
    }

    fn place(self, day: u32) -> Place {
        Place(u64::from(day) << 32 | unsigned(self.0) & u64::from(u32::MAX))
    }
}

/// The greatest slot of the file.
pub(super) fn greatest_slot(connection: &Connection) -> rusqlite::Result<Option<Slot>> {
    let greatest: Option<i64> = connection.query_row(GREATEST, [], |row| row.get(0))?;
    Ok(greatest.map(Slot))
}

/// The greatest lane that the file knows of.
pub(super) fn greatest_lane(connection: &Connection) -> rusqlite::Result<Option<Lane>> {
    let noted: Option<u16> = connection.query_row(GREATEST_NOTED, [], |row| row.get(0))?;
    Ok(noted.map(Lane).max(greatest_slot(connection)?.and_then(Slot::lane)))
}

/// The last block of a lane, in the file of that day or before it.
pub(super) fn last(connection: &Connection, day: u32, lane: Lane) -> Result<Last, Fault> {
    let bounds = params![Slot::ranked(lane, 0).0, Slot::ranked(lane, u32::MAX).0];
    let found = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    match connection.prepare_cached(LAST)?.query_row(bounds, found).optional()? {
        Some((slot, hash)) => Ok(Last {
            place: Slot(slot).place(day),
            hash: BlockHash(exactly(hash, "the last block's hash")?),
        }),
        None => last_before(connection, lane),
    }
}

/// The last block of a lane before the day of the file.
pub(super) fn last_before(connection: &Connection, lane: Lane) -> Result<Last, Fault> {
    let found = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?));
    let noted = connection.prepare_cached(NOTED)?.query_row([lane.0], found).optional()?;
    let Some((place, hash, seal)) = noted else { return Ok(Last::default()) };
    let hash = BlockHash(exactly(hash, "the hash of the block before it")?);
    let last = Last { place: Place(unsigned(place)), hash };
    if last.seal(lane) == *seal {
        return Ok(last);
    }
    Err(Fault::Damaged(format!("what it says of lane {lane} before it does not fit its seal")))
}

/// The hash beside a block.
pub(super) fn hash(connection: &Connection, lane: Lane, place: Place) -> Result<Option<BlockHash>, Fault> {
    let found = connection.query_row(HASH, [Slot::of(lane, place).0], |row| row.get(0)).optional()?;
    found.map(|hash| exactly(hash, "a block's hash").map(BlockHash)).transpose()
}

/// What is to be read from one file: blocks of a lane whose ranks are above `after`, up to `upto`.
pub(super) struct Span {
    pub(super) day: u32,
    pub(super) lane: Lane,
    pub(super) after: u32,
    pub(super) upto: u32,
    pub(super) most: usize,
}

/// Gives the blocks of a span to `take`, in order, until it wants no more. Stops at the first that
/// is missing or not as it was appended.
pub(super) fn read(
    connection: &Connection,
    span: &Span,
    mut take: impl FnMut(StoredBlock) -> bool,
) -> Result<(), Fault> {
    let slot = |rank| Slot::ranked(span.lane, rank).0;
    let mut statement = connection.prepare_cached(AFTER)?;
    let mut rows = statement.query(params![slot(span.after), slot(span.upto), signed(span.most as u64)])?;
    let mut expected = slot(span.after);
    while let Some(row) = rows.next()? {
        expected += 1;
        if row.get::<_, i64>(0)? != expected {
            return Err(Fault::Damaged("there is no such block".to_owned()));
        }
        if !take(block(row, span.lane, Slot(expected).place(span.day))?) {
            break;
        }
    }
    Ok(())
}

/// The block in a row, if it is still the one that was appended there.
fn block(row: &Row<'_>, lane: Lane, place: Place) -> Result<StoredBlock, Fault> {
    let damaged = |why: &str| Fault::Damaged(why.to_owned());
    let hash = row.get_ref(1)?.as_blob().map_err(|_| damaged("the block's hash is none"))?;
    let bytes = row.get_ref(2)?.as_blob().map_err(|_| damaged("the block's bytes are none"))?;
    if BlockHash::of(lane, place, bytes).0 == hash {
        return Ok(StoredBlock { place, bytes: bytes.into() });
    }
    Err(damaged("the block does not fit its hash"))
}

fn exactly<const N: usize>(bytes: Vec<u8>, name: &str) -> Result<[u8; N], Fault> {
    bytes.try_into().map_err(|_| Fault::Damaged(format!("{name} is not {N} bytes long")))
}
