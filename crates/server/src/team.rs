//! The team's pages: who gets in, what each role may do, and the program they work on together.
//!
//! In by name, password and a second factor, never by a link; out after a while without a request. Whatever changes
//! something is a `POST` from these very pages with the session's own token. People are counted here and not shown;
//! whoever opens one person's data goes through the same door as everybody else, for a purpose and a reason that
//! the person reads. Deliberately does not know: the store, keys, how a page looks.

mod codes;
mod entrance;
mod frames;
mod groups;
mod limits;
pub(crate) mod made;
mod member_page;
pub mod members;
mod message_page;
mod openness_page;
mod outbox_page;
pub mod password;
mod person_page;
mod plan_page;
pub(crate) mod previews;
mod program_page;
mod recommendations_page;
pub mod roles;
mod segment_page;
mod session;
pub mod settings;
pub(crate) mod simulation_page;
mod talk_page;
mod upload;

pub use codes::code;

use crate::app::App;
use crate::settings::Settings;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::{get, post};
use limits::Limits;
use std::path::PathBuf;
use std::sync::Arc;
use tower_http::set_header::SetResponseHeaderLayer;

/// The address of the pages.
pub const PATH: &str = "/team";
/// Passwords that are reckoned at once: each takes 64 MiB.
const AT_ONCE: usize = 2;
/// Longest form, bytes.
const LONGEST_FORM: usize = 16 << 10;
/// Longest form with an answer in it: letters of other languages travel as nine.
const LONGEST_ANSWER: usize = 40 << 10;

/// What the team's pages may load and do: as other pages, and no script could put text into a page even if one
/// got in.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'";

/// What goes with every answer under [`PATH`], problems included, besides its policy and whether it may be framed.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    // Not `no-referrer`: browsers would send `Origin: null` with our own forms.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// What the handlers of the pages share; cheap to clone.
#[derive(Clone)]
pub struct Team(Arc<Inner>);

struct Inner {
    app: App,
    /// Scheme, host and port of `public_url`, as browsers send them in `Origin`.
    origin: String,
    /// Its path, in front of every address of the pages.
    root: String,
    site: String,
    folder: Option<PathBuf>,
    house: previews::House,
    /// Names and records of the keys that sign e-mail.
    keys: Vec<(String, String)>,
    frames: frames::Frames,
    session_ms: i64,
    idle_ms: i64,
    limits: Limits,
    reckoning: tokio::sync::Semaphore,
}

impl Team {
    /// The pages of an application.
    pub fn new(app: App, settings: &Settings) -> Team {
        let audience = settings.public_url.trim_end_matches('/');
        let (scheme, place) = audience.split_once("://").unwrap_or(("http", audience));
        let (host, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        let team = &settings.team;
        Team(Arc::new(Inner {
            origin: format!("{scheme}://{}", host.to_ascii_lowercase()),
            root: path.to_owned(),
            site: crate::me::site(settings),
            folder: settings.program.folder.clone(),
            house: house(&app, settings),
            keys: keys(settings),
            frames: frames::Frames::default(),
            session_ms: i64::from(team.session_hours) * 3_600_000,
            idle_ms: i64::from(team.idle_minutes) * 60_000,
            limits: Limits::default(),
            reckoning: tokio::sync::Semaphore::new(AT_ONCE),
            app,
        }))
    }

    fn app(&self) -> &App {
        &self.0.app
    }

    /// An address of the pages as browsers must ask for it.
    fn at(&self, path: &str) -> String {
        format!("{}{PATH}{path}", self.0.root)
    }
}

/// What the house says of itself in messages.
fn house(app: &App, settings: &Settings) -> previews::House {
    let email = settings.channels.email.as_ref();
    previews::House {
        shop: app.shop_of_messages(),
        from: email.map(|email| (email.from.clone(), email.bounce_domain())),
    }
}

/// Where the records of the keys that sign e-mail have to stand, and what they say.
fn keys(settings: &Settings) -> Vec<(String, String)> {
    let email = settings.channels.email.as_ref();
    let signers = email.and_then(|email| email.signers().ok()).unwrap_or_default();
    signers.iter().map(letter::dkim::Signer::record).collect()
}

/// The pages.
pub fn router(team: Team) -> Router {
    let pages = pages(team.clone());
    // Pages that hold a preview in a frame, its frame, and the text that is checked while it is typed.
    let framing = Router::new()
        .route(
            "/team/messages/{name}",
            get(message_page::show).post(message_page::preview),
        )
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .with_state(team.clone());
    let frame = Router::new()
        .route("/team/messages/shown/{token}", get(message_page::shown))
        .with_state(team.clone());
    let typing = Router::new()
        .route(
            "/team/messages/{name}/words",
            get(message_page::words).post(message_page::check),
        )
        .layer(DefaultBodyLimit::max(message_page::LONGEST))
        .with_state(team);
    let with = |more: &str| {
        let policy = format!("{CONTENT_SECURITY_POLICY}; {more}");
        HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(CONTENT_SECURITY_POLICY))
    };
    let plain = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    let own = HeaderValue::from_static("SAMEORIGIN");
    let deny = HeaderValue::from_static("DENY");
    guarded(pages, plain, deny.clone())
        .merge(guarded(framing, with("frame-src 'self'"), deny.clone()))
        .merge(guarded(frame, frames::CONTENT_SECURITY_POLICY, own))
        .merge(guarded(
            typing,
            with("script-src 'self'; connect-src 'self'"),
            deny,
        ))
}

/// Routes with the headers that go with every answer of theirs.
fn guarded(routes: Router, policy: HeaderValue, framed: HeaderValue) -> Router {
    let routes = HEADERS.into_iter().fold(routes, |routes, (name, value)| {
        routes.layer(SetResponseHeaderLayer::overriding(
            name,
            HeaderValue::from_static(value),
        ))
    });
    routes
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            policy,
        ))
        .layer(SetResponseHeaderLayer::overriding(
            header::X_FRAME_OPTIONS,
            framed,
        ))
}

fn pages(team: Team) -> Router {
    Router::new()
        .route("/team", get(entrance::overview))
        .route("/team/sign-in", get(entrance::ask).post(entrance::sign_in))
        .route("/team/leave", post(entrance::leave))
        .route("/team/program", get(program_page::show).post(program_page::act))
        .route("/team/program/{digest}", get(program_page::look))
        .route("/team/program/{digest}/{*path}", get(program_page::file))
        .route("/team/plan/{which}", get(plan_page::show).post(plan_page::sample))
        .route("/team/segments", get(groups::segments))
        .route(
            "/team/segments/{name}",
            get(segment_page::show).post(segment_page::judge),
        )
        .route("/team/journeys", get(groups::journeys))
        .route("/team/journeys/{name}", get(groups::journey))
        .route(
            "/team/simulations",
            get(simulation_page::list)
                .merge(post(simulation_page::take).layer(DefaultBodyLimit::max(simulation_page::LONGEST))),
        )
        .route("/team/simulations/{digest}", get(simulation_page::show))
        .route("/team/messages", get(message_page::list))
        .route("/team/openness", get(openness_page::show))
        .route("/team/recommendations", get(recommendations_page::show))
        .route("/team/outbox", get(outbox_page::show).post(outbox_page::settle))
        .route("/team/person", get(person_page::ask).post(person_page::open))
        .route("/team/conversations", get(talk_page::list))
        .route(
            "/team/conversations/{id}",
            get(talk_page::show)
                .post(talk_page::act)
                .layer(DefaultBodyLimit::max(LONGEST_ANSWER)),
        )
        .route("/team/members", get(member_page::show).post(member_page::act))
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .with_state(team)
}
