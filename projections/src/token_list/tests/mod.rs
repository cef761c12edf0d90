mod filters;
mod scenarios;
mod uses;

use proptest::prelude::*;

use super::TokenList;
use crate::runner::Projection;
use crate::runner::check::{check_rebuild, run, some_cuts};
use crate::testing::{Ledger, a_history};

const TOKENS: Projection = Projection::of::<TokenList>();

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_it_is_cut_and_restarted_it_is_the_view_built_again(history in a_history(60), cuts in some_cuts()) {
        run(async {
            let ledger = Ledger::new();
            history.happen(&ledger).await;
            check_rebuild(TOKENS, &ledger, &cuts).await;
        });
    }
}
