//! What a replay is about.

use std::{fmt, str::FromStr};

use domain::{
    ids::{MemberId, OrganizationId, TokenId},
    stream::StreamId,
    subject::Subject,
    usage_gap::NodeStart,
};

/// A thing that facts are about, as people name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Target(StreamId);

impl Target {
    /// Where the facts about it lie.
    pub(super) fn stream(self) -> StreamId {
        self.0
    }
}

/// Why a text names nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "name a token (tok_…), a member (mem_…), an organization (org_…), the strangers of a day (unauthenticated/2026-11-24), a start of a node (16 hexadecimal digits), or `platform`"
)]
pub(crate) struct TargetError;

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        if text == "platform" {
            return Ok(Self(StreamId::Platform));
        }
        let token = text.parse::<TokenId>().map(StreamId::Token);
        let member = || text.parse::<MemberId>().map(StreamId::Member);
        let organization = || text.parse::<OrganizationId>().map(StreamId::Organization);
        let subject = || text.parse::<Subject>().map(StreamId::Subject);
        let found = token.or_else(|_| member()).or_else(|_| organization());
        let gap = || text.parse::<NodeStart>().map(StreamId::UsageGap);
        found.or_else(|_| subject()).or_else(|_| gap()).map(Self).map_err(|_| TargetError)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            StreamId::Platform => f.write_str("platform"),
            StreamId::Organization(id) => id.fmt(f),
            StreamId::Member(id) => id.fmt(f),
            StreamId::Token(id) => id.fmt(f),
            StreamId::Subject(subject) => subject.fmt(f),
            StreamId::UsageGap(start) => start.fmt(f),
        }
    }
}
