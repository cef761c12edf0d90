//! `counterfoil bench`: what the service costs, as ratios against baselines that lie beside it.
//!
//! A machine's speed says little on another machine; a ratio of two things measured in turns, in one run, on one
//! machine, says much. So every figure has a baseline here, both are measured alternately, the median of the rounds
//! counts, and the machine's load stands beside it.

mod args;
mod dice;
mod figure;
mod gate;
mod issue;
mod machine;
mod record;
mod results;
mod rounds;
mod scratch;
mod start;
mod verify;

use anyhow::Context;

pub use args::BenchArgs;
use args::{Area, Plan};
use figure::Figure;
use results::Results;

use crate::print::say;

/// Measures what was asked for, prints it, and writes it to the file of results.
///
/// # Errors
/// When something cannot be measured, or an answer that was measured is wrong; nothing is written then.
pub async fn run(args: BenchArgs) -> anyhow::Result<()> {
    match args.area {
        Some(Area::ServeNode) => return verify::serve_node(&args).await,
        Some(Area::ServeBare) => return verify::serve_bare().await,
        Some(Area::Verify | Area::Flat | Area::Gate | Area::Issue | Area::Record | Area::Start) | None => {}
    }
    let mut results = Results::read(&args.out).context("failed to read the results there are")?;
    for area in args.areas() {
        let plan = args.plan(area);
        say(&format!("{}: {plan}", area.name()))?;
        let figures = measure(area, &plan).await.with_context(|| format!("`{}` failed", area.name()))?;
        results.replace(area.name(), &figures);
        for figure in &figures {
            say(&format!("  {figure}"))?;
        }
        say(&format!("  load {}, {}", machine::load(), machine::processor()))?;
        results.write(&args.out).context("failed to write the results")?;
    }
    Ok(say(&format!("written to {}", args.out.display()))?)
}

async fn measure(area: Area, plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    match area {
        Area::Verify => verify::measure(plan).await,
        Area::Flat => verify::measure_flat(plan).await,
        Area::Gate => gate::measure(plan).await,
        Area::Issue => issue::measure(plan).await,
        Area::Start => start::measure(plan).await,
        Area::Record => record::measure(plan).await,
        Area::ServeNode | Area::ServeBare => Ok(Vec::new()),
    }
}
