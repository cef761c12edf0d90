//! An append whose outcome is unknown may be sent again; nothing else passes for it.

use super::{
    Broken, Scene,
    scene::{all_of, equal, versions},
};
use crate::ledger::{Append, AppendError, StreamName, Version};

pub(super) async fn the_same_append_again_has_the_first_outcome(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("repeated");
    for (expected, records) in [(0, 1), (1, 3)] {
        let append = scene.append(&stream, expected, records);
        let first = scene.log.append(append.clone()).await?;
        let again = scene.log.append(append).await?;
        equal("the outcome of the repeat", &again, &first)?;
    }
    equal("versions", &versions(&scene.everything().await?), &(1..=4).collect())
}

pub(super) async fn the_same_append_long_after_has_the_first_outcome(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("repeated");
    let append = scene.append(&stream, 0, 2);
    let first = scene.log.append(append.clone()).await?;
    scene.grow(&scene.stream("other"), 0, 1).await?;
    scene.grow(&stream, 2, 1).await?;
    equal("the outcome of the repeat", &scene.log.append(append.clone()).await?, &first)?;
    let part = Append { records: append.records.into_iter().take(1).collect(), ..append };
    let outcome = scene.log.append(part).await?;
    equal("the version of its first record", &outcome.version, &Version(1))?;
    equal("records", &scene.everything().await?.len(), &4)
}

pub(super) async fn the_same_append_twice_at_once_is_stored_once(scene: Scene) -> Result<(), Broken> {
    for round in 0..10 {
        let append = scene.append(&scene.stream(&round.to_string()), 0, 2);
        let both = [append.clone(), append].map(|append| {
            let log = scene.log.clone();
            async move { log.append(append).await }
        });
        let mut outcomes = all_of(both).await?;
        let (one, other) = (outcomes.pop(), outcomes.pop());
        equal("the other outcome", &one, &other)?;
        if let Some(Err(refused)) = one {
            return Err(refused.into());
        }
    }
    equal("records", &scene.everything().await?.len(), &20)
}

pub(super) async fn a_partly_stored_append_conflicts(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("grown");
    let first = scene.append(&stream, 0, 2);
    scene.log.append(first.clone()).await?;
    let mut longer = first.clone();
    longer.records.push(scene.record());
    conflicts(&scene, longer, 2).await?;
    let mut half_other = first.clone();
    half_other.records.truncate(1);
    half_other.records.push(scene.record());
    conflicts(&scene, half_other, 2).await?;
    let shifted = Append { expected: Version(1), ..first.clone() };
    conflicts(&scene, shifted, 2).await?;
    let mut turned = first;
    turned.records.reverse();
    conflicts(&scene, turned, 2).await?;
    equal("records", &scene.everything().await?.len(), &2)
}

pub(super) async fn other_ids_at_the_same_versions_conflict(scene: Scene) -> Result<(), Broken> {
    let stream = scene.stream("taken");
    let first = scene.append(&stream, 0, 2);
    scene.log.append(first.clone()).await?;
    // The same bytes under other ids are another append.
    let mut other = first;
    for record in &mut other.records {
        record.event_id = scene.record().event_id;
    }
    conflicts(&scene, other, 2).await?;
    equal("records", &scene.everything().await?.len(), &2)
}

async fn conflicts(scene: &Scene, append: Append, actual: u64) -> Result<(), Broken> {
    let promised = conflict(&append.stream, append.expected, Version(actual));
    equal("the outcome", &scene.log.append(append).await, &Err(promised))
}

fn conflict(stream: &StreamName, expected: Version, actual: Version) -> AppendError {
    AppendError::Conflict { stream: stream.clone(), expected, actual }
}
