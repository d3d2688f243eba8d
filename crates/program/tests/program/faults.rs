//! Each fault is told with its place and how to mend it, and none hides another.

use super::{demo, errors, journey, segment, small};
use program::Files;

/// Exactly this fault: code, file, line, column, and what the message or the mend says.
#[track_caller]
fn one(files: Files, code: &str, (line, column): (u32, u32), says: &str) {
    let found = errors(files);
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 1, "{shown:#?}");
    let fault = &found[0];
    assert_eq!(
        (fault.code, fault.mark.line, fault.mark.column),
        (code, line, column),
        "{fault}"
    );
    assert!(fault.to_string().contains(says), "{fault} does not say {says:?}");
}

#[track_caller]
fn fine(files: Files) {
    let shown: Vec<String> = errors(files).iter().map(ToString::to_string).collect();
    assert!(shown.is_empty(), "{shown:#?}");
}

#[test]
fn the_small_program_is_fine() {
    fine(small(&[]));
    fine(segment(
        "event: Order Completed\nwithin: 90 days\nsum: total\nat_least: 100\nat_most: 500",
    ));
    fine(segment("trait: country\none_of: [FR, BE]"));
}

#[test]
fn unknown_names_are_told_with_what_was_meant() {
    one(
        segment("event: Order Complete"),
        "unknown_name",
        (3, 10),
        "did you mean `Order Completed`?",
    );
    one(
        segment("trait: contry\nis: FR"),
        "unknown_name",
        (4, 3),
        "did you mean `country`?",
    );
    one(segment("segment: b"), "unknown_name", (3, 12), "segments/b.yaml");
    one(
        segment("event: Order Completed\nwhere: { totl: { at_least: 3 } }"),
        "unknown_name",
        (4, 20),
        "did you mean `total`?",
    );
    one(
        segment("evnt: Order Completed"),
        "unknown_key",
        (3, 3),
        "did you mean `event`?",
    );
    one(
        journey("- { id: a, message: hello }"),
        "unknown_name",
        (5, 23),
        "messages/hello/message.yaml",
    );
    one(
        journey("- { id: a, task: { fr: a, en: a }, queue: care }"),
        "unknown_name",
        (5, 45),
        "`queues` in program.yaml",
    );
    one(
        journey("- { id: a, webhook: crm }"),
        "unknown_name",
        (5, 23),
        "`webhooks`",
    );
    one(segment("consent: sell"), "choice", (3, 12), "`personalise`");
    let mut files = segment("items: bought\ncategories: [candels]");
    files.insert("catalogue.yaml".to_owned(), b"categories: [candles]\n".to_vec());
    one(files, "unknown_name", (4, 16), "did you mean `candles`?");
}

#[test]
fn segments_do_not_come_back_to_themselves() {
    let of = |name: &str| format!("title: {{ fr: a, en: a }}\nwho: {{ segment: {name} }}\n");
    let files = small(&[
        ("segments/a.yaml", &of("b")),
        ("segments/b.yaml", &of("c")),
        ("segments/c.yaml", &of("b")),
        ("segments/d.yaml", &of("a")),
    ]);
    one(files, "circle", (2, 17), "`b` → `c` → `b`");
}

#[test]
fn journeys_lead_somewhere_and_time_passes_in_them() {
    one(
        journey("- { id: a, wait: 1 day, then: bb }\n- { id: b, exit: true }"),
        "jump_to_nowhere",
        (5, 33),
        "`bb`",
    );
    one(
        journey("- { id: a, wait: 1 day, then: exit }\n- { id: b, exit: true }"),
        "unreachable",
        (6, 11),
        "`then: b`",
    );
    let round = "- { id: a, wait_until: { from: '09:00', to: '18:00' } }\n- { id: b, update: seen, to: true, then: a }";
    one(journey(round), "loop_without_wait", (5, 11), "a → b → a");
    fine(journey(
        "- { id: a, wait: 1 day }\n- { id: b, update: seen, to: true, then: a }",
    ));
    one(
        journey("- { id: a, wait: 1 day }\n- { id: a, exit: true }"),
        "duplicate",
        (6, 11),
        "two steps",
    );
    one(
        journey("- id: a\n  cohort:\n    - { name: x, share: 50 % }\n    - { name: y, share: 40 % }"),
        "shares",
        (7, 7),
        "90 %",
    );
    let experiment =
        "- { id: ID, experiment: words, arms: [{ name: x, share: 50 % }, { name: y, share: 50 % }] }";
    let twice = format!(
        "{}\n{}",
        experiment.replace("ID", "a"),
        experiment.replace("ID", "b")
    );
    one(journey(&twice), "duplicate", (6, 26), "line 5");
    one(
        journey("- { id: exit, wait: 1 day }"),
        "reserved",
        (5, 11),
        "exit_1",
    );
}

#[test]
fn data_stays_within_its_purposes_and_the_way_to_it_is_shown() {
    let mut files = segment("trait: phone\nexists: true");
    let above = "title: { fr: a, en: a }\nwho: { not: { segment: a } }\n";
    files.insert("segments/b.yaml".to_owned(), above.into());
    let journey = "title: { fr: a, en: a }\npurpose: market_by_email\nentry: { segment: b, change: enters \
                   }\nsteps: [{ id: a, wait: 1 day }]\n";
    files.insert("journeys/j.yaml".to_owned(), journey.into());
    one(
        files,
        "outside_purpose",
        (3, 10),
        "journey `j` → segment `b` → segment `a` → trait `phone` is not declared for `segment`",
    );
    one(
        segment("trait: diet\nexists: true"),
        "special_category",
        (3, 10),
        "art. 9",
    );
    one(
        segment("event: Parcel Sent"),
        "outside_purpose",
        (3, 10),
        "`segment`",
    );
    one(
        self::journey("- { id: a, update: birthday, remove: true }"),
        "outside_purpose",
        (5, 22),
        "`market_by_email`",
    );
}

#[test]
fn what_cannot_be_told_from_what_is_kept_is_refused() {
    one(
        segment("event: Order Completed\nat_least: 257"),
        "beyond_kept",
        (4, 13),
        "256",
    );
    fine(segment("event: Order Completed\nat_least: 256"));
    one(
        segment("event: Order Completed\nat_most: 256"),
        "beyond_kept",
        (4, 12),
        "256",
    );
    one(
        segment("event: Cart Filled\nwithin: 91 days"),
        "beyond_kept",
        (3, 10),
        "kept for 90",
    );
    one(
        segment("event: Order Completed\nwithin: 2 years"),
        "beyond_kept",
        (3, 10),
        "kept for 395",
    );
    one(
        segment("trait: country\nat_least: 3"),
        "type_mismatch",
        (4, 3),
        "`text`",
    );
}

fn mail(yaml: &str, fr: &str) -> Files {
    let head = format!(
        "title: {{ fr: a, en: a }}\nchannel: email\npurpose: market_by_email\nsubject: {{ fr: a, en: a }}\nfiles: {{ \
         fr: fr.txt, en: en.txt }}\n{yaml}"
    );
    small(&[
        ("messages/m/message.yaml", &head),
        ("messages/m/fr.txt", fr),
        ("messages/m/en.txt", "Hello.\n"),
    ])
}

#[test]
fn a_claim_needs_a_fact_and_a_message_all_its_languages() {
    fine(mail("", "Bonjour.\n"));
    one(
        mail("", "Bonjour.\nC’est la dernière chance !\n"),
        "claim_without_fact",
        (2, 10),
        "`deadline:`",
    );
    one(
        mail(
            "claims: [{ claim: urgency }]\n",
            "{% if claims.urgency %}Dernière chance{% endif %}\n",
        ),
        "claim_without_fact",
        (6, 19),
        "bound to no fact",
    );
    one(
        mail("claims: [{ claim: urgency, stock: x }]\n", "Bonjour\n"),
        "claim_without_fact",
        (6, 35),
        "bind it to `deadline:`",
    );
    one(
        mail("claims: [{ claim: urgency, deadline: x }]\n", "Bonjour\n"),
        "unknown_name",
        (6, 38),
        "deadline",
    );
    let mut files = mail("", "Bonjour\n");
    files.remove("messages/m/en.txt");
    one(files, "unknown_file", (5, 26), "messages/m/en.txt");
    let mut files = mail("", "Bonjour\n");
    let head = String::from_utf8(files["messages/m/message.yaml"].clone()).unwrap();
    let head = head.replace(", en: en.txt", "");
    files.insert("messages/m/message.yaml".to_owned(), head.into());
    one(files, "language", (5, 8), "missing in `en`");
}

#[test]
fn a_part_that_is_not_yaml_hides_nothing_elsewhere() {
    let mut files = demo();
    files.insert("segments/regulars.yaml".to_owned(), b"title: [\n".to_vec());
    files.insert("journeys/welcome.yml".to_owned(), b"a: b\n".to_vec());
    files.insert("segments/Odd Name.yaml".to_owned(), b"a: b\n".to_vec());
    let dictionary = String::from_utf8(files["dictionary.yaml"].clone()).unwrap();
    files.insert(
        "dictionary.yaml".to_owned(),
        dictionary.replace("greeting_day:", "greting_day:").into(),
    );
    let found = errors(files);
    let has = |file: &str, code: &str| found.iter().any(|fault| fault.file == file && fault.code == code);
    assert!(has("segments/regulars.yaml", "syntax"));
    assert!(has("journeys/welcome.yml", "unknown_file"));
    assert!(has("segments/Odd Name.yaml", "name"));
    assert!(has("segments/greeted.yaml", "unknown_name"));
    assert!(has("journeys/greeting.yaml", "unknown_name"));
    // The segment that cannot be read is there all the same: who names it is not blamed.
    let blamed = found
        .iter()
        .any(|fault| fault.message.contains("no segment `regulars`"));
    assert!(!blamed);
}

#[test]
fn a_thousand_faults_are_told_whole() {
    let mut files = small(&[]);
    let mut expected = 0;
    for number in 0..500 {
        let text = format!(
            "title: {{ fr: a }}\nwho:\n  all:\n    - event: Order Complet{number}\n      within: 3 parsecs\n    - \
             trait: nothing_like_{number}\n      is: 3\n    - segmnt: x\n"
        );
        files.insert(format!("segments/s{number}.yaml"), text.into());
        expected += 5;
    }
    let found = errors(files);
    assert_eq!(found.len(), expected);
    assert!(found.is_sorted());
    assert!(
        found
            .iter()
            .all(|fault| !fault.mend.is_empty() && !fault.to_string().contains('\n'))
    );
}

/// Whoever reaches the goal leaves: what waits for the same event is never answered in the goal's time, and is
/// where it may still be answered after it, or where it waits for another.
#[test]
fn an_answer_that_is_the_goal_is_warned_of() {
    let steps = |before: &str, event: &str| {
        let text = format!(
            "- id: before\n  wait: {before}\n- id: answer\n  wait_for: {{ event: {event} }}\n  at_most: 2 days\n  \
             came: exit\n  else: exit\n"
        );
        let mut files = super::journey(&text);
        let journey = String::from_utf8(files["journeys/a.yaml"].clone()).unwrap();
        let goal = "goal: { event: Cart Filled, within: 7 days }\nsteps:";
        files.insert(
            "journeys/a.yaml".to_owned(),
            journey.replace("steps:", goal).into(),
        );
        let program = program::Program::read(files).unwrap_or_else(|faults| panic!("{faults}"));
        let warned = program
            .warnings
            .iter()
            .filter(|fault| fault.code == "never_answered");
        warned
            .map(|fault| (fault.mark.line, fault.mend.clone()))
            .collect::<Vec<_>>()
    };
    let mend = "write `wait: 2 days` instead, or wait for something else".to_owned();
    assert_eq!(steps("5 days", "Cart Filled"), [(8, mend)]);
    assert_eq!(steps("6 days", "Cart Filled"), []);
    assert_eq!(steps("5 days", "Order Completed"), []);
}

#[test]
fn a_placement_says_by_what_its_lists_are_chosen_and_nothing_else() {
    use program::settings::Choose;
    let with = |text: &str| {
        let mut files = small(&[]);
        let settings = files.get_mut("program.yaml").unwrap();
        settings.extend_from_slice(format!("\nplacements: {text}\n").as_bytes());
        files
    };
    let read =
        program::Program::read(with("{ front page: { choose: variety }, cart: { choose: mix } }")).unwrap();
    let placements = &read.settings.placements;
    assert_eq!(placements["front page"].choose, Choose::Variety);
    assert_eq!(placements["cart"].choose, Choose::Mix);
    assert!(
        program::Program::read(small(&[]))
            .unwrap()
            .settings
            .placements
            .is_empty()
    );
    for (wrong, code) in [
        ("{ home: { choose: clicks } }", "choice"),
        ("{ home: {} }", "missing"),
        ("{ home: { choose: mix, boost: 3 } }", "unknown_key"),
    ] {
        let found = errors(with(wrong));
        assert!(found.iter().any(|fault| fault.code == code), "{wrong}: {found:?}");
    }
}
