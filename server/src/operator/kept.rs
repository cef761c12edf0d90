//! What the operators' file is worth at a later start.

use std::path::Path;

use domain::{secret::Brand, time::Timestamp};
use projections::gate::Gate;

use super::token_file;

/// What the operators' file holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kept {
    /// A token that works.
    Live,
    /// A token that works no more, as after a reset that wrote to another file or to the terminal.
    Void,
    /// Nothing, or there is no file.
    Nothing,
    /// Something that is not used as a token, in words.
    Unusable(String),
}

/// Asks the gate about the token in a file.
pub(crate) fn kept_in(path: &Path, brand: &Brand, gate: &Gate, now: Timestamp) -> Kept {
    match token_file::read(path, brand) {
        Ok(None) => Kept::Nothing,
        Ok(Some(secret)) => {
            let is_live = gate.is_live(&secret.into_text_shown_once(), now);
            if is_live { Kept::Live } else { Kept::Void }
        }
        Err(err) => Kept::Unusable(format!("{:#}", anyhow::Error::from(err))),
    }
}
