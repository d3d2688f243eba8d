//! Segments and journeys of the program in force, with how many people are there as far as the team may know.
//!
//! Deliberately does not know: people; who counts.

use super::Team;
use super::entrance::{Shown, page};
use super::roles::Doing;
use crate::automation::count::Counted;
use crate::automation::figures::Figure;
use crate::problem::Problem;
use crate::web::team::{self as pages, Counts, Flow, Tab};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use decide::automation;
use program::words::Name;
use serde::Deserialize;

/// The segments.
pub(super) async fn segments(
    State(team): State<Team>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let running = team.app().running();
    let counted = team.counted();
    let size = |name: &str| {
        let counted = counted.as_ref()?;
        let people = counted.segments.get(&Name::from(name)).copied();
        Some(Figure::of(people.unwrap_or_default()))
    };
    let counts = Counts {
        at: counted.as_ref().map(|counted| counted.at),
        of: &size,
    };
    let frame = team.frame(&inside, Tab::Segments, "");
    let program = running.as_deref().map(|running| &running.program);
    page(pages::segments(&frame, program, &counts))
}

/// The journeys.
pub(super) async fn journeys(
    State(team): State<Team>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let running = team.app().running();
    let frame = team.frame(&inside, Tab::Journeys, "");
    page(pages::journeys(
        &frame,
        running.as_deref().map(|running| &running.program),
        team.app().came_to_too_much(),
    ))
}

/// The query of a journey's page.
#[derive(Deserialize)]
pub(super) struct Looking {
    lang: Option<String>,
    /// Over how many days: 7, or 30 for all else.
    #[serde(default)]
    days: String,
}

/// One journey, drawn.
pub(super) async fn journey(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Query(looking): Query<Looking>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, looking.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let running = team.app().running();
    let found = running.as_deref().and_then(|running| {
        let journey = running.program.journeys.get(&Name(name.clone()))?;
        Some((journey, &running.program.dictionary))
    });
    let (journey, titles) = found.ok_or_else(|| Problem::not_found("journey"))?;
    let counted = team.counted();
    let count = |step: &str| {
        let counted = counted.as_ref()?;
        let place = (journey.name.clone(), Some(step.to_owned()));
        let people = counted.steps.get(&place).copied();
        Some(Figure::of(people.unwrap_or_default()))
    };
    let counts = Counts {
        at: counted.as_ref().map(|counted| counted.at),
        of: &count,
    };
    let days = if looking.days == "7" { 7 } else { 30 };
    let in_force = running
        .as_deref()
        .and_then(|running| running.automation.journeys.get(&journey.name));
    let passed = |what: &str| {
        let counted = counted.as_ref()?;
        let key = automation::key(in_force?, what);
        let over = if days == 7 { &counted.week } else { &counted.month };
        Some(Figure::of(over.get(&key).copied().unwrap_or_default()))
    };
    let flow = Flow {
        days,
        since: in_force.map(|in_force| in_force.since),
        of: &passed,
    };
    let mut frame = team.frame(&inside, Tab::Journeys, "");
    let path = format!("/journeys/{}", journey.name);
    frame.path = &path;
    page(pages::journey(&frame, journey, titles, &counts, &flow))
}

impl Team {
    /// What was counted of the program that acts now; nothing of another.
    pub(super) fn counted(&self) -> Option<std::sync::Arc<Counted>> {
        let running = self.app().running()?;
        let counted = self.app().counted()?;
        (counted.number == running.applied.number).then_some(counted)
    }
}
