//! The program in force, as one artefact: by which charter, dictionary, catalogue and notices, and under which
//! settings that shape a decision, this installation decides. Whatever changes, its digest changes, and the
//! log says so.
//!
//! Deliberately does not know: models; they are learned under a program, and kept beside it.

use crate::app::App;
use crate::settings::Settings;
use gate::{Published, Unavailable};
use vocabulary::Digest;

/// Puts the program in force, and keeps what it is made of as long as it is kept.
pub(crate) async fn publish(app: &App, settings: &Settings) -> Result<(), Unavailable> {
    let notices: Vec<Digest> = app.gate.notices().all().map(gate::Notice::digest).collect();
    let parts = [
        app.gate.charter().digest(),
        app.gate.dictionary().digest(),
        app.catalogue_digest,
    ];
    let [charter, dictionary, catalogue] = parts;
    // Members in order: the same program gives the same bytes.
    let program = serde_json::json!({
        "catalogue": catalogue,
        "charter": charter,
        "dictionary": dictionary,
        "engine": concat!("egard ", env!("CARGO_PKG_VERSION")),
        "form": "egard program 1",
        "notices": notices,
        "settings": {
            "duplicate_window_days": settings.duplicate_window_days,
            "event_retention_days": settings.event_retention_days,
            "learn_every_hours": settings.learn_every_hours,
        },
    });
    let bytes = program.to_string().into_bytes();
    let all: Vec<Digest> = parts.into_iter().chain(notices).collect();
    app.gate.keep_beside(Digest::of(&bytes), &all).await?;
    app.gate.publish("program", bytes, app.now()).await?;
    Ok(())
}

/// Writes down that a model decides under the program in force; before it decides anything.
pub(crate) async fn keep_beside_model(app: &App, model: Digest) -> Result<(), Unavailable> {
    match app.gate.published("program").await? {
        Published::Intact(program) => app.gate.keep_beside(model, &[Digest::of(&program)]).await,
        Published::Absent | Published::Damaged => Ok(()),
    }
}
