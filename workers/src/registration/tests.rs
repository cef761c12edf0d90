use std::sync::Arc;

use domain::{actor::Actor, fact::Fact, member, time::Lifespan};

use super::{ON_ITS_WAY, Registration};
use crate::{
    Reconciler, Wake,
    testing::{NOON, Process, World},
};

fn worker(process: &Process) -> Registration {
    Registration::new(
        Arc::clone(&process.commands),
        Arc::clone(&process.gate),
        process.log.clone(),
        Arc::clone(&process.clock),
    )
}

#[tokio::test]
async fn a_registration_that_a_crash_cut_off_is_finished_at_the_next_start() {
    let world = World::new();
    world.process().await.register_and_die().await;
    let process = world.process().await;
    let worker = worker(&process);
    assert_eq!(worker.reconcile().await.unwrap(), Wake::OnNews);
    assert_eq!(worker.reconcile().await.unwrap(), Wake::OnNews);
    let facts = world.facts().await;
    assert_eq!(facts.len(), 2);
    assert!(matches!(facts[1].fact, Fact::Member(member::Event::Added { .. })));
    assert_eq!((&facts[1].actor, facts[1].causation), (&Actor::system("registration"), Some(facts[0].id)));
    let retried = process.register().await.unwrap();
    assert!(retried.token.unwrap().secret.is_some(), "the secret is left to the retry");
}

#[tokio::test]
async fn a_registration_on_its_way_is_left_alone_until_it_counts_as_cut_off() {
    let world = World::new();
    let process = world.process().await;
    let worker = worker(&process);
    process.register_and_die().await;
    assert_eq!(worker.reconcile().await.unwrap(), Wake::At(NOON.plus(ON_ITS_WAY)));
    world.time.advance(Lifespan::seconds(4));
    worker.reconcile().await.unwrap();
    assert_eq!(world.facts().await.len(), 1);
    world.time.advance(Lifespan::seconds(1));
    assert_eq!(worker.reconcile().await.unwrap(), Wake::OnNews);
    assert_eq!(world.facts().await.len(), 2);
}
