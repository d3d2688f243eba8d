//! The page of journeys and that of one: the drawing, and the same as a table.

use super::{Counts, Frame, Shell, figure, moment};
use crate::automation::figures::Figure;
use crate::words::{Put, Words};
use ::program::drawing::{self, table};
use ::program::journey::State;
use ::program::{Dictionary, Journey, Program};
use askama::Template;
use vocabulary::{Moment, PurposeName};

#[derive(Template)]
#[template(path = "team_journeys.html")]
struct ListPage<'a> {
    shell: Shell<'a>,
    none: bool,
    too_large: bool,
    journeys: Vec<(String, &'a str, String, String)>,
}

/// The journeys; whether for somebody they come to more than is kept of a person.
pub fn journeys(
    frame: &Frame<'_>,
    program: Option<&Program>,
    too_large: bool,
) -> Result<String, askama::Error> {
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
        too_large,
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
    flow: String,
    since: Option<String>,
    spans: [(String, String, bool); 2],
    flows: Vec<(String, String)>,
}

struct RowView {
    id: String,
    says: String,
    ways: Vec<String>,
    people: String,
}

/// How often what happened in a journey lately, as far as the team may know.
pub struct Flow<'a> {
    /// Over how many days, today included: 7 or 30.
    pub days: u32,
    /// Since when the journey is as it is: nothing from before is counted.
    pub since: Option<Moment>,
    /// By the keys of `program::drawing`.
    pub of: &'a dyn Fn(&str) -> Option<Figure>,
}

/// One journey.
pub fn journey(
    frame: &Frame<'_>,
    journey: &Journey,
    titles: &Dictionary,
    counts: &Counts<'_>,
    flow: &Flow<'_>,
) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let (words, language) = (shell.words, frame.language);
    let known: Vec<&str> = journey.steps.iter().map(|step| step.id.as_str()).collect();
    let text = |key: &str| {
        // At a step people stand; on a way they passed.
        let figure = match known.contains(&key) {
            true => (counts.of)(key),
            false => (flow.of)(key),
        };
        figure.and_then(short(words))
    };
    let passed = |key: &str| times(words, (flow.of)(key));
    let rows = table::steps(journey, titles, language)
        .into_iter()
        .map(|row| RowView {
            people: figure(words, (counts.of)(&row.id)),
            ways: row
                .ways
                .iter()
                .enumerate()
                .map(|(number, (when, to))| {
                    let way = way(words, when, to.as_deref());
                    let count = passed(&drawing::way(&row.id, number));
                    words.with(
                        "team-way-passed",
                        &[("way", Put::Text(&way)), ("times", Put::Text(&count))],
                    )
                })
                .collect(),
            says: row.says,
            id: row.id,
        });
    let purpose = purpose(words, journey.purpose);
    let mut flows = vec![
        (words.say("team-flow-entered"), passed(drawing::ENTERED)),
        (words.say("team-flow-left"), passed(drawing::LEFT)),
    ];
    if journey.holdout > 0 {
        flows.push((words.say("team-flow-held-out"), passed(drawing::HELD_OUT)));
    }
    if journey.goal.is_some() {
        flows.push((words.say("team-flow-goal"), passed(drawing::GOAL)));
        if journey.holdout > 0 {
            flows.push((
                words.say("team-flow-goal-held-out"),
                passed(drawing::GOAL_HELD_OUT),
            ));
        }
    }
    if journey.leave_when.is_some() {
        flows.push((words.say("team-flow-leave-when"), passed(drawing::LEAVE_WHEN)));
    }
    Page {
        flow: words.counted("team-flow-days", u64::from(flow.days)),
        since: flow
            .since
            .map(|since| words.with("team-flow-since", &[("when", Put::Text(&moment(words, since)))])),
        spans: [7, 30].map(|days| {
            let address = format!(
                "{}/journeys/{}?lang={}&days={days}",
                shell.base, journey.name, shell.tag
            );
            (
                address,
                words.counted("group-days", u64::from(days)),
                days == flow.days,
            )
        }),
        flows,
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
        drawing: drawing::journey(journey, titles, &text, language),
        entry: table::entry(journey, titles, language),
        rows: rows.collect(),
        shell,
    }
    .render()
}

/// How often, as far as it is told.
fn times(words: Words, figure: Option<Figure>) -> String {
    match figure {
        Some(Figure {
            about: Some(about), ..
        }) => words.counted("team-times-about", about),
        Some(Figure {
            fewer_than: Some(few),
            ..
        }) => words.counted("team-times-fewer", few),
        _ => words.say("team-not-counted"),
    }
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
