//! What is asked of the bench.

use std::{fmt, path::PathBuf, time::Duration};

/// Measures the service against baselines in the same run.
#[derive(clap::Args, Debug)]
pub struct BenchArgs {
    /// What to measure; everything where nothing is said
    #[arg(value_enum)]
    pub(super) area: Option<Area>,
    /// Rounds of each measure, of which the median counts
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(super) rounds: u32,
    /// Seconds of each round, where a round is a time
    #[arg(long, default_value_t = 2.0, value_parser = seconds)]
    pub(super) seconds: f64,
    /// Tokens that exist: by default 100,000 for `verify`, 1,000,000 for `gate`, `flat` and `start`
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=50_000_000))]
    pub(super) tokens: Option<u32>,
    /// A tenth of the tokens and a quarter of the time: to see that it runs, not to be quoted
    #[arg(long)]
    pub(super) quick: bool,
    /// The file of results; rows of what is not measured now stay
    #[arg(long, default_value = "bench/results.md")]
    pub(super) out: PathBuf,
    /// The data folder of a server that the bench starts
    #[arg(long, hide = true)]
    pub(super) folder: Option<PathBuf>,
}

/// What can be measured.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Area {
    /// `POST /v1/verify` against a bare axum handler
    Verify,
    /// `POST /v1/verify` with many tokens against a thousand
    Flat,
    /// A decision of the gate against a look-up, a hash and a comparison
    Gate,
    /// Issuing a token durably against a hand-written group commit
    Issue,
    /// A start from the gate's snapshot, until it is ready
    Start,
    /// Recording decisions durably against what is promised
    Record,
    /// The server under measure, as a process of its own
    #[value(hide = true)]
    ServeNode,
    /// The baseline's server, as a process of its own
    #[value(hide = true)]
    ServeBare,
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) rounds: u32,
    pub(super) time: Duration,
    pub(super) tokens: u32,
    pub(super) quick: bool,
}

impl Area {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Flat => "flat",
            Self::Gate => "gate",
            Self::Issue => "issue",
            Self::Start => "start",
            Self::Record => "record",
            Self::ServeNode => "serve-node",
            Self::ServeBare => "serve-bare",
        }
    }

    fn usual_tokens(self) -> u32 {
        match self {
            Self::Gate | Self::Flat | Self::Start => 1_000_000,
            Self::Verify | Self::Issue | Self::Record | Self::ServeNode | Self::ServeBare => 100_000,
        }
    }
}

impl BenchArgs {
    pub(super) fn areas(&self) -> Vec<Area> {
        let all = || vec![Area::Gate, Area::Issue, Area::Record, Area::Start, Area::Verify, Area::Flat];
        self.area.map_or_else(all, |it| vec![it])
    }

    pub(super) fn plan(&self, area: Area) -> Plan {
        let (tokens, share) =
            if self.quick { (area.usual_tokens() / 10, 0.25) } else { (area.usual_tokens(), 1.0) };
        Plan {
            rounds: self.rounds,
            time: Duration::from_secs_f64(self.seconds * share),
            tokens: self.tokens.unwrap_or(tokens),
            quick: self.quick,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, time, tokens, quick } = self;
        let quick = if *quick { ", quick: not to be quoted" } else { "" };
        write!(f, "{rounds} rounds of {:.2} s, {tokens} tokens{quick}", time.as_secs_f64())
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.05..=3_600.0).contains(&seconds) => Ok(seconds),
        Ok(_) | Err(_) => Err("give seconds, from 0.05 to 3600".to_owned()),
    }
}
