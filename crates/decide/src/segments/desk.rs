//! What is worked out once of a person while all segments are judged, and not before one of them asks: the
//! categories of what they touched, when they did it in order, the sums of an event's field.
//!
//! Deliberately does not know: predicates; what was known at another look.

use super::known::Known;
use super::value::amount;
use program::segment::Did;
use std::cell::{OnceCell, RefCell};
use vocabulary::{Catalogue, Happened, Touched};

/// Of one person, at one look.
#[derive(Default)]
pub(super) struct Desk<'c> {
    categories: OnceCell<Categories<'c>>,
    viewed: OnceCell<Vec<(i64, usize)>>,
    added: OnceCell<Vec<(i64, usize)>>,
    bought: OnceCell<Vec<(i64, usize)>>,
    sums: RefCell<Vec<Sums>>,
}

/// The categories of the items that were touched.
#[derive(Default)]
pub(super) struct Categories<'c> {
    /// Each once.
    names: Vec<&'c str>,
    /// Of each item, which.
    of: Vec<Option<usize>>,
}

struct Sums {
    /// Where the occurrences lie: they do not move during a look.
    of: *const Happened,
    field: String,
    /// Millionths of the field before each occurrence, and behind the last; `None`: one is below nothing.
    before: Option<Vec<i128>>,
}

impl<'c> Desk<'c> {
    /// The categories.
    pub(super) fn categories(&self, known: &Known<'_>, catalogue: &'c Catalogue) -> &Categories<'c> {
        self.categories.get_or_init(|| {
            let mut categories = Categories::default();
            for touched in known.touched {
                let name = catalogue.get(&touched.item).map(|item| item.category.as_str());
                let place = name.map(|name| categories.place(name));
                categories.of.push(place);
            }
            categories
        })
    }

    /// When something was last done with items, by time, and with which: its place among those touched.
    pub(super) fn times(&self, known: &Known<'_>, did: Did) -> &[(i64, usize)] {
        let (cell, at): (_, fn(&Touched) -> Option<vocabulary::Moment>) = match did {
            Did::Viewed => (&self.viewed, |touched| touched.viewed_at),
            Did::Added => (&self.added, |touched| touched.added_at),
            Did::Bought => (&self.bought, |touched| touched.bought_at),
        };
        cell.get_or_init(|| {
            let each = known.touched.iter().enumerate();
            let mut times: Vec<_> = each
                .filter_map(|(place, touched)| Some((at(touched)?.0, place)))
                .collect();
            times.sort_unstable();
            times
        })
    }

    /// Hands over the sums of that field of those occurrences, in millionths: before each of them, and behind
    /// the last. `None` if one of the weights is below nothing.
    pub(super) fn sums<R>(
        &self,
        each: &[Happened],
        field: &str,
        work: impl FnOnce(&[i128]) -> Option<R>,
    ) -> Option<R> {
        let mut kept = self.sums.borrow_mut();
        let place = kept
            .iter()
            .position(|sums| std::ptr::eq(sums.of, each.as_ptr()) && sums.field == field);
        let place = place.unwrap_or_else(|| {
            kept.push(Sums {
                of: each.as_ptr(),
                field: field.to_owned(),
                before: sum(each, field),
            });
            kept.len() - 1
        });
        work(kept.get(place)?.before.as_deref()?)
    }
}

impl<'c> Categories<'c> {
    fn place(&mut self, name: &'c str) -> usize {
        let place = self.names.iter().position(|known| *known == name);
        place.unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        })
    }

    /// Those of a test, each as a bit; what does not fit is asked by name.
    pub(super) fn wanted(&self, categories: &[String]) -> u128 {
        let each = self.names.iter().take(128).enumerate();
        each.filter(|(_, name)| categories.iter().any(|wanted| wanted == *name))
            .fold(0, |wanted, (place, _)| wanted | 1 << place)
    }

    /// Whether the item of that place is of one of these, of which `wanted` is made.
    pub(super) fn is_one(&self, place: usize, wanted: u128, categories: &[String]) -> bool {
        match self.of.get(place).copied().flatten() {
            Some(category) if category < 128 => wanted >> category & 1 == 1,
            Some(category) => {
                let name = self.names.get(category);
                name.is_some_and(|name| categories.iter().any(|wanted| wanted == name))
            }
            None => false,
        }
    }
}

fn sum(each: &[Happened], field: &str) -> Option<Vec<i128>> {
    let mut sum = 0_i128;
    let mut before = Vec::with_capacity(each.len() + 1);
    before.push(sum);
    for one in each {
        let weight = amount(one, field);
        if weight < 0 {
            return None;
        }
        sum = sum.checked_add(weight)?;
        before.push(sum);
    }
    Some(before)
}
