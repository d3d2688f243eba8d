//! Putting the server together and running it until told to stop.
//!
//! Deliberately does not know: what any endpoint does.

use crate::app::App;
use crate::auth::{ApiKeys, Role};
use crate::channels::email::Email;
use crate::ingest::{self, Clock, Ingest, PublicUrl, Sources};
use crate::observe::Observe;
use crate::outgoing::Exit;
use crate::rights::{Office, OfficeError};
use crate::settings::Settings;
use crate::web::consent_routes;
use crate::witnesses::Witnesses;
use crate::{api, automation, connections, files, in_force, me, problem, signals, work};
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use gate::{Gate, Options, Published, Restored, Unavailable};
use recommend::Model;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Shelf;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

/// Longest time one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting.
    #[error(transparent)]
    Settings(#[from] crate::settings::Error),
    /// A file.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The gate.
    #[error(transparent)]
    Gate(#[from] Unavailable),
    /// An API key of the settings.
    #[error(transparent)]
    ApiKey(#[from] crate::auth::Error),
    /// A source of the settings.
    #[error(transparent)]
    Sources(#[from] ingest::SourcesError),
    /// The public address.
    #[error(transparent)]
    PublicUrl(#[from] ingest::PublicUrlError),
    /// The person's page.
    #[error(transparent)]
    Me(#[from] crate::me::Error),
    /// Whose assertions are believed.
    #[error(transparent)]
    Issuer(#[from] crate::me::assertion::Error),
    /// What the operator says of itself.
    #[error(transparent)]
    Office(#[from] OfficeError),
    /// The witnesses of the log.
    #[error(transparent)]
    Witnesses(#[from] crate::witnesses::Error),
    /// The ways out.
    #[error(transparent)]
    Channels(#[from] crate::channels::settings::Fault),
    /// E-mail.
    #[error(transparent)]
    Email(#[from] crate::channels::email::Error),
    /// A notice that was published with other words.
    #[error(transparent)]
    Notice(#[from] gate::notice::Error),
    /// The address.
    #[error("cannot listen on {address}: {problem}")]
    Listen {
        /// Where.
        address: String,
        /// Why.
        problem: String,
    },
}

/// Opens the store that the settings name.
pub fn shelf(settings: &Settings) -> Result<Arc<dyn Shelf>, Error> {
    shelf_at(&settings.store)
}

/// Opens the store at a place written as in the settings.
pub fn shelf_at(text: &str) -> Result<Arc<dyn Shelf>, Error> {
    if text == "memory" {
        return Ok(Arc::new(store::Memory::new()));
    }
    if let Some(folder) = text.strip_prefix("embedded:") {
        return Ok(Arc::new(store::Embedded::open(std::path::Path::new(folder))?));
    }
    if let Some(connection) = text.strip_prefix("postgres:") {
        return Ok(Arc::new(store::Postgres::connect(connection)?));
    }
    let problem = "say `embedded:FOLDER`, `postgres:CONNECTION STRING` or `memory`".to_owned();
    Err(crate::settings::Error::Value {
        key: "store",
        problem,
    }
    .into())
}

/// What is kept by its digest, so that decisions made under it can be replayed.
struct Texts {
    dictionary: String,
    catalogue: String,
}

/// What the gate is made of, as the settings name it.
fn options(settings: &Settings, clock: &Clock) -> Result<(Options, Texts), Error> {
    let keys = crate::key_files::read(settings)?;
    let charter = files::charter(settings)?;
    let owner = owner()?;
    // Held from here on until it is closed, or dropped with an error.
    let shelf = shelf(settings)?;
    let applied = gate::program_of(shelf.as_ref())?;
    let text = files::dictionary_text(settings, applied.as_deref())?;
    let dictionary = gate::dictionary::Dictionary::read(&text).map_err(|error| files::Error::Content {
        path: settings.dictionary.display().to_string(),
        problem: error.to_string(),
    })?;
    let catalogue = files::catalogue_text(settings, applied.as_deref())?;
    let (items, _) = files::catalogue_of(&catalogue)?;
    let dictionary = dictionary.with_catalogue(&items);
    let items = dictionary.special_items();
    tracing::info!(items, "items of the catalogue that are intimate, and kept apart");
    let options = Options {
        charter,
        dictionary,
        keyring: keys.keyring,
        ledger: keys.ledger,
        hot: settings.hot_envelopes,
        clock: Arc::clone(clock),
        owner,
        erasures: settings.erasures(),
        shelf,
    };
    let texts = Texts {
        dictionary: text,
        catalogue,
    };
    Ok((options, texts))
}

/// Makes a store that was put back from a backup fit to be served; see [`Gate::restore`].
pub async fn restore(settings: &Settings, clock: Clock, journal_lost: bool) -> Result<Restored, Error> {
    Ok(Gate::restore(options(settings, &clock)?.0, journal_lost).await?)
}

/// Opens everything the settings name and puts the application together.
pub async fn open(settings: &Settings, clock: Clock) -> Result<App, Error> {
    let of = |role| move |key: &'_ crate::settings::ApiKey| (key.name.clone(), key.key.clone(), role);
    let site = settings.api_keys.iter().map(of(Role::Site));
    let staff = settings.staff_keys.iter().map(of(Role::Staff));
    let authors = settings.program_keys.iter().map(of(Role::Author));
    let api_keys = ApiKeys::with_roles(site.chain(staff).chain(authors))?;
    let (options, texts) = options(settings, &clock)?;
    let (catalogue, catalogue_digest) = files::catalogue_of(&texts.catalogue)?;
    // Opening folds again what a crash left: it blocks.
    let opened = tokio::task::spawn_blocking(move || Gate::open(options)).await;
    let gate = opened.map_err(|_| Unavailable::Stopped)??;
    let office = Office::new(
        &settings.rights,
        settings.event_retention_days,
        &settings.public_url,
    )?;
    let witnesses = Witnesses::new(&settings.ledger)?;
    let mail = settings.me.mail.as_ref();
    let email = settings.channels.email.as_ref();
    let email = email.map(|email| Email::new(email, mail, gate.clone(), Arc::clone(&clock)));
    let exit = Exit {
        email: email.transpose()?,
        at_once: settings
            .channels
            .email
            .as_ref()
            .map_or(Exit::default().at_once, |email| email.at_once()),
    };
    let app = App::new(gate, api_keys, catalogue, catalogue_digest, clock)
        .with_exit(exit)
        .with_office(office)
        .with_witnesses(witnesses)
        .with_ways(settings.channels.open(|name| std::env::var(name).ok())?);
    publish_program(&app, texts).await?;
    app.gate.tell_programs(app.now()).await?;
    automation::refresh(&app).await?;
    publish_notices(&app, settings).await?;
    crate::register::note_quarter(&app).await?;
    in_force::publish(&app, settings).await?;
    let model = usable(app.gate.published("model").await?);
    if let Some(model) = &model {
        in_force::keep_beside_model(&app, model.digest()).await?;
    }
    // A model of people who were erased since, as a backup brings back, is not used: the first thing that
    // runs learns it anew.
    if let Some(model) = model
        && !app.gate.removals().await?.must_learn_anew()
    {
        app.put_model(model);
    }
    Ok(app)
}

/// The stored model, if it can be used. One that cannot is no reason to refuse events: recommendations
/// answer that there is no model until one is learned, and the log says why.
fn usable(published: Published) -> Option<Model> {
    let problem = match published {
        Published::Absent => return None,
        Published::Damaged => "it is gone, or not what was published".to_owned(),
        Published::Intact(bytes) => match Model::read(&bytes) {
            Ok(model) => return Some(model),
            Err(error) => error.to_string(),
        },
    };
    tracing::error!(
        problem,
        "the stored model cannot be used: no recommendations until `egard train`"
    );
    None
}

/// The program in force is kept by its digest, so that decisions made under it can be replayed.
async fn publish_program(app: &App, texts: Texts) -> Result<(), Error> {
    let now = app.now();
    app.gate
        .publish("dictionary", texts.dictionary.into_bytes(), now)
        .await?;
    if !texts.catalogue.is_empty() {
        app.gate
            .publish("catalogue", texts.catalogue.into_bytes(), now)
            .await?;
    }
    app.gate
        .publish("charter", app.gate.charter().text().to_vec(), now)
        .await?;
    Ok(())
}

async fn publish_notices(app: &App, settings: &Settings) -> Result<(), Error> {
    let notices = files::notices(&settings.notices)?;
    let fault = |path: &'static str| {
        move |error: gate::notice::Error| {
            Error::Files(files::Error::Content {
                path: path.to_owned(),
                problem: error.to_string(),
            })
        }
    };
    let published = app.gate.publish_notices(notices, app.now()).await?;
    published.map_err(fault("notices"))?;
    let own = |version| me::own_words::notice(settings, version);
    let own = app.gate.publish_own_words(own, app.now()).await?;
    own.map(drop).map_err(fault("me.site or rights.controller"))
}

/// All endpoints.
pub fn router(app: &App, settings: &Settings, clock: Clock) -> Result<Router, Error> {
    let sources = Sources::new(settings.sources.iter().cloned())?;
    let public_url = PublicUrl::parse(&settings.public_url)?;
    let mut categories: Vec<String> = app.gate.dictionary().categories.keys().cloned().collect();
    categories.sort();
    let asking = consent_routes::router(app.clone(), sources.clone(), &public_url);
    let press = crate::register::Press::new(app.clone(), settings, &public_url);
    let gate = app.gate.clone();
    let observe = Observe {
        gate: app.gate.clone(),
        clock: Arc::clone(&clock),
    };
    let ingest = Ingest::new(sources, Arc::new(observe), public_url)
        .with_consent_requests(Arc::new(move || signals::requests(&gate.notices())))
        .with_proofs(me::assertion::proofs(&settings.me.issuers, &settings.public_url)?)
        .with_strict(settings.strict_write_keys)
        .with_consent_categories(categories)
        .with_clock(clock);
    crate::metrics::start();
    let me = me::Me::new(app.clone(), settings)?;
    Ok(ingest::router(Arc::new(ingest), app.keys.clone())
        .merge(api::router(app.clone()))
        .merge(crate::channels::email::inbound::router(app.clone()))
        .merge(asking)
        .merge(me::router(me))
        .merge(crate::team::router(crate::team::Team::new(app.clone(), settings)))
        .merge(crate::register::router(press))
        .merge(crate::web::verify::router())
        .merge(crate::web::push::router())
        .merge(crate::leave::router(crate::leave::Leave::new(
            app.clone(),
            settings,
        )))
        .merge(crate::web::assets::router()))
}

/// What stands around every endpoint, whoever made it: the log, the longest time, and a word for
/// whatever goes wrong outside a handler.
pub(crate) fn guarded(router: Router) -> Router {
    router
        .layer(axum::middleware::from_fn(log))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            TIMEOUT,
        ))
        .layer(CatchPanicLayer::new())
        .layer(axum::middleware::map_response(problem::in_words))
}

/// Serves until `stop` is done, then finishes what waits.
pub async fn run(
    app: App,
    router: Router,
    listener: TcpListener,
    settings: &Settings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let integrate = tokio::spawn(work::integrate_log::run(app.gate.clone()));
    let witnesses = tokio::spawn(work::ask_witnesses::run(app.clone()));
    let (events, messages) = (settings.event_retention_days, settings.duplicate_window_days);
    let exchange = tokio::spawn(work::exchange_keys::run(app.gate.clone(), settings.clone()));
    let retain = tokio::spawn(work::keep_retention::run(app.clone(), events, messages));
    let hours = settings.learn_every_hours;
    let learn = (hours > 0).then(|| tokio::spawn(work::learn_model::keep_learning(app.clone(), hours)));
    let rights = tokio::spawn(work::answer_rights::run(app.clone()));
    let public_url = PublicUrl::parse(&settings.public_url)?;
    let router = consent_routes::linked(guarded(router), app.gate.clone(), public_url);
    let sender = work::mail_answers::Sender::new(settings).map_err(crate::me::Error::Mail)?;
    let answers = tokio::spawn(work::mail_answers::run(app.clone(), sender));
    let sweep = tokio::spawn(work::remove_ended::run(app.clone()));
    let (quit, quitting) = tokio::sync::watch::channel(false);
    let send = tokio::spawn(work::send::run(app.clone(), quitting.clone()));
    let react = tokio::spawn(work::react::run(app.clone(), quitting));
    let count = tokio::spawn(work::count_groups::run(app.clone()));
    let unlearn = tokio::spawn(work::learn_model::keep_unlearning(app.clone()));
    connections::serve(listener, router, stop).await;
    count.abort();
    unlearn.abort();
    sweep.abort();
    answers.abort();
    integrate.abort();
    witnesses.abort();
    retain.abort();
    exchange.abort();
    rights.abort();
    if let Some(learn) = learn {
        learn.abort();
    }
    // A run that is under way is finished: half of one would be done again at the next start.
    let _ = quit.send(true);
    if tokio::time::timeout(TIMEOUT, react).await.is_err() {
        tracing::warn!("looks at people were under way for too long at the end");
    }
    if tokio::time::timeout(TIMEOUT, send).await.is_err() {
        tracing::warn!(
            "messages were under way for too long at the end: those without an answer are in doubt"
        );
    }
    // What is recorded should be in the log before the process is gone.
    if let Err(error) = app.gate.integrate().await {
        tracing::error!(%error, "the log was not extended at the end");
    }
    app.gate.close().await;
    Ok(())
}

/// Binds the address of the settings.
pub async fn listen(settings: &Settings) -> Result<TcpListener, Error> {
    TcpListener::bind(settings.listen)
        .await
        .map_err(|error| Error::Listen {
            address: settings.listen.to_string(),
            problem: error.to_string(),
        })
}

/// One line a request: the route's pattern (never the address, which may hold an identifier), the
/// status, the time.
async fn log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str)
        .to_owned();
    let start = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let seconds = start.elapsed().as_secs_f64();
    metrics::histogram!("egard_request_seconds", "route" => route.clone()).record(seconds);
    if status >= 500 {
        tracing::warn!(%method, route, status, seconds, "request");
    } else {
        tracing::debug!(%method, route, status, seconds, "request");
    }
    response
}

/// What this process calls itself to others who want the store: where it runs, and a random part, since
/// two containers may well have the same process number.
fn owner() -> Result<String, Unavailable> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let random = gate::Secret::fresh()?.to_text();
    let random: String = random.chars().take(12).collect();
    Ok(format!("egard on {} ({random})", host.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_cannot_be_used_is_no_model_and_no_reason_to_fall_over() {
        for published in [
            Published::Absent,
            Published::Damaged,
            Published::Intact(Vec::new()),
            Published::Intact(b"half a mod".to_vec()),
        ] {
            assert!(usable(published).is_none());
        }
    }
}
