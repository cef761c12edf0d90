//! Streams can be read from any version, several at once.

use super::{
    Broken, Scene,
    scene::{equal, versions},
};
use crate::ledger::Version;

const RECORDS: u64 = 12;

pub(super) async fn streams_are_read_after_every_version(scene: Scene) -> Result<(), Broken> {
    let (stream, other) = (scene.stream("long"), scene.stream("other"));
    for version in (0..RECORDS).step_by(3) {
        scene.grow(&stream, version, 3).await?;
        scene.grow(&other, version / 3, 1).await?;
    }
    for after in 0..=RECORDS {
        let read = scene.stream_after(&stream, after).await?;
        equal("versions", &versions(&read), &(after + 1..=RECORDS).collect())?;
    }
    for beyond in [RECORDS + 1, u64::MAX] {
        equal("records beyond", &scene.stream_after(&stream, beyond).await?.len(), &0)?;
    }
    Ok(())
}

pub(super) async fn streams_are_answered_in_the_order_asked(scene: Scene) -> Result<(), Broken> {
    let (one, two, none) = (scene.stream("one"), scene.stream("two"), scene.stream("none"));
    scene.grow(&one, 0, 3).await?;
    scene.grow(&two, 0, 2).await?;
    let asked = [(&two, 0), (&none, 0), (&one, 1), (&two, 2), (&none, 7), (&one, 0)];
    let asked = asked.map(|(stream, after)| (stream.clone(), Version(after)));
    let read = scene.log.read_streams(&asked).await?;
    let found: Vec<_> = read.iter().map(|it| versions(it)).collect();
    let promised = vec![vec![1, 2], vec![], vec![2, 3], vec![], vec![], vec![1, 2, 3]];
    equal("versions", &found, &promised)?;
    for ((stream, _), records) in asked.iter().zip(&read) {
        for record in records {
            equal("the stream of a record", &record.stream, stream)?;
        }
    }
    equal("lists for nothing asked", &scene.log.read_streams(&[]).await?.len(), &0)
}
