//! What every usage log promises, as code: the tests of each adapter run it, and an operator can
//! run it against an engine of his own.
//!
//! Each rule is a function that returns what it saw when the promise was broken; none panics.
//! Rules look only at what comes after the end they start at, so the log need not be empty; but
//! nobody else may write to it meanwhile, and the blocks that they leave are nobody's: never run it
//! on a log that holds decisions.

mod appending;
mod following;
mod paging;
mod refusing;
mod restarting;
mod scene;
mod storing;

use std::{pin::Pin, sync::Arc};

use async_trait::async_trait;

use scene::Scene;

use super::UsageLog;
pub use crate::report::{Broken, Report};

/// Makes the log that is put to the test.
#[async_trait]
pub trait Factory: Send + Sync {
    /// Opens the log, an empty one or one with blocks; called once for each rule.
    ///
    /// # Errors
    /// Why it could not be opened.
    async fn open(&self) -> Result<Arc<dyn UsageLog>, String>;

    /// Closes the log and opens the same again, as a restart of the process does.
    ///
    /// # Errors
    /// Why it could not be closed or opened.
    async fn reopen(&self, log: Arc<dyn UsageLog>) -> Result<Arc<dyn UsageLog>, String>;
}

type Verdict = Pin<Box<dyn Future<Output = Result<(), Broken>> + Send>>;

/// One promise.
struct Rule {
    name: &'static str,
    check: fn(Scene) -> Verdict,
}

macro_rules! rules {
    ($($topic:ident::$rule:ident),* $(,)?) => {
        [$(Rule { name: stringify!($rule), check: |scene| Box::pin($topic::$rule(scene)) }),*]
    };
}

const RULES: [Rule; 19] = rules![
    storing::blocks_come_back_byte_for_byte_and_in_order,
    storing::places_ascend_also_when_a_day_goes_back,
    storing::a_block_that_is_sent_again_lies_once_or_twice,
    appending::appenders_to_one_lane_are_all_stored_each_in_its_order,
    appending::appenders_to_several_lanes_do_not_mix,
    appending::a_caller_that_goes_away_harms_nobody,
    refusing::blocks_of_a_wrong_size_are_refused,
    refusing::a_lane_that_there_is_not_is_refused_and_empty,
    refusing::a_refused_block_leaves_nothing,
    refusing::a_log_that_takes_blocks_says_so,
    following::a_follower_sees_every_block_in_order,
    following::an_answered_block_can_be_read_at_once,
    following::the_head_moves_and_never_falls,
    paging::reading_resumes_from_every_place,
    paging::reading_goes_on_over_days,
    paging::a_page_keeps_its_limit_and_is_never_empty_while_there_is_more,
    paging::a_place_beyond_the_head_is_an_error,
    restarting::all_blocks_survive_a_restart,
    restarting::places_go_on_after_a_restart,
];

/// Runs every rule, one after the other, and reports which held.
///
/// Takes some seconds, and leaves some hundred small blocks in the log.
pub async fn check(factory: Arc<dyn Factory>) -> Report {
    let mut report = Report::default();
    for rule in RULES {
        let verdict = match Scene::set(factory.clone(), rule.name).await {
            Ok(scene) => (rule.check)(scene).await,
            Err(broken) => Err(broken),
        };
        report.note(rule.name, verdict);
    }
    report
}
