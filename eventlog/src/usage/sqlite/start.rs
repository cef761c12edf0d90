//! How a usage log is opened: its last day is found and checked, and no other.

use std::{collections::BTreeSet, num::NonZeroU16, path::Path};

use rusqlite::Connection;

use super::{
    OpenError, file,
    folder::{Folder, has_write_ahead_log, length, remove},
    hash::Last,
    mark::Mark,
    rows,
};
use crate::{
    sqlite::{MarkFile, keep_durable, read_mark},
    usage::{Lane, Place},
};

/// A log that its one writer may use: its end was found whole.
pub(super) struct Opened {
    pub(super) folder: Folder,
    pub(super) days: BTreeSet<u32>,
    pub(super) today: Option<Today>,
    /// The last block of each lane, the first lane's first.
    pub(super) lasts: Vec<Last>,
    pub(super) mark: MarkFile,
}

/// The day that blocks are written to.
pub(super) struct Today {
    pub(super) day: u32,
    pub(super) connection: Connection,
}

/// Opens the folder and the file of its last day.
pub(super) fn open(path: &Path, lanes: NonZeroU16) -> Result<Opened, OpenError> {
    let folder = Folder::open(path).map_err(OpenError::file(path))?;
    // Before any look at the log, which may grow meanwhile.
    let marked = read_mark(&folder.mark(), Mark::decode);
    let mut days = folder.days().map_err(OpenError::file(path))?;
    let today = last_day(&folder, &mut days, marked.as_ref().ok())?;
    let lasts = match &today {
        Some(today) => {
            lasts_of(today, lanes).map_err(|fault| OpenError::of(&folder.day(today.day), fault))?
        }
        None => vec![Last::default(); usize::from(lanes.get())],
    };
    check_mark(&folder, today.as_ref(), &lasts, marked)?;
    if let Some(today) = &today {
        keep_durable(&today.connection).map_err(|fault| OpenError::of(&folder.day(today.day), fault))?;
    }
    let mark = MarkFile::open(folder.mark()).map_err(OpenError::file(&folder.mark()))?;
    Ok(Opened { folder, days, today, lasts, mark })
}

/// The last day that was begun. A file in which none was is what a killed process left of its
/// beginning, and is removed; unless blocks were acknowledged in it.
fn last_day(
    folder: &Folder,
    days: &mut BTreeSet<u32>,
    mark: Option<&Mark>,
) -> Result<Option<Today>, OpenError> {
    while let Some(day) = days.last().copied() {
        let path = folder.day(day);
        check_presence(&path)?;
        let opened = file::open_to_write(&path).map_err(|fault| OpenError::of(&path, fault))?;
        if let Some(connection) = opened {
            return Ok(Some(Today { day, connection }));
        }
        if let Some(mark) = mark.filter(|it| it.last.place.day() == day) {
            return Err(shorter(folder, *mark, Place(u64::from(day) << 32)));
        }
        remove(&path).map_err(OpenError::file(&path))?;
        days.remove(&day);
    }
    Ok(None)
}

/// Must come before SQLite opens the file: it deletes the write-ahead log of an empty one.
fn check_presence(path: &Path) -> Result<(), OpenError> {
    if 0 < length(path) || !has_write_ahead_log(path) {
        return Ok(());
    }
    let why = "it is empty, but the write-ahead log beside it is not; put it back".to_owned();
    Err(OpenError::Damaged { path: path.to_owned(), why })
}

fn lasts_of(today: &Today, lanes: NonZeroU16) -> Result<Vec<Last>, crate::sqlite::Fault> {
    let known = rows::greatest_lane(&today.connection)?.map_or(0, |it| it.0);
    // A lane that has blocks stays, also where fewer are asked for.
    let lanes = 0..=known.max(lanes.get() - 1);
    lanes.map(|lane| rows::last(&today.connection, today.day, Lane(lane))).collect()
}

/// Refuses a log that lacks the block of the mark.
fn check_mark(
    folder: &Folder,
    today: Option<&Today>,
    lasts: &[Last],
    marked: Result<Mark, String>,
) -> Result<(), OpenError> {
    let mark = match marked {
        Ok(mark) => mark,
        Err(why) => {
            if today.is_some() {
                let (log, mark) = (folder.path().display(), folder.mark());
                tracing::warn!(%log, mark = %mark.display(), %why, "the usage log has no mark of its end");
            }
            return Ok(());
        }
    };
    let last = lasts.get(usize::from(mark.lane.0)).copied().unwrap_or_default();
    if last.place < mark.last.place {
        return Err(shorter(folder, mark, last.place));
    }
    if last == mark.last || is_stored(folder, today, mark)? {
        return Ok(());
    }
    let (lane, place) = (mark.lane, mark.last.place);
    Err(OpenError::OtherBlock { folder: folder.path().to_owned(), mark: folder.mark(), lane, place })
}

/// Whether the block of a mark that is older than the end is where it was.
fn is_stored(folder: &Folder, today: Option<&Today>, mark: Mark) -> Result<bool, OpenError> {
    let (lane, place) = (mark.lane, mark.last.place);
    let path = folder.day(place.day());
    let found = match today.filter(|it| it.day == place.day()) {
        Some(today) => rows::hash(&today.connection, lane, place),
        None if 0 < length(&path) => {
            file::open_to_read(&path, true).and_then(|file| rows::hash(&file, lane, place))
        }
        None => Ok(None),
    };
    let found = found.map_err(|fault| OpenError::of(&path, fault))?;
    Ok(found == Some(mark.last.hash))
}

fn shorter(folder: &Folder, mark: Mark, head: Place) -> OpenError {
    let (lane, seen) = (mark.lane, mark.last.place);
    OpenError::Shorter { folder: folder.path().to_owned(), mark: folder.mark(), lane, head, seen }
}
