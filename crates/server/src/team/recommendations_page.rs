//! How good the lists of the model in service are, with which settings, and what models may give away.
//!
//! Deliberately does not know: people; what is told was measured when the model was learned.

use super::Team;
use super::entrance::{Shown, page};
use super::roles::Doing;
use crate::accuracy::Accuracy;
use crate::api::unavailable;
use crate::problem::Problem;
use crate::web::team::{self as pages, Recommendations, Tab};
use crate::work::learn_privately;
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
    let app = team.app();
    let shop = app.shop();
    let model = shop.as_ref().map(|shop| shop.model());
    let accuracy = match model {
        Some(model) => Accuracy::kept(app, model.digest()).await.map_err(unavailable)?,
        None => None,
    };
    let budget = learn_privately::told(app).await.map_err(|error| {
        tracing::error!(%error, "the budget of models cannot be told");
        Problem::internal()
    })?;
    let told = Recommendations {
        model: model.map(|model| (model.digest(), model.header())),
        accuracy: accuracy.as_ref(),
        budget: budget.as_ref(),
    };
    let frame = team.frame(&inside, Tab::Recommendations, &shown.said);
    page(pages::recommendations(&frame, &told))
}
