//! The operators' token: given at the first start, and again when it is lost. Access to the data folder is the proof.
//!
//! A file is written before the fact, so that no start can leave a token that nobody has:
//!
//! ```text
//! t0  the file holds the secret, durably    a crash here: the next start takes the secret from the file
//! t1  the ledger holds the fact             the token works from here on
//! ```
//!
//! Without a file the fact comes first, and the secret is shown once it is durable; who misses it resets it.

mod first;
mod reset;
mod token_file;

use std::path::PathBuf;

use zeroize::Zeroizing;

pub(crate) use first::give_first_token;
pub use reset::reset;

/// Where the operators find their token. Neither `Debug` nor `Serialize`: it may hold the text.
pub enum OperatorToken {
    /// In this file, which only its owner may read.
    InFile(PathBuf),
    /// Here, and never again.
    ShownOnce(Zeroizing<String>),
}

#[cfg(test)]
mod tests;
