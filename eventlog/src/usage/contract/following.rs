//! Who follows a lane sees all of it, in one order.

use super::{
    Broken, Scene,
    scene::{PAGE, all_of, equal, holds, places},
};
use crate::usage::{Place, StoredBlock};

const APPENDERS: usize = 4;
const BLOCKS: usize = 25;

pub(super) async fn a_follower_sees_every_block_in_order(scene: Scene) -> Result<(), Broken> {
    let followers: Vec<_> = (0..2).map(|_| tokio::spawn(follow(scene.clone()))).collect();
    let appenders = (0..APPENDERS).map(|_| {
        let scene = scene.clone();
        async move { scene.grow(BLOCKS).await }
    });
    for outcome in all_of(appenders).await? {
        outcome?;
    }
    let stored = scene.everything().await?;
    holds(places(&stored).is_sorted_by(|one, next| one < next), "the places do not ascend")?;
    for follower in followers {
        let seen = follower.await.map_err(|err| Broken::because(err.to_string()))??;
        equal("what a follower saw, against the log", &seen, &stored)?;
    }
    Ok(())
}

/// Reads on until it has seen as many blocks as there will be.
async fn follow(scene: Scene) -> Result<Vec<StoredBlock>, Broken> {
    let mut head = scene.log.head(scene.lane);
    let mut seen: Vec<StoredBlock> = Vec::new();
    while seen.len() < APPENDERS * BLOCKS {
        let reached = seen.last().map_or(scene.start(), |it| it.place);
        let page = scene.page(reached, PAGE).await?;
        if page.is_empty() {
            scene.head_reaches(Place(reached.0 + 1), &mut head).await?;
        }
        seen.extend(page);
    }
    Ok(seen)
}

pub(super) async fn an_answered_block_can_be_read_at_once(scene: Scene) -> Result<(), Broken> {
    let mut last = scene.start();
    for _ in 0..20 {
        let told = scene.grow(1).await?;
        equal("the block in the lane", &places(&scene.page(last, PAGE).await?), &told)?;
        last = told.into_iter().next().unwrap_or(last);
    }
    Ok(())
}

pub(super) async fn the_head_moves_and_never_falls(scene: Scene) -> Result<(), Broken> {
    let mut head = scene.log.head(scene.lane);
    let mut seen = Place(0);
    for _ in 0..10 {
        for place in scene.grow(1).await? {
            let moved = scene.head_reaches(place, &mut head).await?;
            holds(seen <= moved, "the head fell")?;
            seen = moved;
        }
    }
    // Also for who begins to watch when nothing moves any more.
    scene.head_reaches(seen, &mut scene.log.head(scene.lane)).await.map(drop)
}
