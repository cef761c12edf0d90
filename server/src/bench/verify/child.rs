//! Servers as processes of this binary.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{self, Command, Stdio},
};

use anyhow::Context;

use super::answer::Sample;

/// A running server. It ends when its standard input does: with the value, or with the whole bench.
pub(in crate::bench) struct Child {
    process: process::Child,
    /// Where it answers.
    pub(in crate::bench) address: SocketAddr,
}

impl Child {
    /// The service itself, in a data folder below that folder.
    ///
    /// # Errors
    /// When it does not start.
    pub(in crate::bench) fn node(folder: &Path) -> anyhow::Result<Self> {
        let mut command = bench("serve-node")?;
        Self::start(command.arg("--folder").arg(folder), "")
    }

    /// A bare handler that answers with these bytes.
    ///
    /// # Errors
    /// When it does not start.
    pub(super) fn bare(sample: &Sample) -> anyhow::Result<Self> {
        Self::start(&mut bench("serve-bare")?, &serde_json::to_string(sample)?)
    }

    /// The process.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    fn start(command: &mut Command, input: &str) -> anyhow::Result<Self> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let told = tell(&mut process, input);
        match told {
            Ok(address) => Ok(Self { process, address }),
            Err(err) => {
                end(&mut process);
                Err(err.context("a server of the bench did not start"))
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

fn bench(area: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["bench", area]);
    Ok(command)
}

/// Says what it shall know; reads the address that it says.
fn tell(process: &mut process::Child, input: &str) -> anyhow::Result<SocketAddr> {
    let stdin = process.stdin.as_mut().context("it has no standard input")?;
    writeln!(stdin, "{input}")?;
    stdin.flush()?;
    let stdout = process.stdout.take().context("it has no standard output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    line.trim().parse().with_context(|| format!("it said `{}` instead of an address", line.trim()))
}

/// Closes its input, which is how it is told to stop, and waits for it.
fn end(process: &mut process::Child) {
    drop(process.stdin.take());
    if let Err(err) = process.wait() {
        tracing::warn!(error = %err, "a server of the bench cannot be waited for");
    }
}
