//! kill -9 under load: nothing that was acknowledged is lost, and the rest is whole or absent.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::expected::{Expected, registrations_are_finished, retry_unanswered, touched_without_answer};
use super::history::{Sent, Told};
use crate::support::decisions::all_decisions;
use crate::support::{Client, Patience, Server, long};

const WRITERS: usize = 8;
const VERIFIERS: usize = 4;
/// Everything that was ever acknowledged is looked at after so many kills, and at the end.
const BETWEEN_FULL_CHECKS: usize = 50;
/// What may be lost of the decisions that were answered.
const MOST_LOST: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn after_100_kills_under_8_writers_and_4_verifiers_nothing_acknowledged_is_lost_and_gaps_are_told() {
    kills(100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_after_3000_kills_under_8_writers_and_4_verifiers_nothing_acknowledged_is_lost() {
    if long::is_asked("3,000 kills") {
        kills(3_000).await;
    }
}

async fn kills(count: usize) {
    let mut server = Server::start();
    let owner = server.owner_of("acme").await.token().to_owned();
    let mut expected = Expected::default();
    let mut busy_rounds = 0;
    for round in 0..count {
        let load = Load::on(&server, &owner, round).await;
        let moment = random_moment(round);
        tokio::time::sleep(moment).await;
        let folder = server.kill();
        let (told, verified) = load.ended().await;
        eprintln!("round {round}: killed after {moment:?}, {} commands told", told.len());
        busy_rounds += usize::from(told.iter().any(|it| it.answer.is_some()));
        server = Server::start_in(folder);
        registrations_are_finished(&server, &told).await;
        let mut of_round = Expected::default();
        of_round.note(&told);
        of_round.check(&server, &owner, &touched_without_answer(&told)).await;
        retry_unanswered(&server, &owner, &told, &mut of_round).await;
        expected.take_in(of_round);
        verified.check(&Client::new(server.url(), &owner)).await;
        if (round + 1).is_multiple_of(BETWEEN_FULL_CHECKS) || round + 1 == count {
            expected.check(&server, &owner, &[]).await;
            let gaps = all_gaps(&server.operator()).await;
            assert_eq!(gaps.len(), round + 1, "each start that was cut off leaves one gap, told once");
        }
    }
    assert!(count / 2 <= busy_rounds, "the writers got something done in {busy_rounds} rounds");
}

/// Between 5 and 500 ms, each tenth time up to two seconds. The moment itself is what is tested: there is no condition
/// to wait for.
fn random_moment(round: usize) -> Duration {
    let most = if round.is_multiple_of(10) { 1_995 } else { 495 };
    Duration::from_millis(5 + u64::try_from(uuid::Uuid::now_v7().as_u128() % most).unwrap())
}

/// The starts of nodes that the ledger says were cut off.
async fn all_gaps(operator: &Client) -> BTreeSet<String> {
    let (mut found, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let path = format!("/v1/audit/events?action=ledger.gap_recorded&limit=100{cursor}");
        let body = operator.get(&path).await.body;
        for event in body["data"].as_array().unwrap() {
            assert!(found.insert(event["stream"].to_string()), "told twice: {event}");
        }
        match body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// Writers and verifiers at work.
struct Load {
    token: String,
    stop: Arc<AtomicBool>,
    writers: Vec<tokio::task::JoinHandle<Vec<Told>>>,
    verifiers: Vec<tokio::task::JoinHandle<Vec<(String, Instant)>>>,
}

/// What the verifiers of a round were told, each in the order of the answers, and when the process ended.
struct Verified {
    token: String,
    told: Vec<Vec<(String, Instant)>>,
    killed: Instant,
}

impl Load {
    async fn on(server: &Server, owner: &str, round: usize) -> Self {
        let client = Client::new(server.url(), owner);
        let name = json!({"name": format!("verified in round {round}"), "scopes": ["*"]});
        let issued = client.post("/v1/tokens", &name).await.body;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (token, secret) = (text(&issued["token"]["id"]), text(&issued["secret"]));
        let stop = Arc::new(AtomicBool::new(false));
        let writer = |at| {
            let (owner, operator) = (Client::new(server.url(), owner), server.operator());
            tokio::spawn(write(owner, operator, format!("r{round}w{at}"), Arc::clone(&stop)))
        };
        let writers = (0..WRITERS).map(writer).collect();
        let verifier =
            |_| tokio::spawn(verify(Client::new(server.url(), owner), secret.clone(), Arc::clone(&stop)));
        let verifiers = (0..VERIFIERS).map(verifier).collect();
        Self { token, stop, writers, verifiers }
    }

    /// What everybody was told, once the process has ended.
    async fn ended(self) -> (Vec<Told>, Verified) {
        let killed = Instant::now();
        self.stop.store(true, Ordering::SeqCst);
        let (mut told, mut verified) = (Vec::new(), Vec::new());
        for writer in self.writers {
            told.extend(writer.await.unwrap());
        }
        for verifier in self.verifiers {
            verified.push(verifier.await.unwrap());
        }
        (told, Verified { token: self.token, told: verified, killed })
    }
}

impl Verified {
    /// Of each verifier's answers the first are recorded and at most those of the last second are not.
    async fn check(&self, owner: &Client) {
        let old = |told: &(String, Instant)| MOST_LOST < self.killed.saturating_duration_since(told.1);
        let must = self.told.iter().flatten().filter(|it| old(it)).count();
        let patience = Patience::default();
        loop {
            let found = all_decisions(owner, &format!("token={}&limit=100", self.token)).await;
            let found: BTreeSet<&str> = found.iter().filter_map(|it| it["request_id"].as_str()).collect();
            let is_recorded = |told: &&(String, Instant)| found.contains(told.0.as_str());
            for told in &self.told {
                let recorded = told.iter().take_while(is_recorded).count();
                let later = told.iter().skip(recorded).filter(is_recorded).count();
                assert_eq!(later, 0, "a decision is missing before one that is recorded");
            }
            if must <= self.told.iter().flatten().filter(|it| old(it)).filter(is_recorded).count() {
                return;
            }
            patience.goes_on("a decision that was answered a second before the kill is not recorded");
        }
    }
}

/// Verifies until nobody answers any more: the ids of what was answered.
async fn verify(client: Client, secret: String, stop: Arc<AtomicBool>) -> Vec<(String, Instant)> {
    let mut told = Vec::new();
    let question = json!({ "token": secret }).to_string();
    while !stop.load(Ordering::SeqCst) {
        let Ok(answer) = client.try_call("POST", "/v1/verify", &question, &[]).await else { break };
        assert_eq!(answer.body["code"], "VALID", "{}", answer.body);
        told.push((answer.body["request_id"].as_str().unwrap().to_owned(), Instant::now()));
    }
    told
}

/// Issues, rotates, revokes and registers until nobody answers any more.
async fn write(owner: Client, operator: Client, name: String, stop: Arc<AtomicBool>) -> Vec<Told> {
    let mut told = Vec::new();
    for n in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let issued = Sent::issue(&format!("{name}i{n}")).send(&owner).await;
        let token = issued.token().map(str::to_owned);
        told.push(issued);
        let Some(token) = token else { break };
        let key = format!("{name}x{n}");
        told.push(match n % 3 {
            0 => Sent::rotate(&token, &key).send(&owner).await,
            1 => Sent::revoke(&token, &key).send(&owner).await,
            _ => Sent::register(&format!("{name}o{n}")).send(&operator).await,
        });
    }
    told
}
