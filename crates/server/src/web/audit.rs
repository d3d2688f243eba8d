//! The report of an audit as a page that stands by itself: one file, no script, no address it loads anything
//! from, so that it can be published as it is or printed.
//!
//! Deliberately does not know: how an audit is made, where the page is put.

use crate::audit::Report;
use crate::words::{Put, Words};
use askama::Template;
use vocabulary::Language;

/// What can be wrong, by its name in the report, and the key of its words.
const FINDINGS: [(&str, &str); 30] = [
    ("does_not_open", "audit-does-not-open"),
    ("leaf_unreadable", "audit-leaf-unreadable"),
    ("not_in_log", "audit-not-in-log"),
    ("leaf_differs", "audit-leaf-differs"),
    ("details_differ", "audit-details-differ"),
    ("question_missing", "audit-question-missing"),
    ("question_differs", "audit-question-differs"),
    ("question_unreadable", "audit-question-unreadable"),
    ("purpose_differs", "audit-purpose-differs"),
    ("verdict_differs", "audit-verdict-differs"),
    ("reasons_differ", "audit-reasons-differ"),
    ("answer_impossible", "audit-answer-impossible"),
    ("consent_contradicted", "audit-consent-contradicted"),
    ("charter_missing", "audit-charter-missing"),
    ("charter_damaged", "audit-charter-damaged"),
    ("charter_unreadable", "audit-charter-unreadable"),
    ("program_missing", "audit-program-missing"),
    ("program_damaged", "audit-program-damaged"),
    ("catalogue_missing", "audit-catalogue-missing"),
    ("catalogue_damaged", "audit-catalogue-damaged"),
    ("program_unreadable", "audit-program-unreadable"),
    ("outcome_differs", "audit-outcome-differs"),
    ("log_damaged", "audit-log-damaged"),
    ("record_missing", "audit-record-missing"),
    ("artefact_damaged", "audit-artefact-damaged"),
    ("event_kept_too_long", "audit-event-kept-too-long"),
    ("message_kept_too_long", "audit-message-kept-too-long"),
    ("request_late", "audit-request-late"),
    ("request_answered_late", "audit-request-answered-late"),
    ("request_unreadable", "audit-request-unreadable"),
];

/// What is counted, likewise.
const COUNTS: [(&str, &str); 10] = [
    ("opened", "audit-opened"),
    ("executed_same", "audit-executed-same"),
    ("executed_different", "audit-executed-different"),
    ("executed_impossible", "audit-executed-impossible"),
    ("permit_asked_again", "audit-permit-asked-again"),
    ("permit_possible", "audit-permit-possible"),
    ("closed", "audit-closed"),
    ("gone", "audit-gone"),
    ("artefacts", "audit-artefacts"),
    ("requests", "audit-requests"),
];

#[derive(Template)]
#[template(path = "audit.html")]
struct Page<'a> {
    words: Words,
    tag: &'static str,
    style: &'static str,
    report: &'a Report,
    title: String,
    findings: Vec<(String, String)>,
    counts: Vec<(String, String)>,
}

/// The page as markup. Fails only if the machine cannot hold it.
pub fn page(report: &Report, language: Language) -> Result<String, askama::Error> {
    let words = Words::of(language);
    let number = |count: u64| words.number(count as f64, 0);
    let day = words.with("audit-page", &[("day", Put::Text(&day_words(report, words)))]);
    let findings = report.findings.iter();
    let findings = findings.map(|(name, count)| (said(words, &FINDINGS, name), number(*count)));
    // What was drawn first, then what was done with it, in one order whatever the names.
    let drawn = [
        ("audit-sample", report.sample),
        ("audit-population", report.population),
    ];
    let drawn = drawn.map(|(key, count)| (words.say(key), number(count)));
    let done = COUNTS
        .iter()
        .filter_map(|(name, key)| Some((words.say(key), number(*report.counts.get(*name)?))));
    let erased = [(words.say("audit-erased"), number(report.erased))];
    Page {
        words,
        tag: language.tag(),
        style: super::assets::STYLE.body,
        report,
        title: day,
        findings: findings.collect(),
        counts: drawn.into_iter().chain(done).chain(erased).collect(),
    }
    .render()
}

/// The day in the words of the language; as it stands in the report if it is none.
fn day_words(report: &Report, words: Words) -> String {
    let date: Option<jiff::civil::Date> = report.day.parse().ok();
    let days = date.and_then(|date| date.since(jiff::civil::date(1970, 1, 1)).ok());
    match days.and_then(|span| u32::try_from(span.get_days()).ok()) {
        Some(days) => words.day(vocabulary::Day(days)),
        None => report.day.clone(),
    }
}

/// The words of a name; a name that is not known stands for itself.
fn said(words: Words, known: &[(&str, &str)], name: &str) -> String {
    match known.iter().find(|(known, _)| *known == name) {
        Some((_, key)) => words.say(key),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gate::Flaw;

    #[test]
    fn every_flaw_has_its_words() {
        for flaw in Flaw::ALL {
            assert!(
                FINDINGS.iter().any(|(name, _)| *name == flaw.as_str()),
                "{flaw:?}"
            );
        }
    }
}
