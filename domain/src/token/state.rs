use super::{GrantedUnder, RevocationReason, Texts};
use crate::{
    actor::Holder,
    erasable::Erasable,
    scope::Scope,
    secret::{Digest, KeyId, Kind, SecretId},
    time::Timestamp,
};

/// What a token's facts amount to.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Token {
    /// There is none.
    #[default]
    Unissued,
    /// It exists and no fact ends it; time may have.
    Live(Box<Issued>),
    /// It has ended.
    Ended(Box<Issued>, Ending),
}

/// How a token ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// Somebody revoked it.
    Revoked {
        /// When.
        at: Timestamp,
        /// Why.
        reason: RevocationReason,
    },
    /// Its time was over.
    Expired {
        /// When that was noted.
        at: Timestamp,
    },
}

/// How a token stands at a moment: what everybody is shown, whoever folds its facts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Status {
    /// It works.
    Active,
    /// It will work, from an instant that has not come.
    Pending,
    /// Its time is over.
    Expired,
    /// It is refused for ever.
    Revoked,
}

impl Status {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// A token that was issued.
#[derive(Clone, PartialEq, Debug)]
pub struct Issued {
    /// Whom it acts for.
    pub holder: Holder,
    /// The kind its secrets show.
    pub kind: Kind,
    /// Its secret versions, oldest first; only the last one or two can be live.
    pub secrets: Vec<SecretVersion>,
    /// What it asks for.
    pub scopes: Vec<Scope>,
    /// It is refused before this instant.
    pub starts_at: Option<Timestamp>,
    /// It is refused from this instant on.
    pub expires_at: Option<Timestamp>,
    /// The rules that held when it was issued.
    pub granted_under: GrantedUnder,
    /// Callers' texts.
    pub texts: Erasable<Texts>,
    /// When it was issued.
    pub created_at: Timestamp,
}

/// One secret version of a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecretVersion {
    /// Names it.
    pub id: SecretId,
    /// The pepper of its digest.
    pub key: KeyId,
    /// What a presented text must digest to.
    pub digest: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// The instant from which it is refused, once another has replaced it.
    pub valid_until: Option<Timestamp>,
}

impl Token {
    /// The token, if it was ever issued.
    pub fn issued(&self) -> Option<&Issued> {
        match self {
            Self::Unissued => None,
            Self::Live(issued) | Self::Ended(issued, _) => Some(issued),
        }
    }

    /// How it ended, if a fact ended it.
    pub fn ending(&self) -> Option<Ending> {
        match self {
            Self::Unissued | Self::Live(_) => None,
            Self::Ended(_, ending) => Some(*ending),
        }
    }

    /// How it stands at `now`, if it was ever issued. Facts and the clock both end a token; a revocation counts
    /// before everything else. A reset of the operators is no fact of the token and is not seen here.
    pub fn status(&self, now: Timestamp) -> Option<Status> {
        match self {
            Self::Unissued => None,
            Self::Ended(_, Ending::Revoked { .. }) => Some(Status::Revoked),
            Self::Ended(_, Ending::Expired { .. }) => Some(Status::Expired),
            Self::Live(issued) if issued.has_expired(now) => Some(Status::Expired),
            Self::Live(issued) if issued.starts_at.is_some_and(|it| now < it) => Some(Status::Pending),
            Self::Live(_) => Some(Status::Active),
        }
    }
}

impl Issued {
    /// Whether its time is over at `now`.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|it| it <= now)
    }

    /// The end of the overlap that runs at `now`, if one does.
    pub fn overlap_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.secrets.iter().filter_map(|it| it.valid_until).find(|until| now < *until)
    }
}
