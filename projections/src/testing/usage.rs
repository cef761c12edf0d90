//! A usage log in memory, written as the recorder writes it, with all that opens it.

use std::net::IpAddr;
use std::sync::Arc;

use eventlog::usage::{Lane, MemoryUsageLog, NewBlock, Place, UsageLog};
use parking_lot::Mutex;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use schemas::sealing::{Keyring, MasterKey, MasterKeys, MemoryShelf, OsRandomness};
use schemas::usage::{
    Address, BlockState, Client, ClosedBlock, Cost, Credential, Decision, Endpoint, Layer, NodeStart,
    Organization, Outcome, PushError, SegmentWriter, unauthenticated,
};

use crate::usage_feed::UsageFeed;

/// 2026-11-24T12:00:00Z, when the first decision is made.
pub(crate) const USAGE_NOON_US: i64 = 1_795_521_600_000_000;

const DAY_US: i64 = 86_400_000_000;

/// A decision that owns its texts, by small numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Microseconds after the call before.
    pub(crate) after_us: i64,
    /// The token asked about; none where the secret is unproven.
    pub(crate) token: Option<u8>,
    /// The token of whoever asked.
    pub(crate) caller: u8,
    /// The last byte of the address, and whether it is of the other network.
    pub(crate) address: Option<(u8, bool)>,
    pub(crate) user_agent: Option<String>,
    pub(crate) outcome: u16,
    pub(crate) permission: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) cost: Option<u64>,
    pub(crate) peek: bool,
    pub(crate) count: u64,
    pub(crate) client_request_id: Option<String>,
}

/// The id of the token of that number.
pub(crate) fn token_id(number: u8) -> u128 {
    u128::from(number) << 64 | 0x7000_0000_0000_4000
}

/// The id of the organisation of that number; a token n is of organisation n mod 3.
pub(crate) fn organization_id(number: u8) -> u128 {
    u128::from(number) << 96 | 0x8000_0000_0000_4000
}

fn credential(number: u8) -> Credential {
    Credential { token: token_id(number), secret: u128::from(number) + 1 }
}

impl Call {
    /// A call of a token from 203.0.113.9, accepted.
    pub(crate) fn of(token: u8) -> Self {
        Self {
            after_us: 1_000,
            token: Some(token),
            caller: 200,
            address: Some((9, false)),
            user_agent: Some("curl/8.5".to_owned()),
            outcome: Outcome::VALID.0,
            permission: Some("invoices:read".to_owned()),
            endpoint: None,
            cost: None,
            peek: false,
            count: 1,
            client_request_id: None,
        }
    }

    pub(crate) fn organization(&self) -> u8 {
        self.token.unwrap_or(self.caller) % 3
    }

    pub(crate) fn holder(&self) -> Option<String> {
        self.token.map(|it| format!("mem_{}", it % 5))
    }

    pub(crate) fn ip(&self) -> Option<IpAddr> {
        let (last, other) = self.address?;
        Some(if other {
            [0x2001, 0xdb8, 0, 0, 0, 0, 0, last.into()].into()
        } else {
            [203, 0, 113, last].into()
        })
    }

    pub(crate) fn recorded_address(&self) -> Option<Address> {
        let ip = self.ip()?;
        Some(if self.token.is_some() { Address::Ip(ip) } else { Address::network(ip) })
    }
}

prop_compose! {
    fn asked()(
        permission in option::weighted(0.6, "[ab]:(read|write)"),
        endpoint in option::weighted(0.4, "/v1/[ab]{0,2}"),
        cost in option::weighted(0.3, 0_u64..9),
        client_request_id in option::weighted(0.2, "[a-c]{1,2}"),
    ) -> (Option<String>, Option<String>, Option<u64>, Option<String>) {
        (permission, endpoint, cost, client_request_id)
    }
}

/// Any call.
pub(crate) fn a_call() -> impl Strategy<Value = Call> {
    let who =
        (option::weighted(0.85, 0_u8..12), 200_u8..203, option::weighted(0.9, (0_u8..6, any::<bool>())));
    let how = (1_u16..15, any::<bool>(), 1_u64..4, option::of("curl/[0-2]"), -40_i64..60_000);
    (who, how, asked()).prop_map(|(who, how, asked)| Call {
        after_us: how.4,
        token: who.0,
        caller: who.1,
        address: who.2,
        user_agent: how.3,
        outcome: how.0,
        permission: asked.0,
        endpoint: asked.1,
        cost: asked.2,
        peek: how.1,
        count: if who.0.is_none() { how.2 } else { 1 },
        client_request_id: asked.3,
    })
}

/// What happens to a lane.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A decision.
    Call(Call),
    /// The open block is closed and appended.
    Close,
    /// The same, and appended once more.
    CloseTwice,
    /// The node starts anew.
    Restart,
}

/// Some steps, of which most are calls.
pub(crate) fn some_steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => a_call().prop_map(Step::Call),
        2 => Just(Step::Close),
        1 => Just(Step::CloseTwice),
        1 => Just(Step::Restart),
    ];
    vec(step, 1..most)
}

/// A usage log, its keys, its feed, and the node that writes it.
pub(crate) struct Usage {
    pub(crate) log: Arc<MemoryUsageLog>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) feed: Arc<UsageFeed>,
    node: Mutex<Node>,
    /// Holders without a key: they call as strangers do.
    pub(super) erased: Mutex<Vec<String>>,
}

struct Node {
    writer: Option<SegmentWriter>,
    starts: u8,
    first_block: u64,
    counter: u64,
    now_us: i64,
}

/// Lane 0, which [`Usage`] writes.
pub(crate) const LANE: Lane = Lane(0);

impl Usage {
    pub(crate) fn new() -> Self {
        let masters = MasterKeys::only(MasterKey::new(1, [1; 32]));
        let shelf = Arc::new(MemoryShelf::default());
        let keyring = Arc::new(Keyring::new(shelf, masters, Arc::new(OsRandomness), 1_000));
        let log = Arc::new(MemoryUsageLog::new(1));
        let feed = Arc::new(UsageFeed::new(log.clone(), keyring.clone()));
        let node = Node { writer: None, starts: 0, first_block: 0, counter: 0, now_us: USAGE_NOON_US };
        Self { log, keyring, feed, node: Mutex::new(node), erased: Mutex::default() }
    }

    /// A feed of the same log that has read nothing.
    pub(crate) fn fresh_feed(&self) -> Arc<UsageFeed> {
        Arc::new(UsageFeed::new(self.log.clone(), self.keyring.clone()))
    }

    pub(crate) fn head(&self) -> Place {
        *self.log.head(LANE).borrow()
    }

    /// Takes all these steps, and closes the last block.
    pub(crate) async fn happen(&self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Call(call) => self.call(call).await,
                Step::Close => self.close(1).await,
                Step::CloseTwice => self.close(2).await,
                Step::Restart => self.restart().await,
            }
        }
        self.close(1).await;
    }

    /// Records a decision, and closes the block if it is full.
    pub(crate) async fn call(&self, call: &Call) {
        let counter = self.node.lock().counter + 1;
        self.call_at(call, counter).await;
    }

    /// The same with that request counter.
    pub(crate) async fn call_at(&self, call: &Call, counter: u64) {
        {
            let mut node = self.node.lock();
            node.now_us += call.after_us;
            node.counter = counter;
        }
        if self.push(call, counter) == Err(PushError::SegmentOver) {
            let last = self.node.lock().writer.as_mut().unwrap().end_segment();
            self.append(last, 1).await;
            self.push(call, counter).unwrap();
        }
        if self.is_full() {
            self.close(1).await;
        }
    }

    /// Time passes.
    pub(crate) fn advance_days(&self, days: i64) {
        self.node.lock().now_us += days * DAY_US;
    }

    fn is_full(&self) -> bool {
        let node = self.node.lock();
        let closes_at = node.writer.as_ref().and_then(SegmentWriter::closes_at_us);
        closes_at.is_some_and(|it| it <= node.now_us)
    }

    fn push(&self, call: &Call, counter: u64) -> Result<BlockState, PushError> {
        let mut node = self.node.lock();
        let (now_us, start) = (node.now_us, NodeStart([node.starts; 8]));
        let writer = node.writer.get_or_insert_with(|| SegmentWriter::new(start, LANE.0, 1));
        let organization = format!("org_{}", call.organization());
        let holder = call.holder().filter(|it| !self.erased.lock().contains(it));
        let subject = holder.unwrap_or_else(|| unauthenticated(now_us));
        let costs: Vec<Cost<'_>> = call.cost.iter().map(|it| Cost { limit: "requests", cost: *it }).collect();
        writer.push(&Decision {
            time_us: now_us,
            counter,
            token: call.token.map(credential),
            caller: Some(credential(call.caller)),
            organization: Some(Organization {
                id: organization_id(call.organization()),
                subject: &organization,
            }),
            client: Some(Client {
                subject: &subject,
                address: call.recorded_address(),
                user_agent: call.user_agent.as_deref(),
            }),
            outcome: Outcome(call.outcome),
            layer: if call.outcome == Outcome::VALID.0 { Layer::NONE } else { Layer::SCOPE },
            permission: call.permission.as_deref(),
            endpoint: call.endpoint.as_deref().map(|path| Endpoint { method: "GET", path }),
            service: None,
            environment: Some("production"),
            costs: &costs,
            peek: call.peek,
            count: call.count,
            position: counter * 2,
            client_request_id: call.client_request_id.as_deref(),
        })
    }

    /// Closes the open block and appends it that many times.
    pub(crate) async fn close(&self, times: usize) {
        let closed = self.node.lock().writer.as_mut().and_then(SegmentWriter::close_block);
        self.append(closed, times).await;
    }

    /// The node starts anew: another node start, whose counter begins anew too.
    pub(crate) async fn restart(&self) {
        self.close(1).await;
        let mut node = self.node.lock();
        node.starts += 1;
        node.counter = 0;
        node.writer = None;
    }

    async fn append(&self, closed: Option<ClosedBlock>, times: usize) {
        let Some(closed) = closed else { return };
        let keys = self.keyring.keys_for_sealing(&closed.subjects()).await.unwrap();
        let (first, now_us) = {
            let node = self.node.lock();
            (node.first_block, node.now_us)
        };
        let bytes: Arc<[u8]> = closed.encode(&keys, first).unwrap().into();
        let day = u32::try_from(now_us.div_euclid(DAY_US)).unwrap();
        for time in 0..times {
            let place = self.log.append(LANE, NewBlock { day, bytes: Arc::clone(&bytes) }).await.unwrap();
            if closed.is_first() && time == 0 {
                self.node.lock().first_block = place.0;
            }
        }
    }
}
