//! A decision of the gate, from text to answer, against the least that any verification must do: a look-up, a hash
//! and a comparison, over the same texts in the same random order. Processor time of the thread that decides.

mod facts;
mod floor;
mod gates;
mod texts;

use std::{hint::black_box, time::Duration};

use anyhow::ensure;
use domain::permission::PermissionName;
use projections::gate::{AskedEndpoint, Asker, Question};
use schemas::usage::Outcome;

use super::{
    args::Plan,
    dice,
    figure::{Figure, Reach},
    machine,
    rounds::{Rounds, in_turns},
};
use facts::{ASKED, NOW};
pub(super) use facts::{ORGANIZATIONS, Story, TOKENS_EACH};
use floor::Floor;
use gates::Filled;
use texts::Texts;

/// Tokens of the small gate, all of which a processor's cache holds.
const FEW: u32 = 1_000;

/// The memory that a million tokens may take, in MiB.
const MEMORY: f64 = 200.0;

/// Nanoseconds of processor time a decision, of each thing that is measured.
type Costs = Rounds<f64, 5>;

/// Measures the gate's core at many tokens and at few.
///
/// # Errors
/// When a decision is another than it must be.
pub(super) async fn measure(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let few = Scene::new(FEW.min(plan.tokens))?;
    let many = Scene::new(plan.tokens)?;
    let costs: Costs = in_turns(plan.rounds, async |thing| match thing {
        0 => many.decide(plan.time, None),
        1 => many.floor(plan.time),
        2 => many.decide(plan.time, Some(facts::ENDPOINT)),
        3 => few.decide(plan.time, None),
        _ => few.floor(plan.time),
    })
    .await?;
    Ok(figures(plan, &costs, many.gate.mebibytes_per_million()))
}

fn figures(plan: &Plan, costs: &Costs, memory: f64) -> Vec<Figure> {
    let nanoseconds = |it: f64| format!("{it:.0} ns");
    let figure = |what: String, of: usize, by: usize, reach| Figure {
        what,
        ours: nanoseconds(costs.median(|it| cost(it, of))),
        baseline: nanoseconds(costs.median(|it| cost(it, by))),
        ratio: costs.spread(|it| cost(it, of) / cost(it, by)),
        reach,
    };
    let many = super::figure::grouped(f64::from(plan.tokens));
    let few = super::figure::grouped(f64::from(FEW.min(plan.tokens)));
    vec![
        figure(format!("decision, {many} tokens, against the floor"), 0, 1, Reach::AtMost(2.0)),
        figure(format!("decision with an endpoint, {many} tokens, against the floor"), 2, 1, Reach::Told),
        figure(format!("decision, {few} tokens, against the floor"), 3, 4, Reach::Told),
        figure(format!("decision, {many} tokens against {few}"), 0, 3, Reach::Told),
        figure(format!("floor, {many} tokens against {few}"), 1, 4, Reach::Told),
        Figure {
            what: "memory for each million tokens".to_owned(),
            ours: format!("{memory:.0} MiB"),
            baseline: format!("{MEMORY:.0} MiB"),
            ratio: (memory / MEMORY).into(),
            reach: Reach::AtMost(1.0),
        },
    ]
}

fn cost(costs: &[f64; 5], thing: usize) -> f64 {
    costs.get(thing).copied().unwrap_or(f64::NAN)
}

/// A gate, a floor, and the texts that both know.
struct Scene {
    gate: Filled,
    floor: Floor,
    texts: Texts,
    order: Vec<u32>,
    asked: [PermissionName; 1],
}

/// Decisions between two looks at the clock, and the length of the random order: enough that what one decision
/// leaves in the cache is gone when its turn comes again.
const BATCH: u32 = 200_000;

impl Scene {
    fn new(tokens: u32) -> anyhow::Result<Self> {
        // Before the gate, so that what the gate takes can be seen by what the process grows.
        let texts = Texts::of(tokens);
        let gate = Filled::with(tokens)?;
        let floor = Floor::of(&texts);
        let order = (0..u64::from(BATCH)).map(|it| dice::below(tokens, it)).collect();
        Ok(Self { gate, floor, texts, order, asked: [ASKED.parse()?] })
    }

    fn decide(&self, time: Duration, endpoint: Option<AskedEndpoint<'_>>) -> anyhow::Result<f64> {
        self.per_text(time, |text| {
            let question =
                Question { token: text, asker: Asker::Platform, permissions: &self.asked, endpoint };
            let decision = self.gate.gate.decide(&question, NOW).ok();
            black_box(&decision).as_ref().is_some_and(|it| it.decided().outcome == Outcome::VALID)
        })
    }

    fn floor(&self, time: Duration) -> anyhow::Result<f64> {
        self.per_text(time, |text| self.floor.knows(text))
    }

    /// Nanoseconds of processor time for each text, over whole batches for about that time.
    fn per_text(&self, time: Duration, accepts: impl Fn(&str) -> bool) -> anyhow::Result<f64> {
        let (mut done, mut used) = (0, Duration::ZERO);
        while used < time {
            let began = machine::thread_time();
            let accepted = self.order.iter().filter(|it| self.texts.get(**it).is_some_and(&accepts)).count();
            used += machine::thread_time().saturating_sub(began);
            ensure!(accepted == self.order.len(), "a token was refused that is valid");
            done += BATCH;
        }
        ensure!(0 < done, "no time to measure anything");
        Ok(used.as_secs_f64() * 1e9 / f64::from(done))
    }
}

impl Filled {
    fn mebibytes_per_million(&self) -> f64 {
        self.bytes_grown / f64::from(self.tokens) * 1e6 / f64::from(1 << 20)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gate_and_floor_accept_all_texts_and_the_floor_no_other() {
        let scene = Scene::new(300).unwrap();
        assert!(scene.decide(Duration::from_micros(1), Some(facts::ENDPOINT)).unwrap() > 0.0);
        assert!(scene.floor(Duration::from_micros(1)).unwrap() > 0.0);
        assert!(!scene.floor.knows("c9d_pat_of_nobody"));
    }
}
