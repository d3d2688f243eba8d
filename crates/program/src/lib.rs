//! Everything the team declares: data dictionary, segments, journeys, messages, catalogue, settings. Files
//! in a folder, read and checked as a whole, addressed by their content.
//!
//! Deliberately does not know: people, keys, clocks, disks. Text comes in, a checked program or its faults
//! go out; what a program does to a person is `decide`'s.

pub mod catalogue;
pub mod deadline;
pub mod dictionary;
pub mod diff;
pub mod drawing;
pub mod fault;
pub mod journey;
pub mod message;
pub mod pack;
pub mod plan;
mod program;
mod read;
pub mod segment;
pub mod settings;
mod shape;
pub mod span;
mod suggest;
mod tree;
pub mod words;

pub use dictionary::Dictionary;
pub use diff::{Change, diff};
pub use fault::{Fault, Faults, Mark, Severity};
pub use journey::Journey;
pub use message::Message;
pub use pack::Files;
pub use plan::{Plan, plan};
pub use program::{Program, Unusable};
pub use read::predicate::MAX_OCCURRENCES;
pub use segment::Segment;
pub use shape::{Kind, schema, schema_text, structure};
pub use span::Span;
pub use words::{Name, Words};

/// Days that what a person did is used for groups at most: the look-back of the purpose `segment`.
pub const SEGMENT_DAYS: i64 = 395;
