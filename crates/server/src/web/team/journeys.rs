//! The page of journeys and that of one: the drawing, and the same as a table.

use super::{Counts, Frame, Shell, figure, moment};
use crate::automation::figures::Figure;
use crate::words::{Put, Words};
use ::program::drawing::{self, table};
use ::program::journey::State;
use ::program::{Journey, Program};
use askama::Template;
use vocabulary::PurposeName;

#[derive(Template)]
#[template(path = "team_journeys.html")]
struct ListPage<'a> {
    shell: Shell<'a>,
    none: bool,
    journeys: Vec<(String, &'a str, String, String)>,
}

/// The journeys.
pub fn journeys(frame: &Frame<'_>, program: Option<&Program>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let row = |journey: &'_ Journey| {
        let address = format!("{}/journeys/{}?lang={}", shell.base, journey.name, shell.tag);
        (
            address,
            journey.name.clone(),
            state(words, journey.state),
            steps(words, journey),
        )
    };
    let rows: Vec<_> = program
        .iter()
        .flat_map(|program| program.journeys.values())
        .map(row)
        .collect();
    ListPage {
        none: program.is_none(),
        journeys: program
            .iter()
            .flat_map(|program| program.journeys.values())
            .zip(rows)
            .map(|(journey, (address, _, state, steps))| {
                (address, journey.title.of(words.language()), state, steps)
            })
            .collect(),
        shell,
    }
    .render()
}

#[derive(Template)]
#[template(path = "team_journey.html")]
struct Page<'a> {
    shell: Shell<'a>,
    back: String,
    title: &'a str,
    name: &'a str,
    state: String,
    purpose: String,
    counted: String,
    drawing: String,
    entry: String,
    rows: Vec<RowView>,
}

struct RowView {
    id: String,
    says: String,
    ways: Vec<String>,
    people: String,
}

/// One journey.
pub fn journey(frame: &Frame<'_>, journey: &Journey, counts: &Counts<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let (words, language) = (shell.words, frame.language);
    let known: Vec<&str> = journey.steps.iter().map(|step| step.id.as_str()).collect();
    let text = |key: &str| {
        // Of ways nothing is counted; of steps only what was.
        let there = known.contains(&key) || key == drawing::HELD_OUT;
        there.then(|| (counts.of)(key)).flatten().and_then(short(words))
    };
    let rows = table::steps(journey, language).into_iter().map(|row| RowView {
        people: figure(words, (counts.of)(&row.id)),
        ways: row
            .ways
            .iter()
            .map(|(when, to)| way(words, when, to.as_deref()))
            .collect(),
        says: row.says,
        id: row.id,
    });
    let purpose = purpose(words, journey.purpose);
    Page {
        back: format!("{}/journeys?lang={}", shell.base, shell.tag),
        title: journey.title.of(language),
        name: journey.name.as_str(),
        state: state(words, journey.state),
        purpose: words.with("team-journey-purpose", &[("purpose", Put::Text(&purpose))]),
        counted: match counts.at {
            Some(at) => words.with(
                "team-counted-at",
                &[("when", Put::Text(moment(words, at).as_str()))],
            ),
            None => words.say("team-counted-never"),
        },
        // Escaped by whoever draws it.
        drawing: drawing::journey(journey, &text, language),
        entry: table::entry(journey, language),
        rows: rows.collect(),
        shell,
    }
    .render()
}

/// A figure as short as a picture needs it.
fn short(words: Words) -> impl Fn(Figure) -> Option<String> {
    move |figure| match (figure.about, figure.fewer_than) {
        (Some(about), _) => Some(format!("≈\u{a0}{}", words.count(about))),
        (None, Some(few)) => Some(format!("<\u{a0}{}", words.count(few))),
        (None, None) => None,
    }
}

fn way(words: Words, when: &str, to: Option<&str>) -> String {
    let places = [
        ("when", Put::Text(when)),
        ("to", Put::Text(to.unwrap_or_default())),
    ];
    match (when.is_empty(), to) {
        (true, Some(_)) => words.with("team-way", &places),
        (false, Some(_)) => words.with("team-way-when", &places),
        (true, None) => words.say("team-way-out"),
        (false, None) => words.with("team-way-when-out", &places),
    }
}

fn state(words: Words, state: State) -> String {
    words.say(match state {
        State::Running => "team-state-running",
        State::Paused => "team-state-paused",
        State::Closing => "team-state-closing",
    })
}

fn steps(words: Words, journey: &Journey) -> String {
    words.counted("team-count-steps", journey.steps.len() as u64)
}

/// The stable word: the team reads it in its files too.
fn purpose(_: Words, purpose: PurposeName) -> String {
    purpose.as_str().to_owned()
}
