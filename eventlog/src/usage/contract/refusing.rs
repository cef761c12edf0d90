//! What is refused, and that nothing of it stays.

use super::{
    Broken, Scene,
    scene::{PAGE, bytes, equal, holds},
};
use crate::usage::{AppendError, LARGEST_BLOCK, Lane, Place};

pub(super) async fn blocks_of_a_wrong_size_are_refused(scene: Scene) -> Result<(), Broken> {
    for size in [0, LARGEST_BLOCK + 1] {
        let refused = scene.log.append(scene.lane, scene.block_of(&vec![b'x'; size])).await;
        let promised = AppendError::Size { bytes: size, limit: LARGEST_BLOCK };
        equal(&format!("a block of {size} bytes"), &refused, &Err(promised))?;
    }
    equal("blocks", &scene.everything().await?.len(), &0)
}

pub(super) async fn a_lane_that_there_is_not_is_refused_and_empty(scene: Scene) -> Result<(), Broken> {
    let lanes = scene.log.lanes();
    let Some(none) = (0..=u16::MAX).map(Lane).find(|it| !lanes.contains(it)) else { return Ok(()) };
    let refused = scene.log.append(none, scene.block()).await;
    equal("an append to it", &refused, &Err(AppendError::NoLane(none)))?;
    equal("what is read from it", &scene.log.read(none, Place(0), PAGE).await?.len(), &0)?;
    equal("its head", &*scene.log.head(none).borrow(), &Place(0))
}

pub(super) async fn a_refused_block_leaves_nothing(scene: Scene) -> Result<(), Broken> {
    let first = scene.block();
    scene.log.append(scene.lane, first.clone()).await?;
    let refused = scene.log.append(scene.lane, scene.block_of(b"")).await;
    holds(refused.is_err(), "an empty block was taken")?;
    let next = scene.block();
    scene.log.append(scene.lane, next.clone()).await?;
    equal("the blocks", &bytes(&scene.everything().await?), &vec![first.bytes, next.bytes])
}

pub(super) async fn a_log_that_takes_blocks_says_so(scene: Scene) -> Result<(), Broken> {
    scene.grow(1).await?;
    equal("whether it is writable", &scene.log.is_writable(), &Ok(()))
}
