//! The data folder: its layout, and the lock that lets one process serve it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, Mode, flock};

/// Where things lie in a data folder. Naming them opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout of the data folder `root`, whether or not it exists.
    pub fn of(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The layout of a data folder that exists, for commands that only read: they need no lock,
    /// since they open the files read-only.
    ///
    /// # Errors
    /// When there is no such folder or it holds no ledger.
    pub fn to_read(root: impl Into<PathBuf>) -> Result<Self, FolderError> {
        let layout = Self::of(root);
        if !layout.ledger_exists()? {
            return Err(FolderError::NoLedger { path: layout.root });
        }
        Ok(layout)
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file of the embedded ledger: facts, never disposable.
    pub fn ledger(&self) -> PathBuf {
        self.root.join("ledger.db")
    }

    /// The file of the embedded state: neither fact nor view, never disposable.
    pub fn state(&self) -> PathBuf {
        self.root.join("state.db")
    }

    /// The folder of the views' files: disposable.
    pub fn views(&self) -> PathBuf {
        self.root.join("views")
    }

    /// The folder of the embedded usage log, one file a day.
    pub fn usage(&self) -> PathBuf {
        self.root.join("usage")
    }

    /// The folder of the key files, unless `keys.dir` names another.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Whether the embedded ledger has been begun, however little it holds.
    ///
    /// # Errors
    /// When the folder cannot be looked into.
    pub fn ledger_exists(&self) -> Result<bool, FolderError> {
        let path = self.ledger();
        path.try_exists().map_err(|source| FolderError::io("look for", path, source))
    }

    fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }
}

/// A data folder that this process alone may change, for as long as the value lives.
#[derive(Debug)]
pub struct DataFolder {
    layout: Layout,
    // Held, never read: the lock ends when the file is closed.
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if it is missing (mode 0700, with `views/` and `usage/`) and locks it.
    ///
    /// The lock is the system's (`flock`), so it ends with the process however that ends.
    ///
    /// # Errors
    /// When another process serves the folder, when any user of the machine may write to it, or
    /// when it cannot be made.
    pub fn lock(root: &Path) -> Result<Self, FolderError> {
        let layout = Layout::of(root);
        make(root)?;
        let mode =
            fs::metadata(root).map_err(|source| FolderError::io("look at", root.to_owned(), source))?.mode();
        if mode & 0o002 != 0 {
            return Err(FolderError::WritableByAll { path: root.to_owned() });
        }
        let lock = lock(layout.lock())?;
        make(&layout.views())?;
        make(&layout.usage())?;
        sync(root)?;
        Ok(Self { layout, _lock: lock })
    }

    /// Where things lie in it.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process holds the lock.
    #[error(
        "the data folder `{}` is served by {}: stop that process or choose another folder with \
         --data",
        path.display(), holder(*.pid)
    )]
    Served {
        /// The folder.
        path: PathBuf,
        /// The process, if it has written its number.
        pid: Option<u32>,
    },
    /// Any user could replace the ledger.
    #[error(
        "every user of this machine may write to the data folder `{path}`: `chmod o-w {path}`, or \
         choose another folder with --data",
        path = path.display()
    )]
    WritableByAll {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing to read.
    #[error("`{}` holds no ledger: name a data folder with --data", path.display())]
    NoLedger {
        /// The folder.
        path: PathBuf,
    },
    /// The system refused.
    #[error("failed to {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl FolderError {
    fn io(action: &'static str, path: PathBuf, source: io::Error) -> Self {
        Self::Io { action, path, source }
    }
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

/// Makes every file that this process creates from now on private to its user, whichever library
/// creates it. Called once, before the data folder is opened.
pub fn keep_files_private() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

fn make(path: &Path) -> Result<(), FolderError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| FolderError::io("make", path.to_owned(), source))
}

fn sync(path: &Path) -> Result<(), FolderError> {
    File::open(path)
        .and_then(|it| it.sync_all())
        .map_err(|source| FolderError::io("sync", path.to_owned(), source))
}

fn lock(path: PathBuf) -> Result<File, FolderError> {
    let mut file = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|source| FolderError::io("open", path.clone(), source))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => return Err(served(&path, &mut file)),
        Err(err) => return Err(FolderError::io("lock", path, err.into())),
    }
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(|source| FolderError::io("write", path, source))?;
    Ok(file)
}

fn served(path: &Path, file: &mut File) -> FolderError {
    let mut text = String::new();
    // A pid that cannot be read is only left out of the sentence.
    let read = file.take(32).read_to_string(&mut text);
    FolderError::Served {
        path: path.parent().unwrap_or(path).to_owned(),
        pid: read.ok().and_then(|_| text.trim().parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn the_first_start_makes_a_private_folder() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("deep/data");
        let folder = DataFolder::lock(&root).unwrap();
        for made in [&root, &folder.layout().views(), &folder.layout().usage()] {
            assert_eq!(mode(made), 0o700, "{}", made.display());
        }
        assert_eq!(mode(&root.join("lock")), 0o600);
    }

    #[test]
    fn a_second_lock_is_refused_with_the_process_and_what_to_do() {
        let root = tempfile::tempdir().unwrap();
        let first = DataFolder::lock(root.path()).unwrap();
        let text = DataFolder::lock(root.path()).unwrap_err().to_string();
        let expected = format!(
            "the data folder `{}` is served by process {}: stop that process or choose another \
             folder with --data",
            root.path().display(),
            std::process::id()
        );
        assert_eq!(text, expected);
        drop(first);
        DataFolder::lock(root.path()).unwrap();
    }

    #[test]
    fn the_number_of_a_dead_process_stops_nobody() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("lock"), "4194304000\nmore").unwrap();
        let folder = DataFolder::lock(root.path()).unwrap();
        let text = fs::read_to_string(folder.layout().lock()).unwrap();
        assert_eq!(text, format!("{}\n", std::process::id()));
    }

    #[test]
    fn a_folder_that_everybody_may_write_to_is_refused() {
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let text = DataFolder::lock(root.path()).unwrap_err().to_string();
        assert!(text.contains("chmod o-w"), "{text}");
    }

    #[test]
    fn readers_need_a_ledger_and_no_lock() {
        let root = tempfile::tempdir().unwrap();
        let _served = DataFolder::lock(root.path()).unwrap();
        let text = Layout::to_read(root.path()).unwrap_err().to_string();
        assert!(text.contains("holds no ledger"), "{text}");
        fs::write(root.path().join("ledger.db"), "").unwrap();
        assert_eq!(Layout::to_read(root.path()).unwrap().root(), root.path());
    }
}
