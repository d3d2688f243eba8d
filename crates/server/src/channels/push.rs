//! Web push: a notification, encrypted for one browser, to the push service that the browser chose.
//!
//! Deliberately does not know: whose browser it is, whether it may be written to.

use super::answer::{Answer, Try};
use super::http::{Failure, Http, Outgoing};
use hyper::{Method, Uri};
use letter::push::{Browser, Error, Sender, Urgency, encrypt, headers};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Longest address of a subscription, bytes: with the keys it must fit one trait.
pub const LONGEST_ENDPOINT: usize = 800;
/// How long a token is believed, seconds: half of what RFC 8292 allows.
const TOKEN_S: i64 = 12 * 3600;
/// The class of a refusal by which the service says that the browser left: the subscription is removed.
pub const GONE: &str = "subscription_gone";

/// A browser that agreed to notifications, as it is kept with the person: `endpoint p256dh auth`.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    endpoint: String,
    browser: Browser,
    p256dh: String,
    auth: String,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription")
    }
}

/// No subscription that can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadSubscription {
    /// Its address.
    #[error("`endpoint` is an `https` address of at most {LONGEST_ENDPOINT} bytes")]
    Endpoint,
    /// Its keys.
    #[error(transparent)]
    Keys(#[from] Error),
}

impl Subscription {
    /// From what a browser says (`PushSubscription.toJSON()`).
    ///
    /// # Errors
    /// If it is not one.
    pub fn new(endpoint: &str, p256dh: &str, auth: &str) -> Result<Subscription, BadSubscription> {
        let plain = endpoint.len() <= LONGEST_ENDPOINT && endpoint.bytes().all(|b| b.is_ascii_graphic());
        let uri = endpoint.parse::<Uri>().ok().filter(|uri| {
            let authority = uri.authority().is_some_and(|a| !a.as_str().contains('@'));
            uri.scheme_str() == Some("https") && authority
        });
        if !plain || uri.is_none() {
            return Err(BadSubscription::Endpoint);
        }
        let browser = Browser::parse(p256dh, auth)?;
        let bare = |key: &str| key.trim().trim_end_matches('=').to_owned();
        Ok(Subscription {
            endpoint: endpoint.to_owned(),
            browser,
            p256dh: bare(p256dh),
            auth: bare(auth),
        })
    }

    /// From what is kept.
    pub fn kept(text: &str) -> Option<Subscription> {
        let mut parts = text.split(' ');
        let (endpoint, p256dh, auth) = (parts.next()?, parts.next()?, parts.next()?);
        match parts.next() {
            None => Subscription::new(endpoint, p256dh, auth).ok(),
            Some(_) => None,
        }
    }

    /// From the trait's value as a purpose's view holds it: JSON text; `null` after the browser left.
    pub fn of_trait(json: &str) -> Option<Subscription> {
        Subscription::kept(&serde_json::from_str::<Option<String>>(json).ok()??)
    }

    /// What is kept.
    pub fn to_text(&self) -> String {
        format!("{} {} {}", self.endpoint, self.p256dh, self.auth)
    }

    /// The origin of the push service: whom the token is for.
    fn origin(&self) -> Option<String> {
        let uri: Uri = self.endpoint.parse().ok()?;
        Some(format!("https://{}", uri.authority()?))
    }
}

/// How notifications leave.
#[derive(Clone)]
pub struct Push {
    pub(crate) sender: Arc<Sender>,
    /// `mailto:` or `https:`: whom the push service turns to.
    pub(crate) contact: String,
    /// How long a service keeps what could not be shown, seconds.
    pub(crate) keep_s: u32,
}

impl std::fmt::Debug for Push {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Push")
    }
}

/// What is shown: read by the service worker `egard-push.js`, version 1.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// The version of this shape.
    pub v: u8,
    /// The message's identity: a repetition replaces what is shown.
    pub id: String,
    /// The first line.
    pub title: String,
    /// The text.
    pub body: String,
    /// The language of both: `en` or `fr`.
    pub lang: String,
    /// Where a click leads.
    pub url: String,
    /// Where it is told why the person receives this, and where it stops.
    pub why: String,
}

impl Push {
    /// The public key for `applicationServerKey`.
    pub fn public_key(&self) -> String {
        self.sender.public()
    }

    /// Hands a notification to the push service, once. `topic`: replaces what is not shown yet of the same topic.
    pub async fn send(
        &self,
        http: &Http,
        to: &Subscription,
        notification: &Notification,
        (urgency, topic): (Urgency, Option<&str>),
        attempt: Try<'_>,
    ) -> Answer {
        let not_handed = |why: &str| Answer::NotHanded { why: why.to_owned() };
        let Ok(text) = serde_json::to_vec(notification) else {
            return not_handed("encoding");
        };
        let body = match sealed(to, &text) {
            Ok(body) => body,
            Err(Error::TooLong) => return not_handed("too_long"),
            Err(_) => return not_handed("encryption"),
        };
        let until = attempt.now.0.div_euclid(1000).saturating_add(TOKEN_S);
        let token = to
            .origin()
            .and_then(|origin| self.sender.authorization(&origin, &self.contact, until).ok());
        let Some(token) = token else {
            return not_handed("encryption");
        };
        let signed = headers(&token, self.keep_s, urgency, topic);
        let lines: Vec<(&str, &str)> = signed.iter().map(|(name, v)| (*name, v.as_str())).collect();
        let outgoing = Outgoing {
            method: Method::POST,
            url: &to.endpoint,
            headers: &lines,
            body,
        };
        match http.send(outgoing).await {
            Ok(answer) => match answer.status {
                // RFC 8030, section 5: the `Location` names the message.
                200..=299 => Answer::Delivered {
                    id: answer.location.filter(|name| name.len() <= LONGEST_ENDPOINT),
                },
                404 | 410 => refused(true, GONE),
                413 => refused(false, "too_long"),
                // Not taken, and clearly so.
                status @ (429 | 503) => {
                    attempt.again(answer.retry_after.as_deref(), &format!("status_{status}"))
                }
                status @ 400..=499 => refused(false, &format!("status_{status}")),
                status => Answer::InDoubt {
                    why: format!("status_{status}"),
                },
            },
            Err(Failure::Address) => not_handed("address"),
            Err(Failure::Forbidden) => refused(true, "address_forbidden"),
            Err(Failure::Unreached) => attempt.again(None, "unreached"),
            Err(Failure::Silence) => Answer::InDoubt {
                why: "no_answer".to_owned(),
            },
        }
    }
}

fn refused(for_good: bool, class: &str) -> Answer {
    Answer::Refused {
        for_good,
        class: class.to_owned(),
    }
}

/// With a fresh key and salt; a key that is no scalar of the curve is drawn again.
fn sealed(to: &Subscription, text: &[u8]) -> Result<Vec<u8>, Error> {
    let mut last = Error::Crypto;
    for _ in 0..4 {
        let (mut key, mut salt) = (zeroize::Zeroizing::new([0; 32]), [0; 16]);
        getrandom::fill(key.as_mut()).map_err(|_| Error::Crypto)?;
        getrandom::fill(&mut salt).map_err(|_| Error::Crypto)?;
        match encrypt(&to.browser, text, &key, &salt) {
            Err(Error::Crypto) => last = Error::Crypto,
            other => return other,
        }
    }
    Err(last)
}

#[cfg(test)]
#[path = "push_tests.rs"]
mod tests;
