//! Text messages through a provider's HTTP interface.
//!
//! Deliberately does not know: any provider in particular, whose number it is, whether it may be written to.

use super::answer::{Answer, Try};
use super::http::{Failure, Http, Outgoing};
use hyper::Method;
use letter::sms::{Length, Message, Number, Provider, Stop, Verdict, measure};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How text messages leave.
#[derive(Clone)]
pub struct Sms {
    pub(crate) provider: Arc<Provider>,
    pub(crate) secrets: Arc<BTreeMap<String, String>>,
    /// From whom.
    pub(crate) from: String,
    pub(crate) stop: Option<Stop>,
    /// For one segment, in the operator's own unit.
    pub(crate) price: u64,
    pub(crate) most_segments: usize,
}

impl std::fmt::Debug for Sms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sms")
    }
}

/// A text as it would leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prepared {
    /// The words, with those that stop them.
    pub text: String,
    /// How long it is.
    pub length: Length,
    /// What it costs, in the unit of the setting `price`.
    pub cost: u64,
}

/// Why a text cannot leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unfit {
    /// Nothing to say.
    #[error("the message is empty")]
    Empty,
    /// Advertising to France must say how to stop it.
    #[error("advertising to a French number needs `channels.sms.stop`, the number people answer STOP to")]
    NoStop,
    /// Longer than is paid for.
    #[error("the message takes {0} text messages, more than `channels.sms.most_segments`")]
    TooLong(usize),
}

impl Unfit {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Unfit::Empty => "empty",
            Unfit::NoStop => "stop_missing",
            Unfit::TooLong(_) => "too_long",
        }
    }
}

impl Sms {
    /// The text as it would leave to that number, and its price. Advertising ends with the words that stop it.
    ///
    /// # Errors
    /// If it cannot leave like that.
    pub fn prepare(&self, to: &Number, text: &str, advertises: bool) -> Result<Prepared, Unfit> {
        if text.trim().is_empty() {
            return Err(Unfit::Empty);
        }
        let text = match (&self.stop, advertises) {
            (Some(stop), true) => stop.onto(text),
            (None, true) if to.is_french() => return Err(Unfit::NoStop),
            _ => text.to_owned(),
        };
        let length = measure(&text);
        match length.segments > self.most_segments {
            true => Err(Unfit::TooLong(length.segments)),
            false => Ok(Prepared {
                cost: length.cost(self.price),
                length,
                text,
            }),
        }
    }

    /// Hands it to the provider, once.
    pub async fn send(&self, http: &Http, to: &Number, prepared: &Prepared, attempt: Try<'_>) -> Answer {
        let not_handed = |why: &str| Answer::NotHanded { why: why.to_owned() };
        let in_doubt = |why: &str| match self.provider.knows_id {
            true => attempt.again(None, why),
            false => Answer::InDoubt { why: why.to_owned() },
        };
        let message = Message {
            to,
            from: &self.from,
            text: &prepared.text,
            id: attempt.id,
        };
        let Ok(request) = self.provider.request(&message, &self.secrets) else {
            return not_handed("provider_template");
        };
        let Ok(method) = request.method.parse::<Method>() else {
            return not_handed("provider_template");
        };
        let headers: Vec<(&str, &str)> = request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let outgoing = Outgoing {
            method,
            url: &request.url,
            headers: &headers,
            body: request.body.clone(),
        };
        match http.send(outgoing).await {
            Ok(answer) => match self.provider.reading.verdict(answer.status, &answer.body) {
                Verdict::Accepted(id) => Answer::Delivered { id },
                Verdict::Never(class) => Answer::Refused {
                    for_good: true,
                    class,
                },
                Verdict::Later(why) => attempt.again(answer.retry_after.as_deref(), &why),
                Verdict::Unclear => in_doubt(&format!("status_{}", answer.status)),
            },
            Err(Failure::Address) => not_handed("address"),
            Err(Failure::Forbidden) => not_handed("address_forbidden"),
            Err(Failure::Unreached) => attempt.again(None, "unreached"),
            Err(Failure::Silence) => in_doubt("no_answer"),
        }
    }
}

#[cfg(test)]
#[path = "sms_tests.rs"]
mod tests;
