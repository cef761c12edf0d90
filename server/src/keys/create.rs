//! Makes the keys of a new deployment: all of them or none, also when the process dies meanwhile.
//!
//! - t0: the folder is made.
//! - t1: each key is written under its name + `.new` and synced, then the folder is synced. Dying
//!   before the end of t1 leaves no key under its own name: nothing was ever made with what is
//!   there, so the next start writes all anew.
//! - t2: each is renamed to its own name, and the folder synced. Dying within t2 leaves for each
//!   key either its file or its whole `.new`: the next start renames the rest.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{KeyError, Missing, Purpose, exists, line, missing, private};

/// Completes t2, where it was begun.
pub(super) fn finish_what_was_begun(dir: &Path) -> Result<(), KeyError> {
    let Missing::Some(files) = missing(dir)? else {
        return Ok(());
    };
    let mut waiting = Vec::new();
    for file in files {
        let path = dir.join(file);
        if !exists(&beside(&path))? {
            // Not a beginning of ours: the caller says what is missing.
            return Ok(());
        }
        waiting.push(path);
    }
    rename(dir, &waiting)
}

/// t0 to t2.
pub(super) fn make_all(dir: &Path) -> Result<(), KeyError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|source| KeyError::io("make", dir, source))?;
    private(dir, "700")?;
    let mut paths = Vec::new();
    for purpose in Purpose::ALL {
        let path = dir.join(purpose.file_name());
        make(&beside(&path), purpose)?;
        paths.push(path);
    }
    sync(dir)?;
    rename(dir, &paths)?;
    // The folder's own name, too, must outlast a power cut.
    sync(&dir.join(".."))
}

fn make(path: &Path, purpose: Purpose) -> Result<(), KeyError> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(key.as_mut()).map_err(KeyError::Randomness)?;
    let line = line::write(purpose, purpose.first_id(), &key);
    let write = || -> io::Result<()> {
        let _ = fs::remove_file(path);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(line.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|source| KeyError::io("write", path, source))
}

fn rename(dir: &Path, paths: &[PathBuf]) -> Result<(), KeyError> {
    for path in paths {
        fs::rename(beside(path), path).map_err(|source| KeyError::io("rename", path, source))?;
    }
    sync(dir)
}

fn beside(path: &Path) -> PathBuf {
    path.with_added_extension("new")
}

fn sync(dir: &Path) -> Result<(), KeyError> {
    File::open(dir).and_then(|it| it.sync_all()).map_err(|source| KeyError::io("sync", dir, source))
}
