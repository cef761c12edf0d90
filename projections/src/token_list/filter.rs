use domain::ids::OrganizationId;
use domain::secret::Kind;
use domain::time::{Lifespan, Timestamp};
use ipnet::IpNet;
use store::Value;

use crate::runner::Conditions;
use crate::{network, search};

/// What a token is at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenStatus {
    /// It works.
    Active,
    /// It will work, from an instant that has not come.
    Pending,
    /// Its time is over.
    Expired,
    /// It is refused for ever.
    Revoked,
}

impl TokenStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Active, Self::Pending, Self::Expired, Self::Revoked];

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

/// Whose tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// An organisation's.
    Organization(OrganizationId),
    /// The platform operators'.
    Operators,
}

/// Whether a token must have one of the tags, or all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TagMode {
    /// One is enough.
    Any,
    /// It must have each.
    #[default]
    All,
}

/// Which tokens are wanted; all that is said must hold. Of instants, `after` includes the instant and
/// `before` does not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TokenFilter {
    /// One of these; none said: any.
    pub statuses: Vec<TokenStatus>,
    /// A part of its name, its id, a displayed secret id, a tag or the external id, in small or capital
    /// letters.
    pub q: Option<String>,
    /// Tags, exactly as written.
    pub tags: Vec<String>,
    /// How many of the tags it must have.
    pub tag_mode: TagMode,
    /// The id of its holder.
    pub holder: Option<String>,
    /// The kind of its holder: `member`, `service_account`, `operator`.
    pub holder_kind: Option<String>,
    /// The kind that its secrets show.
    pub kind: Option<Kind>,
    /// Issued then or later.
    pub created_after: Option<Timestamp>,
    /// Issued earlier.
    pub created_before: Option<Timestamp>,
    /// Expiring then or later; one that never expires does not.
    pub expires_after: Option<Timestamp>,
    /// Expiring earlier.
    pub expires_before: Option<Timestamp>,
    /// Last used then or later; one that was never used was not.
    pub last_used_after: Option<Timestamp>,
    /// Last used earlier; one that was never used was not.
    pub last_used_before: Option<Timestamp>,
    /// Not used for so long; one that was never used, since it was issued.
    pub unused_for: Option<Lifespan>,
    /// Used from this address, or from one in this block, or refused there.
    pub ip: Option<IpNet>,
}

impl Owner {
    /// When a token was revoked. A reset of the operators revokes all of theirs that were issued before.
    pub(super) const fn revoked_at(self) -> &'static str {
        match self {
            Self::Organization(_) => "t.revoked_at",
            Self::Operators => {
                "COALESCE(t.revoked_at, (SELECT MIN(r.reset_at) FROM token_list.resets AS r \
                 WHERE t.issued_position < r.position))"
            }
        }
    }

    /// The condition that it is the token's owner.
    pub(super) fn add(self, conditions: &mut Conditions) {
        let is_owner = self.is("t.organization", conditions);
        conditions.add(is_owner);
    }

    /// The condition that a column names it.
    pub(super) fn is(self, column: &str, conditions: &mut Conditions) -> String {
        match self {
            Self::Organization(id) => format!("{column} = {}", conditions.arg(id.to_string())),
            Self::Operators => format!("{column} IS NULL"),
        }
    }
}

impl TokenFilter {
    pub(super) fn add(&self, owner: Owner, now: Timestamp, conditions: &mut Conditions) {
        self.add_statuses(owner, now, conditions);
        self.add_tags(conditions);
        if let Some(q) = &self.q {
            let pattern = conditions.arg(search::pattern(q));
            conditions.add(format!(
                "(t.found_by LIKE {pattern} ESCAPE '\\' OR t.found_by_texts LIKE {pattern} ESCAPE '\\')"
            ));
        }
        conditions.compare_if("t.holder_id", "=", self.holder.as_ref());
        conditions.compare_if("t.holder_kind", "=", self.holder_kind.as_ref());
        conditions.compare_if("t.kind", "=", self.kind.map(Kind::as_str));
        let micros = |it: Option<Timestamp>| it.map(Timestamp::micros);
        conditions.compare_if("t.created_at", ">=", micros(self.created_after));
        conditions.compare_if("t.created_at", "<", micros(self.created_before));
        conditions.compare_if("t.expires_at", ">=", micros(self.expires_after));
        conditions.compare_if("t.expires_at", "<", micros(self.expires_before));
        self.add_uses(owner, now, conditions);
    }

    /// Whether it asks when a token was used last.
    pub(super) const fn asks_for_uses(&self) -> bool {
        self.last_used_after.is_some() || self.last_used_before.is_some() || self.unused_for.is_some()
    }

    fn add_uses(&self, owner: Owner, now: Timestamp, conditions: &mut Conditions) {
        let micros = |it: Option<Timestamp>| it.map(Timestamp::micros);
        conditions.compare_if("u.last_used_at", ">=", micros(self.last_used_after));
        conditions.compare_if("u.last_used_at", "<", micros(self.last_used_before));
        let idle_since = self.unused_for.map(|it| now.minus(it).micros());
        conditions.compare_if("COALESCE(u.last_used_at, t.created_at)", "<=", idle_since);
        if let Some(block) = self.ip {
            let of_owner = owner.is("a.organization", conditions);
            let lies_in = network::lies_in("a.address_key", block, conditions);
            conditions.add(format!(
                "t.id IN (SELECT a.token FROM token_addresses.addresses AS a WHERE {of_owner} AND {lies_in})"
            ));
        }
    }

    /// The same rule as [`ListedToken::status`](super::ListedToken::status).
    fn add_statuses(&self, owner: Owner, now: Timestamp, conditions: &mut Conditions) {
        if self.statuses.is_empty() {
            return;
        }
        let revoked_at = owner.revoked_at();
        let lives = |it: &TokenStatus| matches!(it, TokenStatus::Active | TokenStatus::Pending);
        if self.statuses.iter().all(lives) {
            // Follows from what is said below, and tells the engine that the index of the live ones will do.
            conditions.add("t.revoked_at IS NULL AND t.expired_at IS NULL");
        }
        let now = conditions.arg(now.micros());
        let ended = format!("(t.expired_at IS NOT NULL OR COALESCE(t.expires_at <= {now}, FALSE))");
        let waits = format!("COALESCE({now} < t.starts_at, FALSE)");
        let texts = self.statuses.iter().map(|status| match status {
            TokenStatus::Revoked => format!("{revoked_at} IS NOT NULL"),
            TokenStatus::Expired => format!("({revoked_at} IS NULL AND {ended})"),
            TokenStatus::Pending => format!("({revoked_at} IS NULL AND NOT {ended} AND {waits})"),
            TokenStatus::Active => format!("({revoked_at} IS NULL AND NOT {ended} AND NOT {waits})"),
        });
        let texts: Vec<String> = texts.collect();
        conditions.any(&texts);
    }

    fn add_tags(&self, conditions: &mut Conditions) {
        // What is left when the word is taken out of the set is something else: the word is in it. Unlike
        // LIKE this tells capital from small letters on every engine.
        let mut has = |tag: &String| {
            let word = conditions.arg(Value::from(search::word(tag)));
            format!("replace(t.tag_set, {word}, '') <> t.tag_set")
        };
        let texts: Vec<String> = self.tags.iter().map(&mut has).collect();
        match self.tag_mode {
            TagMode::All => texts.into_iter().for_each(|it| conditions.add(it)),
            TagMode::Any if texts.is_empty() => {}
            TagMode::Any => conditions.any(&texts),
        }
    }
}
