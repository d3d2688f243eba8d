//! What an operator may add to the charter, what is refused and how, and that nothing added opens a door.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use gate::charter::{Charter, Error, PolicyId, Problem, Question};
use proptest::prelude::*;
use std::sync::LazyLock;
use vocabulary::PurposeName;

static BUILT_IN: LazyLock<Charter> = LazyLock::new(|| Charter::built_in().unwrap());

const WORDS: &str = "@explain_fr(\"Non.\") @explain_en(\"No.\")";

fn with(text: &str) -> Result<Charter, Error> {
    Charter::with_operator(&[("house".to_owned(), text.to_owned())])
}

/// The text is refused: at this line, for this policy, with a message that holds `says`.
fn check_refused(text: &str, line: usize, policy: Option<&str>, says: &str) -> Problem {
    let error = with(text).unwrap_err();
    assert_eq!(error.file, "operator/house.cedar", "{error}");
    assert_eq!(error.line, Some(line), "{error}");
    assert_eq!(error.policy.as_deref(), policy, "{error}");
    assert!(error.to_string().contains(says), "{error}");
    error.problem
}

#[test]
fn a_permit_is_refused_by_name_and_line() {
    let text = format!(
        "// open all\n@id(\"fine\") {WORDS}\nforbid (principal, action == Action::\"train\", resource);\n\n\
         @id(\"open-all\") {WORDS}\npermit (principal, action, resource);\n"
    );
    assert_eq!(
        check_refused(&text, 5, Some("open-all"), "may only forbid"),
        Problem::Permit
    );
    let narrow = format!("@id(\"p\") {WORDS} permit (principal, action == Action::\"train\", resource);");
    assert_eq!(
        check_refused(&narrow, 1, Some("p"), "`forbid (…) when { … };`"),
        Problem::Permit
    );
}

#[test]
fn a_persons_own_right_cannot_be_narrowed() {
    for scope in [
        "action == Action::\"answer_rights_request\"",
        "action == Action::\"show_own_data\"",
        "action in Action::\"show_own_data\"",
        "action in [Action::\"train\", Action::\"show_own_data\"]",
    ] {
        let text = format!("@id(\"f\") {WORDS}\nforbid (principal, {scope}, resource);");
        assert_eq!(
            check_refused(&text, 1, Some("f"), "GDPR art. 12 to 22"),
            Problem::Right
        );
    }
    let all = format!("@id(\"f\") {WORDS}\nforbid (principal, action, resource);");
    assert_eq!(
        check_refused(&all, 1, Some("f"), "name the purposes"),
        Problem::EveryPurpose
    );
}

#[test]
fn what_does_not_validate_is_refused_at_its_line_with_a_way_to_mend_it() {
    let rule = |condition: &str| {
        format!(
            "\n@id(\"f\") {WORDS}\nforbid (principal, action in Action::\"profiling\", resource)\n\
             when {{ {condition} }};"
        )
    };
    for (condition, says) in [
        ("context.sent_last_week > 3", "sent_last_week"),
        ("context.consent == Consent::\"ConsentGivenn\"", "ConsentGivenn"),
        ("context.age == \"minor\"", "charter/schema.cedarschema"),
        ("context.gpc > 3", "charter/schema.cedarschema"),
        ("resource in Campaign::\"spring\"", "Campaign"),
    ] {
        let problem = check_refused(&rule(condition), 4, Some("f"), says);
        assert!(matches!(problem, Problem::Invalid { .. }), "{problem:?}");
    }
    let unknown = format!("@id(\"f\") {WORDS}\nforbid (principal, action == Action::\"sell\", resource);");
    check_refused(&unknown, 2, Some("f"), "sell");
    // It could never apply, which is not what anybody writes a rule for.
    let idle = format!(
        "@id(\"f\") {WORDS}\nforbid (principal, action == Action::\"train\", resource) when {{ false }};"
    );
    let problem = check_refused(&idle, 1, Some("f"), "");
    assert!(matches!(problem, Problem::Invalid { .. }), "{problem:?}");
}

#[test]
fn what_is_not_cedar_is_refused_at_its_line() {
    let text = format!("@id(\"f\") {WORDS}\n\nforbid (principal, action, resource) wenn {{ true }};");
    let problem = check_refused(&text, 3, None, "not Cedar");
    assert!(matches!(problem, Problem::Syntax { .. }), "{problem:?}");
    let template = format!(
        "\n@id(\"t\") {WORDS}\nforbid (principal == ?principal, action == Action::\"train\", resource);"
    );
    assert_eq!(
        check_refused(&template, 2, Some("t"), "?principal"),
        Problem::Template
    );
}

#[test]
fn a_rule_without_id_or_words_is_refused() {
    let body = "forbid (principal, action == Action::\"train\", resource);";
    check_refused(body, 1, None, "`@id(\"…\")` is missing");
    check_refused(
        &format!("@id(\"f\")\n{body}"),
        1,
        Some("f"),
        "`@explain_fr(\"…\")` is missing",
    );
    check_refused(
        &format!("@id(\"f\") @explain_fr(\"Non.\") {body}"),
        1,
        Some("f"),
        "@explain_en",
    );
    let long = format!(
        "@id(\"f\") @explain_fr(\"{}\") @explain_en(\"No.\") {body}",
        "é".repeat(501)
    );
    check_refused(&long, 1, Some("f"), "more than 500 characters");
    for id in ["charter/minor", "../x", "É", "a b", &"a".repeat(41)] {
        let text = format!("@id(\"{id}\") {WORDS} {body}");
        assert!(matches!(
            check_refused(&text, 1, Some(id), "`@id`"),
            Problem::Id(40)
        ));
    }
    let twice = format!("@id(\"f\") {WORDS} {body}\n@id(\"f\") {WORDS} {body}");
    assert_eq!(check_refused(&twice, 2, Some("f"), "rename"), Problem::IdTwice);
}

#[test]
fn sizes_counts_and_names_have_limits() {
    let file = |name: &str, text: String| (name.to_owned(), text);
    let rules = |count: usize| {
        (0..count)
            .map(|n| {
                format!("@id(\"f{n}\") {WORDS} forbid (principal, action == Action::\"train\", resource);\n")
            })
            .collect::<String>()
    };
    let refused = |files: &[(String, String)]| Charter::with_operator(files).unwrap_err().problem;

    assert!(Charter::with_operator(&[file("a", rules(40)), file("b", rules(24))]).is_ok());
    assert_eq!(
        refused(&[file("a", rules(40)), file("b", rules(25))]),
        Problem::TooManyPolicies(64)
    );
    let large = file("a", "/".repeat(32 * 1024 + 1));
    assert_eq!(
        refused(&[large]),
        Problem::FileTooLarge {
            bytes: 32 * 1024 + 1,
            most: 32 * 1024
        }
    );
    let many: Vec<_> = (0..33).map(|n| file(&format!("f{n}"), String::new())).collect();
    assert_eq!(refused(&many), Problem::TooManyFiles(32));
    assert_eq!(
        refused(&[file("a", rules(1)), file("a", rules(1))]),
        Problem::NameTwice
    );
    for name in ["", "A", "../etc", "a/b", "é", &"n".repeat(41)] {
        assert_eq!(refused(&[file(name, rules(1))]), Problem::Name(40));
    }
}

#[test]
fn a_rule_that_fails_while_it_is_evaluated_is_a_no() {
    // It passes strict validation, and overflows whenever it is asked. Cedar alone would skip it: a yes.
    let charter = with(&format!(
        "@id(\"trap\") {WORDS}\nforbid (principal, action in Action::\"profiling\", resource)\n\
         when {{ 9223372036854775807 + 1 > 0 }};"
    ))
    .unwrap();
    for question in BUILT_IN.distinct().step_by(7) {
        let answer = charter.answer(&question);
        if profiling(question.purpose) {
            assert!(!answer.allowed, "{question:?}");
            let ids: Vec<&str> = answer.policies.iter().map(PolicyId::as_str).collect();
            assert_eq!(ids, [PolicyId::EVALUATION_ERROR, "operator/house/trap"]);
        } else {
            assert_eq!(answer, BUILT_IN.answer(&question), "{question:?}");
        }
    }
}

fn profiling(purpose: PurposeName) -> bool {
    matches!(
        purpose,
        PurposeName::Personalise
            | PurposeName::Segment
            | PurposeName::Train
            | PurposeName::Predict
            | PurposeName::Measure
    )
}

#[test]
fn no_operator_rule_turns_a_no_into_a_yes_or_touches_the_right_of_access() {
    // What somebody who wants more would try with the only effect there is: conditions turned round,
    // rules that fail for some questions only, ids and annotations that imitate the built-in ones.
    let hostile = [
        "forbid (principal, action in Action::\"profiling\", resource) unless { context.consent == Consent::\"ConsentRefused\" };",
        "forbid (principal, action in Action::\"profiling\", resource) when { context.gpc == false };",
        "forbid (principal, action in [Action::\"service\", Action::\"train\"], resource) unless { context.restricted };",
        "forbid (principal == Requester::\"person\", action == Action::\"service\", resource);",
        "forbid (principal, action == Action::\"market_by_sms\", resource) when { context.soft_opt_in && !context.identified };",
        "forbid (principal, action == Action::\"segment\", resource == Data::\"ordinary\") when { context.age != Age::\"minor\" };",
        "forbid (principal, action == Action::\"train\", resource) when { !context.objected && 9223372036854775807 + 1 > 0 };",
    ];
    let rights = [PurposeName::ShowOwnData, PurposeName::AnswerRightsRequest];
    for rule in hostile {
        let charter = with(&format!(
            "@id(\"no-consent\") @law(\"GDPR art. 6\") @effect(\"permit\") {WORDS} {rule}"
        ))
        .unwrap();
        // What the added rule reads besides is in `distinct` of the narrowed charter.
        let mut narrowed = 0;
        for question in few(charter.distinct()) {
            let (before, after) = (BUILT_IN.answer(&question), charter.answer(&question));
            assert!(before.allowed || !after.allowed, "{question:?} {rule}");
            assert!(
                !rights.contains(&question.purpose) || before == after,
                "{question:?} {rule}"
            );
            narrowed += usize::from(before.allowed && !after.allowed);
        }
        assert!(narrowed > 0, "in force: {rule}");
    }
}

/// All questions of the purposes that have few, and one in seven of the others; `charter::prove` asks them all.
fn few(all: impl Iterator<Item = Question>) -> impl Iterator<Item = Question> {
    let small = |purpose: PurposeName| {
        matches!(
            purpose,
            PurposeName::Service
                | PurposeName::ShowOwnData
                | PurposeName::AnswerRightsRequest
                | PurposeName::HumanHelp
                | PurposeName::Secure
        )
    };
    all.enumerate()
        .filter(move |(at, question)| small(question.purpose) || at % 7 == 0)
        .map(|(_, question)| question)
}

#[test]
fn a_condition_without_end_is_refused_or_evaluated_and_never_a_crash() {
    let scope = "forbid (principal, action == Action::\"train\", resource)";
    // Refused before they are parsed.
    for (condition, says) in [
        (
            format!("{}true{}", "(".repeat(10_000), ")".repeat(10_000)),
            "brackets",
        ),
        (
            format!("{}context.gpc", "true && ".repeat(3_500)),
            "split it in two",
        ),
    ] {
        check_refused(
            &format!("@id(\"f\") {WORDS} {scope} when {{ {condition} }};"),
            1,
            None,
            says,
        );
    }
    // As deep as the limits let them be.
    for condition in [
        format!("{}true{}", "(".repeat(15), ")".repeat(15)),
        format!("{}true{}", "[".repeat(14), "]".repeat(14)),
        format!("{}context.gpc", "true&&".repeat(320)),
        format!("{}context.gpc", "context.gpc||".repeat(145)),
        format!("{}context.gpc", "if true then true else ".repeat(100)),
        format!("{}true", "!".repeat(1_900)),
        format!("{}1>0", "1+".repeat(950)),
        format!("{}1>0", "-".repeat(1_900)),
        format!("context{}", ".a".repeat(950)),
        format!("context{}", "[\"a\"]".repeat(600)),
        format!("{}true", "true&&!".repeat(270)),
    ] {
        let Ok(charter) = with(&format!("@id(\"f\") {WORDS} {scope} when {{ {condition} }};")) else {
            continue;
        };
        for question in Question::all().step_by(29_989) {
            assert!(BUILT_IN.answer(&question).allowed || !charter.decide(&question).allowed);
        }
    }
}

#[test]
fn the_digest_names_what_is_in_force() {
    let rule = |n: usize| {
        let text = format!("@id(\"f\") {WORDS}\nforbid (principal, action == Action::\"train\", resource);");
        (format!("f{n}"), text)
    };
    let digest = |files: &[(String, String)]| Charter::with_operator(files).unwrap().digest();
    assert_eq!(
        digest(&[rule(1), rule(2)]),
        digest(&[rule(2), rule(1)]),
        "the order of files"
    );
    let (name, text) = rule(1);
    assert_eq!(
        digest(&[rule(1)]),
        digest(&[(name.clone(), text.replace('\n', "\r\n"))]),
        "line ends"
    );
    assert_ne!(digest(&[rule(1)]), digest(&[rule(2)]), "the name");
    assert_ne!(
        digest(&[rule(1)]),
        digest(&[(name, format!("{text} // a word"))]),
        "a comment"
    );
    assert_eq!(digest(&[]), Charter::built_in().unwrap().digest());
}

/// Conditions that an operator could write, from the words of the schema.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "identified",
            "restricted",
            "objected",
            "gpc",
            "child_directed",
            "under_review",
            "soft_opt_in",
            "objected_marketing"
        ])
        .prop_map(|flag| format!("context.{flag}")),
        prop::sample::select(vec!["unknown", "adult", "minor"])
            .prop_map(|age| format!("context.age == Age::\"{age}\"")),
        prop::sample::select(vec!["ConsentGiven", "ConsentRefused", "ConsentUnknown"])
            .prop_map(|state| format!("context.consent == Consent::\"{state}\"")),
        Just("resource == Data::\"special\"".to_owned()),
        Just("principal == Requester::\"person\"".to_owned()),
        Just("9223372036854775807 * 2 > 0".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} || {b})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_an_operator_writes_only_takes_away(
        condition in condition(),
        keyword in prop::sample::select(vec!["when", "unless"]),
        start in 0usize..4_999,
    ) {
        let text = format!(
            "@id(\"f\") {WORDS}\nforbid (principal, action in [Action::\"service\", Action::\"profiling\", \
             Action::\"direct_marketing\"], resource) {keyword} {{ {condition} }};"
        );
        // Some conditions can never hold and are refused: nothing is opened then either.
        let Ok(charter) = with(&text) else { return Ok(()) };
        for question in Question::all().skip(start).step_by(4_999) {
            let (before, after) = (BUILT_IN.answer(&question), charter.decide(&question));
            prop_assert!(before.allowed || !after.allowed, "{:?} {}", question, text);
            if question.purpose == PurposeName::ShowOwnData {
                prop_assert_eq!(&*before, &after);
            }
            prop_assert_eq!(&*charter.answer(&question), &after, "{:?} {}", question, text);
        }
    }
}
