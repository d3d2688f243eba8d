//! What leaves and what does not: messages of which nobody knows whether they left, how often what was not sent and
//! why, and whether the house can be believed by whoever receives its e-mail.
//!
//! Deliberately does not know: people; an entry in doubt names nobody here, its record does to whoever may open it.

use super::Team;
use super::entrance::{Shown, page};
use super::roles::Doing;
use crate::api::unavailable;
use crate::automation::figures::Figure;
use crate::automation::flow;
use crate::problem::Problem;
use crate::web::team::{self as pages, Outbox, Sender, Tab};
use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Settling {
    #[serde(default)]
    token: String,
    lang: Option<String>,
    #[serde(default)]
    id: String,
}

/// The page.
pub(super) async fn show(
    State(team): State<Team>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let doubts = team.app().gate.doubts().await.map_err(unavailable)?;
    let running = team.app().running();
    let counted = team.counted();
    let told = |counts: &std::collections::BTreeMap<String, u64>| {
        let told = flow::LEFT
            .iter()
            .map(|kind| (*kind, flow::of_kind(counts, kind)))
            .map(|(kind, each)| {
                let each = each.into_iter().map(|(code, count)| (code, Figure::of(count)));
                (kind, each.collect())
            });
        told.collect()
    };
    let frame = team.frame(&inside, Tab::Outbox, &shown.said);
    let outbox = Outbox {
        doubts: &doubts,
        program: running.as_deref().map(|running| &running.program),
        counted_at: counted.as_ref().map(|counted| counted.at),
        week: counted
            .as_ref()
            .map(|counted| told(&counted.week))
            .unwrap_or_default(),
        month: counted
            .as_ref()
            .map(|counted| told(&counted.month))
            .unwrap_or_default(),
        sender: Sender {
            from: team.0.house.from.as_ref().map(|(from, _)| from.as_str()),
            domain: team.0.house.from.as_ref().map(|(_, domain)| domain.as_str()),
            keys: &team.0.keys,
            secure: team.0.origin.starts_with("https://"),
        },
    };
    page(pages::outbox(&frame, &outbox))
}

/// A human has looked at an entry in doubt: it is taken off the list, and is not sent again.
pub(super) async fn settle(
    State(team): State<Team>,
    headers: HeaderMap,
    Form(form): Form<Settling>,
) -> Result<Response, Problem> {
    let asked = (form.lang.as_deref(), form.token.as_str());
    let inside = match team.may_post(&headers, asked, Doing::Settle).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let settled = team
        .app()
        .gate
        .finish_doubt(&form.id)
        .await
        .map_err(unavailable)?;
    let word = if settled { "settled" } else { "settled-already" };
    Ok(team.back(&inside, "/outbox", word))
}
