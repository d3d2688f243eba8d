//! `egard demo`: a year of a real shop in a minute, through the front door.
//!
//! Everything goes the way it would in production: events over HTTP with a write key, people asked
//! for their consent (here the answers are synthetic, and the terminal says so), a model learned
//! from those who agreed, recommendations asked for with an API key.

pub mod feed;
mod program;
mod table;

use crate::client::{self, Client};
use feed::Feed;
use indicatif::{ProgressBar, ProgressStyle};
use lab::consents::{Answer, Mix, answer};
use lab::online_retail::{self, Order, shipped_catalogue, shipped_orders};
use server::app::App;
use server::ingest::{Source, SourceName, clock};
use server::settings::{ApiKey, Environment, ProgramSettings, Settings};
use server::web::demo::Stance;
use server::web::demo_routes::{self, Sample};
use server::{files, serve, work};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use vocabulary::DAY_MS;

/// The write key of the demo's source.
/// In the pages, where everybody reads it.
const WRITE_KEY: &str = "demo-write-key";
/// Same seed, same answers.
const SEED: u64 = 20_261_122;
/// Requests on their way at once.
const IN_FLIGHT: usize = 4;

/// What the shop's visitors are shown before they choose.
const NOTICES: [(&str, &str); 2] = [
    (
        "gift-shop-1.toml",
        include_str!("../../../demo/notices/gift-shop-1.toml"),
    ),
    (
        "letters-1.toml",
        include_str!("../../../demo/notices/letters-1.toml"),
    ),
];

/// What can be chosen.
#[derive(clap::Args)]
pub struct Choices {
    /// Keep store and keys in this folder; without it, in a temporary one that is removed.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Take only the first so many customers.
    #[arg(long)]
    customers: Option<usize>,
    /// End after the table instead of serving on.
    #[arg(long)]
    once: bool,
}

/// The demo cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server.
    #[error(transparent)]
    Serve(#[from] serve::Error),
    /// Keys, dictionary, catalogue.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// The client.
    #[error(transparent)]
    Client(#[from] client::Error),
    /// The data.
    #[error(transparent)]
    Data(#[from] online_retail::Error),
    /// Learning.
    #[error(transparent)]
    Learn(#[from] work::learn_model::Error),
    /// The gate.
    #[error(transparent)]
    Gate(#[from] gate::Unavailable),
    /// A key.
    #[error(transparent)]
    Key(#[from] gate::KeyError),
    /// The folder.
    #[error("`{path}`: {problem}")]
    Folder {
        /// Which.
        path: String,
        /// Why.
        problem: String,
    },
    /// A name of ours that is none.
    #[error(transparent)]
    Source(#[from] server::ingest::SourceNameError),
    /// The demo's program.
    #[error("the demo's program: {0}")]
    Program(String),
    /// A part of the demo ended before its time.
    #[error("a part of the demo ended early; run with `EGARD_LOG=debug` to see why")]
    Ended,
}

/// Runs the demo.
pub async fn run(choices: Choices) -> Result<(), Error> {
    let start = Instant::now();
    let temporary;
    let folder = match &choices.folder {
        Some(folder) => folder.clone(),
        None => {
            temporary = Temporary::new()?;
            temporary.0.clone()
        }
    };
    let (orders, answers) = read(choices.customers)?;
    let api_key = gate::Secret::fresh()?.to_text();
    let server_key = gate::Secret::fresh()?.to_text();
    let settings = settings(&folder, choices.listen, &api_key, &server_key)?;
    let app = serve::open(&settings, clock::system()).await?;
    let (address, stop, served) = start_server(&app, &settings, &answers).await?;
    crate::say(&format!(
        "serving on http://{address}, store in {}",
        folder.display()
    ));
    crate::say(
        "the people's answers to the consent question are synthetic: a seeded mix of yes, partly, no and silence",
    );

    feed_all(address, &server_key, &orders, &answers).await?;
    let spinner = spinner("learning from those who agreed");
    let learned_at = Instant::now();
    let note = "UCI Online Retail (Chen 2015, CC BY 4.0), synthetic consents";
    let learned = work::learn_model::run(
        &app,
        &work::learn_model::Choice::Given(learn::Settings::default()),
        note,
    )
    .await?;
    spinner.finish_and_clear();
    crate::say(&format!(
        "learned from {} people in {:.1} s ({} did not permit it): {} items, {} kB, model {}",
        learned.people,
        learned_at.elapsed().as_secs_f64(),
        learned.refused,
        learned.items,
        learned.bytes / 1024,
        short(&learned.model.to_string()),
    ));
    let digest = program::apply(&app).await?;
    crate::say(&format!(
        "program {} is in force: its groups and journeys reach the people who are there",
        short(&digest.to_string())
    ));
    table::print(address, &api_key, &app, &orders, &answers).await?;
    links(address, &api_key, &answers, start).await?;
    if !choices.once {
        wait_for_the_end().await;
    }
    // The receiver is there until the server ends.
    let _ = stop.send(());
    served.await.map_err(|_| Error::Ended)??;
    Ok(())
}

type Served = tokio::task::JoinHandle<Result<(), serve::Error>>;

async fn start_server(
    app: &App,
    settings: &Settings,
    answers: &HashMap<u32, Answer>,
) -> Result<(SocketAddr, tokio::sync::oneshot::Sender<()>, Served), Error> {
    let token = gate::Secret::fresh()?.to_text();
    let router = serve::router(app, settings, clock::system())?.merge(demo_routes::router(
        app.clone(),
        samples(answers),
        &token,
    ));
    let listener = serve::listen(settings).await?;
    let address = listener.local_addr().map_err(|_| Error::Ended)?;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let (app, settings) = (app.clone(), settings.clone());
    let served = tokio::spawn(async move {
        let until = async move {
            // A dropped sender stops the server as well.
            let _ = stopped.await;
        };
        serve::run(app, router, listener, &settings, until).await
    });
    Ok((address, stop, served))
}

/// Everything the shop did, earliest first, and what its customers answer.
fn read(customers: Option<usize>) -> Result<(Vec<Order>, HashMap<u32, Answer>), Error> {
    let mut orders = shipped_orders()?.collect::<Result<Vec<Order>, _>>()?;
    let mut answers = HashMap::new();
    for order in &orders {
        if customers.is_none_or(|most| answers.len() < most) {
            answers
                .entry(order.customer)
                .or_insert_with(|| answer(SEED, order.customer, Mix::default()));
        }
    }
    orders.retain(|order| answers.contains_key(&order.customer));
    Ok((orders, answers))
}

fn settings(folder: &Path, listen: SocketAddr, api_key: &str, server_key: &str) -> Result<Settings, Error> {
    let failed = |path: &Path, error: std::io::Error| Error::Folder {
        path: path.display().to_string(),
        problem: error.to_string(),
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let keys = folder.join("keys");
    if !keys.exists() {
        files::make_keys(&keys)?;
    }
    let declared = folder.join("program");
    program::write(&declared)?;
    let notices = NOTICES.map(|(name, text)| (folder.join(name), text));
    for (path, text) in &notices {
        std::fs::write(path, text).map_err(|error| failed(path, error))?;
    }
    let catalogue = folder.join("catalogue.jsonl");
    let lines: Vec<String> = shipped_catalogue()?
        .items()
        .iter()
        .filter_map(|item| serde_json::to_string(item).ok())
        .collect();
    std::fs::write(&catalogue, lines.join("\n")).map_err(|error| failed(&catalogue, error))?;
    Ok(Settings {
        environment: Environment::Development,
        listen,
        public_url: format!("http://{listen}"),
        store: format!("embedded:{}", folder.join("store").display()),
        keys,
        ledger_origin: "demo.example/egard".to_owned(),
        program: ProgramSettings {
            folder: Some(declared),
        },
        catalogue: Some(catalogue),
        notices: notices.into_iter().map(|(path, _)| path).collect(),
        sources: vec![
            // The shop's server, which knows its customers and tells what they chose there.
            Source {
                name: SourceName::parse("shop")?,
                write_key: server_key.to_owned(),
                enabled: true,
                child_directed: false,
                secret: true,
                origins: Vec::new(),
            },
            // Its pages: their key is for everybody to read.
            Source {
                name: SourceName::parse("web")?,
                write_key: WRITE_KEY.to_owned(),
                enabled: true,
                child_directed: false,
                secret: false,
                origins: vec![format!("http://{listen}")],
            },
        ],
        api_keys: vec![ApiKey {
            name: "demo".to_owned(),
            key: api_key.to_owned(),
        }],
        demo_page: true,
        learn_every_hours: 0,
        ..Settings::default()
    })
}

/// Sends all orders through the ingest endpoint, a few batches at a time.
async fn feed_all(
    address: SocketAddr,
    write_key: &str,
    orders: &[Order],
    answers: &HashMap<u32, Answer>,
) -> Result<(), Error> {
    let last = orders.last().map_or(0, |order| order.at.0);
    let now = clock::system()();
    // Whole days, so that mornings stay mornings; the last order was yesterday.
    let shift = (now.0 - last).div_euclid(DAY_MS) * DAY_MS - DAY_MS;
    let (batches, queue) = tokio::sync::mpsc::channel::<String>(IN_FLIGHT * 2);
    let queue = std::sync::Arc::new(tokio::sync::Mutex::new(queue));
    let bar = ProgressBar::new(orders.len() as u64);
    let style = "{bar:40} {pos}/{len} orders, {msg}";
    bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
    let start = Instant::now();
    let mut senders = Vec::new();
    for _ in 0..IN_FLIGHT {
        let mut client = Client::connect(address, &basic(write_key)).await?;
        let queue = std::sync::Arc::clone(&queue);
        senders.push(tokio::spawn(async move {
            loop {
                let next = queue.lock().await.recv().await;
                let Some(batch) = next else {
                    return Ok::<(), client::Error>(());
                };
                client.post("/v1/batch", batch.into()).await?;
            }
        }));
    }
    let mut feed = Feed::new(shift);
    let mut ready: Vec<String> = Vec::new();
    for order in orders {
        let given = answers
            .get(&order.customer)
            .copied()
            .unwrap_or(Answer::Unanswered);
        feed.order(order, given, &mut |batch| ready.push(batch));
        for batch in ready.drain(..) {
            batches.send(batch).await.map_err(|_| Error::Ended)?;
        }
        bar.inc(1);
        bar.set_message(format!(
            "{:.0} events/s",
            feed.messages as f64 / start.elapsed().as_secs_f64()
        ));
    }
    feed.finish(&mut |batch| ready.push(batch));
    for batch in ready {
        batches.send(batch).await.map_err(|_| Error::Ended)?;
    }
    drop(batches);
    for sender in senders {
        sender.await.map_err(|_| Error::Ended)??;
    }
    bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();
    crate::say(&format!(
        "{} events of {} customers in {seconds:.1} s ({:.0} events/s), each on disk before it was acknowledged",
        feed.messages,
        answers.len(),
        feed.messages as f64 / seconds
    ));
    Ok(())
}

/// Two sample customers of each answer, those with the longest histories being the dullest to read.
fn samples(answers: &HashMap<u32, Answer>) -> Vec<Sample> {
    let mut customers: Vec<(&u32, &Answer)> = answers.iter().collect();
    customers.sort();
    let stance = |answer: Answer| match answer {
        Answer::All => Stance::All,
        Answer::Partly => Stance::Part,
        Answer::Refused => Stance::Refused,
        Answer::Unanswered => Stance::Silent,
    };
    Answer::ALL
        .into_iter()
        .flat_map(|wanted| {
            customers
                .iter()
                .filter(move |(_, answer)| **answer == wanted)
                .take(4)
        })
        .map(|(customer, answer)| Sample {
            user_id: feed::user_id(**customer),
            number: **customer,
            stance: stance(**answer),
        })
        .collect()
}

async fn links(
    address: SocketAddr,
    api_key: &str,
    answers: &HashMap<u32, Answer>,
    start: Instant,
) -> Result<(), Error> {
    let first = samples(answers)
        .into_iter()
        .next()
        .map(|sample| sample.user_id)
        .unwrap_or_default();
    crate::say(&format!(
        "ready after {:.0} s. Look at:",
        start.elapsed().as_secs_f64()
    ));
    crate::say(&format!(
        "  http://{address}/demo?customer={first}&lang=en   a sample customer: what is known, what is recommended, why"
    ));
    crate::say(&format!("  http://{address}/openapi.json   the API"));
    crate::say(&format!(
        "  http://{address}/ledger/checkpoint   the signed head of the transparency log"
    ));
    let page = own_page(address, api_key, &first).await?;
    crate::say(&format!(
        "  {page}   that customer's own page; the link opens once, within 30 minutes"
    ));
    crate::say("stop with Ctrl-C");
    Ok(())
}

/// A link to a customer's own page, asked for as a shop's server would.
async fn own_page(address: SocketAddr, api_key: &str, user_id: &str) -> Result<String, Error> {
    let mut client = Client::connect(address, &format!("Bearer {api_key}")).await?;
    let body = serde_json::json!({ "userId": user_id }).to_string();
    let (status, answer) = client
        .send(hyper::Method::POST, "/v1/me/links", body.into())
        .await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer).map_err(client::Error::Json)?;
    match answer.get("url").and_then(serde_json::Value::as_str) {
        Some(url) => Ok(url.to_owned()),
        None => Err(Error::Client(client::Error::Status {
            status,
            body: answer.to_string(),
        })),
    }
}

/// Ctrl-C, or the terminate signal.
pub async fn wait_for_the_end() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(interrupt.await),
    }
}

/// The header that carries a write key.
pub fn basic(write_key: &str) -> String {
    use base64::Engine as _;
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("{write_key}:"))
    )
}

fn spinner(message: &str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(message.to_owned());
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// The first characters of a digest, to recognise it by.
pub fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}

/// A folder that is removed with all that is in it.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Result<Temporary, Error> {
        let name = format!("egard-demo-{}", short(&gate::Secret::fresh()?.to_text()));
        Ok(Temporary(std::env::temp_dir().join(name)))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nothing to be done about a folder that cannot be removed, and nobody to tell.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
