use domain::time::{Lifespan, Timestamp};
use domain::token::Ends;
use proptest::prelude::*;

use super::{TimerQueries, Timers};
use crate::runner::Projection;
use crate::runner::check::{Running, check_rebuild, run, some_cuts};
use crate::testing::{Ledger, Wish, a_history};

const TIMERS: Projection = Projection::of::<Timers>();

fn living(days: i64) -> Wish {
    Wish { ends: Ends::In(Lifespan::days(days)), ..Wish::named("ci") }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_it_is_cut_and_restarted_it_is_the_view_built_again(history in a_history(60), cuts in some_cuts()) {
        run(async {
            let ledger = Ledger::new();
            history.happen(&ledger).await;
            check_rebuild(TIMERS, &ledger, &cuts).await;
        });
    }
}

#[tokio::test]
async fn a_timer_exists_while_its_token_is_live() {
    let ledger = Ledger::new();
    let acme = ledger.organization("acme").await;
    let soon = ledger.issue(1, acme, &living(1)).await;
    let later = ledger.issue(2, acme, &living(2)).await;
    let revoked = ledger.issue(3, acme, &living(3)).await;
    let (begun, day) = (ledger.now(), Lifespan::days(1));
    let running = Running::start(TIMERS, &ledger);
    let queries = TimerQueries::new(running.view());
    running.catch_up(&ledger).await;
    let next = queries.due(Timestamp::MAX, 1).await.unwrap();
    assert_eq!((next.len(), next[0].due_at), (1, begun.plus(day)));
    assert_eq!(queries.due(begun, 10).await.unwrap(), []);

    ledger.rotate(soon, acme.1).await;
    ledger.revoke(revoked, acme.1, None).await;
    ledger.advance(Lifespan::days(5));
    running.catch_up(&ledger).await;
    let due = queries.due(ledger.now(), 10).await.unwrap();
    assert_eq!(due.iter().map(|it| it.token).collect::<Vec<_>>(), [soon, later]);
    assert_eq!(due[0].organization, Some(acme.0));
    assert_eq!(queries.due(ledger.now(), 1).await.unwrap(), due[..1]);

    ledger.expire(soon).await;
    ledger.expire(later).await;
    running.catch_up(&ledger).await;
    assert_eq!(queries.due(ledger.now(), 10).await.unwrap(), []);
    assert_eq!(queries.due(Timestamp::MAX, 1).await.unwrap(), []);
}
