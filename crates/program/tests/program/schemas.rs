//! Editors are told the same as the reader says: an independent validator reads the published schemas.

use super::{demo, root};
use jsonschema::Validator;
use program::{Kind, schema, structure};
use proptest::prelude::*;
use std::sync::LazyLock;

static VALIDATORS: LazyLock<Vec<(Kind, Validator)>> = LazyLock::new(|| {
    let made = Kind::ALL
        .into_iter()
        .map(|kind| (kind, jsonschema::validator_for(&schema(kind)).unwrap()));
    made.collect()
});

fn kind(path: &str) -> Option<Kind> {
    match path.split('/').next()? {
        "program.yaml" => Some(Kind::Settings),
        "dictionary.yaml" => Some(Kind::Dictionary),
        "catalogue.yaml" => Some(Kind::Catalogue),
        "segments" => Some(Kind::Segment),
        "journeys" => Some(Kind::Journey),
        _ => path.ends_with("message.yaml").then_some(Kind::Message),
    }
}

/// What a schema can say; a date that is none, an unknown zone and the like it cannot.
const STRUCTURAL: [&str; 11] = [
    "type",
    "unknown_key",
    "missing",
    "choice",
    "too_long",
    "too_many",
    "empty",
    "conflict",
    "name",
    "reserved",
    "range",
];

/// Schema and reader say the same; answers whether they say yes.
#[track_caller]
fn same(kind: Kind, bytes: &[u8]) -> bool {
    let (json, faults) = structure(kind, bytes);
    let Some(json) = json else { return false };
    let (_, validator) = VALIDATORS.iter().find(|(known, _)| *known == kind).unwrap();
    let valid = validator.is_valid(&json);
    let text = String::from_utf8_lossy(bytes);
    if faults.is_empty() {
        let errors: Vec<String> = validator
            .iter_errors(&json)
            .map(|error| error.to_string())
            .collect();
        assert!(
            valid,
            "the schema refuses what the reader takes: {errors:?}\n{text}"
        );
    } else if faults.iter().all(|fault| STRUCTURAL.contains(&fault.code)) {
        assert!(
            !valid,
            "the schema takes what the reader refuses: {faults}\n{text}"
        );
    }
    valid
}

#[test]
fn every_file_of_the_demo_fits_its_schema() {
    for (path, bytes) in demo() {
        if let Some(kind) = kind(&path) {
            assert!(same(kind, &bytes), "{path}");
        }
    }
}

#[test]
fn what_the_reader_refuses_by_structure_its_schema_refuses() {
    let title = "title: { fr: a, en: a }\n";
    for who in [
        "who: { event: a, at_last: 3 }",
        "who: { event: a, trait: b }",
        "who: { all: [] }",
        "who: { trait: a }",
        "who: { event: a, within: soon }",
        "who: { event: a, to: 2026-01-01 }",
        "who: { event: a, within: 1 day, from: 2026-01-01 }",
        "who: { items: seen }",
        "who: { items: bought, at_least: 0 }",
        "who: { sequence: [{ event: a }], apart_at_most: 1 day }",
        "who: { segment: Not A Name }",
        "who: { segment: exit }",
        "who: 3",
        "who: { trait: a, exists: false }",
        "",
    ] {
        assert!(
            !same(Kind::Segment, format!("{title}{who}\n").as_bytes()),
            "{who}"
        );
    }
    let journey =
        "title: { fr: a, en: a }\npurpose: train\nentry: { schedule: weekly, at: '9:00' }\nsteps: []\n";
    assert!(!same(Kind::Journey, journey.as_bytes()));
}

#[test]
fn the_published_schemas_are_those_of_the_code() {
    let folder = root().join("docs/schema");
    for kind in Kind::ALL {
        let path = folder.join(format!("{}.schema.json", kind.name()));
        let text = program::schema_text(kind);
        if std::env::var_os("EGARD_BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == text,
            "{} is not what the code says: `egard program schema docs/schema` writes it",
            path.display()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn editor_and_reader_agree_on_any_change_of_a_file(
        at in any::<prop::sample::Index>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0..4u8, "[a-z_]{1,8}|[0-9]{1,3}|true|\"09:00\"|\\[\\]"), 1..3),
    ) {
        let files: Vec<(String, Vec<u8>)> = demo().into_iter().filter(|(path, _)| kind(path).is_some()).collect();
        let (path, bytes) = at.get(&files);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (place, edit, word) in edits {
            let line = place.index(lines.len());
            let (before, after) = match lines[line].split_once(": ") {
                Some((before, after)) => (before.to_owned(), after.to_owned()),
                None => (lines[line].clone(), String::new()),
            };
            match edit {
                0 => lines[line] = format!("{before}: {word}"),
                1 => lines[line] = format!("{before}x: {after}"),
                2 => drop(lines.remove(line)),
                _ => lines.insert(line, format!("{word}: {after}")),
            }
            if lines.is_empty() {
                lines.push(String::new());
            }
        }
        same(kind(path).unwrap(), lines.join("\n").as_bytes());
    }
}
