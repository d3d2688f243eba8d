//! What one simulation came to, drawn and as tables.
//!
//! Deliberately does not know: how people are simulated.

mod refusals;

use super::chart::{self, Labels};
use super::{Frame, Shell, moment};
use crate::automation::simulated::{Journey, Message, Segment, Simulated};
use crate::words::{Put, Words};
use ::program::Program;
use ::program::words::Name;
use askama::Template;
use vocabulary::{Digest, Moment};

/// More days than these are told week by week.
const DAYS: usize = 45;
/// Messages in a week that are told each by itself.
const WEEKLY: u32 = 12;

/// A simulation and whose it is.
pub struct Simulation<'a> {
    /// When it was handed in.
    pub at: Moment,
    /// Of which program.
    pub digest: Digest,
    /// The program, if it can still be read.
    pub program: Option<&'a Program>,
    /// The figures.
    pub simulated: &'a Simulated,
}

#[derive(Template)]
#[template(path = "team_simulation.html")]
struct Page<'a> {
    shell: Shell<'a>,
    back: String,
    digest: String,
    facts: Vec<(String, String)>,
    parts: Vec<Part>,
}

/// A section of charts.
struct Part {
    id: &'static str,
    title: String,
    words: String,
    each: Vec<One>,
}

/// What one thing came to.
struct One {
    title: String,
    facts: Vec<(String, String)>,
    charts: Vec<Chart>,
}

struct Chart {
    title: String,
    svg: String,
    head: (String, String),
    rows: Vec<(String, String)>,
}

/// One simulation.
pub fn simulation(frame: &Frame<'_>, simulation: &Simulation<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let all = simulation.simulated;
    let begins: Option<jiff::Timestamp> = all.begins.parse().ok();
    let begins = begins.map_or_else(String::new, |at| words.day(Moment(at.as_millisecond()).day()));
    let fact = |key: &str, value: String| (words.say(key), value);
    let facts = vec![
        fact("team-sim-people", words.count(all.people)),
        fact("team-sim-permitting", words.count(all.permitting)),
        fact("team-sim-withdrawals", words.count(all.withdrawals)),
        fact("team-sim-days", words.count(u64::from(all.days))),
        fact("team-sim-begins", begins),
        fact("team-sim-seed", all.seed.to_string()),
        fact("team-sim-handed-in", moment(words, simulation.at)),
    ];
    let titled = |name: &str, found: Option<&::program::words::Words>| {
        found.map_or_else(|| name.to_owned(), |title| title.of(words.language()).to_owned())
    };
    let part = |id, title: &str, under: &str, each| Part {
        id,
        title: words.say(title),
        words: words.say(under),
        each,
    };
    let program = simulation.program;
    let messages = all.messages.iter().enumerate().map(|(place, (name, one))| {
        let known = program.and_then(|program| program.messages.get(&Name::from(name.as_str())));
        message(
            words,
            place,
            titled(name, known.map(|one| &one.title)),
            one,
            all.days,
        )
    });
    let journeys = all.journeys.iter().enumerate().map(|(place, (name, one))| {
        let known = program.and_then(|program| program.journeys.get(&Name::from(name.as_str())));
        journey(words, place, titled(name, known.map(|one| &one.title)), one)
    });
    let segments = all.segments.iter().enumerate().map(|(place, (name, one))| {
        let known = program.and_then(|program| program.segments.get(&Name::from(name.as_str())));
        segment(words, place, titled(name, known.map(|one| &one.title)), one)
    });
    Page {
        back: format!("{}/simulations?lang={}", shell.base, shell.tag),
        digest: simulation.digest.to_string(),
        facts,
        parts: vec![
            part(
                "messages",
                "team-sim-messages",
                "team-sim-messages-words",
                messages.collect(),
            ),
            part(
                "load",
                "team-sim-load",
                "team-sim-load-words",
                vec![load(words, all)],
            ),
            part(
                "refused",
                "team-sim-refused",
                "team-sim-refused-words",
                vec![refusals::of(words, all)],
            ),
            part(
                "journeys",
                "team-sim-journeys",
                "team-sim-journeys-words",
                journeys.collect(),
            ),
            part(
                "segments",
                "team-sim-segments",
                "team-sim-segments-words",
                segments.collect(),
            ),
        ],
        shell,
    }
    .render()
}

fn message(words: Words, place: usize, title: String, one: &Message, days: u32) -> One {
    let most = one.sent_by_day.iter().copied().max().unwrap_or_default();
    let a_day = one.sent as f64 / f64::from(days.max(1));
    let values: Vec<i64> = one.sent_by_day.iter().map(|sent| signed(*sent)).collect();
    let chart = over_days(
        words,
        &format!("m{place}"),
        "team-sim-sent-by-day",
        &title,
        &values,
        Over::Sum,
    );
    One {
        facts: vec![
            (words.say("team-sim-sent"), words.count(one.sent)),
            (words.say("team-sim-a-day"), words.number(a_day, 1)),
            (words.say("team-sim-most"), words.count(most)),
        ],
        title,
        charts: vec![chart],
    }
}

fn journey(words: Words, place: usize, title: String, one: &Journey) -> One {
    let mut facts = vec![
        (words.say("team-sim-entered"), words.count(one.entered)),
        (words.say("team-sim-held-out"), words.count(one.held_out)),
        (words.say("team-sim-goals"), words.count(one.goals)),
        (
            words.say("team-sim-goals-held-out"),
            words.count(one.goals_held_out),
        ),
        (words.say("team-sim-contacted"), words.count(one.contacted)),
    ];
    for (key, minutes) in [
        ("team-sim-first-median", one.first_contact_median),
        ("team-sim-first-p90", one.first_contact_p90),
    ] {
        if let Some(minutes) = minutes {
            facts.push((words.say(key), span(words, minutes)));
        }
    }
    for (reason, runs) in &one.left {
        facts.push((left(words, reason), words.count(*runs)));
    }
    if one.endless > 0 {
        facts.push((words.say("team-sim-endless"), words.count(one.endless)));
    }
    let mut charts = vec![over_days(
        words,
        &format!("p{place}"),
        "team-sim-present",
        &title,
        &one.present_by_day,
        Over::Last,
    )];
    if one.contacted > 0 {
        charts.push(first_contact(words, &format!("f{place}"), &title, one));
    }
    One { title, facts, charts }
}

fn first_contact(words: Words, id: &str, of: &str, one: &Journey) -> Chart {
    let share = |runs: u64| runs as f64 / one.contacted.max(1) as f64;
    let spans: Vec<String> = one
        .first_contact_within
        .keys()
        .map(|minutes| span(words, i64::from(*minutes)))
        .collect();
    let shares: Vec<f64> = one
        .first_contact_within
        .values()
        .map(|runs| share(*runs))
        .collect();
    let title = words.with("team-sim-first-contact", &[("of", Put::Text(of))]);
    let all = words.share(1.0);
    let labels = Labels {
        id,
        title: &title,
        says: &words.say("team-sim-first-contact-says"),
        top: &all,
        first: spans.first().map_or("", String::as_str),
        last: spans.last().map_or("", String::as_str),
    };
    // Up to everybody, also if the last did not have it within the longest time.
    let drawn: Vec<f64> = shares.iter().map(|share| share.min(1.0)).collect();
    Chart {
        svg: chart::bars(&drawn, &labels),
        head: (words.say("team-sim-within"), words.say("team-sim-share")),
        rows: spans
            .iter()
            .cloned()
            .zip(shares.iter().map(|share| words.share(*share)))
            .collect(),
        title,
    }
}

fn segment(words: Words, place: usize, title: String, one: &Segment) -> One {
    let chart = over_days(
        words,
        &format!("s{place}"),
        "team-sim-size",
        &title,
        &one.by_day,
        Over::Last,
    );
    One {
        facts: vec![
            (words.say("team-sim-at-first"), words.number(one.first as f64, 0)),
            (words.say("team-sim-came"), words.count(one.entered)),
            (words.say("team-sim-went"), words.count(one.left)),
        ],
        title,
        charts: vec![chart],
    }
}

/// How often people are written to.
fn load(words: Words, all: &Simulated) -> One {
    let weeks: u64 = all.messages_in_a_week.values().sum();
    let mut told: Vec<(String, u64)> = (0..=WEEKLY)
        .map(|messages| {
            let count = all.messages_in_a_week.get(&messages).copied().unwrap_or(0);
            (words.count(u64::from(messages)), count)
        })
        .collect();
    let more: u64 = all
        .messages_in_a_week
        .range(WEEKLY + 1..)
        .map(|(_, weeks)| weeks)
        .sum();
    let most = all.messages_in_a_week.iter().rev().find(|(_, weeks)| **weeks > 0);
    let most = most.map_or(0, |(messages, _)| *messages);
    told.truncate((most as usize + 1).max(2));
    if more > 0 {
        told.push((words.say("team-sim-more"), more));
    }
    let title = words.say("team-sim-load-title");
    // Whoever gets nothing is nearly everybody: drawn, they would hide the others.
    let written: Vec<f64> = told.iter().skip(1).map(|(_, weeks)| *weeks as f64).collect();
    let top = words.count(told.iter().skip(1).map(|(_, weeks)| *weeks).max().unwrap_or(0));
    let labels = Labels {
        id: "load-chart",
        title: &title,
        says: &words.say("team-sim-load-says"),
        top: &top,
        first: told.get(1).map_or("", |(label, _)| label),
        last: told.last().map_or("", |(label, _)| label),
    };
    let row = |(label, count): &(String, u64)| {
        let share = words.share(*count as f64 / weeks.max(1) as f64);
        (label.clone(), format!("{} ({share})", words.count(*count)))
    };
    One {
        title: String::new(),
        facts: vec![(words.say("team-sim-most-in-a-week"), words.count(u64::from(most)))],
        charts: vec![Chart {
            svg: chart::bars(&written, &labels),
            head: (words.say("team-sim-in-a-week"), words.say("team-sim-weeks")),
            rows: told.iter().map(row).collect(),
            title,
        }],
    }
}

/// How days become weeks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    /// What happened: added up.
    Sum,
    /// What stands: as it is at the end.
    Last,
}

fn over_days(words: Words, id: &str, key: &str, of: &str, values: &[i64], over: Over) -> Chart {
    let size = if values.len() > DAYS { 7 } else { 1 };
    let told: Vec<(String, i64)> = values
        .chunks(size)
        .zip(0u64..)
        .map(|(chunk, number)| {
            let value = match over {
                Over::Sum => chunk.iter().sum(),
                Over::Last => chunk.last().copied().unwrap_or_default(),
            };
            let key = if size == 1 {
                "team-sim-day"
            } else {
                "team-sim-week"
            };
            (words.with(key, &[("number", Put::Count(number + 1))]), value)
        })
        .collect();
    let number = |value: i64| words.number(value as f64, 0);
    let title = words.with(key, &[("of", Put::Text(of))]);
    let most = number(told.iter().map(|(_, value)| *value).max().unwrap_or(0));
    let labels = Labels {
        id,
        title: &title,
        says: &words.with("team-sim-most-says", &[("most", Put::Text(&most))]),
        top: &most,
        first: told.first().map_or("", |(label, _)| label),
        last: told.last().map_or("", |(label, _)| label),
    };
    let drawn: Vec<f64> = told.iter().map(|(_, value)| *value as f64).collect();
    Chart {
        svg: match over {
            Over::Sum => chart::bars(&drawn, &labels),
            Over::Last => chart::curve(&drawn, &labels),
        },
        head: (
            words.say(if size == 1 {
                "team-sim-days"
            } else {
                "team-sim-weeks-head"
            }),
            words.say("team-sim-number"),
        ),
        rows: told
            .iter()
            .map(|(label, value)| (label.clone(), number(*value)))
            .collect(),
        title,
    }
}

fn left(words: Words, reason: &str) -> String {
    words.say(match reason {
        "goal" => "team-left-goal",
        "condition" => "team-left-condition",
        "not_permitted" => "team-left-not-permitted",
        "step_gone" => "team-left-step-gone",
        "journey_gone" => "team-left-journey-gone",
        "held_out" => "team-left-held-out",
        "withdrew_segment" => "team-left-withdrew",
        _ => "team-left-finished",
    })
}

/// A length of time in the unit that reads best.
fn span(words: Words, minutes: i64) -> String {
    let count = |per: i64| u64::try_from((minutes + per / 2) / per).unwrap_or(0);
    match minutes {
        ..120 => words.counted("group-minutes", count(1)),
        120..2_880 => words.counted("group-hours", count(60)),
        _ => words.counted("group-days", count(1_440)),
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
