//! A lane can be read in pages of any size, from anywhere.

use super::{
    Broken, Scene,
    scene::{PAGE, equal, holds},
};
use crate::usage::{NewBlock, Place, ReadError, StoredBlock};

pub(super) async fn reading_resumes_from_every_place(scene: Scene) -> Result<(), Broken> {
    scene.grow(15).await?;
    let all = scene.everything().await?;
    equal("blocks", &all.len(), &15)?;
    resumes_everywhere(&scene, &all).await
}

pub(super) async fn reading_goes_on_over_days(scene: Scene) -> Result<(), Broken> {
    for day in [0, 1, 1, 1, 2, 5, 5, 6] {
        let block = NewBlock { day: scene.day() + day, ..scene.block() };
        scene.log.append(scene.lane, block).await?;
    }
    let all = scene.everything().await?;
    equal("blocks", &all.len(), &8)?;
    resumes_everywhere(&scene, &all).await
}

/// From the start and from every block on, a page of any size is the beginning of what follows.
async fn resumes_everywhere(scene: &Scene, all: &[StoredBlock]) -> Result<(), Broken> {
    let places = [scene.start()].into_iter().chain(all.iter().map(|it| it.place));
    for (after, skipped) in places.zip(0..) {
        for blocks in [1, 2, 7, PAGE] {
            let page = scene.page(after, blocks).await?;
            let promised: Vec<_> = all.iter().skip(skipped).take(page.len()).cloned().collect();
            equal("a page", &page, &promised)?;
            holds(!page.is_empty() || skipped == all.len(), "a page is empty, and there is more")?;
        }
    }
    Ok(())
}

pub(super) async fn a_page_keeps_its_limit_and_is_never_empty_while_there_is_more(
    scene: Scene,
) -> Result<(), Broken> {
    scene.grow(4).await?;
    for (blocks, most) in [(0, 1), (1, 1), (3, 3), (4, 4), (usize::MAX, 4)] {
        let page = scene.page(scene.start(), blocks).await?;
        let is_kept = (1..=most).contains(&page.len());
        let seen = format!("a page of at most {blocks} blocks has {} of 4", page.len());
        holds(is_kept, &seen)?;
    }
    Ok(())
}

pub(super) async fn a_place_beyond_the_head_is_an_error(scene: Scene) -> Result<(), Broken> {
    let head = scene.grow(1).await?.into_iter().next().unwrap_or_default();
    holds(scene.page(head, PAGE).await?.is_empty(), "there is a block after the head")?;
    for asked in [Place(head.0 + 1), Place(head.0 + 1_000), head.following(head.day() + 1), Place(u64::MAX)] {
        let refused = scene.log.read(scene.lane, asked, PAGE).await;
        let promised = ReadError::Beyond { lane: scene.lane, asked, head };
        equal("a page beyond the head", &refused, &Err(promised))?;
    }
    Ok(())
}
