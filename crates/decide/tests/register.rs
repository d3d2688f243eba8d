//! The register of a house that is written down here: its bytes, its schema, and what it does not tell.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads the file it compares with"
)]

use decide::register::figures::{Quarter, Span, figures};
use decide::register::honesty::{self, Version};
use decide::register::small::{Count, LEAST, Part};
use decide::register::{self, House, Log};
use decide::rights::{By, ExtensionReason, Recipient, Request, Right, Step, Via};
use gate::dictionary::Dictionary;
use gate::{Audit, ErasedBy, InForce, Notice, Notices};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use vocabulary::{DAY_MS, Day, Digest, Moment};

/// 2026-07-01, 2026-10-01, 2027-01-01, 2027-04-01.
const Q3: Day = Day(20_635);
const Q4: Day = Day(20_727);
const Q1: Day = Day(20_819);
const Q2: Day = Day(20_909);

const DICTIONARY: &str = "[events.\"Product Viewed\"]\npurposes = [\"personalise\", \"train\"]\ninteraction = \"viewed\"\n\
                          fields = [\"product_id\"]\n\n[traits.firstName]\npurposes = [\"service\"]\n\n\
                          [traits.religion]\npurposes = [\"service\"]\nspecial = true\n";
const NOTICE: &str = include_str!("../../server/tests/house/notice.toml");

/// A request of `day` days after the quarter began, answered `days` days later, or not.
fn request(right: Right, quarter: Day, day: u32, answered: Option<i64>, extended: bool) -> Request {
    let received = Moment(Day(quarter.0 + day).start().0 + 3_600_000);
    let mut request = Request::open(right, Via::Page, received);
    if extended {
        let step = Step::Extend(ExtensionReason::Complexity);
        request = request.take(step, By::Staff, received.plus(1)).unwrap();
    }
    match answered {
        Some(days) => request
            .take(Step::Fulfil, By::Staff, received.plus(days * DAY_MS))
            .or_else(|_| {
                let begun = request.take(Step::Start, By::Staff, received.plus(2))?;
                begun.take(Step::Fulfil, By::Staff, received.plus(days * DAY_MS))
            })
            .unwrap(),
        None => request,
    }
}

fn requests() -> Vec<Request> {
    let access = (0..12).map(|i| request(Right::Access, Q3, i * 3, Some(i64::from(i)), false));
    let late = (0..6).map(|i| request(Right::Erasure, Q3, i, Some(20 + 5 * i64::from(i)), false));
    let few = (0..3).map(|i| request(Right::Objection, Q3, i, Some(1), false));
    let fewer = (0..2).map(|i| request(Right::HumanReview, Q3, i, None, true));
    let next = (0..7).map(|i| request(Right::Access, Q4, i, Some(2), false));
    access.chain(late).chain(few).chain(fewer).chain(next).collect()
}

fn in_force(text: &str, since: Day, leaf: u64) -> InForce {
    InForce {
        digest: Some(Digest::of(text.as_bytes())),
        since: since.start(),
        leaf: Some(leaf),
    }
}

/// Three programs: one that overrides a rule, one that keeps it and puts a told deadline off, one without either.
fn versions() -> Vec<Version> {
    let read = |over: &str, settings: &str| {
        let message = format!(
            "title: {{ fr: a, en: a }}\nchannel: email\npurpose: market_by_email\nsubject: {{ fr: a, en: a }}\nfiles: {{ fr: \
             fr.txt, en: en.txt }}\nclaims: [{{ claim: urgency, deadline: post }}]\n{over}"
        );
        let settings = format!("name: x\ntime_zone: Europe/Paris\ncurrency: EUR\n{settings}");
        let shames = match over.is_empty() {
            true => "Hello.\n\n[No, thank you]\n",
            false => "Hello.\n\n[No, I prefer to stay ignorant]\n",
        };
        let files = [
            ("program.yaml", settings.as_str()),
            ("dictionary.yaml", "{}\n"),
            ("messages/m/message.yaml", &message),
            ("messages/m/fr.txt", "Bonjour.\n"),
            ("messages/m/en.txt", shames),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        program::Program::read(files.into_iter().collect()).unwrap()
    };
    let over = "honesty: [{ rule: confirmshaming, reason: a quotation that our readers know }]\n";
    let first = read(over, "deadlines: { post: 2026-12-19 }\n");
    let later = "deadlines: { post: 2026-12-20 }\nmoved_because: { post: the post told us of another day }\n";
    let second = read(over, later);
    let third = read("", later);
    let version = |day: u32, before: Option<&program::Program>, program: &program::Program| Version {
        at: Day(Q4.0 + day).start(),
        digest: program.digest(),
        by: Some("marketer"),
        second_person: day != 30,
        approved_by: (day == 10).then_some("privacy_officer"),
        said: Some(honesty::said(before, program)),
    };
    vec![
        version(30, Some(&second), &third),
        version(20, Some(&first), &second),
        version(10, None, &first),
    ]
}

#[test]
fn an_override_that_stays_is_told_once_until_it_ends_and_a_moved_deadline_with_its_reason() {
    let versions = versions();
    let rows = honesty::overridden(&versions);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0].rule, "confirmshaming");
    assert_eq!(
        (rows[0].by, rows[0].approved_by),
        (Some("marketer"), Some("privacy_officer"))
    );
    assert_eq!(rows[0].program, versions[2].digest);
    assert!(rows[0].until.is_some() && rows[0].since < *rows[0].until.as_ref().unwrap());
    assert_eq!(honesty::overridden(&versions[1..])[0].until, None, "it stands");
    let moved = honesty::moved_deadlines(&versions);
    assert_eq!(moved.len(), 1, "{moved:?}");
    assert_eq!(moved[0].told_by, ["m"]);
    assert_eq!(
        moved[0].because.as_deref(),
        Some("the post told us of another day")
    );
    assert!(moved[0].before < *moved[0].after.as_ref().unwrap());
}

fn made() -> register::Register {
    let dictionary = Dictionary::read(DICTIONARY).unwrap();
    let notices = Notices::new(vec![Notice::read(NOTICE).unwrap()]).unwrap();
    let notice = notices.all().next().unwrap().digest();
    let gone = InForce {
        digest: None,
        ..in_force("", Q4, 9)
    };
    let models = register::told_models(&[in_force("m2", Q1, 12), in_force("m1", Q4, 10), gone]);
    let erased = |quarter, count| ErasedBy { quarter, count };
    register::assemble(House {
        today: Day(Q1.0 + 3),
        software: "0.1.0",
        controller: "The tests' shop",
        authority: "CNIL",
        event_days: 90,
        recipients: &[Recipient {
            name: "Example Hosting".to_owned(),
            place: "France".to_owned(),
            purpose: "runs the servers".to_owned(),
        }],
        purposes: &gate::purposes::register(),
        dictionary: &dictionary,
        programs: &[
            ("charter", vec![in_force("new", Q4, 7), in_force("old", Q3, 0)]),
            ("dictionary", vec![in_force(DICTIONARY, Q3, 1)]),
        ],
        notices: &notices,
        published: &[(notice, in_force(NOTICE, Q3, 2))],
        models: &models.into_iter().map(|row| (row, None)).collect::<Vec<_>>(),
        training: None,
        gauges: vec![register::OfGauge {
            placement: "home".to_owned(),
            day: "2026-11-20".to_owned(),
            people_at_least: 200,
            topics: 4.3,
            offered: 7.9,
            outside: 0.27,
        }],
        requests: &requests(),
        requests_kept_days: 1_826,
        erased: &[erased(Q3, 0), erased(Q4, 8), erased(Q1, 11)],
        audits: &[Audit {
            day: Q1,
            sample: 1_000,
            population: 70_000,
            findings: vec![("decision-differs".to_owned(), 0)],
            report: Digest::of(b"report"),
            leaf: Some(40),
        }],
        versions: &versions(),
        log: Log {
            origin: "test.example/egard".to_owned(),
            vkey: "test.example/egard+00000000+AQ==".to_owned(),
            size: 41,
            root: "root".to_owned(),
            checkpoint: "test.example/egard\n41\nroot\n".to_owned(),
            cosigned_by: Vec::new(),
        },
    })
}

#[test]
fn the_register_is_what_it_was_to_the_byte() {
    let made = serde_json::to_string_pretty(&made()).unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/register.json");
    if std::env::var_os("EGARD_BLESS").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    assert_eq!(made, std::fs::read_to_string(path).unwrap());
}

#[test]
fn the_register_fits_its_schema_and_the_schema_is_not_empty() {
    let schema: Value = serde_json::from_str(register::SCHEMA).unwrap();
    let made = serde_json::to_value(made()).unwrap();
    fits(&made, &schema, "").unwrap();
    for broken in ["form", "rights", "log"] {
        let mut other = made.clone();
        other[broken] = Value::Bool(true);
        assert!(fits(&other, &schema, "").is_err(), "{broken}");
    }
    let mut small = made.clone();
    small["rights"][1]["rights"][4]["received"] = Value::from(3);
    assert!(fits(&small, &schema, "").is_err(), "a small count is no register");
}

/// The part of JSON Schema that the register's schema uses.
fn fits(value: &Value, schema: &Value, at: &str) -> Result<(), String> {
    if let Some(options) = schema["anyOf"].as_array() {
        let fit = options.iter().any(|option| fits(value, option, at).is_ok());
        return if fit {
            Ok(())
        } else {
            Err(format!("{at}: {value} fits none"))
        };
    }
    let fits_type = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.as_u64() >= schema["minimum"].as_u64() && value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some(other) => return Err(format!("{at}: unknown type {other}")),
        None => schema["enum"]
            .as_array()
            .map_or(*value == schema["const"], |all| all.contains(value)),
    };
    if !fits_type || (schema.get("const").is_some() && *value != schema["const"]) {
        return Err(format!("{at}: {value} against {schema}"));
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let known = schema["properties"]
            .get(name)
            .ok_or(format!("{at}/{name} is unknown"))?;
        fits(member, known, &format!("{at}/{name}"))?;
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        value.get(name).ok_or(format!("{at}/{name} is missing"))?;
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        fits(item, &schema["items"], &format!("{at}/{place}"))?;
    }
    Ok(())
}

fn span(today: Day) -> Span {
    Span {
        since: Q3,
        today,
        kept_days: 1_826,
    }
}

#[test]
fn a_quarter_is_told_when_it_is_over_and_its_answers_when_every_period_has_ended() {
    let requests = requests();
    let of = |today: Day| figures(&requests, &[], span(today));
    assert!(of(Day(Q4.0 - 1)).is_empty());
    let told = of(Q4);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].quarter.as_str(), told[0].answered), ("2026-Q3", false));
    assert_eq!(told[0].rights[0].received, Count::Exactly(12));
    assert!(
        told.iter()
            .all(|q| q.outcome.is_none() && q.rights.iter().all(|r| r.outcome.is_none()))
    );
    let later = of(Q1);
    assert_eq!((later[1].answered, later[0].answered), (true, false));
    let outcome = later[1].rights[0].outcome.unwrap();
    assert_eq!(
        (outcome.median_days, outcome.worst_days, outcome.late),
        (5, 11, Part::None)
    );
    let erasure = later[1]
        .rights
        .iter()
        .find(|r| r.right == Right::Erasure)
        .unwrap();
    assert_eq!(erasure.outcome.unwrap().late, Part::Some);
    // Five requests of two kinds that are told of neither: together they are.
    assert_eq!(later[1].total, Some(23));
    // What was told stays so, whatever happens later.
    assert_eq!(of(Q2)[2], later[1]);
}

#[test]
fn a_quarter_of_which_requests_may_be_gone_is_not_told() {
    let short = Span {
        kept_days: 200,
        ..span(Q2)
    };
    let quarters: Vec<String> = figures(&requests(), &[], short)
        .into_iter()
        .map(|q| q.quarter)
        .collect();
    assert_eq!(quarters, ["2027-Q1", "2026-Q4"]);
}

#[test]
fn erasures_are_told_of_whole_quarters_only() {
    let row = |quarter, count| ErasedBy { quarter, count };
    let told = |rows: &[ErasedBy]| -> Vec<Option<Count>> {
        figures(&[], rows, span(Q1))
            .into_iter()
            .map(|q| q.erased)
            .collect()
    };
    assert_eq!(
        told(&[row(Q3, 0), row(Q4, 8), row(Q1, 11)]),
        [Some(Count::Few), Some(Count::Exactly(8))]
    );
    // A program that did not count before began in the middle of the third quarter.
    assert_eq!(
        told(&[row(Q3, 4), row(Q4, 12), row(Q1, 20)]),
        [Some(Count::Exactly(8)), None]
    );
    assert_eq!(told(&[row(Q4, 0)]), [None, None]);
}

/// Somebody who knows the rules tries every way that five to ten requests can have been answered: with a
/// small number of late ones, or of ones in time, there is always another number that reads the same.
#[test]
fn how_long_answers_took_does_not_give_away_how_many_were_late() {
    let kinds = [(1, false), (20, false), (40, false), (80, false), (80, true)];
    let span = span(Q1);
    for whole in LEAST..=10 {
        let mut possible: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for counts in compositions(whole, kinds.len()) {
            let each = kinds.iter().zip(&counts);
            let late: u64 = each
                .clone()
                .filter(|((days, extended), _)| *days > 31 && !extended)
                .map(|(_, n)| n)
                .sum();
            let requests: Vec<Request> = each
                .flat_map(|((days, extended), n)| {
                    (0..*n).map(|_| request(Right::Access, Q3, 5, Some(*days), *extended))
                })
                .collect();
            let told = format!("{:?}", figures(&requests, &[], span)[1]);
            possible.entry(told).or_default().push(late);
        }
        for (told, mut late) in possible {
            late.sort_unstable();
            late.dedup();
            let small = |n: u64| (1..LEAST).contains(&n);
            if late.iter().any(|n| small(*n) || small(whole - n)) {
                assert!(late.len() > 1, "{told}: {late:?} of {whole}");
            }
        }
    }
}

/// Every way to write `sum` as `parts` counts.
fn compositions(sum: u64, parts: usize) -> Vec<Vec<u64>> {
    if parts == 1 {
        return vec![vec![sum]];
    }
    (0..=sum)
        .flat_map(|first| {
            compositions(sum - first, parts - 1).into_iter().map(move |rest| {
                let mut all = vec![first];
                all.extend(rest);
                all
            })
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever was asked: no count under five is anywhere in what is told, and the total is told only
    /// where what it leaves fits every value of every count that is not.
    #[test]
    fn no_small_count_is_told_and_none_follows_from_the_total(
        asked in prop::collection::vec((0_usize..8, 0_u32..90, prop::option::of(0_i64..120)), 0..60),
    ) {
        let requests: Vec<Request> = asked
            .iter()
            .map(|(right, day, days)| request(Right::ALL[*right], Q3, *day, *days, false))
            .collect();
        let told = &figures(&requests, &[], span(Q1))[1];
        let json = serde_json::to_value(told).unwrap();
        let mut shown = 0;
        let mut hidden = 0;
        for row in json["rights"].as_array().unwrap() {
            match row["received"].as_u64() {
                Some(count) => {
                    prop_assert!(count >= LEAST);
                    shown += count;
                }
                None => {
                    prop_assert!(row["outcome"].is_null());
                    hidden += 1;
                }
            }
            if let Some(late) = row["outcome"]["late"].as_u64() {
                prop_assert!(late >= LEAST && row["received"].as_u64().unwrap() - late >= LEAST);
            }
        }
        if let (Some(total), true) = (json["total"].as_u64(), hidden > 0) {
            for value in 0..LEAST {
                let left = total - shown;
                prop_assert!(left >= value && left - value <= (hidden - 1) * (LEAST - 1));
            }
        }
        if !json["outcome"].is_null() {
            prop_assert_eq!(shown, 0);
        }
    }

    #[test]
    fn quarters_follow_one_another(day in 0_u32..200_000) {
        let quarter = Quarter::of(Day(day));
        prop_assert_eq!(quarter.next().previous(), quarter);
        prop_assert!(quarter.first() <= Day(day) && Day(day) < quarter.next().first());
        prop_assert!((90..=92).contains(&(quarter.next().first().0 - quarter.first().0)));
    }
}
