//! A job, as it is shown.

use domain::time::{Lifespan, Timestamp};
use projections::runner::{Handle, Rebuild, RebuildState};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::time::Instant;

use super::told::Facts;
use crate::app::App;
use crate::problem::{Code, Problem};

/// Long work that was asked for.
#[derive(Serialize, JsonSchema)]
pub(crate) struct JobAnswer {
    /// Its id.
    id: String,
    /// What it does: `projection.rebuild`.
    kind: &'static str,
    /// `running`, `done` or `failed`.
    state: &'static str,
    /// How much of it is done: facts that the new build holds.
    done: u64,
    /// How much there is to do.
    total: u64,
    /// What could not be done, and why.
    failed: Vec<Failed>,
    /// What came of it; null until it is done.
    result: Option<RebuildResult>,
    /// Reserved: what belongs together across streams. Always null.
    correlation_id: Option<String>,
    /// When it was asked for.
    started_at: String,
    /// When it ended; null while it runs.
    finished_at: Option<String>,
}

/// A part of the work that failed.
#[derive(Serialize, JsonSchema)]
struct Failed {
    /// The view.
    id: String,
    /// Why, as problem details.
    problem: Value,
}

/// What came of a rebuild.
#[derive(Serialize, JsonSchema)]
struct RebuildResult {
    /// The view that is served now.
    projection: &'static str,
    /// Whether every row was the same bytes as in the build that it replaced, compared at one position.
    identical: bool,
    /// The tables that were not, where some were not.
    differing: Vec<String>,
    /// The rows that were compared.
    rows: u64,
    /// The position that both builds were compared at.
    position: String,
}

impl JobAnswer {
    /// A rebuild of that view.
    pub(crate) fn rebuild(app: &App, view: &Handle, rebuild: Rebuild) -> Self {
        let Rebuild { id, asked_at, state } = rebuild;
        let status = view.status();
        let at = |then: tokio::time::Instant| ago(app.clock.now(), then.into_std());
        let progress = view.progress();
        let ended_at = match &state {
            RebuildState::Running => None,
            RebuildState::Done { at, .. } | RebuildState::Failed { at, .. } => Some(*at),
        };
        let seen = Facts {
            started_at: at(asked_at),
            finished_at: ended_at.map(at),
            total: progress.map_or(status.head.0, |it| it.total),
        };
        let facts = app.jobs().of(status.name, id, seen);
        let mut job = Self {
            id: id.to_string(),
            kind: "projection.rebuild",
            state: "running",
            done: 0,
            total: facts.total,
            failed: Vec::new(),
            result: None,
            correlation_id: None,
            started_at: facts.started_at.to_string(),
            finished_at: facts.finished_at.map(|it| it.to_string()),
        };
        match state {
            RebuildState::Running => job.done = progress.map_or(0, |it| it.done),
            RebuildState::Done { comparison, .. } => {
                job.state = "done";
                (job.done, job.total) = (comparison.position.0, comparison.position.0);
                job.result = Some(RebuildResult {
                    projection: status.name,
                    identical: comparison.is_identical(),
                    rows: comparison.rows,
                    position: app.incarnation.show(comparison.position),
                    differing: comparison.differing,
                });
            }
            RebuildState::Failed { why, .. } => {
                job.state = "failed";
                job.failed = vec![Failed { id: status.name.to_owned(), problem: problem(why) }];
            }
        }
        job
    }
}

fn problem(why: String) -> Value {
    Problem::new(Code::ViewHalted, why).to_value()
}

/// The time of day of a moment of the machine's own clock.
fn ago(now: Timestamp, then: Instant) -> Timestamp {
    let micros = i64::try_from(then.elapsed().as_micros()).unwrap_or(i64::MAX);
    now.minus(Lifespan::from_micros(micros))
}
