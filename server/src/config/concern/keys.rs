//! `[keys]`: where the keys lie.

use std::path::{Path, PathBuf};

use super::path;
use crate::config::reader::{Reader, Refused};

/// Where the keys lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// `keys.dir`: the folder of the key files, mode 0700; by default `keys` in the data folder.
    pub dir: PathBuf,
}

impl Keys {
    /// Reads the concern; `data` is the data folder, unless that was refused.
    pub(in crate::config) fn read(
        reader: &mut Reader,
        data: Result<&Path, Refused>,
    ) -> Result<Self, Refused> {
        if let Some(dir) = reader.optional("keys.dir", path)? {
            return Ok(Self { dir });
        }
        let dir = data?.join("keys");
        let text = dir.display().to_string();
        reader.derived("keys.dir", text, "`keys` in the data folder");
        Ok(Self { dir })
    }
}
