//! A segment: a group that the team defines by a predicate over what is known of a person.
//!
//! Deliberately does not know: people, or how a predicate is evaluated (`decide::segments`).

use crate::span::Span;
use crate::words::{Name, Words};
use vocabulary::{ItemId, Moment, PurposeName};

/// A group of people.
#[derive(Clone, PartialEq, Debug)]
pub struct Segment {
    /// The stem of its file.
    pub name: Name,
    /// What people read: also the person who is in it.
    pub title: Words,
    /// Who is in.
    pub who: Predicate,
}

/// What is said of a person; true or false at a moment.
#[derive(Clone, PartialEq, Debug)]
pub enum Predicate {
    /// Every one of these; never empty.
    All(Vec<Predicate>),
    /// At least one of these; never empty.
    Any(Vec<Predicate>),
    /// Not this. Of something unknown too: who has no trait `country` is not in France.
    Not(Box<Predicate>),
    /// A trait has a value. Location is a trait like any other: declared, never guessed from an address.
    Trait(TraitTest),
    /// An event happened so often, or came to so much, in a window.
    Event(EventTest),
    /// Events happened one after the other.
    Sequence(Sequence),
    /// Something was done with items.
    Items(ItemsTest),
    /// A purpose is consented to now.
    Consent(PurposeName),
    /// In another segment. No cycles.
    Member(Name),
}

/// Where a trait comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The person or the site said it.
    Declared,
    /// A journey set it from what the person did.
    Observed,
    /// Reckoned: a prediction.
    Inferred,
}

/// A test of one trait.
#[derive(Clone, PartialEq, Debug)]
pub struct TraitTest {
    /// Which trait, as the dictionary declares it.
    pub name: String,
    /// Only a value of this origin counts.
    pub origin: Option<Origin>,
    /// The test.
    pub test: Test,
}

/// A test of one value. A value of another kind than the test's fails it.
#[derive(Clone, PartialEq, Debug)]
pub enum Test {
    /// There is a value, whichever.
    Exists,
    /// Equal. Numbers compare as numbers; texts letter by letter.
    Is(Value),
    /// Equal to one of these; never empty.
    OneOf(Vec<Value>),
    /// A text contains this, or a list has it.
    Contains(String),
    /// A text starts so.
    StartsWith(String),
    /// A number compares so.
    Number(Comparison, f64),
    /// A date or time (RFC 3339, or a day `2026-11-22`, taken at midnight UTC) lies before.
    Before(Moment),
    /// A date or time lies at or after.
    After(Moment),
    /// A date or time lies in the last so long: `now - span < value <= now`.
    Within(Span),
    /// The day of the year of a date (a birthday) comes within so many days, today included; 29 February
    /// is kept on 1 March in other years. In the person's time zone.
    Anniversary {
        /// So many days ahead; 0 is today.
        days: u16,
    },
}

/// A plain value of a program.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
}

/// How numbers compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    MoreThan,
    /// `<`
    LessThan,
    /// `==`
    Exactly,
}

impl Comparison {
    /// Whether `left` compares so with `right`.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Comparison::AtLeast => left >= right,
            Comparison::AtMost => left <= right,
            Comparison::MoreThan => left > right,
            Comparison::LessThan => left < right,
            Comparison::Exactly => left == right,
        }
    }
}

/// Which occurrences of an event are meant.
#[derive(Clone, PartialEq, Debug)]
pub struct Occurrence {
    /// The event, as the dictionary declares it.
    pub event: String,
    /// All of these tests of its fields hold.
    pub fields: Vec<FieldTest>,
}

/// A test of one field of an event.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldTest {
    /// The field, as the dictionary declares it.
    pub field: String,
    /// The test.
    pub test: Test,
}

/// When an occurrence counts, in event time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Window {
    /// At any time that is kept.
    Ever,
    /// In the last so long: `now - span < at <= now`. A person leaves the moment this ends.
    Within(Span),
    /// From one moment (included) to another (excluded).
    Between {
        /// From, included.
        from: Moment,
        /// To, excluded; open if absent.
        to: Option<Moment>,
    },
}

/// How often, how much, or how long ago.
#[derive(Clone, PartialEq, Debug)]
pub enum Measure {
    /// How many occurrences.
    Count,
    /// The sum of a numeric field; an occurrence without it adds nothing.
    Sum(String),
    /// Days (of 24 hours) since the latest occurrence; who has none fails whatever the comparison.
    DaysSinceLast,
    /// Days (of 24 hours) since the first occurrence that is kept; who has none fails.
    DaysSinceFirst,
}

/// A test of the occurrences of an event.
#[derive(Clone, PartialEq, Debug)]
pub struct EventTest {
    /// Which occurrences.
    pub occurrence: Occurrence,
    /// When.
    pub window: Window,
    /// What is measured of them.
    pub measure: Measure,
    /// How it compares.
    pub comparison: Comparison,
    /// With what.
    pub value: f64,
}

/// Occurrences one after the other, each strictly later than the one before.
#[derive(Clone, PartialEq, Debug)]
pub struct Sequence {
    /// At least two.
    pub steps: Vec<Occurrence>,
    /// From the first to the last at most so long.
    pub span: Span,
    /// All of them lie in this window.
    pub window: Window,
}

/// What was done with an item.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Did {
    /// Viewed.
    Viewed,
    /// Put into a cart.
    Added,
    /// Bought.
    Bought,
}

/// Which items.
#[derive(Clone, PartialEq, Debug)]
pub enum Which {
    /// Any item.
    Any,
    /// Items of these categories; never empty.
    Categories(Vec<String>),
    /// These items; never empty.
    Items(Vec<ItemId>),
}

/// At least so many different items were viewed, added or bought; the latest time of each counts.
#[derive(Clone, PartialEq, Debug)]
pub struct ItemsTest {
    /// What was done.
    pub did: Did,
    /// With which items.
    pub which: Which,
    /// Different items, at least one.
    pub at_least: u32,
    /// When it was last done with each.
    pub window: Window,
}
