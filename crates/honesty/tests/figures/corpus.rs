//! The corpora as they lie in the repository, and the figures reckoned from them.

use honesty::{Bound, Head, Kind, Severity, Source, lint, read};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use vocabulary::{Channel, Language};

/// A message of a corpus.
pub struct Sample {
    pub label: String,
    pub subject: String,
    pub body: String,
    /// Looked at only for the printed figure.
    pub held_out: bool,
}

/// Which messages: those written with the words, or those written apart from them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Set {
    /// A third is held out.
    First,
    /// Half is held out, of the honest messages too.
    Fresh,
}

/// `== label`, `S: subject`, body.
pub fn samples(text: &str, set: Set) -> Vec<Sample> {
    let mut all: Vec<Sample> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(label) = line.strip_prefix("== ") {
            all.push(Sample {
                label: label.trim().to_owned(),
                subject: String::new(),
                body: String::new(),
                held_out: false,
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
    for sample in &mut all {
        let bytes = sample.subject.bytes().chain(sample.body.bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        sample.held_out = (hash >> 32).is_multiple_of(match set {
            Set::First => 3,
            Set::Fresh => 2,
        });
    }
    all
}

/// The blocking and the advising rules that are found.
pub fn found(language: Language, sample: &Sample) -> Vec<(&'static str, Severity, String)> {
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
    lint(&read(&head, Some(&sample.subject), body))
        .into_iter()
        .map(|finding| (finding.rule.id(), finding.severity(), finding.words))
        .collect()
}

/// What is measured of a language.
pub struct Figures {
    /// Honest messages that a blocking rule stops, and all.
    pub stopped: (usize, usize),
    /// The same of the held-out ones alone, where there are such.
    pub stopped_held_out: (usize, usize),
    /// Found and all, of blocking rules: the part that was tuned on, and the held-out part.
    pub tuned: (usize, usize),
    pub held_out: (usize, usize),
    pub report: String,
}

pub fn figures(language: Language, set: Set) -> Figures {
    let (honest, dark) = match (language, set) {
        (Language::Fr, Set::First) => (
            include_str!("../../corpus/fr/honest.txt"),
            include_str!("../../corpus/fr/dark.txt"),
        ),
        (Language::En, Set::First) => (
            include_str!("../../corpus/en/honest.txt"),
            include_str!("../../corpus/en/dark.txt"),
        ),
        (Language::Fr, Set::Fresh) => (
            include_str!("../../corpus/fr/fresh_honest.txt"),
            include_str!("../../corpus/fr/fresh_dark.txt"),
        ),
        (Language::En, Set::Fresh) => (
            include_str!("../../corpus/en/fresh_honest.txt"),
            include_str!("../../corpus/en/fresh_dark.txt"),
        ),
    };
    let (honest, dark) = (samples(honest, set), samples(dark, set));
    let mut report = String::new();
    let mut wrong: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut stopped, mut stopped_held_out) = ((0, 0), (0, 0));
    for sample in &honest {
        let all = found(language, sample);
        let blocked = usize::from(all.iter().any(|(_, severity, _)| *severity == Severity::Blocks));
        let hidden = set == Set::Fresh && sample.held_out;
        stopped = (stopped.0 + blocked, stopped.1 + 1);
        if hidden {
            stopped_held_out = (stopped_held_out.0 + blocked, stopped_held_out.1 + 1);
        }
        for (rule, severity, words) in all {
            *wrong.entry(rule).or_default() += 1;
            let shown = severity == Severity::Blocks && !hidden;
            if shown || (!hidden && std::env::var_os("FIGURES_ALL").is_some()) {
                let _ = writeln!(report, "  false {rule}: {} / {words}", sample.subject);
            }
        }
    }
    let mut recall: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    let (mut tuned, mut held_out) = ((0, 0), (0, 0));
    for sample in &dark {
        let label = sample.label.split(' ').next().unwrap_or_default();
        let hit = found(language, sample).iter().any(|(rule, _, _)| *rule == label);
        let blocks = honesty::Rule::of(label).is_some_and(|rule| rule.severity() == Severity::Blocks);
        let row = recall.entry(label).or_default();
        let (part, at) = if sample.held_out {
            (&mut held_out, 2)
        } else {
            (&mut tuned, 0)
        };
        row[at] += usize::from(hit);
        row[at + 1] += 1;
        if blocks {
            part.0 += usize::from(hit);
            part.1 += 1;
        }
        // The held-out part is counted, never shown.
        if !hit && !sample.held_out && std::env::var_os("FIGURES_ALL").is_some() {
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
        "{language:?}, {set:?}: {} of {} honest messages stopped by a blocking rule ({} of {} held out); {} dark patterns",
        stopped.0,
        stopped.1,
        stopped_held_out.0,
        stopped_held_out.1,
        dark.len()
    );
    let _ = writeln!(
        report,
        "  {:<26} {:>15} {:>9} {:>9}",
        "rule", "false positives", "tuned", "held out"
    );
    for rule in honesty::Rule::ALL {
        let row = recall.get(rule.id()).copied().unwrap_or_default();
        let wrong = wrong.get(rule.id()).copied().unwrap_or_default();
        let _ = writeln!(
            report,
            "  {:<26} {wrong:>15} {:>9} {:>9}",
            rule.id(),
            format!("{}/{}", row[0], row[1]),
            format!("{}/{}", row[2], row[3])
        );
    }
    let _ = writeln!(
        report,
        "  blocking rules: recall {}/{} tuned, {}/{} held out",
        tuned.0, tuned.1, held_out.0, held_out.1
    );
    Figures {
        stopped,
        stopped_held_out,
        tuned,
        held_out,
        report,
    }
}
