//! Who is in the team, for whoever runs it. Nobody changes themselves here, so there is always somebody left who
//! can.
//!
//! Deliberately does not know: passwords; new members and new passwords are made by `egard team`.

use super::entrance::{Shown, page};
use super::roles::{Doing, Role};
use super::{Team, members};
use crate::api::unavailable;
use crate::problem::Problem;
use crate::web::team::{self as pages, Tab};
use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Changing {
    #[serde(default)]
    token: String,
    lang: Option<String>,
    #[serde(default)]
    act: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
}

/// The members.
pub(super) async fn show(
    State(team): State<Team>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::RunTeam).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let all = members::list(&team.app().gate).await.map_err(unavailable)?;
    page(pages::members(
        &team.frame(&inside, Tab::Members, &shown.said),
        &all,
    ))
}

/// Changes one.
pub(super) async fn act(
    State(team): State<Team>,
    headers: HeaderMap,
    Form(form): Form<Changing>,
) -> Result<Response, Problem> {
    let asked = (form.lang.as_deref(), form.token.as_str());
    let inside = match team.may_post(&headers, asked, Doing::RunTeam).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let (gate, now) = (&team.app().gate, team.app().now());
    if members::same(&inside.name, &form.name) {
        return Ok(team.back(&inside, "/members", "not-yourself"));
    }
    let (done, word) = match form.act.as_str() {
        "role" => {
            let role = Role::parse(&form.role).ok_or_else(|| Problem::bad_request("`role` is none"))?;
            (
                members::set_role(gate, &form.name, role, now).await,
                "role-changed",
            )
        }
        "end" => (
            members::end_sessions(gate, &form.name, now).await,
            "sessions-ended",
        ),
        "remove" => (members::remove(gate, &form.name, now).await, "member-removed"),
        _ => return Err(Problem::bad_request("`act` is none of this page's")),
    };
    let word = match done {
        Ok(()) => word,
        Err(members::Error::Gate(error)) => return Err(unavailable(error)),
        Err(_) => "no-member",
    };
    Ok(team.back(&inside, "/members", word))
}
