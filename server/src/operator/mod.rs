//! The operators' token: given at the first start, and again when it is lost. Access to the data folder is the proof.
//!
//! The operator's file is written before its fact, so that no crash can leave a token that nobody has. At the first
//! start it has no other token to keep:
//!
//! ```text
//! t0  FILE holds the secret, durably         a crash from here on: the next start takes the secret from FILE
//! t1  the ledger holds the fact              the token works from here on
//! ```
//!
//! A reset keeps what the file holds until the new token is a fact:
//!
//! ```text
//! t0  FILE.new holds the secret, durably     a crash from here on: its token is not live, so FILE.new is removed
//! t1  the ledger holds both facts            a crash from here on: its token is live, so FILE.new is renamed
//! t2  FILE.new is renamed to FILE, durably
//! ```
//!
//! Between the two facts of t1 no token is live at all: the start says so, and another reset gives one.
//! Without a file the facts come first, and the secret is shown once they are durable; who misses it resets it.

mod first;
mod kept;
mod reset;
mod token_file;

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::node::core::Core;

pub(crate) use first::give_first_token;
pub use kept::Kept;
pub(crate) use kept::kept_in;
pub use reset::reset;

/// Where the operators find their token. Neither `Debug` nor `Serialize`: it may hold the text.
pub enum OperatorToken {
    /// In this file, which only its owner may read.
    InFile(PathBuf),
    /// Here, and never again.
    ShownOnce(Zeroizing<String>),
}

/// Completes or undoes what a reset that was cut off has left beside the operators' file.
///
/// # Errors
/// When what lies there is not private to the own user, or the system refuses.
pub(crate) fn settle_file(core: &Core, path: &Path) -> anyhow::Result<()> {
    let is_live = |text: &str| core.gate.is_live(text, core.clock.now());
    Ok(token_file::settle(path, &core.brand, is_live)?)
}

#[cfg(test)]
mod tests;
