//! Groups and journeys as an export tells them: names, titles and reasons, in both languages.
//!
//! Deliberately does not know: how the reasons are put into words.

use serde::Serialize;

/// Groups and journeys of the person, in words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Automatic {
    /// Groups they are in.
    pub memberships: Vec<Membership>,
    /// Journeys they are in.
    pub journeys: Vec<Journey>,
}

/// A group the person is in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Membership {
    /// Its name.
    pub segment: String,
    /// What it is called.
    pub title: Told<String>,
    /// Since when, RFC 3339.
    pub since: String,
    /// Why, a sentence for each fact.
    pub why: Told<Vec<String>>,
}

/// A journey the person is in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Journey {
    /// Its name.
    pub journey: String,
    /// What it is called.
    pub title: Told<String>,
    /// The step they came to; none: they are held out, and nothing is done.
    pub step: Option<String>,
    /// When they came there, RFC 3339.
    pub since: String,
}

/// In both languages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Told<T> {
    /// French.
    pub fr: T,
    /// English.
    pub en: T,
}
