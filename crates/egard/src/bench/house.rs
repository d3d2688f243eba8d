//! A real server in this process, on an embedded store in a folder of its own, for the time of a bench.
//!
//! Deliberately does not know: what is measured.

use crate::client::Client;
use crate::demo::{basic, short};
use lab::online_retail::{Order, shipped_catalogue, shipped_orders};
use lab::stopwatch;
use server::app::App;
use server::ingest::{Ingest, PublicUrl, Source, SourceName, Sources, clock};
use server::settings::{ApiKey, Environment, Settings};
use server::{files, serve};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vocabulary::DAY_MS;

const WRITE_KEY: &str = "bench-write-key";
const SOURCE: &str = "shop";

/// Where benches put their stores.
#[derive(clap::Args)]
pub struct Place {
    /// Where to put the store of the bench; it is removed at the end. A disk that real data would lie
    /// on: in memory an fsync costs nothing.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

impl Place {
    /// A folder of its own for one store.
    pub fn folder(&self) -> Result<Temporary, String> {
        Temporary::new(&self.folder)
    }

    /// What the figures depend on besides the program, in one line.
    pub fn describe(&self) -> String {
        let processors = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        format!(
            "{processors} processors; load before {:.1}; store in {} ({})",
            stopwatch::load().unwrap_or_default(),
            self.folder.display(),
            file_system(&self.folder).unwrap_or_else(|| "unknown file system".to_owned()),
        )
    }
}

/// The type of the file system that a folder lies on.
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let mut best: Option<(usize, String)> = None;
    for line in mounts.lines() {
        let mut words = line.split(' ').skip(1);
        let (Some(at), Some(kind)) = (words.next(), words.next()) else {
            continue;
        };
        if folder.starts_with(at) && best.as_ref().is_none_or(|(length, _)| at.len() >= *length) {
            best = Some((at.len(), kind.to_owned()));
        }
    }
    best.map(|(_, kind)| kind)
}

/// A folder that is removed with all that is in it.
pub struct Temporary(PathBuf);

impl Temporary {
    fn new(parent: &Path) -> Result<Temporary, String> {
        let name = gate::Secret::fresh().map_err(text)?.to_text();
        let path = parent.join(format!("egard-bench-{}", short(&name)));
        std::fs::create_dir_all(&path).map_err(|error| format!("`{}`: {error}", path.display()))?;
        Ok(Temporary(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Bytes of the files in its folder `name`.
    pub fn bytes_of(&self, name: &str) -> u64 {
        let files = std::fs::read_dir(self.0.join(name))
            .into_iter()
            .flatten()
            .flatten();
        files
            .filter_map(|file| file.metadata().ok())
            .map(|file| file.len())
            .sum()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nothing to be done about a folder that cannot be removed, and nobody to tell.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Any error as its words.
pub fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Now, as clients write it.
pub fn stamp() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}

/// A running server.
pub struct House {
    folder: Temporary,
    /// Everything inside it.
    pub app: App,
    /// Where it listens.
    pub address: SocketAddr,
    settings: Settings,
    api_key: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), serve::Error>>,
}

impl House {
    /// Starts a server with this data dictionary, everything else as in production.
    pub async fn open(folder: Temporary, dictionary: &str) -> Result<House, String> {
        let (settings, api_key) = settings(folder.path(), dictionary)?;
        House::start(folder, settings, api_key).await
    }

    /// The same store opened anew, nothing at work on it, and hardly anybody in its memory. The folder goes when what
    /// is answered first is dropped.
    pub async fn asleep(self) -> Result<(Temporary, App), String> {
        let settings = Settings {
            hot_envelopes: 0,
            ..self.settings.clone()
        };
        let folder = self.close().await?;
        let app = serve::open(&settings, clock::system()).await.map_err(text)?;
        Ok((folder, app))
    }

    async fn start(folder: Temporary, settings: Settings, api_key: String) -> Result<House, String> {
        let app = serve::open(&settings, clock::system()).await.map_err(text)?;
        let router = serve::router(&app, &settings, clock::system()).map_err(text)?;
        let listener = serve::listen(&settings).await.map_err(text)?;
        let address = listener.local_addr().map_err(text)?;
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn({
            let (app, settings) = (app.clone(), settings.clone());
            async move {
                // A dropped sender stops the server as well.
                let until = async move { drop(stopped.await) };
                serve::run(app, router, listener, &settings, until).await
            }
        });
        Ok(House {
            folder,
            app,
            address,
            settings,
            api_key,
            stop,
            served,
        })
    }

    /// The header of its source.
    pub fn source_header(&self) -> String {
        basic(WRITE_KEY)
    }

    /// The header of its API key.
    pub fn api_header(&self) -> String {
        format!("Bearer {}", self.api_key)
    }

    /// Events that are durable, as the server itself counts them.
    pub async fn stored(&self) -> Result<u64, String> {
        let mut client = Client::connect(self.address, &self.api_header())
            .await
            .map_err(text)?;
        let path = format!("/v1/sources/{SOURCE}/discards");
        let (_, body) = client
            .send(hyper::Method::GET, &path, bytes::Bytes::new())
            .await
            .map_err(text)?;
        let report: serde_json::Value = serde_json::from_slice(&body).map_err(text)?;
        report
            .get("stored")
            .and_then(serde_json::Value::as_u64)
            .ok_or_else(|| "the server does not say how many events it stored".to_owned())
    }

    /// Bytes of the store.
    pub fn bytes(&self) -> u64 {
        self.folder.bytes_of("store")
    }

    /// Watches how long the write-ahead files get, from now on.
    pub fn watch(&self) -> Watch {
        Watch::new(&self.folder.path().join("store"))
    }

    /// Stops the server; what it stored stays until the folder is dropped.
    pub async fn close(self) -> Result<Temporary, String> {
        // The receiver is there until the server ends.
        let _ = self.stop.send(());
        self.served.await.map_err(text)?.map_err(text)?;
        Ok(self.folder)
    }
}

/// The settings of a server in that folder with this data dictionary, and its API key.
pub fn settings(folder: &Path, dictionary: &str) -> Result<(Settings, String), String> {
    let api_key = gate::Secret::fresh().map_err(text)?.to_text();
    let keys = folder.join("keys");
    files::make_keys(&keys).map_err(text)?;
    let dictionary_path = folder.join("dictionary.toml");
    std::fs::write(&dictionary_path, dictionary).map_err(text)?;
    let catalogue = folder.join("catalogue.jsonl");
    let items = shipped_catalogue().map_err(text)?;
    let lines: Result<Vec<String>, _> = items.items().iter().map(serde_json::to_string).collect();
    std::fs::write(&catalogue, lines.map_err(text)?.join("\n")).map_err(text)?;
    // The words that the demo's visitors are shown: a permission needs them.
    let notice = folder.join("notice.toml");
    std::fs::write(&notice, include_str!("../../../../demo/notices/gift-shop-1.toml")).map_err(text)?;
    let settings = Settings {
        notices: vec![notice],
        environment: Environment::Development,
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        store: format!("embedded:{}", folder.join("store").display()),
        keys,
        ledger_origin: "bench.example/egard".to_owned(),
        dictionary: dictionary_path,
        catalogue: Some(catalogue),
        sources: vec![source()?],
        api_keys: vec![ApiKey {
            name: "bench".to_owned(),
            key: api_key.clone(),
        }],
        // A bench learns when it says so.
        learn_every_hours: 0,
        ..Settings::default()
    };
    Ok((settings, api_key))
}

fn source() -> Result<Source, String> {
    Ok(Source {
        name: SourceName::parse(SOURCE).map_err(text)?,
        write_key: WRITE_KEY.to_owned(),
        enabled: true,
        child_directed: false,
        secret: true,
        origins: Vec::new(),
    })
}

/// The ingest endpoints over something else than the gate, for comparison.
pub fn ingest(acceptor: Arc<dyn server::ingest::Accept>) -> Result<Ingest, String> {
    let sources = Sources::new([source()?]).map_err(text)?;
    let url = PublicUrl::parse("http://127.0.0.1").map_err(text)?;
    Ok(Ingest::new(sources, acceptor, url))
}

/// The write key that [`ingest`] knows.
pub fn write_key() -> &'static str {
    WRITE_KEY
}

/// The orders that come with the program, moved so that the last was yesterday: the shift in milliseconds.
pub fn orders() -> Result<(Vec<Order>, i64), String> {
    let orders = shipped_orders().and_then(|orders| orders.collect::<Result<Vec<Order>, _>>());
    let orders = orders.map_err(text)?;
    let last = orders.last().map_or(0, |order| order.at.0);
    let now = clock::system()();
    Ok((orders, (now.0 - last).div_euclid(DAY_MS) * DAY_MS - DAY_MS))
}

/// Looks at the write-ahead files fifty times a second.
pub struct Watch {
    stop: Arc<AtomicBool>,
    longest: Arc<AtomicU64>,
}

impl Watch {
    fn new(store: &Path) -> Watch {
        let watch = Watch {
            stop: Arc::default(),
            longest: Arc::default(),
        };
        let (stop, longest) = (Arc::clone(&watch.stop), Arc::clone(&watch.longest));
        let files = ["state.sqlite-wal", "keys.sqlite-wal"].map(|name| store.join(name));
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let length = |file: &PathBuf| std::fs::metadata(file).map_or(0, |file| file.len());
                longest.fetch_max(files.iter().map(length).sum(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        watch
    }

    /// The longest they were together, in bytes, since the last time this was asked.
    pub fn longest(&self) -> u64 {
        self.longest.swap(0, Ordering::Relaxed)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
