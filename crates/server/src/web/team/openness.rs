//! The page of how open lists are, by placement: a drawing and a table of the same figures.
//!
//! Deliberately does not know: people, who counts.

use super::chart::{self, Labels};
use super::{Frame, Shell};
use crate::automation::figures::Figure;
use crate::lists::Told;
use crate::words::Put;
use askama::Template;
use recommend::Header;

#[derive(Template)]
#[template(path = "team_openness.html")]
struct Page<'a> {
    shell: Shell<'a>,
    model: Vec<String>,
    drawing: Option<String>,
    rows: Vec<Row>,
}

struct Row {
    placement: String,
    day: String,
    people: String,
    outside: String,
    topics: String,
    discoveries: String,
    exposures: String,
}

/// The page.
pub fn openness(
    frame: &Frame<'_>,
    told: &[(String, Told)],
    model: Option<&Header>,
) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let row = |(placement, told): &(String, Told)| {
        let (topics, offered) = (words.number(told.topics, 1), words.number(told.offered, 1));
        let places = [("topics", Put::Text(&topics)), ("offered", Put::Text(&offered))];
        Row {
            placement: placement.clone(),
            day: words.day(told.day),
            people: super::figure(words, Some(Figure::of(told.people))),
            outside: words.share(told.outside),
            topics: words.with("gauge-topics-of", &places),
            discoveries: words.share(told.discoveries),
            exposures: words.share(told.exposures),
        }
    };
    let drawing = (told.len() > 1).then(|| {
        let outside: Vec<f64> = told.iter().map(|(_, told)| told.outside).collect();
        let most = outside.iter().copied().fold(0.0, f64::max);
        let (title, top) = (words.say("team-openness-outside"), words.share(most));
        let name = |at: Option<&(String, Told)>| at.map(|(name, _)| name.clone()).unwrap_or_default();
        let (first, last) = (name(told.first()), name(told.last()));
        let labels = Labels {
            id: "outside",
            title: &title,
            says: &words.say("team-openness-drawing"),
            top: &top,
            first: &first,
            last: &last,
        };
        chart::bars(&outside, &labels)
    });
    let model = model.map(|header| {
        let made = words.day(header.made_on);
        let people = super::figure(words, Some(Figure::of(header.people)));
        vec![
            words.with("model-made", &[("day", Put::Text(&made))]),
            words.with("team-openness-people", &[("people", Put::Text(&people))]),
        ]
    });
    Page {
        model: model.unwrap_or_default(),
        drawing,
        rows: told.iter().map(row).collect(),
        shell,
    }
    .render()
}
