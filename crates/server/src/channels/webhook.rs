//! Webhooks: another system is told, signed, and told again until it has heard. Every try has the same
//! `webhook-id`, so the receiver knows a repetition.
//!
//! Deliberately does not know: what is told and whether it may be.

use super::answer::{Answer, Try};
use super::http::{Failure, Http, Outgoing};
use hyper::Method;
use letter::webhook::{Secret, Style, headers};

/// A system that is told.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where: an `https` address.
    pub url: String,
    /// How it checks signatures.
    pub style: Style,
    /// What it shares with us; the first is the newest. Never empty.
    pub secrets: Vec<Secret>,
}

/// The class of a refusal by which the receiver says that it is gone: it is told nothing more.
pub const GONE: &str = "gone";

/// Tells it once. Any 2xx is heard; 410 ends it; everything else, a redirect included, is tried again over three
/// days, and not before `Retry-After`.
pub async fn tell(http: &Http, endpoint: &Endpoint, body: &[u8], attempt: Try<'_>) -> Answer {
    if endpoint.secrets.is_empty() {
        return Answer::NotHanded {
            why: "no_secret".to_owned(),
        };
    }
    let signed = headers(endpoint.style, &endpoint.secrets, attempt.id, attempt.now.0, body);
    let mut lines: Vec<(&str, &str)> = vec![("content-type", "application/json")];
    lines.extend(signed.iter().map(|(name, value)| (*name, value.as_str())));
    let outgoing = Outgoing {
        method: Method::POST,
        url: &endpoint.url,
        headers: &lines,
        body: body.to_vec(),
    };
    match http.send(outgoing).await {
        Ok(answer) => match answer.status {
            200..=299 => Answer::Delivered { id: None },
            410 => Answer::Refused {
                for_good: true,
                class: GONE.to_owned(),
            },
            status @ (429 | 503) => attempt.again(answer.retry_after.as_deref(), &format!("status_{status}")),
            status => attempt.again(None, &format!("status_{status}")),
        },
        Err(Failure::Address) => Answer::NotHanded {
            why: "address".to_owned(),
        },
        // A name may lead elsewhere for a while; nothing went there.
        Err(Failure::Forbidden) => attempt.again(None, "address_forbidden"),
        Err(Failure::Unreached) => attempt.again(None, "unreached"),
        Err(Failure::Silence) => attempt.again(None, "no_answer"),
    }
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
