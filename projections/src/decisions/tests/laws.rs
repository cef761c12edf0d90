use proptest::prelude::*;

use super::super::search::Budget;
use super::super::*;
use super::scene::{Scene, a_query, source};
use crate::runner::Projection;
use crate::runner::check::{check_rebuild_of, run, some_cuts};
use crate::testing::{Usage, some_steps};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_live_index_is_the_rebuilt_one(steps in some_steps(80), cuts in some_cuts()) {
        run(async {
            let usage = Usage::new();
            usage.happen(&steps).await;
            check_rebuild_of(Projection::of::<Decisions>(), &source(&usage), &cuts).await;
        });
    }

    #[test]
    fn a_search_finds_what_a_scan_of_all_decisions_finds(
        steps in some_steps(120),
        queries in prop::collection::vec(a_query(), 12),
        limits in prop::collection::vec(1_usize..9, 1..4),
        budget in (0_usize..6, 1_usize..4, 1_usize..6),
    ) {
        run(async {
            let scene = Scene::of(Usage::new());
            scene.usage.happen(&steps).await;
            scene.catch_up().await;
            let (addresses, chapters, blocks) = budget;
            let hurried = scene.queries.clone().within(Budget { addresses, chapters, blocks });
            for query in queries {
                let expected = scene.scan(&query).await;
                let found = scene.pages(&scene.queries, &query, &[1_000]).await;
                assert_eq!(found, expected, "{query:?}");
                assert_eq!(scene.pages(&scene.queries, &query, &limits).await, expected, "{query:?}");
                assert_eq!(scene.pages(&hurried, &query, &limits).await, expected, "{query:?}");
            }
        });
    }
}
