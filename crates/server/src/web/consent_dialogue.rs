//! The consent dialogue for the pages of a site: its script, its words, and the two requests it makes.
//!
//! A site's page may stand at another origin. It is known by the source's write key *and* by an origin
//! that the settings name for that source; no cookie travels here. A visitor is named by their own
//! `anonymousId` and never by a `userId`: a write key stands in web pages, and whoever has one must not
//! be able to answer for a customer. Deliberately does not know: the store, who the visitor is.

use super::assets;
use super::consent::{asked_by, version};
use super::consent_routes::{Asking, choices, language, public};
use super::{consent_values as values, visitor};
use crate::api::{Body, records};
use crate::identifier::{Identifier, Named};
use crate::ingest::Site;
use crate::problem::Problem;
use crate::signals;
use crate::words::Words;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use gate::{Action, Component, ConsentGiven, Consented, Evidence, Shown};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use vocabulary::{Language, PurposeName, PurposeSet};

/// Longest address of a page that is taken, bytes.
const LONGEST_PAGE: usize = 2048;

/// The dialogue's endpoints.
pub(super) fn router(asking: &Asking) -> Router<Asking> {
    Router::new()
        .route("/consent/state", post(state).options(preflight))
        .route("/consent/choice", post(choose).options(preflight))
        .route_layer(from_fn_with_state(asking.clone(), allow))
        .route("/consent/dialogue.js", get(script))
        .route("/consent/notice.json", get(notice))
}

/// The script. Its address does not change, so it is asked for again after a while.
async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, assets::DIALOGUE.content_type),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ];
    (headers, assets::DIALOGUE.body).into_response()
}

#[derive(Deserialize)]
struct NoticeQuery {
    #[serde(default)]
    id: String,
    lang: Option<String>,
}

/// The notice in force, with every word the dialogue says.
async fn notice(
    State(asking): State<Asking>,
    headers: HeaderMap,
    Query(query): Query<NoticeQuery>,
) -> Response {
    let language = language(query.lang.as_deref(), &headers);
    let notices = asking.app.gate.notices();
    let Some(notice) = values::notice(&notices, &query.id) else {
        return public(&Value::Null, Some(language));
    };
    let asked = values::asked(notice, language, PurposeSet::NONE);
    let words = Words::of(language);
    let purposes: Vec<Value> = asked
        .purposes
        .iter()
        .map(|p| json!({ "name": p.name, "label": p.label, "text": p.text }))
        .collect();
    let document = json!({
        "id": asked.id,
        "version": asked.version,
        "textHash": asked.text_hash,
        "notice": visitor::short(&notice.digest()),
        "language": language.tag(),
        "title": asked.title,
        "text": asked.text,
        "purposes": purposes,
        "words": {
            "accept": words.say("ask-accept"),
            "refuse": words.say("ask-refuse"),
            "withdraw": words.say("ask-withdraw"),
            "save": words.say("ask-save"),
            "change": words.say("ask-change"),
            "close": words.say("ask-close"),
            "each": words.say("ask-each"),
            "same": words.say("ask-same"),
            "failed": words.say("ask-failed"),
            "signal": words.say("ask-signal-gpc"),
            "signalled": words.say("ask-signal-adpc"),
            "given": words.say("ask-said-given"),
            "refused": words.say("ask-said-refused"),
            "by": asked_by(words, &asked),
            "version": version(words, &asked),
        },
    });
    public(&document, Some(language))
}

/// Whose page asks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Asked {
    write_key: String,
    #[serde(default)]
    anonymous_id: Option<Identifier>,
    #[serde(default)]
    notice: String,
}

/// What stands for a visitor, and whether to ask. Somebody unknown is answered as somebody who never
/// answered.
async fn state(
    State(asking): State<Asking>,
    headers: HeaderMap,
    Body(asked): Body<Asked>,
) -> Result<Response, Problem> {
    let site = asking.site(&headers, &asked.write_key)?;
    let name = name_of(asked.anonymous_id.as_ref())?;
    let notices = asking.app.gate.notices();
    let Some(notice) = values::notice(&notices, &asked.notice) else {
        return Ok(private(json!({ "ask": [], "given": [], "answeredBy": null })));
    };
    let said = signals::Said::read(&headers);
    let signals = asking.signals(Some(&site), said.gpc());
    asking.remember(name.as_deref(), &site, &said, signals).await?;
    let states = asking.states(name.as_deref(), signals).await?;
    let open = asking.states(None, signals).await?.ask().and(notice.purposes());
    let wishes = said.wishes(&signals::requests(&notices));
    let answered_by = match values::signal(said.gpc(), wishes, open) {
        Some(super::consent::Signal::Gpc) => Some("gpc"),
        Some(super::consent::Signal::Adpc) => Some("adpc"),
        None => None,
    };
    let asks = if wishes.answered {
        PurposeSet::NONE
    } else {
        states.ask()
    };
    Ok(private(json!({
        "ask": names(asks.and(notice.purposes())),
        "given": names(values::given(&states).and(notice.purposes())),
        "answeredBy": answered_by,
    })))
}

/// A choice made in the dialogue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Chosen {
    write_key: String,
    anonymous_id: Identifier,
    notice: String,
    version: u32,
    text_hash: String,
    language: Language,
    action: String,
    choices: BTreeMap<String, bool>,
    #[serde(default)]
    page: Option<String>,
}

async fn choose(
    State(asking): State<Asking>,
    headers: HeaderMap,
    Body(chosen): Body<Chosen>,
) -> Result<Response, Problem> {
    let site = asking.site(&headers, &chosen.write_key)?;
    let name = name_of(Some(&chosen.anonymous_id))?.unwrap_or_default();
    let wrong = |pointer: &str, detail: &str| Problem::invalid(Vec::new()).field(pointer, detail);
    let action = match Action::parse(&chosen.action) {
        Some(action @ (Action::AcceptAll | Action::RefuseAll | Action::Save | Action::Withdraw)) => action,
        _ => {
            return Err(wrong(
                "/action",
                "say `accept_all`, `refuse_all`, `save` or `withdraw`",
            ));
        }
    };
    let mut given = PurposeSet::NONE;
    let mut asked = PurposeSet::NONE;
    for (name, yes) in &chosen.choices {
        let purpose = PurposeName::parse(name)
            .ok_or_else(|| wrong("/choices", "a purpose is one that the notice asks for"))?;
        asked = asked.with(purpose);
        given = if *yes { given.with(purpose) } else { given };
    }
    let text = chosen.text_hash.parse();
    let text = text.map_err(|_| wrong("/textHash", "the hash has 64 hexadecimal digits"))?;
    if chosen.page.as_ref().is_some_and(|page| page.len() > LONGEST_PAGE) {
        return Err(wrong("/page", "an address has 2048 bytes at most"));
    }
    let said = signals::Said::read(&headers);
    let signals = asking.signals(Some(&site), said.gpc());
    let mut evidence = Evidence::new(Component::Dialogue, action);
    evidence.shown = Some(Shown {
        notice: chosen.notice,
        version: chosen.version,
        language: chosen.language,
        text: Some(text),
    });
    evidence.page = chosen.page;
    (evidence.gpc, evidence.adpc) = (said.gpc(), said.adpc());
    let given = ConsentGiven::new(choices(asked, given), evidence);
    let kept = asking.consent(&name, given, &site, &said, signals).await?;
    let states = asking.states(Some(&name), signals).await?;
    let record = match kept {
        Consented::Kept(record) => record.map(records::show_id),
        Consented::NotKept => None,
    };
    Ok(private(
        json!({ "given": names(values::given(&states)), "record": record }),
    ))
}

impl Asking {
    /// The site whose page sent this, known by its key and its origin.
    fn site(&self, headers: &HeaderMap, write_key: &str) -> Result<Site, Problem> {
        let json = headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        if !json.is_some_and(|kind| kind.starts_with("application/json")) {
            // What a form of another page can send without asking is not taken.
            return Err(Problem::bad_request("send `content-type: application/json`"));
        }
        let origin = origin(headers).unwrap_or_default();
        let ours = visitor::origin_of(&self.public_url);
        self.sources.site_at(write_key, origin, ours).ok_or_else(|| {
            Problem::new(StatusCode::FORBIDDEN, "origin", "this page may not ask here")
                .detail("name the page's origin in the `origins` of the source that has this write key")
        })
    }

    async fn remember(
        &self,
        visitor: Option<&str>,
        site: &Site,
        said: &signals::Said,
        signals: vocabulary::Signals,
    ) -> Result<(), Problem> {
        let whom = gate::Whom {
            user_id: None,
            anonymous_id: visitor,
        };
        let (gate, now) = (&self.app.gate, self.app.now());
        let remembered = said.remember(gate, &whom, signals, site.name.as_str(), now).await;
        remembered.map_err(crate::api::unavailable)
    }
}

fn name_of(id: Option<&Identifier>) -> Result<Option<String>, Problem> {
    let mut errors = Vec::new();
    let named = Named::read(None, id, &mut errors);
    match errors.is_empty() {
        true => Ok(named.whom().anonymous_id.map(str::to_owned)),
        false => Err(Problem::invalid(errors)),
    }
}

fn names(purposes: PurposeSet) -> Vec<&'static str> {
    purposes.iter().map(PurposeName::as_str).collect()
}

fn private(document: Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(document)).into_response()
}

fn origin(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ORIGIN)?.to_str().ok()
}

/// The answer to a preflight; what is allowed is added for all answers alike.
async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type"),
        (header::ACCESS_CONTROL_MAX_AGE, "3600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Lets the pages of our sites, and of nobody else, read the answers; never with cookies.
async fn allow(State(asking): State<Asking>, request: Request, next: Next) -> Response {
    let known = origin(request.headers())
        .filter(|origin| asking.sources.has_origin(origin))
        .and_then(|origin| HeaderValue::from_str(origin).ok());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = known {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}
