//! A small file system of a test's own.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A file system of some MiB in memory, as long as it lives.
pub(crate) struct SmallDisk(TempDir);

impl SmallDisk {
    pub(crate) fn of(mebibytes: u32) -> Self {
        let folder = TempDir::new().unwrap();
        let size = format!("size={mebibytes}m");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        let is_mounted = mount.as_ref().is_ok_and(|it| it.status.success());
        assert!(
            is_mounted,
            "this test mounts a small tmpfs: run it as root, or by `unshare -rm cargo test -p counterfoil-tests` \
             ({mount:?})"
        );
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn others(&self) -> PathBuf {
        self.path().join("others")
    }

    /// Takes what space there is, also while others take some.
    pub(crate) fn fill(&self) {
        let mut others = File::create(self.others()).unwrap();
        for size in [1 << 20, 1 << 12] {
            let bytes = vec![1; size];
            while others.write_all(&bytes).is_ok() {}
        }
    }

    /// Gives it back.
    pub(crate) fn make_room(&self) {
        fs::remove_file(self.others()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}
