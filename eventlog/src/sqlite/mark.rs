//! The file that notes what was acknowledged last.
//!
//! SQLite ends its write-ahead log at the first frame that does not fit its checksum, and takes all
//! that follows for never committed: there, one flipped bit would silently lose what callers were
//! told is durable. So the writer notes the last of each commit before it answers, and a log that
//! lacks it is not opened.
//!
//! The mark is written without waiting for the disk. It survives the end of the process; after a
//! power cut it may be an older one, which any log that holds more fits as well. It is never ahead
//! of the disk, since it is written after the commit is there.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// Bytes of a mark before and after what it says: a tag, and the first 4 bytes of the SHA-256 of
/// all that comes before them.
type Tag = [u8; 4];

/// A mark as it is written: the tag, what it says, the checksum.
pub(crate) fn seal(tag: Tag, said: &[u8]) -> Vec<u8> {
    [&tag[..], said, &checksum(tag, said)].concat()
}

/// What a mark with that tag says; nothing if it is none, or damaged.
pub(crate) fn unseal(tag: Tag, mark: &[u8]) -> Option<&[u8]> {
    let (found, rest) = mark.split_first_chunk::<4>()?;
    let (said, sum) = rest.split_last_chunk::<4>()?;
    (*found == tag && *sum == checksum(tag, said)).then_some(said)
}

fn checksum(tag: Tag, said: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::new().chain_update(tag).chain_update(said).finalize().into();
    [a, b, c, d]
}

/// What a mark says, by `decode`; or why there is none.
pub(crate) fn read_mark<M>(path: &Path, decode: impl FnOnce(&[u8]) -> Option<M>) -> Result<M, String> {
    match fs::read(path) {
        Ok(bytes) => decode(&bytes).ok_or_else(|| "it is damaged".to_owned()),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Err("it is not there".to_owned()),
        Err(err) => Err(err.to_string()),
    }
}

/// Where the writer notes the mark.
pub(crate) struct MarkFile {
    file: File,
    path: PathBuf,
    is_failing: bool,
}

impl MarkFile {
    /// Opens the file, and makes it if there is none. What it says stays.
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
        Ok(Self { file, path, is_failing: false })
    }

    /// Overwrites the mark. If that fails the old one stays in force: it protects less, but what it
    /// says is still so, and the commit that it follows is durable.
    pub(crate) fn note(&mut self, mark: &[u8]) {
        let noted = self.file.write_all_at(mark, 0);
        if let (Err(error), false) = (&noted, self.is_failing) {
            tracing::warn!(%error, mark = %self.path.display(), "the mark of a log's end cannot be written");
        }
        self.is_failing = noted.is_err();
    }
}
