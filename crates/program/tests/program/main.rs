//! What a program promises to whoever writes one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads the demo's files"
)]

mod demo;
mod faults;
mod honest;
mod noise;
mod plans;
mod schemas;
mod templates;

use program::{Faults, Files, Program};
use std::path::Path;

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The demo's files.
pub fn demo() -> Files {
    let folder = root().join("demo/program");
    let mut files = Files::new();
    let mut waiting = vec![folder.clone()];
    while let Some(at) = waiting.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    files
}

/// The smallest program there is, and these files in it.
pub fn small(more: &[(&str, &str)]) -> Files {
    let base = [
        (
            "program.yaml",
            "name: Shop\ntime_zone: Europe/Paris\ncurrency: EUR\n",
        ),
        (
            "dictionary.yaml",
            "events:\n  Order Completed:\n    purposes: [service, segment]\n    interaction: bought\n    \
             fields: { total: number, cart_id: text, products.product_id: text }\n  Cart Filled:\n    purposes: \
             [segment]\n    fields: { cart_id: text }\n    retention: 90 days\n  Parcel Sent:\n    purposes: \
             [service]\ntraits:\n  country: { purposes: [segment, market_by_email], type: text }\n  birthday: { \
             purposes: [segment], type: time }\n  diet: { purposes: [service], special: true }\n  phone: { \
             purposes: [service], type: text }\n  seen: { purposes: [market_by_email, segment], type: bool }\n",
        ),
    ];
    let all = base.iter().chain(more);
    all.map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect()
}

/// A segment with that predicate.
pub fn segment(who: &str) -> Files {
    let text = format!("title: {{ fr: a, en: a }}\nwho:\n{}", indented(who));
    small(&[("segments/a.yaml", &text)])
}

/// A journey with these steps.
pub fn journey(steps: &str) -> Files {
    let text = format!(
        "title: {{ fr: a, en: a }}\npurpose: market_by_email\nentry: {{ event: Cart Filled, key: cart_id \
         }}\nsteps:\n{}",
        indented(steps)
    );
    small(&[("journeys/a.yaml", &text)])
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// The faults of those files, warnings left out.
pub fn errors(files: Files) -> Vec<program::Fault> {
    match Program::read(files) {
        Ok(_) => Vec::new(),
        Err(faults) => only_errors(&faults),
    }
}

fn only_errors(faults: &Faults) -> Vec<program::Fault> {
    let errors = faults
        .iter()
        .filter(|fault| fault.severity == program::Severity::Error);
    errors.cloned().collect()
}
