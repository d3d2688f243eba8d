//! Everything the team declares: data dictionary, segments, journeys, messages, catalogue, settings. Files
//! in a folder, read and checked as a whole, addressed by their content.
//!
//! Deliberately does not know: people, keys, clocks, disks. Text comes in, a checked program or its faults
//! go out; what a program does to a person is `decide`'s.

pub mod fault;
pub mod journey;
pub mod segment;
mod shape;
pub mod span;
mod suggest;
pub mod tree;
pub mod words;

pub use fault::{Fault, Faults, Mark, Severity};
pub use journey::Journey;
pub use segment::Segment;
pub use shape::{Kind, schema};
pub use span::Span;
pub use words::Words;
