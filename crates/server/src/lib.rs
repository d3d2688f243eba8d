//! The only crate with HTTP, settings and tasks: decoding at the edge, words and pages, and the
//! loops that keep house.
//!
//! Deliberately does not know: keys, plaintext envelopes, the cipher. Whatever it does with a
//! person's data it asks `gate` for.

pub mod accuracy;
pub mod adpc;
pub mod api;
pub mod app;
pub mod audit;
pub mod auth;
pub mod automation;
pub mod catalogue_files;
pub mod channels;
mod connections;
pub mod dns;
pub mod doctor;
pub mod files;
pub mod identifier;
mod in_force;
pub mod ingest;
pub mod key_files;
mod leave;
mod lists;
pub mod mail;
pub mod me;
pub mod metrics;
pub mod observe;
mod outbound;
pub mod outgoing;
mod past;
pub mod problem;
pub mod program;
mod record_id;
pub mod register;
pub mod replies;
pub mod rights;
pub mod serve;
pub mod settings;
pub mod signals;
pub mod team;
pub mod web;
pub mod witness;
pub mod witnesses;
pub mod words;
pub mod work;
