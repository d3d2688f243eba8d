//! One decision, explained to the person it was about: what was chosen, why, what would change it, and
//! the proof.

use super::Frame;
use super::events::moment;
use super::view::Shell;
use crate::words::{Part, Put, by_weight, sentence, share};
use askama::Template;
use vocabulary::Moment;

/// A list that was made.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// Its record.
    pub record: String,
    /// When.
    pub at: Moment,
    /// From how many items of the person's history; none if it was made without the person.
    pub profiled: Option<u64>,
    /// The items, best first.
    pub items: Vec<Item>,
    /// Whether it could be made again, so that reasons are there.
    pub explained: Explained,
    /// What the list would have been without an item: its name, and the names that would have come in.
    pub without: Vec<(String, Vec<String>)>,
    /// The rules that decided, in words.
    pub rules: Vec<String>,
    /// Place in the log; none while it is on its way.
    pub place: Option<u64>,
}

/// Whether the reasons of a list can be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Explained {
    /// By the model in force, which made it.
    Now,
    /// By the model that made it, which was replaced since and is kept.
    Earlier,
    /// Its model or its catalogue is not kept any more.
    NotKept,
    /// Both are kept, but the list does not come out as it was recorded.
    NotTheSame,
}

/// One item of a list.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its reasons; none if the list could not be made again.
    pub parts: Vec<Part>,
}

#[derive(Template)]
#[template(path = "me_decision.html")]
struct Page<'a> {
    shell: Shell<'a>,
    decision: &'a Decision,
    when: String,
    mode: String,
    items: Vec<ItemView<'a>>,
    without: Vec<String>,
    about_reasons: Option<String>,
    place: String,
}

struct ItemView<'a> {
    name: &'a str,
    sentence: Option<String>,
    reasons: Vec<(String, String)>,
}

/// The page as markup. Fails only if the machine cannot hold it.
pub fn decision(frame: &Frame<'_>, decision: &Decision) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let items = decision.items.iter().map(|item| {
        let reasons = by_weight(&item.parts).into_iter().map(|part| {
            let weight = words.share(share(part.amount, &item.parts));
            (part.label(words), weight)
        });
        ItemView {
            name: &item.name,
            sentence: (!item.parts.is_empty()).then(|| sentence(frame.language, &item.parts)),
            reasons: reasons.collect(),
        }
    });
    let without = decision.without.iter().map(|(item, came)| {
        let names = words.list(came);
        match came.is_empty() {
            true => words.with("decision-without-same", &[("item", Put::Text(item))]),
            false => words.with(
                "decision-without",
                &[("item", Put::Text(item)), ("names", Put::Text(&names))],
            ),
        }
    });
    Page {
        when: moment(words, decision.at),
        mode: match decision.profiled {
            Some(from) => words.counted("mode-profiled", from),
            None => words.say("mode-contextual"),
        },
        items: items.collect(),
        without: without.collect(),
        about_reasons: match decision.explained {
            Explained::Now => None,
            Explained::Earlier => Some(words.say("decision-earlier")),
            Explained::NotKept => Some(words.say("decision-unexplained")),
            Explained::NotTheSame => Some(words.say("decision-not-the-same")),
        },
        place: decision
            .place
            .map_or_else(|| words.say("proof-pending"), |place| words.count(place)),
        decision,
        shell,
    }
    .render()
}
