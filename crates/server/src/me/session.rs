//! The session of a person: a sealed pass in a cookie, and the proofs that a form came from our page.
//!
//! `SameSite=Lax` and not `Strict`: people come by a link on the site or in a mail, and with `Strict` the
//! first page after it would not know them. Nothing rests on it: whatever changes something is a `POST`
//! that carries the session's own token and, where the browser says where it comes from, our origin.

use super::Me;
use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gate::{Pass, PassKind, Whom};
use subtle::ConstantTimeEq as _;
use vocabulary::Language;

/// Where the word about what was just done is kept until the next page.
const SAID: &str = "egard-said";
/// Longest such word.
const LONGEST_WORD: usize = 32;

/// Somebody who is in.
pub(super) struct Session(Pass);

impl Session {
    /// Who.
    pub(super) fn whom(&self) -> Whom<'_> {
        self.0.whom()
    }

    /// What every form of the page carries.
    pub(super) fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.form())
    }

    /// Whether a form carries it.
    pub(super) fn admits(&self, token: &str) -> bool {
        token.as_bytes().ct_eq(self.token().as_bytes()).into()
    }
}

impl Me {
    /// The session that came with a request, if it has not ended.
    pub(super) async fn session(&self, headers: &HeaderMap) -> Result<Option<Session>, Problem> {
        let now = self.app().now();
        let found = cookies(headers, self.cookie_name())
            .filter_map(|value| URL_SAFE_NO_PAD.decode(value).ok())
            .find_map(|bytes| self.app().gate.read_pass(PassKind::Session, &bytes, now));
        let Some(pass) = found else { return Ok(None) };
        let ended = self.app().gate.was_used(pass.mark()).await;
        let ended = ended.map_err(crate::api::unavailable)?;
        Ok((!ended).then_some(Session(pass)))
    }

    /// Begins a session and goes to the page.
    pub(super) fn begin(&self, whom: &Whom<'_>, language: Language) -> Result<Response, Problem> {
        let (gate, now) = (&self.app().gate, self.app().now());
        let pass = gate
            .issue_pass(PassKind::Session, whom, self.0.session_ms, now)
            .map_err(crate::api::unavailable)?;
        let cookie = self.cookie(
            self.cookie_name(),
            &URL_SAFE_NO_PAD.encode(pass),
            self.0.session_ms / 1_000,
        );
        let response = Redirect::to(&self.page(language)).into_response();
        Ok(with_cookie(response, &cookie))
    }

    /// Ends a session for good, also in a copy of its cookie.
    pub(super) async fn end(&self, session: &Session, response: Response) -> Result<Response, Problem> {
        let used = self.app().gate.use_once(session.0.mark()).await;
        used.map_err(crate::api::unavailable)?;
        Ok(with_cookie(response, &self.cookie(self.cookie_name(), "", 0)))
    }

    /// Back to the page after a change, with a word about it.
    pub(super) fn back(&self, language: Language, word: &'static str, anchor: &str) -> Response {
        let response = Redirect::to(&format!("{}{anchor}", self.page(language))).into_response();
        with_cookie(response, &self.cookie(SAID, word, 60))
    }

    /// The word that [`Me::back`] left, and the cookie that takes it away.
    pub(super) fn said(&self, headers: &HeaderMap) -> Option<(String, String)> {
        let word = cookies(headers, SAID)
            .next()
            .filter(|word| word.len() <= LONGEST_WORD)?;
        Some((word.to_owned(), self.cookie(SAID, "", 0)))
    }

    /// The address of the page in a language.
    pub(super) fn page(&self, language: Language) -> String {
        format!("{}?lang={}", self.at(super::PATH), language.tag())
    }

    /// Whether a form came from one of our pages, as far as the browser says. What it does not say is
    /// left to the token.
    pub(super) fn is_own(&self, headers: &HeaderMap) -> bool {
        let fetched = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        fetched.is_none_or(|site| site == b"same-origin")
            && origin.is_none_or(|origin| origin == self.0.origin.as_bytes())
    }

    /// With the prefix, no other host and no page in the clear can set it (RFC 6265bis, section 4.1.3).
    fn cookie_name(&self) -> &'static str {
        match self.is_secure() {
            true => "__Host-egard-me",
            false => "egard-me",
        }
    }

    fn is_secure(&self) -> bool {
        self.0.origin.starts_with("https://")
    }

    fn cookie(&self, name: &str, value: &str, seconds: i64) -> String {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

/// A response that sets one more cookie.
pub(crate) fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// The values of the cookies of that name.
pub(crate) fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(move |pair| {
            let (known, value) = pair.split_once('=')?;
            (known.trim() == name).then_some(value.trim())
        })
}

/// The language of a page: the one asked for, or else the browser's.
pub(crate) fn language(asked: Option<&str>, headers: &HeaderMap) -> Language {
    let header = || {
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    Language::preferred(asked.unwrap_or_else(header))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(
            "cookie",
            HeaderValue::from_static("a=1; egard-me=x; b=egard-me=no"),
        );
        headers.append("cookie", HeaderValue::from_static("not-egard-me=2;egard-me=y"));
        assert_eq!(cookies(&headers, "egard-me").collect::<Vec<_>>(), ["x", "y"]);
    }
}
