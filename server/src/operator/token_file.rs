//! The file that holds an operator's token, and nothing else.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use domain::secret::{Brand, Kind, SecretText};
use zeroize::Zeroizing;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenFileError {
    /// It holds something that is not ours to replace.
    #[error(
        "`{}` holds something else than an operator's token: name another file with \
         --operator-token-file, or move this one away",
        path.display()
    )]
    Foreign {
        /// The file.
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

/// The secret that the file holds; nothing where there is no file, or an empty one.
///
/// # Errors
/// When it holds something else, or cannot be read.
pub(super) fn read(path: &Path, brand: &Brand) -> Result<Option<SecretText>, TokenFileError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(None),
        Err(err) if err.kind() == ErrorKind::InvalidData => return Err(foreign(path)),
        Err(source) => return Err(failed("read", path, source)),
    };
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
    let text = secret.into_text_shown_once();
    let beside = path.with_added_extension("new");
    put(&beside, &text).map_err(|source| failed("write", &beside, source))?;
    fs::rename(&beside, path).map_err(|source| failed("write", path, source))?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync(folder).map_err(|source| failed("sync", folder, source))?;
    SecretText::from_shown(text, brand).map_err(|_| foreign(path))
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

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn foreign(path: &Path) -> TokenFileError {
    TokenFileError::Foreign { path: path.to_owned() }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> TokenFileError {
    TokenFileError::Io { action, path: path.to_owned(), source }
}
