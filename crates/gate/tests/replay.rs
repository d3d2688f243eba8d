//! What is folded after a crash is what was folded before it: for any events, in any order, in
//! groups of any size.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use common::{NOON, bought, consent, open, user, viewed};
use proptest::prelude::*;
use std::sync::Arc;
use store::{Memory, Shelf};
use vocabulary::{Event, Moment};

const PEOPLE: [&str; 3] = ["ann", "bob", "zoé"];

fn events() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let one = (0..PEOPLE.len(), 0..6u8, 0..5u8, -50..50i64).prop_map(|(who, what, item, minutes)| {
        let who = PEOPLE.get(who).copied().unwrap_or("ann");
        let at = NOON + minutes * 60_000;
        let item = format!("item-{item}");
        let event = match what {
            0 => consent(who, at, &[("Marketing", true), ("Statistics", false)]),
            1 => consent(who, at, &[("Marketing", false), ("Statistics", false)]),
            2 => Event {
                consent: Some([("Marketing".to_owned(), true)].into()),
                ..viewed(who, &item)
            },
            3 => bought(who, &[&item, "always"]),
            _ => viewed(who, &item),
        };
        Event {
            at: Moment(at),
            received_at: Moment(NOON + 3_600_000),
            ..event
        }
    });
    proptest::collection::vec(proptest::collection::vec(one, 1..12), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_crash_changes_nothing_that_is_known(groups in events(), eager in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let shelf: Arc<dyn Shelf> = Arc::new(if eager { Memory::eager() } else { Memory::new() });
            let house = open(Arc::clone(&shelf)).unwrap();
            for group in groups {
                house.send(group).await;
            }
            let mut before = Vec::new();
            for who in PEOPLE {
                before.push(house.known(&user(who)).await);
            }
            // No close: nothing is written back, and the next gate takes the lease over.
            std::mem::forget(house);
            let house = open(shelf).unwrap();
            for (who, before) in PEOPLE.into_iter().zip(before) {
                assert_eq!(house.known(&user(who)).await, before, "{who}");
            }
        });
    }
}
