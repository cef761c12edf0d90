//! What holds however blocks are cut, and whatever fails.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// What happens to a recorder.
#[derive(Clone, Debug)]
enum Step {
    Ask { token: u8, path: u8, times: u16 },
    Junk { network: u8, outcome: u8, times: u16 },
    Pass { millis: u16 },
    LoseAnswer,
    Refuse,
    Mend,
    EndSegment,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<u8>(), 0_u8..4, 1_u16..5).prop_map(|(token, path, times)| Step::Ask { token, path, times }),
        1 => (any::<u8>(), 0_u8..4, 900_u16..1_200)
            .prop_map(|(token, path, times)| Step::Ask { token, path, times }),
        4 => (0_u8..4, 13_u8..16, 1_u16..9)
            .prop_map(|(network, outcome, times)| Step::Junk { network, outcome, times }),
        4 => (1_u16..600).prop_map(|millis| Step::Pass { millis }),
        1 => Just(Step::LoseAnswer),
        1 => Just(Step::Refuse),
        2 => Just(Step::Mend),
        1 => Just(Step::EndSegment),
    ]
}

/// What must be read back.
#[derive(Default)]
struct Model {
    proven: Vec<(u64, i64, u128, String)>,
    folded: BTreeMap<(i64, u8, u16), u64>,
}

async fn play(steps: &[Step], durability: Durability) -> (Model, Vec<RecordedDecision>) {
    let scene = Scene::with_keys(durability).await;
    let mut model = Model::default();
    for step in steps {
        take(&scene, &mut model, step);
        if durability == Durability::Grouped {
            scene.turn().await;
        }
    }
    scene.log.mend();
    let stopped = tokio::spawn({
        let recorder = Arc::clone(&scene.recorder);
        async move { recorder.stop().await }
    });
    while !stopped.is_finished() {
        scene.pass(100);
        tokio::task::yield_now().await;
    }
    stopped.await.unwrap().unwrap();
    (model, scene.rows().await)
}

fn take(scene: &Scene, model: &mut Model, step: &Step) {
    let now_us = scene.now().micros();
    match step {
        Step::Ask { token, path, times } => {
            for _ in 0..*times {
                let (token, path) = (u128::from(*token), format!("/{path}"));
                let decided = Decided { token: Some(Credential { token, secret: token << 9 }), ..valid() };
                let endpoint = Some(Endpoint { method: "GET", path: &path });
                let asked = Circumstances { endpoint, ..scene.asked() };
                let counter = scene.recorder.record(&decided, &asked).counter();
                model.proven.push((counter, now_us, token, format!("GET {path}")));
            }
        }
        Step::Junk { network, outcome, times } => {
            let decided = Decided::unproven(Outcome((*outcome).into()), 5);
            let address = Some(IpAddr::from([198, 51, *network, 7]));
            for _ in 0..*times {
                scene.recorder.record(&decided, &Circumstances { address, ..scene.asked() });
            }
            let key = (now_us / 1_000_000, *network, decided.outcome.0);
            *model.folded.entry(key).or_default() += u64::from(*times);
        }
        Step::Pass { millis } => scene.pass((*millis).into()),
        Step::LoseAnswer => scene.log.suffer(Mishap::LoseAnswer),
        Step::Refuse => scene.log.suffer(Mishap::Refuse(AppendError::Unavailable("away".to_owned()))),
        Step::Mend => scene.log.mend(),
        // Not awaited: it may be that nothing can be written.
        Step::EndSegment => {
            let recorder = Arc::clone(&scene.recorder);
            tokio::spawn(async move { recorder.end_segment().await });
        }
    }
}

fn proven(rows: &[RecordedDecision]) -> Vec<(u64, i64, u128, String)> {
    let rows = rows.iter().filter_map(|it| Some((it, it.token?, it.endpoint.clone()?)));
    rows.map(|(row, token, endpoint)| {
        let schemas::usage::Opened::Open(endpoint) = endpoint else { panic!("it does not open") };
        (row.counter, row.time_us, token.token, endpoint.as_ref().to_owned())
    })
    .collect()
}

fn folded(rows: &[RecordedDecision]) -> Vec<((i64, u8, u16), u64)> {
    use schemas::usage::{Address, Opened};
    let unproven = rows.iter().filter(|it| it.token.is_none());
    unproven
        .map(|row| {
            let Opened::Open(details) = &row.client.as_ref().unwrap().details else { panic!("sealed") };
            let Some(Address::Network24([198, 51, network])) = details.address else { panic!("{details:?}") };
            ((row.time_us / 1_000_000, network, row.outcome.0), row.count)
        })
        .collect()
}

fn in_a_runtime<T>(play: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(play)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn all_that_was_recorded_is_read_back_once_and_in_order(steps in proptest::collection::vec(any_step(), 0..40)) {
        let (model, rows) = in_a_runtime(play(&steps, Durability::Grouped));
        prop_assert_eq!(proven(&rows), model.proven);
        let mut folded = folded(&rows);
        folded.sort_unstable();
        // One row for each, but for the last second, which the stop and a segment's end may have cut.
        let mut sums = BTreeMap::new();
        for (key, count) in &folded {
            *sums.entry(*key).or_insert(0) += count;
        }
        prop_assert_eq!(&sums, &model.folded);
        let ends = steps.iter().filter(|it| matches!(it, Step::EndSegment)).count();
        prop_assert!(folded.len() <= model.folded.len() + (ends + 1) * 12);
        prop_assert!(rows.is_sorted_by_key(|it| it.time_us), "no time goes back");
    }
}
