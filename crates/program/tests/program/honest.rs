//! Honesty in the program: places, overrides, deadlines that move.

use program::deadline::moved;
use program::{Files, Program, Severity};

fn files(yaml: &str, body: &str, settings: &str) -> Files {
    let head = format!(
        "title: {{ fr: a, en: a }}\nchannel: email\npurpose: market_by_email\nsubject: {{ fr: a, en: a }}\nfiles: {{ fr: \
         fr.txt, en: en.txt }}\n{yaml}"
    );
    let settings = format!("name: x\ntime_zone: Europe/Paris\ncurrency: EUR\n{settings}");
    let all = [
        ("program.yaml", settings.as_str()),
        ("dictionary.yaml", "{}\n"),
        ("messages/m/message.yaml", &head),
        ("messages/m/fr.txt", "Bonjour.\n"),
        ("messages/m/en.txt", body),
    ];
    all.into_iter()
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .collect()
}

const SHAMES: &str = "Hello.\n\n[No, I prefer to stay ignorant]\n";

#[test]
fn a_blocking_finding_is_an_error_at_its_line_and_an_override_makes_it_a_warning() {
    let faults = Program::read(files("", SHAMES, "")).unwrap_err();
    let found: Vec<(&str, u32)> = faults
        .iter()
        .filter(|fault| fault.severity == Severity::Error)
        .map(|fault| (fault.code, fault.mark.line))
        .collect();
    assert_eq!(found, [("confirmshaming", 3)], "{faults}");
    let over = "honesty: [{ rule: confirmshaming, reason: a quotation that our readers know }]\n";
    let program = Program::read(files(over, SHAMES, "")).unwrap();
    let message = program.messages.values().next().unwrap();
    assert_eq!(message.overrides[0].rule.id(), "confirmshaming");
    assert!(program.warnings.iter().any(|fault| fault.code == "overridden"));
}

#[test]
fn an_override_needs_a_reason_a_rule_that_blocks_and_something_to_override() {
    for (entry, body, code) in [
        (
            "{ rule: confirmshaming, reason: because }",
            SHAMES,
            "override_without_reason",
        ),
        (
            "{ rule: shouting, reason: it is only once a year }",
            SHAMES,
            "unknown_name",
        ),
        (
            "{ rule: guilt, reason: it is only once a year }",
            "Hello.\n",
            "unused_override",
        ),
    ] {
        let faults = Program::read(files(&format!("honesty: [{entry}]\n"), body, "")).unwrap_err();
        assert!(faults.iter().any(|fault| fault.code == code), "{code}: {faults}");
    }
}

#[test]
fn a_deadline_that_people_were_told_moves_later_only_with_a_new_reason() {
    let claim = "claims: [{ claim: urgency, deadline: post }]\n";
    let body = "{% if claims.urgency %}Last days.{% endif %}\n";
    let at = |day: &str, more: &str| {
        Program::read(files(
            claim,
            body,
            &format!("deadlines: {{ post: {day} }}\n{more}"),
        ))
        .unwrap()
    };
    let from = at("2026-12-19", "");
    assert!(moved(&from, &from).is_empty());
    let refused = |to: &Program| moved(&from, to).iter().any(program::deadline::Moved::is_refused);
    assert!(refused(&at("2026-12-20", "")));
    assert!(!refused(&at("2026-12-18", "")));
    let because = "moved_because: { post: the post told us of another day }\n";
    let told = at("2026-12-20", because);
    assert!(!refused(&told));
    assert!(
        moved(&told, &at("2026-12-21", because))[0].is_refused(),
        "an old reason is none"
    );
    let lines = program::plan(Some(&from), &at("2026-12-20", "")).lines(&told, &program::plan::NotRunning);
    assert!(
        lines
            .iter()
            .any(|line| line.contains("LATER") && line.contains("told")),
        "{lines:?}"
    );
}
