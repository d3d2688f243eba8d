//! Conversations on the person's page: a list, one of them, a form to begin one; and the link "talk to a
//! person" of a message, which needs no session.
//!
//! Deliberately does not know: who of the team answers, how a page looks.

use super::Me;
use super::own_page::{In, markup};
use super::session::language;
use crate::api::unavailable;
use crate::problem::Problem;
use crate::web::PAGE_HEADERS;
use crate::web::door::State as At;
use crate::web::person::{self, HumanPage, SOURCE, TalkPage};
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::own_data;
use gate::purposes::{ShowOwnData, ShowOwnDataView};
use gate::{Conversation, ConversationId, HumanPass, MAX_SUBJECT, NotSaid, Opening};
use serde::Deserialize;
use vocabulary::Language;

/// The fields of all forms.
#[derive(Deserialize)]
pub(super) struct Saying {
    #[serde(default)]
    token: String,
    lang: Option<String>,
    #[serde(default)]
    act: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    address: String,
}

/// The query of the pages.
#[derive(Deserialize)]
pub(super) struct Shown {
    lang: Option<String>,
}

/// The list.
pub(super) async fn list(
    State(me): State<Me>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, shown.lang.as_deref()).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    let all = me.conversations_of(&inside).await?;
    markup(person::talks(
        &me.frame(&inside),
        &TalkPage {
            all: &all,
            problem: None,
            form: None,
        },
    ))
}

/// Begins one.
pub(super) async fn begin(
    State(me): State<Me>,
    headers: HeaderMap,
    Form(form): Form<Saying>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, form.lang.as_deref()).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    if !(inside.session.admits(&form.token) && me.is_own(&headers)) {
        return Ok(me.back(inside.language, "stale", ""));
    }
    let opened = match opening(&form, inside.language) {
        Err(problem) => Err(problem),
        Ok(opening) => {
            let gate = &me.app().gate;
            let whom = inside.session.whom();
            let opened = gate
                .open_conversation(&whom, opening, SOURCE, me.app().now())
                .await;
            opened.map_err(unavailable)?
        }
    };
    match opened {
        Ok(id) => Ok(Redirect::to(&me.talk_address(id, inside.language)).into_response()),
        Err(problem) => {
            let all = me.conversations_of(&inside).await?;
            let page = TalkPage {
                all: &all,
                problem: Some(problem),
                form: Some((&form.subject, &form.text)),
            };
            markup(person::talks(&me.frame(&inside), &page))
        }
    }
}

/// One conversation.
pub(super) async fn show(
    State(me): State<Me>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, shown.lang.as_deref()).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    me.talk(&inside, &id, None).await
}

/// Says something in one, or closes it.
pub(super) async fn say(
    State(me): State<Me>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(form): Form<Saying>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, form.lang.as_deref()).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    if !(inside.session.admits(&form.token) && me.is_own(&headers)) {
        return Ok(me.back(inside.language, "stale", ""));
    }
    let Some(found) = ConversationId::parse(&id) else {
        return Err(Problem::not_found("conversation"));
    };
    let (gate, whom, now) = (&me.app().gate, inside.session.whom(), me.app().now());
    let text = lines(&form.text);
    let done = match form.act.as_str() {
        "close" => gate.close_own_conversation(&whom, found, SOURCE, now).await,
        _ => gate.say_in_conversation(&whom, found, &text, SOURCE, now).await,
    };
    match done.map_err(unavailable)? {
        Ok(()) => Ok(Redirect::to(&me.talk_address(found, inside.language)).into_response()),
        Err(NotSaid::Unknown) => Err(Problem::not_found("conversation")),
        Err(problem) => me.talk(&inside, &id, Some((problem, &form.text))).await,
    }
}

/// The link of a message: a form, and nothing changes.
pub(super) async fn human(
    State(me): State<Me>,
    headers: HeaderMap,
    Path(word): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let language = language(shown.lang.as_deref(), &headers);
    match me.read_human(&word) {
        Some(pass) => me.human_page(language, &pass, &word, None, StatusCode::OK),
        None => me.door(At::Ended, language, StatusCode::GONE),
    }
}

/// The form of the link: opens the conversation. It stands in a mail, so the word is all it takes.
pub(super) async fn ask_human(
    State(me): State<Me>,
    headers: HeaderMap,
    Path(word): Path<String>,
    Form(form): Form<Saying>,
) -> Result<Response, Problem> {
    let language = language(form.lang.as_deref(), &headers);
    let pass = me.read_human(&word).filter(|_| me.is_own(&headers));
    let Some(pass) = pass else {
        return me.door(At::Ended, language, StatusCode::GONE);
    };
    let opened = match opening(&form, language) {
        Err(problem) => Err(problem),
        Ok(opening) => {
            let (gate, now) = (&me.app().gate, me.app().now());
            let opened = gate.open_conversation_by(&pass, opening, now).await;
            opened.map_err(unavailable)?
        }
    };
    match opened {
        Ok(_) => me.human_page(language, &pass, "", None, StatusCode::OK),
        Err(NotSaid::Unknown) => me.door(At::Ended, language, StatusCode::GONE),
        Err(problem) => me.human_page(
            language,
            &pass,
            &word,
            Some((problem, &form)),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    }
}

impl Me {
    async fn conversations_of(&self, inside: &In) -> Result<Vec<Conversation>, Problem> {
        let (gate, whom, ask) = (&self.app().gate, inside.session.whom(), self.own(inside));
        let show = move |view: &ShowOwnDataView| own_data::show_with(view, None, ask.now);
        let shown = gate.decide::<ShowOwnData, _, _>(&whom, ask, show).await;
        let data = shown.map_err(unavailable)?.ok().map(|recorded| recorded.proposal);
        Ok(data.map(|data| data.conversations).unwrap_or_default())
    }

    async fn talk(
        &self,
        inside: &In,
        id: &str,
        problem: Option<(NotSaid, &str)>,
    ) -> Result<Response, Problem> {
        let all = self.conversations_of(inside).await?;
        let found = all.iter().find(|talk| talk.id.to_string() == id);
        let talk = found.ok_or_else(|| Problem::not_found("conversation"))?;
        markup(person::talk(&self.frame(inside), talk, problem))
    }

    fn talk_address(&self, id: ConversationId, language: Language) -> String {
        format!(
            "{}/conversations/{id}?lang={}",
            self.at(super::PATH),
            language.tag()
        )
    }

    fn read_human(&self, word: &str) -> Option<HumanPass> {
        let bytes = URL_SAFE_NO_PAD.decode(word).ok()?;
        self.app().gate.read_human_pass(&bytes, self.app().now())
    }

    fn human_page(
        &self,
        language: Language,
        pass: &HumanPass,
        word: &str,
        problem: Option<(NotSaid, &Saying)>,
        status: StatusCode,
    ) -> Result<Response, Problem> {
        let page = person::human(&HumanPage {
            language,
            root: &self.0.root,
            site: &self.0.site,
            word,
            about: pass.about(),
            form: problem.map(|(_, form)| (form.subject.as_str(), form.text.as_str(), form.address.as_str())),
            problem: problem.map(|(problem, _)| problem),
        });
        let page = page.map_err(|error| {
            tracing::error!(%error, "the page could not be made");
            Problem::internal()
        })?;
        Ok((status, PAGE_HEADERS, page).into_response())
    }
}

fn opening(form: &Saying, language: Language) -> Result<Opening, NotSaid> {
    let address = form.address.trim();
    if !(address.is_empty() || crate::mail::is_address(address)) {
        return Err(NotSaid::TooLong);
    }
    let subject: String = form.subject.chars().filter(|c| !c.is_control()).collect();
    if subject.trim().len() > MAX_SUBJECT {
        return Err(NotSaid::TooLong);
    }
    Ok(Opening {
        subject: subject.trim().to_owned(),
        text: lines(&form.text),
        language,
        about: None,
        reply_to: (!address.is_empty()).then(|| address.to_owned()),
    })
}

/// The text of a form, with line ends as they are kept, and no other control characters.
pub(crate) fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = text
        .trim()
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    kept.collect()
}
