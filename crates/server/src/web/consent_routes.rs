//! The consent page's requests, and the documents by which browsers learn what is asked and which
//! signals are followed.
//!
//! Reading changes nothing; the form is taken from our own page only. A visitor gets a name when they
//! permit something and not before. Deliberately does not know: the store, who the visitor is.

use super::consent::{self, ConsentPage, Said, Standing};
use super::{PAGE_HEADERS, consent_values as values, visitor};
use crate::app::App;
use crate::ingest::{PublicUrl, Site, Sources};
use crate::problem::Problem;
use crate::signals;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use gate::charter::Requester;
use gate::{
    Action, Ask, Component, ConsentGiven, ConsentStates, Consented, Evidence, Gate, Notice, Shown, Whom,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use vocabulary::{Language, PurposeName, PurposeSet, Signals};

/// Where a browser finds what is asked (ADPC draft, section 7.1).
pub const REQUESTS_PATH: &str = "/consent-requests.json";
/// When support of Global Privacy Control was last changed, for `gpc.json`.
const GPC_SINCE: &str = "2026-11-22";

/// What the handlers of the page and of the dialogue share.
#[derive(Clone)]
pub(super) struct Asking {
    pub(super) app: App,
    pub(super) sources: Arc<Sources>,
    pub(super) public_url: Arc<str>,
}

/// The page, its form, the dialogue for the pages of others, and the two documents.
pub fn router(app: App, sources: Sources, public_url: &PublicUrl) -> Router {
    let asking = Asking {
        app,
        sources: Arc::new(sources),
        public_url: Arc::from(public_url.to_string()),
    };
    Router::new()
        .route(consent::PATH, get(show).post(choose))
        .route(REQUESTS_PATH, get(requests))
        .route("/.well-known/gpc.json", get(gpc))
        .merge(super::consent_dialogue::router(&asking))
        .with_state(asking)
}

/// With the `Link` by which each page says what is asked (ADPC draft, sections 7.1 and 7.1.1), so that a
/// browser can answer for the person.
pub fn linked(router: Router, gate: Gate, public_url: PublicUrl) -> Router {
    router.layer(axum::middleware::map_response(move |response: Response| {
        let link = link(&public_url, gate.notices().in_force().next().is_some());
        async move { with_link(response, &link) }
    }))
}

fn link(public_url: &PublicUrl, asks: bool) -> String {
    match asks {
        true => format!("<{public_url}{REQUESTS_PATH}>; rel=\"consent-requests\"; hreflang=\"en fr\""),
        false => "<about:blank>; rel=\"consent-requests\"".to_owned(),
    }
}

fn with_link(mut response: Response, link: &str) -> Response {
    let content = response.headers().get(header::CONTENT_TYPE);
    let page = content.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if let (true, Ok(link)) = (page, HeaderValue::from_str(link)) {
        response.headers_mut().append(header::LINK, link);
    }
    response
}

/// The query of the page.
#[derive(Deserialize)]
struct PageQuery {
    #[serde(default)]
    source: String,
    #[serde(default)]
    notice: String,
    lang: Option<String>,
    #[serde(default)]
    said: String,
}

async fn show(
    State(asking): State<Asking>,
    headers: HeaderMap,
    Query(shown): Query<PageQuery>,
) -> Result<Response, Problem> {
    let language = language(shown.lang.as_deref(), &headers);
    let site = asking.sources.site(&shown.source);
    let notices = asking.app.gate.notices();
    let mut view = ConsentPage {
        language,
        source: site
            .as_ref()
            .map(|site| site.name.to_string())
            .unwrap_or_default(),
        said: Said::parse(&shown.said),
        ..ConsentPage::default()
    };
    if let Some(notice) = values::notice(&notices, &shown.notice) {
        let said = signals::Said::read(&headers);
        let signals = asking.signals(site.as_ref(), said.gpc());
        let states = asking
            .states(visitor::visitor(&headers).as_deref(), signals)
            .await?;
        let open = asking.states(None, signals).await?.ask().and(notice.purposes());
        view.signal = values::signal(said.gpc(), said.wishes(&signals::requests(&notices)), open);
        view.standing = values::standing(&states, notice, visitor::answer(&headers, &notice.digest()));
        view.notice = Some(values::asked(notice, language, values::given(&states)));
    }
    let markup = consent::page(&view).map_err(|error| {
        tracing::error!(%error, "the consent page could not be made");
        Problem::internal()
    })?;
    Ok((PAGE_HEADERS, markup).into_response())
}

/// The fields of the form.
struct Answered {
    language: Language,
    source: String,
    notice: String,
    version: String,
    text: String,
    choice: String,
    purposes: Vec<PurposeName>,
}

impl Answered {
    fn of(fields: Vec<(String, String)>, headers: &HeaderMap) -> Answered {
        let field = |name: &str| {
            let found = fields.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        let purposes = fields.iter().filter(|(name, _)| name == "purpose");
        Answered {
            language: language(field("lang").as_deref(), headers),
            source: field("source").unwrap_or_default(),
            notice: field("notice").unwrap_or_default(),
            version: field("version").unwrap_or_default(),
            text: field("text").unwrap_or_default(),
            choice: field("choice").unwrap_or_default(),
            purposes: purposes
                .filter_map(|(_, name)| PurposeName::parse(name))
                .collect(),
        }
    }

    /// What is permitted, and by which act; `None` if the form's button is none of ours.
    fn choice(&self, asked: PurposeSet, standing: Standing) -> Option<(PurposeSet, Action)> {
        match self.choice.as_str() {
            "all" => Some((asked, Action::AcceptAll)),
            "none" if standing == Standing::Given => Some((PurposeSet::NONE, Action::Withdraw)),
            "none" => Some((PurposeSet::NONE, Action::RefuseAll)),
            "some" => {
                let ticked: PurposeSet = self.purposes.iter().copied().collect();
                Some((ticked.and(asked), Action::Save))
            }
            _ => None,
        }
    }
}

async fn choose(
    State(asking): State<Asking>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let answered = Answered::of(fields, &headers);
    let site = asking.sources.site(&answered.source);
    let notices = asking.app.gate.notices();
    let current = notices.current(&answered.notice).filter(|notice| {
        let text = notice.text(answered.language).digest.to_string();
        notice.version().to_string() == answered.version && text == answered.text
    });
    let ours = visitor::from_our_page(&headers, visitor::origin_of(&asking.public_url));
    let (Some(site), Some(notice), true) = (site, current, ours) else {
        return Ok(back(&answered, Said::Stale));
    };
    let known = visitor::visitor(&headers);
    let said = signals::Said::read(&headers);
    let signals = asking.signals(Some(&site), said.gpc());
    let states = asking.states(known.as_deref(), signals).await?;
    let standing = values::standing(&states, notice, None);
    let Some((given, action)) = answered.choice(notice.purposes(), standing) else {
        return Ok(back(&answered, Said::Stale));
    };
    let name = match known.clone() {
        Some(name) => Some(name),
        // Nobody needs a name to say no.
        None if given.is_empty() => None,
        None => Some(visitor::fresh().ok_or_else(Problem::internal)?),
    };
    if let Some(name) = &name {
        let mut evidence = Evidence::new(Component::Form, action);
        evidence.shown = Some(shown(notice, answered.language));
        evidence.page = Some(format!("{}{}", asking.public_url, consent::PATH));
        (evidence.gpc, evidence.adpc) = (said.gpc(), said.adpc());
        let choices = choices(notice.purposes(), given);
        asking
            .consent(name, ConsentGiven::new(choices, evidence), &site, &said, signals)
            .await?;
    }
    let done = if given.is_empty() {
        Said::Refused
    } else {
        Said::Given
    };
    let mut response = back(&answered, done);
    let secure = asking.public_url.starts_with("https://");
    let remembered = visitor::Answer {
        day: asking.app.now().day(),
        given,
    };
    let mut cookies = vec![visitor::set(
        visitor::ANSWER,
        &remembered.to_text(&notice.digest()),
        secure,
    )];
    if let (None, Some(name)) = (known, name) {
        cookies.push(visitor::set(visitor::VISITOR, &name, secure));
    }
    for cookie in cookies {
        let value = HeaderValue::try_from(cookie).map_err(|_| Problem::internal())?;
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

impl Asking {
    pub(super) fn signals(&self, site: Option<&Site>, gpc: bool) -> Signals {
        Signals {
            gpc,
            child_directed: site.is_some_and(|site| site.child_directed),
        }
    }

    /// What a visitor chose, or what a stranger could.
    pub(super) async fn states(
        &self,
        visitor: Option<&str>,
        signals: Signals,
    ) -> Result<ConsentStates, Problem> {
        let whom = Whom {
            user_id: None,
            anonymous_id: visitor,
        };
        let ask = Ask {
            signals,
            requester: Requester::Person,
            now: self.app.now(),
        };
        let states = self.app.gate.consent_state(&whom, ask).await;
        states.map_err(crate::api::unavailable)
    }

    /// Records a choice of a visitor, after what their browser says for them.
    pub(super) async fn consent(
        &self,
        visitor: &str,
        given: ConsentGiven,
        site: &Site,
        said: &signals::Said,
        signals: Signals,
    ) -> Result<Consented, Problem> {
        let whom = Whom {
            user_id: None,
            anonymous_id: Some(visitor),
        };
        let (gate, now, source) = (&self.app.gate, self.app.now(), site.name.as_str());
        said.remember(gate, &whom, signals, source, now)
            .await
            .map_err(crate::api::unavailable)?;
        let kept = gate.consent(&whom, given, source, now).await;
        kept.map_err(crate::api::unavailable)?
            .map_err(crate::api::consents::refused)
    }
}

/// The notice as evidence names it.
fn shown(notice: &Notice, language: Language) -> Shown {
    Shown {
        notice: notice.id().to_owned(),
        version: notice.version(),
        language,
        text: None,
    }
}

/// An answer for each purpose that was asked for.
pub(super) fn choices(asked: PurposeSet, given: PurposeSet) -> Vec<(PurposeName, bool)> {
    asked
        .iter()
        .map(|purpose| (purpose, given.contains(purpose)))
        .collect()
}

/// Back to the page, with something to say.
fn back(answered: &Answered, said: Said) -> Response {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    // Only what can be a name of ours goes into an address.
    let name = |text: &'_ str| {
        if text.bytes().all(plain) {
            text.to_owned()
        } else {
            String::new()
        }
    };
    let address = consent::address(
        &name(&answered.source),
        &name(&answered.notice),
        answered.language,
    );
    Redirect::to(&format!("{address}&said={}", said.as_str())).into_response()
}

/// A document for any page's scripts and any cache.
pub(super) fn public(document: &Value, language: Option<Language>) -> Response {
    let mut headers: Vec<(HeaderName, &str)> = vec![
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    if let Some(language) = language {
        headers.push((header::CONTENT_LANGUAGE, language.tag()));
        headers.push((header::VARY, "accept-language"));
    }
    let mut response = Json(document).into_response();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Global Privacy Control is followed (W3C draft, section 5).
async fn gpc() -> Response {
    public(&json!({ "gpc": true, "lastUpdate": GPC_SINCE }), None)
}

/// What is asked, in the language of the request (ADPC draft, section 7.1).
async fn requests(
    State(asking): State<Asking>,
    headers: HeaderMap,
    Query(shown): Query<PageQuery>,
) -> Response {
    let language = language(shown.lang.as_deref(), &headers);
    let notices = asking.app.gate.notices();
    let wording = |request: &crate::adpc::ConsentRequest| {
        let notice = notices.get(&request.notice, request.version)?;
        let words = notice.text(language);
        let purpose = words.purposes.iter().find(|p| p.purpose == request.purpose)?;
        Some(json!({
            "id": request.id,
            "text": format!("{} \u{2013} {}", purpose.label, purpose.text),
        }))
    };
    let asked: Vec<Value> = signals::requests(&notices).iter().filter_map(wording).collect();
    public(&json!({ "consentRequests": asked }), Some(language))
}

/// The language that was chosen, or the first of the browser's that we speak.
pub(super) fn language(chosen: Option<&str>, headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    let chosen = chosen.and_then(Language::of_tag);
    chosen.unwrap_or_else(|| Language::preferred(accepted.unwrap_or_default()))
}
