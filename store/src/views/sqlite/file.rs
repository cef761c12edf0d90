//! Names of view files, and the pointer that says which one readers see.
//!
//! `token_list.v1.db` is the first build of version 1, `token_list.v1.2.db` the second. The
//! symbolic link `token_list.db` points at the published one and is replaced atomically, so
//! that a crash leaves either the old or the new view published. While a process runs, no
//! name is used twice: SQLite finds a `-wal` by its name, so a new file must never meet the
//! companion of an old one that somebody still has open.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

use crate::SqlError;

/// One build of one version of a projection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ViewFile {
    pub(super) projection: String,
    pub(super) version: u32,
    /// 1, 2, 3 …: the build of this version.
    pub(super) build: u32,
}

impl ViewFile {
    pub(super) fn name(&self) -> String {
        let Self { projection, version, build } = self;
        if *build == 1 {
            format!("{projection}.v{version}.db")
        } else {
            format!("{projection}.v{version}.{build}.db")
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(".db")?.split('.');
        let file = Self {
            projection: parts.next()?.to_owned(),
            version: parts.next()?.strip_prefix('v')?.parse().ok()?,
            build: parts.next().map_or(Some(1), |it| it.parse().ok())?,
        };
        // Only what `name` writes: neither `v01` nor a further part is ours.
        (file.name() == name && check_name(&file.projection).is_ok()).then_some(file)
    }
}

/// A projection's name is an identifier of both engines and safe in a path.
pub(super) fn check_name(projection: &str) -> Result<(), SqlError> {
    let starts = projection.starts_with(|it: char| it.is_ascii_lowercase());
    let consists = projection.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_');
    // The two names that SQLite itself gives to databases of a connection.
    let taken = matches!(projection, "main" | "temp");
    if starts && consists && !taken && projection.len() <= 63 {
        return Ok(());
    }
    Err(SqlError::ProjectionName { name: projection.to_owned() })
}

/// The folder of all views.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Creates the folder, for its owner alone, when absent.
    pub(super) fn open(path: &Path) -> Result<Self, SqlError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .and_then(|()| fs::canonicalize(path))
            .map(Self)
            .map_err(|source| failed(path, source))
    }

    pub(super) fn path(&self, file: &ViewFile) -> PathBuf {
        self.0.join(file.name())
    }

    /// All builds that lie here, in order.
    pub(super) fn files(&self) -> Result<Vec<ViewFile>, SqlError> {
        let entries = fs::read_dir(&self.0).map_err(|source| failed(&self.0, source))?;
        let mut files = Vec::new();
        for entry in entries {
            let name = entry.map_err(|source| failed(&self.0, source))?.file_name();
            files.extend(name.to_str().and_then(ViewFile::parse));
        }
        files.sort();
        Ok(files)
    }

    /// The build that the projection's pointer names, if both are there.
    pub(super) fn published(&self, projection: &str) -> Option<ViewFile> {
        let target = fs::read_link(self.pointer(projection)).ok()?;
        let file = ViewFile::parse(target.to_str()?)?;
        (file.projection == projection && self.path(&file).is_file()).then_some(file)
    }

    /// Points the projection at this build, atomically and durably.
    pub(super) fn point_at(&self, file: &ViewFile) -> Result<(), SqlError> {
        let beside = self.0.join(format!("{}.db.next", file.projection));
        remove(&beside)?;
        symlink(file.name(), &beside).map_err(|source| failed(&beside, source))?;
        let pointer = self.pointer(&file.projection);
        fs::rename(&beside, &pointer).map_err(|source| failed(&pointer, source))?;
        self.sync()
    }

    pub(super) fn remove_pointer(&self, projection: &str) -> Result<(), SqlError> {
        remove(&self.pointer(projection))?;
        self.sync()
    }

    /// Deletes a build with its companions. The database goes first: a `-wal` without one is
    /// ignored, while a database without its `-wal` would lack its last commits.
    pub(super) fn remove(&self, file: &ViewFile) -> Result<(), SqlError> {
        for ending in ["", "-wal", "-shm", "-journal"] {
            remove(&self.0.join(file.name() + ending))?;
        }
        Ok(())
    }

    fn pointer(&self, projection: &str) -> PathBuf {
        self.0.join(format!("{projection}.db"))
    }

    fn sync(&self) -> Result<(), SqlError> {
        fs::File::open(&self.0).and_then(|folder| folder.sync_all()).map_err(|source| failed(&self.0, source))
    }
}

fn remove(path: &Path) -> Result<(), SqlError> {
    match fs::remove_file(path) {
        Err(err) if err.kind() != ErrorKind::NotFound => Err(failed(path, err)),
        _ => Ok(()),
    }
}

fn failed(path: &Path, source: io::Error) -> SqlError {
    SqlError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(projection: &str, version: u32, build: u32) -> ViewFile {
        ViewFile { projection: projection.to_owned(), version, build }
    }

    #[test]
    fn the_first_build_has_the_plain_name() {
        assert_eq!(file("token_list", 1, 1).name(), "token_list.v1.db");
        assert_eq!(file("token_list", 1, 2).name(), "token_list.v1.2.db");
    }

    #[test]
    fn foreign_files_are_not_ours() {
        for name in [
            "token_list.db",
            "token_list.v1.db-wal",
            "token_list.v01.db",
            "token_list.v1.1.db",
            "token_list.v1.2.3.db",
            "Token.v1.db",
            "main.v1.db",
            "..v1.db",
        ] {
            assert_eq!(ViewFile::parse(name), None, "{name}");
        }
    }

    #[test]
    fn names_that_leave_the_folder_or_the_dialect_are_refused() {
        for name in ["", "a/b", "..", "a-b", "A", "1a", "_a", "main", "temp"] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name(&"a".repeat(64)).is_err());
        assert!(check_name("token_list").is_ok());
    }

    #[test]
    fn a_pointer_without_its_file_publishes_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let first = file("a", 1, 1);
        folder.point_at(&first).unwrap();
        assert_eq!(folder.published("a"), None);
        fs::write(folder.path(&first), "").unwrap();
        assert_eq!(folder.published("a"), Some(first));
    }

    #[test]
    fn a_pointer_is_replaced_even_after_a_crash_beside_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        symlink("half", place.path().join("a.db.next")).unwrap();
        let second = file("a", 2, 1);
        fs::write(folder.path(&second), "").unwrap();
        folder.point_at(&file("a", 1, 1)).unwrap();
        folder.point_at(&second).unwrap();
        assert_eq!(folder.published("a"), Some(second));
    }

    proptest! {
        #[test]
        fn names_read_back(projection in "[a-z][a-z0-9_]{0,20}", version: u32, build in 1u32..) {
            prop_assume!(check_name(&projection).is_ok());
            let file = file(&projection, version, build);
            prop_assert_eq!(ViewFile::parse(&file.name()), Some(file));
        }
    }
}
