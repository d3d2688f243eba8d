//! Small numbers: which counts of people may be told, so that nobody who reads all of them can tell
//! a small one from what stands beside it.
//!
//! A count under [`LEAST`] is told as "fewer than [`LEAST`]", nought like four. A total is told only
//! where it leaves every count that is not told anything from nought to four. A part of a told count
//! is told where neither it nor the rest is small; "none" and "all" are told, because they say
//! something of the house and of nobody in particular. People behind a model are told in steps of 1, 2, 5.
//!
//! Deliberately does not know: what is counted.

use serde::{Serialize, Serializer};

/// A count of fewer people than this is not told.
pub const LEAST: u64 = 5;
/// People behind a model: fewer than this are not told.
pub const LEAST_PEOPLE: u64 = 50;
/// From here on "few" and "all but few" are different things.
const PARTED: u64 = 2 * LEAST - 1;

/// A count that is told, or is too small.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// So many.
    Exactly(u64),
    /// From 0 to `LEAST - 1`.
    Few,
}

/// How many of a told count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// None of them.
    None,
    /// From 1 to `LEAST - 1`.
    Few,
    /// Some and not all; more is not told of a count this small.
    Some,
    /// So many; neither they nor the rest are few.
    Exactly(u64),
    /// All but 1 to `LEAST - 1`.
    Most,
    /// All of them.
    All,
}

impl Count {
    /// What may be told of a count.
    pub fn of(count: u64) -> Count {
        match count < LEAST {
            true => Count::Few,
            false => Count::Exactly(count),
        }
    }
}

impl Part {
    /// What may be told of `part` of `whole`, which is told itself.
    pub fn of(part: u64, whole: u64) -> Part {
        let rest = whole.saturating_sub(part);
        match (part, rest) {
            (0, _) => Part::None,
            (_, 0) => Part::All,
            _ if whole < PARTED => Part::Some,
            (part, _) if part < LEAST => Part::Few,
            (_, rest) if rest < LEAST => Part::Most,
            (part, _) => Part::Exactly(part),
        }
    }
}

/// The sum of counts that are told each as [`Count::of`] says; `None` where it would say something of
/// one that is not told, or is small itself.
pub fn total(counts: &[u64]) -> Option<u64> {
    let sum: u64 = counts.iter().sum();
    let small: Vec<u64> = counts.iter().copied().filter(|count| *count < LEAST).collect();
    let Some(others) = (small.len() as u64).checked_sub(1) else {
        return Some(sum);
    };
    // What the total says is the sum of those not told. One of them may be 0 if the others can be all of
    // it, and LEAST - 1 if there is as much.
    let hidden: u64 = small.iter().sum();
    let most = LEAST - 1;
    (sum >= LEAST && hidden >= most && hidden <= most * others).then_some(sum)
}

/// People behind a model: at least so many, the next lower of 50, 100, 200, 500, 1,000 and so on;
/// `None`: fewer than [`LEAST_PEOPLE`]. A model that is learned anew without one person mostly says
/// the same, and never by how much it differs.
pub fn people_at_least(people: u64) -> Option<u64> {
    let mut told = None;
    let mut step = Some(LEAST_PEOPLE);
    // From 50 times 2, 2, and 5/2.
    let mut factors = [2, 2, 5].into_iter().cycle();
    while let Some(next) = step.filter(|step| *step <= people) {
        told = Some(next);
        step = match factors.next() {
            Some(5) => next.checked_mul(5).map(|five| five / 2),
            _ => next.checked_mul(2),
        };
    }
    told
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Count::Exactly(count) => serializer.serialize_u64(*count),
            Count::Few => serializer.serialize_str("<5"),
        }
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let word = match self {
            Part::Exactly(count) => return serializer.serialize_u64(*count),
            Part::None => "none",
            Part::Few => "<5",
            Part::Some => "some",
            Part::Most => "all but <5",
            Part::All => "all",
        };
        serializer.serialize_str(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Everything that is told of a row of counts.
    fn told(counts: &[u64]) -> String {
        let cells: Vec<Count> = counts.iter().map(|count| Count::of(*count)).collect();
        format!("{cells:?} {:?}", total(counts))
    }

    /// Every row of `width` counts up to `most`.
    fn rows(width: u32, most: u64) -> impl Iterator<Item = Vec<u64>> {
        let base = most + 1;
        (0..base.pow(width)).map(move |number| (0..width).map(|at| number / base.pow(at) % base).collect())
    }

    /// Somebody who knows the rules, and all that is told, tries every row there can be: a small count may
    /// still be each of 0 to 4.
    #[test]
    fn no_small_count_can_be_told_from_the_others_and_the_total() {
        for (width, most) in [(1, 30), (2, 14), (3, 9), (4, 7), (5, 6)] {
            let mut possible: BTreeMap<String, Vec<Vec<u64>>> = BTreeMap::new();
            for row in rows(width, most) {
                possible.entry(told(&row)).or_default().push(row);
            }
            for (told, rows) in &possible {
                let first = &rows[0];
                for (at, count) in first.iter().enumerate() {
                    if *count >= LEAST {
                        continue;
                    }
                    for value in 0..LEAST {
                        assert!(
                            rows.iter().any(|row| row[at] == value),
                            "{told}: count {at} cannot be {value}"
                        );
                    }
                }
            }
        }
    }

    /// The same for a part and the rest of it, small or not.
    #[test]
    fn no_small_part_and_no_small_rest_can_be_told() {
        for whole in LEAST..60 {
            let mut possible: BTreeMap<String, Vec<u64>> = BTreeMap::new();
            for part in 0..=whole {
                possible
                    .entry(format!("{:?}", Part::of(part, whole)))
                    .or_default()
                    .push(part);
            }
            for parts in possible.values() {
                let small = |part: u64| (1..LEAST).contains(&part) || (1..LEAST).contains(&(whole - part));
                if parts.iter().any(|part| small(*part)) {
                    assert!(parts.len() as u64 >= LEAST - 1, "of {whole}: one of {parts:?}");
                }
            }
        }
    }

    #[test]
    fn a_total_is_told_where_it_gives_nothing_away() {
        assert_eq!(total(&[7, 9]), Some(16));
        assert_eq!(total(&[7, 3]), None, "the difference is the small one");
        assert_eq!(total(&[7, 1, 3]), Some(11));
        assert_eq!(total(&[7, 0, 0]), None, "the small ones would be none");
        assert_eq!(total(&[7, 4, 4]), None, "the small ones would be four");
        assert_eq!(total(&[2, 1, 1, 0, 0, 0]), None, "small itself");
        assert_eq!(total(&[2, 1, 1, 1, 0, 0]), Some(5));
        assert_eq!(total(&[]), Some(0));
    }

    proptest! {
        /// For rows too wide to try them all: what is left of the total fits every value.
        #[test]
        fn what_a_total_leaves_fits_every_value(counts in prop::collection::vec(0_u64..12, 1..12)) {
            let hidden = counts.iter().filter(|count| **count < LEAST).count() as u64;
            if let (Some(total), true) = (total(&counts), hidden > 0) {
                let left = total - counts.iter().filter(|count| **count >= LEAST).sum::<u64>();
                for value in 0..LEAST {
                    prop_assert!(left >= value && left - value <= (hidden - 1) * (LEAST - 1));
                }
            }
        }

        #[test]
        fn people_are_told_in_steps_and_never_more_than_there_are(people in any::<u64>()) {
            let told = people_at_least(people);
            prop_assert_eq!(told.is_none(), people < LEAST_PEOPLE);
            if let Some(told) = told {
                prop_assert!(told <= people && people / 5 * 2 <= told, "{} of {}", told, people);
                let digits: String = told.to_string().trim_end_matches('0').to_owned();
                prop_assert!(["1", "2", "5"].contains(&digits.as_str()), "{}", told);
            }
        }
    }

    #[test]
    fn steps_of_people() {
        let told: Vec<Option<u64>> = [49, 50, 99, 100, 199, 499, 500, 999, 1_000, 123_456]
            .into_iter()
            .map(people_at_least)
            .collect();
        let some = |n| Some(n);
        assert_eq!(
            told,
            [
                None,
                some(50),
                some(50),
                some(100),
                some(100),
                some(200),
                some(500),
                some(500),
                some(1_000),
                some(100_000)
            ]
        );
    }
}
