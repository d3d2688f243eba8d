//! How many people are in a segment, as the team may know it: suppressed when few, and never a list of them.
//!
//! Deliberately does not know: who counts.

/// Fewer people than this are told as "few".
pub const FEW: u64 = 20;

/// The size of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// Between these, both included.
    Between(u64, u64),
    /// Fewer than [`FEW`], none among them.
    Few,
    /// Nobody has counted yet.
    NotCounted,
}

/// Whoever counts.
pub trait Sizes: Send + Sync {
    /// The size of the segment of that name in the program in force.
    fn size(&self, segment: &str) -> Size;
}

/// Where nothing counts.
pub struct NotCounted;

impl Sizes for NotCounted {
    fn size(&self, _: &str) -> Size {
        Size::NotCounted
    }
}
