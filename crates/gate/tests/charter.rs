//! The built-in charter over the whole space of questions, its words, and its golden table.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use gate::charter::{Answer, Charter, PolicyId, Question, Requester, table};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use vocabulary::{AgeBracket, ConsentState, Language, PurposeName, Signals};

static CHARTER: LazyLock<Charter> = LazyLock::new(|| Charter::built_in().unwrap());

const PROFILING: [PurposeName; 5] = [
    PurposeName::Personalise,
    PurposeName::Segment,
    PurposeName::Train,
    PurposeName::Predict,
    PurposeName::Measure,
];
const MARKETING: [PurposeName; 3] = [
    PurposeName::MarketByEmail,
    PurposeName::MarketBySms,
    PurposeName::MarketByPush,
];

/// The charter written a second time, in Rust, straight from the law: the two must agree everywhere.
fn lawful(q: &Question) -> bool {
    let agreed = q.consent.is_valid();
    let unanswered = [
        ConsentState::Unknown,
        ConsentState::Requested,
        ConsentState::RequestDeferred,
    ]
    .contains(&q.consent);
    let child = q.age == AgeBracket::Minor || (q.age == AgeBracket::Unknown && q.signals.child_directed);
    let left_alone = q.restricted || q.objected || q.special || child || q.under_review;
    let staff = q.requester == Requester::Staff;
    match q.purpose {
        PurposeName::Service => q.identified && !q.restricted && (!q.special || agreed) && !staff,
        PurposeName::Personalise | PurposeName::Train | PurposeName::Measure => {
            agreed && !left_alone && !q.signals.gpc && !staff
        }
        PurposeName::Segment | PurposeName::Predict => {
            agreed && !left_alone && !q.signals.gpc && !q.objected_marketing && !staff
        }
        PurposeName::MarketByEmail | PurposeName::MarketBySms => {
            (agreed || (q.soft_opt_in && unanswered)) && !left_alone && !q.objected_marketing && !staff
        }
        PurposeName::MarketByPush => agreed && !left_alone && !q.objected_marketing && !staff,
        PurposeName::ShowOwnData => q.requester == Requester::Person,
        PurposeName::AnswerRightsRequest => true,
        PurposeName::HumanHelp => (q.identified || agreed) && !q.restricted && (!q.special || agreed),
        PurposeName::Secure => q.identified && !q.restricted && !q.special,
    }
}

#[test]
fn every_answer_is_the_one_the_law_gives_and_names_rules_that_say_so() {
    let mut asked = 0;
    for question in Question::all() {
        let answer = CHARTER.answer(&question);
        assert_eq!(answer.allowed, lawful(&question), "{question:?}");
        assert!(!answer.policies.is_empty(), "{question:?}");
        asked += 1;
    }
    assert_eq!(asked, Question::COUNT);
    for question in CHARTER.distinct() {
        let answer = CHARTER.answer(&question);
        for id in &answer.policies {
            let policy = CHARTER.policy(id.as_str()).unwrap();
            assert_eq!(policy.forbids(), !answer.allowed, "{question:?} {id}");
        }
        if PROFILING.contains(&question.purpose) || MARKETING.contains(&question.purpose) {
            check_reasons(&question, &answer);
        }
        let by_staff = question.requester == Requester::Staff && answer.allowed;
        let told = answer
            .policies
            .iter()
            .any(|id| id.as_str() == "charter/seen-by-staff");
        assert_eq!(told, by_staff, "{question:?}");
    }
}

/// Each reason against a profile or an offer is told, and is enough.
fn check_reasons(q: &Question, answer: &Answer) {
    let reasons: BTreeSet<&str> = answer.policies.iter().map(PolicyId::as_str).collect();
    let profiling = PROFILING.contains(&q.purpose);
    let for_marketing = !profiling || [PurposeName::Segment, PurposeName::Predict].contains(&q.purpose);
    let by_consent_alone = profiling || q.purpose == PurposeName::MarketByPush;
    let unanswered = (q.consent as u8) < ConsentState::Given as u8;
    let child = q.signals.child_directed && q.age == AgeBracket::Unknown;
    for (stops, id) in [
        (by_consent_alone && !q.consent.is_valid(), "charter/no-consent"),
        (
            !(by_consent_alone || q.consent.is_valid() || q.soft_opt_in && unanswered),
            "charter/no-consent-to-messages",
        ),
        (q.restricted, "charter/restricted"),
        (q.objected, "charter/objected"),
        (
            q.objected_marketing && for_marketing,
            "charter/objected-to-marketing",
        ),
        (q.signals.gpc && profiling, "charter/signal-gpc"),
        (q.age == AgeBracket::Minor, "charter/minor"),
        (child, "charter/age-unknown"),
        (q.special, "charter/special-data"),
        (q.under_review, "charter/under-review"),
        (q.requester == Requester::Staff, "charter/staff-without-task"),
    ] {
        assert_eq!(stops, reasons.contains(id), "{q:?} {id}");
        assert!(!stops || !answer.allowed, "{q:?} {id}");
    }
}

#[test]
fn one_more_restriction_never_opens_anything() {
    for q in CHARTER.distinct().step_by(3) {
        let stricter = [
            Question {
                restricted: true,
                ..q
            },
            Question { objected: true, ..q },
            Question {
                objected_marketing: true,
                ..q
            },
            Question {
                soft_opt_in: false,
                ..q
            },
            Question { special: true, ..q },
            Question {
                identified: false,
                ..q
            },
            Question {
                // Whoever is not the person may do no more than the person.
                requester: if q.requester == Requester::Person {
                    Requester::System
                } else {
                    q.requester
                },
                ..q
            },
            Question {
                age: AgeBracket::Minor,
                ..q
            },
            Question {
                signals: Signals {
                    gpc: true,
                    ..q.signals
                },
                ..q
            },
            Question {
                signals: Signals {
                    child_directed: true,
                    ..q.signals
                },
                ..q
            },
        ];
        let less_known = (q.age == AgeBracket::Adult).then_some(Question {
            age: AgeBracket::Unknown,
            ..q
        });
        // From no answer to no; an answer that is not valid never opens more than none.
        let no_consent = ConsentState::ALL
            .into_iter()
            .filter(|consent| !consent.is_valid())
            .filter(|consent| {
                q.consent.is_valid() && !q.soft_opt_in || *consent as u8 > ConsentState::Given as u8
            });
        let all = stricter
            .into_iter()
            .chain(less_known)
            .chain(no_consent.map(|consent| Question { consent, ..q }));
        for next in all {
            assert!(
                CHARTER.answer(&q).allowed || !CHARTER.answer(&next).allowed,
                "{q:?} -> {next:?}"
            );
        }
    }
}

#[test]
fn each_purpose_is_judged_by_its_own_consent() {
    let base = Question {
        identified: true,
        ..Question::plain(PurposeName::Service)
    };
    for agreed in PurposeName::ASKED {
        let allowed = CHARTER.allowed(&base, |purpose| match purpose == agreed {
            true => ConsentState::Given,
            false => ConsentState::Refused,
        });
        let mut expected = vec![
            PurposeName::Service,
            agreed,
            PurposeName::AnswerRightsRequest,
            PurposeName::HumanHelp,
            PurposeName::Secure,
        ];
        expected.sort();
        assert_eq!(allowed.purposes.iter().collect::<Vec<_>>(), expected);
        for purpose in PurposeName::ALL {
            assert_eq!(
                allowed.answer(purpose).allowed,
                allowed.purposes.contains(purpose)
            );
            assert_eq!(
                *allowed.answer(purpose),
                CHARTER.decide(&Question {
                    purpose,
                    consent: if purpose == agreed {
                        ConsentState::Given
                    } else {
                        ConsentState::Refused
                    },
                    ..base
                })
            );
        }
    }
}

#[test]
fn every_rule_has_a_law_and_words_in_both_languages_well_set() {
    let marks = [PolicyId::NO_PERMIT, PolicyId::EVALUATION_ERROR].map(|id| CHARTER.policy(id).unwrap());
    let mut ids = BTreeSet::new();
    for policy in CHARTER.policies().chain(marks) {
        let id = policy.id();
        assert!(ids.insert(id.as_str().to_owned()), "{id} twice");
        assert!(id.as_str().starts_with("charter/"), "{id}");
        assert!(
            ["GDPR", "DSA", "ePrivacy"]
                .iter()
                .any(|law| policy.law().starts_with(law)),
            "{id}: {}",
            policy.law()
        );
        assert_eq!(CHARTER.law(id), policy.law());
        for language in [Language::Fr, Language::En] {
            let words = CHARTER.explain(id, language);
            assert!(
                words.ends_with('.') && words.chars().count() > 30,
                "{id}: {words}"
            );
            assert!(!words.contains('\''), "{id}: `'` for `’` in: {words}");
            assert!(!words.contains("  "), "{id}: two spaces in: {words}");
        }
        assert_french(id.as_str(), policy.explain(Language::Fr));
        assert_ne!(policy.explain(Language::Fr), policy.explain(Language::En), "{id}");
    }
    assert_eq!(ids.len(), 31);
}

/// A narrow no-break space stands before `: ; ! ?` and `»`, and after `«`.
fn assert_french(id: &str, words: &str) {
    let letters: Vec<char> = words.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        match letter {
            ':' | ';' | '!' | '?' | '»' => assert_eq!(letters[at - 1], '\u{202f}', "{id}: {words}"),
            '«' => assert_eq!(letters[at + 1], '\u{202f}', "{id}: {words}"),
            _ => {}
        }
    }
}

#[test]
fn a_rule_of_another_charter_is_said_to_be_gone() {
    let operator = Charter::with_operator(&[(
        "house".to_owned(),
        "@id(\"closed\") @explain_fr(\"Fermé.\") @explain_en(\"Closed.\")\n\
         forbid (principal, action == Action::\"train\", resource);"
            .to_owned(),
    )])
    .unwrap();
    let id = operator
        .policies()
        .map(|policy| policy.id())
        .find(|id| id.as_str() == "operator/house/closed");
    let id = id.unwrap();
    assert_eq!(operator.explain(id, Language::Fr), "Fermé.");
    assert_eq!(operator.law(id), "");
    assert!(CHARTER.explain(id, Language::En).contains("no longer"));
    assert_ne!(operator.digest(), CHARTER.digest());
}

#[test]
fn the_golden_table_is_what_the_charter_answers_with_rows_for_every_purpose_and_rule() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../charter/decisions.txt");
    let now = table::render(&CHARTER);
    if std::env::var_os("EGARD_BLESS").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let golden = std::fs::read_to_string(path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert!(golden == now, "{}", difference(&golden, &now));
    let table = now;
    for purpose in PurposeName::ALL {
        let heading = format!("{purpose}: by ");
        let rows = table.split("\n## ").find(|part| part.starts_with(&heading));
        let rows = rows.unwrap_or_else(|| panic!("no rows for `{heading}`"));
        let facts = CHARTER.facts(purpose).count();
        let answers = rows
            .lines()
            .filter(|row| row.contains(" allow ") || row.contains(" deny "));
        assert!(
            answers.count() > facts * facts / 2,
            "too few rows for `{heading}`"
        );
    }
    for policy in CHARTER.policies() {
        assert!(
            table.contains(policy.id().as_str()),
            "no row shows `{}`",
            policy.id()
        );
    }
}

/// The lines that went and came, each under the heading it stands under, at most 40 of them.
fn difference(golden: &str, now: &str) -> String {
    let named = |text: &str| -> Vec<(String, String)> {
        let mut heading = String::new();
        let name = |line: &str| {
            if line.starts_with("## ") {
                line.clone_into(&mut heading);
            }
            (heading.clone(), line.to_owned())
        };
        text.lines().map(name).collect()
    };
    let (was, is) = (named(golden), named(now));
    let (was_set, is_set): (BTreeSet<_>, BTreeSet<_>) = (was.iter().collect(), is.iter().collect());
    let gone = was
        .iter()
        .filter(|line| !is_set.contains(line))
        .map(|line| ('-', line));
    let come = is
        .iter()
        .filter(|line| !was_set.contains(line))
        .map(|line| ('+', line));
    let mut changes: Vec<_> = gone.chain(come).collect();
    // Old and new of one row beside each other.
    changes.sort_by(|a, b| (&a.1.0, row_key(&a.1.1), b.0).cmp(&(&b.1.0, row_key(&b.1.1), a.0)));
    let shown: Vec<String> = changes
        .iter()
        .take(40)
        .map(|(sign, (heading, line))| format!("{heading}\n  {sign} {line}"))
        .collect();
    format!(
        "the charter answers otherwise than charter/decisions.txt in {} lines. If that is meant, run again \
         with EGARD_BLESS=1 and review the difference.\n{}",
        changes.len(),
        shown.join("\n")
    )
}

/// A row without its answer.
fn row_key(line: &str) -> &str {
    line.split(" allow ")
        .next()
        .unwrap_or(line)
        .split(" deny ")
        .next()
        .unwrap_or(line)
}

#[test]
fn a_difference_shows_old_and_new_of_a_row_beside_each_other() {
    let text = difference(
        "## a\nrow 1  allow x\nrow 2  deny y\n",
        "## a\nrow 1  deny z\nrow 2  deny y\n",
    );
    assert!(text.contains("in 2 lines"), "{text}");
    assert!(
        text.ends_with("## a\n  - row 1  allow x\n## a\n  + row 1  deny z"),
        "{text}"
    );
}
