//! A snapshot is read, and held against all that it must fit.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use domain::{
    ids::{MemberId, OrganizationId},
    slug::Slug,
    time::Timestamp,
};
use eventlog::{Leaf, Position};
use schemas::sealing::{KeySet, KeyringError};

use super::{
    Doubt, PROGRAM, REPLACED_BYTES, SnapshotKey, TAG, TOKEN_BYTES, catalogue,
    read_rows::{Known, holder, organization, replaced, token},
    source::Source,
    texts,
};
use crate::gate::{
    Misfit, Peppers,
    peppers::PepperPlace,
    tables::{At, Room, Rulebook, Tables},
};

/// A snapshot of which only the beginning was read.
pub struct Snapshot<R = File> {
    source: Source<R>,
    incarnation: u32,
    position: Position,
    leaf: Leaf,
    log_time: Timestamp,
    bytes: u64,
}

/// All that a snapshot said.
pub struct Loaded(Tables);

impl Snapshot {
    /// Opens the snapshot at a path, which was tagged under that key.
    ///
    /// # Errors
    /// When there is none, or one that this program did not write.
    pub fn open(path: &Path, key: &SnapshotKey) -> Result<Self, Doubt> {
        let file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        Self::begin(file, length, PROGRAM, key)
    }
}

impl<R: Read> Snapshot<R> {
    /// Begins to read a snapshot of so many bytes, as a version of the program.
    pub(in crate::gate) fn begin(
        input: R,
        bytes: u64,
        program: &str,
        key: &SnapshotKey,
    ) -> Result<Self, Doubt> {
        let mut source = Source::new(input, bytes, key);
        if source.array()? != TAG {
            return Err(Doubt::OtherFormat);
        }
        let writer: String = source.text("version")?;
        if writer != program {
            return Err(Doubt::OtherProgram(writer));
        }
        Ok(Self {
            incarnation: source.number()?,
            position: Position(u64::from_be_bytes(source.array()?)),
            leaf: Leaf(source.array()?),
            log_time: Timestamp::from_micros(i64::from_be_bytes(source.array()?)),
            source,
            bytes,
        })
    }

    /// The position of the last fact in it.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The size of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Holds it against the ledger: its incarnation, its last position, and the leaf of a record in it.
    ///
    /// # Errors
    /// Where it does not fit.
    pub fn check(&self, incarnation: u32, head: Position, leaf: Option<Leaf>) -> Result<(), Doubt> {
        if self.incarnation != incarnation {
            return Err(Doubt::OtherIncarnation { found: self.incarnation, expected: incarnation });
        }
        if head < self.position {
            return Err(Doubt::BeyondHead { position: self.position, head });
        }
        if leaf != Some(self.leaf) {
            return Err(Doubt::OtherRecord { position: self.position });
        }
        Ok(())
    }

    /// Reads all of it. `ask` gives the data keys of subjects, as far as they exist: texts whose key does not are
    /// erased. Whether that is so, or a key is lost, is for who asks to say.
    ///
    /// # Errors
    /// When anything does not decode, or the tag does not fit.
    pub fn load(
        self,
        peppers: &Peppers,
        mut ask: impl FnMut(&[String]) -> Result<KeySet, KeyringError>,
    ) -> Result<Loaded, Doubt> {
        let mut source = self.source;
        let peppers = pepper_places(&mut source, peppers)?;
        let rulebook = rulebook(&mut source)?;
        let mut tables = rows(&mut source, rulebook, &peppers)?;
        for _ in 0..source.length(32)? {
            let organization = OrganizationId::from_bits(u128::from_be_bytes(source.array()?));
            let owner = MemberId::from_bits(u128::from_be_bytes(source.array()?));
            tables.ownerless.insert(organization, owner);
        }
        tables.erased = source.texts("erased subjects")?;
        texts::read(&mut source, &mut tables, &mut ask)?;
        source.finish()?;
        (tables.position, tables.leaf, tables.log_time) = (self.position, self.leaf, self.log_time);
        Ok(Loaded(tables))
    }
}

impl Loaded {
    pub(super) fn into_tables(self) -> Tables {
        self.0
    }
}

/// Where each pepper of the file is among those of the deployment.
fn pepper_places<R: Read>(source: &mut Source<R>, peppers: &Peppers) -> Result<Vec<PepperPlace>, Doubt> {
    let names: Vec<String> = source.texts("peppers")?;
    let place = |name: String| {
        let id = name.parse().map_err(|_| Doubt::Malformed("peppers"))?;
        peppers.place(&id).ok_or(Doubt::PepperUnknown(name))
    };
    names.into_iter().map(place).collect()
}

fn rulebook<R: Read>(source: &mut Source<R>) -> Result<Rulebook, Doubt> {
    let mut book = Rulebook::default().under(Arc::new(catalogue::read(source)?));
    for number in 1..=source.length(2)? {
        let slug: Slug = source.text("roles")?;
        let at = book.role_of(&slug).map_err(too_many)?;
        in_order(at, number, "roles")?;
    }
    let roles = book.roles().len();
    for number in 1..=source.length(8)? {
        let at = book.list_of(&source.texts("scopes")?).map_err(too_many)?;
        in_order(at, number, "scopes")?;
        for _ in 0..source.length(4)? {
            let role = At::of_number(source.number()?, roles).ok_or(Doubt::Malformed("scopes"))?;
            book.meet(at, role);
        }
    }
    Ok(book)
}

/// A thing that is twice in the file would be found at the first place.
fn in_order<T>(at: At<T>, number: usize, what: &'static str) -> Result<(), Doubt> {
    if at.number() as usize == number { Ok(()) } else { Err(Doubt::Malformed(what)) }
}

fn rows<R: Read>(
    source: &mut Source<R>,
    rulebook: Rulebook,
    peppers: &[PepperPlace],
) -> Result<Tables, Doubt> {
    let mut known = Known::under(peppers, &rulebook);
    let mut tables = Tables::under(rulebook);
    known.organizations = source.length(21)?;
    tables.make_room(Room::Organizations(known.organizations));
    for _ in 0..known.organizations {
        tables.organizations.insert(organization(source)?).map_err(too_many)?;
    }
    known.holders = source.length(25)?;
    tables.make_room(Room::Holders(known.holders));
    for _ in 0..known.holders {
        tables.holders.insert(holder(source, &known)?).map_err(too_many)?;
    }
    known.tokens = source.length(TOKEN_BYTES as u64)?;
    tables.make_room(Room::Tokens(known.tokens));
    for _ in 0..known.tokens {
        tables.put_back(token(&source.array()?, &known)?).map_err(too_many)?;
    }
    let count = source.length(REPLACED_BYTES as u64)?;
    tables.make_room(Room::Replaced(count));
    for _ in 0..count {
        tables.replaced.insert(replaced(&source.array()?, &known)?).map_err(too_many)?;
    }
    Ok(tables)
}

fn too_many(_: Misfit) -> Doubt {
    Doubt::Malformed("number of things")
}

fn unreadable(err: io::Error) -> Doubt {
    if err.kind() == io::ErrorKind::NotFound { Doubt::Missing } else { Doubt::Unreadable(err) }
}
