//! The only crate with HTTP, settings and tasks.

pub mod auth;
pub mod ingest;
pub mod problem;
