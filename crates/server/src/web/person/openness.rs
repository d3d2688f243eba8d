//! The dial, what is said of topics, the last discoveries, and the bubble gauge, in words and as a drawing.
//!
//! Deliberately does not know: where any of it comes from, what a step does to a list.

use crate::words::{Put, Words};
use decide::gauge::{Gauge, floor};
use decide::offers::Placing;
use recommend::Slot;
use std::fmt::Write as _;
use vocabulary::{Openness as Dial, Preferences, Stance};

/// What the page shows of it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Openness {
    /// What the person wishes.
    pub preferences: Preferences,
    /// Topics that something can be said of, in their order.
    pub topics: Vec<String>,
    /// The lists of the timeline, measured.
    pub lists: Option<Gauge>,
    /// The person's own history, measured.
    pub history: Option<Gauge>,
    /// The last discoveries: identifier, name, topic.
    pub discoveries: Vec<(String, String, String)>,
}

/// A step of the dial to choose.
pub(super) struct StepView {
    pub(super) value: &'static str,
    pub(super) name: String,
    pub(super) words: String,
    pub(super) chosen: bool,
}

/// A row of the gauge.
pub(super) struct RowView {
    pub(super) name: String,
    pub(super) lists: String,
    pub(super) history: String,
    pub(super) says: String,
}

pub(super) struct OpennessView<'a> {
    pub(super) known: &'a Openness,
    pub(super) steps: Vec<StepView>,
    pub(super) said: Vec<(&'a str, String)>,
    pub(super) topics: Vec<&'a str>,
    pub(super) rows: Vec<RowView>,
    pub(super) drawing: String,
    pub(super) promise: Option<String>,
    pub(super) shared: bool,
    pub(super) discoveries: Vec<(&'a str, &'a str, String)>,
}

/// The name of a step.
pub(crate) fn step_name(words: Words, step: Dial) -> String {
    words.say(match step {
        Dial::Close => "step-close",
        Dial::Near => "step-near",
        Dial::Middle => "step-middle",
        Dial::Wide => "step-wide",
        Dial::Surprise => "step-surprise",
    })
}

/// What is said beside an item for the slot it has; nothing for one that stands there by its score alone.
pub(crate) fn slot_words(words: Words, place: &Placing) -> Option<String> {
    let key = match place.slot {
        Slot::Discovery { .. } => "slot-discovery",
        Slot::Exposure { .. } => "slot-exposure",
        Slot::Floor => "slot-floor",
        Slot::Interest => "slot-interest",
        Slot::Chosen if place.outside => "slot-outside",
        Slot::Chosen => return None,
    };
    Some(words.say(key))
}

/// How an item was drawn, with its chance, if it was.
pub(crate) fn draw_words(words: Words, place: &Placing) -> Option<String> {
    let (key, among, propensity) = match place.slot {
        Slot::Discovery { among, propensity } => ("slot-discovery-drawn", among, propensity),
        Slot::Exposure { among, propensity } => ("slot-exposure-drawn", among, propensity),
        _ => return None,
    };
    let chance = format!("{}{}", words.number(propensity * 100.0, 1), percent(words));
    let places = [
        ("among", Put::Count(u64::from(among))),
        ("chance", Put::Text(&chance)),
    ];
    Some(words.with(key, &places))
}

fn percent(words: Words) -> &'static str {
    match words.language() {
        vocabulary::Language::En => "%",
        vocabulary::Language::Fr => "\u{202f}%",
    }
}

pub(super) fn view(words: Words, known: &Openness) -> OpennessView<'_> {
    let wishes = &known.preferences;
    let step = |step: Dial| StepView {
        value: step.as_str(),
        name: step_name(words, step),
        words: words.say(match step {
            Dial::Close => "step-close-words",
            Dial::Near => "step-near-words",
            Dial::Middle => "step-middle-words",
            Dial::Wide => "step-wide-words",
            Dial::Surprise => "step-surprise-words",
        }),
        chosen: step == wishes.openness,
    };
    let said = wishes.topics.iter().map(|(topic, stance)| {
        let key = match stance {
            Stance::Interested => "openness-is-interested",
            Stance::Less => "openness-is-less",
            Stance::Never => "openness-is-never",
        };
        (topic.as_str(), words.say(key))
    });
    let unsaid = known
        .topics
        .iter()
        .filter(|topic| !wishes.topics.contains_key(*topic));
    let rows = rows(words, known);
    OpennessView {
        steps: Dial::ALL.into_iter().map(step).collect(),
        said: said.collect(),
        topics: unsaid.map(String::as_str).collect(),
        drawing: drawing(words, known, &rows),
        promise: floor(wishes.openness).map(|share| {
            let share = words.share(share);
            words.with("gauge-promise", &[("share", Put::Text(&share))])
        }),
        shared: known
            .lists
            .or(known.history)
            .is_some_and(|gauge| gauge.shared.is_some()),
        rows,
        discoveries: known
            .discoveries
            .iter()
            .map(|(item, name, topic)| {
                let from = words.with("openness-discovery-of", &[("topic", Put::Text(topic))]);
                (item.as_str(), name.as_str(), from)
            })
            .collect(),
        known,
    }
}

fn rows(words: Words, known: &Openness) -> Vec<RowView> {
    let (lists, history) = (known.lists, known.history);
    let Some(one) = lists.or(history) else {
        return Vec::new();
    };
    let of = |gauge: Option<Gauge>, figure: &dyn Fn(Gauge) -> Option<String>| {
        let told = gauge.and_then(figure);
        told.unwrap_or_else(|| words.say("gauge-not-told"))
    };
    let row = |key: &str, says: String, figure: &dyn Fn(Gauge) -> Option<String>| RowView {
        name: words.say(key),
        lists: of(lists, figure),
        history: of(history, figure),
        says,
    };
    let offered = words.number(one.offered, 1);
    let topics = words.number(one.topics, 1);
    let places = [("topics", Put::Text(&topics)), ("offered", Put::Text(&offered))];
    let counted = |gauge: Gauge| {
        let topics = words.number(gauge.topics, 1);
        let places = [("topics", Put::Text(&topics)), ("offered", Put::Text(&offered))];
        Some(words.with("gauge-topics-of", &places))
    };
    let mut rows = vec![
        row("gauge-topics", words.with("gauge-topics-say", &places), &counted),
        row("gauge-apart", words.say("gauge-apart-say"), &|gauge| {
            Some(words.share(gauge.apart))
        }),
        row("gauge-outside", words.say("gauge-outside-say"), &|gauge| {
            gauge.outside.map(|share| words.share(share))
        }),
    ];
    if one.shared.is_some() {
        rows.push(row("gauge-shared", words.say("gauge-shared-say"), &|gauge| {
            gauge.shared.map(|share| words.share(share))
        }));
    }
    rows
}

const WIDTH: f64 = 320.0;
const ROW: f64 = 56.0;

/// For each figure two bars of the same scale: the lists filled, the history as an outline. Values stand beside.
fn drawing(words: Words, known: &Openness, rows: &[RowView]) -> String {
    let figures: [&dyn Fn(Gauge) -> Option<f64>; 4] = [
        &|gauge| (gauge.offered > 0.0).then(|| gauge.topics / gauge.offered),
        &|gauge| Some(gauge.apart),
        &|gauge| gauge.outside,
        &|gauge| gauge.shared,
    ];
    let mut marks = String::new();
    for (nth, (row, figure)) in rows.iter().zip(figures).enumerate() {
        let top = ROW * nth as f64;
        let name = escaped(&row.name);
        let _ = write!(marks, "<text x=\"0\" y=\"{:.0}\">{name}</text>", top + 13.0);
        let both = [
            (known.lists, &row.lists, "bar"),
            (known.history, &row.history, "outline"),
        ];
        for (at, (gauge, value, class)) in (0..).zip(both) {
            let y = top + 20.0 + 16.0 * f64::from(at);
            let value = escaped(value);
            if let Some(share) = gauge.and_then(figure) {
                let width = (share.clamp(0.0, 1.0) * 220.0).max(1.0);
                let _ = write!(
                    marks,
                    "<rect class=\"rail\" x=\"0\" y=\"{y:.0}\" width=\"220\" height=\"11\"/>\
                     <rect class=\"{class}\" x=\"0\" y=\"{y:.0}\" width=\"{width:.1}\" height=\"11\"/>"
                );
            }
            let _ = write!(marks, "<text x=\"228\" y=\"{:.0}\">{value}</text>", y + 10.0);
        }
    }
    let height = ROW * rows.len() as f64 + 22.0;
    let (lists, history) = (words.say("gauge-lists"), words.say("gauge-history"));
    let key = height - 12.0;
    format!(
        "<svg class=\"gauge\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"gauge-drawing\">\
         <title id=\"gauge-drawing\">{}</title>{marks}\
         <rect class=\"bar\" x=\"0\" y=\"{key}\" width=\"16\" height=\"9\"/><text x=\"22\" y=\"{}\">{}</text>\
         <rect class=\"outline\" x=\"140\" y=\"{key}\" width=\"16\" height=\"9\"/><text x=\"162\" y=\"{}\">{}</text></svg>",
        escaped(&words.say("gauge-drawing")),
        key + 9.0,
        escaped(&lists),
        key + 9.0,
        escaped(&history),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// What a record says was wished, in words.
pub(super) fn said_of(words: Words, about: &str) -> String {
    let lines: Vec<String> = about.lines().filter_map(|line| said_line(words, line)).collect();
    words.list(&lines)
}

fn said_line(words: Words, line: &str) -> Option<String> {
    if line == "anew" {
        return Some(words.say("about-anew"));
    }
    let (what, of) = line.split_once(':')?;
    let topic = |key: &str| words.with(key, &[("topic", Put::Text(of))]);
    Some(match what {
        "openness" => {
            let step = step_name(words, Dial::parse(of)?);
            words.with("about-openness", &[("step", Put::Text(&step))])
        }
        "discovery" => words.say(match of {
            "on" => "about-discovery-on",
            _ => "about-discovery-off",
        }),
        "interested" => topic("about-interested"),
        "less" => topic("about-less"),
        "never" => topic("about-never"),
        _ => topic("about-none"),
    })
}
