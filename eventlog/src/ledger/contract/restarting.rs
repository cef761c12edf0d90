//! A restart changes nothing.

use super::{
    Broken, Scene,
    scene::{equal, versions},
};
use crate::ledger::{AppendError, Position, Version};

pub(super) async fn all_records_survive_a_restart(scene: Scene) -> Result<(), Broken> {
    let (one, two) = (scene.stream("one"), scene.stream("two"));
    scene.grow(&one, 0, 3).await?;
    scene.grow(&two, 0, 1).await?;
    let before = scene.everything().await?;
    let scene = scene.restart().await?;
    equal("the log", &scene.everything().await?, &before)?;
    equal("a stream", &versions(&scene.stream_after(&one, 1).await?), &vec![2, 3])?;
    let reached = Position(scene.start.0 + 4);
    let head = scene.head_reaches(reached, &mut scene.log.head()).await?;
    equal("the head", &head, &reached)?;
    let next = scene.grow(&two, 1, 1).await?;
    equal("the next position", &next.position.0, &(scene.start.0 + 5))?;
    let both = [(one, Version(3)), (two.clone(), Version(0))];
    let read = scene.log.read_streams(&both).await?;
    let found: Vec<_> = read.iter().map(|it| versions(it)).collect();
    equal("streams of before and after", &found, &vec![vec![], vec![1, 2]])
}

pub(super) async fn retries_and_conflicts_survive_a_restart(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("kept");
    let append = scene.append(&stream, 0, 2);
    let first = scene.log.append(append.clone()).await?;
    let scene = scene.restart().await?;
    equal("the outcome of the repeat", &scene.log.append(append).await?, &first)?;
    for wrong in [0, 1, 3] {
        let refused = scene.log.append(scene.append(&stream, wrong, 1)).await;
        let promised =
            AppendError::Conflict { stream: stream.clone(), expected: Version(wrong), actual: Version(2) };
        equal("an append at a wrong version", &refused, &Err(promised))?;
    }
    equal("records", &scene.everything().await?.len(), &2)?;
    scene.grow(&stream, 2, 1).await.map(drop)
}
