//! What each problem's page tells its reader, one file per family of codes.

pub mod conflicts;
pub mod contents;
pub mod credentials;
pub mod limits;
pub mod powers;
pub mod requests;
pub mod service;

/// The text of one code's page.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// When this is answered.
    pub meaning: &'static str,
    /// A request or a situation that leads here.
    pub example: &'static str,
    /// What the reader can do about it.
    pub remedy: &'static str,
}

/// Keeps the tables of texts narrow.
const fn page(meaning: &'static str, example: &'static str, remedy: &'static str) -> Explanation {
    Explanation { meaning, example, remedy }
}
