//! A snapshot is written.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use domain::{actor::Holder, plan::Plan, secret::Kind};
use eventlog::Position;
use schemas::{
    events::text_subject,
    sealing::{KeySet, Randomness},
};

use super::{PROGRAM, SnapshotKey, TAG, TOKEN_BYTES, catalogue, sink::Sink, texts};
use crate::gate::{
    Peppers,
    tables::{self, At, HolderRow, MaybeInstant, Replaced, ScopeList, State, Token},
};

/// Bytes that are synced at once: a file that is synced as a whole would have commits of the ledger wait for it.
const SYNCED: usize = 8 << 20;

/// All that a gate knew at one position, about to be written down. While it lives, each part of the gate that
/// changes is copied first.
pub struct Frozen {
    pub(super) tables: tables::Frozen,
    peppers: Vec<String>,
}

/// What a snapshot is bound to, and sealed and tagged with.
#[derive(Clone, Copy)]
pub struct Seal<'a> {
    /// The life of the ledger.
    pub incarnation: u32,
    /// For the tag.
    pub key: &'a SnapshotKey,
    /// The data keys of [`Frozen::subjects`], as far as they exist; the texts of the others are left out.
    pub keys: &'a KeySet,
    /// For nonces.
    pub randomness: &'a dyn Randomness,
}

/// What was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Written {
    /// The position of the last fact in it.
    pub position: Position,
    /// The size of the file.
    pub bytes: u64,
}

/// Why no snapshot was written. The one before it is still there.
#[derive(Debug, thiserror::Error)]
#[error("failed to write the gate's snapshot `{}`", path.display())]
pub struct WriteError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

impl Frozen {
    pub(super) fn of(tables: tables::Frozen, peppers: &Peppers) -> Self {
        Self { tables, peppers: peppers.ids().map(|it| it.as_str().to_owned()).collect() }
    }

    /// The position of the last fact in it.
    pub fn position(&self) -> Position {
        self.tables.position
    }

    /// Whose texts may be in it.
    pub fn subjects(&self) -> Vec<String> {
        let organizations = self.tables.organizations.iter().map(|it| text_subject(Some(it.id)));
        organizations.chain([text_subject(None)]).collect()
    }

    /// Writes it in the place of the one before: into a file beside it, synced, renamed, and the folder synced. Takes
    /// seconds where there are many tokens.
    ///
    /// # Errors
    /// When the system refuses; nothing is left behind.
    pub fn write(&self, path: &Path, seal: &Seal<'_>) -> Result<Written, WriteError> {
        let beside = path.with_added_extension("new");
        let written = self.write_beside(&beside, seal).and_then(|bytes| {
            fs::rename(&beside, path)?;
            sync_folder(path)?;
            Ok(Written { position: self.position(), bytes })
        });
        written.map_err(|source| {
            // What is left of it would be overwritten by the next.
            let _ = fs::remove_file(&beside);
            WriteError { path: path.to_owned(), source }
        })
    }

    fn write_beside(&self, path: &Path, seal: &Seal<'_>) -> io::Result<u64> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
        let mut file = Synced { file, unsynced: 0 };
        let bytes = self.write_to(&mut file, PROGRAM, seal)?;
        file.file.sync_all()?;
        Ok(bytes)
    }

    /// Writes it anywhere, as a version of the program; says how many bytes it took.
    pub(in crate::gate) fn write_to(
        &self,
        out: impl Write,
        program: &str,
        seal: &Seal<'_>,
    ) -> io::Result<u64> {
        let mut sink = Sink::new(out, seal.key);
        let tables = &self.tables;
        sink.put(&TAG)?;
        sink.text(program)?;
        sink.number(seal.incarnation)?;
        sink.put(&tables.position.0.to_be_bytes())?;
        sink.put(&tables.leaf.0)?;
        sink.put(&tables.log_time.micros().to_be_bytes())?;
        sink.texts(&self.peppers)?;
        catalogue::write(&mut sink, &tables.catalogue)?;
        sink.length(tables.roles.len())?;
        tables.roles.iter().try_for_each(|it| sink.text(it.slug.as_str()))?;
        list(&mut sink, tables.lists.len(), tables.lists.iter(), scopes)?;
        list(&mut sink, tables.organizations.len(), tables.organizations.iter(), organization)?;
        list(&mut sink, tables.holders.len(), tables.holders.iter(), holder)?;
        list(&mut sink, tables.tokens.len(), tables.tokens.iter(), token)?;
        list(&mut sink, tables.replaced.len(), tables.replaced.iter(), replaced)?;
        sink.length(tables.ownerless.len())?;
        for (organization, owner) in BTreeMap::from_iter(&tables.ownerless) {
            sink.put(&organization.bits().to_be_bytes())?;
            sink.put(&owner.bits().to_be_bytes())?;
        }
        sink.texts(&tables.erased)?;
        texts::write(&mut sink, tables, seal)?;
        sink.finish()
    }
}

fn list<'t, W: Write, T: 't>(
    sink: &mut Sink<W>,
    length: usize,
    things: impl Iterator<Item = &'t T>,
    one: impl Fn(&mut Sink<W>, &T) -> io::Result<()>,
) -> io::Result<()> {
    sink.length(length)?;
    for thing in things {
        one(sink, thing)?;
    }
    Ok(())
}

fn scopes<W: Write>(sink: &mut Sink<W>, list: &ScopeList) -> io::Result<()> {
    sink.texts(&list.scopes)?;
    sink.length(list.met().len())?;
    list.met().try_for_each(|it| sink.number(it.number()))
}

fn organization<W: Write>(sink: &mut Sink<W>, organization: &tables::Organization) -> io::Result<()> {
    let plan = match organization.plan {
        Plan::Free => 0,
        Plan::Pro => 1,
        Plan::Enterprise => 2,
    };
    sink.put(&organization.id.bits().to_be_bytes())?;
    sink.put(&[plan])?;
    sink.length(organization.owners.len())?;
    organization.owners.iter().try_for_each(|it| sink.put(&it.bits().to_be_bytes()))
}

fn holder<W: Write>(sink: &mut Sink<W>, row: &HolderRow) -> io::Result<()> {
    let (kind, bits) = match row.holder() {
        Holder::Member(id) => (0, id.bits()),
        Holder::ServiceAccount(id) => (1, id.bits()),
        Holder::Operator => (2, 0),
    };
    sink.put(&[kind])?;
    sink.put(&bits.to_be_bytes())?;
    sink.number(maybe(row.standing.and_then(|it| it.organization)))?;
    sink.number(maybe(row.standing.map(|it| it.role)))
}

fn token<W: Write>(sink: &mut Sink<W>, token: &Token) -> io::Result<()> {
    let kind = match token.kind {
        Kind::Pat => 0,
        Kind::Svc => 1,
        Kind::Agt => 2,
        Kind::Ops => 3,
        Kind::Ses => 4,
    };
    let state = match token.state {
        State::Live => 0,
        State::Revoked => 1,
        State::Expired => 2,
    };
    let starts_at = MaybeInstant::from(token.extras.as_ref().and_then(|it| it.starts_at));
    let mut row = Row::<TOKEN_BYTES>::default();
    row.secret(token.secret.bits(), &token.digest);
    row.put(&token.id.bits().to_be_bytes());
    for instant in [token.expires_at, token.ended_at, starts_at] {
        row.put(&instant.micros().to_be_bytes());
    }
    row.put(&maybe(token.organization).to_be_bytes());
    row.put(&token.holder.number().to_be_bytes());
    row.put(&token.scopes.number().to_be_bytes());
    row.put(&[kind, state, token.pepper]);
    sink.put(&row.bytes)
}

fn replaced<W: Write>(sink: &mut Sink<W>, old: &Replaced) -> io::Result<()> {
    let mut row = Row::<{ super::REPLACED_BYTES }>::default();
    row.secret(old.id.bits(), &old.digest);
    row.put(&old.valid_until.micros().to_be_bytes());
    row.put(&old.token.number().to_be_bytes());
    row.put(&[old.pepper]);
    sink.put(&row.bytes)
}

fn maybe<T>(at: Option<At<T>>) -> u32 {
    at.map_or(0, At::number)
}

/// Bytes of a row, filled from the left.
struct Row<const N: usize> {
    bytes: [u8; N],
    filled: usize,
}

impl<const N: usize> Default for Row<N> {
    fn default() -> Self {
        Self { bytes: [0; N], filled: 0 }
    }
}

impl<const N: usize> Row<N> {
    fn put(&mut self, bytes: &[u8]) {
        let place = self.bytes.iter_mut().skip(self.filled);
        place.zip(bytes).for_each(|(place, byte)| *place = *byte);
        self.filled += bytes.len();
    }

    fn secret(&mut self, id: u128, digest: &[u64; 4]) {
        // An id is below 2⁸⁴: five bytes of sixteen are zero.
        self.put(id.to_be_bytes().get(5..).unwrap_or_default());
        for word in digest {
            self.put(&word.to_ne_bytes());
        }
    }
}

/// A file that is synced as it grows.
struct Synced {
    file: File,
    unsynced: usize,
}

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.unsynced += written;
        if SYNCED <= self.unsynced {
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
