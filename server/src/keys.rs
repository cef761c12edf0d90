//! `keys.dir`: the secrets that the ledger's facts are sealed and proven under. They never lie
//! in the ledger, and `backup`, once it comes, will leave them out.
//!
//! A file is one line: `counterfoil-key v1 <purpose> <key id> <32 bytes, base64url>`.

mod create;
mod error;
mod line;

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

pub use error::KeyError;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Digests of token secrets (HMAC-SHA-256).
    Pepper,
    /// Wraps the data keys of subjects.
    Master,
    /// Request ids (one AES block).
    RequestId,
    /// Marks of requests that carried an idempotency key (HMAC-SHA-256).
    CommandMac,
    /// Tags of e-mail addresses in the address book (HMAC-SHA-256).
    AddressBook,
}

impl Purpose {
    /// All of them, in the order of [`KeyFiles`].
    pub const ALL: [Self; 5] =
        [Self::Pepper, Self::Master, Self::RequestId, Self::CommandMac, Self::AddressBook];

    /// Its name in a key file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pepper => "pepper",
            Self::Master => "master",
            Self::RequestId => "request-id",
            Self::CommandMac => "command-mac",
            Self::AddressBook => "address-book",
        }
    }

    /// The id of the key that the first start makes; stored beside whatever is made with it.
    fn first_id(self) -> &'static str {
        match self {
            Self::Pepper => "k1",
            Self::Master => "m1",
            Self::RequestId => "r1",
            Self::CommandMac => "c1",
            Self::AddressBook => "a1",
        }
    }

    fn file_name(self) -> String {
        format!("{}-{}.key", self.name(), self.first_id())
    }
}

/// One key. Neither `Debug` nor `Serialize`; overwritten when dropped.
pub struct KeyFile {
    id: String,
    bytes: Zeroizing<[u8; 32]>,
}

impl KeyFile {
    /// Its id, such as `k1`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key itself.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

/// The keys of a deployment.
pub struct KeyFiles {
    /// For digests of token secrets.
    pub pepper: KeyFile,
    /// Wraps the data keys of subjects.
    pub master: KeyFile,
    /// For request ids.
    pub request_id: KeyFile,
    /// For marks of requests that carried an idempotency key.
    pub command_mac: KeyFile,
    /// For tags of e-mail addresses.
    pub address_book: KeyFile,
}

impl KeyFiles {
    /// Reads the keys of `dir`; makes them, and it, if there are none yet and no ledger that was
    /// written under others. `ledger_exists` says whether there is one.
    ///
    /// # Errors
    /// When users other than the owner may read a file or the folder; when some or all keys are
    /// missing that an existing ledger needs; when a file holds something else.
    pub fn open_or_make(dir: &Path, ledger_exists: bool) -> Result<Self, KeyError> {
        create::finish_what_was_begun(dir)?;
        match (missing(dir)?, ledger_exists) {
            (Missing::All, false) => {
                create::make_all(dir)?;
                tracing::info!(dir = %dir.display(), "keys made: back them up apart from the data");
            }
            (Missing::All, true) => return Err(KeyError::NoneForLedger { dir: dir.to_owned() }),
            (Missing::None | Missing::Some(_), _) => {}
        }
        Self::open(dir)
    }

    /// Reads the keys of `dir` and changes nothing.
    ///
    /// # Errors
    /// As [`KeyFiles::open_or_make`], and when there are no keys.
    pub fn open(dir: &Path) -> Result<Self, KeyError> {
        match missing(dir)? {
            Missing::None => {}
            Missing::Some(files) => {
                return Err(KeyError::SomeMissing { dir: dir.to_owned(), files });
            }
            Missing::All => return Err(KeyError::NoneForLedger { dir: dir.to_owned() }),
        }
        private(dir, "700")?;
        refuse_unknown(dir)?;
        Ok(Self {
            pepper: read(dir, Purpose::Pepper)?,
            master: read(dir, Purpose::Master)?,
            request_id: read(dir, Purpose::RequestId)?,
            command_mac: read(dir, Purpose::CommandMac)?,
            address_book: read(dir, Purpose::AddressBook)?,
        })
    }
}

enum Missing {
    None,
    Some(Vec<String>),
    All,
}

fn missing(dir: &Path) -> Result<Missing, KeyError> {
    let mut files = Vec::new();
    for purpose in Purpose::ALL {
        let path = dir.join(purpose.file_name());
        if !exists(&path)? {
            files.push(purpose.file_name());
        }
    }
    Ok(match files.len() {
        0 => Missing::None,
        all if all == Purpose::ALL.len() => Missing::All,
        _ => Missing::Some(files),
    })
}

fn exists(path: &Path) -> Result<bool, KeyError> {
    path.try_exists().map_err(|source| KeyError::io("look for", path, source))
}

/// Refuses what users other than the owner may read or write; `mode` is what it should be.
fn private(path: &Path, mode: &'static str) -> Result<(), KeyError> {
    let found = fs::metadata(path).map_err(|source| KeyError::io("look at", path, source))?;
    let others = found.mode() & 0o077;
    if others != 0 {
        return Err(KeyError::NotPrivate { path: path.to_owned(), mode });
    }
    Ok(())
}

/// A key file that this version would not use is refused, so that nobody believes that it does.
fn refuse_unknown(dir: &Path) -> Result<(), KeyError> {
    let known: Vec<String> = Purpose::ALL.iter().map(|it| it.file_name()).collect();
    for entry in entries(dir)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if entry.extension().is_some_and(|it| it == "key") && !known.iter().any(|it| *it == name) {
            return Err(KeyError::Unknown { path: entry });
        }
    }
    Ok(())
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, KeyError> {
    let list = || -> io::Result<Vec<PathBuf>> { fs::read_dir(dir)?.map(|it| Ok(it?.path())).collect() };
    match list() {
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed.map_err(|source| KeyError::io("list", dir, source)),
    }
}

fn read(dir: &Path, purpose: Purpose) -> Result<KeyFile, KeyError> {
    let path = dir.join(purpose.file_name());
    private(&path, "600")?;
    let text = fs::read_to_string(&path).map_err(|source| KeyError::io("read", &path, source))?;
    let text = Zeroizing::new(text);
    line::read(&text, purpose).ok_or(KeyError::NotAKey { path, purpose: purpose.name() })
}

#[cfg(test)]
mod tests;
