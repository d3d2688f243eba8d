//! Whether a predicate holds of a person, why, and until when: one walk for the decision and for its
//! explanation, so that the two cannot differ.

use super::known::Known;
use super::plan::Plan;
use super::truth::Truth;
use super::value::Found as Value;
use super::{Standing, happened, value};
use program::segment::{Comparison, Did, ItemsTest, Predicate, TraitTest, Which};
use std::cell::OnceCell;
use vocabulary::{Catalogue, Moment, Touched};

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
    /// Of each item that was touched, its category: looked up once for all segments, and not before one asks.
    pub(super) categories: &'a OnceCell<Vec<Option<&'c str>>>,
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
                let (truth, found) = happened::event(test, each, horizon, now);
                (truth, Found::Measured(found))
            }
            Predicate::Sequence(test) => {
                let (truth, times) = happened::sequence(test, |event| known.occurrences(event), horizon, now);
                (truth, Found::Times(times))
            }
            Predicate::Items(test) => self.items(test),
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

    fn items(&self, test: &ItemsTest) -> (Truth, Found) {
        let bounds = happened::Bounds::of(test.window, self.plan.horizon);
        let at = |touched: &Touched| match test.did {
            Did::Viewed => touched.viewed_at,
            Did::Added => touched.added_at,
            Did::Bought => touched.bought_at,
        };
        let one = value::millionths(1.0);
        let mut weighed: Vec<happened::Weighed> = self
            .known
            .touched
            .iter()
            .enumerate()
            // Most have left the window, or were never so touched: that is asked first.
            .filter_map(|(place, touched)| {
                let at = at(touched)?.0;
                let counts = bounds.takes(at) && bounds.leaves(at) > self.now.0;
                (counts && self.is_one(&test.which, place, touched)).then_some((at, one))
            })
            .collect();
        weighed.sort_unstable();
        let wanted = i128::from(test.at_least) * one;
        let (truth, sum) = happened::sliding(
            weighed.iter().copied(),
            bounds,
            self.now,
            Comparison::AtLeast,
            wanted,
        );
        (truth, Found::Items(u32::try_from(sum / one).unwrap_or(u32::MAX)))
    }

    fn is_one(&self, which: &Which, place: usize, touched: &Touched) -> bool {
        match which {
            Which::Any => true,
            Which::Items(items) => items.contains(&touched.item),
            Which::Categories(categories) => {
                let each = self.categories.get_or_init(|| self.categories());
                let category = each.get(place).copied().flatten();
                category.is_some_and(|category| categories.iter().any(|one| one == category))
            }
        }
    }
}

impl<'c> Sight<'_, 'c> {
    fn categories(&self) -> Vec<Option<&'c str>> {
        let catalogue = self.catalogue;
        let category = |touched: &Touched| catalogue.get(&touched.item).map(|item| item.category.as_str());
        self.known.touched.iter().map(category).collect()
    }
}

/// The text of a JSON string that has no escapes.
fn plain(json: &str) -> Option<&str> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    inside.bytes().all(is_plain).then_some(inside)
}
