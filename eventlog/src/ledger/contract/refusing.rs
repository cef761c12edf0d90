//! What is refused, and that nothing of it stays.

use bytes::Bytes;

use super::{Broken, Scene, scene::equal};
use crate::ledger::{AppendError, LARGEST_RECORD, Version};

pub(super) async fn records_above_the_limit_are_refused(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("large");
    let mut append = scene.append(&stream, 0, 2);
    let mut size = |bytes| {
        if let Some(last) = append.records.last_mut() {
            last.bytes = Bytes::from(vec![b'x'; bytes]);
        }
        append.clone()
    };
    let refused = scene.log.append(size(LARGEST_RECORD + 1)).await;
    let promised = AppendError::TooLarge { bytes: LARGEST_RECORD + 1, limit: LARGEST_RECORD };
    equal("a record of one byte too many", &refused, &Err(promised))?;
    equal("records", &scene.everything().await?.len(), &0)?;
    scene.log.append(size(LARGEST_RECORD)).await?;
    let stored: Vec<_> = scene.everything().await?.iter().map(|it| it.bytes.len()).collect();
    equal("the size of the largest record", &stored.last(), &Some(&LARGEST_RECORD))
}

pub(super) async fn an_append_without_records_is_refused(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("empty");
    for expected in [0, 1] {
        let refused = scene.log.append(scene.append(&stream, expected, 0)).await;
        equal("an append of nothing", &refused, &Err(AppendError::Empty))?;
    }
    equal("records", &scene.everything().await?.len(), &0)
}

pub(super) async fn a_refused_append_leaves_nothing(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("refused");
    scene.grow(&stream, 0, 1).await?;
    let refused = scene.log.append(scene.append(&stream, 0, 3)).await;
    let promised = AppendError::Conflict { stream: stream.clone(), expected: Version(0), actual: Version(1) };
    equal("the outcome", &refused, &Err(promised))?;
    let next = scene.grow(&stream, 1, 1).await?;
    equal("the position after it", &next.position.0, &(scene.start.0 + 2))?;
    equal("records", &scene.everything().await?.len(), &2)
}

pub(super) async fn a_log_that_takes_appends_says_so(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("writable");
    scene.grow(&stream, 0, 1).await?;
    equal("whether it is writable", &scene.log.is_writable(), &Ok(()))
}
