//! A small file system of a test's own.

use std::{fs, path::PathBuf, process::Command};

use tempfile::TempDir;

/// A file system of that many MiB in memory, as long as it lives.
pub(crate) struct SmallDisk(TempDir);

impl SmallDisk {
    pub(crate) fn of(mebibytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={mebibytes}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        let is_mounted = mounted.as_ref().is_ok_and(|it| it.status.success());
        assert!(
            is_mounted,
            "this test mounts a small tmpfs: run it as root, or by `unshare -rm cargo test -p counterfoil-eventlog` \
             ({mounted:?})"
        );
        Self(folder)
    }

    /// A path on it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Takes what space there is, but for about `spare` bytes.
    pub(crate) fn fill(&self, spare: u64) {
        let disk = rustix::fs::statvfs(self.0.path()).unwrap();
        let rest = (disk.f_bavail * disk.f_frsize).saturating_sub(spare);
        fs::write(self.0.path().join("others"), vec![1; usize::try_from(rest).unwrap()]).unwrap();
    }

    /// Gives it back.
    pub(crate) fn make_room(&self) {
        fs::remove_file(self.0.path().join("others")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}
