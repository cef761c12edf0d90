//! Whose keys decisions are sealed under.

use schemas::usage::{Address, Opened};

use super::*;

fn subject(row: &RecordedDecision) -> &str {
    &row.client.as_ref().unwrap().subject
}

#[tokio::test]
async fn address_and_agent_are_sealed_under_the_holder_and_texts_under_the_organisation() {
    let scene = Scene::with_keys(Durability::Strict).await;
    scene.record(&valid());
    scene.recorder.settle().await.unwrap();
    let rows = scene.rows().await;
    assert_eq!(subject(&rows[0]), ADA.to_string());
    let client = rows[0].client.as_ref().unwrap();
    let Opened::Open(details) = &client.details else { panic!("it does not open") };
    assert_eq!(details.address, Some(Address::Ip(IpAddr::from([203, 0, 113, 9]))));
    assert_eq!(details.user_agent.as_deref(), Some("curl"));
    assert_eq!(rows[0].endpoint, Some(Opened::Open("GET /v1/reports".into())));
    scene.keyring.forget(&ACME.to_string()).await.unwrap();
    assert_eq!(scene.rows().await[0].endpoint, Some(Opened::Erased));
}

#[tokio::test]
async fn who_is_erased_gets_no_other_key() {
    let scene = Scene::with_keys(Durability::Strict).await;
    scene.record(&valid());
    scene.recorder.settle().await.unwrap();
    scene.keyring.forget(&ADA.to_string()).await.unwrap();
    scene.record(&valid());
    scene.recorder.settle().await.unwrap();
    let rows = scene.rows().await;
    let client = |row: &RecordedDecision| row.client.as_ref().unwrap().details.clone();
    assert_eq!((subject(&rows[0]), client(&rows[0])), (ADA.to_string().as_str(), Opened::Erased));
    assert_eq!(subject(&rows[1]), "unauthenticated/2026-11-24");
    assert!(matches!(client(&rows[1]), Opened::Open(_)));
    assert!(scene.keyring.keys_for_opening(&[ADA.to_string()]).await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_known_is_sealed_under_the_day_and_an_operator_under_themselves() {
    let scene = Scene::new(Durability::Strict);
    scene.record(&Decided::unproven(Outcome::UNKNOWN, 5));
    scene.record(&Decided { holder: Some(Holder::Operator), organization: None, ..valid() });
    scene.recorder.settle().await.unwrap();
    let mut rows = scene.rows().await;
    rows.sort_by_key(|it| it.counter);
    assert_eq!(rows.iter().map(subject).collect::<Vec<_>>(), ["unauthenticated/2026-11-24", "operator"]);
}

#[tokio::test]
async fn to_forget_somebody_writes_what_is_taken_in_and_ends_the_segment() {
    let scene = Scene::with_keys(Durability::Grouped).await;
    scene.record(&valid());
    scene.recorder.end_segment().await.unwrap();
    assert_eq!(scene.rows().await.len(), 1);
    scene.record(&valid());
    scene.recorder.stop().await.unwrap();
    let blocks = scene.log.read(LANE, Place(0), usize::MAX).await.unwrap();
    let segments = blocks.iter().map(|it| Block::decode(&it.bytes).unwrap().header().place.segment);
    assert_eq!(segments.collect::<Vec<_>>(), [0, 1]);
    assert_eq!(scene.rows().await.len(), 2);
}
