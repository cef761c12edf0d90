//! SQLite views: one file each, attached under the projection's name.

mod attach;
mod builds;
mod check;
mod file;
mod moment;
mod published;
mod reader;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{Build, Views};
use crate::{Sql, SqlError};
use builds::{Begun, Builds};
use file::{Folder, check_name};
use published::Published;
use reader::ViewReader;

/// View databases as files of one folder, such as `views/token_list.v1.db`; the link
/// `views/token_list.db` names the one that is published, also after a restart.
///
/// One process writes the folder; others may open it to read.
pub struct SqliteViews {
    folder: Arc<Folder>,
    published: Arc<Published>,
    builds: Arc<Mutex<Builds>>,
    reader: Arc<ViewReader>,
}

impl SqliteViews {
    /// Opens the folder, created for its owner alone when absent. Blocks.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, SqlError> {
        let folder = Arc::new(Folder::open(folder.as_ref())?);
        let published = Arc::new(Published::default());
        let builds = Builds::open(Arc::clone(&folder), Arc::clone(&published))?;
        let reader = Arc::new(ViewReader::start(&folder, &published)?);
        Ok(Self { folder, published, builds: Arc::new(Mutex::new(builds)), reader })
    }

    /// Changes the builds on a thread that may block, one caller at a time.
    async fn with_builds<T: Send + 'static>(
        &self,
        projection: &str,
        version: u32,
        work: impl FnOnce(&mut Builds, &(String, u32)) -> Result<T, SqlError> + Send + 'static,
    ) -> Result<T, SqlError> {
        check_name(projection)?;
        let version = (projection.to_owned(), version);
        let builds = Arc::clone(&self.builds);
        blocking(move || {
            let mut builds = builds.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut builds, &version)
        })
        .await
    }

    /// First what was written is moved from the log into the file, so that a power cut after
    /// the swap leaves nothing half there; then the swap.
    async fn swap_in(&self, begun: Begun) -> Result<(), SqlError> {
        let Begun { file, writer } = begun;
        if let Some(writer) = writer {
            writer.checkpoint().await?;
        }
        let (projection, version) = (file.projection.clone(), file.version);
        let published = self.with_builds(&projection, version, move |builds, _| builds.publish(&file)).await;
        // Also where something could not be deleted, readers see what is published.
        self.reader.refresh();
        published
    }
}

#[async_trait]
impl Views for SqliteViews {
    async fn writer(&self, projection: &str, version: u32) -> Result<Arc<dyn Sql>, SqlError> {
        let writer = self.with_builds(projection, version, Builds::writer).await?;
        Ok(writer)
    }

    async fn publish(&self, projection: &str, version: u32) -> Result<(), SqlError> {
        let begun = |builds: &mut Builds, version: &_| builds.begun(version);
        self.swap_in(self.with_builds(projection, version, begun).await?).await
    }

    async fn published(&self, projection: &str) -> Result<Option<u32>, SqlError> {
        check_name(projection)?;
        Ok(self.published.get(projection).map(|it| it.version))
    }

    async fn begin_rebuild(&self, projection: &str, version: u32) -> Result<Arc<dyn Sql>, SqlError> {
        let writer = self.with_builds(projection, version, Builds::begin_rebuild).await?;
        Ok(writer)
    }

    async fn finish_rebuild(&self, projection: &str, version: u32) -> Result<(), SqlError> {
        let rebuilt = |builds: &mut Builds, version: &_| builds.rebuilt(version);
        self.swap_in(self.with_builds(projection, version, rebuilt).await?).await
    }

    async fn moment(&self, projection: &str, version: u32, build: Build) -> Result<Arc<dyn Sql>, SqlError> {
        let chosen = move |builds: &mut Builds, version: &_| match build {
            Build::Current => builds.begun(version),
            Build::Beside => builds.rebuilt(version),
        };
        let file = self.with_builds(projection, version, chosen).await?.file;
        let path = self.folder.path(&file);
        let sql = blocking(move || moment::moment(&file.projection, &path)).await?;
        Ok(Arc::new(sql))
    }

    fn reader(&self) -> Arc<dyn Sql> {
        Arc::clone(&self.reader) as Arc<dyn Sql>
    }

    async fn check(&self, projection: &str, version: u32) -> Result<(), SqlError> {
        let begun = |builds: &mut Builds, version: &_| builds.begun(version);
        let file = self.with_builds(projection, version, begun).await?.file;
        let is_published = self.published.get(projection).as_ref() == Some(&file);
        let path = self.folder.path(&file);
        blocking(move || check::look_through(&path, is_published)).await
    }

    async fn discard(&self, projection: &str, version: u32) -> Result<(), SqlError> {
        self.with_builds(projection, version, Builds::discard).await?;
        self.reader.refresh();
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SqlError> + Send + 'static,
) -> Result<T, SqlError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(SqlError::Closed),
    }
}

#[cfg(test)]
mod tests;
