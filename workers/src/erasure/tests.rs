use std::sync::Arc;

use domain::{erasable::Erasable::Erased, fact::Fact, member};

use super::Erasure;
use crate::{
    Reconciler, Wake,
    testing::{Process, World},
};

fn worker(process: &Process) -> Erasure {
    Erasure::new(Arc::clone(&process.commands), Arc::clone(&process.gate))
}

#[tokio::test]
async fn an_erasure_that_was_cut_off_after_its_fact_is_finished_once() {
    let world = World::new();
    let process = world.process().await;
    let registered = process.register().await.unwrap();
    let worker = worker(&process);
    assert_eq!(worker.reconcile().await.unwrap(), Wake::OnNews);
    let subject = process.erase_and_die(&registered).await;
    assert_eq!(process.commands.unfinished_erasures(vec![subject]).await.unwrap(), [subject]);
    assert_eq!(worker.reconcile().await.unwrap(), Wake::OnNews);
    assert_eq!(process.commands.unfinished_erasures(vec![subject]).await.unwrap(), []);
    assert_eq!(worker.unfinished(), []);
    let facts = world.facts().await;
    assert!(matches!(facts[1].fact, Fact::Member(member::Event::Added { person: Erased, .. })));
    assert_eq!(facts.len(), 5, "to finish it adds no fact");
}
