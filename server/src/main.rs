//! The `counterfoil` binary: its first words are read here, everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::run()
}
