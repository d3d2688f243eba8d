//! The figures of rights in sentences: what is told, and that something is not.

use super::names;
use crate::words::{Put, Words};
use decide::register::figures::{Figures, Outcome};
use decide::register::small::{Count, LEAST, Part};

/// A quarter.
pub(super) struct QuarterView {
    pub(super) name: String,
    pub(super) days: String,
    /// Rights that are told: name, article, sentence.
    pub(super) told: Vec<(String, &'static str, String)>,
    /// The rest, in one sentence.
    pub(super) few: Option<String>,
    /// Sentences about all of them.
    pub(super) all: Vec<String>,
}

pub(super) fn quarter(words: Words, figures: &Figures) -> QuarterView {
    let mut told = Vec::new();
    let mut few = Vec::new();
    for row in &figures.rights {
        let name = names::right(words, row.right);
        match row.received {
            Count::Exactly(count) => {
                let received = words.counted("register-received", count);
                let sentence = match &row.outcome {
                    Some(of) => format!("{received}; {}.", outcome(words, of)),
                    None => format!("{received}."),
                };
                told.push((name, row.article, narrowed(words, &sentence)));
            }
            Count::Few => few.push(name),
        }
    }
    let mut all = Vec::new();
    all.push(match figures.total {
        Some(count) => words.counted("register-total", count),
        None => words.say("register-total-hidden"),
    });
    if let Some(of) = &figures.outcome {
        let sentence = format!("{}: {}.", words.say("register-outcome-all"), outcome(words, of));
        all.push(narrowed(words, &sentence));
    }
    if !figures.answered {
        let day = names::day(words, &figures.answered_from);
        all.push(words.with("register-answers-from", &[("day", Put::Text(&day))]));
    }
    match figures.erased {
        Some(Count::Exactly(count)) => all.push(words.counted("register-erased", count)),
        Some(Count::Few) => all.push(words.with("register-erased-few", &[("least", Put::Count(LEAST))])),
        None => {}
    }
    let places = [
        ("from", names::day(words, &figures.from)),
        ("to", names::day(words, &figures.to)),
    ];
    let places = places.each_ref().map(|(name, text)| (*name, Put::Text(text)));
    QuarterView {
        name: figures.quarter.clone(),
        days: words.with("register-from-to", &places),
        told,
        few: (!few.is_empty()).then(|| {
            let rights = words.list(&few);
            let places = [("least", Put::Count(LEAST)), ("rights", Put::Text(&rights))];
            words.with("register-received-few", &places)
        }),
        all,
    }
}

fn outcome(words: Words, outcome: &Outcome) -> String {
    let late = match outcome.late {
        Part::None => words.say("register-late-none"),
        Part::Few => words.with("register-late-few", &[("least", Put::Count(LEAST))]),
        Part::Some => words.say("register-late-some"),
        Part::Exactly(count) => words.counted("register-late-count", count),
        Part::Most => words.say("register-late-most"),
        Part::All => words.say("register-late-all"),
    };
    let parts = [
        words.counted("register-half", outcome.median_days),
        words.counted("register-worst", outcome.worst_days),
        late,
    ];
    words.list(&parts)
}

/// French sets a narrow space before these marks where sentences are joined.
fn narrowed(words: Words, sentence: &str) -> String {
    match words.language() {
        vocabulary::Language::En => sentence.to_owned(),
        vocabulary::Language::Fr => sentence
            .replace("; ", "\u{202f}; ")
            .replace("\u{202f}\u{202f}", "\u{202f}")
            .replace(": ", "\u{202f}: ")
            .replace("\u{202f}\u{202f}", "\u{202f}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use decide::register::figures::OfRight;
    use decide::rights::Right;
    use vocabulary::Language;

    fn row(right: Right, received: Count, outcome: Option<Outcome>) -> OfRight {
        OfRight {
            right,
            article: right.article(),
            received,
            outcome,
        }
    }

    #[test]
    fn a_quarter_is_told_in_sentences_and_what_is_not_told_is_said() {
        let figures = Figures {
            quarter: "2026-Q4".to_owned(),
            from: "2026-10-01".to_owned(),
            to: "2026-12-31".to_owned(),
            answered: true,
            answered_from: "2027-04-01".to_owned(),
            rights: vec![
                row(
                    Right::Access,
                    Count::Exactly(12),
                    Some(Outcome {
                        median_days: 1,
                        worst_days: 40,
                        late: Part::Few,
                    }),
                ),
                row(Right::Erasure, Count::Few, None),
                row(Right::Objection, Count::Few, None),
            ],
            total: None,
            outcome: None,
            erased: Some(Count::Few),
        };
        let english = quarter(Words::of(Language::En), &figures);
        assert_eq!(
            english.told,
            [(
                "Access".to_owned(),
                "15",
                "12 received; half of them answered within 1 day, all within 40 days, late: at least one, fewer than 5."
                    .to_owned()
            )]
        );
        assert_eq!(
            english.few.unwrap(),
            "Fewer than 5 received of each: Erasure, Objection."
        );
        assert_eq!(
            english.all[0],
            "The sum is not told: it would give a small number away."
        );
        assert_eq!(english.all[1], "Fewer than 5 histories erased.");
        assert_eq!(english.days, "from 1\u{a0}October 2026 to 31\u{a0}December 2026");
        let french = quarter(Words::of(Language::Fr), &figures);
        assert_eq!(
            french.told[0].2,
            "12 reçues\u{202f}; la moitié répondue en 1 jour, toutes en 40 jours, en retard\u{202f}: au moins une, \
             moins de 5."
        );
        assert!(
            french
                .few
                .unwrap()
                .starts_with("Moins de 5 reçues pour chacun\u{202f}: Effacement")
        );
    }
}
