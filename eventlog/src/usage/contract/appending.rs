//! Several append at once.

use super::{
    Broken, Scene,
    scene::{all_of, equal, holds},
};
use crate::usage::{Lane, Place, StoredBlock};

const APPENDERS: usize = 8;
const BLOCKS: usize = 12;

/// What an appender was told: where each of its blocks lies, in the order it sent them.
type Told = Vec<StoredBlock>;

pub(super) async fn appenders_to_one_lane_are_all_stored_each_in_its_order(
    scene: Scene,
) -> Result<(), Broken> {
    let appenders = (0..APPENDERS).map(|_| append(scene.clone(), scene.lane));
    let told = all_of(appenders).await?.into_iter().collect::<Result<Vec<Told>, _>>()?;
    for own in &told {
        holds(own.is_sorted_by_key(|it| it.place), "the blocks of one appender changed their order")?;
    }
    same_blocks(told.concat(), &scene, scene.lane).await
}

pub(super) async fn appenders_to_several_lanes_do_not_mix(scene: Scene) -> Result<(), Broken> {
    let lanes = scene.log.lanes();
    holds(lanes.is_sorted_by(|one, next| one < next), "the lanes do not ascend")?;
    let told = all_of(lanes.iter().map(|lane| append(scene.clone(), *lane))).await?;
    for (lane, told) in lanes.into_iter().zip(told) {
        same_blocks(told?, &scene, lane).await?;
    }
    Ok(())
}

/// Each block after the answer to the one before.
async fn append(scene: Scene, lane: Lane) -> Result<Told, Broken> {
    let mut told = Vec::new();
    for _ in 0..BLOCKS {
        let block = scene.block();
        let place = scene.log.append(lane, block.clone()).await?;
        told.push(StoredBlock { place, bytes: block.bytes });
    }
    Ok(told)
}

/// The lane holds what its appenders were told, where they were told, and nothing else.
async fn same_blocks(mut told: Told, scene: &Scene, lane: Lane) -> Result<(), Broken> {
    told.sort_by_key(|it| it.place);
    equal(&format!("the blocks of lane {lane}"), &scene.everything_in(lane).await?, &told)
}

pub(super) async fn a_caller_that_goes_away_harms_nobody(scene: Scene) -> Result<(), Broken> {
    let left: Vec<_> = (0..BLOCKS).map(|_| scene.block()).collect();
    for block in &left {
        tokio::select! {
            biased;
            _ = scene.log.append(scene.lane, block.clone()) => (),
            () = std::future::ready(()) => (),
        }
    }
    // This one waits behind those, so they are decided when it is answered.
    let last: Vec<Place> = scene.grow(1).await?;
    let stored = scene.everything().await?;
    equal("the last block", &stored.last().map(|it| it.place), &last.last().copied())?;
    let own = stored.iter().rev().skip(1);
    let is_whole = own.into_iter().all(|it| left.iter().any(|left| left.bytes == it.bytes));
    holds(is_whole, "a block without a caller was neither whole nor absent")
}
