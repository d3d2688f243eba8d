//! The charter as a table that people read and reviewers compare: `charter/decisions.txt`. Rows for the
//! questions that tell most, totals and a digest for all of them.
//!
//! Deliberately does not know: Cedar. It asks the charter as everybody does.

use super::{Answer, Charter, Question, Requester};
use std::fmt::Write as _;
use vocabulary::{AgeBracket, ConsentState, Digest, PurposeName, Signals};

const HEAD: &str = "\
# What the charter answers. Written by a test from the policies beside it and compared with them at every
# run; not edited by hand.
#
# For each purpose two sets of rows: first consent x restriction x age x GPC signal, for an identified
# person who did not object, ordinary data and a source that is not for children; then what the first set
# keeps still, without consent and with it, no restriction and no signal. A dash is a no. The totals and
# the digest below are over all questions there are, so that a change shows even where there is no row.
";

/// The table of this charter, about 1,600 lines.
pub fn render(charter: &Charter) -> String {
    let mut out = String::from(HEAD);
    // Writing to a string cannot fail.
    let _ = write(charter, &mut out);
    out
}

fn write(charter: &Charter, out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n## Totals\n")?;
    let mut lines = String::new();
    for purpose in PurposeName::ALL {
        let (mut yes, mut asked) = (0, 0);
        for question in Question::all().filter(|question| question.purpose == purpose) {
            let answer = charter.answer(&question);
            writeln!(lines, "{} {}", verdict(&answer), because(&answer))?;
            asked += 1;
            yes += usize::from(answer.allowed);
        }
        writeln!(
            out,
            "{:<14} {yes:>5} of {asked} questions allowed",
            purpose.as_str()
        )?;
    }
    writeln!(
        out,
        "{:<14} sha256 {}",
        "every answer",
        Digest::of(lines.as_bytes())
    )?;
    for purpose in PurposeName::ALL {
        write_by_consent(charter, purpose, out)?;
        write_by_circumstance(charter, purpose, out)?;
    }
    Ok(())
}

fn write_by_consent(charter: &Charter, purpose: PurposeName, out: &mut String) -> std::fmt::Result {
    let base = base(purpose);
    writeln!(
        out,
        "\n## {purpose}, asked by the {}: by consent, restriction, age, signal\n",
        base.requester.as_str()
    )?;
    writeln!(
        out,
        "{:<24} {:<11} {:<8} {:<4} {:<7} because",
        "consent", "restricted", "age", "gpc", "answer"
    )?;
    for consent in ConsentState::ALL {
        for restricted in [false, true] {
            for age in AgeBracket::ALL {
                for gpc in [false, true] {
                    let signals = Signals { gpc, ..base.signals };
                    let answer = charter.answer(&Question {
                        consent,
                        restricted,
                        age,
                        signals,
                        ..base
                    });
                    writeln!(
                        out,
                        "{:<24} {:<11} {:<8} {:<4} {:<7} {}",
                        consent.as_str(),
                        said(restricted, "restricted"),
                        age.as_str(),
                        said(gpc, "gpc"),
                        verdict(&answer),
                        because(&answer)
                    )?;
                }
            }
        }
    }
    Ok(())
}

fn write_by_circumstance(charter: &Charter, purpose: PurposeName, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "\n## {purpose}: by consent, who asks, who it is, objection, data, age, source\n"
    )?;
    writeln!(
        out,
        "{:<15} {:<7} {:<11} {:<9} {:<9} {:<8} {:<13} {:<7} because",
        "consent", "asks", "identified", "objected", "data", "age", "source", "answer"
    )?;
    let rows = Question::all().filter(|question| {
        question.purpose == purpose
            && [ConsentState::Unknown, ConsentState::Given].contains(&question.consent)
            && !question.restricted
            && !question.signals.gpc
    });
    for question in rows {
        let answer = charter.answer(&question);
        writeln!(
            out,
            "{:<15} {:<7} {:<11} {:<9} {:<9} {:<8} {:<13} {:<7} {}",
            question.consent.as_str(),
            question.requester.as_str(),
            said(question.identified, "identified"),
            said(question.objected, "objected"),
            if question.special { "special" } else { "ordinary" },
            question.age.as_str(),
            if question.signals.child_directed {
                "for children"
            } else {
                "general"
            },
            verdict(&answer),
            because(&answer)
        )?;
    }
    Ok(())
}

/// The question that the rows vary: the usual one for that purpose.
fn base(purpose: PurposeName) -> Question {
    Question {
        purpose,
        consent: ConsentState::Given,
        identified: true,
        restricted: false,
        objected: false,
        age: AgeBracket::Unknown,
        signals: Signals::default(),
        special: false,
        requester: match purpose {
            PurposeName::ShowOwnData => Requester::Person,
            _ => Requester::System,
        },
    }
}

fn said(is: bool, word: &'static str) -> &'static str {
    if is { word } else { "-" }
}

fn verdict(answer: &Answer) -> &'static str {
    if answer.allowed { "allow" } else { "deny" }
}

fn because(answer: &Answer) -> String {
    answer
        .policies
        .iter()
        .map(|id| id.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
