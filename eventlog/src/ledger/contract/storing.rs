//! What is appended is there, once, in its place.

use bytes::Bytes;

use super::{
    Broken, Scene,
    scene::{all_of, equal, holds, positions, versions},
};
use crate::ledger::{Append, AppendError, Appended, Leaf, NewRecord, Position, StreamName, Version};

const WRITERS: usize = 8;
const ROUNDS: u64 = 10;

pub(super) async fn records_come_back_as_they_went_in(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("ä stream / with: any \u{1f3ab} text");
    let mut append = scene.append(&stream, 0, 3);
    let odd = [Bytes::new(), Bytes::from_static(b"\x00\xff\x00 no text"), all_bytes()];
    for (record, bytes) in append.records.iter_mut().zip(odd) {
        record.bytes = bytes;
    }
    scene.log.append(append.clone()).await?;
    for stored in [scene.everything().await?, scene.stream_after(&stream, 0).await?] {
        let streams: Vec<_> = stored.iter().map(|it| it.stream.clone()).collect();
        equal("streams", &streams, &vec![stream.clone(); 3])?;
        let stored: Vec<_> =
            stored.into_iter().map(|it| NewRecord { event_id: it.event_id, bytes: it.bytes }).collect();
        equal("records", &stored, &append.records)?;
    }
    Ok(())
}

fn all_bytes() -> Bytes {
    (0..=u8::MAX).cycle().take(1_000).collect()
}

pub(super) async fn leaves_are_hashes_of_the_bytes(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("hashed");
    scene.grow(&stream, 0, 2).await?;
    for record in scene.everything().await? {
        equal("the leaf", &record.leaf, &Leaf::of(&record.bytes))?;
    }
    Ok(())
}

pub(super) async fn positions_and_versions_have_no_gaps(scene: Scene) -> Result<(), Broken> {
    let (one, two) = (scene.stream("one"), scene.stream("two"));
    let mut outcomes = Vec::new();
    for (stream, expected, records) in [(&one, 0, 2), (&two, 0, 1), (&one, 2, 1)] {
        outcomes.push(scene.grow(stream, expected, records).await?);
    }
    let at = |rank, version| Appended { position: Position(scene.start.0 + rank), version: Version(version) };
    equal("outcomes", &outcomes, &vec![at(2, 2), at(3, 1), at(4, 3)])?;
    let stored = scene.everything().await?;
    equal("positions", &positions(&stored), &(1..=4).map(|it| at(it, 0).position).collect())?;
    equal("versions", &versions(&stored), &vec![1, 2, 1, 3])
}

pub(super) async fn only_the_exact_version_is_accepted(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("exact");
    for actual in 0..3 {
        for wrong in (0..5).chain([u64::MAX]).filter(|it| *it != actual) {
            let refused = scene.log.append(scene.append(&stream, wrong, 1)).await;
            let promised = AppendError::Conflict {
                stream: stream.clone(),
                expected: Version(wrong),
                actual: Version(actual),
            };
            equal("an append at a wrong version", &refused, &Err(promised))?;
        }
        scene.grow(&stream, actual, 1).await?;
    }
    equal("records", &scene.everything().await?.len(), &3)
}

pub(super) async fn one_of_many_writers_gets_each_version(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("contended");
    for version in 0..ROUNDS {
        let appends = (0..WRITERS).map(|_| {
            let (log, append) = (scene.log.clone(), scene.append(&stream, version, 1));
            async move { log.append(append).await }
        });
        let outcomes = all_of(appends).await?;
        let won = outcomes.iter().filter(|it| it.is_ok()).count();
        equal("writers who got one version", &won, &1)?;
        for lost in outcomes.into_iter().filter_map(Result::err) {
            let promised = AppendError::Conflict {
                stream: stream.clone(),
                expected: Version(version),
                actual: Version(version + 1),
            };
            equal("what the others were told", &lost, &promised)?;
        }
    }
    equal("versions", &versions(&scene.everything().await?), &(1..=ROUNDS).collect())
}

pub(super) async fn writers_of_different_streams_do_not_hinder_each_other(
    scene: Scene,
) -> Result<(), Broken> {
    let writers = (0..WRITERS).map(|writer| {
        let scene = scene.clone();
        async move { grow_one_by_one(&scene, &scene.stream(&writer.to_string())).await }
    });
    for outcome in all_of(writers).await? {
        outcome?;
    }
    for writer in 0..WRITERS {
        let stored = scene.stream_after(&scene.stream(&writer.to_string()), 0).await?;
        equal("versions", &versions(&stored), &(1..=2 * ROUNDS).collect())?;
    }
    Ok(())
}

/// Two records an append, each append after the answer of the one before.
async fn grow_one_by_one(scene: &Scene, stream: &StreamName) -> Result<(), Broken> {
    for round in 0..ROUNDS {
        scene.grow(stream, 2 * round, 2).await?;
    }
    Ok(())
}

pub(super) async fn a_caller_that_goes_away_harms_nobody(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("left");
    let left: Vec<Append> = (0..ROUNDS).map(|_| scene.append(&stream, 0, 2)).collect();
    for append in &left {
        go_away_at_once(&scene, append.clone()).await;
    }
    // This one waits behind those, so they are decided when it is answered.
    scene.grow(&scene.stream("stayed"), 0, 1).await?;
    let stored = scene.stream_after(&stream, 0).await?;
    let ids: Vec<_> = stored.iter().map(|it| it.event_id).collect();
    let whole = left.iter().any(|it| it.records.iter().map(|it| it.event_id).eq(ids.clone()));
    holds(ids.is_empty() || whole, "an append without a caller was neither whole nor absent")
}

/// Polls an append once and drops it.
async fn go_away_at_once(scene: &Scene, append: Append) {
    tokio::select! {
        biased;
        _ = scene.log.append(append) => (),
        () = std::future::ready(()) => (),
    }
}
