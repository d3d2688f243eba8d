//! Signing in and out, and the first page.
//!
//! A name that nobody has, a wrong password and a wrong code get one answer after one and the same work. Every
//! sign-in is a leaf of the log, and so is how often it failed. Deliberately does not know: how a page looks.

use super::members::{details, same};
use super::roles::Doing;
use super::session::Inside;
use super::{Team, codes, password};
use crate::api::unavailable;
use crate::me::session::language;
use crate::problem::Problem;
use crate::web::team::{self as pages, Frame, Tab};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use gate::Member;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use vocabulary::{Language, Moment};

/// How long failures are gathered before the log is told of them.
const GATHER: Duration = Duration::from_secs(60);
/// Longest name and code that are looked at, bytes.
const LONGEST: usize = 200;

/// The query of every page.
#[derive(Deserialize)]
pub(super) struct Shown {
    pub(super) lang: Option<String>,
    /// The word about what was just done.
    #[serde(default)]
    pub(super) said: String,
}

#[derive(Deserialize)]
pub(super) struct SigningIn {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    lang: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Leaving {
    #[serde(default)]
    token: String,
    lang: Option<String>,
}

/// Why nobody came in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum No {
    Wrong,
    TooOften,
}

/// The page that asks for name, password and code.
pub(super) async fn ask(
    State(team): State<Team>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    team.door(language(shown.lang.as_deref(), &headers), "", StatusCode::OK)
}

/// Lets somebody in.
pub(super) async fn sign_in(
    State(team): State<Team>,
    headers: HeaderMap,
    Form(form): Form<SigningIn>,
) -> Result<Response, Problem> {
    let language = language(form.lang.as_deref(), &headers);
    // From elsewhere somebody could be put into a session that is not theirs, and not notice.
    if !team.is_own(&headers) {
        return team.door(language, "stale", StatusCode::FORBIDDEN);
    }
    match team.recognise(&form).await? {
        Ok(member) => {
            let home = format!("{}?lang={}", team.at(""), language.tag());
            team.begin(&headers, &member, Redirect::to(&home).into_response())
                .await
        }
        Err(No::Wrong) => team.door(language, "wrong", StatusCode::UNAUTHORIZED),
        Err(No::TooOften) => {
            let mut page = team.door(language, "too-often", StatusCode::TOO_MANY_REQUESTS)?;
            page.headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from_static("900"));
            Ok(page)
        }
    }
}

/// Ends the session.
pub(super) async fn leave(
    State(team): State<Team>,
    headers: HeaderMap,
    Form(form): Form<Leaving>,
) -> Result<Response, Problem> {
    let asked = (form.lang.as_deref(), form.token.as_str());
    match team.may_post(&headers, asked, Doing::See).await? {
        Ok(inside) => {
            let page = team.door(inside.language, "left", StatusCode::OK)?;
            team.end(&inside, page).await
        }
        Err(page) => Ok(page),
    }
}

/// The first page.
pub(super) async fn overview(
    State(team): State<Team>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let gate = &team.app().gate;
    let applied = gate.programs().await.map_err(unavailable)?.into_iter().next();
    let running = team.app().running();
    let waiting = gate.waiting_programs().await.map_err(unavailable)?;
    let overview = pages::Overview {
        applied: applied.as_ref(),
        program: running.as_deref().map(|running| &running.program),
        waiting: waiting.len(),
        talks: match inside.role.may(Doing::Help) {
            true => gate.waiting_conversations().await.map_err(unavailable)?.0,
            false => 0,
        },
    };
    page(pages::overview(
        &team.frame(&inside, Tab::Overview, &shown.said),
        &overview,
    ))
}

impl Team {
    /// The member of these words, if all of them are right; nobody else learns which was wrong.
    async fn recognise(&self, form: &SigningIn) -> Result<Result<Member, No>, Problem> {
        let (gate, now) = (&self.app().gate, self.app().now());
        let fits = |text: &str| !text.trim().is_empty() && text.len() <= LONGEST;
        if !(fits(&form.name) && fits(&form.code)) || form.password.len() > password::LONGEST {
            return Ok(Err(No::Wrong));
        }
        if !self.0.limits.admit(&form.name, now) {
            return Ok(Err(No::TooOften));
        }
        let all = gate.team().await.map_err(unavailable)?;
        let member = all.into_iter().find(|member| same(&member.name, &form.name));
        let hash = member.as_ref().map(|member| member.password.clone());
        let typed = zeroize::Zeroizing::new(form.password.clone());
        let turn = self.0.reckoning.acquire().await;
        let good = tokio::task::spawn_blocking(move || password::verify(hash.as_deref(), &typed)).await;
        drop(turn);
        let good = good.unwrap_or(false);
        // Of somebody nobody knows the code is reckoned too.
        let nobody = Member::nobody();
        let known = member.as_ref().unwrap_or(&nobody);
        let step = codes::step_of(&known.secret, &form.code, known.last_step, now);
        let recovery = codes::recovery_of(&known.recovery, &form.code);
        let used = match (member, step, recovery) {
            (Some(member), Some(_), _) | (Some(member), None, Some(_)) if good => {
                self.use_up(&member, &form.code, now).await?
            }
            _ => None,
        };
        let Some((member, by)) = used else {
            self.failed().await;
            return Ok(Err(No::Wrong));
        };
        self.0.limits.succeeded(&form.name);
        let reasons = vec![
            "team:signed-in".to_owned(),
            format!("team:role:{}", member.role),
            by.to_owned(),
        ];
        let noted = gate.note_team(true, reasons, details(member.id, now), now).await;
        noted.map_err(unavailable)?;
        Ok(Ok(member))
    }

    /// Takes a code, durably and once: of two who come with the same one, one gets in. Whoever was changed since
    /// they were read comes with old words.
    async fn use_up(
        &self,
        member: &Member,
        code: &str,
        now: Moment,
    ) -> Result<Option<(Member, &'static str)>, Problem> {
        let (before, code) = (member.clone(), code.to_owned());
        let used = self.app().gate.change_team(move |members| {
            let member = members
                .iter_mut()
                .find(|one| one.id == before.id && one.generation == before.generation);
            let member = member.ok_or(())?;
            if let Some(step) = codes::step_of(&member.secret, &code, member.last_step, now) {
                member.last_step = step;
                return Ok((member.clone(), "team:by-code"));
            }
            let at = codes::recovery_of(&member.recovery, &code).ok_or(())?;
            member.recovery.remove(at);
            Ok((member.clone(), "team:by-recovery-code"))
        });
        let used: Result<_, ()> = used.await.map_err(unavailable)?;
        Ok(used.ok())
    }

    /// Counts a failure. The log hears of them within a minute, many at once as one leaf.
    async fn failed(&self) {
        if !self.0.limits.failed() {
            return;
        }
        let team = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GATHER).await;
            team.tell_failures().await;
        });
    }

    /// Writes down how many failed.
    async fn tell_failures(&self) {
        let (count, now) = (self.0.limits.take_untold(), self.app().now());
        if count == 0 {
            return;
        }
        let reasons = vec!["team:sign-in-failed".to_owned(), format!("team:failures:{count}")];
        let details = json!({ "at": now.0, "failures": count }).to_string();
        if let Err(error) = self.app().gate.note_team(false, reasons, details, now).await {
            tracing::warn!(%error, "failed sign-ins could not be written down");
        }
        metrics::counter!("egard_team_sign_in_failures_total").increment(count);
    }

    /// The page of somebody who is not in.
    pub(super) fn door(
        &self,
        language: Language,
        word: &str,
        status: StatusCode,
    ) -> Result<Response, Problem> {
        let answer = pages::door(language, &self.0.root, &self.0.site, word);
        let mut answer = page(answer)?;
        *answer.status_mut() = status;
        Ok(answer)
    }

    /// The page of somebody who may not.
    pub(super) fn refused(&self, inside: &Inside) -> Result<Response, Problem> {
        let mut answer = page(pages::refused(&self.frame(inside, Tab::None, "")))?;
        *answer.status_mut() = StatusCode::FORBIDDEN;
        Ok(answer)
    }

    /// What stands around every page of somebody who is in.
    pub(super) fn frame<'a>(&'a self, inside: &'a Inside, tab: Tab, said: &'a str) -> Frame<'a> {
        Frame {
            language: inside.language,
            root: &self.0.root,
            site: &self.0.site,
            name: &inside.name,
            role: inside.role,
            token: &inside.form,
            tab,
            path: "",
            said,
        }
    }

    /// Back to a page after a change, with a word about it.
    pub(super) fn back(&self, inside: &Inside, path: &str, word: &str) -> Response {
        let to = format!("{}?lang={}&said={word}", self.at(path), inside.language.tag());
        Redirect::to(&to).into_response()
    }
}

/// Markup as an answer; its headers are those of every answer here.
pub(super) fn page(markup: Result<String, askama::Error>) -> Result<Response, Problem> {
    let markup = markup.map_err(|error| {
        tracing::error!(%error, "the page could not be made");
        Problem::internal()
    })?;
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], markup).into_response())
}
