//! What both logs' SQLite adapters stand on: files that are recognised and kept durably, one
//! thread that writes, some that read, and the mark of what was acknowledged.

mod connection;
mod desk;
mod fault;
mod mark;
mod readers;
mod status;
mod writer;

use std::path::{Path, PathBuf};

pub(crate) use connection::{
    Form, connect, fold_in_the_log, is_blank, keep_durable, number, recognise, try_fold,
};
pub(crate) use desk::{BreakOff, Reading};
pub(crate) use fault::{Fault, lacks_shared_memory};
pub(crate) use mark::{MarkFile, read_mark, seal, unseal};
pub(crate) use readers::{NoAnswer, Readers};
pub(crate) use status::Status;
pub(crate) use writer::{Inbox, Next, Writer};

/// A number of ours as SQLite keeps it; what is too great for it is beyond anything stored.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number of SQLite's as we keep it; there are none below 0.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// The path of a companion of a file: its own with something behind.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}
