//! What is worked out once of a person while all segments are judged, and not before one of them asks: the
//! categories of what they touched, when they did it in order, the sums of an event's field.
//!
//! Deliberately does not know: predicates; what was known at another look.

use super::known::Known;
use super::value::amount;
use program::segment::{Did, Which};
use std::cell::{OnceCell, RefCell};
use vocabulary::{Catalogue, Happened, Touched};

/// Of one person, at one look.
#[derive(Default)]
pub(super) struct Desk<'c> {
    /// The category of each item that was touched, once it was asked for.
    categories: RefCell<Vec<Option<Option<&'c str>>>>,
    chosen: RefCell<Vec<Chosen>>,
    viewed: OnceCell<Vec<(i64, usize)>>,
    added: OnceCell<Vec<(i64, usize)>>,
    bought: OnceCell<Vec<(i64, usize)>>,
    sums: RefCell<Vec<Sums>>,
}

/// When something was last done with the items that a test means.
struct Chosen {
    did: Did,
    which: Which,
    /// By time.
    times: Vec<i64>,
}

struct Sums {
    /// Where the occurrences lie: they do not move during a look.
    of: *const Happened,
    field: String,
    /// Millionths of the field before each occurrence, and behind the last; `None`: one is below nothing.
    before: Option<Vec<i128>>,
}

impl<'c> Desk<'c> {
    /// When something was last done with items, by time, and with which: its place among those touched.
    fn times(&self, known: &Known<'_>, did: Did) -> &[(i64, usize)] {
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

    /// Hands over when something was last done with the items that are meant, by time.
    pub(super) fn chosen<R>(
        &self,
        known: &Known<'_>,
        catalogue: &'c Catalogue,
        (did, which): (Did, &Which),
        work: impl FnOnce(&[i64]) -> R,
    ) -> R {
        let mut kept = self.chosen.borrow_mut();
        let place = kept.iter().position(|one| one.did == did && one.which == *which);
        let place = place.unwrap_or_else(|| {
            let all = self.times(known, did).iter();
            let meant = all.filter(|(_, place)| self.is_meant(known, catalogue, which, *place));
            kept.push(Chosen {
                did,
                which: which.clone(),
                times: meant.map(|(at, _)| *at).collect(),
            });
            kept.len() - 1
        });
        work(
            kept.get(place)
                .map(|one| one.times.as_slice())
                .unwrap_or_default(),
        )
    }

    /// Whether the item of that place among those touched is meant.
    fn is_meant(&self, known: &Known<'_>, catalogue: &'c Catalogue, which: &Which, place: usize) -> bool {
        let Some(touched) = known.touched.get(place) else {
            return false;
        };
        match which {
            Which::Any => true,
            Which::Items(items) => items.contains(&touched.item),
            Which::Categories(categories) => {
                let mut of = self.categories.borrow_mut();
                of.resize(known.touched.len(), None);
                let look = || Some(catalogue.get(&touched.item)?.category.as_str());
                let category = of.get_mut(place).and_then(|of| *of.get_or_insert_with(look));
                category.is_some_and(|category| categories.iter().any(|wanted| wanted == category))
            }
        }
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
