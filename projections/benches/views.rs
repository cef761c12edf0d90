//! How fast views are built, and how fast they answer: `cargo bench -p counterfoil-projections --bench views`,
//! with the number of facts as argument (200,000 when none is given).
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench prints, and fails by panicking"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::actor::{Actor, Holder, Principal, Request};
use domain::erasable::Erasable::Known;
use domain::fact::{Fact, Recorded};
use domain::ids::{EventId, MemberId, OrganizationId, TokenId};
use domain::plan::Plan;
use domain::role;
use domain::secret::{Digest, Kind, SecretId};
use domain::stream::StreamId;
use domain::time::{Lifespan, Timestamp};
use domain::token::{Event, GrantedUnder, Issuance, NewSecret, RevocationReason, Texts};
use eventlog::{Append, EventLog, MemoryLog, NewRecord, Position, StreamName, Version};
use projections::audit::{Audit, AuditFilter, AuditQueries, AuditQuery, Reach, Sight, Thing, Walk};
use projections::feed::Feed;
use projections::runner::{Handle, Projection, Runner, View};
use projections::timers::{TimerQueries, Timers};
use projections::token_list::{Owner, Sort, TokenFilter, TokenList, TokenQueries, TokenQuery, TokenStatus};
use schemas::record::{encode, subjects};
use schemas::sealing::{Keyring, MasterKey, MasterKeys, MemoryShelf, OsRandomness};
use store::{SqliteViews, Views};

const FACTS: u64 = 200_000;
const ACME: OrganizationId = OrganizationId::from_bits(0xAC3E);
const NOON: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

#[tokio::main]
async fn main() {
    let facts = std::env::args().find_map(|it| it.parse().ok()).unwrap_or(FACTS);
    let log = Arc::new(MemoryLog::new());
    let masters = MasterKeys::only(MasterKey::new(1, [1; 32]));
    let keyring = Keyring::new(Arc::new(MemoryShelf::default()), masters, Arc::new(OsRandomness), 10_000);
    let keyring = Arc::new(keyring);
    fill(&log, &keyring, facts).await;
    let feed = Arc::new(Feed::new(log.clone(), keyring));
    let folder = tempfile::tempdir().unwrap();
    let views: Arc<dyn Views> = Arc::new(SqliteViews::open(folder.path()).unwrap());
    let (_running, stopping) = tokio::sync::watch::channel(false);
    let runner = Runner::new(Arc::clone(&feed), Arc::clone(&views), stopping);
    read(&feed, facts).await;
    let audit = build(&runner, Projection::of::<Audit>(), facts).await;
    let tokens = build(&runner, Projection::of::<TokenList>(), facts).await;
    let timers = build(&runner, Projection::of::<Timers>(), facts).await;
    search_audit(&AuditQueries::new(View::new(views.as_ref(), audit))).await;
    list_tokens(&TokenQueries::new(View::new(views.as_ref(), tokens))).await;
    let timers = TimerQueries::new(View::new(views.as_ref(), timers));
    time("timers: what is due", async || drop(timers.due(NOON, 50).await.unwrap())).await;
}

async fn read(feed: &Feed, facts: u64) {
    let begun = Instant::now();
    let mut after = Position(0);
    while after < Position(facts) {
        let page = feed.page(after, eventlog::Limit { records: 4_096, bytes: 4 << 20 }).await.unwrap();
        after = page.events.last().unwrap().position;
    }
    rate("feed: read and opened", facts, begun.elapsed());
}

async fn build(runner: &Runner, projection: Projection, facts: u64) -> Handle {
    let begun = Instant::now();
    let (handle, _task) = runner.start(projection);
    handle.wait_for(Position(facts), Duration::from_mins(30)).await.unwrap();
    rate(&format!("{}: built, with indexes", projection.name), facts, begun.elapsed());
    handle
}

fn rate(what: &str, facts: u64, took: Duration) {
    let a_second = u128::from(facts) * 1_000_000 / took.as_micros().max(1);
    println!("{what}: {facts} facts in {} ms, {a_second} a second", took.as_millis());
}

async fn search_audit(queries: &AuditQueries) {
    let filters = [
        ("newest", AuditFilter::default()),
        ("target", AuditFilter { target: Some(Thing::Id(token(17).to_string())), ..AuditFilter::default() }),
        ("secret", AuditFilter { target: Some(Thing::Secret(secret(17))), ..AuditFilter::default() }),
        ("actor", AuditFilter { actor: Some(Thing::Id(member(3).to_string())), ..AuditFilter::default() }),
        ("action", AuditFilter { action: Some("token.revoked".to_owned()), ..AuditFilter::default() }),
        ("block", AuditFilter { ip: Some("203.0.113.8/30".parse().unwrap()), ..AuditFilter::default() }),
        ("common word", AuditFilter { q: Some("nightly".to_owned()), ..AuditFilter::default() }),
        ("absent word", AuditFilter { q: Some("zyzzyva".to_owned()), ..AuditFilter::default() }),
    ];
    for (name, filter) in filters {
        let (reach, walk) = (Reach::Organization(ACME), Walk::NewestFirst { before: None });
        let query = AuditQuery { reach, filter, sight: Sight::Whole, walk, limit: 50 };
        time(&format!("audit: {name}"), async || drop(queries.search(&query).await.unwrap())).await;
    }
}

async fn list_tokens(queries: &TokenQueries) {
    let filters = [
        ("newest", TokenFilter::default()),
        ("active", TokenFilter { statuses: vec![TokenStatus::Active], ..TokenFilter::default() }),
        ("tag", TokenFilter { tags: vec!["ci7".to_owned()], ..TokenFilter::default() }),
        ("absent word", TokenFilter { q: Some("zyzzyva".to_owned()), ..TokenFilter::default() }),
    ];
    for (name, filter) in filters {
        let owner = Owner::Organization(ACME);
        let query = TokenQuery { owner, filter, sort: Sort::default(), after: None, limit: 50, now: NOON };
        time(&format!("token_list: {name}"), async || drop(queries.page(&query).await.unwrap())).await;
    }
}

/// Prints the median and the 95th percentile of 50 runs.
async fn time(what: &str, work: impl AsyncFn()) {
    let mut times = Vec::new();
    for _ in 0..50 {
        let begun = Instant::now();
        work().await;
        times.push(begun.elapsed().as_micros());
    }
    times.sort_unstable();
    println!("{what}: p50 {} us, p95 {} us", times[25], times[47]);
}

/// Tokens with four facts each: issued, rotated twice, revoked; spread so that no page has one token twice.
async fn fill(log: &MemoryLog, keyring: &Keyring, facts: u64) {
    let tokens = facts.div_ceil(4);
    for number in 0..facts {
        let (token_number, version) = (number % tokens, number / tokens + 1);
        let recorded = fact(number, token_number, version);
        let keys = keyring.keys_for_sealing(&subjects(&recorded)).await.unwrap();
        let bytes = encode(&recorded, &keys, &OsRandomness).unwrap();
        let record = NewRecord { event_id: recorded.id.bits().to_be_bytes(), bytes: bytes.into() };
        let stream = StreamName::new(recorded.stream.to_string());
        let append = Append { stream, expected: Version(version - 1), records: vec![record] };
        log.append(append).await.unwrap();
    }
}

fn fact(number: u64, token_number: u64, version: u64) -> Recorded {
    let at = NOON.plus(Lifespan::from_micros(i64::try_from(number).unwrap() * 1_000));
    let rotated = |n: u64, of: u64| Event::SecretRotated {
        secret: new_secret(token_number + n * 1_000_000_000),
        replaced: secret(token_number + of * 1_000_000_000),
        overlap_until: at.plus(Lifespan::hours(24)),
        reason: Some(Known("monthly".to_owned())),
    };
    let event = match version {
        1 => Event::Issued(Box::new(issuance(token_number, at))),
        2 => rotated(1, 0),
        3 => rotated(2, 1),
        _ => Event::Revoked { reason: RevocationReason::Superseded, note: None },
    };
    let ip = format!("203.0.113.{}", token_number % 256).parse().unwrap();
    let (ip, user_agent) = (Some(Known(ip)), Some(Known("curl/8.5".to_owned())));
    Recorded {
        id: EventId::from_bits(u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)),
        stream: StreamId::Token(token(token_number)),
        version,
        organization: Some(ACME),
        recorded_at: at,
        command: None,
        actor: Actor {
            principal: Principal::Holder(Holder::Member(member(token_number))),
            token: Some(token(token_number)),
            on_behalf_of: None,
        },
        request: Some(Request { id: format!("req_{number}"), ip, user_agent }),
        causation: None,
        correlation: Some(format!("req_{number}")),
        fact: Fact::Token(event),
    }
}

fn issuance(number: u64, at: Timestamp) -> Issuance {
    Issuance {
        holder: Holder::Member(member(number)),
        kind: Kind::Pat,
        secret: new_secret(number),
        scopes: vec!["tokens:read".parse().unwrap(), "agents:*".parse().unwrap()],
        starts_at: None,
        expires_at: Some(at.plus(Lifespan::days(90))),
        granted_under: GrantedUnder { role: role::owner(), policy: 1, plan: Some(Plan::Pro) },
        texts: Known(Texts {
            name: format!("nightly build {number}"),
            tags: vec![format!("ci{}", number % 1_000), "prod".to_owned()],
            ..Texts::default()
        }),
    }
}

fn token(number: u64) -> TokenId {
    TokenId::from_bits(u128::from(number).wrapping_mul(0x2545_F491_4F6C_DD1D_9E37_79B9_7F4A_7C15))
}

fn member(number: u64) -> MemberId {
    MemberId::from_bits(u128::from(number % 100) + 1)
}

fn secret(number: u64) -> SecretId {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    SecretId::from_random(random)
}

fn new_secret(number: u64) -> NewSecret {
    NewSecret { id: secret(number), key: "k1".parse().unwrap(), digest: Digest::from_bytes([7; 32]) }
}
