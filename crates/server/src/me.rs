//! The person's page: how somebody gets in, and what they can do there.
//!
//! Three ways in, one session: a link that the site's server asks for, an assertion that the site
//! signs, a link by e-mail. A link or an assertion opens a session once; a session is a sealed cookie.
//! Whatever changes something is a `POST` from this very page with the session's own token. Deliberately
//! does not know: the store, keys, how a page looks.

mod acts;
pub mod assertion;
mod certificates;
pub mod contract;
mod contract_page;
mod entrance;
pub mod in_app;
mod limits;
pub mod links;
mod message;
pub mod openness;
mod outbox;
mod own_page;
pub(crate) mod own_words;
pub(crate) mod session;
pub mod settings;
pub(crate) mod talk_page;
mod values;

use crate::app::App;
use crate::mail::{self, Mailer};
use crate::settings::Settings;
use axum::Router;
use axum::routing::{get, post};
use limits::Limits;
use std::sync::Arc;

/// The address of the page.
pub const PATH: &str = "/me";
const MINUTE_MS: i64 = 60_000;

/// The page cannot be served with these settings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An issuer of assertions.
    #[error(transparent)]
    Issuer(#[from] assertion::Error),
    /// The mail server.
    #[error(transparent)]
    Mail(#[from] mail::Error),
}

/// What the handlers of the page share; cheap to clone.
#[derive(Clone)]
pub struct Me(Arc<Inner>);

struct Inner {
    app: App,
    issuers: assertion::Issuers,
    mailer: Option<Mailer>,
    limits: Limits,
    collecting: in_app::Limits,
    /// `public_url`, as it is in assertions and links.
    audience: String,
    /// Scheme, host and port of it, as browsers send them in `Origin`.
    origin: String,
    /// Its path, in front of every address of the page.
    root: String,
    site: String,
    contact: String,
    authority: (String, String),
    link_ms: i64,
    session_ms: i64,
}

impl Me {
    /// The page of an application.
    pub fn new(app: App, settings: &Settings) -> Result<Me, Error> {
        let audience = settings.public_url.trim_end_matches('/').to_owned();
        let (scheme, place) = audience.split_once("://").unwrap_or(("http", &audience));
        let (host, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        let origin = format!("{scheme}://{}", host.to_ascii_lowercase());
        let me = &settings.me;
        Ok(Me(Arc::new(Inner {
            app,
            issuers: assertion::Issuers::new(&me.issuers)?,
            mailer: me.mail.as_ref().map(Mailer::new).transpose()?,
            limits: Limits::default(),
            collecting: in_app::Limits::default(),
            origin,
            root: path.to_owned(),
            site: site(settings),
            contact: me.contact.clone(),
            authority: (me.authority.clone(), me.authority_url.clone()),
            link_ms: i64::from(me.link_minutes) * MINUTE_MS,
            session_ms: i64::from(me.session_minutes) * MINUTE_MS,
            audience,
        })))
    }

    fn app(&self) -> &App {
        &self.0.app
    }

    /// An address of the page as browsers must ask for it.
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0.root)
    }
}

impl axum::extract::FromRef<Me> for crate::auth::ApiKeys {
    fn from_ref(me: &Me) -> crate::auth::ApiKeys {
        me.app().keys.clone()
    }
}

/// What people call the site: by its name, or else by its host.
pub fn site(settings: &Settings) -> String {
    let audience = settings.public_url.trim_end_matches('/');
    let (_, place) = audience.split_once("://").unwrap_or(("http", audience));
    let host = place.split('/').next().unwrap_or_default();
    match settings.me.site.is_empty() {
        true => host.to_owned(),
        false => settings.me.site.clone(),
    }
}

/// The page, its entrances and its API.
pub fn router(me: Me) -> Router {
    Router::new()
        .route("/v1/me/links", post(links::make))
        .route("/v1/me/addresses", post(links::reach))
        .route("/me", get(own_page::show))
        .route("/me/do", post(acts::act))
        .route("/me/erase", get(acts::ask_erasure).post(acts::erase))
        .route("/me/download", get(own_page::download))
        .route("/me/certificates/{id}", get(certificates::show))
        .route("/me/records/{id}", get(own_page::decision))
        .route("/me/records/{id}/receipt", get(own_page::receipt))
        .route("/v1/in-app", post(in_app::collect))
        .route("/v1/in-app/{id}", post(in_app::say))
        .route("/v1/contract", post(contract::state))
        .route("/v1/contract/state", post(contract::ask))
        .route("/v1/openness", post(openness::state))
        .route("/v1/openness/answers", post(openness::answer))
        .route("/v1/openness/state", post(openness::ask))
        .route("/me/contract", get(contract_page::show).post(contract_page::set))
        .route("/me/contract/file", get(contract_page::file))
        .route("/me/conversations", get(talk_page::list).post(talk_page::begin))
        .route(
            "/me/conversations/{id}",
            get(talk_page::show).post(talk_page::say),
        )
        .route("/human/{word}", get(talk_page::human).post(talk_page::ask_human))
        .route("/me/link", get(entrance::ask))
        .route("/me/open", post(entrance::open))
        .route("/me/session", post(entrance::assert))
        .route("/me/mail", post(entrance::send))
        .route("/me/leave", post(entrance::leave))
        .with_state(me)
}
