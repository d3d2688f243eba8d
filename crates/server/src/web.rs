//! Pages: functions from a plain struct to markup, and the few files they need.
//!
//! Deliberately does not know storage or keys; the pages themselves know no requests and no people:
//! they are given words and numbers and answer with text. Everything a page does works without script; there is none on ours
//! but the one that checks receipts in the person's browser, and the consent dialogue is for the pages of sites.

pub mod assets;
pub mod audit;
pub mod consent;
mod consent_dialogue;
pub mod consent_routes;
mod consent_values;
pub mod demo;
pub mod demo_routes;
mod demo_values;
pub mod door;
pub mod leave;
pub mod person;
pub mod push;
pub mod register;
pub mod team;
pub mod verify;
pub(crate) mod visitor;

/// What a page may load and do: its own stylesheet and images, forms to itself, and nothing else.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers that go with every page. A page about a person is kept by no cache, and its address is
/// told to nobody else.
pub const PAGE_HEADERS: [(&str, &str); 6] = [
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("cache-control", "no-store"),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
];
