//! `egard log`: the whole transparency log as a folder of C2SP `tlog-tiles`, entries included.

use crate::say;
use crate::serve::{self as serving, Choices as Serving};
use server::ingest::clock;
use server::serve;
use std::path::{Path, PathBuf};

/// Which store, to where.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    serving: Serving,
    /// An empty or new folder to write to.
    folder: PathBuf,
}

/// Writes the folder, and beside it the public key.
pub async fn run(choices: Choices) -> Result<(), String> {
    let settings = serving::settings(&choices.serving)?;
    serving::existing(&settings)?;
    let app = serve::open(&settings, clock::system())
        .await
        .map_err(|error| error.to_string())?;
    let written = write(&app.gate, &choices.folder).await;
    app.gate.close().await;
    let files = written?;
    say(&format!("wrote {files} files to {}", choices.folder.display()));
    say(&format!(
        "check with `egard verify log {} --key-file {}`",
        choices.folder.display(),
        choices.folder.join("vkey").display()
    ));
    Ok(())
}

async fn write(gate: &gate::Gate, folder: &Path) -> Result<usize, String> {
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("`{}` is not empty", folder.display()));
    }
    gate.integrate().await.map_err(|error| error.to_string())?;
    let checkpoint = gate.checkpoint().await.map_err(|error| error.to_string())?;
    let checkpoint = checkpoint.ok_or("there is no log yet")?;
    let key = gate
        .vkey()
        .parse()
        .map_err(|error: ledger::key::Error| error.to_string())?;
    let size = ledger::Checkpoint::open(&checkpoint, &key)
        .map_err(|error| error.to_string())?
        .size;
    // The store may still hold partial tiles of smaller sizes: nobody could verify them.
    let mut files = 2;
    for tile in ledger::tile::all(size) {
        let path = tile.path();
        let bytes = gate.tile(path.clone()).await.map_err(|error| error.to_string())?;
        put(
            &folder.join(&path),
            &bytes.ok_or(format!("`{path}` is missing in the store"))?,
        )?;
        files += 1;
    }
    // Last: a folder without a checkpoint is not taken for a log.
    put(&folder.join("vkey"), gate.vkey().as_bytes())?;
    // With the lines of the witnesses, if they have seen as much.
    let witnessed = gate.witnessed().filter(|witnessed| witnessed.size == size);
    let checkpoint = witnessed.map_or(checkpoint, |witnessed| witnessed.checkpoint);
    put(&folder.join("checkpoint"), &checkpoint)?;
    Ok(files)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("`{}`: {error}", path.display());
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    std::fs::write(path, bytes).map_err(failed)
}
