//! The data folder: its layout, and the lock that lets one process serve it.

mod error;

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, Mode, flock};

pub use error::FolderError;

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

    /// The snapshot of the gate: disposable.
    pub fn snapshot(&self) -> PathBuf {
        self.root.join("gate.snapshot")
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

    /// Whether the embedded state has been begun. A file without a byte holds nothing and counts as none.
    ///
    /// # Errors
    /// When the folder cannot be looked into.
    pub fn state_exists(&self) -> Result<bool, FolderError> {
        let path = self.state();
        match fs::metadata(&path) {
            Ok(found) => Ok(0 < found.len()),
            Err(err) if err.kind() == ErrorKind::NotFound => Ok(false),
            Err(source) => Err(FolderError::io("look for", path, source)),
        }
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
    /// When another process serves the folder, when other users of the machine may write to it, or
    /// when it cannot be made.
    pub fn lock(root: &Path) -> Result<Self, FolderError> {
        let layout = Layout::of(root);
        make(root)?;
        let found = fs::metadata(root);
        let found = found.map_err(|source| FolderError::io("look at", root.to_owned(), source))?;
        if found.mode() & 0o022 != 0 {
            return Err(FolderError::WritableByOthers { path: root.to_owned() });
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

/// Makes every file that this process creates from now on private to its user, whichever library
/// creates it. Called once, before the data folder is opened.
pub fn keep_files_private() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Makes the folder and the parents that it lacks. Each is durable where it lies: a power cut cannot take away a
/// folder that holds acknowledged facts.
fn make(path: &Path) -> Result<(), FolderError> {
    let made = lacking(path)?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| FolderError::io("make", path.to_owned(), source))?;
    made.into_iter().try_for_each(|it| sync(parent_of(it)))
}

/// The folders of a path that do not exist, the deepest first.
fn lacking(path: &Path) -> Result<Vec<&Path>, FolderError> {
    let mut lacking = Vec::new();
    for it in path.ancestors().filter(|it| !it.as_os_str().is_empty()) {
        if it.try_exists().map_err(|source| FolderError::io("look for", it.to_owned(), source))? {
            break;
        }
        lacking.push(it);
    }
    Ok(lacking)
}

/// Where a path lies; a name alone lies in the working folder.
fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
mod tests;
