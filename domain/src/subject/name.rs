use super::Day;
use crate::ids::{MemberId, OrganizationId};
use std::{fmt, str::FromStr};

/// What strangers' subjects begin with; the day follows.
const UNAUTHENTICATED: &str = "unauthenticated/";

/// Names a subject, as its key is named: these texts MUST NEVER CHANGE.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// A member: name and e-mail address, and where requests came from that they made.
    Member(MemberId),
    /// An organisation: all texts that its callers wrote.
    Organization(OrganizationId),
    /// Those who showed no proven secret on that day: where their requests came from.
    Unauthenticated(Day),
}

/// Why a text names no subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a subject is a member (mem_…), an organisation (org_…), or the strangers of a day (unauthenticated/2026-11-24)"
)]
pub struct SubjectError;

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(id) => id.fmt(f),
            Self::Organization(id) => id.fmt(f),
            Self::Unauthenticated(day) => write!(f, "{UNAUTHENTICATED}{day}"),
        }
    }
}

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        if let Some(day) = text.strip_prefix(UNAUTHENTICATED) {
            return day.parse().map(Self::Unauthenticated).map_err(|_| SubjectError);
        }
        let organization = || text.parse().map(Self::Organization);
        text.parse().map(Self::Member).or_else(|_| organization()).map_err(|_| SubjectError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_subject_is_read_as_it_was_printed() {
        let day = Day::of(Timestamp::from_micros(1_795_540_000_000_000));
        let subjects = [
            Subject::Member(MemberId::from_bits(1)),
            Subject::Organization(OrganizationId::from_bits(2)),
            Subject::Unauthenticated(day),
        ];
        for subject in subjects {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
        assert_eq!(subjects[2].to_string(), "unauthenticated/2026-11-24");
        for text in ["operator", "platform", "mem_", "unauthenticated/", "unauthenticated/today", "tok_x"] {
            assert_eq!(text.parse::<Subject>(), Err(SubjectError), "{text}");
        }
    }
}
