//! The files of a program: whatever they hold, they are read, or every fault has a place that is there.

use crate::Target;
use ::program::pack::{pack, unpack};
use ::program::{Files, Program};

pub const TARGETS: &[&Target] = &[&Target {
    name: "program",
    run: program,
    seeds: || vec![pack(&demo()), pack(&small())],
}];

fn small() -> Files {
    let text = |text: &str| text.as_bytes().to_vec();
    Files::from([
        (
            "program.yaml".to_owned(),
            text("name: Shop\ntime_zone: Europe/Paris\ncurrency: EUR\n"),
        ),
        (
            "dictionary.yaml".to_owned(),
            text("events:\n  Seen: { purposes: [segment], fields: { price: number } }\n"),
        ),
        (
            "segments/a.yaml".to_owned(),
            text("title: { fr: a, en: a }\nwho: { event: Seen, within: 3 days }\n"),
        ),
        (
            "journeys/j.yaml".to_owned(),
            text(
                "title: { fr: a, en: a }\npurpose: segment\nentry: { segment: a, change: enters }\nsteps:\n  - { id: \
                 a, wait: 1 day, then: a }\n",
            ),
        ),
    ])
}

fn demo() -> Files {
    let file = |path: &str, text: &[u8]| (path.to_owned(), text.to_vec());
    Files::from([
        file("program.yaml", include_bytes!("../../demo/program/program.yaml")),
        file(
            "dictionary.yaml",
            include_bytes!("../../demo/program/dictionary.yaml"),
        ),
        file(
            "catalogue.yaml",
            include_bytes!("../../demo/program/catalogue.yaml"),
        ),
        file(
            "segments/quiet.yaml",
            include_bytes!("../../demo/program/segments/quiet.yaml"),
        ),
        file(
            "segments/customers.yaml",
            include_bytes!("../../demo/program/segments/customers.yaml"),
        ),
        file(
            "journeys/abandoned_cart.yaml",
            include_bytes!("../../demo/program/journeys/abandoned_cart.yaml"),
        ),
        file(
            "messages/letter/message.yaml",
            include_bytes!("../../demo/program/messages/letter/message.yaml"),
        ),
    ])
}

fn program(bytes: &[u8]) {
    // As packed files, and as one file of each kind.
    if let Ok(files) = unpack(bytes) {
        assert_eq!(pack(&files), bytes, "two rows of bytes for one program");
        hold(files);
    }
    for path in [
        "program.yaml",
        "dictionary.yaml",
        "segments/a.yaml",
        "journeys/j.yaml",
    ] {
        let mut files = small();
        files.insert(path.to_owned(), bytes.to_vec());
        hold(files);
    }
}

fn hold(files: Files) {
    match Program::read(files.clone()) {
        Ok(program) => {
            let again = Program::unpack(&program.pack());
            assert!(
                again.is_ok_and(|again| again == program),
                "a program that does not come back"
            );
        }
        Err(faults) => {
            assert!(faults.errors() > 0, "no program and no fault");
            for fault in faults.iter() {
                let bytes = files.get(&fault.file).map(Vec::as_slice).unwrap_or_default();
                let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
                let lines = ends + usize::from(bytes.last().is_some_and(|last| *last != b'\n'));
                assert!(
                    (1..=lines.max(1)).contains(&(fault.mark.line as usize)),
                    "{fault}"
                );
                assert!(!fault.to_string().contains('\n'), "{fault:?}");
            }
        }
    }
}
