//! Random histories of tokens, told to the gate and, beside it, to the rules of the domain.

use std::sync::Arc;

use domain::{
    actor::Holder,
    catalogue::Catalogue,
    decider::Decider,
    ids::{MemberId, OrganizationId, TokenId},
    permission::PermissionName,
    plan::Plan,
    policy::Policy,
    power::Power,
    role,
    secret::Kind,
    time::{Lifespan, Timestamp},
    token::{Command, Ending, Ends, Issue, RevocationReason, Rules, Texts, Token},
};
use proptest::{collection::vec, prelude::*, sample::Index};

use super::story::*;
use crate::gate::{Asker, Code};

pub(super) const ORGANIZATIONS: [OrganizationId; 3] = [ACME, GLOBEX, OrganizationId::from_bits(0x3)];
pub(super) const SCOPES: [&str; 7] =
    ["*", "tokens:*", "tokens:manage", "agents:write", "site:read", "platform:*", "tokens:read/tok_1"];
pub(super) const ROLES: [&str; 4] = ["owner", "developer", "viewer", "gateway"];
const TOKENS: usize = 4;

/// What happens next.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Issue { token: usize, scopes: Vec<Index>, holder: usize, starts: Option<i64>, lives: i64 },
    Rotate { token: usize, overlap: i64 },
    Revoke { token: usize },
    Expire { token: usize },
    Register,
    Pass { hours: i64 },
}

pub(super) fn any_step() -> impl Strategy<Value = Step> {
    let token = 0..TOKENS;
    prop_oneof![
        (token.clone(), vec(any::<Index>(), 1..3), 0_usize..13, prop::option::of(0_i64..60), 1_i64..200)
            .prop_map(|(token, scopes, holder, starts, lives)| Step::Issue {
                token,
                scopes,
                holder,
                starts,
                lives
            }),
        (token.clone(), 0_i64..48).prop_map(|(token, overlap)| Step::Rotate { token, overlap }),
        token.clone().prop_map(|token| Step::Revoke { token }),
        token.prop_map(|token| Step::Expire { token }),
        Just(Step::Register),
        (1_i64..48).prop_map(|hours| Step::Pass { hours }),
    ]
}

/// The facts, and beside them what the rules of the domain make of each token, one by one.
pub(super) struct World {
    pub(super) story: Story,
    tokens: Vec<Token>,
    /// Each secret that was made, with its token.
    pub(super) secrets: Vec<(u8, usize)>,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) now: Timestamp,
}

/// The organisation of a token: tokens of a number stay where they are.
pub(super) fn home(token: usize) -> OrganizationId {
    ORGANIZATIONS[token % 3]
}

/// The `n`-th member: four in each organisation, one for each role; the first is its owner. The last is nowhere.
pub(super) fn member(n: usize) -> MemberId {
    MemberId::from_bits(0x100 + n as u128)
}

/// Texts of a token, with each combination of what may be missing.
fn texts(n: u8) -> Texts {
    let metadata = if n.is_multiple_of(3) { vec![] } else { vec![("team".to_owned(), format!("squad {n}"))] };
    Texts {
        name: "deploy ".repeat(usize::from(n % 7)),
        metadata: metadata.into_iter().collect(),
        external_id: n.is_multiple_of(2).then(|| format!("ext-{n}")),
        ..Texts::default()
    }
}

impl World {
    pub(super) fn new() -> Self {
        let mut story = Story::default();
        for (at, organization) in ORGANIZATIONS.iter().enumerate() {
            story = story.registered(*organization, member(at * 4));
            for (place, role) in ROLES.iter().enumerate() {
                story = story.member(*organization, member(at * 4 + place), role);
            }
        }
        let tokens = vec![Token::Unissued; TOKENS];
        Self { story, tokens, secrets: vec![], catalogue: Arc::default(), now: NOON }
    }

    pub(super) fn after(steps: &[Step]) -> Self {
        steps.iter().fold(Self::new(), Self::step)
    }

    fn step(self, step: &Step) -> Self {
        let now = self.now;
        match step {
            Step::Issue { token, scopes, holder, starts, lives } => {
                let scopes: Vec<&str> = scopes.iter().map(|it| *it.get(&SCOPES)).collect();
                let starts_at = starts.map(|it| now.plus(Lifespan::hours(it)));
                self.issue(*token, &scopes, member(*holder), starts_at, Ends::In(Lifespan::hours(*lives)))
            }
            Step::Rotate { token, overlap } => {
                let secret = secret(self.next_secret());
                let overlap = Some(Lifespan::hours(*overlap));
                let policy = Policy::default();
                self.obey(*token, &Command::Rotate { secret, overlap, reason: None, policy, at: now })
            }
            Step::Revoke { token } => {
                self.obey(*token, &Command::Revoke { reason: RevocationReason::Superseded, note: None })
            }
            Step::Expire { token } => self.obey(*token, &Command::Expire { at: now }),
            Step::Register => self.register(),
            Step::Pass { hours } => Self { now: now.plus(Lifespan::hours(*hours)), ..self },
        }
    }

    /// Issues without looking at roles: a role may have changed since.
    pub(super) fn issue(
        self,
        token: usize,
        asked: &[&str],
        holder: MemberId,
        starts_at: Option<Timestamp>,
        ends: Ends,
    ) -> Self {
        let power = Power { scopes: scopes(asked).into(), role: role::owner() };
        let power =
            if asked.contains(&"platform:*") { Power { role: role::operator(), ..power } } else { power };
        let issue = Issue {
            organization: Some(home(token)),
            holder: Holder::Member(holder),
            kind: Kind::Pat,
            secret: secret(self.next_secret()),
            scopes: scopes(asked),
            starts_at,
            ends,
            texts: texts(self.next_secret()),
            giver: power.clone(),
            receiver: power,
            catalogue: Arc::clone(&self.catalogue),
            policy: Policy::default(),
            plan: Some(Plan::Pro),
            at: self.now,
        };
        self.obey(token, &Command::Issue(Box::new(issue)))
    }

    fn obey(mut self, token: usize, command: &Command) -> Self {
        let facts = Rules::decide(&self.tokens[token], command).unwrap_or_default();
        for fact in facts {
            let state = std::mem::take(&mut self.tokens[token]);
            let newest = |it: &Token| it.issued().and_then(|it| it.secrets.last()).map(|it| it.id);
            let before = newest(&state);
            self.tokens[token] = Rules::evolve(state, &fact, self.now);
            if newest(&self.tokens[token]) != before {
                self.secrets.push((self.next_secret(), token));
            }
            self.story = self.story.token(TokenId::from_bits(token as u128), Some(home(token)), fact);
        }
        self
    }

    pub(super) fn register(mut self) -> Self {
        let before = self.story.events.len();
        self.story = self.story.permission("site:read", &["GET /site/**"], &["viewer", "owner"]);
        if let domain::fact::Fact::Platform(domain::platform::Event::PermissionRegistered(permission)) =
            &self.story.events[before].recorded.fact
        {
            Arc::make_mut(&mut self.catalogue).register(permission.clone());
        }
        self
    }

    fn next_secret(&self) -> u8 {
        u8::try_from(self.secrets.len()).unwrap() + 1
    }

    /// What the holder may do at all, if they belong to the organisation of the token.
    fn role_of(token: usize, holder: Holder) -> Option<&'static str> {
        let place = (0..12).find(|it| Holder::Member(member(*it)) == holder)?;
        (ORGANIZATIONS[place / 4] == home(token)).then(|| ROLES[place % 4])
    }

    /// The answer, by the rules of the domain alone.
    pub(super) fn answer(&self, secret: (u8, usize), asker: Asker, permissions: &[PermissionName]) -> Code {
        let (number, token) = secret;
        if asker != Asker::Platform && asker != Asker::Organization(home(token)) {
            return Code::NotFound;
        }
        let state = &self.tokens[token];
        let issued = state.issued().unwrap();
        // The rules may forget versions that are no longer accepted.
        let version = issued.secrets.iter().find(|it| it.id == super::story::secret(number).id);
        if matches!(state.ending(), Some(Ending::Revoked { .. })) {
            return Code::Revoked;
        }
        if state.ending().is_some() || issued.has_expired(self.now) {
            return Code::Expired;
        }
        if version.is_none_or(|it| it.valid_until.is_some_and(|end| end <= self.now)) {
            return Code::Revoked;
        }
        if issued.starts_at.is_some_and(|it| self.now < it) {
            return Code::NotYetValid;
        }
        let Some(role) = Self::role_of(token, issued.holder) else {
            return Code::HolderInactive;
        };
        let power = Power { scopes: issued.scopes.clone().into(), role: role.parse().unwrap() };
        let all = permissions.iter().all(|it| power.includes(it, &self.catalogue));
        if all { Code::Valid } else { Code::InsufficientPermissions }
    }
}
