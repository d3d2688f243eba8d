//! To be written.

pub mod charter;
