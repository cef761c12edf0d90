//! One decision a line of a real access log.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use super::*;

/// Client address, method, path and user agent of one line in the combined format.
fn parse(line: &str) -> Option<(&str, &str, &str, &str)> {
    let (address, rest) = line.split_once(' ')?;
    let mut quoted = rest.split('"');
    let (method, path) = quoted.nth(1)?.split_once(' ')?;
    let path = path.split(' ').next()?;
    Some((address, method, path, quoted.nth(3).unwrap_or("-")))
}

fn network_of(address: &str) -> &str {
    address.rsplit_once('.').map_or(address, |it| it.0)
}

fn measure_log(log: &str, a_second: u64) -> Measured {
    let dice = &mut Dice(42);
    let (organization, holder) = (dice.name("org_"), dice.name("sva_"));
    let gateway = Credential { token: dice.id(), secret: dice.id() >> 44 };
    let mut networks = HashMap::new();
    let mut scales = Scales::new();
    for (n, (address, method, path, agent)) in (0..).zip(log.lines().filter_map(parse)) {
        let token = networks
            .entry(network_of(address))
            .or_insert_with(|| Credential { token: dice.id(), secret: dice.id() >> 44 });
        scales.push(&Decision {
            time_us: NOON_US + (n * 1_000_000 / a_second + dice.throw() % 90).cast_signed(),
            counter: n,
            token: Some(*token),
            caller: Some(gateway),
            organization: Some(Organization { id: 7 << 64, subject: &organization }),
            client: Some(Client {
                subject: &holder,
                address: address.parse().ok().map(Address::Ip),
                user_agent: Some(agent),
            }),
            outcome: Outcome::VALID,
            layer: Layer::NONE,
            permission: Some("site:read"),
            endpoint: Some(Endpoint { method, path }),
            service: None,
            environment: None,
            costs: &[Cost { limit: "requests", cost: 1 }],
            peek: false,
            count: 1,
            position: 2_931,
            client_request_id: None,
        });
    }
    scales.take()
}

#[test]
fn a_line_of_a_real_access_log_takes_few_bytes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/access.log");
    let Ok(log) = fs::read(&path) else {
        println!("not measured: there is no access log at ../shared/data/access.log");
        return;
    };
    let log = String::from_utf8_lossy(&log);
    for (a_second, most) in [(100_000, 40.0), (1_000, 45.0), (100, 60.0), (1, 170.0)] {
        let measured = measure_log(&log, a_second);
        measured.say(&format!("access log, {} lines at {a_second} a second", measured.decisions));
        assert!(measured.decisions > 9_990);
        assert!(measured.each() < most);
    }
}
