//! What a program would change before it is in force: groups that are reckoned anew, journeys that change under the
//! people who are in them, and about how many people that is.
//!
//! Deliberately does not know: how figures are told, what a plan says.

use super::Team;
use super::entrance::{Shown, page};
use super::roles::Doing;
use super::session::Inside;
use crate::api::unavailable;
use crate::automation::planned::{Error, Figures};
use crate::problem::{FieldProblem, Problem};
use crate::web::team::{self as pages, Planned, Tab};
use ::program::Program;
use axum::extract::{Form, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Asking {
    #[serde(default)]
    token: String,
    lang: Option<String>,
}

/// The plan, with what is counted already.
pub(super) async fn show(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(which): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let figures = Figures {
        now: team.counted(),
        sampled: None,
    };
    team.plan(&inside, &which, &shown.said, Some(figures)).await
}

/// The same after a look at a sample of people. It is recorded in the log before anybody is looked at.
pub(super) async fn sample(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(which): Path<String>,
    Form(form): Form<Asking>,
) -> Result<Response, Problem> {
    let asked = (form.lang.as_deref(), form.token.as_str());
    let inside = match team.may_post(&headers, asked, Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    team.plan(&inside, &which, "", None).await
}

impl Team {
    /// `None`: a sample is looked at.
    async fn plan(
        &self,
        inside: &Inside,
        which: &str,
        said: &str,
        figures: Option<Figures>,
    ) -> Result<Response, Problem> {
        let nothing = || Problem::not_found("program");
        let to = match which {
            "folder" => match self.folder().await {
                Some(Ok(Ok(program))) => Some(program),
                _ => None,
            },
            digest => {
                let digest = digest.parse().map_err(|_| nothing())?;
                self.program_here(digest).await?
            }
        };
        let to = to.ok_or_else(nothing)?;
        let current = self.app().gate.programs().await.map_err(unavailable)?;
        let from = match current.first() {
            Some(applied) => self.program_at(applied.digest).await?,
            None => None,
        };
        let figures = match figures {
            Some(figures) => figures,
            None => self.sampled(&to, from.is_some()).await?,
        };
        let mut frame = self.frame(inside, Tab::Program, said);
        let path = format!("/plan/{which}");
        frame.path = &path;
        let plan = ::program::plan::plan(from.as_ref(), &to);
        page(pages::plan(
            &frame,
            &Planned {
                which,
                plan: &plan,
                from: from.as_ref(),
                to: &to,
                sampled: figures.sampled.is_some(),
                counted_at: figures.now.as_ref().map(|now| now.at),
                figures: &figures,
            },
        ))
    }

    async fn sampled(&self, to: &Program, in_force: bool) -> Result<Figures, Problem> {
        let app = self.app();
        let Ok(_alone) = app.automatic.previewing.try_lock() else {
            return Err(Problem::unavailable(1));
        };
        let running = app.running().filter(|_| in_force);
        let figures = Figures::sampled(app, to, running.as_ref()).await;
        figures.map_err(|error| match error {
            Error::Gate(error) => unavailable(error),
            Error::Program(error) => Problem::invalid(vec![FieldProblem::new("", &error.to_string())]),
        })
    }
}
