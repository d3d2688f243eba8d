//! One decision, explained to the person it was about: what was chosen, why, what would change it, and
//! the proof.

use super::Frame;
use super::events::moment;
use super::openness::{draw_words, slot_words, step_name};
use super::view::Shell;
use crate::words::{Part, Put, Words, by_weight, sentence, share};
use askama::Template;
use decide::offers::{Placing, Rule};
use decide::why::Input;
use vocabulary::{Moment, Openness};

/// Sentences on what would change a list that are shown at once; the rest unfolds.
const AT_ONCE: usize = 10;

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
    /// Where the person's dial stood, if the list was opened.
    pub dial: Option<Openness>,
    /// What was left out although it scored high enough, and by which rule.
    pub left_out: Vec<(String, Rule)>,
    /// What else would be in it, found by making it again.
    pub changes: Vec<Change>,
    /// Whether that was looked for.
    pub tried: bool,
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

/// What one input changes.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// Which.
    pub input: Input,
    /// The name of the item it is about; empty if about none.
    pub name: String,
    /// What stands now, for an input that is either so or otherwise.
    pub now: bool,
    /// Names of what would have come in; none: another order.
    pub came: Vec<String>,
}

/// One item of a list.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Why it has its place, if the list was opened.
    pub place: Option<Placing>,
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
    more: Vec<String>,
    more_label: String,
    dial: Option<String>,
    by_person: Vec<(&'a str, String)>,
    by_shop: Vec<(&'a str, String)>,
    about_reasons: Option<String>,
    place: String,
}

struct ItemView<'a> {
    id: &'a str,
    name: &'a str,
    slot: Option<String>,
    drawn: Option<String>,
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
            id: &item.id,
            name: &item.name,
            slot: item.place.as_ref().and_then(|place| slot_words(words, place)),
            drawn: item.place.as_ref().and_then(|place| draw_words(words, place)),
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
    let mut without: Vec<String> = match decision.tried {
        false => without.collect(),
        true => decision
            .changes
            .iter()
            .map(|change| changed(words, change))
            .collect(),
    };
    if decision.tried && without.is_empty() {
        without.push(words.say("decision-nothing"));
    }
    let more = without.split_off(without.len().min(AT_ONCE));
    let left_out = |person: bool| {
        let of = decision.left_out.iter();
        let of = of.filter(|(_, rule)| matches!(rule, Rule::Muted | Rule::MutedTopic) == person);
        of.map(|(name, rule)| (name.as_str(), words.say(rule_key(*rule))))
            .collect()
    };
    Page {
        when: moment(words, decision.at),
        mode: match decision.profiled {
            Some(from) => words.counted("mode-profiled", from),
            None => words.say("mode-contextual"),
        },
        items: items.collect(),
        without,
        more_label: words.counted("decision-more", more.len() as u64),
        more,
        dial: decision.dial.map(|step| {
            let step = step_name(words, step);
            words.with("decision-dial", &[("step", Put::Text(&step))])
        }),
        by_person: left_out(true),
        by_shop: left_out(false),
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

/// What one input changes, in a sentence.
fn changed(words: Words, change: &Change) -> String {
    let item = [("item", Put::Text(change.name.as_str()))];
    let cause = match &change.input {
        Input::History { .. } => words.with("cause-history", &item),
        Input::Muted { .. } => words.with("cause-muted", &item),
        Input::Openness { step } => {
            let step = step_name(words, *step);
            words.with("cause-openness", &[("step", Put::Text(&step))])
        }
        Input::Discovery if change.now => words.say("cause-discovery-off"),
        Input::Discovery => words.say("cause-discovery-on"),
        Input::Topic { name } => words.with("cause-topic", &[("topic", Put::Text(name))]),
        Input::Off => words.say("cause-off"),
        Input::Categories => words.say("cause-categories"),
        Input::Bought if change.now => words.say("cause-bought-in"),
        Input::Bought => words.say("cause-bought-out"),
        Input::Shop {
            rule: Rule::OutOfStock,
            ..
        } => words.with("cause-stock", &item),
        Input::Shop { .. } => words.with("cause-hidden", &item),
        Input::Variety => words.say("cause-variety"),
        Input::Draw => words.say("cause-draw"),
        Input::Later => words.say("cause-later"),
    };
    let names = words.list(&change.came);
    let (cause, names) = (("cause", Put::Text(&cause)), ("names", Put::Text(&names)));
    match change.came.is_empty() {
        true => words.with("decision-order", &[cause]),
        false => words.with("decision-other", &[cause, names]),
    }
}

/// The words of a rule.
fn rule_key(rule: Rule) -> &'static str {
    match rule {
        Rule::Muted => "rule-muted",
        Rule::MutedTopic => "rule-muted-topic",
        Rule::OutOfStock => "excluded-stock",
        Rule::AlreadyBought => "excluded-bought",
        Rule::Category => "excluded-category",
        Rule::Hidden | Rule::NotInCatalogue => "excluded-hidden",
    }
}
