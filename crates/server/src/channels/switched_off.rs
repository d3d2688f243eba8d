//! Webhooks whose receiver said that it is gone (410): they are told nothing more until the address changes or a member
//! of the team switches them on again.
//!
//! What is off is an artefact of the archive, so it outlives the process and stands in the log. Deliberately does
//! not know: what is told.

use super::answer::{Answer, Try};
use super::settings::Ways;
use super::webhook::{self, GONE};
use gate::{Gate, Published, Unavailable};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use vocabulary::{Digest, Moment};

/// The artefact's name.
const NAME: &str = "webhooks-off";

/// Why a webhook is off.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Off {
    /// The address that was told, as a hash: another address is on.
    url: Digest,
    /// Since when.
    pub at: Moment,
    /// The reason's code.
    pub why: String,
}

/// What is off, by name, whatever its address now is.
///
/// # Errors
/// If the store does not answer.
pub async fn all(gate: &Gate) -> Result<BTreeMap<String, Off>, Unavailable> {
    Ok(match gate.published(NAME).await? {
        Published::Intact(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        Published::Absent | Published::Damaged => BTreeMap::new(),
    })
}

/// Switches a webhook on again. `false`: it was not off.
///
/// # Errors
/// If the store does not accept writes.
pub async fn on(gate: &Gate, ways: &Ways, name: &str, now: Moment) -> Result<bool, Unavailable> {
    let _one = ways.switching.lock().await;
    let mut off = all(gate).await?;
    let was = off.remove(name).is_some();
    if was {
        keep(gate, &off, now).await?;
    }
    Ok(was)
}

/// Tells the webhook of that name at the address that the program names for it, unless it is off; switches it off if
/// its receiver says that it is gone.
///
/// # Errors
/// If the store does not answer or accept writes: nothing is told then that was not told before.
pub async fn tell(
    gate: &Gate,
    ways: &Ways,
    (name, url): (&str, &str),
    body: &[u8],
    attempt: Try<'_>,
) -> Result<Answer, Unavailable> {
    let not_handed = |why: &str| Answer::NotHanded { why: why.to_owned() };
    let Some(signed) = ways.webhooks.get(name) else {
        return Ok(not_handed("no_secret"));
    };
    let digest = Digest::of(url.as_bytes());
    if all(gate).await?.get(name).is_some_and(|off| off.url == digest) {
        return Ok(not_handed("switched_off"));
    }
    let answer = webhook::tell(&ways.http, &signed.at(url), body, attempt).await;
    if let Answer::Refused {
        for_good: true,
        class,
    } = &answer
        && class == GONE
    {
        let _one = ways.switching.lock().await;
        let mut off = all(gate).await?;
        off.insert(
            name.to_owned(),
            Off {
                url: digest,
                at: attempt.now,
                why: GONE.to_owned(),
            },
        );
        keep(gate, &off, attempt.now).await?;
        tracing::warn!(webhook = name, "its receiver is gone (410): it is switched off");
    }
    Ok(answer)
}

async fn keep(gate: &Gate, off: &BTreeMap<String, Off>, now: Moment) -> Result<(), Unavailable> {
    // A map of texts and numbers always has a JSON form.
    let bytes = serde_json::to_vec(off).unwrap_or_default();
    gate.publish(NAME, bytes, now).await.map(drop)
}
