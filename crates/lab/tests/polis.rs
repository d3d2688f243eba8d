//! Opposed audiences, on the conversations that ship with the program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use lab::polis::{Choices, Conversation, read, run};
use std::path::Path;

fn shipped() -> Vec<Conversation> {
    read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/data/polis"))).unwrap()
}

#[test]
fn bridging_cuts_what_is_one_sided_for_little_agreement() {
    for conversation in shipped() {
        let report = run(&conversation, &Choices::default()).unwrap();
        println!("{report}");
    }
}
