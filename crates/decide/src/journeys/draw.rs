//! Chance that can be repeated: a number in ten thousand from a person's own seed and a place in the
//! program. The same person is drawn the same way each time; two places are drawn apart.
//!
//! Deliberately does not know: where the seed comes from (`gate` makes it from the person's key, so that
//! it dies with the key, and nobody can choose it).

use program::journey::Arm;
use vocabulary::Digest;

/// Shares are in this many.
pub const WHOLE: u16 = 10_000;

/// A person's own seed.
#[derive(Clone, Copy)]
pub struct Seed(pub [u8; 32]);

/// Below [`WHOLE`].
pub fn draw(seed: &Seed, place: &[&str]) -> u16 {
    let mut bytes = seed.0.to_vec();
    for part in place {
        // Lengths first: `ab`, `c` is another place than `a`, `bc`.
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    let first = Digest::of(&bytes)
        .0
        .first_chunk::<8>()
        .copied()
        .unwrap_or_default();
    (u64::from_be_bytes(first) % u64::from(WHOLE)) as u16
}

/// The arm that a number in ten thousand falls into, and its place.
pub(super) fn arm(arms: &[Arm], drawn: u16) -> Option<(usize, &Arm)> {
    let mut below = 0u16;
    arms.iter().enumerate().find(|(_, arm)| {
        below = below.saturating_add(arm.share);
        drawn < below
    })
}
