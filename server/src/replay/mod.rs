//! `counterfoil audit replay`: the facts as they lie in the ledger, or what the facts about one thing amount to.
//!
//! It reads the folder without changing it, also beside a running server: no view, no gate, no snapshot, only the
//! ledger and the keys that open it.

mod amount;
mod line;
mod opened;
mod reading;
mod target;
mod token;

use std::io::{self, BufWriter, IsTerminal, Write};

use anyhow::bail;
use commands::clock::{SystemTime, TimeSource};
use domain::time::Timestamp;

use crate::config::Config;
use amount::Amount;
use reading::Reading;
use target::Target;

/// What is to be replayed, and how it is printed.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct ReplayArgs {
    /// Only the facts about this thing: the id of a token, a member or an organization, or `platform`
    #[arg(long, value_name = "ID")]
    pub(crate) target: Option<Target>,
    /// Print what the facts about the target amount to by now, instead of the facts
    #[arg(long, requires = "target")]
    pub(crate) state: bool,
    /// Print JSON on a terminal, too; elsewhere it is always JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Prints to standard output what is asked for.
///
/// # Errors
/// When the folder holds no ledger or not the keys of it, when a record is damaged, or when there is no fact about the
/// target.
pub(crate) async fn run(config: &Config, args: &ReplayArgs) -> anyhow::Result<()> {
    let out = io::stdout().lock();
    let for_people = out.is_terminal() && !args.json;
    let now = Timestamp::from_micros(SystemTime.wall_micros());
    replay(config, args, Printing { for_people, now }, &mut BufWriter::new(out)).await
}

/// How it is printed.
#[derive(Clone, Copy)]
struct Printing {
    /// Lines for people instead of JSON.
    for_people: bool,
    /// The time of day, by which a token has expired or not.
    now: Timestamp,
}

async fn replay(
    config: &Config,
    args: &ReplayArgs,
    printing: Printing,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let reading = Reading::open(config).await?;
    match args.target {
        Some(target) if args.state => state(&reading, target, printing, out).await?,
        target => facts(&reading, target, printing, out).await?,
    }
    Ok(out.flush()?)
}

async fn facts(
    reading: &Reading,
    target: Option<Target>,
    Printing { for_people, .. }: Printing,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut count = 0_u64;
    let print = |event: &projections::feed::Event| {
        if target.is_some_and(|it| it.stream() != event.recorded.stream) {
            return Ok(());
        }
        count += 1;
        let line = if for_people { line::for_people(event) } else { line::json(event)?.to_string() };
        Ok(writeln!(out, "{line}")?)
    };
    reading.each(print).await?;
    match target {
        Some(target) if count == 0 => bail!("there is no fact about {target} in this ledger"),
        Some(_) | None => Ok(()),
    }
}

async fn state(
    reading: &Reading,
    target: Target,
    Printing { for_people, now }: Printing,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut amount = Amount::of(target);
    reading.each(|event| amount.add(event)).await?;
    let Some(amount) = amount.shown(&reading.brand, now) else {
        bail!("there is no fact about {target} in this ledger")
    };
    let text = if for_people { serde_json::to_string_pretty(&amount)? } else { amount.to_string() };
    Ok(writeln!(out, "{text}")?)
}

#[cfg(test)]
mod tests;
