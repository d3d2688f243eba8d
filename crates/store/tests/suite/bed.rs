//! A shelf to test, which can be closed and opened anew.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use store::testing::{PostgresServer, WITHOUT_POSTGRES};
use store::{Embedded, Epoch, Memory, Postgres, Shelf, WriteBack};
use tempfile::TempDir;
use vocabulary::Moment;

/// The moment at which a bed's owner takes the lease, for an hour.
pub const NOW: Moment = Moment(1_700_000_000_000);
pub const HOUR: i64 = 3_600_000;

pub struct Bed {
    pub shelf: Arc<dyn Shelf>,
    pub epoch: Epoch,
    place: Place,
}

enum Place {
    Memory,
    Folder(TempDir),
    Database(String),
}

impl Bed {
    pub fn lazy_memory() -> Option<Bed> {
        Some(Bed::new(Arc::new(Memory::new()), Place::Memory))
    }

    pub fn eager_memory() -> Option<Bed> {
        Some(Bed::new(Arc::new(Memory::eager()), Place::Memory))
    }

    pub fn embedded() -> Option<Bed> {
        let folder = tempfile::tempdir().unwrap();
        Some(Bed::new(
            Arc::new(Embedded::open(folder.path()).unwrap()),
            Place::Folder(folder),
        ))
    }

    pub fn postgres() -> Option<Bed> {
        let database = new_database()?;
        Some(Bed::new(
            Arc::new(Postgres::connect(&database).unwrap()),
            Place::Database(database),
        ))
    }

    fn new(shelf: Arc<dyn Shelf>, place: Place) -> Bed {
        let epoch = shelf.acquire("bed", NOW, HOUR).unwrap();
        Bed { shelf, epoch, place }
    }

    /// Closes the shelf and opens it anew; memory has nothing to open.
    pub fn reopen(&mut self) {
        self.close_and(|_| {});
    }

    /// Closes the shelf, does something to the folder or database, and opens it anew.
    pub fn close_and(&mut self, act: impl FnOnce(Closed)) {
        match &self.place {
            Place::Memory => return,
            Place::Folder(folder) => {
                self.shelf = Arc::new(Memory::new());
                act(Closed::Folder(folder.path()));
                self.shelf = Arc::new(Embedded::open(folder.path()).unwrap());
            }
            Place::Database(database) => {
                self.shelf = Arc::new(Memory::new());
                act(Closed::Database(database));
                self.shelf = Arc::new(Postgres::connect(database).unwrap());
            }
        }
        self.epoch = self.shelf.acquire("bed", NOW, HOUR).unwrap();
    }

    pub fn folder(&self) -> PathBuf {
        let Place::Folder(folder) = &self.place else {
            panic!("only embedded shelves have a folder")
        };
        folder.path().to_owned()
    }

    pub fn database(&self) -> &str {
        let Place::Database(database) = &self.place else {
            panic!("only PostgreSQL has a database")
        };
        database
    }

    pub fn is_lazy(&self) -> bool {
        self.shelf.write_back() == WriteBack::Lazy
    }
}

/// A closed shelf.
pub enum Closed<'a> {
    Folder(&'a Path),
    Database(&'a str),
}

/// A connection string to an empty database of the shared server.
pub fn new_database() -> Option<String> {
    let server = server()?;
    Some(server.new_database().unwrap())
}

pub fn server() -> Option<&'static PostgresServer> {
    let server = PostgresServer::shared().unwrap_or_else(|why| panic!("{why}"));
    if server.is_none() {
        say(&format!(
            "SKIPPED on PostgreSQL, because {WITHOUT_POSTGRES} is set"
        ));
    }
    server
}

/// Says that it is over when it is dropped, also by a failing test: threads beside it can then end.
pub struct Over<'a>(pub &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Says something that the test harness does not swallow.
pub fn say(words: &str) {
    let _said = std::io::stderr().write_all(format!("{words}\n").as_bytes());
}
