//! What is known of a person, as far as a group may look at it.
//!
//! Deliberately does not know: how it was opened, and for which purpose: the view of that purpose is what
//! is handed over here.

use jiff::tz::TimeZone;
use program::segment::Origin;
use vocabulary::{Moment, Occurrences, PurposeName, Touched};

/// A trait that is known.
#[derive(Clone, PartialEq, Debug)]
pub struct TraitKnown {
    /// Its name in the dictionary.
    pub name: String,
    /// JSON text.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// All that predicates look at. Borrowed: evaluating copies nothing.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// At most one of each name.
    pub traits: &'a [TraitKnown],
    /// At most one of each event; occurrences by time. What lies after the moment of looking counts from
    /// then on.
    pub happened: &'a [Occurrences],
    /// At most one of each item.
    pub touched: &'a [Touched],
    /// Purposes that are consented to at the moment of looking, and until when.
    pub consents: &'a [(PurposeName, Moment)],
    /// The person's time zone, or the program's.
    pub zone: &'a TimeZone,
}

impl<'a> Known<'a> {
    pub(super) fn trait_of(&self, name: &str) -> Option<&'a TraitKnown> {
        self.traits.iter().find(|known| known.name == name)
    }

    pub(crate) fn occurrences(&self, event: &str) -> &'a [vocabulary::Happened] {
        self.happened
            .iter()
            .find(|known| known.event == event)
            .map(|known| known.each.as_slice())
            .unwrap_or_default()
    }
}
