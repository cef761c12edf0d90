//! The file that holds an operator's token, and nothing else; and `FILE.new` beside it, which waits for its fact.

mod error;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use domain::secret::{Brand, Kind, SecretText};
use rustix::{fs::OFlags, process::geteuid};
use zeroize::Zeroizing;

pub(crate) use error::TokenFileError;
use error::{failed, foreign};

/// No token is longer; what is, is something else.
const LONGEST: u64 = 1_024;

/// The secret that the file holds; nothing where there is no file, or an empty one.
///
/// # Errors
/// When it is not a file that the own user alone may read and write, since somebody else may have prepared it; when it
/// holds something else, or cannot be read.
pub(super) fn read(path: &Path, brand: &Brand) -> Result<Option<SecretText>, TokenFileError> {
    let Some(file) = open_private(path)? else { return Ok(None) };
    let mut text = Zeroizing::new(String::new());
    match file.take(LONGEST).read_to_string(&mut text) {
        Ok(_) => {}
        Err(err) if err.kind() == ErrorKind::InvalidData => return Err(foreign(path)),
        Err(source) => return Err(failed("read", path, source)),
    }
    if text.trim().is_empty() {
        return Ok(None);
    }
    let text = Zeroizing::new(text.trim().to_owned());
    let secret = SecretText::from_shown(text, brand).map_err(|_| foreign(path))?;
    if secret.kind() == Kind::Ops { Ok(Some(secret)) } else { Err(foreign(path)) }
}

/// Has the file hold this secret, mode 0600, wholly and durably or not at all; gives the secret back.
///
/// # Errors
/// When the system refuses.
pub(super) fn write(path: &Path, secret: SecretText, brand: &Brand) -> Result<SecretText, TokenFileError> {
    let secret = put_beside(path, secret, brand)?;
    take_its_place(path)?;
    Ok(secret)
}

/// Has `FILE.new` hold this secret, mode 0600, durably; gives the secret back.
///
/// # Errors
/// When the system refuses.
pub(super) fn put_beside(
    path: &Path,
    secret: SecretText,
    brand: &Brand,
) -> Result<SecretText, TokenFileError> {
    let text = secret.into_text_shown_once();
    let beside = beside(path);
    put(&beside, &text).map_err(|source| failed("write", &beside, source))?;
    sync_folder(path)?;
    SecretText::from_shown(text, brand).map_err(|_| foreign(path))
}

/// Renames `FILE.new` over the file, durably.
///
/// # Errors
/// When the system refuses.
pub(super) fn take_its_place(path: &Path) -> Result<(), TokenFileError> {
    fs::rename(beside(path), path).map_err(|source| failed("write", path, source))?;
    sync_folder(path)
}

/// Completes or undoes what was cut off between writing `FILE.new` and renaming it: where its token is live it takes
/// its place, and nobody needs it where it is not.
///
/// # Errors
/// When `FILE.new` is not private, when the file holds something that is not ours to replace, or the system refuses.
pub(super) fn settle(
    path: &Path,
    brand: &Brand,
    is_live: impl FnOnce(&str) -> bool,
) -> Result<(), TokenFileError> {
    let beside = beside(path);
    let is_live = match read(&beside, brand) {
        Ok(Some(secret)) => is_live(&secret.into_text_shown_once()),
        // Not whole, when the writing of it was cut off.
        Ok(None) | Err(TokenFileError::Foreign { .. }) => false,
        Err(err) => return Err(err),
    };
    if is_live {
        read(path, brand)?;
        return take_its_place(path);
    }
    match fs::remove_file(&beside) {
        Err(err) if err.kind() != ErrorKind::NotFound => Err(failed("remove", &beside, err)),
        _ => Ok(()),
    }
}

/// `FILE.new`.
pub(super) fn beside(path: &Path) -> PathBuf {
    path.with_added_extension("new")
}

/// Opens a regular file that the own user alone may read and write. What is looked at is what was opened, so that
/// nobody can exchange it in between.
fn open_private(path: &Path) -> Result<Option<File>, TokenFileError> {
    // A pipe must not keep the start waiting, and a link may lead anywhere.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(None),
        Err(err) if is_link(path) => return Err(TokenFileError::not_a_file(path, Some(err))),
        Err(source) => return Err(failed("read", path, source)),
    };
    let found = file.metadata().map_err(|source| failed("look at", path, source))?;
    if !found.is_file() {
        return Err(TokenFileError::not_a_file(path, None));
    }
    if found.uid() != geteuid().as_raw() {
        return Err(TokenFileError::NotOurs { path: path.to_owned() });
    }
    if found.mode() & 0o077 != 0 {
        return Err(TokenFileError::NotPrivate { path: path.to_owned() });
    }
    Ok(Some(file))
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|it| it.is_symlink())
}

fn put(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(err) if err.kind() != ErrorKind::NotFound => return Err(err),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> Result<(), TokenFileError> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|it| it.sync_all());
    synced.map_err(|source| failed("sync", folder, source))
}
