//! The corpora as they lie in the repository, and the figures reckoned from them.

use honesty::{Bound, Head, Kind, Severity, Source, Text, lint, read};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use vocabulary::{Channel, Language};

/// A message of a corpus.
pub struct Sample {
    pub label: String,
    pub subject: String,
    pub body: String,
}

/// Which messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Set {
    /// Those that the rules were written and tuned with.
    Development,
    /// The part of the development set that was written last.
    Broad,
    /// The part of the development set that was written after that, for the rules that were told least.
    Wide,
    /// Those written after the first patterns, measured before anything was looked at.
    HeldOut,
    /// Those written after the weights, likewise.
    Second,
    /// Those of somebody who had seen neither rules, words nor corpora, and measured once before anything was
    /// looked at: the blind one.
    Third,
}

/// `== label`, `S: subject`, body.
pub fn samples(text: &str) -> Vec<Sample> {
    let mut all: Vec<Sample> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(label) = line.strip_prefix("== ") {
            all.push(Sample {
                label: label.trim().to_owned(),
                subject: String::new(),
                body: String::new(),
            });
        } else if let Some(sample) = all.last_mut() {
            match line.strip_prefix("S: ") {
                Some(subject) => sample.subject = subject.to_owned(),
                None => {
                    sample.body.push_str(line);
                    sample.body.push('\n');
                }
            }
        }
    }
    all
}

/// A message of a corpus as it is read.
pub fn text(language: Language, sample: &Sample) -> Text {
    let words: Vec<&str> = sample.label.split([' ', ',']).collect();
    let bound = words
        .iter()
        .filter_map(|word| Kind::of(word.strip_prefix("bound:")?));
    let head = Head {
        language,
        channel: Channel::Email,
        marketing: !words.contains(&"service"),
        // What stands outside of a block is wrong only where the message goes on without the claim.
        bound: bound
            .map(|kind| Bound {
                kind,
                stops: !words.contains(&"unguarded_claim"),
            })
            .collect(),
    };
    let body = match sample.body.contains('<') {
        true => Source::Markup(&sample.body),
        false => Source::Plain(&sample.body),
    };
    read(&head, Some(&sample.subject), body)
}

/// The blocking and the advising rules that are found.
pub fn found(language: Language, sample: &Sample) -> Vec<(&'static str, Severity, String)> {
    lint(&text(language, sample))
        .into_iter()
        .map(|finding| (finding.rule.id(), finding.severity(), finding.words))
        .collect()
}

/// What is measured of a language; each of so many.
pub struct Figures {
    /// Honest messages that are stopped, and all.
    pub stopped: (usize, usize),
    /// Honest messages of which something is remarked that a blocking rule forbids.
    pub remarked: usize,
    /// Dark patterns of blocking rules that are told as what they are, stopped or remarked, and all.
    pub found: (usize, usize),
    /// Those that are stopped as what they are.
    pub named: usize,
    /// Those that some blocking rule stops.
    pub blocked: usize,
    pub report: String,
}

macro_rules! corpus {
    ($($name:literal),*) => { concat!($(include_str!(concat!("../../corpus/", $name, ".txt"))),*) };
}

/// The honest and the dark ones.
pub fn texts(language: Language, set: Set) -> (&'static str, &'static str) {
    match (language, set) {
        (Language::Fr, Set::Development) => (
            corpus!("fr/honest", "fr/fresh_honest", "fr/more_honest"),
            corpus!("fr/dark", "fr/fresh_dark"),
        ),
        (Language::En, Set::Development) => (
            corpus!("en/honest", "en/fresh_honest", "en/more_honest"),
            corpus!("en/dark", "en/fresh_dark"),
        ),
        (Language::Fr, Set::Broad) => (corpus!("fr/broad_honest"), corpus!("fr/broad_dark")),
        (Language::En, Set::Broad) => (corpus!("en/broad_honest"), corpus!("en/broad_dark")),
        (Language::Fr, Set::Wide) => (
            corpus!("fr/wide_honest", "fr/prose_honest"),
            corpus!("fr/wide_dark", "fr/prose_dark"),
        ),
        (Language::En, Set::Wide) => (
            corpus!("en/wide_honest", "en/prose_honest"),
            corpus!("en/wide_dark", "en/prose_dark"),
        ),
        (Language::Fr, Set::HeldOut) => (corpus!("fr/held_out_honest"), corpus!("fr/held_out_dark")),
        (Language::En, Set::HeldOut) => (corpus!("en/held_out_honest"), corpus!("en/held_out_dark")),
        (Language::Fr, Set::Second) => (corpus!("fr/second_honest"), corpus!("fr/second_dark")),
        (Language::Fr, Set::Third) => (corpus!("fr/third_honest"), corpus!("fr/third_dark")),
        (Language::En, Set::Third) => (corpus!("en/third_honest"), corpus!("en/third_dark")),
        (Language::En, Set::Second) => (corpus!("en/second_honest"), corpus!("en/second_dark")),
    }
}

/// `FIGURES_ALL` tells of the development set what is missed and what is stopped wrongly. Of the held-out set it
/// is never told: whoever reads it has no held-out set any more.
pub fn figures(language: Language, set: Set) -> Figures {
    let (honest, dark) = texts(language, set);
    let (honest, dark) = (samples(honest), samples(dark));
    let tell =
        matches!(set, Set::Development | Set::Broad | Set::Wide) && std::env::var_os("FIGURES_ALL").is_some();
    let mut report = String::new();
    let blocks = |rule: &str| honesty::Rule::of(rule).is_some_and(|rule| rule.severity() == Severity::Blocks);
    // Of each rule: honest ones stopped and remarked, dark ones told, stopped, all.
    let mut rows: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    let (mut stopped, mut remarked) = ((0, honest.len()), 0);
    for sample in &honest {
        let mut all = found(language, sample);
        stopped.0 += usize::from(all.iter().any(|(_, severity, _)| *severity == Severity::Blocks));
        remarked += usize::from(
            all.iter()
                .any(|(rule, severity, _)| *severity == Severity::Advises && blocks(rule)),
        );
        all.sort();
        all.dedup_by_key(|(rule, ..)| *rule);
        for (rule, severity, words) in all {
            let row = rows.entry(rule).or_default();
            let at = usize::from(severity == Severity::Advises);
            row[at] += 1;
            if tell && blocks(rule) {
                let _ = writeln!(report, "  {severity:?} {rule}: {} / {words}", sample.subject);
            }
        }
    }
    let (mut hits, mut named, mut blocked) = ((0, 0), 0, 0);
    for sample in &dark {
        let label = sample.label.split(' ').next().unwrap_or_default();
        let all = found(language, sample);
        let hit = all.iter().any(|(rule, _, _)| *rule == label);
        let stop = all
            .iter()
            .any(|(rule, severity, _)| *rule == label && *severity == Severity::Blocks);
        let rule = honesty::Rule::of(label).map_or("", honesty::Rule::id);
        let row = rows.entry(rule).or_default();
        row[2] += usize::from(hit);
        row[3] += usize::from(stop);
        row[4] += 1;
        if blocks(label) {
            hits = (hits.0 + usize::from(hit), hits.1 + 1);
            named += usize::from(stop);
            blocked += usize::from(all.iter().any(|(_, severity, _)| *severity == Severity::Blocks));
        }
        if !hit && tell {
            let (label, subject, body) = (&sample.label, &sample.subject, sample.body.trim());
            let _ = writeln!(report, "  missed {label}: {subject} / {body}");
        }
    }
    let _ = writeln!(
        report,
        "{language:?}, {set:?}: of {} honest messages {} stopped and {remarked} remarked on; of {} dark ones {} told as \
         what they are, {named} stopped as what they are, {blocked} stopped\n  {:<26} {:>16} {:>16} {:>12} {:>15}",
        stopped.1, stopped.0, hits.1, hits.0, "rule", "honest: stopped", "remarked", "dark: told", "stopped"
    );
    for rule in honesty::Rule::ALL {
        let [stops, remarks, told, stop, all] = rows.get(rule.id()).copied().unwrap_or_default();
        let (told, stop) = (format!("{told}/{all}"), format!("{stop}/{all}"));
        let _ = writeln!(
            report,
            "  {:<26} {stops:>16} {remarks:>16} {told:>12} {stop:>15}",
            rule.id()
        );
    }
    Figures {
        stopped,
        remarked,
        found: hits,
        named,
        blocked,
        report,
    }
}
