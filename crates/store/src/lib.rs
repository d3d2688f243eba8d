//! Where ciphertext rests: one shelf, three drivers, one suite run on all.
//!
//! Deliberately does not know `gate`: nothing here can open anything.

mod shelf;
mod takeover;

mod judge;

mod embedded;
mod memory;
mod postgres;

#[cfg(feature = "testing")]
pub mod testing;

pub use embedded::Embedded;
pub use memory::Memory;
pub use postgres::Postgres;
pub use shelf::*;
pub use takeover::{Clocks, take_over};
