//! Prints how long the lint takes for a long message and a usual one, with everything warm. For a build with
//! `--release`: a debug build says nothing of what people run.
#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    dead_code,
    reason = "it is for reading"
)]

#[path = "../tests/figures/corpus.rs"]
mod corpus;

use honesty::{Head, Source, lint, read};
use std::time::Instant;
use vocabulary::{Channel, Language};

const TIMES: usize = 101;

fn main() {
    for language in [Language::Fr, Language::En] {
        let (honest, _) = corpus::texts(language, corpus::Set::Development);
        let all: String = corpus::samples(honest)
            .iter()
            .map(|sample| format!("{}\n", sample.body))
            .collect();
        for words in [150, 500, 1_500] {
            let body: Vec<&str> = all.split(' ').take(words).collect();
            let body = body.join(" ").replace('<', " ");
            let head = Head {
                language,
                channel: Channel::Email,
                marketing: true,
                bound: Vec::new(),
            };
            let mut taken: Vec<f64> = (0..TIMES)
                .map(|_| {
                    let begin = Instant::now();
                    let found = lint(&read(&head, Some("Bonjour"), Source::Plain(&body)));
                    std::hint::black_box(found);
                    begin.elapsed().as_secs_f64() * 1e3
                })
                .collect();
            taken.sort_by(f64::total_cmp);
            let at = |part: usize| taken.get(TIMES * part / 100).copied().unwrap_or_default();
            println!(
                "{language:?}, {words} words: fastest {:.2} ms, median {:.2} ms, 95 of 100 under {:.2} ms",
                at(0),
                at(50),
                at(95)
            );
        }
    }
}
