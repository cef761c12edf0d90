//! kill -9 under load: nothing that was acknowledged is lost, and the rest is whole or absent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::expected::{Expected, registrations_are_finished, retry_unanswered, touched_without_answer};
use super::history::{Sent, Told};
use crate::support::{Client, Server};

const KILLS: usize = 20;
const WRITERS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn after_20_kills_under_8_writers_nothing_acknowledged_is_lost_and_the_rest_is_whole_or_absent() {
    let server = Server::start();
    let owner = server.owner_of("acme").await.token().to_owned();
    let mut folder = server.folder();
    drop(server.stop());
    let mut expected = Expected::default();
    let mut busy_rounds = 0;
    for round in 0..KILLS {
        let (told, left) = killed_at_random(folder, &owner, round).await;
        folder = left;
        busy_rounds += usize::from(told.iter().any(|it| it.answer.is_some()));
        let server = Server::start_in(Arc::clone(&folder));
        registrations_are_finished(&server, &told).await;
        expected.note(&told);
        expected.check(&server, &owner, &touched_without_answer(&told)).await;
        retry_unanswered(&server, &owner, &told, &mut expected).await;
        expected.check(&server, &owner, &[]).await;
        folder = server.kill();
    }
    assert!(KILLS / 2 <= busy_rounds, "the writers got something done in {busy_rounds} rounds");
}

/// Serves, lets the writers write, and kills the process at a random moment.
async fn killed_at_random(folder: Arc<TempDir>, owner: &str, round: usize) -> (Vec<Told>, Arc<TempDir>) {
    let server = Server::start_in(folder);
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (owner, operator) = (Client::new(server.url(), owner), server.operator());
            tokio::spawn(write(owner, operator, format!("r{round}w{writer}"), Arc::clone(&stop)))
        })
        .collect();
    let moment = random_moment();
    eprintln!("round {round}: killed after {moment:?}");
    tokio::time::sleep(moment).await;
    let folder = server.kill();
    stop.store(true, Ordering::SeqCst);
    let mut told = Vec::new();
    for writer in writers {
        told.extend(writer.await.unwrap());
    }
    (told, folder)
}

/// Between 5 and 500 ms. The moment itself is what is tested: there is no condition to wait for.
fn random_moment() -> Duration {
    let random = u64::try_from(uuid::Uuid::now_v7().as_u128() % 495).unwrap();
    Duration::from_millis(5 + random)
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
