//! Whether what a message says is honest: claims that need a fact, pressure, shame, choices that are hidden.
//! French and English; every finding with its place, its law and an honest way to say it.
//!
//! Deliberately does not know: people, stores, clocks, the program's files. A message's words come in,
//! findings go out; facts of the moment come in, what of the claims still holds goes out.

pub mod claim;
mod lexicon;
mod lint;
mod plain;
pub mod price;
mod read;
mod reading;
pub mod rule;
pub mod text;
pub mod weigh;

pub use claim::{Fact, Held, Kind, hold};
pub use lint::{Finding, Part, Place, by_patterns, lint};
pub use read::{Head, Source, read};
pub use rule::{Rule, Severity};
pub use text::{Block, Bound, Look, Role, Text};
