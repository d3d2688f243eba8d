//! Messages inside an app: it collects those that wait for somebody, and says what they did with them.
//!
//! The site's server asks with its key for whomever it serves, a person or a visitor, as it sends their events; or the
//! person asks themselves, by an assertion or in their session. What nobody collects has not left.
//!
//! Deliberately does not know: what may be shown (`gate`), what it says (`decide`), how an app looks.

use super::Me;
use super::contract::Themselves;
use crate::api::records::show_id;
use crate::api::{Body, signals, unavailable};
use crate::auth::Caller;
use crate::identifier::{Identifier, Named};
use crate::ingest::clock::rfc3339;
use crate::outgoing::{Collected, links_of};
use crate::problem::{FieldProblem, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use decide::compose::{Mark, Outgoing};
use gate::charter::Requester;
use gate::dispatch::{Noted, Said, Shown};
use gate::{Ask, Unavailable, Whom};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use utoipa::ToSchema;
use vocabulary::{Channel, Language, Moment};

/// How far back calls count, milliseconds.
const WINDOW_MS: i64 = 60_000;
/// Calls for one person within that time.
const EACH: usize = 30;
/// Calls altogether.
const ALL: usize = 60_000;

/// For whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct InAppAsked {
    /// With a key of the site: its identifier of the person.
    #[serde(default)]
    pub user_id: Option<Identifier>,
    /// With a key of the site: the browser's or device's identifier of the visitor.
    #[serde(default)]
    pub anonymous_id: Option<Identifier>,
    /// Without a key: an assertion of the site for this person alone, used once.
    #[serde(default)]
    pub assertion: Option<String>,
    /// Without a key, in the person's own session (cookie): its token.
    #[serde(default)]
    pub token: Option<String>,
}

/// What somebody did with a message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct InAppSaid {
    /// `seen`, `acted` or `dismissed`.
    pub what: String,
    /// As for collecting.
    #[serde(default)]
    pub user_id: Option<Identifier>,
    /// As for collecting.
    #[serde(default)]
    pub anonymous_id: Option<Identifier>,
    /// As for collecting.
    #[serde(default)]
    pub assertion: Option<String>,
    /// As for collecting.
    #[serde(default)]
    pub token: Option<String>,
}

/// What waits.
#[derive(Serialize, ToSchema)]
pub struct InAppMessages {
    /// Those that are new, and those that were collected and not seen yet.
    pub messages: Vec<InAppMessage>,
}

/// A message to be shown inside the app.
#[derive(Serialize, ToSchema)]
pub struct InAppMessage {
    /// By this the app says what became of it; the same each time it is collected.
    pub id: String,
    /// One line; may be empty.
    pub title: String,
    /// The words: text, no markup.
    pub text: String,
    /// Their language: `en` or `fr`.
    #[schema(value_type = String, example = "fr")]
    pub language: Language,
    /// Since when it is in this list, RFC 3339.
    pub since: String,
    /// The page that says why it came, to be shown with it.
    pub why: String,
    /// The page by which it stops, to be shown with it.
    pub leave: String,
    /// The page by which somebody talks to a human about it, to be shown with it.
    pub human: String,
    /// The record of the decision.
    pub record: String,
}

type Answer = ([(HeaderName, &'static str); 1], Json<InAppMessages>);

/// Collects the messages that wait for somebody inside the app. What is answered counts from then on; before, it has
/// not left. Until it is said to be seen, acted on or dismissed it is answered again.
#[utoipa::path(
    post,
    path = "/v1/in-app",
    request_body = InAppAsked,
    responses(
        (status = 200, body = InAppMessages),
        (status = 400, description = "not JSON, or not of this shape"),
        (status = 403, description = "neither a key of the site, nor an assertion that is believed, nor a session of the person"),
        (status = 422, description = "a field has a value that cannot be"),
        (status = 429, description = "asked more than 30 times a minute for one person"),
        (status = 503, description = "the store does not accept writes"),
    ),
    security(("api_key" = []), ())
)]
pub async fn collect(
    State(me): State<Me>,
    caller: Result<Caller, Problem>,
    headers: HeaderMap,
    Body(asked): Body<InAppAsked>,
) -> Result<Answer, Problem> {
    let names = (asked.user_id.as_ref(), asked.anonymous_id.as_ref());
    let who = me
        .who(caller, &headers, names, (asked.assertion, asked.token))
        .await?;
    let app = me.app().clone();
    let now = app.now();
    let ask = Ask {
        signals: signals(&headers),
        requester: Requester::System,
        now,
    };
    let collected = tokio::task::spawn_blocking(move || {
        let running = app.running();
        let words = running.and_then(|running| running.words());
        let Some(words) = words else {
            return Ok(Vec::new());
        };
        let shown = app.gate.collect(&who.whom(), ask, &Collected(&words))?;
        let new = shown.iter().filter(|one| one.since == now).count() as u64;
        app.note_outbox("left", [(Channel::InApp.as_str(), new)]);
        metrics::counter!("egard_messages_total", "channel" => Channel::InApp.as_str(), "outcome" => "accepted")
            .increment(new);
        Ok::<_, Unavailable>(
            shown
                .into_iter()
                .filter_map(|one| message(&app, one, now))
                .collect(),
        )
    });
    let messages = collected.await.unwrap_or(Err(Unavailable::Stopped));
    let messages = messages.map_err(unavailable)?;
    Ok((
        [(header::CACHE_CONTROL, "no-store")],
        Json(InAppMessages { messages }),
    ))
}

/// Says what somebody did with a message that was collected for them. Idempotent; after `acted` or `dismissed` a `seen`
/// changes nothing.
#[utoipa::path(
    post,
    path = "/v1/in-app/{id}",
    params(("id" = String, Path, description = "of the message")),
    request_body = InAppSaid,
    responses(
        (status = 204, description = "on record"),
        (status = 400, description = "not JSON, or not of this shape"),
        (status = 403, description = "neither a key of the site, nor an assertion that is believed, nor a session of the person"),
        (status = 404, description = "nothing of that name was collected for them, or too long ago"),
        (status = 422, description = "a field has a value that cannot be"),
        (status = 429, description = "asked more than 30 times a minute for one person"),
        (status = 503, description = "the store does not accept writes"),
    ),
    security(("api_key" = []), ())
)]
pub async fn say(
    State(me): State<Me>,
    Path(id): Path<String>,
    caller: Result<Caller, Problem>,
    headers: HeaderMap,
    Body(told): Body<InAppSaid>,
) -> Result<StatusCode, Problem> {
    let said = Said::ALL.into_iter().find(|said| said.as_str() == told.what);
    let said = said.ok_or_else(|| {
        let detail = "say `seen`, `acted` or `dismissed`";
        Problem::invalid(vec![FieldProblem::new("/what", detail)])
    })?;
    let names = (told.user_id.as_ref(), told.anonymous_id.as_ref());
    let who = me
        .who(caller, &headers, names, (told.assertion, told.token))
        .await?;
    let unknown = || Problem::not_found("message");
    let id = unhex(&id).ok_or_else(unknown)?;
    let app = me.app();
    let noted = app.gate.said_of_shown(&who.whom(), id, said, app.now()).await;
    match noted.map_err(unavailable)? {
        Noted::Unknown => Err(unknown()),
        Noted::Noted | Noted::Closed(_) => Ok(StatusCode::NO_CONTENT),
    }
}

impl Me {
    /// Whom a call is about: whomever a key of the site names, or else the person who proves it.
    async fn who(
        &self,
        caller: Result<Caller, Problem>,
        headers: &HeaderMap,
        (user_id, anonymous_id): (Option<&Identifier>, Option<&Identifier>),
        (assertion, token): (Option<String>, Option<String>),
    ) -> Result<Themselves, Problem> {
        let who = match caller {
            Ok(_) => {
                let mut errors = Vec::new();
                let named = Named::read(user_id, anonymous_id, &mut errors);
                let named = named.needed("", "name `userId` or `anonymousId`", &mut errors);
                if !errors.is_empty() {
                    return Err(Problem::invalid(errors));
                }
                let Whom {
                    user_id,
                    anonymous_id,
                } = named.whom();
                Themselves {
                    user_id: user_id.map(str::to_owned),
                    anonymous_id: anonymous_id.map(str::to_owned),
                }
            }
            Err(_) => self.themselves(headers, assertion, token).await?,
        };
        match self.0.collecting.admit(&who, self.app().now()) {
            true => Ok(who),
            false => Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many",
                "asked too often for this person",
            )),
        }
    }
}

fn message(app: &crate::app::App, shown: Shown<Outgoing>, now: Moment) -> Option<InAppMessage> {
    let links = links_of(app, shown.person, Channel::InApp, shown.record, now)?;
    let base = app.office.public_url.trim_end_matches('/');
    let link = |path: &str, mark: Mark| Some(format!("{base}/{path}/{}", links.get(&mark)?));
    let Outgoing::InApp {
        title,
        text,
        language,
    } = shown.letter.with_links(&links)
    else {
        return None;
    };
    Some(InAppMessage {
        id: shown.id.iter().map(|byte| format!("{byte:02x}")).collect(),
        title,
        text,
        language,
        since: rfc3339(shown.since),
        why: link("why", Mark::Why)?,
        leave: link("u", Mark::Unsubscribe)?,
        human: link("human", Mark::Human)?,
        record: show_id(shown.record),
    })
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    let text =
        Some(text).filter(|text| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes)
}

/// How often somebody is asked for: calls of the last minute, by a hash under a key of this process.
#[derive(Default)]
pub(super) struct Limits {
    key: RandomState,
    recent: Mutex<VecDeque<(Moment, u64)>>,
}

impl Limits {
    fn admit(&self, who: &Themselves, now: Moment) -> bool {
        let hash = self.key.hash_one((&who.user_id, &who.anonymous_id));
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        // In the order of coming; one of the future, after a clock was set back, counts no longer.
        while recent
            .front()
            .is_some_and(|(at, _)| now.since(*at).abs() >= WINDOW_MS)
        {
            recent.pop_front();
        }
        let same = recent.iter().filter(|(_, known)| *known == hash).count();
        let admitted = same < EACH && recent.len() < ALL;
        if admitted {
            recent.push_back((now, hash));
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_asked_for_thirty_times_a_minute_and_others_still_are() {
        let who = |name: &str| Themselves {
            user_id: Some(name.to_owned()),
            anonymous_id: None,
        };
        let limits = Limits::default();
        for _ in 0..EACH {
            assert!(limits.admit(&who("ann"), Moment(0)));
        }
        assert!(!limits.admit(&who("ann"), Moment(59_999)));
        assert!(limits.admit(&who("ben"), Moment(0)));
        assert!(limits.admit(&who("ann"), Moment(60_000)));
    }

    #[test]
    fn a_name_of_a_message_is_thirty_two_digits() {
        assert_eq!(unhex(&"0f".repeat(16)), Some([15; 16]));
        for bad in ["", "0f", &"0g".repeat(16), &"+1".repeat(16), &"é".repeat(16)] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
    }
}
