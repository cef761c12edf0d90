//! `counterfoil demo`: the requests of a real access log, asked of a running server one by one, and its answers held
//! against the file.
//!
//! It is a client like any other: all it knows of the service is its public API, and what it reports is what the
//! server says, never its own memory of what it did. What the answers should be is counted from the file a second
//! time, by `tally`, which shares nothing with the parser.
//!
//! t0 the log is read, t1 a permission and an organization are registered, t2 each client network gets a token,
//! t3 each line is verified, t4 what was issued is read back, t5 half of it is revoked, t6 each line is verified
//! again, t7 what the server has recorded of all this is read back, t8 the report.

mod access_log;
mod escape;
mod findings;
mod line;
mod network;
mod pass;
mod plan;
mod progress;
mod recorded;
mod register;
mod report;
mod tally;
mod tokens;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use url::Url;

use crate::{
    client::{Bearer, Client},
    print::say,
};
use access_log::AccessLog;
use findings::{Findings, Revoked};
use network::Network;
use pass::Pass;
use plan::Plan;
use progress::Show;
use recorded::Records;
use report::Report;
use tokens::Tokens;

/// What the demonstration is to use.
#[derive(clap::Args, Debug)]
pub struct DemoArgs {
    /// The access log, in Apache's combined format
    #[arg(long, value_name = "FILE")]
    pub access_log: PathBuf,
    /// The running server, over plain HTTP
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub server: Url,
    /// The file that holds the operator token
    #[arg(long, value_name = "FILE", default_value = "counterfoil-data/operator.token")]
    pub operator_token_file: PathBuf,
    /// Requests under way at once, each on a connection of its own
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub connections: u16,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Runs the demonstration and prints its report; whether the server's answers are those that the file demands.
///
/// # Errors
/// When the log or the operator token cannot be read, when no server answers, or when it refuses what it should
/// do: then there is nothing to compare.
pub async fn run(args: DemoArgs) -> anyhow::Result<bool> {
    let log = AccessLog::read(&args.access_log)?;
    let client = Client::new(&args.server)?;
    let operator = operator_token(&args.operator_token_file)?;
    client.greet().await?;
    let at_once = args.connections.into();
    let demonstration =
        Demonstration { log: &log, client: &client, operator: &operator, at_once, show: Show::here() };
    let report = demonstration.run().await?;
    print(&report, args.json)?;
    Ok(report.agrees)
}

struct Demonstration<'d> {
    log: &'d AccessLog,
    client: &'d Client,
    operator: &'d Bearer,
    /// Requests under way at once.
    at_once: usize,
    show: Show,
}

impl Demonstration<'_> {
    async fn run(&self) -> anyhow::Result<Report> {
        let &Self { log, client, operator, at_once, show } = self;
        let plan = Plan::of(&log.lines);
        register::permission(client, operator).await?;
        let organization = register::organization(client, operator).await?;
        let owner = &organization.owner;
        let tokens = Tokens { client, owner, slug: &organization.slug, at_once };

        let issued =
            tokens.issue_all(&plan.networks, show.step("issuing tokens", plan.networks.len())).await?;
        let asking = pass::Asking { client, owner, issued: &issued, at_once };
        let first = asking.all(1, &log.lines, show.step("verifying, pass 1", log.lines.len())).await?;
        let live = tokens.read_back().await?;

        let to_revoke = plan.to_revoke();
        tokens.revoke_all(&live, &to_revoke, show.step("revoking half", to_revoke.len())).await?;
        let second = asking.all(2, &log.lines, show.step("verifying, pass 2", log.lines.len())).await?;
        let left = tokens.read_back().await?;

        let questions = 2 * log.lines.len();
        let records = Records { client, owner, asker: &organization.owner_token };
        let recorded = records.read(questions, show.step("reading back", questions)).await?;

        let (revoked, counted) = (named(&to_revoke), log.count_apart());
        let findings =
            Findings { counted: &counted, live: &live, left: &left, revoked: &revoked, recorded: &recorded };
        Ok(report(log, organization.slug.clone(), &findings, &[first, second]))
    }
}

fn named(networks: &[Network]) -> Revoked {
    networks.iter().map(ToString::to_string).collect::<BTreeSet<_>>()
}

fn report(log: &AccessLog, organization: String, findings: &Findings<'_>, passes: &[Pass; 2]) -> Report {
    let differences = findings.differences(passes);
    Report {
        organization,
        lines: log.lines.len() + log.unreadable.len(),
        unreadable: log.unreadable.clone(),
        cut_short: log.cut_short(),
        tokens: findings.tokens(),
        passes: findings.passes(passes),
        recorded: findings.recorded(),
        agrees: differences.is_empty(),
        differences,
    }
}

fn operator_token(path: &Path) -> anyhow::Result<Bearer> {
    let text = fs::read_to_string(path).with_context(|| {
        let path = path.display();
        format!("no operator token in `{path}`; `make run` writes one, --operator-token-file names another")
    })?;
    Bearer::parse(text.trim()).with_context(|| format!("`{}` holds no token", path.display()))
}

fn print(report: &Report, json: bool) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string(report)? } else { report.to_string() };
    Ok(say(text.trim_end())?)
}

#[cfg(test)]
mod tests;
