//! A gate that was told of many tokens, by its public interface alone.

use std::sync::Arc;

use anyhow::Context;
use domain::secret::{Brand, Pepper};
use projections::{
    feed::Event,
    gate::{Gate, Peppers},
};

use super::facts::{ORGANIZATIONS, Story, TOKENS_EACH};
use crate::bench::machine;

/// Facts that are told at once, as the follower does.
const PAGE: usize = 256;

/// A gate and what it took.
pub(super) struct Filled {
    pub(super) gate: Gate,
    pub(super) tokens: u32,
    /// What the process grew by, in bytes.
    pub(super) bytes_grown: f64,
}

impl Filled {
    /// A gate of so many live tokens.
    ///
    /// # Errors
    /// When the gate refuses a fact, or the system does not tell the memory.
    pub(super) fn with(tokens: u32) -> anyhow::Result<Self> {
        let pepper = Pepper::new("k1".parse()?, &[7; 32]);
        let mut story = Story::under(pepper.clone())?;
        let before = machine::resident_bytes()?;
        let gate = Gate::new(Brand::default(), Peppers::new(pepper, []));
        let mut pages = Pages { gate: &gate, page: Vec::with_capacity(PAGE) };
        pages.add(story.permission_registered()?)?;
        (0..ORGANIZATIONS).try_for_each(|it| pages.add(story.registered(it)))?;
        (0..tokens.div_ceil(TOKENS_EACH)).try_for_each(|it| pages.add(story.joined(it)))?;
        (0..tokens).try_for_each(|it| pages.add(story.issued(it)))?;
        pages.apply()?;
        drop(pages);
        let grown = machine::resident_bytes()?.saturating_sub(before);
        // The system tells kibibytes.
        let bytes_grown = f64::from(u32::try_from(grown / 1_024).unwrap_or(u32::MAX)) * 1_024.0;
        Ok(Self { gate, tokens, bytes_grown })
    }
}

/// Facts on their way to a gate.
struct Pages<'g> {
    gate: &'g Gate,
    page: Vec<Arc<Event>>,
}

impl Pages<'_> {
    fn add(&mut self, event: Arc<Event>) -> anyhow::Result<()> {
        self.page.push(event);
        if self.page.len() < PAGE { Ok(()) } else { self.apply() }
    }

    fn apply(&mut self) -> anyhow::Result<()> {
        self.gate.apply(&self.page).context("the gate refused a fact")?;
        self.page.clear();
        Ok(())
    }
}
