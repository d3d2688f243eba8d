//! Opening one person's data: the form in front of the door that the API has too, with the member's name.
//!
//! Deliberately does not know: what may be opened; the charter does. Nothing is kept of what was shown.

use super::Team;
use super::entrance::{Shown, page};
use super::roles::Doing;
use super::session::Inside;
use crate::api::people::{self, Opening};
use crate::api::recommendations::name_of;
use crate::identifier::Identifier;
use crate::problem::Problem;
use crate::web::team::{self as pages, Names, PersonSays, Tab};
use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use vocabulary::{ItemId, PurposeName};

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
    team.person(&inside, PersonSays::Nothing)
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
    let (Ok(user_id), Some(purpose)) = (
        serde_json::from_value::<Identifier>(form.person.trim().into()),
        PurposeName::parse(&form.purpose),
    ) else {
        return team.person(&inside, PersonSays::Unclear);
    };
    let opening = Opening {
        user_id,
        purpose,
        reason: form.reason,
    };
    let opened = people::open_as(team.app(), inside.name.clone(), &headers, opening).await;
    match opened {
        Ok(answer) => team.person(&inside, PersonSays::Opened(&answer)),
        Err(problem) if problem.status.as_u16() == 422 => team.person(&inside, PersonSays::Unclear),
        Err(problem) if problem.status.as_u16() == 403 => team.person(&inside, PersonSays::Refused),
        Err(problem) => Err(problem),
    }
}

impl Team {
    /// The page, where everything is called by its title.
    fn person(&self, inside: &Inside, says: PersonSays<'_>) -> Result<Response, Problem> {
        let running = self.app().running();
        let dictionary = running.as_deref().map(|running| &running.program.dictionary);
        let language = inside.language;
        let names = Names {
            item: &|item| name_of(self.app(), &ItemId(item.to_owned())),
            event: &|name| {
                let title = dictionary.map(|dictionary| dictionary.event_title(name, language));
                title.unwrap_or(name).to_owned()
            },
            known: &|name| {
                let title = dictionary.map(|dictionary| dictionary.trait_title(name, language));
                title.unwrap_or(name).to_owned()
            },
        };
        page(pages::person(&self.frame(inside, Tab::Person, ""), &names, says))
    }
}
