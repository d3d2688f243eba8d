//! The charter as a table that people read and reviewers compare: `charter/decisions.txt`. Rows for the
//! questions that tell most, totals and a digest for all of them.
//!
//! Deliberately does not know: Cedar. It asks the charter as everybody does.

use super::{Answer, Charter, Fact, Question, Requester};
use std::fmt::Write as _;
use vocabulary::{AgeBracket, ConsentState, Digest, PurposeName, Signals};

const HEAD: &str = "\
# What the charter answers. Written by a test from the policies beside it and compared with them at every
# run; not edited by hand.
#
# For each purpose: the facts that an answer can depend on, then the answer to the usual question, to that
# question with one fact changed, and with two changed. The totals and the digest below are over all questions
# that can have an answer of their own, so that a change shows even where there is no row.
";

/// The table of this charter, about 1,200 lines.
pub fn render(charter: &Charter) -> String {
    let mut out = String::from(HEAD);
    // Writing to a string cannot fail.
    let _ = write(charter, &mut out);
    out
}

fn write(charter: &Charter, out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n## Totals\n")?;
    let mut lines = String::new();
    let (mut yes, mut asked) = ([0; PurposeName::ALL.len()], [0; PurposeName::ALL.len()]);
    for question in charter.distinct() {
        let answer = charter.answer(&question);
        writeln!(lines, "{} {}", verdict(&answer), because(&answer))?;
        let at = question.purpose as usize;
        for (count, one) in [(&mut asked, true), (&mut yes, answer.allowed)] {
            if let Some(count) = count.get_mut(at) {
                *count += usize::from(one);
            }
        }
    }
    for (purpose, (yes, asked)) in PurposeName::ALL.into_iter().zip(yes.iter().zip(asked)) {
        writeln!(
            out,
            "{:<21} {yes:>4} of {asked:>4} questions allowed",
            purpose.as_str()
        )?;
    }
    writeln!(
        out,
        "{:<21} sha256 {}",
        "every answer",
        Digest::of(lines.as_bytes())
    )?;
    for purpose in PurposeName::ALL {
        write_purpose(charter, purpose, out)?;
    }
    Ok(())
}

fn write_purpose(charter: &Charter, purpose: PurposeName, out: &mut String) -> std::fmt::Result {
    let facts: Vec<Fact> = charter.facts(purpose).collect();
    let named: Vec<&str> = facts.iter().map(|fact| fact.as_str()).collect();
    writeln!(out, "\n## {purpose}: by {}\n", named.join(", "))?;
    let usual = usual(purpose);
    let mut row = |question: &Question, differs: &str| {
        let answer = charter.answer(question);
        writeln!(out, "{differs:<52} {:<6} {}", verdict(&answer), because(&answer))
    };
    row(&usual, "as usual")?;
    for fact in &facts {
        for one in others(&usual, *fact) {
            row(&one, &said(&one, *fact))?;
        }
    }
    for (at, first) in facts.iter().enumerate() {
        for second in facts.iter().skip(at + 1) {
            for one in others(&usual, *first).filter(tells) {
                for two in others(&one, *second).filter(tells) {
                    row(&two, &format!("{}, {}", said(&two, *first), said(&two, *second)))?;
                }
            }
        }
    }
    Ok(())
}

/// The question with every other value of one fact.
fn others(question: &Question, fact: Fact) -> impl Iterator<Item = Question> {
    let question = *question;
    (0..fact.values())
        .filter(move |value| *value != question.value(fact))
        .map(move |value| question.with(fact, value))
}

/// In pairs three states of consent stand for all: no answer, yes, no.
fn tells(question: &Question) -> bool {
    [ConsentState::Unknown, ConsentState::Given, ConsentState::Refused].contains(&question.consent)
}

/// The question that the rows vary: a customer of age who agreed.
fn usual(purpose: PurposeName) -> Question {
    Question {
        consent: ConsentState::Given,
        identified: true,
        age: AgeBracket::Adult,
        signals: Signals::default(),
        requester: match purpose {
            PurposeName::ShowOwnData => Requester::Person,
            _ => Requester::System,
        },
        ..Question::plain(purpose)
    }
}

/// The value of one fact in words.
fn said(question: &Question, fact: Fact) -> String {
    match fact {
        Fact::Consent => question.consent.as_str().to_owned(),
        Fact::Requester => format!("asked by {}", question.requester.as_str()),
        Fact::Age => format!("age {}", question.age.as_str()),
        flag if question.value(flag) == 1 => flag.as_str().to_owned(),
        flag => format!("not {}", flag.as_str()),
    }
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
