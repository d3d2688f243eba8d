//! Receipts: one JSON-LD document that a person takes home, reads, and has checked by anybody.
//!
//! The fields are those of ISO/IEC TS 27560 in terms of DPV 2.3; the proof is C2SP `tlog-proof@v1` over a
//! leaf that commits to the details. The readable part is a function of what is proved and of nothing
//! else: whoever checks a receipt makes the whole document again and compares the bytes, so that a receipt
//! cannot say one thing and prove another. What the log does not prove is not in it, and is named.
//!
//! A crate of its own, because it is what people trust who do not trust us: it needs no key, no store, no
//! network and no clock, and can be compiled for a browser. Deliberately does not know: who the person is,
//! where a receipt comes from, words for people.

mod check;
mod document;
mod error;
mod facts;
mod json;
mod terms;

pub use check::{Checked, Keys, MAX_BYTES, check};
pub use document::{Parts, SCHEMA_VERSION, Unproved, issue};
pub use error::Error;
pub use facts::{Decision, Event, Facts, Notice};
pub use terms::{CONTEXT, CONTEXT_PATH, SCHEMA, SCHEMA_PATH, for_the_browser, terms};
