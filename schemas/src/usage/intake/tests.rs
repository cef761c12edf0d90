use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use domain::{actor::Holder, ids::OrganizationId, permission::PermissionName};

use super::*;
use crate::usage::{Address, Asker, Credential, Endpoint, Layer, MOST_FOLDED, Outcome, PageRow};

const NOON_US: i64 = 1_795_521_600_000_000;
const CI: Credential = Credential { token: 7, secret: 70 };
const GATEWAY: Asker = Asker {
    credential: Credential { token: 8, secret: 80 },
    organization: Some(OrganizationId::from_bits(0xAC3E)),
};

fn valid() -> Decided {
    Decided {
        token: Some(CI),
        holder: Some(Holder::Operator),
        organization: Some(OrganizationId::from_bits(0xAC3E)),
        outcome: Outcome::VALID,
        layer: Layer::NONE,
        position: 5,
    }
}

fn junk(ip: [u8; 4], at_us: i64) -> Circumstances<'static> {
    let address = Some(IpAddr::from(Ipv4Addr::from(ip)));
    Circumstances { asker: Some(GATEWAY), address, ..Circumstances::at(at_us) }
}

fn rows(intake: &Intake) -> Vec<PageRow<'_>> {
    intake.page().rows().collect()
}

fn count(row: &PageRow<'_>) -> u64 {
    row.decision("", "").count
}

#[test]
fn a_decision_is_kept_with_its_circumstances() {
    let permissions: [PermissionName; 2] = ["a:read".parse().unwrap(), "b:write".parse().unwrap()];
    let path = "/x".repeat(400);
    let asked = Circumstances {
        asker: Some(GATEWAY),
        permissions: &permissions,
        endpoint: Some(Endpoint { method: "GET", path: &path }),
        address: Some("203.0.113.9".parse().unwrap()),
        user_agent: Some("curl"),
        client_request_id: Some("mine"),
        ..Circumstances::at(NOON_US)
    };
    let mut intake = Intake::default();
    assert_eq!(intake.take(&valid(), &asked).counter(), 0);
    assert_eq!(intake.take(&valid(), &Circumstances::at(NOON_US)).counter(), 1);
    let all = rows(&intake);
    let decision = all[0].decision("operator", "org_acme");
    assert_eq!((decision.token, decision.caller), (Some(CI), Some(GATEWAY.credential)));
    assert_eq!(decision.permission, Some("a:read and b:write"));
    assert_eq!(decision.endpoint.unwrap().path, &path[..256]);
    assert_eq!(decision.organization.unwrap().subject, "org_acme");
    let client = decision.client.unwrap();
    assert_eq!((client.subject, client.user_agent), ("operator", Some("curl")));
    assert_eq!(client.address, Some(Address::Ip("203.0.113.9".parse().unwrap())));
    assert_eq!((decision.client_request_id, decision.position, decision.count), (Some("mine"), 5, 1));
    let bare = all[1].decision("operator", "org_acme");
    assert_eq!((bare.permission, bare.endpoint, bare.client), (None, None, None));
}

#[test]
fn a_million_junk_tokens_with_random_agents_are_one_row_a_second() {
    let mut intake = Intake::default();
    for n in 0..1_000_000_u32 {
        let agent = format!("agent {n}");
        let [.., low] = n.to_be_bytes();
        let at = NOON_US + i64::from(n) * 10;
        let asked = Circumstances { user_agent: Some(&agent), ..junk([203, 0, 113, low], at) };
        intake.take(&Decided::unproven(Outcome::UNKNOWN, 5), &asked);
        assert!(intake.page().bytes() < 10_000);
    }
    intake.turn(NOON_US + 11_000_000);
    let counts: Vec<u64> = rows(&intake).iter().map(count).collect();
    assert_eq!(counts, [100_000; 10]);
    assert_eq!(intake.counter(), 1_000_000, "each request has an id of its own");
}

#[test]
fn junk_of_all_the_world_is_bounded_and_still_counted_exactly() {
    let mut intake = Intake::default();
    let outcomes = [Outcome::MALFORMED, Outcome::UNKNOWN, Outcome::WRONG];
    for n in 0..30_000_u32 {
        let [_, a, b, c] = (n << 8).to_be_bytes();
        let outcome = outcomes[(n % 3) as usize];
        intake.take(&Decided::unproven(outcome, 5), &junk([a, b, c, 1], NOON_US));
    }
    intake.turn(NOON_US + 1_000_000);
    let all = rows(&intake);
    assert_eq!(all.len(), MOST_FOLDED + outcomes.len());
    let mut by_code = BTreeMap::<Outcome, u64>::new();
    for row in &all {
        *by_code.entry(row.decision("", "").outcome).or_default() += count(row);
    }
    assert_eq!(by_code, outcomes.map(|it| (it, 10_000)).into());
    let nobodys = all.iter().filter(|it| it.decision("", "").caller.is_none());
    assert_eq!(nobodys.count(), outcomes.len());
}

#[test]
fn what_was_counted_comes_before_all_rows_of_later_seconds_and_no_time_goes_back() {
    let mut intake = Intake::default();
    let unproven = Decided::unproven(Outcome::WRONG, 5);
    intake.take(&unproven, &junk([203, 0, 113, 1], NOON_US + 100));
    intake.take(&valid(), &Circumstances::at(NOON_US + 300));
    intake.take(&valid(), &Circumstances::at(NOON_US + 200));
    assert_eq!(intake.unfolds_at_us(), Some(NOON_US + 1_000_000));
    intake.take(&valid(), &Circumstances::at(NOON_US + 1_000_007));
    let times: Vec<_> = rows(&intake).iter().map(|it| it.time_us() - NOON_US).collect();
    assert_eq!(times, [300, 300, 999_999, 1_000_007]);
    assert_eq!(intake.unfolds_at_us(), None);
}

#[test]
fn what_was_counted_can_become_rows_before_its_second_is_over() {
    let mut intake = Intake::default();
    let unproven = Decided::unproven(Outcome::WRONG, 5);
    for at in [100, 500_000] {
        intake.take(&unproven, &junk([203, 0, 113, 1], NOON_US + at));
        intake.unfold(NOON_US + at + 10);
    }
    let times: Vec<_> = rows(&intake).iter().map(|it| (it.time_us() - NOON_US, count(it))).collect();
    assert_eq!(times, [(110, 1), (500_010, 1)]);
}
