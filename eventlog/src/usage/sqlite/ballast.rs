//! Space that is kept for the hour when the disk is full.
//!
//! The ballast is a file of real bytes. When a block finds no space it is emptied, and blocks go on
//! where it was, long enough for somebody to make room. It is filled again, a step at a time, when
//! there is room for it and some more; until then the log says that it is about to be full, so that
//! what can wait is refused.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;
use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// Bytes that are added at once: little enough that a block that comes meanwhile does not wait.
const STEP: u64 = 8 << 20;
/// Zeros that are written at once where the file system cannot reserve.
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
/// The least that must be free beside the ballast.
const LEAST_MARGIN: u64 = 1 << 20;

/// The ballast, for the one who writes the log.
pub(super) struct Ballast {
    file: File,
    folder: PathBuf,
    /// Its size when whole, in bytes.
    wanted: u64,
    /// Its size now, in bytes.
    held: u64,
    /// Whether it has been whole since the start.
    was_whole: bool,
    shortage: Arc<Shortage>,
}

/// Why the log is about to be full, if it is; for whoever asks.
#[derive(Default)]
pub(super) struct Shortage(Mutex<Option<String>>);

impl Shortage {
    /// # Errors
    /// Why the log is about to be full.
    pub(super) fn check(&self) -> Result<(), String> {
        self.0.lock().clone().map_or(Ok(()), Err)
    }
}

/// What a step came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// There is nothing to be done.
    Whole,
    /// There is more to be done.
    Grown,
    /// There is no room now.
    NoRoom,
}

impl Ballast {
    /// Opens the ballast, and makes it, empty, if there is none. What it holds is kept.
    pub(super) fn open(path: &Path, wanted: u64) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        let found = file.metadata()?;
        // A hole is no reserve; 512 is the unit of `st_blocks`, on any file system.
        let is_real = found.len() <= found.blocks().saturating_mul(512);
        let held = if is_real { found.len().min(wanted) } else { 0 };
        if held < found.len() {
            file.set_len(held)?;
        }
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        let was_whole = held == wanted;
        let ballast = Self { file, folder, wanted, held, was_whole, shortage: Arc::default() };
        if !was_whole && !ballast.has_room() {
            let (path, bytes) = (path.display(), wanted);
            tracing::warn!(%path, bytes, "there is no room for the ballast of the usage log: it goes on without");
        }
        Ok(ballast)
    }

    /// Where one sees whether the log is about to be full.
    pub(super) fn shortage(&self) -> Arc<Shortage> {
        self.shortage.clone()
    }

    /// Notes that the disk is full, and gives back what is held; says whether that was anything.
    pub(super) fn release(&mut self) -> bool {
        let bytes = self.held;
        // Who wants none has none to restore, though it is whole at once.
        let why = if 0 < self.wanted && (0 < bytes || self.was_whole) {
            format!("the disk was full, and the ballast of {} bytes is not restored yet", self.wanted)
        } else {
            "the disk was full".to_owned()
        };
        *self.shortage.0.lock() = Some(why);
        // Some file systems give the space to others only when the change is on the disk.
        let emptied = self.file.set_len(0).and_then(|()| self.file.sync_all());
        if let Err(error) = emptied {
            tracing::error!(%error, "the ballast of the usage log cannot be released");
            return false;
        }
        self.held = 0;
        if 0 < bytes {
            tracing::error!(bytes, "the disk is full: the usage log lives on its ballast from now on");
        }
        0 < bytes
    }

    /// Restores some of what is missing, if there is room for all of it.
    pub(super) fn restore(&mut self) -> Step {
        if self.held == self.wanted {
            return self.settle();
        }
        if !self.has_room() {
            // It never was there: that is how this disk is, not what somebody must repair.
            return if self.was_whole { Step::NoRoom } else { self.settle() };
        }
        let bytes = STEP.min(self.wanted - self.held);
        match reserve(&self.file, self.held, bytes) {
            Ok(()) => {
                self.held += bytes;
                Step::Grown
            }
            Err(error) => {
                tracing::debug!(%error, "the ballast of the usage log cannot grow");
                Step::NoRoom
            }
        }
    }

    /// Notes that the disk is not full any more, if so.
    fn settle(&mut self) -> Step {
        let is_whole = self.held == self.wanted;
        self.was_whole |= is_whole;
        let is_short = self.shortage.check().is_err();
        if is_short && free(&self.folder) < LEAST_MARGIN {
            return Step::NoRoom;
        }
        if is_short {
            tracing::info!(ballast_bytes = self.held, "there is space again on the usage log's disk");
            *self.shortage.0.lock() = None;
        }
        if is_whole { Step::Whole } else { Step::NoRoom }
    }

    fn has_room(&self) -> bool {
        self.wanted - self.held + self.margin() <= free(&self.folder)
    }

    fn margin(&self) -> u64 {
        LEAST_MARGIN.max(self.wanted / 4)
    }
}

/// Bytes that are free for us where the folder lies; 0 if nobody can say.
pub(super) fn free(folder: &Path) -> u64 {
    statvfs(folder).map_or(0, |it| it.f_bavail.saturating_mul(it.f_frsize))
}

/// Makes the file that much longer, with space that is really there.
fn reserve(file: &File, from: u64, bytes: u64) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), from, bytes) {
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => write_zeros(file, from, bytes),
        reserved => Ok(reserved?),
    }
}

fn write_zeros(file: &File, from: u64, bytes: u64) -> io::Result<()> {
    let mut written = 0;
    while written < bytes {
        let piece = usize::try_from(bytes - written).unwrap_or(usize::MAX);
        let zeros = ZEROS.get(..piece).unwrap_or(&ZEROS);
        file.write_all_at(zeros, from + written)?;
        written += zeros.len() as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: u64 = 2 * STEP + 4_096;

    fn a_ballast(wanted: u64) -> (tempfile::TempDir, Ballast) {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast::open(&folder.path().join("ballast"), wanted).unwrap();
        (folder, ballast)
    }

    fn fill(ballast: &mut Ballast) -> usize {
        let mut steps = 0;
        while ballast.restore() == Step::Grown {
            steps += 1;
        }
        steps
    }

    #[test]
    fn it_grows_by_steps_until_it_is_whole_and_is_really_there() {
        let (folder, mut ballast) = a_ballast(WANTED);
        assert_eq!(fill(&mut ballast), 3);
        let found = std::fs::metadata(folder.path().join("ballast")).unwrap();
        assert_eq!(found.len(), WANTED);
        assert!(WANTED <= found.blocks() * 512);
        assert_eq!(ballast.restore(), Step::Whole);
        assert_eq!(ballast.shortage().check(), Ok(()));
    }

    #[test]
    fn zeros_are_written_where_nothing_can_be_reserved() {
        let (folder, ballast) = a_ballast(WANTED);
        write_zeros(&ballast.file, 100, 200_000).unwrap();
        let found = std::fs::read(folder.path().join("ballast")).unwrap();
        assert_eq!(found, vec![0; 200_100]);
    }

    #[test]
    fn what_is_released_is_a_shortage_until_it_is_restored() {
        let (folder, mut ballast) = a_ballast(WANTED);
        fill(&mut ballast);
        let shortage = ballast.shortage();
        assert!(ballast.release());
        assert_eq!(std::fs::metadata(folder.path().join("ballast")).unwrap().len(), 0);
        assert!(!ballast.release(), "there is nothing left to be released");
        assert!(shortage.check().unwrap_err().contains("not restored yet"));
        assert_eq!(ballast.restore(), Step::Grown);
        assert!(shortage.check().is_err(), "a part is no ballast");
        fill(&mut ballast);
        assert_eq!(shortage.check(), Ok(()));
    }

    #[test]
    fn it_is_kept_over_a_restart_and_cut_to_size_but_a_hole_is_none() {
        let (folder, mut ballast) = a_ballast(WANTED);
        fill(&mut ballast);
        let path = folder.path().join("ballast");
        for (wanted, held) in [(WANTED, WANTED), (4_096, 4_096), (WANTED, 4_096)] {
            assert_eq!(Ballast::open(&path, wanted).unwrap().held, held);
        }
        File::create(&path).unwrap().set_len(WANTED).unwrap();
        assert_eq!(Ballast::open(&path, WANTED).unwrap().held, 0);
    }

    #[test]
    fn a_disk_without_room_for_it_is_no_shortage_unless_it_was_full() {
        let (_folder, mut ballast) = a_ballast(u64::MAX / 4);
        let shortage = ballast.shortage();
        assert_eq!(ballast.restore(), Step::NoRoom);
        assert_eq!(shortage.check(), Ok(()));
        assert!(!ballast.release());
        assert_eq!(shortage.check(), Err("the disk was full".to_owned()));
    }

    #[test]
    fn who_wants_no_ballast_hears_of_none() {
        let (_folder, mut ballast) = a_ballast(0);
        let shortage = ballast.shortage();
        assert!(!ballast.release());
        assert_eq!(shortage.check(), Err("the disk was full".to_owned()));
        assert_eq!(ballast.restore(), Step::Whole);
        assert_eq!(shortage.check(), Ok(()));
    }
}
