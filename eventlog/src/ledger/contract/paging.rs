//! The log can be read in pages of any size, from anywhere.

use super::{
    Broken, Scene,
    scene::{PAGE, equal, holds, positions},
};
use crate::ledger::{Limit, Position, ReadError};

const NO_BYTES_LIMIT: usize = usize::MAX;

pub(super) async fn a_page_may_end_inside_an_append(scene: Scene) -> Result<(), Broken> {
    scene.grow(&scene.stream("pair"), 0, 2).await?;
    let single = Limit { records: 1, bytes: NO_BYTES_LIMIT };
    let first = scene.page(scene.start, single).await?;
    let at = |rank| Position(scene.start.0 + rank);
    equal("the first page", &positions(&first.records), &vec![at(1)])?;
    equal("its head", &first.head, &at(2))?;
    let second = scene.page(at(1), single).await?;
    equal("the second page", &positions(&second.records), &vec![at(2)])?;
    let rest = scene.page(at(2), single).await?;
    holds(rest.records.is_empty(), "there is a record after the last")
}

pub(super) async fn reading_resumes_from_every_position(scene: Scene) -> Result<(), Broken> {
    for stream in 0..5 {
        scene.grow(&scene.stream(&stream.to_string()), 0, 3).await?;
    }
    let all = scene.everything().await?;
    equal("records", &all.len(), &15)?;
    for skipped in 0..=all.len() {
        for records in [1, 2, 7, 100] {
            let after = Position(scene.start.0 + skipped as u64);
            let page = scene.page(after, Limit { records, bytes: NO_BYTES_LIMIT }).await?;
            let promised: Vec<_> = all.iter().skip(skipped).take(records).cloned().collect();
            equal("a page", &page.records, &promised)?;
            equal("its head", &page.head, &Position(scene.start.0 + 15))?;
        }
    }
    Ok(())
}

pub(super) async fn a_page_keeps_its_limits_but_is_never_empty(scene: Scene) -> Result<(), Broken> {
    scene.grow(&scene.stream("limited"), 0, 4).await?;
    let sizes: Vec<_> = scene.everything().await?.iter().map(|it| it.bytes.len()).collect();
    let two: usize = sizes.iter().take(2).sum();
    let limits = [(0, 0, 1), (9, 0, 1), (9, two - 1, 1), (9, two, 2), (3, NO_BYTES_LIMIT, 3)];
    for (records, bytes, promised) in limits {
        let page = scene.page(scene.start, Limit { records, bytes }).await?;
        let what = format!("records of a page of at most {records} records and {bytes} bytes");
        equal(&what, &page.records.len(), &promised)?;
    }
    Ok(())
}

pub(super) async fn a_position_beyond_the_head_is_an_error(scene: Scene) -> Result<(), Broken> {
    let head = scene.grow(&scene.stream("last"), 0, 1).await?.position;
    let page = scene.page(head, PAGE).await?;
    holds(page.records.is_empty(), "there is a record after the head")?;
    for asked in [head.next(), Position(head.0 + 1_000), Position(u64::MAX)] {
        let refused = scene.log.read_all(asked, PAGE).await;
        equal("a page beyond the head", &refused, &Err(ReadError::Beyond { asked, head }))?;
    }
    Ok(())
}
