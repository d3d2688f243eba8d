//! Conversations for the team: who waits, one conversation read and answered. Whoever opens one is written
//! down, and the person reads it; no address of these pages says who it is.
//!
//! Deliberately does not know: how a page looks, how an answer travels.

use super::Team;
use super::entrance::{Shown, page};
use super::roles::Doing;
use super::session::Inside;
use crate::api::{signals, unavailable};
use crate::me::talk_page::lines;
use crate::problem::Problem;
use crate::web::team::{self as pages, Tab, TalkSays};
use axum::extract::{Form, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use gate::charter::Requester;
use gate::{Ask, ConversationId, NotSaid, Reading};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Saying {
    #[serde(default)]
    token: String,
    lang: Option<String>,
    #[serde(default)]
    act: String,
    /// What the member had read when the form was made.
    #[serde(default)]
    seen: u64,
    #[serde(default)]
    text: String,
    #[serde(default)]
    to: String,
}

/// Those that are open.
pub(super) async fn list(
    State(team): State<Team>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::Help).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let open = team.app().gate.open_conversations(team.asks(&headers)).await;
    let frame = team.frame(&inside, Tab::Talks, &shown.said);
    page(pages::talks(
        &frame,
        &open.map_err(unavailable)?,
        team.app().now(),
    ))
}

/// One of them.
pub(super) async fn show(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::Help).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let says = match shown.said.as_str() {
        "talk-sent" => TalkSays::Sent,
        _ => TalkSays::Nothing,
    };
    team.one(&inside, &headers, &id, says, "").await
}

/// Answers it, takes it, hands it on, closes it.
pub(super) async fn act(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(form): Form<Saying>,
) -> Result<Response, Problem> {
    let asked = (form.lang.as_deref(), form.token.as_str());
    let inside = match team.may_post(&headers, asked, Doing::Help).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let (gate, now) = (&team.app().gate, team.app().now());
    let found = ConversationId::parse(&id).ok_or_else(|| Problem::not_found("conversation"))?;
    let done = match form.act.as_str() {
        "answer" => {
            let text = lines(&form.text);
            let answered = gate
                .answer_conversation(found, form.seen, &inside.name, &text, now)
                .await
                .map_err(unavailable)?;
            team.app().wake_mail();
            answered.map(|_| "talk-sent")
        }
        "take" => {
            let held = gate
                .hold_conversation(found, form.seen, Some(inside.name.clone()))
                .await;
            held.map_err(unavailable)?.map(|_| "")
        }
        "hand" => {
            let known = gate.team().await.map_err(unavailable)?;
            let colleague = known.iter().find(|member| member.name == form.to);
            let held = gate
                .hold_conversation(found, form.seen, colleague.map(|member| member.name.clone()))
                .await;
            held.map_err(unavailable)?.map(|_| "")
        }
        "close" => {
            let closed = gate.close_conversation(found, form.seen, now).await;
            if closed.map_err(unavailable)?.is_ok() {
                let list = format!(
                    "{}?lang={}&said=talk-closed",
                    team.at("/conversations"),
                    inside.language.tag()
                );
                return Ok(Redirect::to(&list).into_response());
            }
            Err(NotSaid::Overtaken)
        }
        _ => return Err(Problem::bad_request("`act` is none of this page's")),
    };
    match done {
        Ok(word) => {
            let tag = inside.language.tag();
            let address = format!("{}/{found}?lang={tag}&said={word}", team.at("/conversations"));
            Ok(Redirect::to(&address).into_response())
        }
        Err(NotSaid::Unknown) => Err(Problem::not_found("conversation")),
        // What somebody wrote is never lost by being second.
        Err(problem) => {
            team.one(&inside, &headers, &id, TalkSays::Not(problem), &form.text)
                .await
        }
    }
}

impl Team {
    async fn one(
        &self,
        inside: &Inside,
        headers: &HeaderMap,
        id: &str,
        says: TalkSays,
        text: &str,
    ) -> Result<Response, Problem> {
        let gate = &self.app().gate;
        let found = ConversationId::parse(id).ok_or_else(|| Problem::not_found("conversation"))?;
        let read = gate
            .read_conversation(found, self.asks(headers), &inside.name)
            .await;
        let reading: Reading = match read.map_err(unavailable)? {
            None => return Err(Problem::not_found("conversation")),
            Some(Err(_)) => return self.refused(inside).map(|page| page.into_response()),
            Some(Ok(reading)) => reading,
        };
        let members = gate.team().await.map_err(unavailable)?;
        let helps = |role: &str| super::roles::Role::parse(role).is_some_and(|role| role.may(Doing::Help));
        let colleagues: Vec<String> = members
            .iter()
            .filter(|member| helps(&member.role) && member.name != inside.name)
            .map(|member| member.name.clone())
            .collect();
        let path = format!("/conversations/{found}");
        let frame = pages::Frame {
            path: &path,
            ..self.frame(inside, Tab::Talks, "")
        };
        page(pages::talk(
            &frame,
            &reading,
            &colleagues,
            says,
            text,
            self.app().now(),
        ))
    }

    fn asks(&self, headers: &HeaderMap) -> Ask {
        Ask {
            signals: signals(headers),
            requester: Requester::Staff,
            now: self.app().now(),
        }
    }
}
