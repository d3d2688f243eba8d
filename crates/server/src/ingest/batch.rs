//! The body of one call, whole: which source it is for, and its messages decoded one by one.
//!
//! Pure, and run off the network's threads where a body is large.

use super::accept::Told;
use super::consent::{self, Consent};
use super::fault::{Code, Fault};
use super::message::{self, Around};
use super::source::{Known, Proofs, Sources};
use super::wire::{Integrations, Message, Scalar};
use super::{Limits, clock};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use vocabulary::{Kind, Moment, Signals};

/// What the endpoint expects in the body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// One message of this kind.
    One(Kind),
    /// `{"batch": […]}`.
    Many,
}

/// What the request says outside its body.
pub(super) struct Outside<'a> {
    pub(super) shape: Shape,
    /// The write keys of the headers and of the query, tried in this order before the body's.
    pub(super) write_keys: [Option<&'a str>; 2],
    pub(super) gpc: bool,
    pub(super) received_at: Moment,
    pub(super) proofs: &'a Proofs,
}

/// A decoded call.
pub(super) struct Decoded {
    pub(super) source: Known,
    /// How many messages came.
    pub(super) messages: u32,
    /// The good ones, in the order of their corrected times.
    pub(super) events: Vec<Told>,
    /// What was wrong with the others, and notes on these.
    pub(super) findings: Vec<Finding>,
}

/// A fault in one message of a known source.
pub(super) struct Finding {
    pub(super) kind: Option<Kind>,
    pub(super) fault: Fault,
    /// Whether the message was kept all the same.
    pub(super) kept: bool,
}

/// The call is refused as a whole.
pub(super) struct Refused {
    pub(super) source: Option<Known>,
    pub(super) code: Code,
}

/// Decodes a body that is already decompressed.
pub(super) fn decode(
    body: &[u8],
    outside: &Outside<'_>,
    sources: &Sources,
    limits: &Limits,
) -> Result<Decoded, Refused> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    let known = outside
        .write_keys
        .iter()
        .flatten()
        .find_map(|key| sources.find(key));
    let refuse = |code| Refused {
        source: known.cloned(),
        code,
    };
    match outside.shape {
        Shape::One(_) if body.len() > limits.message => Err(refuse(Code::PayloadTooLarge)),
        Shape::One(kind) => {
            // Bad JSON is the request's fault; anything else is the message's.
            let raw: &RawValue = serde_json::from_slice(body).map_err(|_| refuse(Code::InvalidJson))?;
            if !raw.get().starts_with('{') {
                return Err(refuse(Code::InvalidJson));
            }
            let body_key = || {
                serde_json::from_str::<Message<'_>>(raw.get())
                    .ok()
                    .map(|m| m.write_key)
            };
            let source = enabled(known.or_else(|| found(sources, &body_key().unwrap_or_default())))?;
            Ok(one(raw.get(), kind, outside, source, limits))
        }
        Shape::Many => {
            let read = if body.starts_with(b"{") {
                serde_json::from_slice::<Batch<'_>>(body).ok()
            } else {
                None
            };
            let batch = read.ok_or_else(|| refuse(Code::InvalidJson))?;
            let source = enabled(known.or_else(|| found(sources, &batch.write_key)))?;
            let refuse = |code| Refused {
                source: Some(source.clone()),
                code,
            };
            if batch.batch.first.is_empty() {
                return Err(refuse(Code::EmptyBatch));
            }
            if batch.batch.count > limits.messages || batch.batch.count > MOST_MESSAGES {
                return Err(refuse(Code::TooManyMessages));
            }
            Ok(many(&batch, outside, source, limits))
        }
    }
}

fn one(text: &str, kind: Kind, outside: &Outside<'_>, source: &Known, limits: &Limits) -> Decoded {
    let around = Around {
        received_at: outside.received_at,
        signals: signals(outside, source),
        sent_at: None,
        consent: &Consent::default(),
        integrations: Integrations::default(),
        secret: source.secret,
        proofs: outside.proofs,
        longest: limits.message,
    };
    let mut decoded = Decoded {
        source: source.clone(),
        messages: 1,
        events: Vec::new(),
        findings: Vec::new(),
    };
    decoded.add(message::decode(text, Some(kind), &around));
    decoded
}

fn many(batch: &Batch<'_>, outside: &Outside<'_>, source: &Known, limits: &Limits) -> Decoded {
    let (consent, _) = consent::read(batch.context);
    let around = Around {
        received_at: outside.received_at,
        signals: signals(outside, source),
        sent_at: clock::read(&batch.sent_at).ok().flatten(),
        consent: &consent,
        integrations: Integrations::read(batch.integrations),
        secret: source.secret,
        proofs: outside.proofs,
        longest: limits.message,
    };
    let messages = &batch.batch.first;
    let mut decoded = Decoded {
        source: source.clone(),
        messages: u32::try_from(messages.len()).unwrap_or(u32::MAX),
        events: Vec::with_capacity(messages.len()),
        findings: Vec::new(),
    };
    for raw in messages {
        decoded.add(message::decode(raw.get(), None, &around));
    }
    // Clients deliver out of order; those that happened at one moment keep the order of the batch.
    decoded.events.sort_by_key(|told| told.event.at);
    decoded
}

impl Decoded {
    fn add(&mut self, message: message::Decoded) {
        let message::Decoded { kind, event, notes } = message;
        let kept = event.is_ok();
        self.findings
            .extend(notes.into_iter().map(|fault| Finding { kind, fault, kept }));
        match event {
            Ok(event) => self.events.push(event),
            Err(fault) => self.findings.push(Finding { kind, fault, kept }),
        }
    }
}

fn signals(outside: &Outside<'_>, source: &Known) -> Signals {
    Signals {
        gpc: outside.gpc,
        child_directed: source.child_directed,
    }
}

fn found<'s>(sources: &'s Sources, write_key: &Scalar<'_>) -> Option<&'s Known> {
    match write_key {
        Scalar::Text(key) => sources.find(key),
        _ => None,
    }
}

fn enabled(source: Option<&Known>) -> Result<&Known, Refused> {
    match source {
        None => Err(Refused {
            source: None,
            code: Code::UnknownSource,
        }),
        Some(source) if !source.enabled => Err(Refused {
            source: Some(source.clone()),
            code: Code::SourceDisabled,
        }),
        Some(source) => Ok(source),
    }
}

/// A batch, its messages cut apart and not yet read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch<'a> {
    #[serde(borrow, default)]
    batch: Messages<'a>,
    #[serde(borrow, default)]
    context: Option<&'a RawValue>,
    #[serde(borrow, default)]
    integrations: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sent_at: Scalar<'a>,
    #[serde(borrow, default)]
    write_key: Scalar<'a>,
}

/// More are counted and not held: a body of nothing but commas must not cost its size in pointers.
const MOST_MESSAGES: usize = 10_000;

#[derive(Default)]
struct Messages<'a> {
    first: Vec<&'a RawValue>,
    count: usize,
}

impl<'de: 'a, 'a> Deserialize<'de> for Messages<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Messages<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of messages")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Messages<'de>, A::Error> {
                let mut messages = Messages::default();
                while messages.first.len() < MOST_MESSAGES {
                    let Some(message) = seq.next_element::<&'de RawValue>()? else {
                        break;
                    };
                    messages.first.push(message);
                }
                messages.count = messages.first.len();
                while messages.count >= MOST_MESSAGES && seq.next_element::<IgnoredAny>()?.is_some() {
                    messages.count += 1;
                }
                Ok(messages)
            }
        }
        deserializer.deserialize_seq(Each)
    }
}
