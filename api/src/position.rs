//! Positions of the log, as clients see them: opaque, `<incarnation>-<rank>`.

use axum::http::{HeaderMap, HeaderValue};
use parking_lot::Mutex;
use projections::Position;
use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
};

use domain::ids::OrganizationId;

use crate::problem::{Code, Problem};
use crate::routes::headers::POSITION;

/// Which life of the ledger this is: a restored backup begins the next one, and what clients hold of the former
/// one no longer means the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incarnation(pub u32);

impl Incarnation {
    /// A position as clients see it.
    pub fn show(self, position: Position) -> String {
        format!("{}-{}", self.0, position.0)
    }

    /// A position that a client sends back.
    ///
    /// # Errors
    /// When it is none, or one of an earlier life.
    pub fn read(self, text: &str) -> Result<Position, BadPosition> {
        let parts = text.split_once('-').and_then(|(life, rank)| Some((number(life)?, number(rank)?)));
        match parts {
            Some((life, rank)) if life == u64::from(self.0) => Ok(Position(rank)),
            Some((life, _)) if life < u64::from(self.0) => Err(BadPosition::Expired),
            _ => Err(BadPosition::Malformed),
        }
    }

    /// The greatest of the positions in `Counterfoil-Position`, which may be sent several times or as a list.
    ///
    /// # Errors
    /// `invalid_header` for what is none, `position_expired` for one of an earlier life.
    pub fn awaited(self, headers: &HeaderMap) -> Result<Option<Position>, Problem> {
        let mut awaited = None;
        for value in headers.get_all(POSITION) {
            let text = value.to_str().map_err(|_| BadPosition::Malformed.in_header())?;
            for part in text.split(',').map(str::trim) {
                awaited = awaited.max(Some(self.read(part).map_err(BadPosition::in_header)?));
            }
        }
        Ok(awaited)
    }
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|it| it.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The header, as problems name it.
pub(crate) const POSITION_NAME: &str = "Counterfoil-Position";

/// Why a text is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPosition {
    /// It was never answered as one.
    Malformed,
    /// It is of an earlier life of the ledger.
    Expired,
}

impl BadPosition {
    /// The problem of a query's parameter.
    pub(crate) fn in_parameter(self, name: &str) -> Problem {
        self.problem(Code::InvalidParameter, name)
    }

    /// The problem of the header.
    pub(crate) fn in_header(self) -> Problem {
        self.problem(Code::InvalidHeader, POSITION_NAME)
    }

    fn problem(self, malformed: Code, name: &str) -> Problem {
        match self {
            Self::Malformed => Problem::new(malformed, format!("{name}: send a position as it was answered")),
            Self::Expired => Problem::new(
                Code::PositionExpired,
                format!("{name}: the ledger was restored since; begin again from the first position"),
            ),
        }
    }
}

/// Sets `Counterfoil-Position` on an answer.
pub(crate) fn put(headers: &mut HeaderMap, incarnation: Incarnation, position: Position) {
    if let Ok(value) = HeaderValue::try_from(incarnation.show(position)) {
        headers.insert(POSITION, value);
    }
}

/// The last position that this process has answered for, by organisation: queries wait for it, so that everybody
/// reads their own writes.
#[derive(Debug, Default)]
pub(crate) struct Acknowledged {
    organizations: Mutex<HashMap<OrganizationId, Position>>,
    platform: AtomicU64,
}

impl Acknowledged {
    pub(crate) fn note(&self, organization: Option<OrganizationId>, position: Position) {
        let Some(organization) = organization else {
            self.platform.fetch_max(position.0, Ordering::Relaxed);
            return;
        };
        let mut organizations = self.organizations.lock();
        let last = organizations.entry(organization).or_default();
        *last = (*last).max(position);
    }

    pub(crate) fn last(&self, organization: Option<OrganizationId>) -> Position {
        match organization {
            Some(organization) => self.organizations.lock().get(&organization).copied().unwrap_or_default(),
            None => Position(self.platform.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_shown() {
        let second = Incarnation(2);
        assert_eq!(second.read(&second.show(Position(7))).unwrap(), Position(7));
        assert_eq!(second.read("1-7").unwrap_err(), BadPosition::Expired);
        for bad in ["", "7", "3-7", "2-", "2-+7", "2-x", "two-7"] {
            assert_eq!(second.read(bad).unwrap_err(), BadPosition::Malformed, "{bad}");
        }
    }

    #[test]
    fn a_fault_names_what_it_was_sent_in() {
        let parameter = BadPosition::Malformed.in_parameter("after");
        assert_eq!(parameter.code(), Code::InvalidParameter);
        assert!(parameter.to_value()["detail"].as_str().unwrap().starts_with("after: "));
        assert_eq!(BadPosition::Malformed.in_header().code(), Code::InvalidHeader);
    }

    #[test]
    fn of_several_positions_the_greatest_counts() {
        let mut headers = HeaderMap::new();
        headers.append(POSITION, HeaderValue::from_static("1-7, 1-9"));
        headers.append(POSITION, HeaderValue::from_static("1-8"));
        assert_eq!(Incarnation(1).awaited(&headers).unwrap(), Some(Position(9)));
        assert_eq!(Incarnation(1).awaited(&HeaderMap::new()).unwrap(), None);
    }
}
