//! Decisions uniform over 100,000 tokens.

use super::*;

struct Known {
    credential: Credential,
    organization: usize,
    holder: usize,
}

struct Population {
    organizations: Vec<(u128, String)>,
    holders: Vec<(String, Address, &'static str)>,
    tokens: Vec<Known>,
    gateway: Credential,
}

const AGENTS: [&str; 5] = [
    "python-requests/2.32.3",
    "Go-http-client/1.1",
    "okhttp/4.12.0",
    "axios/1.7.9",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
];
const PERMISSIONS: [&str; 8] = [
    "agents:read",
    "agents:write",
    "invoices:read",
    "invoices:write",
    "reports:read",
    "executions:read",
    "executions:write",
    "tokens:read",
];

impl Population {
    fn of(dice: &mut Dice, organizations: usize, holders: usize, tokens: usize) -> Self {
        let holder = |place: usize, dice: &mut Dice| {
            let address = Address::Ip(std::net::Ipv4Addr::from(dice.bytes()).into());
            (dice.name("sva_"), address, AGENTS[place % AGENTS.len()])
        };
        let secret = |dice: &mut Dice| dice.id() >> 44;
        Self {
            organizations: (0..organizations).map(|_| (dice.id(), dice.name("org_"))).collect(),
            holders: (0..holders).map(|place| holder(place, dice)).collect(),
            gateway: Credential { token: dice.id(), secret: secret(dice) },
            tokens: (0..tokens)
                .map(|place| Known {
                    credential: Credential { token: dice.id(), secret: secret(dice) },
                    organization: place % holders % organizations,
                    holder: place % holders,
                })
                .collect(),
        }
    }

    /// One of 100,000 decisions a second: any token, one of eight permissions, one in fifty
    /// refused.
    fn decide(&self, dice: &mut Dice, counter: u64, scales: &mut Scales) {
        let known = &self.tokens[dice.below(self.tokens.len())];
        let (id, organization) = &self.organizations[known.organization];
        let (holder, address, agent) = &self.holders[known.holder];
        let refused = dice.below(50) == 0;
        let charged = [Cost { limit: "requests", cost: 1 }];
        scales.push(&Decision {
            time_us: NOON_US + (counter * 10 + dice.throw() % 8).cast_signed(),
            counter,
            token: Some(known.credential),
            caller: Some(self.gateway),
            organization: Some(Organization { id: *id, subject: organization }),
            client: Some(Client { subject: holder, address: Some(*address), user_agent: Some(agent) }),
            outcome: if refused { Outcome::INSUFFICIENT_PERMISSIONS } else { Outcome::VALID },
            layer: if refused { Layer::SCOPE } else { Layer::NONE },
            permission: Some(PERMISSIONS[dice.below(8)]),
            endpoint: None,
            service: Some("billing"),
            environment: Some("production"),
            costs: if refused { &[] } else { &charged },
            peek: false,
            count: 1,
            position: 48_112 + counter / 5_000,
            client_request_id: None,
        });
    }
}

/// The first 100,000 decisions of a segment, which bring all entries, and the next 100,000.
fn uniform(organizations: usize, holders: usize, what: &str) -> (Measured, Measured) {
    let dice = &mut Dice(0x9e37_79b9_7f4a_7c15);
    let population = Population::of(dice, organizations, holders, 100_000);
    let mut scales = Scales::new();
    for counter in 0..100_000 {
        population.decide(dice, counter, &mut scales);
    }
    let first = scales.take();
    for counter in 100_000..200_000 {
        population.decide(dice, counter, &mut scales);
    }
    let next = scales.take();
    first.say(&format!("uniform, 100,000 tokens, {what}, first 100,000 decisions"));
    next.say(&format!("uniform, 100,000 tokens, {what}, next 100,000 decisions"));
    (first, next)
}

#[test]
fn a_decision_uniform_over_100_000_tokens_takes_at_most_40_bytes() {
    let (first, next) = uniform(1, 1_000, "1 organisation, 1,000 holders");
    assert!(first.each() < 40.0 && next.each() < 20.0);
    let (first, next) = uniform(100, 10_000, "100 organisations, 10,000 holders");
    assert!(first.each() < 40.0 && next.each() < 20.0);
}

#[test]
fn even_a_holder_and_an_address_of_its_own_for_each_token_are_bounded() {
    let (first, next) = uniform(1_000, 100_000, "1,000 organisations, a holder each");
    assert!(first.each() < 90.0 && next.each() < 40.0);
}
