//! The folder: which files of it are days, and what they are called.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use jiff::{Span, civil::Date};

use crate::sqlite::beside;

/// The folder of a usage log.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Opens the folder, and makes it if there is none.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        // Without doubled slashes, which would mean something else in a file's address.
        Ok(Self(path.components().collect()))
    }

    /// The folder itself.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The file of a day, like `2026-11-24.db`.
    pub(super) fn day(&self, day: u32) -> PathBuf {
        self.0.join(name_of(day))
    }

    /// The mark of what was acknowledged.
    pub(super) fn mark(&self) -> PathBuf {
        self.0.join("head")
    }

    /// The ballast.
    pub(super) fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// The days that have a file. What is called otherwise is nobody's business.
    pub(super) fn days(&self) -> io::Result<BTreeSet<u32>> {
        let mut days = BTreeSet::new();
        for entry in fs::read_dir(&self.0)? {
            days.extend(entry?.file_name().to_str().and_then(day_of));
        }
        Ok(days)
    }
}

/// The name of a day's file; days after the year 9999 go by their number.
fn name_of(day: u32) -> String {
    let since = Span::new().try_days(day);
    match since.and_then(|days| Date::constant(1970, 1, 1).checked_add(days)) {
        Ok(date) => format!("{date}.db"),
        Err(_) => format!("{day}.db"),
    }
}

/// The day of a file's name.
fn day_of(name: &str) -> Option<u32> {
    let text = name.strip_suffix(".db")?;
    let day = match text.parse::<Date>() {
        Ok(date) => date.since(Date::constant(1970, 1, 1)).ok()?.get_days().try_into().ok()?,
        Err(_) => text.parse().ok()?,
    };
    (name_of(day) == name).then_some(day)
}

/// The length of a file, 0 if there is none. What cannot be looked at is for SQLite to complain of.
pub(super) fn length(path: &Path) -> u64 {
    match fs::metadata(path) {
        Ok(found) => found.len(),
        Err(err) if err.kind() == io::ErrorKind::NotFound => 0,
        Err(_) => 1,
    }
}

/// Whether a write-ahead log with something in it lies beside a file.
pub(super) fn has_write_ahead_log(file: &Path) -> bool {
    0 < length(&beside(file, "-wal"))
}

/// Removes a file and what SQLite keeps beside it. Only for one that holds nothing.
pub(super) fn remove(file: &Path) -> io::Result<()> {
    for suffix in ["-journal", "-wal", "-shm", ""] {
        match fs::remove_file(beside(file, suffix)) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
            Ok(()) | Err(_) => (),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_day_is_called_by_its_date() {
        for (day, name) in [
            (0, "1970-01-01.db"),
            (20_781, "2026-11-24.db"),
            (11_016, "2000-02-29.db"),
            (2_932_896, "9999-12-31.db"),
            (2_932_897, "2932897.db"),
            (u32::MAX, "4294967295.db"),
        ] {
            assert_eq!(name_of(day), name);
            assert_eq!(day_of(name), Some(day));
        }
    }

    #[test]
    fn what_is_called_otherwise_is_no_day() {
        for name in [
            "head",
            "ballast",
            "2026-11-24.db-wal",
            "2026-11-31.db",
            "20261124.db",
            "1.db",
            "1969-12-31.db",
            "-1.db",
        ] {
            assert_eq!(day_of(name), None, "{name}");
        }
    }
}
