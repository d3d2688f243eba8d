//! A journey as a picture: a graph in layers from the entry down to the way out, with counts at the steps and
//! on the ways. One self-contained SVG, readable without colour, without script and without sight.
//!
//! The markup has no `style` and no `id` but such as carry the journey's name, so it may stand in a page under
//! a strict policy; lines and letters take the page's own colour (`currentColor`), dark or light.
//!
//! Deliberately does not know: where counts come from, whether they may be shown (who asks says `None`), the
//! page around it.

mod graph;
mod layout;
mod markup;
mod says;
pub mod table;

use crate::dictionary::Dictionary;
use crate::{Journey, Name};
use says::Speech;
use vocabulary::Language;

/// Key of the count of those who entered.
pub const ENTERED: &str = "(entered)";
/// Key of the count of those held out of all who entered.
pub const HELD_OUT: &str = "(held out)";
/// Key of the count of those who reached the goal.
pub const GOAL: &str = "(goal)";
/// Key of the count of those who reached it though they were held out: not drawn, told beside it.
pub const GOAL_HELD_OUT: &str = "(goal held out)";
/// Key of the count of those who left because `leave_when` became true.
pub const LEAVE_WHEN: &str = "(leave when)";
/// Key of the count of those who left, however.
pub const LEFT: &str = "(left)";

/// Key of the count at a step: its id.
pub fn at(step: &str) -> String {
    step.to_owned()
}

/// Key of the count on a way on from a step: the `number`th of [`crate::journey::What::ways`], from 0.
pub fn way(step: &str, number: usize) -> String {
    format!("{step}#{number}")
}

/// The journey as an SVG element with title and description, in that language; events and traits are called as
/// the dictionary calls them. `counts` is asked for the
/// text of each count by its key ([`at`], [`way`], [`ENTERED`], [`HELD_OUT`], [`GOAL`], [`LEAVE_WHEN`],
/// [`LEFT`]), and what it does not know is left out. The text is escaped here.
pub fn journey(
    journey: &Journey,
    titles: &Dictionary,
    counts: &dyn Fn(&str) -> Option<String>,
    language: Language,
) -> String {
    drawn(journey, counts, Speech(language, titles)).text
}

/// Several journeys in one SVG document, one below the other, each with its title: for a file of its own.
/// `counts` is also told the journey's name.
pub fn sheet<'a>(
    journeys: impl Iterator<Item = &'a Journey>,
    titles: &Dictionary,
    counts: &dyn Fn(&Name, &str) -> Option<String>,
    language: Language,
) -> String {
    let each: Vec<(String, markup::Drawn)> = journeys
        .map(|one| {
            let title = one.title.of(language).to_owned();
            (
                title,
                drawn(one, &|key| counts(&one.name, key), Speech(language, titles)),
            )
        })
        .collect();
    markup::sheet(&each, language)
}

fn drawn(journey: &Journey, counts: &dyn Fn(&str) -> Option<String>, speech: Speech<'_>) -> markup::Drawn {
    let graph = graph::of(journey, counts, speech);
    let laid = layout::lay(&graph);
    markup::svg(journey, &graph, &laid, counts, speech)
}

#[cfg(test)]
mod tests;
