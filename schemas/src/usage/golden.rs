//! Stored bytes that must be read for ever: `golden/usage/segment.v1.json`, two blocks of a
//! segment in hexadecimal, at the positions 100 and 101.
//!
//! That the same rows give the same bytes holds for one version of zstd: where an update of it
//! changes the compressed columns, the file stays and is still read, and another is added.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::testing::*;
use super::*;

const GOLDEN: &str = include_str!("../../golden/usage/segment.v1.json");

fn rows() -> Vec<Owned> {
    (0..120).map(row).collect()
}

/// Rows of every kind: constant and varying columns, several subjects, texts that repeat.
fn row(n: u64) -> Owned {
    let holder = format!("sva_{:022}", n % 7);
    let address = match n % 7 {
        6 => Address::Ip(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 9).into()),
        it => Address::Ip(Ipv4Addr::new(203, 0, 113, it.to_le_bytes()[0]).into()),
    };
    let known = Owned {
        time_us: NOON_US + i64::try_from(n * n % 97 + n * 100).unwrap(),
        counter: 7_000 + n,
        token: Some(Credential {
            token: u128::from(n * n % 31) << 96 | 0xabc,
            secret: 1 << 80 | u128::from(n % 2),
        }),
        caller: Some(Credential { token: 0xfeed, secret: 3 }),
        organization: Some((u128::from(n % 3) << 64 | 1, format!("org_{}", n % 3))),
        client: Some((holder, Some(address), Some(format!("curl/8.{}.0 é", n % 7)))),
        outcome: if n % 10 == 9 { Outcome::RATE_LIMITED } else { Outcome::VALID },
        layer: if n % 10 == 9 { Layer::LIMIT } else { Layer::NONE },
        permission: Some(format!("reports:{}", ["read", "write"][usize::from(n.is_multiple_of(5))])),
        endpoint: n.is_multiple_of(4).then(|| ("GET".to_owned(), format!("/v1/reports/{}/pages", n % 40))),
        service: Some("billing".to_owned()),
        environment: (n < 60).then(|| "production".to_owned()),
        costs: vec![("requests".to_owned(), 1), ("pages".to_owned(), n * 1_000)],
        peek: n % 50 == 1,
        count: 1,
        position: 900 + n / 30,
        client_request_id: (n % 25 == 3).then(|| format!("their-{n}")),
    };
    if n % 40 == 7 { unproven(known) } else { known }
}

/// A row about secrets that nobody could prove.
fn unproven(row: Owned) -> Owned {
    let network = if (row.counter / 40).is_multiple_of(2) {
        Address::Network48([0x20, 1, 0xd, 0xb8, 0, 7])
    } else {
        Address::Network24([198, 51, 100])
    };
    Owned {
        token: None,
        client: Some((unauthenticated(row.time_us), Some(network), None)),
        outcome: Outcome::UNKNOWN,
        layer: Layer::SECRET,
        permission: None,
        endpoint: None,
        environment: None,
        costs: Vec::new(),
        count: 4_321,
        ..row
    }
}

fn golden_lane() -> Lane {
    let blocks: Vec<String> = serde_json::from_str(GOLDEN).unwrap();
    let bytes = |hex: &String| {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(byte).collect()
    };
    let mut lane = Lane::default();
    lane.blocks = (100..).zip(blocks.iter().map(bytes)).collect();
    lane
}

#[test]
fn golden_blocks_are_read_as_the_rows_they_were_written_from() {
    let expected: Vec<_> = rows().iter().map(|it| it.recorded(|_| true)).collect();
    let lane = golden_lane();
    assert_eq!(lane.blocks.len(), 2);
    assert_eq!(lane.read(&mut SegmentReader::default(), 0, |_| true), expected);
    assert_eq!(lane.read(&mut SegmentReader::default(), 101, |_| true), expected[80..]);
}

#[test]
fn the_golden_rows_give_the_golden_bytes() {
    let mut lane = Lane::default();
    lane.write(&mut SegmentWriter::new(START, 0x0102, 5), &rows(), 80);
    let hex = |bytes: &Vec<u8>| bytes.iter().fold(String::new(), |hex, it| hex + &format!("{it:02x}"));
    let blocks: Vec<String> = lane.blocks.values().map(hex).collect();
    let text = serde_json::to_string_pretty(&blocks).unwrap() + "\n";
    assert!(text == GOLDEN, "the rows now give\n{text}");
}
