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

/// What holds, in thousandths: honest ones stopped and remarked on at most, dark ones told and stopped as what they
/// are at least.
#[derive(Clone, Copy)]
struct Floor {
    stopped: usize,
    remarked: usize,
    told: usize,
    named: usize,
}

#[test]
fn honest_messages_pass_and_dark_patterns_are_found() {
    // Of the held-out sets the floors are what was reached when they were measured. The aim of 10 honest ones stopped
    // and 850 dark ones told is reached on the first alone.
    let development = Floor {
        stopped: 10,
        remarked: 100,
        told: 980,
        named: 970,
    };
    // What is doubtful is a remark, in what was learned from, too.
    let broad = Floor {
        named: 900,
        ..development
    };
    let wide = Floor {
        stopped: 16,
        named: 760,
        ..development
    };
    for (language, set, floor) in [
        (Language::Fr, Set::Development, &development),
        (Language::Fr, Set::Broad, &broad),
        (Language::Fr, Set::Wide, &wide),
        (Language::En, Set::Development, &development),
        (Language::En, Set::Broad, &broad),
        (Language::En, Set::Wide, &wide),
        (
            Language::Fr,
            Set::HeldOut,
            &Floor {
                stopped: 0,
                remarked: 95,
                told: 925,
                named: 550,
            },
        ),
        (
            Language::En,
            Set::HeldOut,
            &Floor {
                stopped: 0,
                remarked: 107,
                told: 905,
                named: 455,
            },
        ),
        (
            Language::Fr,
            Set::Second,
            &Floor {
                stopped: 0,
                remarked: 141,
                told: 740,
                named: 350,
            },
        ),
        (
            Language::En,
            Set::Second,
            &Floor {
                stopped: 0,
                remarked: 124,
                told: 640,
                named: 305,
            },
        ),
        (
            Language::Fr,
            Set::Third,
            &Floor {
                stopped: 34,
                remarked: 235,
                told: 855,
                named: 680,
            },
        ),
        (
            Language::En,
            Set::Third,
            &Floor {
                stopped: 50,
                remarked: 276,
                told: 830,
                named: 590,
            },
        ),
    ] {
        let figures = figures(language, set);
        eprintln!("{}", figures.report);
        let (stopped, honest) = figures.stopped;
        assert!(
            stopped * 1000 <= honest * floor.stopped,
            "{language:?}, {set:?}: {stopped} of {honest} honest messages are stopped"
        );
        let remarked = figures.remarked;
        assert!(
            remarked * 1000 <= honest * floor.remarked,
            "{language:?}, {set:?}: {remarked} of {honest} honest messages are remarked on"
        );
        let ((told, all), named) = (figures.found, figures.named);
        assert!(
            all > 0 && told * 1000 >= all * floor.told && named * 1000 >= all * floor.named,
            "{language:?}, {set:?}: of {all} {told} are told and {named} stopped as what they are"
        );
        assert!(figures.blocked >= named && told >= named);
    }
}

#[test]
fn what_is_weighed_names_words_of_the_message_and_an_honest_way() {
    let mut weighed = 0;
    for language in [Language::Fr, Language::En] {
        let (_, dark) = corpus::texts(language, Set::Broad);
        for sample in corpus::samples(dark) {
            let text = corpus::text(language, &sample);
            let words: String = text
                .subject
                .iter()
                .chain(&text.blocks)
                .map(|block| block.words.as_str())
                .collect();
            for finding in honesty::lint(&text) {
                assert!(!finding.words.is_empty() && !finding.alternative(language).is_empty());
                for reason in &finding.reasons {
                    let mut parts = reason.words.split(" … ");
                    assert!(
                        reason.weight > 0 && parts.all(|part| words.contains(&part.replace('…', "\u{fffc}"))),
                        "{reason:?} is not in `{words}`"
                    );
                    assert!(finding.why(language).contains(&reason.words));
                    weighed += 1;
                }
            }
        }
    }
    assert!(weighed > 300, "{weighed}");
}
