//! A view, as it is shown.

use projections::runner::{Handle, Progress, RebuildState, State};
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;

/// A view: what is served of it, and what is built of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct ProjectionAnswer {
    /// Its name.
    name: &'static str,
    /// The version that this program keeps.
    version: u32,
    /// `live`, `catching_up`, `halted`, or `rebuilding`: a build is made that is not served yet.
    state: &'static str,
    /// The position of what readers see.
    position: String,
    /// How far that is behind, in time: log time at the head less log time there, in milliseconds.
    lag_ms: i64,
    /// How far that is behind, in facts.
    lag_facts: u64,
    /// Facts a second that the build takes in; null while none is made.
    rate: Option<f64>,
    /// The position that it cannot pass, where it is halted.
    #[serde(skip_serializing_if = "Option::is_none")]
    halted_at: Option<String>,
    /// Why it is halted, or why the last attempt failed; only for operators of the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The keys that are set apart because a fact about them could not be folded. Their rows are not current.
    parked: u64,
    /// The build that is not served yet; null while none is made.
    build: Option<BuildAnswer>,
}

/// A build that is not served yet.
#[derive(Serialize, JsonSchema)]
struct BuildAnswer {
    /// The job that asked for it; null where nobody did.
    job: Option<String>,
    /// The facts that it holds.
    done: u64,
    /// The facts that there are.
    total: u64,
    /// Seconds that it takes at the present rate; null before there is one.
    seconds_left: Option<f64>,
}

impl ProjectionAnswer {
    /// The view now; `reasons` are for whoever operates it.
    pub(super) fn of(app: &App, view: &Handle, reasons: bool) -> Self {
        let status = view.status();
        let progress = view.progress();
        let show = |position| app.incarnation.show(position);
        Self {
            name: status.name,
            version: status.version,
            state: status.state.as_str(),
            position: show(status.position),
            lag_ms: status.lag.micros().max(0) / 1_000,
            lag_facts: status.head.0.saturating_sub(status.position.0),
            rate: progress.map(|it| rounded(it.rate())),
            halted_at: status.halted_at.filter(|_| status.state == State::Halted).map(show),
            reason: status.reason.filter(|_| reasons),
            parked: status.parked,
            build: progress.map(|it| BuildAnswer::of(view, it)),
        }
    }
}

impl BuildAnswer {
    fn of(view: &Handle, progress: Progress) -> Self {
        let job = view.last_rebuild().filter(|it| it.state == RebuildState::Running);
        Self {
            job: job.map(|it| it.id.to_string()),
            done: progress.done,
            total: progress.total,
            seconds_left: progress.seconds_left().map(rounded),
        }
    }
}

/// To a tenth: more is noise.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
