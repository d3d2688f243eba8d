//! The page of a plan: what a program would change, in plain words, with as many people as may be told.
//!
//! Deliberately does not know: who counts, what is permitted.

use super::{Frame, Shell, moment};
use crate::words::{Put, Words};
use ::program::Program;
use ::program::plan::{Fate, Interval, Plan, Running};
use ::program::words::Name;
use askama::Template;
use vocabulary::Moment;

/// A plan and what is known of people.
pub struct Planned<'a> {
    /// The program's digest, or `folder`.
    pub which: &'a str,
    /// What would change.
    pub plan: &'a Plan,
    /// What is in force.
    pub from: Option<&'a Program>,
    /// What would be.
    pub to: &'a Program,
    /// Whether a sample was looked at.
    pub sampled: bool,
    /// When everybody was counted.
    pub counted_at: Option<Moment>,
    /// How many people.
    pub figures: &'a dyn Running,
}

#[derive(Template)]
#[template(path = "team_plan.html")]
struct Page<'a> {
    shell: Shell<'a>,
    back: String,
    address: String,
    digest: String,
    kind: String,
    counted: String,
    sampled: bool,
    any: bool,
    parts: [(&'static str, String, Vec<Line>); 2],
}

/// What becomes of one segment or journey.
struct Line {
    title: String,
    fate: String,
    more: Vec<String>,
}

/// The page.
pub fn plan(frame: &Frame<'_>, planned: &Planned<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let plan = planned.plan;
    let segments = plan
        .segments
        .iter()
        .map(|(name, fate)| segment(words, planned, name, *fate));
    let journeys = plan
        .journeys
        .iter()
        .map(|(name, fate)| journey(words, planned, name, fate));
    Page {
        back: format!("{}/program?lang={}", shell.base, shell.tag),
        address: format!("{}/plan/{}", shell.base, planned.which),
        digest: plan.to.to_string(),
        kind: words.say(match plan.from {
            None => "team-plan-first",
            Some(from) if from == plan.to => "team-plan-same",
            Some(_) => "team-plan-other",
        }),
        counted: match planned.counted_at {
            Some(at) => words.with("team-counted-at", &[("when", Put::Text(&moment(words, at)))]),
            None => words.say("team-counted-never"),
        },
        sampled: planned.sampled,
        any: !plan.segments.is_empty(),
        parts: [
            ("segments", words.say("team-segments"), segments.collect()),
            ("journeys", words.say("team-journeys"), journeys.collect()),
        ],
        shell,
    }
    .render()
}

fn segment(words: Words, planned: &Planned<'_>, name: &Name, fate: Fate) -> Line {
    let of = |program: Option<&Program>| {
        let segment = program.and_then(|program| program.segments.get(name));
        segment.map(|segment| segment.title.of(words.language()).to_owned())
    };
    let mut more = Vec::new();
    if fate != Fate::New {
        let now = people(
            words,
            planned.figures.in_segment(name),
            planned.counted_at.is_some(),
        );
        more.push(words.with("team-plan-now", &[("people", Put::Text(&now))]));
    }
    if let Some(segment) = planned.to.segments.get(name).filter(|_| fate != Fate::Gone) {
        let then = people(words, planned.figures.would_be_in(segment), planned.sampled);
        more.push(words.with("team-plan-then", &[("people", Put::Text(&then))]));
    }
    Line {
        title: of(Some(planned.to))
            .or_else(|| of(planned.from))
            .unwrap_or_else(|| name.to_string()),
        fate: words.say(match fate {
            Fate::New => "team-plan-segment-new",
            Fate::Changed => "team-plan-segment-changed",
            Fate::Gone => "team-plan-segment-gone",
        }),
        more,
    }
}

fn journey(words: Words, planned: &Planned<'_>, name: &Name, journey: &::program::plan::JourneyFate) -> Line {
    let of = |program: Option<&Program>| {
        let journey = program.and_then(|program| program.journeys.get(name));
        journey.map(|journey| journey.title.of(words.language()).to_owned())
    };
    let mut more = Vec::new();
    for (key, ids) in [
        ("team-plan-step-gone", &journey.gone),
        ("team-plan-step-changed", &journey.changed),
    ] {
        for id in ids {
            let there = planned.figures.at_step(name, id);
            let there = people(words, there, planned.counted_at.is_some());
            more.push(words.with(key, &[("step", Put::Text(id)), ("people", Put::Text(&there))]));
        }
    }
    if journey.fate == Fate::Changed {
        let new = journey.new.iter();
        more.extend(new.map(|id| words.with("team-plan-step-new", &[("step", Put::Text(id))])));
    }
    Line {
        title: of(Some(planned.to))
            .or_else(|| of(planned.from))
            .unwrap_or_else(|| name.to_string()),
        fate: words.say(match journey.fate {
            Fate::New => "team-plan-journey-new",
            Fate::Changed => "team-plan-journey-changed",
            Fate::Gone => "team-plan-journey-gone",
        }),
        more,
    }
}

/// People, as many as may be told: what was counted and is not told is few.
fn people(words: Words, found: Option<Interval>, counted: bool) -> String {
    match (found, counted) {
        (Some(found), _) if found.low == found.high => words.counted("team-about", found.low),
        (Some(found), _) => {
            let (low, high) = (words.count(found.low), words.count(found.high));
            words.with(
                "team-between",
                &[("low", Put::Text(&low)), ("high", Put::Text(&high))],
            )
        }
        (None, true) => words.counted("team-fewer", crate::automation::figures::FEW),
        (None, false) => words.say("team-not-counted"),
    }
}
