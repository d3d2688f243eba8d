//! Segments and journeys of the program in force, with how many people are there as far as the team may know.
//!
//! Deliberately does not know: people; who counts.

use super::Team;
use super::entrance::{Shown, page};
use super::roles::Doing;
use crate::automation::count::Counted;
use crate::automation::figures::Figure;
use crate::problem::Problem;
use crate::web::team::{self as pages, Counts, Tab};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use program::words::Name;

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
    ))
}

/// One journey, drawn.
pub(super) async fn journey(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let running = team.app().running();
    let journey = running
        .as_deref()
        .and_then(|running| running.program.journeys.get(&Name(name.clone())));
    let journey = journey.ok_or_else(|| Problem::not_found("journey"))?;
    let counted = team.counted();
    let count = |step: &str| {
        let counted = counted.as_ref()?;
        let step = (step != program::drawing::HELD_OUT).then(|| step.to_owned());
        let people = counted.steps.get(&(journey.name.clone(), step)).copied();
        Some(Figure::of(people.unwrap_or_default()))
    };
    let counts = Counts {
        at: counted.as_ref().map(|counted| counted.at),
        of: &count,
    };
    let mut frame = team.frame(&inside, Tab::Journeys, "");
    let path = format!("/journeys/{}", journey.name);
    frame.path = &path;
    page(pages::journey(&frame, journey, &counts))
}

impl Team {
    /// What was counted of the program that acts now; nothing of another.
    fn counted(&self) -> Option<std::sync::Arc<Counted>> {
        let running = self.app().running()?;
        let counted = self.app().counted()?;
        (counted.number == running.applied.number).then_some(counted)
    }
}
