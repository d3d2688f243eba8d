//! False positives on honest messages and recall on dark patterns, printed, with floors.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs,
    reason = "a test may panic and tell"
)]

mod corpus;

use corpus::figures;
use vocabulary::Language;

#[test]
fn honest_messages_pass_and_dark_patterns_are_found() {
    for (language, tuned_floor, held_out_floor) in [(Language::Fr, 95, 80), (Language::En, 95, 80)] {
        let figures = figures(language);
        eprintln!("{}", figures.report);
        assert!(
            figures.stopped * 100 <= figures.honest,
            "{} of {} honest messages are stopped",
            figures.stopped,
            figures.honest
        );
        for ((hit, all), floor) in [(figures.tuned, tuned_floor), (figures.held_out, held_out_floor)] {
            assert!(
                all > 0 && hit * 100 >= all * floor,
                "{language:?}: recall {hit} of {all}, the floor is {floor} %"
            );
        }
    }
}
