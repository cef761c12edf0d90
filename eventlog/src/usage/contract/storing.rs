//! What is appended is there, in its place.

use super::{
    Broken, Scene,
    scene::{bytes, equal, holds, places},
};
use crate::usage::{LARGEST_BLOCK, NewBlock};

pub(super) async fn blocks_come_back_byte_for_byte_and_in_order(scene: Scene) -> Result<(), Broken> {
    let all_bytes: Vec<u8> = (0..=u8::MAX).cycle().take(25_000).collect();
    let odd: [&[u8]; 4] = [b"\0", b"\x00\xff\x00 no text", &all_bytes, &vec![7; LARGEST_BLOCK]];
    let blocks = odd.map(|it| scene.block_of(it));
    let mut told = Vec::new();
    for block in &blocks {
        told.push(scene.log.append(scene.lane, block.clone()).await?);
    }
    let stored = scene.everything().await?;
    equal("places", &places(&stored), &told)?;
    let is_same = bytes(&stored).into_iter().eq(blocks.into_iter().map(|it| it.bytes));
    holds(is_same, "the bytes of a block are not those that were appended")
}

pub(super) async fn places_ascend_also_when_a_day_goes_back(scene: Scene) -> Result<(), Broken> {
    let days = [0, 0, 1, 1, 0, 3, 2, 3].map(|it| scene.day() + it);
    let mut appended = Vec::new();
    let mut last = scene.start();
    for day in days {
        let block = NewBlock { day, ..scene.block() };
        let place = scene.log.append(scene.lane, block.clone()).await?;
        holds(last < place, "a place is not above the one before it")?;
        last = place;
        appended.push((place, block.bytes));
    }
    let stored: Vec<_> = scene.everything().await?.into_iter().map(|it| (it.place, it.bytes)).collect();
    equal("the blocks", &stored, &appended)
}

pub(super) async fn a_block_that_is_sent_again_lies_once_or_twice(scene: Scene) -> Result<(), Broken> {
    let (again, next) = (scene.block(), scene.block());
    let mut told = Vec::new();
    for block in [&again, &again, &next] {
        told.push((scene.log.append(scene.lane, block.clone()).await?, block.bytes.clone()));
    }
    // One that knows it may answer with the first place.
    told.dedup();
    let stored: Vec<_> = scene.everything().await?.into_iter().map(|it| (it.place, it.bytes)).collect();
    equal("the blocks", &stored, &told)
}
