//! The command line: words in, exit code out.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | refused, or failed; standard error says why |
//! | 2 | the words were wrong |

mod banner;
mod place;
mod projections;
mod serve;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, ensure};
use clap::{Parser, Subcommand};
use commands::clock::SystemTime;

use crate::{
    bench::{self, BenchArgs},
    demo::{self, DemoArgs},
    log,
    operator::{self, OperatorToken},
    print::{complain, has_seen_enough, say},
    replay::{self, ReplayArgs},
};
use place::Place;
use projections::Projections;
use serve::ServeArgs;

/// Issues, verifies, limits, watches and revokes API tokens, and keeps the counterfoil of everything
#[derive(Parser)]
#[command(name = "counterfoil", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the HTTP interface from a data folder
    Serve(ServeArgs),
    /// Hold a running server against a real access log: a token per client network, a verification per line
    Demo(DemoArgs),
    /// Measure the service against baselines in the same run; written to bench/results.md
    Bench(BenchArgs),
    /// Read the ledger itself
    #[command(subcommand)]
    Audit(Audit),
    /// Look at the views of a running server, or build them again
    #[command(subcommand)]
    Projections(Projections),
    /// Act as an operator of the platform; access to the data folder is the proof
    #[command(subcommand)]
    Operator(Operator),
    /// Look at the configuration
    #[command(subcommand)]
    Config(Config),
}

#[derive(Subcommand)]
enum Audit {
    /// Print the facts as they lie in the ledger, also beside a running server
    Replay {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        replay: ReplayArgs,
    },
}

#[derive(Subcommand)]
enum Operator {
    /// Void all operator tokens and give another; the server must be stopped
    Reset {
        #[command(flatten)]
        place: Place,
        /// Write the token to this file, mode 0600, instead of printing it
        #[arg(long, value_name = "FILE")]
        operator_token_file: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Config {
    /// Print the effective configuration, each value with where it came from
    Check(Place),
}

/// Reads the words of the process and does what they say.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match obey(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) if has_seen_enough(&err) => ExitCode::SUCCESS,
        Err(err) => {
            complain(&err);
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("failed to start the runtime")?;
    let obeyed = runtime.block_on(obeyed(command));
    // What still blocks is waited for by nobody any more, such as the check of a ledger whose start was given up.
    runtime.shutdown_background();
    obeyed
}

async fn obeyed(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(args) => serve::serve(args).await,
        Command::Bench(args) => bench::run(args).await,
        Command::Demo(args) => {
            ensure!(demo::run(args).await?, "the server's answers are not those that the file demands");
            Ok(())
        }
        Command::Audit(Audit::Replay { place, replay }) => replay::run(&place.config()?, &replay).await,
        Command::Projections(projections) => projections::run(projections).await,
        Command::Operator(Operator::Reset { place, operator_token_file }) => {
            reset(&place, operator_token_file).await
        }
        Command::Config(Config::Check(place)) => Ok(say(&place.config()?.effective().to_string())?),
    }
}

async fn reset(place: &Place, file: Option<PathBuf>) -> anyhow::Result<()> {
    let config = place.config_with(None, file.as_deref())?;
    log::set_up(&config.log)?;
    match operator::reset(&config, Arc::new(SystemTime)).await? {
        OperatorToken::InFile(path) => {
            say(&format!("All operator tokens before are void; the new one is in {}", path.display()))?;
        }
        OperatorToken::ShownOnce(text) => {
            say("All operator tokens before are void. The new one, shown this once:\n")?;
            say(&text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_words_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_state_is_of_something() {
        let words = ["counterfoil", "audit", "replay", "--state"];
        let refused = Cli::try_parse_from(words).err().unwrap();
        assert_eq!(refused.exit_code(), 2);
        assert!(refused.to_string().contains("--target"), "{refused}");
    }
}
