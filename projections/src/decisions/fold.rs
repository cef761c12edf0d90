//! How changes become rows.

use super::change::{self, Added, Change};
use super::chapter::Chapter;
use super::chapter_row::CHAPTERS;
use super::posting::{ADDRESSES, AddressRow, Entry, NAMES, Name, NameRow};
use super::segment::{SEGMENTS, Segment};
use crate::runner::{Keys, Poison, Projector, Record, Rows, Table};

/// The projector of the index of decisions.
pub enum Decisions {}

impl Projector for Decisions {
    type Event = Change;

    const NAME: &'static str = "decisions";
    const VERSION: u32 = 1;
    const TABLES: &'static [Table] = &[SEGMENTS, CHAPTERS, NAMES, ADDRESSES];

    fn keys(change: &Change) -> Keys {
        match change {
            Change::Rows(added) => {
                Keys::none().changing::<Segment>(added.segment.id()).changing::<Chapter>(added.chapter.id())
            }
            Change::Names(names) => {
                let ids = names.added.iter().map(|(name, _)| name.id(names.day));
                ids.fold(Keys::none(), Keys::changing::<NameRow>)
            }
            Change::Addresses(addresses) => {
                let id = |it: &Added| AddressRow::id_of(&it.address, addresses.day, &it.subject);
                let ids = addresses.added.iter().map(id);
                ids.fold(Keys::none(), Keys::changing::<AddressRow>)
            }
        }
    }

    fn apply(rows: &mut Rows, change: &Change) -> Result<(), Poison> {
        match change {
            Change::Rows(added) => add_rows(rows, added),
            Change::Names(names) => {
                names.added.iter().try_for_each(|(name, entry)| add_name(rows, *name, names.day, *entry))
            }
            Change::Addresses(addresses) => {
                addresses.added.iter().try_for_each(|it| add_address(rows, addresses.day, it))
            }
        }
    }
}

fn add_rows(rows: &mut Rows, added: &change::Rows) -> Result<(), Poison> {
    let change::Rows { segment: later, chapter: block } = added;
    let segment = rows.get::<Segment>(later.id())?;
    let mut segment = segment.unwrap_or_else(|| later.clone());
    segment.merge(later);
    rows.put(segment)?;
    let chapter = match rows.get::<Chapter>(block.id())? {
        Some(mut chapter) => {
            chapter.merge(block.clone());
            chapter
        }
        None => block.clone(),
    };
    rows.put(chapter)
}

fn add_name(rows: &mut Rows, name: Name, day: i64, entry: Entry) -> Result<(), Poison> {
    let id = name.id(day);
    let row = rows.get::<NameRow>(id.as_str())?;
    let mut row = row.unwrap_or(NameRow { id, entries: Vec::new() });
    row.entries.push(entry);
    rows.put(row)
}

fn add_address(rows: &mut Rows, day: i64, added: &Added) -> Result<(), Poison> {
    let Added { address, subject, clients, tokens } = added;
    let row = rows.get::<AddressRow>(AddressRow::id_of(address, day, subject))?;
    let mut row = row.unwrap_or_else(|| AddressRow {
        address: address.clone(),
        day,
        subject: subject.clone(),
        clients: Vec::new(),
        tokens: Vec::new(),
    });
    row.clients.extend(clients);
    row.tokens.extend(tokens);
    rows.put(row)
}
