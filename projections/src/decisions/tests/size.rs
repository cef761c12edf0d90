//! What the index takes beside the log.

use std::net::Ipv4Addr;
use std::sync::Arc;

use eventlog::usage::{NewBlock, UsageLog};
use schemas::usage::{
    Address, BlockState, Client, ClosedBlock, Credential, Decision, Layer, NodeStart, Organization, Outcome,
    SegmentWriter,
};

use super::super::*;
use super::scene::source;
use crate::runner::Projection;
use crate::runner::check::Running;
use crate::testing::{LANE, USAGE_NOON_US, Usage};

const TOKENS: u64 = 4_000;

/// A decision a millisecond, each about another token with a holder and an address of its own, as at 1,000 a second:
/// a hundred a block.
async fn uniform(decisions: u64) -> (Usage, u64) {
    let usage = Usage::new();
    let mut writer = SegmentWriter::new(NodeStart([1; 8]), LANE.0, 1);
    let mut written = Written { bytes: 0, first: 0 };
    for number in 0..decisions {
        // First each token once, then by dice.
        let thrown = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .rotate_left(29)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let token = if number < TOKENS { number } else { (thrown >> 40) % TOKENS };
        let subject = format!("mem_{token:022}");
        let state = writer.push(&Decision {
            time_us: USAGE_NOON_US + i64::try_from(number * 1_000).unwrap(),
            counter: number,
            token: Some(Credential { token: u128::from(token) << 64 | 1, secret: token.into() }),
            caller: Some(Credential { token: 1 << 100, secret: 1 }),
            organization: Some(Organization { id: 5, subject: "org_5" }),
            client: Some(Client {
                subject: &subject,
                address: Some(Address::Ip(
                    Ipv4Addr::from_bits(0x0a00_0000 + u32::try_from(token).unwrap()).into(),
                )),
                user_agent: Some("curl/8.5"),
            }),
            outcome: Outcome::VALID,
            layer: Layer::NONE,
            permission: Some("invoices:read"),
            endpoint: None,
            service: None,
            environment: None,
            costs: &[],
            peek: false,
            count: 1,
            position: 7,
            client_request_id: None,
        });
        if state.unwrap() == BlockState::Full {
            written.append(&usage, writer.close_block()).await;
        }
    }
    written.append(&usage, writer.close_block()).await;
    (usage, written.bytes)
}

struct Written {
    bytes: u64,
    first: u64,
}

impl Written {
    async fn append(&mut self, usage: &Usage, closed: Option<ClosedBlock>) {
        let Some(closed) = closed else { return };
        let keys = usage.keyring.keys_for_sealing(&closed.subjects()).await.unwrap();
        let bytes: Arc<[u8]> = closed.encode(&keys, self.first).unwrap().into();
        self.bytes += bytes.len() as u64;
        let place = usage.log.append(LANE, NewBlock { day: 20_781, bytes }).await.unwrap();
        if closed.is_first() {
            self.first = place.0;
        }
    }
}

/// What a row of a chapter has beside its two long columns, with its places in seven indexes.
const CHAPTER_BESIDE: i64 = 450;

/// The bytes of the index: its chapters, and what leads from names and addresses to numbers, keys being kept twice.
async fn bytes(running: &Running) -> (i64, i64) {
    let chapters =
        format!("SELECT SUM({CHAPTER_BESIDE} + LENGTH(blocks) + LENGTH(occurring)) FROM decisions.chapters");
    let names = "SELECT SUM(2 * LENGTH(id) + LENGTH(entries)) FROM decisions.names";
    let addresses = "SELECT SUM(2 * LENGTH(id) + 2 * LENGTH(subject) + LENGTH(clients) + LENGTH(tokens)) \
                     FROM decisions.addresses";
    let view = running.view();
    let sum = async |sql: &str| view.query(sql, vec![]).await.unwrap()[0].int(0).unwrap();
    (sum(&chapters).await, sum(names).await + sum(addresses).await)
}

#[tokio::test]
async fn the_index_takes_two_bytes_a_decision_and_400_a_token_and_day_where_traffic_is_uniform() {
    let decisions = 5 * TOKENS;
    let (usage, log) = uniform(decisions).await;
    let running = Running::start_of(Projection::of::<Decisions>(), source(&usage));
    running.caught_up(&usage).await;
    let (chapters, names) = bytes(&running).await;
    println!(
        "{decisions} decisions about {TOKENS} tokens: log {log}, chapters {chapters}, names {names} bytes"
    );
    assert!(chapters <= 2 * decisions.cast_signed(), "{chapters} bytes of chapters");
    assert!(names <= 400 * TOKENS.cast_signed(), "{names} bytes of names and addresses");
}
