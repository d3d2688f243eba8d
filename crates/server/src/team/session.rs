//! Sessions of the team: a random token in a cookie whose hash the store knows, and the proofs that a form came
//! from our page.
//!
//! Two things are asked of every `POST`: the browser says that it comes from our origin (every browser in use
//! does), and the form carries the session's own token. Deliberately does not know: passwords, pages.

use super::Team;
use super::roles::{Doing, Role};
use crate::api::unavailable;
use crate::me::session::{cookies, language, with_cookie};
use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gate::{Member, TeamSession};
use subtle::ConstantTimeEq as _;
use vocabulary::{Digest, Language};

/// Bytes of a token.
const TOKEN: usize = 32;
/// How often it is written down that a session was used, milliseconds.
const NOTE_MS: i64 = 60_000;

/// Somebody who is in.
pub(super) struct Inside {
    /// Their name.
    pub(super) name: String,
    /// Their role.
    pub(super) role: Role,
    /// What every form carries.
    pub(super) form: String,
    /// The language of the page.
    pub(super) language: Language,
    key: Digest,
}

impl Inside {
    /// Which session it is.
    pub(super) fn key(&self) -> Digest {
        self.key
    }

    /// Whether a form carries its token.
    fn admits(&self, token: &str) -> bool {
        token.as_bytes().ct_eq(self.form.as_bytes()).into()
    }
}

impl Team {
    /// Whoever is in, or the page that asks them to sign in.
    pub(super) async fn enter(
        &self,
        headers: &HeaderMap,
        asked: Option<&str>,
    ) -> Result<Result<Inside, Response>, Problem> {
        let language = language(asked, headers);
        match self.session(headers, language).await? {
            Some(inside) => Ok(Ok(inside)),
            None => Ok(Err(self.door(language, "", StatusCode::UNAUTHORIZED)?)),
        }
    }

    /// Whoever is in and may do this, or the page that says why not.
    pub(super) async fn may(
        &self,
        headers: &HeaderMap,
        asked: Option<&str>,
        doing: Doing,
    ) -> Result<Result<Inside, Response>, Problem> {
        let inside = match self.enter(headers, asked).await? {
            Ok(inside) => inside,
            Err(door) => return Ok(Err(door)),
        };
        match inside.role.may(doing) {
            true => Ok(Ok(inside)),
            false => Ok(Err(self.refused(&inside)?)),
        }
    }

    /// The same for a form.
    pub(super) async fn may_post(
        &self,
        headers: &HeaderMap,
        (asked, token): (Option<&str>, &str),
        doing: Doing,
    ) -> Result<Result<Inside, Response>, Problem> {
        if !self.is_own(headers) {
            return Ok(Err(self.door(
                language(asked, headers),
                "stale",
                StatusCode::FORBIDDEN,
            )?));
        }
        let inside = match self.may(headers, asked, doing).await? {
            Ok(inside) => inside,
            Err(page) => return Ok(Err(page)),
        };
        match inside.admits(token) {
            true => Ok(Ok(inside)),
            false => Ok(Err(self.door(inside.language, "stale", StatusCode::FORBIDDEN)?)),
        }
    }

    async fn session(&self, headers: &HeaderMap, language: Language) -> Result<Option<Inside>, Problem> {
        let Some(token) = self.token(headers) else {
            return Ok(None);
        };
        let (gate, now, key) = (&self.app().gate, self.app().now(), Digest::of(&token));
        let found = gate.team_session(key, now).await.map_err(unavailable)?;
        let Some((session, member)) = found else {
            return Ok(None);
        };
        let idle = now.0.saturating_sub(session.seen);
        if idle >= self.0.idle_ms {
            gate.end_team_session(key).await.map_err(unavailable)?;
            return Ok(None);
        }
        if idle >= NOTE_MS {
            gate.touch_team_session(key, now).await.map_err(unavailable)?;
        }
        // A role that this version does not know may do nothing.
        let Some(role) = Role::parse(&member.role) else {
            return Ok(None);
        };
        Ok(Some(Inside {
            name: member.name.clone(),
            role,
            form: form_of(&token),
            language,
            key,
        }))
    }

    /// Begins a session under a token that nobody has seen before, and ends the one that the browser had.
    pub(super) async fn begin(
        &self,
        headers: &HeaderMap,
        member: &Member,
        response: Response,
    ) -> Result<Response, Problem> {
        let (gate, now) = (&self.app().gate, self.app().now());
        if let Some(before) = self.token(headers) {
            let ended = gate.end_team_session(Digest::of(&before)).await;
            ended.map_err(unavailable)?;
        }
        let mut token = [0; TOKEN];
        getrandom::fill(&mut token).map_err(|_| Problem::unavailable(5))?;
        let session = TeamSession {
            member: member.id,
            generation: member.generation,
            began: now.0,
            seen: now.0,
            until: now.plus(self.0.session_ms).0,
        };
        let begun = gate.begin_team_session(Digest::of(&token), session).await;
        begun.map_err(unavailable)?;
        let cookie = self.cookie(&URL_SAFE_NO_PAD.encode(token), self.0.session_ms / 1_000);
        Ok(with_cookie(response, &cookie))
    }

    /// Ends a session for good, also in a copy of its cookie.
    pub(super) async fn end(&self, inside: &Inside, response: Response) -> Result<Response, Problem> {
        let ended = self.app().gate.end_team_session(inside.key).await;
        ended.map_err(unavailable)?;
        Ok(with_cookie(response, &self.cookie("", 0)))
    }

    /// Whether the browser says that a form came from one of our pages. What says nothing is no browser.
    pub(super) fn is_own(&self, headers: &HeaderMap) -> bool {
        let fetched = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        (fetched.is_some() || origin.is_some())
            && fetched.is_none_or(|site| site == b"same-origin")
            && origin.is_none_or(|origin| origin == self.0.origin.as_bytes())
    }

    fn token(&self, headers: &HeaderMap) -> Option<[u8; TOKEN]> {
        let mut sent = cookies(headers, self.cookie_name());
        let token = sent.next()?;
        // Two of one name: somebody else's page put one there.
        if sent.next().is_some() {
            return None;
        }
        URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()
    }

    /// With the prefix, no other host and no page in the clear can set it (RFC 6265bis, section 4.1.3).
    fn cookie_name(&self) -> &'static str {
        match self.is_secure() {
            true => "__Host-egard-team",
            false => "egard-team",
        }
    }

    fn is_secure(&self) -> bool {
        self.0.origin.starts_with("https://")
    }

    fn cookie(&self, value: &str, seconds: i64) -> String {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let name = self.cookie_name();
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
    }
}

/// The token of a session's forms: whoever reads a page does not know the cookie by it.
fn form_of(token: &[u8; TOKEN]) -> String {
    let form = Digest::of(&[b"egard team form\n".as_slice(), token].concat());
    URL_SAFE_NO_PAD.encode(form.0)
}
