//! Opening one person's data: the form in front of the door that the API has too, with the member's name.
//!
//! Deliberately does not know: what may be opened; the charter does. Nothing is kept of what was shown.

use super::Team;
use super::entrance::{Shown, page};
use super::roles::Doing;
use crate::api::people::{self, Opening};
use crate::identifier::Identifier;
use crate::problem::Problem;
use crate::web::team::{self as pages, PersonSays, Tab};
use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use vocabulary::PurposeName;

#[derive(Deserialize)]
pub(super) struct Asking {
    #[serde(default)]
    token: String,
    lang: Option<String>,
    #[serde(default)]
    person: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    reason: String,
}

/// The form.
pub(super) async fn ask(
    State(team): State<Team>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let asked = shown.lang.as_deref();
    let inside = match team.may(&headers, asked, Doing::OpenPerson).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    page(pages::person(
        &team.frame(&inside, Tab::Person, ""),
        PersonSays::Nothing,
    ))
}

/// Opens what the purpose may see; the record of it is on disk before it is shown.
pub(super) async fn open(
    State(team): State<Team>,
    headers: HeaderMap,
    Form(form): Form<Asking>,
) -> Result<Response, Problem> {
    let asked = (form.lang.as_deref(), form.token.as_str());
    let inside = match team.may_post(&headers, asked, Doing::OpenPerson).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let frame = team.frame(&inside, Tab::Person, "");
    let (Ok(user_id), Some(purpose)) = (
        serde_json::from_value::<Identifier>(form.person.trim().into()),
        PurposeName::parse(&form.purpose),
    ) else {
        return page(pages::person(&frame, PersonSays::Unclear));
    };
    let opening = Opening {
        user_id,
        purpose,
        reason: form.reason,
    };
    let opened = people::open_as(team.app(), inside.name.clone(), &headers, opening).await;
    match opened {
        Ok(answer) => page(pages::person(&frame, PersonSays::Opened(&answer))),
        Err(problem) if problem.status.as_u16() == 422 => page(pages::person(&frame, PersonSays::Unclear)),
        Err(problem) if problem.status.as_u16() == 403 => page(pages::person(&frame, PersonSays::Refused)),
        Err(problem) => Err(problem),
    }
}
