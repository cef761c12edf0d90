//! Opening, publishing and swapping the builds of a view.

use std::sync::Arc;

use eventlog::Position;
use store::{Sql, SqlError};

use super::super::Source;
use super::super::follower::Follower;
use super::super::outcome::Stop;
use super::Task;

/// The build that the task keeps, and what readers see meanwhile.
pub(super) struct Build<S: Source> {
    pub(super) follower: Follower<S>,
    /// Whether this is what readers see. Until then they see another version, or nothing.
    pub(super) is_published: bool,
}

impl<S: Source> Task<S> {
    /// Opens the view: what is published of this version, or what was begun of it.
    pub(super) async fn open(&self) -> Result<Build<S>, Stop> {
        let (name, version) = (self.projection.name, self.projection.version);
        let published = self.views.published(name).await.map_err(of_sql)?;
        let is_published = published == Some(version);
        if is_published {
            self.check().await?;
        }
        self.desk.serve(published);
        if published.is_some() && !is_published {
            self.show_older().await;
        }
        let writer = self.views.writer(name, version).await.map_err(of_sql)?;
        Ok(Build { follower: self.follower(writer).await?, is_published })
    }

    /// Looks through what is published for damage.
    pub(super) async fn check(&self) -> Result<(), Stop> {
        self.views.check(self.projection.name, self.projection.version).await.map_err(of_sql)
    }

    /// Lets readers see the build. Other versions are deleted with that: they must not outlive an erasure.
    pub(super) async fn publish(&self, build: &mut Build<S>) -> Result<(), Stop> {
        let (name, version) = (self.projection.name, self.projection.version);
        build.follower.database().index().await.map_err(of_sql)?;
        self.views.publish(name, version).await.map_err(of_sql)?;
        build.is_published = true;
        self.desk.serve(Some(version));
        self.desk.no_progress();
        tracing::info!(version, position = build.follower.checkpoint().position.0, "the view is published");
        Ok(())
    }

    /// Begins an empty build beside what is served.
    pub(super) async fn begin_rebuild(&self) -> Result<Follower<S>, Stop> {
        let (name, version) = (self.projection.name, self.projection.version);
        tracing::info!(version, "the view is built again beside what is served");
        let writer = self.views.begin_rebuild(name, version).await.map_err(of_sql)?;
        self.follower(writer).await
    }

    /// Swaps the build beside in. It may be tried again.
    pub(super) async fn finish_rebuild(&self, follower: &Follower<S>) -> Result<(), Stop> {
        let (name, version) = (self.projection.name, self.projection.version);
        follower.database().index().await.map_err(of_sql)?;
        self.views.finish_rebuild(name, version).await.map_err(of_sql)?;
        tracing::info!(version, position = follower.checkpoint().position.0, "the view is swapped in");
        Ok(())
    }

    async fn follower(&self, writer: Arc<dyn Sql>) -> Result<Follower<S>, Stop> {
        Follower::begin(self.projection, Arc::clone(&self.source), writer).await
    }

    /// Says how far the older version is that readers see, frozen, until this one is there.
    async fn show_older(&self) {
        if let Some(checkpoint) = self.shown().await {
            self.status.send_modify(|it| it.position = checkpoint.position);
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn of_sql(err: SqlError) -> Stop {
    Stop::of_sql(&err, Position(0))
}
