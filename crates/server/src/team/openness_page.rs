//! How open lists are, by placement.
//!
//! Deliberately does not know: people; what is counted is counted elsewhere.

use super::Team;
use super::entrance::{Shown, page};
use super::roles::Doing;
use crate::problem::Problem;
use crate::web::team::{self as pages, Tab};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

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
    let told = team.app().lists.told(team.app().now());
    let shop = team.app().shop();
    let model = shop.as_ref().map(|shop| shop.model().header());
    let frame = team.frame(&inside, Tab::Openness, &shown.said);
    page(pages::openness(&frame, &told, model))
}
