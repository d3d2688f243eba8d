//! A witness in a folder of its own, and logs to show it.

use super::support::{Answer, ask};
use ledger::witness::{Request, Witness};
use ledger::{Checkpoint, SigningKey, receipt};
use server::ingest::clock;
use server::witness::{self, Memory};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use store::Embedded;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vocabulary::Moment;

pub const NOW: Moment = Moment(1_785_628_800_000);

/// The witness of that name, with a key of its own.
pub fn carol(name: &str) -> Witness {
    let seed = vocabulary::Digest::of(name.as_bytes()).0;
    Witness::from_seed(name, &seed).unwrap()
}

/// Opens the memory in that folder, which is made if there is none.
pub fn open(folder: &Path, name: &str, logs: &[&SigningKey]) -> Arc<Memory> {
    let shelf = Arc::new(Embedded::open(folder).unwrap());
    if Memory::is_free(shelf.as_ref()).is_ok() {
        Memory::begin(shelf.as_ref(), &carol(name), NOW).unwrap();
    }
    let logs = logs.iter().map(|key| key.verifying_key().clone()).collect();
    Arc::new(Memory::open(shelf, carol(name), logs, NOW).unwrap())
}

/// A running witness.
pub struct Served {
    pub address: SocketAddr,
    pub memory: Arc<Memory>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Served {
    pub async fn start(memory: Arc<Memory>) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let until = async move { drop(stopped.await) };
        let served = Arc::clone(&memory);
        let task = tokio::spawn(witness::run(served, clock::system(), listener, until));
        Served {
            address,
            memory,
            stop,
            task,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub async fn add(&self, body: impl Into<bytes::Bytes>) -> Answer {
        ask(self.address, hyper::Method::POST, "/add-checkpoint", &[], body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        ask(self.address, hyper::Method::GET, path, &[], "").await
    }

    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

/// A log in memory, with its checkpoint at each size.
pub struct Log {
    pub key: SigningKey,
    rows: BTreeMap<String, Vec<u8>>,
    checkpoints: Vec<Vec<u8>>,
}

impl Log {
    /// Of so many entries; from entry `fork` on, they are another history's.
    pub fn of(origin: &str, size: u64, fork: u64) -> Log {
        let key = SigningKey::from_seed(origin, &[7; 32]).unwrap();
        let mut log = Log {
            rows: BTreeMap::new(),
            checkpoints: Vec::new(),
            key,
        };
        let none: [Vec<u8>; 0] = [];
        let empty = ledger::sequence::integrate(None, &none, &log.key, |_| Ok::<_, Infallible>(None));
        log.checkpoints.push(empty.unwrap().checkpoint);
        for number in 0..size {
            let entry = [format!("{number} {}", number >= fork).into_bytes()];
            let read = |path: &str| log.read(path);
            let step = ledger::sequence::integrate(
                log.checkpoints.last().map(Vec::as_slice),
                &entry,
                &log.key,
                read,
            );
            let step = step.unwrap();
            log.rows.extend(step.growth.tiles);
            log.checkpoints.push(step.checkpoint);
        }
        log
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.rows.get(path).cloned())
    }

    pub fn at(&self, size: u64) -> &[u8] {
        &self.checkpoints[size as usize]
    }

    pub fn opened(&self, size: u64) -> Checkpoint {
        Checkpoint::open(self.at(size), self.key.verifying_key()).unwrap()
    }

    pub fn request(&self, old: u64, size: u64) -> Request {
        let grown = receipt::prove_growth(old, self.at(size), self.key.verifying_key(), |path| {
            self.read(path)
        });
        Request {
            old,
            proof: grown.unwrap().1,
            checkpoint: self.at(size).to_vec(),
        }
    }
}
