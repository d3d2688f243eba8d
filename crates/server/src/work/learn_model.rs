//! Learning: permits for everybody who agreed, counts, a model, and the model in force.
//!
//! Deliberately does not know: how counts become a model (`learn`).

use crate::app::App;
use gate::charter::Requester;
use gate::purposes::Train;
use gate::{Ask, Unavailable};
use learn::{Bounds, Counts, Provenance, Settings};
use recommend::Model;
use std::time::Duration;
use vocabulary::{Digest, ItemId, Signals};

const MINUTE: Duration = Duration::from_secs(60);

/// What was learned.
#[derive(Clone, Debug)]
pub struct Learned {
    /// Content address of the model.
    pub model: Digest,
    /// People whose history counts.
    pub people: u64,
    /// People who were there and did not permit it.
    pub refused: u64,
    /// Items in the model.
    pub items: u32,
    /// Bytes of the model.
    pub bytes: usize,
}

/// Nothing was learned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The gate.
    #[error(transparent)]
    Gate(#[from] Unavailable),
    /// Counting or solving.
    #[error(transparent)]
    Learn(#[from] learn::Error),
    /// The model does not read back.
    #[error("the model does not read back: {0}")]
    Model(#[from] recommend::Error),
    /// Nobody permits it.
    #[error("nobody whose data is here permits `train`; nothing was learned")]
    Nobody,
}

/// Learns every `hours`, and while there is no model every minute, until the task is dropped.
pub async fn keep_learning(app: App, hours: u32) {
    let mut minute = tokio::time::interval(MINUTE);
    minute.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut last = tokio::time::Instant::now();
    loop {
        minute.tick().await;
        if app.model().is_some() && last.elapsed() < MINUTE * 60 * hours {
            continue;
        }
        last = tokio::time::Instant::now();
        match run(&app, &Settings::default(), "this installation's own events").await {
            Ok(learned) => tracing::info!(model = %learned.model, people = learned.people, "learned"),
            Err(Error::Nobody) => tracing::debug!("nobody permits learning yet"),
            Err(error) => tracing::warn!(%error, "nothing was learned"),
        }
    }
}

/// Learns from everybody who permits it, publishes the model, and puts it in force.
pub async fn run(app: &App, settings: &Settings, data: &str) -> Result<Learned, Error> {
    let now = app.now();
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now,
    };
    let permits = app
        .gate
        .permits::<Train>(ask, app.gate.dictionary().digest())
        .await?;
    let refused = permits.refused;
    if permits.is_empty() {
        return Err(Error::Nobody);
    }
    let provenance = Provenance {
        made_on: now.day(),
        charter: app.gate.charter().digest(),
        data: data.to_owned(),
    };
    let (gate, settings) = (app.gate.clone(), *settings);
    let items: Vec<ItemId> = app.catalogue.items().iter().map(|item| item.id.clone()).collect();
    let solve = move || -> Result<(Vec<u8>, u64), Error> {
        let mut counts = Counts::new(items, Bounds::default())?;
        let mut fault = None;
        gate.open_each(permits, |opened| {
            if let Err(error) = counts.add(&opened.view().history) {
                fault = Some(error);
            }
        })?;
        if let Some(error) = fault {
            return Err(error.into());
        }
        let bytes = learn::train(&counts, &settings, provenance)?;
        Ok((bytes, counts.people()))
    };
    let solved = tokio::task::spawn_blocking(solve).await;
    let (bytes, people) = solved.map_err(|_| Unavailable::Stopped)??;
    let model = Model::read(&bytes)?;
    let learned = Learned {
        model: model.digest(),
        people,
        refused,
        items: model.header().items,
        bytes: bytes.len(),
    };
    app.gate.publish("model", bytes, now).await?;
    app.put_model(model);
    Ok(learned)
}
