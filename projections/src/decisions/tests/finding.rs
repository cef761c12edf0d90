use eventlog::usage::Lane;
use proptest::prelude::*;
use schemas::usage::{Locator, NodeStart};

use super::super::*;
use super::scene::{Scene, organization};
use crate::runner::check::run;
use crate::testing::{Call, LANE, Step, Usage, some_steps};

async fn counters(scene: &Scene, locator: Locator) -> Vec<(u64, u64)> {
    let reach = Reach::Organization(organization(0));
    let found = scene.queries.at(locator, reach, &DecisionFilter::default()).await.unwrap();
    found.iter().map(|it| (it.locator.counter, it.decision.count)).collect()
}

fn at(counter: u64) -> Locator {
    Locator { node_start: NodeStart([0; 8]), lane: LANE.0, counter }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn each_decision_is_found_by_its_request_id(steps in some_steps(100)) {
        run(async {
            let scene = Scene::of(Usage::new());
            scene.usage.happen(&steps).await;
            scene.catch_up().await;
            for decision in scene.all().await {
                let organization = decision.decision.organization.unwrap();
                let reach = Reach::Organization(domain::ids::OrganizationId::from_bits(organization));
                let all = DecisionFilter::default();
                let found = scene.queries.at(decision.locator, reach, &all).await.unwrap();
                assert_eq!(found, [decision]);
            }
        });
    }
}

#[tokio::test]
async fn an_id_that_is_counted_in_a_row_finds_the_rows_of_its_second() {
    let scene = Scene::of(Usage::new());
    let junk =
        |count, outcome, after_us| Call { token: None, caller: 201, count, outcome, after_us, ..Call::of(0) };
    // Counters 1 to 7, of which two rows count five; then a decision of its own, and the junk of the next second.
    scene.usage.call_at(&Call::of(3), 2).await;
    scene.usage.call_at(&junk(3, 13, 900_000), 1).await;
    scene.usage.call_at(&junk(3, 14, 0), 4).await;
    scene.usage.call_at(&Call::of(3), 8).await;
    scene.usage.call_at(&junk(2, 14, 1_000_000), 9).await;
    scene.usage.happen(&[Step::Close]).await;
    scene.catch_up().await;

    assert_eq!(counters(&scene, at(2)).await, [(2, 1)]);
    assert_eq!(counters(&scene, at(1)).await, [(1, 3)]);
    assert_eq!(counters(&scene, at(3)).await, [(1, 3)]);
    assert_eq!(counters(&scene, at(6)).await, [(1, 3), (4, 3)]);
    assert_eq!(counters(&scene, at(8)).await, [(8, 1)]);
    assert_eq!(counters(&scene, at(10)).await, [(9, 2)]);
    assert_eq!(counters(&scene, at(11)).await, []);
    assert_eq!(counters(&scene, Locator { lane: Lane(7).0, ..at(2) }).await, []);
    assert_eq!(counters(&scene, Locator { node_start: NodeStart([9; 8]), ..at(2) }).await, []);
}
