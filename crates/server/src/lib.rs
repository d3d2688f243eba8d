//! HTTP, settings and tasks, and the faces people see.
//!
//! Deliberately does not know how anything is sealed or scored.

pub mod web;
pub mod words;
