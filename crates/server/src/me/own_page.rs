//! The page of somebody who is in, and what its pages hand out: the download, a decision explained, a
//! receipt.
//!
//! Deliberately does not know: how a page looks, what a form changes.

use super::session::{Session, language, with_cookie};
use super::{Me, outbox, values};
use crate::api::{records, signals, unavailable};
use crate::automation::seen;
use crate::problem::Problem;
use crate::rights::{self, Form, Right};
use crate::web::PAGE_HEADERS;
use crate::web::door::State as At;
use crate::web::person::{self, Frame, Person};
use crate::web::visitor;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use decide::own_data;
use gate::charter::Requester;
use gate::purposes::{ShowOwnData, ShowOwnDataView};
use gate::{Ask, Subject, Whom};
use serde::Deserialize;
use vocabulary::{Language, Signals};

/// Entries of one page of the timeline.
const ENTRIES: usize = 40;

/// The query of the pages.
#[derive(Deserialize)]
pub(super) struct Shown {
    lang: Option<String>,
    #[serde(default)]
    before: String,
    #[serde(default)]
    form: String,
}

/// Somebody who is in, and how they asked.
pub(super) struct In {
    pub(super) session: Session,
    pub(super) token: String,
    pub(super) language: Language,
    pub(super) signals: Signals,
    /// The visitor that this browser names.
    pub(super) visitor: Option<String>,
}

impl Me {
    /// Who asks; `Err`: the entrance, since nobody is in.
    pub(super) async fn enter(&self, headers: &HeaderMap, lang: Option<&str>) -> Result<In, Response> {
        let language = language(lang, headers);
        let session = match self.session(headers).await {
            Ok(Some(session)) => session,
            Ok(None) => {
                let door = self.door(At::Start, language, StatusCode::UNAUTHORIZED);
                return Err(door.unwrap_or_else(|problem| problem.into_response()));
            }
            Err(problem) => return Err(problem.into_response()),
        };
        Ok(In {
            token: session.token(),
            session,
            language,
            signals: signals(headers),
            visitor: visitor::visitor(headers),
        })
    }

    /// What every page of this person has.
    pub(super) fn frame<'a>(&'a self, inside: &'a In) -> Frame<'a> {
        Frame {
            language: inside.language,
            root: &self.0.root,
            site: &self.0.site,
            token: &inside.token,
            contact: &self.0.contact,
            authority: (&self.0.authority.0, &self.0.authority.1),
        }
    }

    /// The person asks for their own data now.
    pub(super) fn own(&self, inside: &In) -> Ask {
        Ask {
            signals: inside.signals,
            requester: Requester::Person,
            now: self.app().now(),
        }
    }
}

/// The page itself.
pub(super) async fn show(
    State(me): State<Me>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, shown.lang.as_deref()).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    let said = me.said(&headers);
    let word = said.as_ref().map(|(word, _)| word.clone());
    let person = me.person(&inside, &shown.before, word).await?;
    let response = markup(person::page(&me.frame(&inside), &person))?;
    Ok(match said {
        Some((_, cookie)) => with_cookie(response, &cookie),
        None => response,
    })
}

impl Me {
    async fn person(&self, inside: &In, before: &str, said: Option<String>) -> Result<Person, Problem> {
        let (gate, whom, ask) = (&self.app().gate, inside.session.whom(), self.own(inside));
        let before = records::parse_id(before);
        // The timeline first: looking at the page is an entry of its own, which the next look shows.
        let timeline = gate.timeline(&whom, ask, before, gate::TIMELINE_MOST).await;
        let timeline = match timeline.map_err(unavailable)? {
            Some(Ok(timeline)) => timeline,
            Some(Err(_)) | None => Vec::new(),
        };
        let running = self.app().running();
        let show = move |view: &ShowOwnDataView| {
            let automation = running.as_ref().map(|running| &running.automation);
            own_data::show_with(view, automation, ask.now)
        };
        let shown = gate.decide::<ShowOwnData, _, _>(&whom, ask, show).await;
        let data = shown.map_err(unavailable)?.ok().map(|recorded| recorded.proposal);
        let requests = match rights::of(self.app(), &whom, inside.signals).await {
            Ok(requests) => requests,
            Err(rights::Fault::Gate(error)) => return Err(unavailable(error)),
            // Of somebody nobody knows the charter shows nothing.
            Err(_) => Vec::new(),
        };
        let mut person = values::person(self.app(), data.as_ref(), inside.language);
        person.said = said;
        // Before anything is learned there is nothing to open.
        person.openness = data
            .as_ref()
            .filter(|_| self.app().shop().is_some())
            .map(|data| self.openness(data, &timeline));
        if let Some(data) = &data {
            person.outgoing = outbox::outgoing(self.app(), data, inside.language);
            person.closed = outbox::closed(data, inside.language);
        }
        let automatic = data.as_ref().and_then(|data| data.automatic.as_ref());
        person.automatic = automatic.map(|shown| seen::shown(self.app(), shown, inside.language));
        (person.timeline, person.older) = values::timeline(self.app(), &timeline, ENTRIES, inside.language);
        person.further = before.is_some();
        let joined = gate.joined(&whom, ask).await.map_err(unavailable)?;
        person.joined = joined.unwrap_or_default().iter().map(values::joined).collect();
        let both = Whom {
            anonymous_id: inside.visitor.as_deref(),
            ..whom
        };
        person.joinable = gate.joinable(&both, ask).await.map_err(unavailable)?;
        person.requests = requests.iter().map(values::request).collect();
        Ok(person)
    }
}

/// One decision, explained.
pub(super) async fn decision(
    State(me): State<Me>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, shown.lang.as_deref()).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    let receipt = me.own_receipt(&inside, &id).await?;
    // A model of the past is read from the store, and a list made again: beside the asynchronous threads.
    let (app, language) = (me.app().clone(), inside.language);
    let decision = tokio::task::spawn_blocking(move || values::decision(&app, &receipt, language)).await;
    let decision = decision.map_err(|_| Problem::internal())?;
    let decision = decision.ok_or_else(|| Problem::not_found("decision"))?;
    markup(person::decision(&me.frame(&inside), &decision))
}

/// A receipt to take home.
pub(super) async fn receipt(
    State(me): State<Me>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, None).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    let receipt = records::proved(|| me.own_receipt(&inside, &id)).await?;
    records::as_document(me.app(), receipt)
}

impl Me {
    async fn own_receipt(&self, inside: &In, id: &str) -> Result<gate::Receipt, Problem> {
        let nothing = || Problem::not_found("record");
        let id = records::parse_id(id).ok_or_else(nothing)?;
        let gate = &self.app().gate;
        let receipt = gate
            .own_receipt(&inside.session.whom(), id, self.own(inside))
            .await;
        match receipt.map_err(unavailable)? {
            Some(Ok(receipt)) => Ok(receipt),
            Some(Err(_)) | None => Err(nothing()),
        }
    }
}

/// Everything, to take home.
pub(super) async fn download(
    State(me): State<Me>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, shown.lang.as_deref()).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    let (form, kind, ending) = match shown.form.as_str() {
        "csv" => (Form::Csv, "text/csv; charset=utf-8", "csv"),
        _ => (Form::Json, "application/json", "json"),
    };
    let whom = inside.session.whom();
    let exported = rights::export(
        me.app(),
        Subject::Whom(&whom),
        Right::Portability,
        form,
        inside.signals,
    );
    let exported = exported.await.map_err(|error| {
        tracing::warn!(%error, "a copy could not be made");
        Problem::unavailable(5)
    })?;
    let exported = exported.ok_or_else(|| Problem::not_found("person"))?;
    let name = format!("attachment; filename=\"my-data.{ending}\"");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_DISPOSITION, name.as_str()),
    ];
    Ok((headers, exported.bytes).into_response())
}

/// A page as a response.
pub(super) fn markup(page: Result<String, impl std::fmt::Display>) -> Result<Response, Problem> {
    let page = page.map_err(|error| {
        tracing::error!(%error, "the page could not be made");
        Problem::internal()
    })?;
    Ok((PAGE_HEADERS, page).into_response())
}
