//! When decisions are durable, and what happens while they cannot be.

use super::*;

#[tokio::test]
async fn what_is_grouped_is_durable_when_its_first_row_is_a_tenth_of_a_second_old() {
    let scene = Scene::with_keys(Durability::Grouped).await;
    scene.record(&valid());
    scene.pass(60);
    scene.record(&valid());
    scene.turn().await;
    assert_eq!(scene.head(), Place(0), "nothing is written yet");
    scene.pass(40);
    scene.until(|| scene.head() != Place(0)).await;
    let rows = scene.rows().await;
    assert_eq!(rows.iter().map(|it| it.counter).collect::<Vec<_>>(), [0, 1]);
}

#[tokio::test]
async fn a_thousand_rows_wait_for_no_time() {
    let scene = Scene::with_keys(Durability::Grouped).await;
    for _ in 0..1_000 {
        scene.record(&valid());
    }
    scene.until(|| scene.head() != Place(0)).await;
    assert_eq!(scene.rows().await.len(), 1_000);
}

#[tokio::test]
async fn unproven_secrets_are_durable_once_their_second_is_over() {
    let scene = Scene::new(Durability::Grouped);
    for _ in 0..5 {
        scene.record(&Decided::unproven(Outcome::UNKNOWN, 5));
    }
    scene.turn().await;
    scene.pass(1_000);
    scene.turn().await;
    scene.pass(100);
    scene.until(|| scene.head() != Place(0)).await;
    let rows = scene.rows().await;
    assert_eq!(rows.iter().map(|it| (it.count, it.outcome)).collect::<Vec<_>>(), [(5, Outcome::UNKNOWN)]);
}

#[tokio::test]
async fn nothing_is_admitted_while_the_oldest_decision_lacks_durability_for_a_second() {
    let scene = Scene::with_keys(Durability::Grouped).await;
    scene.refuse();
    scene.record(&valid());
    for _ in 0..10 {
        scene.pass(100);
        scene.turn().await;
        assert!(scene.admits());
    }
    scene.pass(1);
    let refused = scene.recorder.admit(scene.now()).unwrap_err();
    assert!(matches!(&refused, Unready::Behind { lacking_ms: 1_001, why: Some(_) }), "{refused:?}");
    assert!(refused.to_string().contains("no space left"), "{refused}");
    assert!(scene.recorder.missing(scene.now()).is_some() && !scene.recorder.degraded().is_empty());

    scene.log.mend();
    scene.pass(1_000);
    scene.until(|| scene.admits()).await;
    assert!(scene.recorder.degraded().is_empty());
    assert_eq!(scene.rows().await.len(), 1);
}

#[tokio::test]
async fn what_is_only_counted_lacks_durability_from_when_somebody_waits_for_it() {
    let scene = Scene::with_keys(Durability::Strict).await;
    scene.refuse();
    scene.record(&Decided::unproven(Outcome::WRONG, 5));
    scene.recorder.settle().await.unwrap_err();
    assert!(scene.admits());
    scene.pass(1_001);
    let refused = scene.recorder.admit(scene.now()).unwrap_err();
    assert!(matches!(&refused, Unready::Behind { lacking_ms: 1_001, why: Some(_) }), "{refused:?}");
}

#[tokio::test]
async fn nothing_is_admitted_while_64_mib_wait() {
    let scene = Scene::with_keys(Durability::Grouped).await;
    scene.refuse();
    let agent = "x".repeat(10_000);
    let mut taken = 0;
    while scene.admits() {
        scene.recorder.record(&valid(), &Circumstances { user_agent: Some(&agent), ..scene.asked() });
        taken += 1;
    }
    let refused = scene.recorder.admit(scene.now()).unwrap_err();
    assert!(matches!(refused, Unready::TooMuch { bytes, .. } if bytes < MOST_WAITING + 1_000));
    assert!((50_000..500_000).contains(&taken), "{taken}");
    scene.log.mend();
    scene.pass(100);
    scene.until(|| scene.admits()).await;
}

#[tokio::test]
async fn what_is_strict_is_durable_before_its_answer_and_what_came_meanwhile_goes_together() {
    let scene = Scene::with_keys(Durability::Strict).await;
    scene.record(&valid());
    scene.record(&Decided::unproven(Outcome::WRONG, 5));
    assert_eq!(scene.head(), Place(0));
    scene.recorder.settle().await.unwrap();
    assert_eq!(scene.rows().await.len(), 2, "also what is only counted");
    let settled: Vec<_> = (0..50)
        .map(|_| {
            scene.record(&valid());
            let recorder = Arc::clone(&scene.recorder);
            tokio::spawn(async move { recorder.settle().await })
        })
        .collect();
    for it in settled {
        it.await.unwrap().unwrap();
    }
    let blocks = scene.log.read(LANE, Place(0), usize::MAX).await.unwrap().len();
    assert_eq!((scene.rows().await.len(), blocks), (52, 2));
}

#[tokio::test]
async fn what_is_strict_and_cannot_be_durable_is_not_waited_for_for_ever() {
    let scene = Scene::with_keys(Durability::Strict).await;
    scene.refuse();
    scene.record(&valid());
    let unready = scene.recorder.settle().await.unwrap_err();
    assert!(matches!(unready, Unready::NotInTime { why: Some(_) }), "{unready}");
}

#[tokio::test]
async fn a_stop_writes_all_and_admits_nothing_more() {
    let scene = Scene::with_keys(Durability::Grouped).await;
    scene.record(&valid());
    scene.record(&Decided::unproven(Outcome::MALFORMED, 5));
    scene.recorder.stop().await.unwrap();
    assert_eq!(scene.rows().await.len(), 2);
    assert_eq!(scene.recorder.admit(scene.now()), Err(Unready::Stopped));
    let Scene { writer, .. } = scene;
    writer.await.unwrap();
}

#[tokio::test]
async fn a_stop_with_nothing_to_write_writes_nothing() {
    let scene = Scene::new(Durability::Grouped);
    scene.recorder.stop().await.unwrap();
    assert_eq!(scene.head(), Place(0));
}

#[tokio::test]
async fn what_no_time_mends_ends_the_recorder_and_is_said() {
    let scene = Scene::with_keys(Durability::Grouped).await;
    scene.log.suffer(Mishap::Refuse(AppendError::NoLane(LANE)));
    scene.record(&valid());
    scene.pass(100);
    scene.until(|| !scene.admits()).await;
    assert!(matches!(scene.recorder.admit(scene.now()), Err(Unready::Broken(_))));
    assert!(matches!(scene.recorder.stop().await, Err(Unready::Broken(_))), "decisions are lost");
}

#[test]
fn a_request_that_is_no_decision_has_an_id_that_locates_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let scene = runtime.block_on(async { Scene::new(Durability::Grouped) });
    let ids = RequestIds::new([7; 16]);
    let of_decision = ids.decode(&scene.recorder.request_id(0)).unwrap();
    assert_eq!((of_decision.node_start, of_decision.lane, of_decision.counter), (START, 0, 0));
    let [one, other] = [scene.recorder.other_request_id(), scene.recorder.other_request_id()];
    assert_ne!(one, other);
    assert_eq!(ids.decode(&one).unwrap().lane, NO_LANE);
}
