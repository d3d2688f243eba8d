//! The dictionary of the house: plain values that every room may hold.
//!
//! Deliberately does not know: storage, keys, policies, HTTP, clocks. Everything here is safe to
//! compile for a browser. One noun, one word: *person*, *item*, *purpose*, *event*, *consent*.

mod consent;
mod contract;
mod digest;
mod event;
mod happened;
mod item;
mod language;
mod moment;
mod needs;
mod person;
mod preferences;
mod purpose;
mod sealed;

pub use consent::{AgeBracket, ConsentState, Signals};
pub use contract::{
    Contract, DAY_MINUTES, Hours, MAX_ZONE, MOST_PER_WEEK, NotAContract, Rhythm, Tone, Weekdays,
};
pub use digest::{Digest, ParseDigestError};
pub use event::{Event, Kind};
pub use happened::{Happened, Occurrences, Scalar, Touched};
pub use item::{Catalogue, Fnv, Interaction, Item, ItemId, PriceSince};
pub use language::Language;
pub use moment::{DAY_MS, Day, HOUR_MS, Moment};
pub use needs::{Needs, Occurrence as OccurrenceNeeds};
pub use person::{Blind, PersonId, SHARDS, Shard};
pub use preferences::{MAX_TOPIC, MAX_TOPICS, Openness, Preferences, Stance, Step, is_topic};
pub use purpose::{Channel, PurposeName, PurposeSet};
pub use sealed::Sealed;
