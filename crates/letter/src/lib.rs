//! What is sent, as bytes, and what comes back, as values: e-mail made from a template with every header
//! and signature it needs, and the reports of servers about it.
//!
//! A crate of its own, because each format is a contract with machines that are not ours, and can be
//! checked by their tools. Deliberately does not know: people, purposes, who may be written to, clocks,
//! randomness, the network. Times, names and keys come in as arguments.

pub mod address;
mod body;
pub mod bounce;
pub mod dkim;
mod header;
pub mod inbound;
pub mod list;
pub mod mime;
pub mod mjml;
pub mod push;
pub mod records;
pub mod retry;
pub mod sms;
pub mod text;
pub mod token;
pub mod webhook;
