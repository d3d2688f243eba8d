//! The person's own page: what is known, what it is used for, what was decided, and every right with
//! its button.
//!
//! Deliberately does not know where any of it comes from: it is given words and numbers. The page has no
//! script; its forms are `POST`s to [`DO`] and [`ERASE`] with `token`, `lang` and `act`.

mod contract;
mod decision;
mod events;
mod lessons;
mod names;
mod openness;
mod talk;
mod view;

pub use contract::{ContractPage, contract};
pub use decision::{Change, Decision, Explained, Item, decision};
pub use openness::Openness;
pub(crate) use openness::{draw_words, slot_words, step_name};
pub use talk::{HumanPage, TalkPage, human, talk, talks};
pub(crate) use talk::{TurnView, about as talk_about, problem_in_words, subject as talk_subject, turn_view};

use askama::Template as _;
use vocabulary::{AgeBracket, ConsentState, Day, Language, Moment, PurposeName};

/// Where the forms that change something go.
pub const DO: &str = "/me/do";
/// The source that what people do on their page is recorded under.
pub const SOURCE: &str = "me";
/// The page that asks before everything is erased, and its form.
pub const ERASE: &str = "/me/erase";

/// What stands on every page of somebody who is in.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The language.
    pub language: Language,
    /// In front of every address.
    pub root: &'a str,
    /// What people call the site.
    pub site: &'a str,
    /// The hidden field of every form.
    pub token: &'a str,
    /// Where people write to; may be empty.
    pub contact: &'a str,
    /// The authority and its address.
    pub authority: (&'a str, &'a str),
}

/// Everything the page shows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Person {
    /// What was just done, as the handler calls it.
    pub said: Option<String>,
    /// Whether anything is known at all.
    pub known: bool,
    /// Whether what is shown is chosen from the person's history.
    pub personalised: bool,
    /// It would be, but a decision of that kind is before a human.
    pub paused: bool,
    /// Data is only kept (GDPR art. 18).
    pub restricted: bool,
    /// Objected to profiling (GDPR art. 21).
    pub objected: bool,
    /// Objected to direct marketing (GDPR art. 21(2)).
    pub objected_marketing: bool,
    /// The browser's Global Privacy Control stands against something.
    pub gpc: bool,
    /// What counts as the age: the stricter of the two that follow.
    pub age: AgeBracket,
    /// What the site reports of it.
    pub age_reported: AgeBracket,
    /// What the person said of it.
    pub age_said: Option<AgeBracket>,
    /// The words that a yes here answers: title and text of each notice that stands behind a choice.
    pub notices: Vec<(String, String)>,
    /// Visitors who are part of the person.
    pub joined: Vec<Joined>,
    /// Whether the visitor of this browser could become part of the person.
    pub joinable: bool,
    /// A choice for each purpose that is asked about here.
    pub choices: Vec<Choice>,
    /// Purposes that rest on something else than consent.
    pub others: Vec<PurposeName>,
    /// The dial and the gauge, if something is known and a model is there.
    pub openness: Option<Openness>,
    /// Declared traits.
    pub traits: Vec<Trait>,
    /// What was done with items, the latest first.
    pub history: Vec<Seen>,
    /// Items that are never shown: identifier and name.
    pub muted: Vec<(String, String)>,
    /// Counted events: name, how often altogether, on how many days, the last.
    pub counts: Vec<(String, u64, u64, Day)>,
    /// What happened, the newest first.
    pub timeline: Vec<Event>,
    /// The record before which there is more.
    pub older: Option<String>,
    /// Whether this page of the timeline is not the first.
    pub further: bool,
    /// Groups and journeys, if a program in force keeps any of the person.
    pub automatic: Option<Automatic>,
    /// What waits to be sent to them, is on its way or in doubt.
    pub outgoing: Vec<Outgoing>,
    /// Ways to them that are closed, a sentence for each.
    pub closed: Vec<String>,
    /// Requests that are with the team or were answered.
    pub requests: Vec<Request>,
}

/// Something that waits to be sent, in words.
#[derive(Clone, PartialEq, Debug)]
pub struct Outgoing {
    /// What it is.
    pub title: String,
    /// Where it stands: the stable word.
    pub state: &'static str,
    /// Where it stands, and why.
    pub lines: Vec<String>,
}

/// Groups and journeys, in words.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Automatic {
    /// Groups the person is in.
    pub groups: Vec<Group>,
    /// Journeys they are in: what it is called, the step they came to, since when.
    pub journeys: Vec<(String, String, Day)>,
}

/// A group.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// What it is called.
    pub title: String,
    /// Since when.
    pub since: Day,
    /// Why, a sentence for each fact.
    pub why: Vec<String>,
}

/// A visitor who is part of the person.
#[derive(Clone, PartialEq, Debug)]
pub struct Joined {
    /// What forms call it.
    pub name: String,
    /// Since when.
    pub at: Day,
    /// Until when the two can be parted; none: not any more.
    pub until: Option<Day>,
}

/// A choice.
#[derive(Clone, PartialEq, Debug)]
pub struct Choice {
    /// For what.
    pub purpose: PurposeName,
    /// Its state.
    pub state: ConsentState,
    /// When it was made.
    pub at: Option<Day>,
    /// Through which source.
    pub source: String,
    /// Until when it lasts.
    pub until: Option<Day>,
    /// What a yes means, in the words of the notice in force.
    pub words: Option<String>,
    /// The record of the evidence.
    pub record: Option<String>,
    /// A soft opt-in stands in for it.
    pub soft_opt_in: bool,
    /// A decision for it is before a human: programs make no other until the answer.
    pub contested: bool,
}

/// A trait.
#[derive(Clone, PartialEq, Debug)]
pub struct Trait {
    /// Name.
    pub name: String,
    /// What it holds.
    pub value: String,
    /// Through which source.
    pub source: String,
    /// What for.
    pub purposes: Vec<PurposeName>,
    /// When it was said.
    pub at: Day,
    /// From when on it is not used any more.
    pub until: Day,
    /// Whether it is still declared, so that another value can be given.
    pub editable: bool,
}

/// An item of the history.
#[derive(Clone, PartialEq, Debug)]
pub struct Seen {
    /// Its identifier.
    pub item: String,
    /// Its name.
    pub name: String,
    /// How often viewed, put into a basket, bought.
    pub times: (u32, u32, u32),
    /// The latest of these.
    pub last: Day,
    /// Through which source.
    pub source: String,
    /// What for.
    pub purposes: Vec<PurposeName>,
    /// From when on it is not used any more.
    pub until: Day,
}

/// An entry of the timeline.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// Its record.
    pub record: String,
    /// The day, as the public log has it.
    pub day: Day,
    /// The moment, where the record says one.
    pub at: Option<Moment>,
    /// It was of a visitor who is part of the person now.
    pub visitor: bool,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum What {
    /// A list was made.
    List {
        /// From the person's history.
        profiled: bool,
        /// Names of its first items.
        names: Vec<String>,
        /// How many it has.
        count: u64,
    },
    /// The person chose or did something.
    Choice {
        /// The act, as the record calls it, if it was one.
        act: Option<String>,
        /// What it was about.
        about: Option<String>,
        /// What holds since, purpose by purpose.
        states: Vec<(PurposeName, ConsentState)>,
    },
    /// The person looked at their own page, so many times in a row.
    Access(u64),
    /// A member of the team opened the data.
    Staff {
        /// Who.
        by: String,
        /// For what.
        purpose: PurposeName,
        /// Why, in their words.
        reason: String,
        /// The rules that refused it, in words; none if it was permitted.
        refused: Option<Vec<String>>,
    },
    /// A visitor became part of the person, or of their own again.
    Merged {
        /// They were joined, and not parted.
        joined: bool,
        /// Until when it can be undone.
        until: Option<Day>,
    },
    /// An audit looked at a record, for that purpose.
    Audit(PurposeName),
    /// A step of a request for a right.
    Right {
        /// Which right, as the ledger calls it.
        right: String,
        /// Where it stands, as the ledger calls it.
        status: String,
    },
    /// A step of a conversation with the team, as the record calls it.
    Talk(String),
    /// A copy was handed out.
    Export,
    /// What a program did by itself, a sentence for each thing.
    Automatic(Vec<String>),
    /// A message: sent or not, and why.
    Message {
        /// In one line.
        title: String,
        /// How it came to that.
        lines: Vec<String>,
    },
    /// Something this page has no words for yet: the ledger's.
    Other(String),
}

/// A request for a right.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// Which right, as the ledger calls it.
    pub right: String,
    /// Received on.
    pub received: Day,
    /// Answered at the latest on.
    pub due: Day,
    /// Where it stands, as the ledger calls it.
    pub status: String,
    /// Whether it has ended.
    pub ended: bool,
}

/// The page as markup. Fails only if the machine cannot hold it.
pub fn page(frame: &Frame<'_>, person: &Person) -> Result<String, askama::Error> {
    view::Page::of(frame, person).render()
}

/// The page that asks before everything is erased.
pub fn erase(frame: &Frame<'_>) -> Result<String, askama::Error> {
    view::Erase::of(frame).render()
}
