//! A restart changes nothing.

use super::{
    Broken, Scene,
    scene::{equal, holds, places},
};
use crate::usage::NewBlock;

pub(super) async fn all_blocks_survive_a_restart(scene: Scene) -> Result<(), Broken> {
    scene.grow(3).await?;
    let later = NewBlock { day: scene.day() + 1, ..scene.block() };
    scene.log.append(scene.lane, later).await?;
    let before = scene.everything().await?;
    let lanes = scene.log.lanes();
    let scene = scene.restart().await?;
    equal("the blocks", &scene.everything().await?, &before)?;
    equal("the lanes", &scene.log.lanes(), &lanes)?;
    let reached = before.last().map_or(scene.start(), |it| it.place);
    let head = scene.head_reaches(reached, &mut scene.log.head(scene.lane)).await?;
    equal("the head", &head, &reached)
}

pub(super) async fn places_go_on_after_a_restart(scene: Scene) -> Result<(), Broken> {
    let mut told = scene.grow(2).await?;
    let scene = scene.restart().await?;
    told.extend(scene.grow(2).await?);
    holds(told.is_sorted_by(|one, next| one < next), "a place after the restart is not above those before")?;
    equal("the places", &places(&scene.everything().await?), &told)
}
