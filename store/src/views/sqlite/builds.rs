//! Which builds of a version exist, who writes them, and which one is which.

use std::collections::HashMap;
use std::sync::Arc;

use super::attach;
use super::file::{Folder, ViewFile};
use super::published::Published;
use crate::{SqlError, SqliteMode, SqliteSql};

type Version = (String, u32);

/// The builds of all versions; whoever holds it is alone in changing them. Everything blocks.
pub(super) struct Builds {
    folder: Arc<Folder>,
    published: Arc<Published>,
    writers: HashMap<ViewFile, Arc<SqliteSql>>,
    rebuilding: HashMap<Version, ViewFile>,
    last: HashMap<Version, u32>,
}

impl Builds {
    pub(super) fn open(folder: Arc<Folder>, published: Arc<Published>) -> Result<Self, SqlError> {
        let mut last = HashMap::new();
        for file in folder.files()? {
            if let Some(current) = folder.published(&file.projection) {
                published.set(current);
            }
            last.insert((file.projection, file.version), file.build);
        }
        Ok(Self { folder, published, writers: HashMap::new(), rebuilding: HashMap::new(), last })
    }

    /// The writer of the served build, or of the one begun; what a crash left beside it is
    /// deleted when it is first opened, and so are other versions than the one that is served.
    pub(super) fn writer(&mut self, version: &Version) -> Result<Arc<SqliteSql>, SqlError> {
        if self.published.get(&version.0).is_some_and(|it| it.version == version.1) {
            self.retire_others(version)?;
        }
        let file = match self.current(version)? {
            Some(file) => file,
            None => self.new_file(version),
        };
        if let Some(open) = self.writers.get(&file) {
            return Ok(Arc::clone(open));
        }
        let kept = self.rebuilding.get(version).cloned();
        self.retire(version, |it| *it == file || Some(it) == kept.as_ref())?;
        self.open_writer(file)
    }

    /// Begins an empty build beside the current one.
    pub(super) fn begin_rebuild(&mut self, version: &Version) -> Result<Arc<SqliteSql>, SqlError> {
        let current = self.current(version)?;
        self.retire(version, |it| Some(it) == current.as_ref())?;
        let file = self.new_file(version);
        self.rebuilding.insert(version.clone(), file.clone());
        self.open_writer(file)
    }

    /// The build that `publish` is about, and its writer where it is open.
    pub(super) fn begun(&self, version: &Version) -> Result<Begun, SqlError> {
        let file = self.current(version)?.ok_or_else(|| absent(version))?;
        let writer = self.writers.get(&file).cloned();
        Ok(Begun { file, writer })
    }

    /// The build that `finish_rebuild` is about.
    pub(super) fn rebuilt(&self, version: &Version) -> Result<Begun, SqlError> {
        let file = self.rebuilding.get(version).cloned();
        let file = file.ok_or_else(|| absent(version))?;
        let writer = self.writers.get(&file).cloned();
        Ok(Begun { file, writer })
    }

    /// Readers see this build from now on; what it replaces is deleted, of this version and of others.
    pub(super) fn publish(&mut self, file: &ViewFile) -> Result<(), SqlError> {
        if self.published.get(&file.projection).as_ref() != Some(file) {
            self.folder.point_at(file)?;
            self.published.set(file.clone());
        }
        let version = (file.projection.clone(), file.version);
        if self.rebuilding.get(&version) == Some(file) {
            self.rebuilding.remove(&version);
            self.retire(&version, |it| it == file)?;
        }
        self.retire_others(&version)
    }

    /// Closes and deletes all builds of the version, and its pointer.
    pub(super) fn discard(&mut self, version: &Version) -> Result<(), SqlError> {
        if self.published.get(&version.0).map(|it| it.version) == Some(version.1) {
            self.folder.remove_pointer(&version.0)?;
            self.published.remove(&version.0);
        }
        self.rebuilding.remove(version);
        self.retire(version, |_| false)
    }

    /// The published build of this version, or else the newest one that is no rebuild.
    fn current(&self, version: &Version) -> Result<Option<ViewFile>, SqlError> {
        let published = self.published.get(&version.0);
        if let Some(file) = published.filter(|it| it.version == version.1) {
            return Ok(Some(file));
        }
        let rebuilding = self.rebuilding.get(version);
        let mut files = self.files(version)?;
        files.retain(|it| Some(it) != rebuilding);
        Ok(files.pop())
    }

    fn files(&self, version: &Version) -> Result<Vec<ViewFile>, SqlError> {
        let mut files = self.files_of(&version.0)?;
        files.retain(|it| it.version == version.1);
        Ok(files)
    }

    fn files_of(&self, projection: &str) -> Result<Vec<ViewFile>, SqlError> {
        let mut files = self.folder.files()?;
        files.retain(|it| it.projection == projection);
        Ok(files)
    }

    fn new_file(&mut self, version: &Version) -> ViewFile {
        let last = self.last.entry(version.clone()).or_default();
        *last += 1;
        ViewFile { projection: version.0.clone(), version: version.1, build: *last }
    }

    fn open_writer(&mut self, file: ViewFile) -> Result<Arc<SqliteSql>, SqlError> {
        let connection = attach::writer(&file.projection, &self.folder.path(&file))?;
        let writer = Arc::new(SqliteSql::over(connection, SqliteMode::View)?);
        self.writers.insert(file, Arc::clone(&writer));
        Ok(writer)
    }

    /// Closes and deletes the builds of a version that are not kept.
    fn retire(&mut self, version: &Version, keep: impl Fn(&ViewFile) -> bool) -> Result<(), SqlError> {
        self.files(version)?.into_iter().filter(|it| !keep(it)).try_for_each(|it| self.remove(&it))
    }

    /// Closes and deletes the builds of the projection that are of other versions.
    fn retire_others(&mut self, version: &Version) -> Result<(), SqlError> {
        self.rebuilding.retain(|it, _| it.0 != version.0 || it == version);
        let files = self.files_of(&version.0)?;
        files.into_iter().filter(|it| it.version != version.1).try_for_each(|it| self.remove(&it))
    }

    fn remove(&mut self, file: &ViewFile) -> Result<(), SqlError> {
        if let Some(writer) = self.writers.remove(file) {
            writer.close();
        }
        self.folder.remove(file)
    }
}

/// A build that is about to be published.
pub(super) struct Begun {
    pub(super) file: ViewFile,
    pub(super) writer: Option<Arc<SqliteSql>>,
}

fn absent((projection, version): &Version) -> SqlError {
    SqlError::NotBuilt { projection: projection.clone(), version: *version }
}
