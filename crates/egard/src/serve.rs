//! `egard serve` and `egard train`.

use crate::{SettingsFile, demo, say};
use server::ingest::clock;
use server::settings::{self, Settings};
use server::{serve, work};
use std::net::SocketAddr;
use std::time::Instant;

/// Flags; they stand above environment and file.
#[derive(clap::Args)]
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
    let app = serve::open(&settings, clock::system())
        .await
        .map_err(|error| error.to_string())?;
    let start = Instant::now();
    let learned = work::learn_model::run(
        &app,
        &learn::Settings::default(),
        "this installation's own events",
    )
    .await;
    let outcome = match &learned {
        Ok(learned) => {
            say(&format!(
                "learned from {} people in {:.1} s ({} did not permit it): {} items, {} bytes, model {}",
                learned.people,
                start.elapsed().as_secs_f64(),
                learned.refused,
                learned.items,
                learned.bytes,
                learned.model
            ));
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
    let unknown: Vec<String> = std::env::vars()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("EGARD_") && name != "EGARD_SETTINGS")
        .filter(|name| !settings::VARIABLES.contains(&name.as_str()))
        .collect();
    if !unknown.is_empty() {
        return Err(format!(
            "unknown environment variable `{}`; known are {}",
            unknown.join("`, `"),
            settings::VARIABLES.join(", ")
        ));
    }
    let read = Settings::read(choices.file.settings.as_deref(), |name| std::env::var(name).ok());
    let mut settings = read.map_err(|error| error.to_string())?;
    if let Some(listen) = choices.listen {
        settings.listen = listen;
    }
    if let Some(store) = &choices.store {
        settings.store.clone_from(store);
    }
    for weakness in settings.check().map_err(|error| error.to_string())? {
        say(&format!("warning: {weakness}"));
    }
    Ok(settings)
}
