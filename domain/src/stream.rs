//! Streams: where the facts about one thing lie, in their order. A stream is a noun and an id.

use crate::{
    ids::{IdError, MemberId, OrganizationId, TokenId},
    subject::{Subject, SubjectError},
    usage_gap::{NodeStart, NodeStartError},
};
use std::{fmt, str::FromStr};

/// Names a stream. One command appends to one stream.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StreamId {
    /// The catalogue and what concerns the operators.
    Platform,
    /// An organisation.
    Organization(OrganizationId),
    /// A member.
    Member(MemberId),
    /// A token.
    Token(TokenId),
    /// A subject of personal data or texts.
    Subject(Subject),
    /// What a start of a node may have decided and not made durable.
    UsageGap(NodeStart),
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Platform => f.write_str("platform"),
            Self::Organization(id) => write!(f, "organization-{id}"),
            Self::Member(id) => write!(f, "member-{id}"),
            Self::Token(id) => write!(f, "token-{id}"),
            Self::Subject(subject) => write!(f, "subject-{subject}"),
            Self::UsageGap(start) => write!(f, "usage_gap-{start}"),
        }
    }
}

/// Why a text names no stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamIdError {
    /// Its noun is none of ours.
    #[error("a stream is platform, or organization-, member-, token-, subject- or usage_gap- and an id")]
    Noun,
    /// Its id is none.
    #[error(transparent)]
    Id(#[from] IdError),
    /// Its subject is none.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// Its node start is none.
    #[error(transparent)]
    NodeStart(#[from] NodeStartError),
}

impl FromStr for StreamId {
    type Err = StreamIdError;

    fn from_str(text: &str) -> Result<Self, StreamIdError> {
        match text.split_once('-') {
            None if text == "platform" => Ok(Self::Platform),
            Some(("organization", id)) => Ok(Self::Organization(id.parse()?)),
            Some(("member", id)) => Ok(Self::Member(id.parse()?)),
            Some(("token", id)) => Ok(Self::Token(id.parse()?)),
            Some(("subject", id)) => Ok(Self::Subject(id.parse()?)),
            Some(("usage_gap", id)) => Ok(Self::UsageGap(id.parse()?)),
            _ => Err(StreamIdError::Noun),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{subject::Day, time::Timestamp};

    #[test]
    fn a_stream_is_read_as_it_was_printed() {
        let streams = [
            StreamId::Platform,
            StreamId::Organization(OrganizationId::from_bits(1)),
            StreamId::Member(MemberId::from_bits(2)),
            StreamId::Token(TokenId::from_bits(3)),
            StreamId::UsageGap(NodeStart([3; 8])),
            StreamId::Subject(Subject::Member(MemberId::from_bits(4))),
            StreamId::Subject(Subject::Unauthenticated(Day::of(Timestamp::EPOCH))),
        ];
        for stream in streams {
            assert_eq!(stream.to_string().parse(), Ok(stream));
        }
        assert_eq!("team-x".parse::<StreamId>(), Err(StreamIdError::Noun));
    }
}
