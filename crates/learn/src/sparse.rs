//! A model from [`Rows`]: no square matrix of items is held beyond [`DENSE`] of them, and what is held is
//! bounded.
//!
//! Up to [`DENSE`] items the support of each item's weights is read off one dense inverse, as for
//! [`crate::Counts`]. Beyond, it is the items closest by the cosine. Either way each item is then regressed
//! on its support. Beyond [`DENSE`] the sums that takes are made again, for as many items at a time as fit
//! into [`SYSTEMS`] bytes, and only those entries are kept.

use crate::assemble::Learned;
use crate::meet::{Meetings, Ranks, Row, each};
use crate::refit::weights;
use crate::rows::Rows;
use crate::small::System;
use crate::solve::{inverse, of_own, strongest, support};
use crate::transitions::{Sums, weight};
use crate::{Error, Facts, ONE, Provenance, Settings};
use faer::Mat;
use rayon::prelude::*;

/// Up to so many items a dense inverse is fair use of a machine: 3.2 GB at most.
pub const DENSE: usize = 20_000;

/// Bytes of small systems that are held at a time.
pub const SYSTEMS: usize = 1 << 30;

/// Learns a model and writes its file. The same rows and settings give the same bytes, in whatever order the
/// people came and whatever the number of threads.
///
/// # Errors
/// As [`crate::train`].
pub fn train_rows(
    rows: &Rows,
    facts: &Facts,
    settings: &Settings,
    provenance: Provenance,
) -> Result<Vec<u8>, Error> {
    learned(rows, settings, DENSE, SYSTEMS)?.write(facts, settings, provenance, None)
}

pub(crate) fn learned<'r>(
    rows: &'r Rows,
    settings: &Settings,
    dense: usize,
    systems: usize,
) -> Result<Learned<'r>, Error> {
    settings.parameters.check()?;
    let ranks = Ranks::new(&rows.people_of, u64::from(settings.least_people.max(1)));
    if ranks.kept.is_empty() {
        return Err(Error::NothingToLearn {
            people: rows.people(),
            items: 0,
            least: settings.least_people,
        });
    }
    let of = |sums: &[i64], at: &usize| sums.get(*at).map_or(0.0, |sum| *sum as f64 / ONE as f64);
    let diagonal: Vec<f64> = ranks.kept.iter().map(|at| of(&rows.diagonal, at)).collect();
    let ridge = settings.ridge * diagonal.iter().sum::<f64>() / diagonal.len() as f64;
    let gram = Gram {
        ridged: diagonal
            .iter()
            .map(|own| own * (1.0 + of_own(settings.dropout)) + ridge)
            .collect(),
        pairs: Meetings::pairs(rows, &ranks),
        ridge,
    };
    let most = settings.neighbours as usize;
    let discover = match ranks.kept.len() <= dense {
        true => gram.dense(most)?,
        false => gram.sparse(&closest(&gram.pairs, &diagonal, most), systems)?,
    };
    drop(gram);
    let own: Vec<f64> = ranks.kept.iter().map(|at| of(&rows.own, at)).collect();
    let next = next(&Meetings::days(rows, &ranks), &own, settings);
    let people_of = ranks.kept.iter().map(|at| rows.people_of.get(*at).copied());
    Ok(Learned {
        items: &rows.items,
        people: rows.people(),
        most_items: rows.bounds.most_items,
        people_of: people_of.map(Option::unwrap_or_default).collect(),
        kept: ranks.kept,
        discover,
        next,
    })
}

type Columns = Vec<Vec<(u32, f32)>>;

struct Gram<'r> {
    pairs: Meetings<'r>,
    /// The diagonal with the ridge.
    ridged: Vec<f64>,
    ridge: f64,
}

impl Gram<'_> {
    /// All entries below the diagonal, one dense inverse, and the refit from the same entries.
    fn dense(&self, most: usize) -> Result<Columns, Error> {
        let n = self.pairs.len();
        let rows = each(n, Default::default, |(row, done): &mut (Row, Vec<_>), a| {
            self.pairs.row(a, row);
            let entries: Vec<f32> = (0..a as u32).map(|b| real(row.at(b))).collect();
            done.push((a, entries));
        });
        let below = in_order(n, rows.into_iter().flat_map(|(_, done)| done));
        let entry = |a: usize, b: usize| {
            let row: Option<&Vec<f32>> = below.get(a);
            row.and_then(|row| row.get(b)).copied().unwrap_or(0.0)
        };
        let own = |a: usize| self.ridged.get(a).copied().unwrap_or(1.0);
        let matrix = Mat::from_fn(n, n, |a, b| match a.cmp(&b) {
            std::cmp::Ordering::Greater => entry(a, b),
            std::cmp::Ordering::Equal => own(a) as f32,
            std::cmp::Ordering::Less => 0.0,
        });
        let support = support(&inverse(matrix, self.ridge)?, most);
        let targets = support.par_iter().enumerate();
        let columns = targets.map_init(System::default, |system, (target, sources)| {
            system.clear();
            for (nth, a) in sources.iter().enumerate() {
                let a = *a as usize;
                let row = below.get(a).map_or(&[][..], Vec::as_slice);
                let others = sources.iter().take(nth);
                let others = others.map(|b| row.get(*b as usize).copied().map_or(0.0, f64::from));
                let against = entry(a.max(target), a.min(target));
                system.push(others.chain([own(a)]), f64::from(against));
            }
            weights(system, sources, self.ridge)
        });
        columns.collect()
    }

    /// The refit of a support, for as many targets at a time as fit into `bytes`.
    fn sparse(&self, support: &[Vec<u32>], bytes: usize) -> Result<Columns, Error> {
        let longest = support.iter().map(Vec::len).max().unwrap_or(0);
        let each = 4 * (longest + 1) * (longest + 2) / 2;
        let at_a_time = (bytes / each.max(1)).max(1);
        let mut columns = Vec::with_capacity(support.len());
        for first in (0..support.len()).step_by(at_a_time) {
            let targets = first..support.len().min(first + at_a_time);
            columns.extend(self.batch(support, targets)?);
        }
        Ok(columns)
    }

    fn batch(&self, support: &[Vec<u32>], targets: std::ops::Range<usize>) -> Result<Columns, Error> {
        let n = self.pairs.len();
        let sources_of = |target: usize| support.get(target).map_or(&[][..], Vec::as_slice);
        // Per source, which targets have it where, and where its part of their systems will lie.
        let mut members: Vec<Vec<(u32, u32)>> = vec![Vec::new(); n];
        let mut lies: Vec<Vec<usize>> = Vec::with_capacity(targets.len());
        let mut lengths = vec![0usize; n];
        for target in targets.clone() {
            let places = (0u32..).zip(sources_of(target)).map(|(nth, source)| {
                if let Some(members) = members.get_mut(*source as usize) {
                    members.push((target as u32, nth));
                }
                let length = lengths.get_mut(*source as usize);
                length.map_or(0, |length| {
                    let place = *length;
                    *length += nth as usize + 1;
                    place
                })
            });
            lies.push(places.collect());
        }
        let parts = each(n, Default::default, |(row, done): &mut (Row, Vec<_>), a| {
            let members = members.get(a).map_or(&[][..], Vec::as_slice);
            if members.is_empty() && !targets.contains(&a) {
                return;
            }
            self.pairs.row(a, row);
            let mut part = Part::default();
            part.entries.reserve_exact(lengths.get(a).copied().unwrap_or(0));
            for (target, nth) in members {
                let others = sources_of(*target as usize).iter().take(*nth as usize);
                part.entries.extend(others.map(|b| real(row.at(*b))));
                // 0 where the target is above: then it is in the target's own row.
                part.entries.push(real(row.at(*target)));
            }
            if targets.contains(&a) {
                part.own = sources_of(a).iter().map(|b| real(row.at(*b))).collect();
            }
            done.push((a, part));
        });
        let parts = in_order(n, parts.into_iter().flat_map(|(_, done)| done));
        let each = targets.into_par_iter().zip(&lies);
        let columns = each.map_init(System::default, |system, (target, lies)| {
            let sources = sources_of(target);
            let own_row = parts
                .get(target)
                .map_or(&[][..], |part: &Part| part.own.as_slice());
            system.clear();
            for (nth, (source, from)) in sources.iter().zip(lies).enumerate() {
                let entries = parts.get(*source as usize).map(|part| &part.entries);
                let entries = entries.and_then(|entries| entries.get(*from..from + nth + 1));
                let entries = entries.unwrap_or_default();
                let (with_target, others) = entries.split_last().unwrap_or((&0.0, &[]));
                let own = self.ridged.get(*source as usize).copied().unwrap_or(1.0);
                // Of the two rows the pair stands in that of the lower rank, and is 0 in the other one.
                let in_own = own_row.get(nth).copied().unwrap_or(0.0);
                let against = f64::from(*with_target) + f64::from(in_own);
                system.push(others.iter().map(|entry| f64::from(*entry)).chain([own]), against);
            }
            weights(system, sources, self.ridge)
        });
        columns.collect()
    }
}

/// What one row of the Gram matrix gives to the systems of a batch.
#[derive(Clone, Default)]
struct Part {
    /// Of each target that has this item in its support: the entries with the sources before, then the one
    /// with the target.
    entries: Vec<f32>,
    /// If this item is a target: the entries with its sources.
    own: Vec<f32>,
}

/// Per item the `most` closest by the cosine, ascending.
fn closest(pairs: &Meetings<'_>, diagonal: &[f64], most: usize) -> Vec<Vec<u32>> {
    let n = pairs.len();
    let scale: Vec<f32> = diagonal
        .iter()
        .map(|own| own.max(1e-30).sqrt().recip() as f32)
        .collect();
    let states = each(
        n,
        || (Row::default(), Closest::new(n, most)),
        |(row, closest), a| {
            pairs.row(a, row);
            let of_a = scale.get(a).copied().unwrap_or(0.0);
            for ((b, sum), of_b) in row
                .iter()
                .filter_map(|(b, sum)| Some(((b, sum), scale.get(b as usize)?)))
            {
                let cosine = real(sum) * (of_a * of_b);
                closest.push(a as u32, cosine, b);
                closest.push(b, cosine, a as u32);
            }
        },
    );
    let mut lists: Vec<Vec<Vec<(f32, u32)>>> = states.into_iter().map(|(_, one)| one.lists).collect();
    let mut merged = lists.pop().unwrap_or_default();
    merged.par_iter_mut().enumerate().for_each(|(at, list)| {
        lists
            .iter()
            .filter_map(|other| other.get(at))
            .for_each(|other| list.extend_from_slice(other));
        strongest(list, most);
    });
    let chosen = merged.into_iter().map(|list| {
        let mut list: Vec<u32> = list.into_iter().map(|(_, at)| at).collect();
        list.sort_unstable();
        list
    });
    chosen.collect()
}

struct Closest {
    most: usize,
    lists: Vec<Vec<(f32, u32)>>,
    /// What is below cannot be among the closest any more.
    bars: Vec<f32>,
}

impl Closest {
    fn new(n: usize, most: usize) -> Closest {
        Closest {
            most,
            lists: vec![Vec::new(); n],
            bars: vec![f32::MIN_POSITIVE; n],
        }
    }

    fn push(&mut self, to: u32, cosine: f32, from: u32) {
        let at = to as usize;
        let Some((list, bar)) = self.lists.get_mut(at).zip(self.bars.get_mut(at)) else {
            return;
        };
        // What is as close as the bar stays: which of equals is taken does not depend on when it came.
        if cosine < *bar {
            return;
        }
        list.push((cosine, from));
        if list.len() >= 2 * self.most.max(1) {
            strongest(list, self.most);
            let least = list.iter().map(|(cosine, _)| *cosine).fold(f32::MAX, f32::min);
            *bar = least.max(*bar);
        }
    }
}

/// The directed part.
fn next(days: &Meetings<'_>, own: &[f64], settings: &Settings) -> Columns {
    let n = days.len();
    let (targets, sources) = days.margins();
    let all: i64 = sources.iter().sum();
    if all == 0 || settings.transitions == 0 {
        return vec![Vec::new(); n];
    }
    let lists = each(n, Default::default, |(row, done): &mut (Row, Vec<_>), to| {
        days.row(to, row);
        let of_target = targets.get(to).copied().unwrap_or(0);
        let mut list = Vec::new();
        for (from, seen) in row.iter().filter(|(from, _)| *from as usize != to) {
            let at = from as usize;
            let sums = Sums {
                seen,
                of_source: sources.get(at).copied().unwrap_or(0),
                of_target,
                all,
            };
            let own = own.get(at).copied().unwrap_or(0.0);
            if let Some(weight) = weight(sums, own, settings.shrink) {
                list.push((weight, from));
            }
        }
        strongest(&mut list, settings.transitions as usize);
        let mut list: Vec<(u32, f32)> = list.into_iter().map(|(weight, from)| (from, weight)).collect();
        list.sort_unstable_by_key(|(from, _)| *from);
        done.push((to, list));
    });
    in_order(n, lists.into_iter().flat_map(|(_, done)| done))
}

fn real(sum: i64) -> f32 {
    sum as f32 / ONE as f32
}

/// What threads made in any order, by its number.
fn in_order<T: Default + Clone>(n: usize, made: impl Iterator<Item = (usize, T)>) -> Vec<T> {
    let mut all = vec![T::default(); n];
    for (at, one) in made {
        if let Some(place) = all.get_mut(at) {
            *place = one;
        }
    }
    all
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::gather::{Bounds, Counts};
    use crate::solve::Gram as OfCounts;
    use crate::transitions::transitions;
    use proptest::prelude::*;
    use vocabulary::{DAY_MS, Interaction, ItemId, Moment};

    const ITEMS: usize = 14;

    fn item(number: usize) -> ItemId {
        ItemId(format!("{number:03}"))
    }

    prop_compose! {
        fn interaction(views: u32)(
            number in 0..ITEMS + 2, viewed in 0..=views, added in 0..=views, bought in 0u32..3, day in 0i64..12,
        ) -> Interaction {
            Interaction { item: item(number), viewed, added, bought, last_at: Moment(day * DAY_MS) }
        }
    }

    fn people() -> impl Strategy<Value = Vec<Vec<Interaction>>> {
        // Some with one kind of act alone: those sums are made in another way.
        (0u32..2).prop_flat_map(|views| {
            prop::collection::vec(prop::collection::vec(interaction(views), 0..14), 1..30)
        })
    }

    fn bounds() -> Bounds {
        Bounds {
            most_items: 9,
            length: 4,
            ..Bounds::default()
        }
    }

    fn both(people: &[Vec<Interaction>]) -> (Counts, Rows) {
        let mut counts = Counts::new((0..ITEMS).map(item), bounds()).unwrap();
        let mut rows = Rows::new((0..ITEMS).map(item), bounds()).unwrap();
        for history in people {
            counts.add(history).unwrap();
            rows.add(history).unwrap();
        }
        (counts, rows)
    }

    proptest! {
        #[test]
        fn rows_meet_in_the_very_sums_that_are_counted(people in people()) {
            let (counts, rows) = both(&people);
            let ranks = Ranks::new(&rows.people_of, 1);
            let (pairs, days) = (Meetings::pairs(&rows, &ranks), Meetings::days(&rows, &ranks));
            let mut row = Row::default();
            let mut of_columns = vec![0; ranks.kept.len()];
            for (a, first) in ranks.kept.iter().enumerate() {
                pairs.row(a, &mut row);
                prop_assert_eq!(rows.diagonal[*first], counts.pair(*first, *first));
                prop_assert_eq!(rows.own[*first], counts.transition_weight(*first));
                for (b, second) in ranks.kept.iter().enumerate().take(a) {
                    prop_assert_eq!(row.at(b as u32), counts.pair(*first, *second));
                }
                prop_assert!(row.iter().all(|(b, sum)| (b as usize) < a && sum != 0));
                days.row(a, &mut row);
                for (b, second) in ranks.kept.iter().enumerate() {
                    prop_assert_eq!(row.at(b as u32), counts.transition(*second, *first));
                }
                prop_assert_eq!(days.margins().0[a], row.iter().map(|(_, sum)| sum).sum::<i64>());
                row.iter().for_each(|(b, sum)| of_columns[b as usize] += sum);
            }
            prop_assert_eq!(days.margins().1, of_columns.as_slice());
        }

        #[test]
        fn rows_give_the_weights_that_counts_give(people in people(), dropout in 0.0f64..0.6) {
            let (counts, rows) = both(&people);
            let settings = Settings { dropout, neighbours: 20, least_people: 1, shrink: 1.0, ..Settings::default() };
            let Ok(gram) = OfCounts::new(&counts, 1, settings.ridge, dropout) else { return Ok(()) };
            let refitted = crate::refit::refit(&gram, &gram.support(20).unwrap()).unwrap();
            let next = transitions(&counts, &gram, 20, 1.0);
            let wide = |kept: &[usize], columns: &Columns| {
                let mut all = [[0.0f32; ITEMS]; ITEMS];
                for (target, column) in kept.iter().zip(columns) {
                    column.iter().for_each(|(source, weight)| all[*target][kept[*source as usize]] = *weight);
                }
                all
            };
            // The support is every other item, by the dense inverse as by the cosine wherever it is above 0.
            for (dense, systems) in [(DENSE, SYSTEMS), (0, SYSTEMS), (0, 1)] {
                let learned = learned(&rows, &settings, dense, systems).unwrap();
                prop_assert_eq!(wide(&learned.kept, &learned.next), wide(&gram.kept, &next));
                if dense > 0 {
                    let ours = wide(&learned.kept, &learned.discover);
                    for (ours, theirs) in ours.iter().flatten().zip(wide(&gram.kept, &refitted).iter().flatten()) {
                        prop_assert!((ours - theirs).abs() < 1e-5, "{ours} {theirs}");
                    }
                }
                // Regressed on its support: what the equations of each target say, by the counted sums.
                let real = |a: usize, b: usize| counts.pair(a, b) as f64 / ONE as f64;
                let ridge = settings.ridge * learned.kept.iter().map(|at| real(*at, *at)).sum::<f64>() / learned.kept.len() as f64;
                for (target, column) in learned.kept.iter().zip(&learned.discover) {
                    for (source, _) in column {
                        let at = learned.kept[*source as usize];
                        let left: f64 = column.iter().map(|(other, weight)| {
                            let other = learned.kept[*other as usize];
                            let own = if other == at { real(at, at) * of_own(dropout) + ridge } else { 0.0 };
                            f64::from(*weight) * (real(at, other) + own)
                        }).sum();
                        prop_assert!((left - real(at, *target)).abs() < 1e-4, "{left} {}", real(at, *target));
                    }
                }
            }
        }

        #[test]
        fn neither_the_order_of_people_nor_the_threads_nor_the_batches_change_a_model(people in people(), neighbours in 1u32..6) {
            let settings = Settings { neighbours, least_people: 1, ..Settings::default() };
            let provenance = || Provenance { made_on: vocabulary::Day(0), charter: Default::default(), data: String::new() };
            let write = |people: &[Vec<Interaction>], threads: usize, systems: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let (_, rows) = both(people);
                pool.install(|| learned(&rows, &settings, 0, systems)?.write(&Facts::default(), &settings, provenance(), None))
            };
            let one = write(&people, 1, SYSTEMS);
            let mut backwards = people.clone();
            backwards.reverse();
            prop_assert_eq!(&write(&backwards, 3, SYSTEMS), &one);
            prop_assert_eq!(&write(&people, 2, 200), &one);
        }
    }
}
