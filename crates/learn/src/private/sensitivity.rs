//! The sensitivity: whoever is added, to whatever crowd, no release moves by a vector longer than 1. In whole numbers,
//! without any rounding of ours.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use super::*;
use proptest::prelude::*;
use vocabulary::Moment;

const ITEMS: usize = 400;

fn act(item: usize, viewed: u32, added: u32, bought: u32) -> Interaction {
    Interaction {
        item: ItemId(format!("i{item:03}")),
        viewed,
        added,
        bought,
        last_at: Moment(0),
    }
}

/// Items come twice and more often, some are not in the catalogue, counts are as great as can be.
fn history() -> impl Strategy<Value = Vec<Interaction>> {
    let times = prop_oneof![4 => 0u32..3, 1 => Just(u32::MAX)];
    let acts =
        (0..ITEMS + 5, times.clone(), times.clone(), times).prop_map(|(item, v, a, b)| act(item, v, a, b));
    let few = prop::collection::vec(
        (0usize..6, 0u32..3, 0u32..3, 0u32..3).prop_map(|(i, v, a, b)| act(i, v, a, b)),
        0..12,
    );
    prop_oneof![few, prop::collection::vec(acts, 0..1_500)]
}

fn catalogue() -> Vec<ItemId> {
    (0..ITEMS).map(|item| ItemId(format!("i{item:03}"))).collect()
}

fn popular(kept: Vec<u32>) -> Popular {
    Popular {
        items: catalogue(),
        people: 4,
        sums: vec![ONE; ITEMS],
        wish: Wish {
            epsilon: 1.0,
            delta: 1e-6,
        },
        mu: 0.2,
        of_items: OF_ITEMS,
        kept,
    }
}

/// The square of how far two sums are apart, in units of `1/ONE²`; none is less with a person more.
fn moved(with: &[i64], without: &[i64]) -> i128 {
    let moved = with.iter().zip(without).map(|(a, b)| i128::from(a - b));
    moved
        .inspect(|moved| assert!(*moved >= 0))
        .map(|moved| moved * moved)
        .sum()
}

const LONGEST: i128 = (ONE as i128) * (ONE as i128);

proptest! {
    #[test]
    fn nobody_moves_a_release_by_more_than_one(
        crowd in prop::collection::vec(history(), 0..4), one in history(), kept in prop::collection::btree_set(0u32..400, 0..200),
    ) {
        let mut without = First::new(catalogue()).unwrap();
        crowd.iter().for_each(|history| without.add(history));
        let mut with = First::new(catalogue()).unwrap();
        crowd.iter().chain([&one]).for_each(|history| with.add(history));
        prop_assert_eq!(with.people - without.people, 1);
        prop_assert!(moved(&with.sums, &without.sums) <= LONGEST);

        let popular = popular(kept.into_iter().collect());
        let (mut without, mut with) = (popular.second(), popular.second());
        crowd.iter().for_each(|history| without.add(history));
        crowd.iter().chain([&one]).for_each(|history| with.add(history));
        prop_assert!(moved(&with.pairs, &without.pairs) <= LONGEST);
    }
}

/// Normalising takes nothing away that it may give: whoever has one item and whoever has all are as long as 1.
#[test]
fn whoever_has_anything_is_as_long_as_anybody_and_not_a_unit_longer() {
    let everything: Vec<Interaction> = (0..ITEMS * 3).map(|at| act(at % ITEMS, 1, 0, u32::MAX)).collect();
    for (history, slack) in [(vec![act(7, 1, 0, 0)], 2), (everything, 1_000)] {
        let mut first = First::new(catalogue()).unwrap();
        first.add(&history);
        let popular = popular((0..ITEMS as u32).collect());
        let mut second = popular.second();
        second.add(&history);
        for sums in [&first.sums, &second.pairs] {
            let square = moved(sums, &vec![0; sums.len()]);
            assert!(square <= LONGEST, "{square}");
            // Each entry may lose less than a unit by rounding down.
            let least = LONGEST as f64 * (1.0 - f64::from(slack) * sums.len() as f64 / ONE as f64);
            assert!(square as f64 >= least, "{square} {least}");
        }
    }
}
