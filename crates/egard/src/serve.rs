//! `egard serve` and `egard train`.

use crate::{SettingsFile, complain, demo, say};
use server::ingest::clock;
use server::settings::Settings;
use server::{serve, work};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;

/// Flags; they stand above environment and file.
#[derive(clap::Args)]
#[group(id = "serving")] // `egard log` has choices of its own beside these
pub struct Choices {
    #[command(flatten)]
    file: SettingsFile,
    /// Where to listen.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// The store: `embedded:FOLDER`, `postgres:CONNECTION STRING` or `memory`.
    #[arg(long)]
    store: Option<String>,
}

/// Serves until interrupted.
pub async fn run(choices: Choices) -> Result<(), String> {
    let settings = settings(&choices)?;
    let app = serve::open(&settings, clock::system())
        .await
        .map_err(|error| error.to_string())?;
    let router = serve::router(&app, &settings, clock::system()).map_err(|error| error.to_string())?;
    let listener = serve::listen(&settings)
        .await
        .map_err(|error| error.to_string())?;
    say(&format!(
        "serving on http://{}; log key {}",
        settings.listen,
        app.gate.vkey()
    ));
    let served = serve::run(app, router, listener, &settings, demo::wait_for_the_end()).await;
    served.map_err(|error| error.to_string())
}

/// Learns once. A server that runs on the same store holds its lease, and learns by itself
/// (`learn_every_hours`).
pub async fn train(choices: Choices) -> Result<(), String> {
    let settings = settings(&choices)?;
    existing(&settings)?;
    let app = serve::open(&settings, clock::system())
        .await
        .map_err(|error| error.to_string())?;
    let start = Instant::now();
    let learned = work::learn_model::run(
        &app,
        &work::learn_model::Choice::default(),
        "this installation's own events",
    )
    .await;
    let outcome = match &learned {
        Ok(learned) => {
            let seconds = start.elapsed().as_secs_f64();
            let (people, items, bytes, model) = (learned.people, learned.items, learned.bytes, learned.model);
            say(&match learned.privacy {
                None => format!(
                    "learned from {people} people in {seconds:.1} s ({} did not permit it): {items} items, {bytes} \
                     bytes, model {model}",
                    learned.refused
                ),
                Some(of) if of.items == 0 => format!(
                    "learned from about {people} people with noise, ε = {}: too few for ties between items, so it is \
                     popularity and the categories of the catalogue; {items} items, {bytes} bytes, model {model}",
                    of.epsilon
                ),
                Some(of) => format!(
                    "learned from about {people} people with noise, ε = {}: {items} items, {} of them with ties, \
                     {bytes} bytes, model {model}",
                    of.epsilon, of.items
                ),
            });
            if let Some(accuracy) = &learned.accuracy {
                say(&accuracy.to_string());
            }
            app.gate
                .integrate()
                .await
                .map(drop)
                .map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    };
    app.gate.close().await;
    outcome
}

/// File, environment, flags; checked.
pub fn settings(choices: &Choices) -> Result<Settings, String> {
    let read = Settings::read(choices.file.settings.as_deref(), |name| std::env::var(name).ok());
    let mut settings = read.map_err(|error| error.to_string())?;
    if let Some(listen) = choices.listen {
        settings.listen = listen;
    }
    if let Some(store) = &choices.store {
        settings.store.clone_from(store);
    }
    for weakness in settings.check().map_err(|error| error.to_string())? {
        complain(&format!("warning: {weakness}"));
    }
    Ok(settings)
}

/// Fails where there is no store yet: a command that only reads or learns would make an empty one at a
/// misspelt place, and find nothing in it.
pub fn existing(settings: &Settings) -> Result<(), String> {
    match settings.store.strip_prefix("embedded:") {
        Some(folder) if !Path::new(folder).join("state.sqlite").is_file() => Err(format!(
            "there is no store in `{folder}`: check `store` (or --store); only `egard serve` and `egard demo` make one"
        )),
        _ => Ok(()),
    }
}

/// Whether the store could not be opened because another process has it.
pub fn held(error: &serve::Error) -> bool {
    matches!(
        error,
        serve::Error::Store(store::Error::Held { .. } | store::Error::Retry(_))
            | serve::Error::Gate(gate::Unavailable::Store(store::Error::Held { .. }))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_store_is_told_and_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let check = |place: &Path| {
            existing(&Settings {
                store: format!("embedded:{}", place.display()),
                ..Settings::default()
            })
        };
        let absent = folder.path().join("stoer");
        assert!(check(&absent).unwrap_err().contains("stoer"));
        assert!(check(folder.path()).is_err());
        assert!(!absent.exists());
        drop(store::Embedded::open(folder.path()).unwrap());
        assert!(check(folder.path()).is_ok());
    }
}
