//! Prints what the lint reaches on the corpora of this repository.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    missing_docs,
    dead_code,
    reason = "it is for reading"
)]

#[path = "../tests/figures/corpus.rs"]
mod corpus;

fn main() {
    for language in [vocabulary::Language::Fr, vocabulary::Language::En] {
        for set in [corpus::Set::Development, corpus::Set::HeldOut] {
            println!("{}", corpus::figures(language, set).report);
        }
    }
}
