//! Who follows the log sees all of it, in one order.

use super::{
    Broken, Scene,
    scene::{PAGE, all_of, equal, holds, positions},
};
use crate::ledger::{Position, StoredRecord};

const WRITERS: u64 = 6;
const APPENDS: u64 = 25;

pub(super) async fn a_follower_sees_no_gap_and_no_reordering(scene: Scene) -> Result<(), Broken> {
    let followers: Vec<_> = (0..2).map(|_| tokio::spawn(follow(scene.clone()))).collect();
    let writers = (0..WRITERS).map(|writer| write(scene.clone(), writer));
    for outcome in all_of(writers).await? {
        outcome?;
    }
    let stored = scene.everything().await?;
    for follower in followers {
        let seen = follower.await.map_err(|err| Broken::because(err.to_string()))??;
        equal("what a follower saw, against the log", &seen, &stored)?;
    }
    in_order(&scene, &stored)
}

/// Appends of two records, each after the answer to the one before.
async fn write(scene: Scene, writer: u64) -> Result<(), Broken> {
    let stream = scene.stream(&writer.to_string());
    for append in 0..APPENDS {
        scene.grow(&stream, 2 * append, 2).await?;
    }
    Ok(())
}

/// Reads on to the position of the last record that the writers write.
async fn follow(scene: Scene) -> Result<Vec<StoredRecord>, Broken> {
    let last = Position(scene.start.0 + WRITERS * APPENDS * 2);
    let mut head = scene.log.head();
    let mut reached = scene.start;
    let mut seen = Vec::new();
    while reached < last {
        let page = scene.page(reached, PAGE).await?;
        match page.records.last() {
            Some(last) => reached = last.position,
            None => drop(scene.head_reaches(reached.next(), &mut head).await?),
        }
        holds(reached <= page.head, "a page went beyond its head")?;
        seen.extend(page.records);
    }
    Ok(seen)
}

fn in_order(scene: &Scene, stored: &[StoredRecord]) -> Result<(), Broken> {
    let dense = (1..=WRITERS * APPENDS * 2).map(|rank| Position(scene.start.0 + rank));
    equal("positions", &positions(stored), &dense.collect())?;
    for writer in 0..WRITERS {
        let stream = scene.stream(&writer.to_string());
        let versions = stored.iter().filter(|it| it.stream == stream).map(|it| it.version.0);
        holds(versions.eq(1..=APPENDS * 2), "the order of a stream is not that of the log")?;
    }
    Ok(())
}

pub(super) async fn an_answered_append_can_be_read_at_once(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("read");
    for version in 0..20 {
        let appended = scene.grow(&stream, version, 1).await?;
        let before = Position(appended.position.0 - 1);
        let page = scene.page(before, PAGE).await?;
        equal("the record in the log", &positions(&page.records), &vec![appended.position])?;
        let stored = scene.stream_after(&stream, version).await?;
        equal("the record in its stream", &positions(&stored), &vec![appended.position])?;
    }
    Ok(())
}

pub(super) async fn the_head_moves_and_never_falls(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("watched");
    let mut head = scene.log.head();
    let mut seen = Position(0);
    for version in 0..10 {
        let appended = scene.grow(&stream, version, 1).await?;
        let moved = scene.head_reaches(appended.position, &mut head).await?;
        holds(seen <= moved, "the head fell")?;
        seen = moved;
    }
    // Also for who begins to watch when nothing moves any more.
    scene.head_reaches(seen, &mut scene.log.head()).await.map(drop)
}
