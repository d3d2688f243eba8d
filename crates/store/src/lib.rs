//! Where ciphertext rests: one shelf, three drivers, one suite run on all.
//!
//! Deliberately does not know `gate`: nothing here can open anything.

mod shelf;

pub use shelf::*;
