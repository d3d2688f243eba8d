//! False positives on honest messages and recall on dark patterns, printed, with floors.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test may panic and tell"
)]

mod corpus;

use corpus::{Set, figures};
use vocabulary::Language;

#[test]
fn honest_messages_pass_and_dark_patterns_are_found() {
    // Of the held-out set the floors are what was reached the one time it was measured, which is below the aim:
    // 1 stopped of 100, and 85 % found. Stopped is in thousandths.
    for (language, set, stopped_most, found_floor) in [
        (Language::Fr, Set::Development, 10, 95),
        (Language::En, Set::Development, 10, 95),
        (Language::Fr, Set::HeldOut, 53, 60),
        (Language::En, Set::HeldOut, 60, 52),
    ] {
        let figures = figures(language, set);
        eprintln!("{}", figures.report);
        let (stopped, honest) = figures.stopped;
        assert!(
            stopped * 1000 <= honest * stopped_most,
            "{language:?}, {set:?}: {stopped} of {honest} honest messages are stopped"
        );
        let (hit, all) = figures.found;
        assert!(
            all > 0 && hit * 100 >= all * found_floor,
            "{language:?}, {set:?}: recall {hit} of {all}, the floor is {found_floor} %"
        );
        assert!(figures.blocked.0 >= hit);
    }
}
