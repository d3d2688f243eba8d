//! A transparency log: bytes and hashes, never people.
//!
//! The formats are those of C2SP, to the byte, so that tools not written by us can check the log:
//! `tlog-tiles` (where hashes and entries lie), `tlog-checkpoint` and `signed-note` (what the log
//! signs), `tlog-proof` (what a person takes home), over the Merkle tree of RFC 6962.
//!
//! Everything here is a function over bytes. The crate deliberately does not know where tiles are
//! kept, what time it is, where randomness comes from, or who an entry is about. Storage comes in as
//! a function from a path to bytes, and goes out as a list of rows to write.
//!
//! The way through: an [`entry::Entry`] becomes bytes; [`sequence::integrate`] turns waiting entries
//! into tiles and a signed checkpoint; [`receipt::prove`] makes a [`proof::Proof`] for one index;
//! [`proof::Proof::verify`] checks it with no network; [`verify::verify_log`] checks everything.

pub mod tree;

pub mod tile;

pub mod key;

pub mod note;

pub mod checkpoint;

pub mod entry;

pub mod sequence;

pub mod proof;

pub mod receipt;

pub mod succession;

pub mod verify;

pub mod witness;

pub mod policy;

pub mod fork;

mod decimal;

pub use checkpoint::Checkpoint;
pub use entry::Entry;
pub use key::{SigningKey, VerifyingKey};
pub use proof::Proof;
pub use tree::Hash;
