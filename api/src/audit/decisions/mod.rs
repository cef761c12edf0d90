//! `GET /v1/audit/decisions`: search over the recorded decisions of the organisation, or of the platform.

mod answer;
mod place;
mod wanted;

use std::sync::Arc;
use std::time::Duration;

use axum::{http::StatusCode, response::Response};
use projections::audit::Sight;
use projections::decisions::{
    Bounds, DecisionError, DecisionFilter, DecisionQuery, DecisionWalk, Reach, ShownDecision, ShownPage,
};
use projections::runner::WaitError;

use self::answer::DecisionAnswer;
use self::place::UsagePosition;
use self::wanted::Filter;
use super::{Order, search::sight};
use crate::app::App;
use crate::asking::WAIT;
use crate::body::SchemaError;
use crate::entered::Entered;
use crate::problem::{Code, Problem};
use crate::query::{Asked, Binding, Page, QueryReader};
use crate::refusals::unreadable;
use crate::respond::{VIEW_CODES, json};
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// How long a search waits for the index to have the decisions that were answered when it came; it does not fail
/// without them.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Filter>("searchDecisions")?;
    Ok(Operation::get("/v1/audit/decisions", "searchDecisions")
        .says(
            "Search the recorded decisions",
            "Every verification that was answered, the newest first. Unproven secrets are one row per caller, network, \
             code and second, with their count. A page takes a bounded amount of work: it may be empty and still have \
             a `next_cursor`. An operator who names no organization searches the decisions of none, with \
             `platform:audit`. Who lacks `personal-data:read` sees no addresses and finds nothing by them.",
        )
        .tag("audit")
        .requires(Access::Either { organization: Needs::AuditRead, platform: Needs::PlatformAudit })
        .query(&query)
        .answers::<Page<DecisionAnswer>>(StatusCode::OK, "A page of decisions.")
        .may_answer(&[Code::InvalidCursor, Code::NotSupportedYet])
        .may_answer(VIEW_CODES)
        .answered_by(move |app, entered| {
            let query = Arc::clone(&query);
            async move { search(&app, &query, entered).await }
        }))
}

async fn search(app: &App, query: &QueryReader<Filter>, entered: Entered) -> Result<Response, Problem> {
    let Asked { query: filter, binding } = entered.query(query)?;
    let sight = sight(&entered.caller);
    if sight == Sight::WithoutPersonal && filter.ip.is_some() {
        entered.caller.require(Needs::PersonalDataRead)?;
    }
    let reach = entered.caller.organization.map_or(Reach::Platform, Reach::Organization);
    let walk = walk(&filter, binding)?;
    let (request_id, limit) = (filter.request_id.clone(), usize::from(filter.paging.limit));
    let awaited = filter.min_position.as_deref().map(|it| UsagePosition::read(it, "min_position"));
    match awaited.transpose()? {
        Some(awaited) => reached(app, &awaited).await?,
        None if may_meet_news(&walk) => catch_up(app).await,
        None => {}
    }
    let wanted = filter.wanted(app).await?;
    let page = if let Some(id) = request_id {
        found_by_id(app, &id, reach, &wanted).await?
    } else {
        let asked = DecisionQuery { reach, filter: wanted, walk, limit };
        app.decisions.search(&asked).await.map_err(failed)?
    };
    json(&shown(page, sight, binding))
}

/// Which way, from where on.
fn walk(filter: &Filter, binding: Binding) -> Result<DecisionWalk, Problem> {
    let cursor: Option<Bounds> = filter.paging.cursor.as_deref().map(|it| binding.open(it)).transpose()?;
    let after = filter.after.as_deref().map(|it| UsagePosition::read(it, "after")).transpose()?;
    if Order::is_oldest_first(filter.order, after.is_some())? {
        let after = after.map(|it| Bounds::after(&it.0));
        return Ok(DecisionWalk::OldestFirst(cursor.or(after).unwrap_or_default()));
    }
    Ok(DecisionWalk::NewestFirst(cursor.unwrap_or_default()))
}

/// Whether what was answered just now may be on the page: it is not on a later one of those that go back in time.
fn may_meet_news(walk: &DecisionWalk) -> bool {
    match walk {
        DecisionWalk::OldestFirst(_) => true,
        DecisionWalk::NewestFirst(before) => *before == Bounds::default(),
    }
}

/// Waits a little for what was answered already, so that everybody finds their own decisions. What is not there in
/// time is on no page, and the page says how far it goes.
async fn catch_up(app: &App) {
    if app.recorder.written().await.is_ok() {
        let _ = app.decisions.reach(&app.decisions.ends(), PATIENCE).await;
    }
}

/// Waits for a position that was asked for.
async fn reached(app: &App, awaited: &UsagePosition) -> Result<(), Problem> {
    app.decisions.reach(&awaited.0, WAIT).await.map_err(|err| match err {
        WaitError::Beyond { .. } => {
            Problem::new(Code::InvalidParameter, "min_position: the usage log has no such position")
        }
        WaitError::Behind { .. } => {
            let detail = "this view has not reached that position yet; ask again";
            Problem::new(Code::PositionNotReached, detail).caused_by(err)
        }
        WaitError::Halted { .. } => {
            let detail = "this view has stopped at a block that it cannot take in; its operator must act";
            Problem::new(Code::ViewHalted, detail).caused_by(err)
        }
    })
}

/// All on one page: a request id has one row, or is counted in few.
async fn found_by_id(
    app: &App,
    id: &str,
    reach: Reach,
    wanted: &DecisionFilter,
) -> Result<ShownPage, Problem> {
    let position = app.decisions.ends();
    let decisions = app.decisions.find(id, reach, wanted).await.map_err(failed)?;
    Ok(ShownPage { decisions, next: None, position })
}

fn shown(page: ShownPage, sight: Sight, binding: Binding) -> Page<DecisionAnswer> {
    let ShownPage { decisions, next, position } = page;
    let seen = |it: ShownDecision| match sight {
        Sight::Whole => it,
        Sight::WithoutPersonal => it.without_personal(),
    };
    Page {
        data: decisions.into_iter().map(|it| DecisionAnswer::of(seen(it))).collect(),
        next_cursor: next.map(|it| binding.cursor(it.bounds())),
        position: UsagePosition(position).to_string(),
        parked: None,
    }
}

/// Decisions that cannot be read.
fn failed(error: DecisionError) -> Problem {
    match error {
        DecisionError::Query(error) => unreadable(error),
        DecisionError::Feed(error) => {
            Problem::new(Code::EngineUnavailable, "the usage log cannot be read now; ask again")
                .caused_by(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use projections::decisions::{Lane, Place};

    #[test]
    fn only_a_page_that_goes_back_from_where_another_ended_meets_nothing_new() {
        let somewhere = Bounds::after(&[(Lane(0), Place(7))]);
        assert!(may_meet_news(&DecisionWalk::NewestFirst(Bounds::default())));
        assert!(!may_meet_news(&DecisionWalk::NewestFirst(somewhere.clone())));
        for from in [Bounds::default(), somewhere] {
            assert!(may_meet_news(&DecisionWalk::OldestFirst(from)));
        }
    }
}
