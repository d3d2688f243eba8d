//! What a choice of the person is in stored bytes: as it arrives, and as it is remembered.
//!
//! Deliberately does not know: what a choice permits.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

/// A consent for one purpose, with what is known of how it came.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct Consent {
    #[n(0)]
    pub(crate) purpose: u8,
    #[n(1)]
    pub(crate) state: u8,
    /// When the person chose, milliseconds.
    #[n(2)]
    pub(crate) at: i64,
    /// Through which source.
    #[n(3)]
    pub(crate) source: String,
    #[n(4)]
    pub(crate) expires_at: Option<i64>,
    /// The latest permission that was an act of its own, as long as it stands. A permission without
    /// one was only stamped on some other event.
    #[n(5)]
    pub(crate) explicit_at: Option<i64>,
    /// Where its proof is.
    #[n(6)]
    pub(crate) proof: Option<ProofRef>,
}

/// Where the proof of a choice is: a record of the person, and the notice it answers.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct ProofRef {
    #[n(0)]
    pub(crate) record: ByteArray<16>,
    /// Digest of the notice, if one is known to have been shown.
    #[n(1)]
    pub(crate) notice: Option<ByteArray<32>>,
}

/// How a choice came about, as it rides in the input that brings it.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct Proof {
    /// The record is made with the input, under this very id.
    #[n(0)]
    pub(crate) at: ProofRef,
    /// [`crate::Evidence`] as canonical JSON; `None`: a preference that was merely stamped.
    #[n(1)]
    pub(crate) evidence: Option<String>,
    /// The person objects to direct marketing, or takes that back.
    #[n(2)]
    pub(crate) objects: Option<bool>,
}

/// A choice of the person about one purpose.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct Choice {
    #[n(0)]
    pub(crate) purpose: u8,
    #[n(1)]
    pub(crate) given: bool,
    /// Made just now, as an act of its own; not a preference stamped on some other event.
    #[n(2)]
    pub(crate) explicit: bool,
    /// When the permission ends, milliseconds.
    #[n(3)]
    pub(crate) expires_at: Option<i64>,
}

/// A soft opt-in for one channel (ePrivacy directive art. 13(2)). It exists only if every fact was
/// recorded; the facts are sealed in the record.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct SoftOptIn {
    /// The channel.
    #[n(0)]
    pub(crate) purpose: u8,
    /// When the person bought, milliseconds.
    #[n(1)]
    pub(crate) sold_at: i64,
    /// Until when it holds, milliseconds.
    #[n(2)]
    pub(crate) until: i64,
    /// The record with the facts; filled in when it is made.
    #[n(3)]
    pub(crate) record: ByteArray<16>,
    /// The facts as canonical JSON: in the input only, not in the terms.
    #[n(4)]
    pub(crate) facts: Option<String>,
}
