//! `egard witness`: countersign the logs of others.

use crate::{demo, say};
use ledger::witness::Witness;
use server::ingest::clock;
use server::serve::shelf_at;
use server::witness::{self, Memory, WitnessSettings};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Shelf;
use tokio::net::TcpListener;

/// What to do.
#[derive(clap::Subcommand)]
pub enum What {
    /// Make a new witness: its key file, and its memory. Prints the public key to hand out.
    New(File),
    /// Countersign what continues the logs of the settings, until interrupted.
    Serve(File),
}

/// Where the settings are.
#[derive(clap::Args)]
pub struct File {
    /// The settings of the witness (TOML); see `docs/witness.md`.
    #[arg(long, default_value = "witness.toml")]
    settings: PathBuf,
}

/// Does it.
pub async fn run(what: What) -> Result<(), String> {
    match what {
        What::New(file) => new(&file.settings),
        What::Serve(file) => serve(&file.settings).await,
    }
}

fn new(path: &Path) -> Result<(), String> {
    let settings = WitnessSettings::read(path).map_err(text)?;
    if settings.key.exists() {
        return Err(format!(
            "`{}` is there already; a witness has one key for ever",
            settings.key.display()
        ));
    }
    let shelf = shelf_at(&settings.state).map_err(text)?;
    let made: Witness = witness::make(&settings, shelf.as_ref(), clock::system()()).map_err(text)?;
    say(&format!(
        "made `{}`; keep no copy of `state`",
        settings.key.display()
    ));
    say(&format!("witness key {}", made.key()));
    Ok(())
}

async fn serve(path: &Path) -> Result<(), String> {
    let settings = WitnessSettings::read(path).map_err(text)?;
    let logs = settings.keys().map_err(text)?;
    let key = witness::read_key(&settings).map_err(text)?;
    let shelf = existing(&settings.state)?;
    let count = logs.len();
    let memory = Memory::open(shelf, key, logs, clock::system()()).map_err(text)?;
    let memory = Arc::new(memory);
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", settings.listen))?;
    let address = listener.local_addr().map_err(text)?;
    say(&format!(
        "witnessing {count} logs on http://{address}; witness key {}",
        memory.vkey()
    ));
    witness::run(memory, clock::system(), listener, demo::wait_for_the_end()).await;
    Ok(())
}

/// The store, if it is there: an empty one at a misspelt place would be told to be a lost memory.
fn existing(state: &str) -> Result<Arc<dyn Shelf>, String> {
    match state.strip_prefix("embedded:") {
        Some(folder) if !Path::new(folder).join("state.sqlite").is_file() => Err(format!(
            "there is no memory of a witness in `{folder}`: check `state`. If it is lost, this key must never \
             countersign again: make a new witness under a new name with `egard witness new`"
        )),
        _ => shelf_at(state).map_err(text),
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
