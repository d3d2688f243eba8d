//! Ingest: the Segment HTTP Tracking API (and RudderStack's dialect of it), spoken to unmodified
//! clients. Bytes come in, [`vocabulary::Event`]s go out to an [`Accept`]or, and the answer waits
//! for the acceptor's word that they are durable.
//!
//! Decoding is pure; only `routes` and `body` know that there is a network. Deliberately does not
//! know: people, consent rules, keys, the store, which fields are declared. It reads no address and
//! no `User-Agent`, so none can be kept.

mod accept;
pub mod alone;
mod answer;
mod batch;
mod body;
pub mod clock;
mod consent;
mod cors;
mod discards;
mod fault;
mod message;
mod pixel;
mod project_settings;
mod routes;
mod source;
mod wire;
mod write_key;

pub use accept::{Accept, Accepted, Accepting, Dropped, Hearing, Named, Refusal, Told};
pub(crate) use body::read as read_body;
pub use clock::Clock;
pub use discards::{Discards, Report};
pub use fault::{Code, Fault};
pub use project_settings::{PublicUrl, PublicUrlError};
pub use routes::router;
pub use source::{Proofs, Site, Source, SourceName, SourceNameError, Sources, SourcesError};

use crate::signals::Requests;
use std::sync::Arc;
use vocabulary::Digest;

/// How much a caller may send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of a request body, both as it travels and after decompression. RudderStack clients
    /// send up to 4 MiB, Segment's stop at 480 kB.
    pub body: usize,
    /// Bytes of one message, alone or in a batch (Segment: 32 KiB).
    pub message: usize,
    /// Messages of one batch (Segment: 2,500).
    pub messages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body: 5 << 20,
            message: 32 << 10,
            messages: 2_500,
        }
    }
}

/// Everything the ingest endpoints need.
pub struct Ingest {
    sources: Sources,
    acceptor: Arc<dyn Accept>,
    public_url: PublicUrl,
    consent_categories: Vec<String>,
    consent_requests: Requests,
    proofs: Proofs,
    strict: bool,
    limits: Limits,
    clock: Clock,
    discards: Discards,
}

impl Ingest {
    /// Ingest for these sources, into this acceptor. `public_url` is where browsers reach this
    /// server: the settings document sends them there.
    pub fn new(sources: Sources, acceptor: Arc<dyn Accept>, public_url: PublicUrl) -> Ingest {
        let clock = clock::system();
        let discards = Discards::new(&sources, clock());
        Ingest {
            sources,
            acceptor,
            public_url,
            consent_categories: Vec::new(),
            consent_requests: Arc::new(Vec::new),
            proofs: Arc::new(|_, _| None),
            strict: false,
            limits: Limits::default(),
            clock,
            discards,
        }
    }

    /// With answers that tell a caller what is wrong (RudderStack's 401, 413 and 400) instead of
    /// Segment's 200 for nearly everything.
    #[must_use]
    pub fn with_strict(self, strict: bool) -> Ingest {
        Ingest { strict, ..self }
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Ingest {
        Ingest { limits, ..self }
    }

    /// With another clock (tests, replays).
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Ingest {
        let discards = Discards::new(&self.sources, clock());
        Ingest {
            clock,
            discards,
            ..self
        }
    }

    /// With the consent categories that the settings document tells the browser library of.
    #[must_use]
    pub fn with_consent_categories(self, consent_categories: Vec<String>) -> Ingest {
        Ingest {
            consent_categories,
            ..self
        }
    }

    /// With the questions in force, without which an `ADPC` header can withdraw and not permit.
    #[must_use]
    pub fn with_consent_requests(self, consent_requests: Requests) -> Ingest {
        Ingest {
            consent_requests,
            ..self
        }
    }

    /// With what reads the proofs of messages; without, none is believed.
    #[must_use]
    pub fn with_proofs(self, proofs: Proofs) -> Ingest {
        Ingest { proofs, ..self }
    }

    /// What was not kept, per source.
    pub fn discards(&self) -> &Discards {
        &self.discards
    }
}

/// A message id for a message without one: 128 random bits in hexadecimal. `None` if the system has
/// no randomness: the message must then be refused, for a repeated id would swallow another one.
fn fresh_message_id() -> Option<String> {
    let mut bits = [0u8; 16];
    getrandom::fill(&mut bits).ok()?;
    Some(format!("egard-{:032x}", u128::from_be_bytes(bits)))
}

/// Digests are what is compared, so that the time taken tells nothing of the keys.
fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}
