//! Whether a predicate holds of a person, why, and until when: one walk for the decision and for its
//! explanation, so that the two cannot differ.

use super::desk::Desk;
use super::known::Known;
use super::plan::Plan;
use super::truth::Truth;
use super::value::Found as Value;
use super::{Standing, happened, value};
use program::segment::{Comparison, ItemsTest, Predicate, TraitTest};
use vocabulary::{Catalogue, Moment};

/// What was found where a predicate looked.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    /// Nothing to measure: a combination, or a consent.
    Nothing,
    /// Of a trait: its JSON text, if there is one.
    Trait(Option<String>),
    /// Millionths of how often, of a sum, or of days ago; `None`: there is no occurrence.
    Measured(Option<i128>),
    /// The times of a sequence; empty: it did not come about.
    Times(Vec<Moment>),
    /// How many different items.
    Items(u32),
    /// In that segment, or not.
    Member(bool),
}

/// Why a predicate holds, or does not.
#[derive(Clone, PartialEq, Debug)]
pub struct Why<'p> {
    /// Of what is spoken.
    pub predicate: &'p Predicate,
    /// Whether it holds, and until when nothing but an input changes that.
    pub truth: Truth,
    /// What was found.
    pub found: Found,
    /// Of a combination: its parts, in order.
    pub parts: Vec<Why<'p>>,
}

/// Where a predicate looks.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a, 'c> {
    pub(super) plan: &'a Plan,
    pub(super) known: &'a Known<'a>,
    pub(super) catalogue: &'c Catalogue,
    /// Of the segments before the one that is judged.
    pub(super) standings: &'a [Standing],
    /// What is worked out once for all segments.
    pub(super) desk: &'a Desk<'c>,
    pub(super) now: Moment,
}

impl Sight<'_, '_> {
    /// Whether it holds.
    pub(super) fn judge(&self, predicate: &Predicate) -> Truth {
        match predicate {
            Predicate::All(parts) => Truth::all(parts.iter().map(|part| self.judge(part))),
            Predicate::Any(parts) => Truth::any(parts.iter().map(|part| self.judge(part))),
            Predicate::Not(part) => !self.judge(part),
            leaf => self.leaf(leaf, false).0,
        }
    }

    /// Whether it holds, and all that speaks for and against it.
    pub(super) fn explain<'p>(&self, predicate: &'p Predicate) -> Why<'p> {
        let parts: Vec<Why<'p>> = match predicate {
            Predicate::All(parts) | Predicate::Any(parts) => {
                parts.iter().map(|part| self.explain(part)).collect()
            }
            Predicate::Not(part) => vec![self.explain(part)],
            _ => Vec::new(),
        };
        let found = match predicate {
            Predicate::All(_) | Predicate::Any(_) | Predicate::Not(_) => Found::Nothing,
            leaf => self.leaf(leaf, true).1,
        };
        Why {
            predicate,
            truth: self.judge(predicate),
            found,
            parts,
        }
    }

    /// What is found is put down only if it is asked for: it copies.
    fn leaf(&self, predicate: &Predicate, asked: bool) -> (Truth, Found) {
        let (known, now, horizon) = (self.known, self.now, self.plan.horizon);
        match predicate {
            Predicate::Trait(test) => self.of_trait(test, asked),
            Predicate::Event(test) => {
                let each = known.occurrences(&test.occurrence.event);
                let (truth, found) = happened::event(test, each, self.desk, horizon, now);
                (truth, Found::Measured(found))
            }
            Predicate::Sequence(test) => {
                let (truth, times) = happened::sequence(test, |event| known.occurrences(event), horizon, now);
                (truth, Found::Times(times))
            }
            Predicate::Items(test) => self.items(test, asked),
            Predicate::Consent(purpose) => {
                let until = known.consents.iter().find(|(name, _)| name == purpose);
                let truth = match until {
                    Some((_, until)) if *until > now => Truth::until(true, until.0),
                    _ => Truth::always(false),
                };
                (truth, Found::Nothing)
            }
            Predicate::Member(name) => {
                let standing = self.plan.place(name).and_then(|place| self.standings.get(place));
                let truth = standing.map_or(Truth::always(false), |s| s.truth);
                (truth, Found::Member(truth.holds))
            }
            Predicate::All(_) | Predicate::Any(_) | Predicate::Not(_) => {
                (self.judge(predicate), Found::Nothing)
            }
        }
    }

    fn of_trait(&self, test: &TraitTest, asked: bool) -> (Truth, Found) {
        let known = self
            .known
            .trait_of(&test.name)
            .filter(|known| test.origin.is_none_or(|origin| origin == known.origin));
        let truth = match known.map(|known| known.value.as_str()) {
            // A text without escapes, as nearly all are, is read where it stands.
            Some(text) if let Some(plain) = plain(text) => self.passes(test, &Value::Text(plain)),
            text => {
                // What is no JSON was never declared as anything: it is as if it were not there.
                let json: serde_json::Value = text
                    .and_then(|text| serde_json::from_str(text).ok())
                    .unwrap_or_default();
                self.passes(test, &Value::of_json(&json))
            }
        };
        let found = known.filter(|_| asked).map(|known| known.value.clone());
        (truth, Found::Trait(found))
    }

    fn passes(&self, test: &TraitTest, found: &Value<'_>) -> Truth {
        value::passes(&test.test, found, self.known.zone, self.now)
    }

    /// How many there are is counted to the end only if it is asked for.
    fn items(&self, test: &ItemsTest, asked: bool) -> (Truth, Found) {
        let bounds = happened::Bounds::of(test.window, self.plan.horizon);
        let meant = (test.did, &test.which);
        self.desk.chosen(self.known, self.catalogue, meant, |times| {
            let inside = times
                .get(bounds.of_times(times, |at| *at, self.now))
                .unwrap_or_default();
            let coming = inside.last().is_some_and(|at| *at > self.now.0);
            if !coming && !asked && test.at_least > 0 {
                // So many stay until the oldest of the latest so many leaves.
                let stay = usize::try_from(test.at_least).unwrap_or(usize::MAX);
                let oldest = inside.len().checked_sub(stay).and_then(|place| inside.get(place));
                let truth = match oldest {
                    Some(at) => Truth::until(true, bounds.leaves(*at)),
                    None => Truth::always(false),
                };
                return (truth, Found::Nothing);
            }
            let one = value::millionths(1.0);
            let weighed = inside.iter().map(|at| (*at, one));
            let wanted = i128::from(test.at_least) * one;
            let (truth, sum) = happened::sliding(weighed, bounds, self.now, Comparison::AtLeast, wanted);
            (truth, Found::Items(u32::try_from(sum / one).unwrap_or(u32::MAX)))
        })
    }
}

/// The text of a JSON string that has no escapes.
fn plain(json: &str) -> Option<&str> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    inside.bytes().all(is_plain).then_some(inside)
}
