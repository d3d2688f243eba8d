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
    /// Those written afterwards, measured once before anything was looked at.
    HeldOut,
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

/// What is measured of a language.
pub struct Figures {
    /// Honest messages that a blocking rule stops, and all.
    pub stopped: (usize, usize),
    /// Dark patterns of blocking rules that are found as what they are, and all.
    pub found: (usize, usize),
    /// Those that some blocking rule stops, and all.
    pub blocked: (usize, usize),
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
        (Language::Fr, Set::HeldOut) => (corpus!("fr/held_out_honest"), corpus!("fr/held_out_dark")),
        (Language::En, Set::HeldOut) => (corpus!("en/held_out_honest"), corpus!("en/held_out_dark")),
    }
}

/// `FIGURES_ALL` tells of the development set what is missed and what is stopped wrongly. Of the held-out set it
/// is never told: whoever reads it has no held-out set any more.
pub fn figures(language: Language, set: Set) -> Figures {
    let (honest, dark) = texts(language, set);
    let (honest, dark) = (samples(honest), samples(dark));
    let tell = set != Set::HeldOut && std::env::var_os("FIGURES_ALL").is_some();
    let mut report = String::new();
    let mut wrong: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut stopped, mut hits, mut blocked) = ((0, honest.len()), (0, 0), (0, 0));
    for sample in &honest {
        let all = found(language, sample);
        stopped.0 += usize::from(all.iter().any(|(_, severity, _)| *severity == Severity::Blocks));
        for (rule, severity, words) in all {
            *wrong.entry(rule).or_default() += 1;
            if tell && severity == Severity::Blocks {
                let _ = writeln!(report, "  false {rule}: {} / {words}", sample.subject);
            }
        }
    }
    let mut recall: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for sample in &dark {
        let label = sample.label.split(' ').next().unwrap_or_default();
        let all = found(language, sample);
        let hit = all.iter().any(|(rule, _, _)| *rule == label);
        let row = recall.entry(label).or_default();
        *row = (row.0 + usize::from(hit), row.1 + 1);
        if honesty::Rule::of(label).is_some_and(|rule| rule.severity() == Severity::Blocks) {
            hits = (hits.0 + usize::from(hit), hits.1 + 1);
            let any = all.iter().any(|(_, severity, _)| *severity == Severity::Blocks);
            blocked = (blocked.0 + usize::from(any), blocked.1 + 1);
        }
        if !hit && tell {
            let _ = writeln!(
                report,
                "  missed {}: {} / {}",
                sample.label,
                sample.subject,
                sample.body.trim()
            );
        }
    }
    let _ = writeln!(
        report,
        "{language:?}, {set:?}: {} of {} honest messages stopped by a blocking rule; {} dark patterns",
        stopped.0,
        stopped.1,
        dark.len()
    );
    let _ = writeln!(
        report,
        "  {:<26} {:>15} {:>9}",
        "rule", "false positives", "recall"
    );
    for rule in honesty::Rule::ALL {
        let row = recall.get(rule.id()).copied().unwrap_or_default();
        let wrong = wrong.get(rule.id()).copied().unwrap_or_default();
        let _ = writeln!(
            report,
            "  {:<26} {wrong:>15} {:>9}",
            rule.id(),
            format!("{}/{}", row.0, row.1)
        );
    }
    let _ = writeln!(
        report,
        "  blocking rules: found as what it is {}/{}, stopped by some rule {}/{}",
        hits.0, hits.1, blocked.0, blocked.1
    );
    Figures {
        stopped,
        found: hits,
        blocked,
        report,
    }
}
