//! `egard register export`: the public register as a folder of files, to be read from disk or put on any
//! web server.

use crate::say;
use crate::serve::{self as serving, Choices as Serving};
use server::ingest::{PublicUrl, clock};
use server::register::{Press, files};
use server::serve;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to do with it.
#[derive(clap::Subcommand)]
pub enum What {
    /// Write it to a folder: pages in French and English, JSON, charters, checkpoint, key. The same register
    /// gives the same bytes.
    Export(Choices),
}

/// Which store, to where.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    serving: Serving,
    /// A new or empty folder to write to.
    folder: PathBuf,
}

/// Does it.
pub async fn run(what: What) -> Result<(), String> {
    let What::Export(choices) = what;
    let settings = serving::settings(&choices.serving)?;
    serving::existing(&settings)?;
    is_free(&choices.folder)?;
    let public_url = PublicUrl::parse(&settings.public_url).map_err(|error| error.to_string())?;
    let app = serve::open(&settings, clock::system())
        .await
        .map_err(|error| error.to_string())?;
    let written = async {
        app.gate.integrate().await.map_err(|error| error.to_string())?;
        let press = Press::new(app.clone(), &settings, &public_url);
        let edition = press.edition(Duration::ZERO).await;
        let edition = edition.map_err(|error| error.to_string())?;
        let files = files::files(&press, &edition).await;
        write(&choices.folder, &files.map_err(|error| error.to_string())?)
    }
    .await;
    app.gate.close().await;
    let files = written?;
    say(&format!(
        "wrote {files} files to {}; begin with {}",
        choices.folder.display(),
        choices.folder.join("index.html").display()
    ));
    Ok(())
}

fn is_free(folder: &Path) -> Result<(), String> {
    let mut entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("`{}`: {error}", folder.display())),
    };
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(format!("`{}` is not empty; name a new folder", folder.display())),
    }
}

/// `index.html` last: a folder without it is not taken for a register.
fn write(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<usize, String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    let (first, others): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| *name == "index.html");
    for (name, bytes) in others.into_iter().chain(first) {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|error| format!("`{}`: {error}", path.display()))?;
    }
    Ok(files.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let files = BTreeMap::from([("index.html".to_owned(), b"x".to_vec())]);
        let place = folder.path().join("register");
        is_free(&place).unwrap();
        assert_eq!(write(&place, &files), Ok(1));
        assert!(is_free(&place).unwrap_err().contains("not empty"));
    }
}
