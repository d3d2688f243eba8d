//! Telling those who asked to be told: each step once at least, in order, signed (Ed25519 over the
//! bytes of the body), in the form of OpenDSR 2.0. What could not be delivered is tried again, ever
//! more seldom, for about nine days, and is counted when it is given up.
//!
//! Deliberately does not know: whose request it is.

use super::{Callback, Fault, House, Known, Status, find, pending, post};
use crate::app::App;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use decide::rights::Taken;
use gate::RequestId;
use serde_json::json;
use vocabulary::{HOUR_MS, Moment};

/// Tries before one is given up.
const MAX_TRIES: u32 = 45;
/// The first pause, and the longest, milliseconds.
const FIRST_MS: i64 = 15_000;
const LONGEST_MS: i64 = 6 * HOUR_MS;

/// What became of a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// Callbacks that were delivered.
    pub delivered: u32,
    /// Callbacks that failed and are tried again.
    pub failed: u32,
    /// Callbacks that are given up.
    pub given_up: u32,
    /// When the next one is due.
    pub next: Option<Moment>,
}

/// Delivers what is due of one request.
pub async fn tell(app: &App, id: RequestId) -> Result<Told, Fault> {
    let known = find(app, id).await?;
    let mut told = Told::default();
    let mut callbacks = known.house.callbacks.clone();
    for callback in &mut callbacks {
        deliver(app, &known, callback, &mut told).await;
    }
    told.next = waiting(&callbacks, &known.house)
        .map(|callback| callback.next)
        .min();
    if callbacks != known.house.callbacks {
        write_down(app, known, callbacks).await?;
    }
    Ok(told)
}

async fn deliver(app: &App, known: &Known, callback: &mut Callback, told: &mut Told) {
    while let Some(taken) = known.house.request.steps.get(callback.told) {
        if callback.next > app.now() {
            return;
        }
        let body = body(app, known, &callback.url, taken);
        let sent = match app.office.may_call(&callback.url) {
            // An address that the operator has struck off since is not called.
            false => Err(post::Error::NotDeclared),
            true => post::post(&callback.url, signed_headers(app, &body), body).await,
        };
        match sent {
            Ok(()) => {
                (callback.told, callback.tries, callback.next) = (callback.told + 1, 0, app.now());
                told.delivered += 1;
                metrics::counter!("egard_rights_callbacks_total", "outcome" => "delivered").increment(1);
            }
            Err(error) if callback.tries + 1 >= MAX_TRIES => {
                tracing::error!(%error, request = %known.id, "a callback is given up");
                callback.told = known.house.request.steps.len();
                told.given_up += 1;
                metrics::counter!("egard_rights_callbacks_total", "outcome" => "given_up").increment(1);
            }
            Err(error) => {
                tracing::warn!(%error, request = %known.id, tries = callback.tries + 1, "a callback failed");
                callback.next = app.now().plus(pause(callback.tries));
                callback.tries += 1;
                told.failed += 1;
                metrics::counter!("egard_rights_callbacks_total", "outcome" => "failed").increment(1);
                return;
            }
        }
    }
}

/// What was delivered is kept, whatever step was taken meanwhile.
async fn write_down(app: &App, known: Known, callbacks: Vec<Callback>) -> Result<(), Fault> {
    let mut known = known;
    loop {
        let house = House {
            callbacks: callbacks.clone(),
            ..known.house
        };
        let bytes = serde_json::to_vec(&house).map_err(|_| Fault::Stored)?;
        let kept = app
            .gate
            .amend_request(known.id, known.version, bytes, pending(&house))
            .await?;
        if kept.is_some() {
            return Ok(());
        }
        known = find(app, known.id).await?;
    }
}

fn waiting<'a>(callbacks: &'a [Callback], house: &House) -> impl Iterator<Item = &'a Callback> {
    let steps = house.request.steps.len();
    callbacks.iter().filter(move |callback| callback.told < steps)
}

/// Twice as long each time.
fn pause(tries: u32) -> i64 {
    FIRST_MS.saturating_mul(1 << tries.min(20)).min(LONGEST_MS)
}

fn body(app: &App, known: &Known, url: &str, taken: &Taken) -> Vec<u8> {
    let request = &known.house.request;
    let denial = match taken.status {
        Status::Denied(denial) => Some(denial.as_str()),
        _ => None,
    };
    let body = json!({
        "controller_id": known.house.controller,
        "expected_completion_time": expected(known),
        "extensions": { app.office.domain.as_str(): {
            "at": decide::rights::time(taken.at),
            "denial": denial,
            "right": request.right.as_str(),
            "status": taken.status.as_str(),
        }},
        "request_status": opendsr_status(taken.status),
        "status_callback_url": url,
        "subject_request_id": known.id.to_string(),
    });
    body.to_string().into_bytes()
}

/// The end of the last day of the period, RFC 3339.
pub(crate) fn expected(known: &Known) -> String {
    format!("{}T23:59:59Z", decide::rights::date(known.house.request.due()))
}

/// The headers by which the receiver knows who speaks: our domain, and the signature of the body.
pub(crate) fn signed_headers(app: &App, body: &[u8]) -> [(&'static str, String); 2] {
    [
        ("x-opendsr-processor-domain", app.office.domain.clone()),
        ("x-opendsr-signature", STANDARD.encode(app.gate.sign(body))),
    ]
}

/// Our states in the four words of OpenDSR.
pub fn opendsr_status(status: Status) -> &'static str {
    match status {
        Status::Open | Status::NeedUserVerification => "pending",
        Status::InProgress => "in_progress",
        Status::Fulfilled => "completed",
        Status::Revoked | Status::Expired | Status::Denied(_) => "cancelled",
    }
}

/// An Ed25519 public key as PEM (RFC 8410).
pub fn spki_pem(key: &[u8]) -> String {
    const PREFIX: [u8; 12] = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ];
    let der = [PREFIX.as_slice(), key].concat();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode(der)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_last_for_more_than_a_week() {
        let all: Vec<i64> = (0..MAX_TRIES).map(pause).collect();
        assert!(all.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(all.first(), Some(&FIRST_MS));
        assert_eq!(all.last(), Some(&LONGEST_MS));
        assert!(all.iter().sum::<i64>() > 8 * 24 * HOUR_MS);
    }
}
