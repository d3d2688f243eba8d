//! The demo's program is a program, and the same in every form.

use super::{demo, root};
use program::{Name, Program, pack};
use std::collections::BTreeSet;

fn read() -> Program {
    Program::read(demo()).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn the_demo_has_no_fault_and_nothing_idle() {
    let program = read();
    assert_eq!(program.warnings.to_string(), "");
    let journeys: Vec<&str> = program.journeys.keys().map(Name::as_str).collect();
    assert_eq!(
        journeys,
        [
            "abandoned_cart",
            "greeting",
            "newsletter",
            "replenish",
            "welcome",
            "win_back"
        ]
    );
    for message in program.messages.values() {
        assert!(
            message.files.fr.is_some() && message.files.en.is_some(),
            "{}",
            message.name
        );
    }
}

#[test]
fn a_program_has_one_address_and_comes_back_from_its_bytes() {
    let program = read();
    let again = Program::unpack(&program.pack()).unwrap();
    assert_eq!(program, again);
    assert_eq!(pack::address(&demo()), program.digest());
    let mut files = demo();
    files.get_mut("program.yaml").unwrap().push(b'\n');
    assert_ne!(Program::read(files).unwrap().digest(), program.digest());
}

#[test]
fn the_categories_are_those_of_the_catalogue() {
    let table = std::fs::read_to_string(root().join("demo/data/catalogue.tsv")).unwrap();
    let there: BTreeSet<String> = table
        .lines()
        .filter_map(|line| line.split('\t').nth(2))
        .map(str::to_owned)
        .collect();
    assert_eq!(read().catalogue.categories.unwrap(), there);
}

/// `EGARD_DRAW=folder` writes the pictures there, to be looked at.
#[test]
fn every_step_of_the_demo_is_in_its_picture() {
    let program = program::Program::read(crate::demo()).unwrap();
    for journey in program.journeys.values() {
        for language in [vocabulary::Language::Fr, vocabulary::Language::En] {
            let svg = program::drawing::journey(
                journey,
                &program.dictionary,
                &|_| Some("1,234".to_owned()),
                language,
            );
            for step in &journey.steps {
                assert!(svg.contains(&format!(">{}</text>", step.id)), "{}", step.id);
            }
            if let Some(folder) = std::env::var_os("EGARD_DRAW") {
                let name = format!("{}.{language:?}.svg", journey.name);
                std::fs::write(std::path::Path::new(&folder).join(name), svg).unwrap();
            }
        }
    }
}
