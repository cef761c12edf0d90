//! What holds for every history.

use std::sync::Arc;

use domain::{
    actor::Holder,
    catalogue::{Catalogue, PermissionSet},
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
use crate::gate::{Asker, Code, Decision, Gate, Question};

const ORGANIZATIONS: [OrganizationId; 3] = [ACME, GLOBEX, OrganizationId::from_bits(0x3)];
const SCOPES: [&str; 7] =
    ["*", "tokens:*", "tokens:manage", "agents:write", "site:read", "platform:*", "tokens:read/tok_1"];
const ROLES: [&str; 4] = ["owner", "developer", "viewer", "gateway"];
const TOKENS: usize = 4;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    Issue { token: usize, scopes: Vec<Index>, holder: usize, starts: Option<i64>, lives: i64 },
    Rotate { token: usize, overlap: i64 },
    Revoke { token: usize },
    Expire { token: usize },
    Register,
    Pass { hours: i64 },
}

fn any_step() -> impl Strategy<Value = Step> {
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
struct World {
    story: Story,
    tokens: Vec<Token>,
    /// Each secret that was made, with its token.
    secrets: Vec<(u8, usize)>,
    catalogue: Arc<Catalogue>,
    now: Timestamp,
}

/// The organisation of a token: tokens of a number stay where they are.
fn home(token: usize) -> OrganizationId {
    ORGANIZATIONS[token % 3]
}

/// The `n`-th member: four in each organisation, one for each role; the first is its owner. The last is nowhere.
fn member(n: usize) -> MemberId {
    MemberId::from_bits(0x100 + n as u128)
}

impl World {
    fn new() -> Self {
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

    fn after(steps: &[Step]) -> Self {
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
    fn issue(
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
            texts: Texts { name: "ci".to_owned(), ..Texts::default() },
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
            let before = state.issued().map_or(0, |it| it.secrets.len());
            self.tokens[token] = Rules::evolve(state, &fact, self.now);
            if self.tokens[token].issued().is_some_and(|it| before < it.secrets.len()) {
                self.secrets.push((self.next_secret(), token));
            }
            self.story = self.story.token(TokenId::from_bits(token as u128), Some(home(token)), fact);
        }
        self
    }

    fn register(mut self) -> Self {
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
    fn role_of(&self, token: usize, holder: Holder) -> Option<&'static str> {
        let place = (0..12).find(|it| Holder::Member(member(*it)) == holder)?;
        (ORGANIZATIONS[place / 4] == home(token)).then(|| ROLES[place % 4])
    }

    /// The answer, by the rules of the domain alone.
    fn answer(&self, secret: (u8, usize), asker: Asker, permissions: &[PermissionName]) -> Code {
        let (number, token) = secret;
        if asker != Asker::Platform && asker != Asker::Organization(home(token)) {
            return Code::NotFound;
        }
        let state = &self.tokens[token];
        let issued = state.issued().unwrap();
        let version = issued.secrets.iter().find(|it| it.id == super::story::secret(number).id).unwrap();
        if matches!(state.ending(), Some(Ending::Revoked { .. })) {
            return Code::Revoked;
        }
        if state.ending().is_some() || issued.has_expired(self.now) {
            return Code::Expired;
        }
        if version.valid_until.is_some_and(|it| it <= self.now) {
            return Code::Revoked;
        }
        if issued.starts_at.is_some_and(|it| self.now < it) {
            return Code::NotYetValid;
        }
        let Some(role) = self.role_of(token, issued.holder) else {
            return Code::HolderInactive;
        };
        let power = Power { scopes: issued.scopes.clone().into(), role: role.parse().unwrap() };
        let all = permissions.iter().all(|it| power.includes(it, &self.catalogue));
        if all { Code::Valid } else { Code::InsufficientPermissions }
    }
}

fn all_answers<'q>(
    gate: &Gate,
    texts: &'q [String],
    permissions: &'q [PermissionName],
    now: Timestamp,
) -> Vec<Decision<'q>> {
    let ask = |token, asker| gate.decide(&Question { token, asker, permissions, endpoint: None }, now);
    let askers = ORGANIZATIONS.map(Asker::Organization).into_iter().chain([Asker::Platform]);
    let pairs = askers.flat_map(|asker| texts.iter().map(move |text| (text.as_str(), asker)));
    pairs.map(|(text, asker)| ask(text, asker).unwrap()).collect()
}

proptest! {
    #[test]
    fn the_gate_answers_as_the_rules_of_the_domain_do(steps in vec(any_step(), 0..40), asked in vec(0_usize..5, 0..3)) {
        let permissions = ["tokens:read", "tokens:manage", "agents:read", "site:read", "platform:verify"];
        let permissions = names(&asked.iter().map(|it| permissions[*it]).collect::<Vec<_>>());
        let world = World::after(&steps);
        let gate = world.story.gate();
        for secret in &world.secrets {
            for asker in ORGANIZATIONS.map(Asker::Organization).into_iter().chain([Asker::Platform]) {
                let text = text(secret.0);
                let question = Question { token: &text, asker, permissions: &permissions, endpoint: None };
                let decision = gate.decide(&question, world.now).unwrap();
                prop_assert_eq!(decision.code, world.answer(*secret, asker, &permissions));
                prop_assert_eq!(decision.subject.is_none(), decision.code == Code::NotFound);
            }
        }
    }

    #[test]
    fn callers_are_let_in_exactly_when_their_tokens_are_valid(steps in vec(any_step(), 0..40)) {
        let world = World::after(&steps);
        let gate = world.story.gate();
        for secret in &world.secrets {
            let valid = world.answer(*secret, Asker::Platform, &[]) == Code::Valid;
            prop_assert_eq!(gate.authenticate(&text(secret.0), world.now).is_ok(), valid);
        }
    }

    #[test]
    fn no_permission_goes_beyond_scopes_and_role(
        asked in vec(0_usize..SCOPES.len(), 1..4),
        holder in 0_usize..4,
        registered_before: bool,
    ) {
        let asked: Vec<&str> = asked.iter().map(|it| SCOPES[*it]).collect();
        let mut world = World::new();
        if registered_before {
            world = world.register();
        }
        let world = world.issue(0, &asked, member(holder), None, Ends::In(Lifespan::days(1))).register();
        prop_assume!(!world.secrets.is_empty());
        let (gate, text) = (world.story.gate(), text(1));
        let caller = gate.authenticate(&text, world.now).unwrap();
        let mut wanted = PermissionSet::default();
        for scope in scopes(&asked) {
            wanted.add(&scope.permissions(&world.catalogue));
        }
        let granted = world.catalogue.granted_to(&ROLES[holder].parse().unwrap());
        for (place, entry) in world.catalogue.entries().iter().enumerate() {
            let both = wanted.contains(place) && granted.contains(place);
            let permissions = [entry.name.clone()];
            let question = Question { token: &text, asker: Asker::Platform, permissions: &permissions, endpoint: None };
            prop_assert_eq!(gate.decide(&question, world.now).unwrap().is_valid(), both);
            prop_assert_eq!(caller.may(&entry.name), both);
            prop_assert_eq!(caller.effective().contains(place), both);
            prop_assert_eq!(caller.power().includes(&entry.name, caller.catalogue()), both);
        }
    }

    #[test]
    fn facts_give_the_same_answers_in_pages_of_any_size(
        steps in vec(any_step(), 0..40),
        cuts in vec((any::<Index>(), any::<Index>()), 0..10),
    ) {
        let world = World::after(&steps);
        let events = &world.story.events;
        let whole = world.story.gate();
        let paged = new_gate();
        for (from, to) in cuts {
            // Pages overlap, and what would leave a gap is refused without a trace.
            let (from, to) = (from.index(events.len() + 1), to.index(events.len() + 1));
            let _ = paged.apply(&events[from.min(to)..from.max(to)]);
        }
        paged.apply(events).unwrap();
        let texts: Vec<String> = world.secrets.iter().map(|it| text(it.0)).collect();
        let permissions = names(&["tokens:read", "site:read"]);
        let (one, other) = (
            all_answers(&whole, &texts, &permissions, world.now),
            all_answers(&paged, &texts, &permissions, world.now),
        );
        prop_assert_eq!(one, other);
    }

    #[test]
    fn another_secret_under_a_known_id_is_not_found(random: [u8; 24]) {
        prop_assume!(random != [1; 24]);
        let gate = Story::of_two().issued(CI, issuance(1, &["*"])).gate();
        let id = secret(1).id;
        let brand = domain::secret::Brand::default();
        let forged = domain::secret::SecretText::assemble(&brand, Kind::Pat, id, &random);
        prop_assert_eq!(code(&gate, &forged.into_text_shown_once(), NOON), Code::NotFound);
    }
}

#[test]
fn every_text_that_differs_in_one_character_is_not_found() {
    let gate = Story::of_two().issued(CI, issuance(1, &["*"])).gate();
    let valid = text(1);
    assert_eq!(code(&gate, &valid, NOON), Code::Valid);
    let alphabet = ('0'..='9').chain('A'..='Z').chain('a'..='z').chain(['_', ' ', 'é']);
    for (at, wanted) in alphabet.flat_map(|it| (0..valid.len()).map(move |at| (at, it))) {
        let mut edited = valid.clone();
        edited.replace_range(at..=at, wanted.encode_utf8(&mut [0; 4]));
        if edited != valid {
            assert_eq!(code(&gate, &edited, NOON), Code::NotFound, "{edited}");
        }
    }
    let longer = format!("{valid}0");
    for edited in [&valid[1..], &valid[..60], &longer, ""] {
        assert_eq!(code(&gate, edited, NOON), Code::NotFound, "{edited}");
    }
}
