//! What a reading thread has: a few days' files, opened when they are asked for.

use std::{collections::VecDeque, sync::Arc};

use rusqlite::Connection;

use super::{
    OpenError, Shared, file,
    rows::{self, Span},
};
use crate::{
    sqlite::{BreakOff, Fault, Reading},
    usage::{Lane, Place, ReadError, StoredBlock},
};

/// Files that a thread keeps open.
const MOST_OPEN: usize = 4;
/// Bytes after which a page ends.
const PAGE_BYTES: usize = 4 << 20;

/// The source of one reading thread.
pub(super) struct DayFiles {
    shared: Arc<Shared>,
    /// The one that was used last comes last.
    open: VecDeque<DayFile>,
    way: BreakOff,
}

struct DayFile {
    day: u32,
    /// Whether it was opened when nobody wrote to it any more.
    is_over: bool,
    connection: Connection,
}

/// What is to be read.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) lane: Lane,
    pub(super) after: Place,
    /// The lane's last block, which must be there.
    pub(super) head: Place,
    /// The most blocks.
    pub(super) blocks: usize,
}

/// What was read so far.
struct Page {
    asked: Asked,
    /// The place of the last block, or the one that is read after.
    reached: Place,
    blocks: Vec<StoredBlock>,
    bytes: usize,
}

impl Reading for DayFiles {
    fn break_off(&self) -> BreakOff {
        self.way.clone()
    }
}

impl DayFiles {
    pub(super) fn of(shared: Arc<Shared>) -> Self {
        Self { shared, open: VecDeque::new(), way: BreakOff::default() }
    }

    /// One page, over as many days as it takes.
    pub(super) fn page(&mut self, asked: Asked) -> Result<Vec<StoredBlock>, ReadError> {
        let mut page = Page { asked, reached: asked.after, blocks: Vec::new(), bytes: 0 };
        for day in self.shared.days_between(asked.after.day(), asked.head.day()) {
            if page.is_full() {
                break;
            }
            let read = self.file(day).and_then(|file| page.read(day, file));
            read.map_err(|fault| self.error(&page, day, fault))?;
        }
        if page.reached < asked.head && !page.is_full() {
            let missing = Fault::Damaged("there is no such block".to_owned());
            return Err(self.error(&page, asked.head.day(), missing));
        }
        Ok(page.blocks)
    }

    fn file(&mut self, day: u32) -> Result<&Connection, Fault> {
        let is_over = self.shared.is_over(day);
        let open = self.open.iter().position(|it| it.day == day).and_then(|at| self.open.remove(at));
        let file = match open {
            // One that was still written may now be read with less ado.
            Some(file) if file.is_over == is_over => file,
            Some(_) | None => {
                let connection = file::open_to_read(&self.shared.folder.day(day), is_over)?;
                DayFile { day, is_over, connection }
            }
        };
        self.way.point_to(&file.connection);
        if MOST_OPEN <= self.open.len() {
            self.open.pop_front();
        }
        self.open.push_back(file);
        match self.open.back() {
            Some(file) => Ok(&file.connection),
            None => Err(Fault::Damaged("it is not open".to_owned())),
        }
    }

    /// What the caller is told of a fault in the file of a day.
    fn error(&self, page: &Page, day: u32, fault: Fault) -> ReadError {
        let path = self.shared.folder.day(day);
        let why = match fault {
            Fault::Damaged(why) => format!("{why}, in `{}`", path.display()),
            Fault::Foreign(_) => OpenError::of(&path, fault).to_string(),
            Fault::Engine(_) if !path.exists() => format!("`{}` is gone", path.display()),
            Fault::OtherSchema { .. } | Fault::NotDurable(_) | Fault::OldSqlite(_) | Fault::Engine(_) => {
                return ReadError::Unavailable(OpenError::of(&path, fault).with_causes());
            }
        };
        ReadError::Damaged { lane: page.asked.lane, place: page.next(day), why }
    }
}

impl Page {
    fn is_full(&self) -> bool {
        self.asked.head <= self.reached || self.asked.blocks <= self.blocks.len() || PAGE_BYTES <= self.bytes
    }

    /// The place where the next block must be, at least on that day.
    fn next(&self, day: u32) -> Place {
        self.reached.following(day)
    }

    fn read(&mut self, day: u32, file: &Connection) -> Result<(), Fault> {
        let Asked { lane, head, .. } = self.asked;
        let is_entered = self.reached.day() < day;
        if is_entered {
            self.check_end(file)?;
        }
        let span = Span {
            day,
            lane,
            after: if is_entered { 0 } else { self.reached.rank() },
            upto: if head.day() == day { head.rank() } else { u32::MAX },
            most: self.asked.blocks - self.blocks.len(),
        };
        rows::read(file, &span, |block| self.take(block))
    }

    /// Whether all that lies before the day of a file has been read.
    fn check_end(&self, file: &Connection) -> Result<(), Fault> {
        let before = rows::last_before(file, self.asked.lane)?.place;
        if before <= self.reached {
            return Ok(());
        }
        Err(Fault::Damaged(format!("place {before}, after which it begins, is not there")))
    }

    /// Adds a block; says whether there is place for more.
    fn take(&mut self, block: StoredBlock) -> bool {
        self.reached = block.place;
        self.bytes += block.bytes.len();
        self.blocks.push(block);
        !self.is_full()
    }
}
