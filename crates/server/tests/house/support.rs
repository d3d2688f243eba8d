//! A whole server, as `egard serve` puts it together, with a shop small enough to read, and short
//! words for what its customers do.
#![allow(dead_code, reason = "each test binary uses its own part")]

use bytes::Bytes;
use gate::charter::Requester;
use gate::purposes::ShowOwnData;
use gate::{Ask, Whom};
use http_body_util::{BodyExt as _, Full};
use hyper::header::HeaderMap;
use hyper::{Method, Request, StatusCode, client};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use server::app::App;
use server::ingest::{Source, SourceName, clock};
use server::settings::{ApiKey, Environment, Recipient, Rights, Settings};
use server::web::demo::Stance;
use server::web::demo_routes::{self, Sample};
use server::work::learn_model::{self, Learned};
use server::{files, serve};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vocabulary::{DAY_MS, Moment, Signals};

pub const WRITE_KEY: &str = "house-write-key";
pub const API_KEY: &str = "an-api-key-that-is-long-enough";
pub const ORIGIN: &str = "test.example/egard";
/// The origin of the shop's pages.
pub const SHOP: &str = "https://shop.example";
/// Items of the catalogue: `i0` to `i23`, in three categories of eight.
pub const ITEMS: usize = 24;
/// One that is hidden, and one that is out of stock; both are bought by many.
pub const HIDDEN: &str = "i3";
pub const OUT_OF_STOCK: &str = "i11";
/// Customers who agree to everything, `p0` to `p35`: a third for each category.
pub const CUSTOMERS: usize = 36;

pub type Served = JoinHandle<Result<(), serve::Error>>;

/// A running server.
pub struct House {
    pub app: App,
    pub settings: Settings,
    pub address: SocketAddr,
    pub folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    served: Option<Served>,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Settings for an installation in `folder`, with the keys, dictionary and catalogue they name made
/// unless they are there.
pub fn settings(folder: &Path, store: String) -> Settings {
    let keys = folder.join("keys");
    if !keys.exists() {
        files::make_keys(&keys).unwrap();
    }
    let catalogue = folder.join("catalogue.jsonl");
    std::fs::write(&catalogue, catalogue_lines()).unwrap();
    Settings {
        environment: Environment::Development,
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: "https://public.example".to_owned(),
        store,
        keys,
        ledger_origin: ORIGIN.to_owned(),
        dictionary: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/dictionary.toml")),
        catalogue: Some(catalogue),
        sources: vec![Source {
            name: SourceName::parse("shop").unwrap(),
            write_key: WRITE_KEY.to_owned(),
            enabled: true,
            child_directed: false,
            secret: true,
            origins: vec![SHOP.to_owned()],
        }],
        notices: vec![PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/house/notice.toml"
        ))],
        api_keys: vec![ApiKey {
            name: "tests".to_owned(),
            key: API_KEY.to_owned(),
        }],
        rights: Rights {
            controller: "The tests' shop".to_owned(),
            authority: "CNIL".to_owned(),
            recipients: vec![Recipient {
                name: "Example Hosting".to_owned(),
                place: "France".to_owned(),
                purpose: "runs the servers".to_owned(),
            }],
            ..Rights::default()
        },
        demo_page: true,
        hot_envelopes: 1_000,
        // Learning is asked for where a test wants it, and happens nowhere else.
        learn_every_hours: 0,
        ..Settings::default()
    }
}

pub fn catalogue_lines() -> String {
    let line = |i: usize| {
        let id = format!("i{i}");
        let item = json!({
            "id": id, "name": format!("Item {i}"), "category": format!("c{}", i / 8), "price_minor": 255,
            "hidden": id == HIDDEN, "in_stock": id != OUT_OF_STOCK,
        });
        format!("{item}\n")
    };
    (0..ITEMS).map(line).collect()
}

/// A server over an embedded store in a folder of its own.
pub async fn start() -> House {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("embedded:{}", folder.path().join("store").display());
    start_in(folder, |settings| settings.store = store).await
}

/// A server over the memory store, which the tests of answers share no data with.
pub async fn start_in_memory() -> House {
    start_in(tempfile::tempdir().unwrap(), |_| {}).await
}

/// A server over the installation in that folder, made there if there is none.
pub async fn start_in(folder: TempDir, change: impl FnOnce(&mut Settings)) -> House {
    start_at(folder, clock::system(), change).await
}

/// The same by a clock of the test's own.
pub async fn start_at(
    folder: TempDir,
    clock: server::ingest::Clock,
    change: impl FnOnce(&mut Settings),
) -> House {
    let mut settings = settings(folder.path(), "memory".to_owned());
    change(&mut settings);
    let app = serve::open(&settings, Arc::clone(&clock)).await.unwrap();
    let router = serve::router(&app, &settings, clock)
        .unwrap()
        .merge(demo_routes::router(
            app.clone(),
            samples(),
            "the-token-of-the-forms",
        ));
    let listener = serve::listen(&settings).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn({
        let (app, settings) = (app.clone(), settings.clone());
        async move {
            let until = async move { drop(stopped.await) };
            serve::run(app, router, listener, &settings, until).await
        }
    });
    House {
        app,
        settings,
        address,
        folder,
        stop: Some(stop),
        served: Some(served),
    }
}

/// A server whose shop has customers, and a model learned from them.
pub async fn learned() -> House {
    let house = start_in_memory().await;
    house.fill().await;
    house.learn().await;
    house
}

fn samples() -> Vec<Sample> {
    let sample = |user_id: String, number, stance| Sample {
        user_id,
        number,
        stance,
    };
    let agreeing = (0..4).map(|i| sample(format!("p{i}"), i, Stance::All));
    let others = [
        ("part", Stance::Part),
        ("refuser", Stance::Refused),
        ("silent", Stance::Silent),
    ];
    agreeing
        .chain(
            (100..)
                .zip(others)
                .map(|(number, (id, stance))| sample(id.to_owned(), number, stance)),
        )
        .collect()
}

/// The items customer `p` bought: six of their category of eight and one of the next, in an order of
/// their own; the same in every run.
pub fn bought_by(p: usize) -> Vec<String> {
    let category = p % 3;
    let own = (0..6).map(|k| category * 8 + (p / 3 + k * 3) % 8);
    let other = (category * 8 + 8 + p % 8) % ITEMS;
    own.chain([other]).map(|i| format!("i{i}")).collect()
}

impl House {
    /// Everything the shop's customers said and did, some of it days ago.
    pub async fn fill(&self) {
        let mut messages = Vec::new();
        for p in 0..CUSTOMERS {
            let who = format!("p{p}");
            messages.push(agrees(&who, &[true, true, true]));
            for (ago, item) in (1..).zip(bought_by(p)) {
                messages.push(at(ago * DAY_MS, viewed(&who, &item)));
                messages.push(at(ago * DAY_MS - 60_000, bought(&who, &[item.as_str()])));
            }
        }
        for (who, answers) in [
            ("part", Some([false, false, true])),
            ("refuser", Some([false; 3])),
            ("silent", None),
        ] {
            if let Some(answers) = answers {
                messages.push(agrees(who, &answers));
            }
            messages.push(at(DAY_MS, bought(who, &["i1", "i2"])));
        }
        self.send_all(&messages).await;
    }

    pub async fn learn(&self) -> Learned {
        learn_model::run(&self.app, &learn_model::Choice::default(), "the tests' shop")
            .await
            .unwrap()
    }

    /// Sends messages as one batch; everything must be taken.
    pub async fn send_all(&self, messages: &[Value]) {
        for batch in messages.chunks(500) {
            let answer = self.batch(batch).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    }

    /// Sends messages as one batch and answers what the server says.
    pub async fn batch(&self, messages: &[Value]) -> Answer {
        let body = json!({ "batch": messages, "writeKey": WRITE_KEY }).to_string();
        ask(self.address, Method::POST, "/v1/batch", &[], body).await
    }

    /// Asks the API with its key.
    pub async fn get(&self, path: &str) -> Answer {
        ask(self.address, Method::GET, path, &[key()], "").await
    }

    pub async fn recommend_with(&self, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let headers = [headers, &[key()]].concat();
        ask(self.address, Method::POST, "/v1/recommendations", &headers, body).await
    }

    /// Asks for recommendations; there must be some.
    pub async fn recommend(&self, wanted: Value) -> Value {
        let mut wanted = wanted;
        wanted["placement"] = json!("home");
        let answer = self.recommend_with(&[], wanted.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// What is known of a person, as lines such as `i1 viewed 1 added 0 bought 2`; none if nothing is.
    pub async fn known(&self, user: &str) -> Vec<String> {
        known(&self.app, user).await
    }

    /// Tells the server to stop, and answers the task that ends with it.
    pub fn stopping(&mut self) -> Served {
        let _ = self.stop.take().unwrap().send(());
        self.served.take().unwrap()
    }

    /// Stops the server and answers its folder, in which it can be started again.
    pub async fn stop(mut self) -> TempDir {
        self.stopping().await.unwrap().unwrap();
        self.folder
    }
}

pub async fn known(app: &App, user: &str) -> Vec<String> {
    let whom = Whom {
        user_id: Some(user),
        anonymous_id: None,
    };
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::Person,
        now: app.now(),
    };
    let shown = app
        .gate
        .decide::<ShowOwnData, _, _>(&whom, ask, decide::own_data::show)
        .await
        .unwrap();
    let Ok(shown) = shown else { return Vec::new() };
    let mut lines: Vec<String> = shown
        .proposal
        .history
        .iter()
        .map(|known| {
            let i = &known.interaction;
            format!(
                "{} viewed {} added {} bought {}",
                i.item.as_str(),
                i.viewed,
                i.added,
                i.bought
            )
        })
        .collect();
    lines.sort();
    lines
}

pub fn key() -> (&'static str, &'static str) {
    ("authorization", "Bearer an-api-key-that-is-long-enough")
}

/// One request on a connection of its own.
pub async fn ask(
    address: SocketAddr,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", address.to_string());
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = sender
        .send_request(request.body(Full::new(body.into())).unwrap())
        .await
        .unwrap_or_else(|error| panic!("{path}: {error:?}"));
    let (parts, body) = answer.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

fn message(user: &str, event: &str, properties: &Value) -> Value {
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    json!({
        "type": "track", "event": event, "messageId": format!("m-{number}"), "userId": user,
        "properties": properties,
    })
}

pub fn viewed(user: &str, item: &str) -> Value {
    message(user, "Product Viewed", &json!({ "product_id": item }))
}

pub fn bought(user: &str, items: &[&str]) -> Value {
    let products: Vec<Value> = items.iter().map(|item| json!({ "product_id": item })).collect();
    message(
        user,
        "Order Completed",
        &json!({ "order_id": "7", "products": products }),
    )
}

/// An explicit answer to the consent question: personalisation, groups, learning.
pub fn agrees(user: &str, answers: &[bool; 3]) -> Value {
    let mut message = message(user, gate::CONSENT_EVENT, &json!({}));
    let [personalise, groups, learn] = answers;
    message["context"]["consent"]["categoryPreferences"] =
        json!({ "Personalisation": personalise, "Groups": groups, "Learning": learn });
    // Far enough back that what a test says next is later.
    at(30 * DAY_MS, message)
}

/// The message as it would be had it happened so many milliseconds ago.
pub fn at(ms_ago: i64, mut message: Value) -> Value {
    let now: Moment = clock::system()();
    let then = jiff::Timestamp::from_millisecond(now.0 - ms_ago).unwrap();
    message["timestamp"] = json!(then.to_string());
    message
}

/// The ids of the items of an answer.
pub fn ids(answer: &Value) -> Vec<String> {
    answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}
