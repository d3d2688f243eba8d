//! The ways into the page: a link, an assertion of the site, a link by e-mail; and the way out.
//!
//! A `GET` opens nothing: mail scanners and browsers fetch links ahead, so a link leads to a page with
//! one button. Known and unknown people get the same answers. Deliberately does not know: what is on
//! the page.

use super::session::language;
use super::{Me, assertion::Asserted};
use crate::problem::Problem;
use crate::web::PAGE_HEADERS;
use crate::web::door::{self, Door, State as At};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gate::{Pass, PassKind, Whom};
use serde::Deserialize;
use vocabulary::Language;

/// The query of a link, and the form behind it.
#[derive(Deserialize)]
pub(super) struct Linked {
    #[serde(default)]
    pass: String,
    lang: Option<String>,
}

/// What the site's page posts.
#[derive(Deserialize)]
pub(super) struct Assertion {
    #[serde(default)]
    assertion: String,
    lang: Option<String>,
}

/// The form that asks for a link by e-mail.
#[derive(Deserialize)]
pub(super) struct Mail {
    #[serde(default)]
    address: String,
    lang: Option<String>,
}

/// The form that ends a session.
#[derive(Deserialize)]
pub(super) struct Leaving {
    #[serde(default)]
    token: String,
    lang: Option<String>,
}

/// The page of a link: a button, or that the link has ended.
pub(super) async fn ask(
    State(me): State<Me>,
    headers: HeaderMap,
    Query(linked): Query<Linked>,
) -> Result<Response, Problem> {
    let language = language(linked.lang.as_deref(), &headers);
    let fresh = match me.read_link(&linked.pass) {
        Some(pass) => {
            let used = me.app().gate.was_used(pass.mark()).await;
            !used.map_err(crate::api::unavailable)?
        }
        None => false,
    };
    match fresh {
        true => me.door(At::Continue { pass: &linked.pass }, language, StatusCode::OK),
        false => me.door(At::Ended, language, StatusCode::GONE),
    }
}

/// Exchanges a link for a session, once.
pub(super) async fn open(
    State(me): State<Me>,
    headers: HeaderMap,
    Form(linked): Form<Linked>,
) -> Result<Response, Problem> {
    let language = language(linked.lang.as_deref(), &headers);
    // From elsewhere somebody could be put into a session that is not theirs, and not notice.
    let pass = me.read_link(&linked.pass).filter(|_| me.is_own(&headers));
    let Some(pass) = pass else {
        return me.door(At::Ended, language, StatusCode::GONE);
    };
    // First used up, durably, then in: a crash in between costs a link, never a second session.
    let first = me.app().gate.use_once(pass.mark()).await;
    match first.map_err(crate::api::unavailable)? {
        true => me.begin(&pass.whom(), language),
        false => me.door(At::Ended, language, StatusCode::GONE),
    }
}

/// The site says who is signed in there.
pub(super) async fn assert(
    State(me): State<Me>,
    headers: HeaderMap,
    Form(posted): Form<Assertion>,
) -> Result<Response, Problem> {
    let language = language(posted.lang.as_deref(), &headers);
    let (gate, now) = (&me.app().gate, me.app().now());
    let asserted = match me.0.issuers.read(&posted.assertion, &me.0.audience, now) {
        Ok(asserted) => asserted,
        Err(fault) => {
            tracing::info!(%fault, "an assertion was not believed");
            return me.door(At::Ended, language, StatusCode::GONE);
        }
    };
    if !gate.remembers_since(asserted.issued) {
        return me.door(At::Ended, language, StatusCode::GONE);
    }
    let number = format!("{}\0{}", asserted.issuer, asserted.number);
    let mark = gate.mark("assertion", &number, asserted.until);
    if !gate.use_once(mark).await.map_err(crate::api::unavailable)? {
        return me.door(At::Ended, language, StatusCode::GONE);
    }
    let whom = Whom {
        user_id: Some(&asserted.subject),
        anonymous_id: None,
    };
    if posted_by(&asserted, &headers) {
        return me.begin(&whom, language);
    }
    // Whoever got hold of an assertion of their own could post it from elsewhere, in somebody else's
    // browser: there it takes a click, as a link does.
    let left = asserted.until.since(now);
    let pass = gate.issue_pass(PassKind::Link, &whom, left, now);
    let pass = URL_SAFE_NO_PAD.encode(pass.map_err(crate::api::unavailable)?);
    me.door(At::Continue { pass: &pass }, language, StatusCode::OK)
}

/// Sends a link to an address if somebody is reached there. The answer is the same, and as fast, if not.
pub(super) async fn send(
    State(me): State<Me>,
    headers: HeaderMap,
    Form(form): Form<Mail>,
) -> Result<Response, Problem> {
    let language = language(form.lang.as_deref(), &headers);
    let Some(mailer) = me.0.mailer.clone() else {
        return me.door(At::Start, language, StatusCode::NOT_FOUND);
    };
    let wanted = crate::mail::is_address(&form.address) && me.is_own(&headers);
    if wanted && me.0.limits.admit(&form.address, me.app().now()) {
        let me = me.clone();
        tokio::spawn(async move {
            let sent = me.send_link(&mailer, &form.address, language).await;
            if let Err(error) = sent {
                tracing::warn!(%error, "a link could not be e-mailed");
            }
        });
    }
    me.door(At::Sent, language, StatusCode::OK)
}

/// Ends the session.
pub(super) async fn leave(
    State(me): State<Me>,
    headers: HeaderMap,
    Form(form): Form<Leaving>,
) -> Result<Response, Problem> {
    let language = language(form.lang.as_deref(), &headers);
    let page = me.door(At::Left, language, StatusCode::OK)?;
    match me.session(&headers).await? {
        Some(session) if session.admits(&form.token) && me.is_own(&headers) => me.end(&session, page).await,
        _ => me.door(At::Start, language, StatusCode::OK),
    }
}

impl Me {
    fn read_link(&self, text: &str) -> Option<Pass> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        self.app()
            .gate
            .read_pass(PassKind::Link, &bytes, self.app().now())
    }

    async fn send_link(
        &self,
        mailer: &crate::mail::Mailer,
        address: &str,
        language: Language,
    ) -> Result<(), crate::mail::Error> {
        let (gate, now) = (&self.app().gate, self.app().now());
        let pass = match gate.issue_pass_to(address, self.0.link_ms, now).await {
            Ok(Some(pass)) => pass,
            Ok(None) => return Ok(()),
            Err(error) => {
                tracing::warn!(%error, "the gate gave no link");
                return Ok(());
            }
        };
        let link = self.link(&pass, Some(language));
        let minutes = u64::try_from(self.0.link_ms / super::MINUTE_MS).unwrap_or_default();
        let message = door::mail(language, &self.0.site, &link, minutes);
        mailer.send(address, message.subject, message.body).await
    }

    /// A page for somebody who is not in.
    pub(super) fn door(
        &self,
        state: At<'_>,
        language: Language,
        status: StatusCode,
    ) -> Result<Response, Problem> {
        let door = Door {
            language,
            root: &self.0.root,
            site: &self.0.site,
            by_mail: self.0.mailer.is_some(),
            state,
        };
        let markup = door::page(&door).map_err(|error| {
            tracing::error!(%error, "the page could not be made");
            Problem::internal()
        })?;
        Ok((status, PAGE_HEADERS, markup).into_response())
    }
}

/// Whether the browser says that the form stood on the issuer's own page.
fn posted_by(asserted: &Asserted, headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).map(|value| value.as_bytes());
    origin == Some(asserted.origin.as_bytes())
}
