//! What every ledger promises, as code: the tests of each adapter run it, and an operator can run
//! it against an engine of his own.
//!
//! Each rule is a function that returns what it saw when the promise was broken; none panics.
//! Rules work on streams of their own and look only at what comes after the head they start at,
//! so the log need not be empty; but nobody else may write to it meanwhile.

mod following;
mod paging;
mod refusing;
mod restarting;
mod retrying;
mod scene;
mod storing;
mod streaming;

use std::{pin::Pin, sync::Arc};

use async_trait::async_trait;

use scene::Scene;

use super::EventLog;
pub use crate::report::{Broken, Report};

/// Makes the log that is put to the test.
#[async_trait]
pub trait Factory: Send + Sync {
    /// Opens the log, an empty one or one with records; called once for each rule.
    ///
    /// # Errors
    /// Why it could not be opened.
    async fn open(&self) -> Result<Arc<dyn EventLog>, String>;

    /// Closes the log and opens the same again, as a restart of the process does.
    ///
    /// # Errors
    /// Why it could not be closed or opened.
    async fn reopen(&self, log: Arc<dyn EventLog>) -> Result<Arc<dyn EventLog>, String>;
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

const RULES: [Rule; 27] = rules![
    storing::records_come_back_as_they_went_in,
    storing::leaves_are_hashes_of_the_bytes,
    storing::positions_and_versions_have_no_gaps,
    storing::only_the_exact_version_is_accepted,
    storing::one_of_many_writers_gets_each_version,
    storing::writers_of_different_streams_do_not_hinder_each_other,
    storing::a_caller_that_goes_away_harms_nobody,
    retrying::the_same_append_again_has_the_first_outcome,
    retrying::the_same_append_long_after_has_the_first_outcome,
    retrying::the_same_append_twice_at_once_is_stored_once,
    retrying::a_partly_stored_append_conflicts,
    retrying::other_ids_at_the_same_versions_conflict,
    refusing::records_above_the_limit_are_refused,
    refusing::an_append_without_records_is_refused,
    refusing::a_refused_append_leaves_nothing,
    refusing::a_log_that_takes_appends_says_so,
    following::a_follower_sees_no_gap_and_no_reordering,
    following::an_answered_append_can_be_read_at_once,
    following::the_head_moves_and_never_falls,
    paging::a_page_may_end_inside_an_append,
    paging::reading_resumes_from_every_position,
    paging::a_page_keeps_its_limits_but_is_never_empty,
    paging::a_position_beyond_the_head_is_an_error,
    streaming::streams_are_read_after_every_version,
    streaming::streams_are_answered_in_the_order_asked,
    restarting::all_records_survive_a_restart,
    restarting::retries_and_conflicts_survive_a_restart,
];

/// Runs every rule, one after the other, and reports which held.
///
/// Takes some seconds, and leaves about a thousand small records in the log.
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
