//! Every ten seconds: are there other keys than before? They are taken up while people are served, and what
//! older key-encryption keys wrap is wrapped anew, page by page. Also takes up what a killed process left.

use crate::key_files::{self, Exchangeable};
use crate::settings::{KmsDriver, Settings};
use gate::{Gate, KekId, Unavailable, local_id};
use std::time::Duration;

const LOOK: Duration = Duration::from_secs(10);
/// Between two pages, so that events come first.
const PAUSE: Duration = Duration::from_millis(20);

/// Runs until the task is dropped.
pub async fn run(gate: Gate, settings: Settings) {
    let mut known = None;
    let mut wrapped = false;
    loop {
        // The environment of a process does not change, and a token's keys are named in the settings.
        if settings.kms.driver == KmsDriver::File {
            match look(&gate, &settings, &known).await {
                Ok(Some(seen)) => (known, wrapped) = (Some(seen), false),
                Ok(None) => {}
                Err(error) => tracing::error!(error, "the keys were not exchanged"),
            }
        }
        if !wrapped {
            match wrap_anew(&gate).await {
                Ok(()) => wrapped = true,
                Err(error) => tracing::error!(%error, "keys are not wrapped anew; it is tried again"),
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Which keys there are, the current ones first.
type Seen = (Vec<KekId>, Vec<KekId>);

/// Takes up the keys in the folder if they are others than those known.
async fn look(gate: &Gate, settings: &Settings, known: &Option<Seen>) -> Result<Option<Seen>, String> {
    let read = settings.clone();
    let found = tokio::task::spawn_blocking(move || key_files::exchangeable(&read)).await;
    let found = found.map_err(|error| error.to_string())?;
    let Exchangeable {
        current,
        older,
        ledger,
    } = found.map_err(|error| error.to_string())?;
    let keks = std::iter::once(&current)
        .chain(&older)
        .map(|kek| kek.id())
        .collect();
    let signs = std::iter::once(&ledger.secret)
        .chain(&ledger.older)
        .map(local_id)
        .collect();
    let seen = (keks, signs);
    if known.as_ref() == Some(&seen) {
        return Ok(None);
    }
    let id = current.id();
    if gate
        .take_up(current, older)
        .await
        .map_err(|error| error.to_string())?
    {
        tracing::warn!(key = %id, "another key-encryption key wraps what is new from here on");
    }
    gate.take_up_log_key(ledger)
        .await
        .map_err(|error| error.to_string())?;
    Ok(Some(seen))
}

async fn wrap_anew(gate: &Gate) -> Result<(), Unavailable> {
    let mut keys = 0;
    loop {
        let step = gate.rewrap().await?;
        keys += step.keys;
        if step.done {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    if keys > 0 {
        tracing::info!(keys, "wrapped anew by the current key-encryption key");
    }
    for known in gate.key_uses().await? {
        // Two gauges: a label that changed would leave the series of before as it was.
        let kek = known.id.to_string();
        metrics::gauge!("egard_keys_wrapped", "kek" => kek.clone()).set(known.wraps as f64);
        metrics::gauge!("egard_kek_needed", "kek" => kek).set(f64::from(u8::from(known.needed)));
    }
    Ok(())
}
