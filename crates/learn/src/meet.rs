//! Which items meet in which people, so that one row of a sum over people can be had at a time: no matrix of
//! all pairs is ever held (Gustavson, "Two fast algorithms for sparse matrices", ACM TOMS 4(3), 1978).
//!
//! Items are known by their *rank* here, the most popular first: the rows that are written to most lie
//! together in the nearest cache. Sums are of whole numbers, and each row is made by one thread: the result
//! does not depend on their number.

use crate::gather::amount_of;
use crate::rows::Rows;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rows that a thread takes at a time.
const AT_A_TIME: usize = 16;

/// The items that take part, by rank.
pub(crate) struct Ranks {
    /// Per rank, the position of the item.
    pub(crate) kept: Vec<usize>,
    /// Per position, the rank; `u32::MAX`: takes no part.
    of: Vec<u32>,
}

impl Ranks {
    /// The items that at least `least` people have.
    pub(crate) fn new(people_of: &[u64], least: u64) -> Ranks {
        let mut kept: Vec<(u64, usize)> = people_of.iter().copied().zip(0..).collect();
        kept.retain(|(people, _)| *people >= least);
        kept.sort_unstable_by_key(|(people, at)| (std::cmp::Reverse(*people), *at));
        let kept: Vec<usize> = kept.into_iter().map(|(_, at)| at).collect();
        let mut of = vec![u32::MAX; people_of.len()];
        for (rank, at) in (0..).zip(&kept) {
            if let Some(place) = of.get_mut(*at) {
                *place = rank;
            }
        }
        Ranks { kept, of }
    }
}

/// Per item, the people who have it, and which of their items it meets.
pub(crate) struct Meetings<'r> {
    /// How many items.
    n: usize,
    /// Whether an item meets only those of lower rank: one triangle of a symmetric sum.
    half: bool,
    starts: Vec<usize>,
    /// Per person their items, by rank or by day.
    list: Vec<u32>,
    x: X,
    /// What each person's products are multiplied with.
    factors: &'r [i64],
    /// Per item where its meetings begin, and one more.
    items: Vec<usize>,
    /// Per meeting: who, and which part of their list.
    meetings: Vec<Meeting>,
    /// Per item, the sum of its row; nothing of a triangle.
    of_rows: Vec<i64>,
    /// Per item, the sum of what it adds to the rows of others.
    of_columns: Vec<i64>,
}

#[derive(Clone, Copy, Default)]
struct Meeting {
    person: u32,
    from: u16,
    to: u16,
}

enum X {
    /// Everybody did the same with everything.
    Same(i64),
    /// Per entry of the lists, and per meeting of the item that meets.
    Each(Vec<u8>, Vec<u8>),
}

impl<'r> Meetings<'r> {
    /// Every pair of items of a person, each once: the item meets those of lower rank.
    pub(crate) fn pairs(rows: &'r Rows, ranks: &Ranks) -> Meetings<'r> {
        let order = |entries: &mut Vec<Entry>| entries.sort_unstable_by_key(|one| one.rank);
        let meets = |entries: &[Entry], nth: usize| (0, nth.min(entries.len()));
        Meetings::new(rows, ranks, &rows.of_pairs, true, order, meets)
    }

    /// Every item of a person meets those of the days before it, as far as a transition leads.
    pub(crate) fn days(rows: &'r Rows, ranks: &Ranks) -> Meetings<'r> {
        let ahead = rows.bounds.days_ahead.min(u32::from(u16::MAX)) as u16;
        let order = |entries: &mut Vec<Entry>| {
            entries.sort_unstable_by_key(|one| (one.day, one.rank));
        };
        let meets = |entries: &[Entry], nth: usize| {
            let day = entries.get(nth).map_or(0, |one| one.day);
            let from = entries.partition_point(|one| one.day < day.saturating_sub(ahead));
            (from, entries.partition_point(|one| one.day < day).max(from))
        };
        Meetings::new(rows, ranks, &rows.of_transitions, false, order, meets)
    }

    fn new(
        rows: &Rows,
        ranks: &Ranks,
        factors: &'r [i64],
        half: bool,
        order: impl Fn(&mut Vec<Entry>),
        meets: impl Fn(&[Entry], usize) -> (usize, usize),
    ) -> Meetings<'r> {
        let n = ranks.kept.len();
        let mut items: Vec<usize> = Vec::with_capacity(n + 1);
        let mut end = 0;
        items.push(0);
        for at in &ranks.kept {
            end += rows.people_of.get(*at).copied().unwrap_or(0) as usize;
            items.push(end);
        }
        let mut free = items.clone();
        let first = rows.x.first().copied().unwrap_or(0);
        let same = rows.x.iter().all(|x| *x == first);
        let mut x = match same {
            true => X::Same(i64::from(first)),
            false => X::Each(Vec::with_capacity(end), vec![0; end]),
        };
        let mut starts = vec![0];
        let mut list = Vec::with_capacity(end);
        let mut meetings = vec![Meeting::default(); end];
        let (mut of_rows, mut of_columns) = (vec![0; n], vec![0; n]);
        let (mut entries, mut windows) = (Vec::new(), Vec::new());
        for (person, range) in (0..).zip(rows.starts.windows(2)) {
            let &[from, to] = range else { continue };
            entries.clear();
            entries.extend((from..to).filter_map(|nth| {
                let rank = *ranks.of.get(*rows.at.get(nth)? as usize)?;
                (rank != u32::MAX).then_some(Entry {
                    rank,
                    x: *rows.x.get(nth)?,
                    day: *rows.day.get(nth)?,
                })
            }));
            order(&mut entries);
            windows.clear();
            windows.extend((0..entries.len()).map(|nth| meets(&entries, nth)));
            let factor = factors.get(person as usize).copied().unwrap_or(0);
            if !half {
                margins(&entries, &windows, factor, &mut of_rows, &mut of_columns);
            }
            for (one, (from, to)) in entries.iter().zip(windows.iter().copied()) {
                list.push(one.rank);
                let Some(slot) = free.get_mut(one.rank as usize) else {
                    continue;
                };
                if let Some(meeting) = meetings.get_mut(*slot) {
                    let (from, to) = (from as u16, to as u16);
                    *meeting = Meeting { person, from, to };
                }
                if let X::Each(of_list, of_meeting) = &mut x {
                    of_list.push(one.x);
                    if let Some(place) = of_meeting.get_mut(*slot) {
                        *place = one.x;
                    }
                }
                *slot += 1;
            }
            starts.push(list.len());
        }
        Meetings {
            n,
            half,
            starts,
            list,
            x,
            factors,
            items,
            meetings,
            of_rows,
            of_columns,
        }
    }

    /// Per item, the sums of its row and of its column, made without either.
    pub(crate) fn margins(&self) -> (&[i64], &[i64]) {
        (&self.of_rows, &self.of_columns)
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.n
    }

    /// The row of an item.
    pub(crate) fn row(&self, item: usize, row: &mut Row) {
        row.clear();
        row.sums.resize(self.n, 0);
        let range = match (self.items.get(item), self.items.get(item + 1)) {
            (Some(from), Some(to)) => *from..*to,
            _ => 0..0,
        };
        let meetings = self.meetings.get(range.clone()).unwrap_or_default();
        let work: usize = meetings.iter().map(|one| usize::from(one.to - one.from)).sum();
        let reach = if self.half { item.min(self.n) } else { self.n };
        // A row that few write to is remembered by what was written; another one is looked through.
        let few = work < reach / 4;
        for (nth, meeting) in range.zip(meetings) {
            let person = meeting.person as usize;
            let start = self.starts.get(person).copied().unwrap_or(0);
            let part = start + usize::from(meeting.from)..start + usize::from(meeting.to);
            let list = self.list.get(part.clone()).unwrap_or_default();
            let factor = self.factors.get(person).copied().unwrap_or(0);
            if few {
                row.seen.extend_from_slice(list);
            }
            match &self.x {
                X::Same(x) => {
                    let amount = amount_of(factor, *x, *x);
                    for other in list {
                        if let Some(sum) = row.sums.get_mut(*other as usize) {
                            *sum += amount;
                        }
                    }
                }
                X::Each(of_list, of_meeting) => {
                    let x = i64::from(of_meeting.get(nth).copied().unwrap_or(0));
                    let others = of_list.get(part).unwrap_or_default();
                    for (other, of_other) in list.iter().zip(others) {
                        if let Some(sum) = row.sums.get_mut(*other as usize) {
                            *sum += amount_of(factor, x, i64::from(*of_other));
                        }
                    }
                }
            }
        }
        if few {
            row.seen.sort_unstable();
            row.seen.dedup();
        } else {
            let sums = row.sums.get(..reach).unwrap_or_default();
            let others = (0..).zip(sums).filter(|(_, sum)| **sum != 0);
            row.seen.extend(others.map(|(at, _)| at));
        }
    }
}

/// What a person adds to the sums of rows and columns: as many products as they have entries and kinds of acts, and
/// not as many as they have pairs.
fn margins(
    entries: &[Entry],
    windows: &[(usize, usize)],
    factor: i64,
    of_rows: &mut [i64],
    of_columns: &mut [i64],
) {
    let mut kinds: Vec<u8> = entries.iter().map(|one| one.x).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let add = |sums: &mut [i64], one: &Entry, kind: u8, times: i64| {
        if let Some(sum) = sums.get_mut(one.rank as usize) {
            *sum += times * amount_of(factor, i64::from(one.x), i64::from(kind));
        }
    };
    for kind in kinds {
        // How many of this kind stand before each place; and how many windows of this kind hold it.
        let mut before = vec![0i64; entries.len() + 1];
        let mut held = vec![0i64; entries.len() + 1];
        let mut count = 0;
        for ((one, (from, to)), before) in entries.iter().zip(windows).zip(before.iter_mut().skip(1)) {
            let is = i64::from(one.x == kind);
            count += is;
            *before = count;
            for (place, step) in [(from, is), (to, -is)] {
                if let Some(held) = held.get_mut(*place) {
                    *held += step;
                }
            }
        }
        let until = |place: usize| before.get(place).copied().unwrap_or(0);
        let mut holding = 0;
        for ((one, (from, to)), step) in entries.iter().zip(windows).zip(&held) {
            add(of_rows, one, kind, until(*to) - until(*from));
            holding += step;
            add(of_columns, one, kind, holding);
        }
    }
}

struct Entry {
    rank: u32,
    x: u8,
    day: u16,
}

/// One row of a sum, in buffers that are used again.
#[derive(Default)]
pub(crate) struct Row {
    sums: Vec<i64>,
    /// Every item whose sum is not 0, ascending.
    seen: Vec<u32>,
}

impl Row {
    /// What is not 0, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, i64)> + '_ {
        self.seen.iter().map(|at| (*at, self.at(*at)))
    }

    /// One sum.
    pub(crate) fn at(&self, other: u32) -> i64 {
        self.sums.get(other as usize).copied().unwrap_or(0)
    }

    fn clear(&mut self) {
        for at in self.seen.drain(..) {
            if let Some(sum) = self.sums.get_mut(at as usize) {
                *sum = 0;
            }
        }
    }
}

/// Does something with each of `rows` numbers on all threads, each with a state of its own; gives the states.
/// Which state saw which number is not promised.
pub(crate) fn each<S: Send>(
    rows: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) + Sync,
) -> Vec<S> {
    let next = AtomicUsize::new(0);
    let threads = 0..rayon::current_num_threads();
    let states = threads.into_par_iter().map(|_| {
        let mut state = state();
        loop {
            let from = next.fetch_add(AT_A_TIME, Ordering::Relaxed);
            if from >= rows {
                return state;
            }
            (from..rows.min(from + AT_A_TIME)).for_each(|row| work(&mut state, row));
        }
    });
    states.collect()
}
