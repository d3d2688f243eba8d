//! Prints what the lint reaches on the corpora of this repository; with a file, on that of somebody else:
//! tab-separated lines, the first naming `text`, `label` (1 is dark) and `Pattern Category`.
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
    if let Some(path) = std::env::args().nth(1) {
        match std::fs::read_to_string(&path) {
            Ok(text) => println!("{}", elsewhere(&text)),
            Err(error) => println!("`{path}`: {error}"),
        }
        return;
    }
    for language in [vocabulary::Language::Fr, vocabulary::Language::En] {
        for set in [
            corpus::Set::Development,
            corpus::Set::Broad,
            corpus::Set::Wide,
            corpus::Set::HeldOut,
            corpus::Set::Second,
            corpus::Set::Third,
        ] {
            println!("{}", corpus::figures(language, set).report);
        }
    }
}

/// Told and stopped by some blocking rule, by the category of the file.
fn elsewhere(text: &str) -> String {
    let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let head = lines.next().unwrap_or_default();
    let column = |name: &str| head.iter().position(|field| *field == name);
    let (Some(words), Some(label), Some(category)) =
        (column("text"), column("label"), column("Pattern Category"))
    else {
        return "no columns `text`, `label`, `Pattern Category`".to_owned();
    };
    let mut counted: std::collections::BTreeMap<(&str, &str), [usize; 3]> = Default::default();
    for line in lines {
        let get = |at: usize| line.get(at).copied().unwrap_or_default().trim();
        let sample = corpus::Sample {
            label: String::new(),
            subject: String::new(),
            body: get(words).trim_matches('"').replace('<', " "),
        };
        let found = corpus::found(vocabulary::Language::En, &sample);
        let blocks = |rule: &str| {
            honesty::Rule::of(rule).is_some_and(|rule| rule.severity() == honesty::Severity::Blocks)
        };
        let told = found.iter().any(|(rule, _, _)| blocks(rule));
        let stopped = found
            .iter()
            .any(|(_, severity, _)| *severity == honesty::Severity::Blocks);
        let row = counted.entry((get(label), get(category))).or_default();
        row[0] += usize::from(told);
        row[1] += usize::from(stopped);
        row[2] += 1;
    }
    counted
        .into_iter()
        .map(|((label, category), [told, stopped, all])| {
            format!("{label} {category}: {told} told, {stopped} stopped, of {all}\n")
        })
        .collect()
}
