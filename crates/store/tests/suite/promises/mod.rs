//! What every shelf promises, a file for each part of the trait.

pub mod commit;
pub mod erase;
pub mod history;
pub mod lazy;
pub mod lease;
pub mod ledger;
pub mod read;
pub mod small;
