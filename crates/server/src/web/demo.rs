//! The demo page: a sample customer, what is known of them, what is recommended and why, and the
//! buttons that change it.
//!
//! Deliberately does not know where any of it comes from. The page has three forms, all without
//! script: `GET` [`PATH`] with `customer` and `lang`; `POST` [`FORGET_PATH`] with `token`, `customer`,
//! `lang`, `item`; `POST` [`SWITCH_PATH`] with `token`, `customer`, `lang`, `personalisation` (`on` or
//! `off`). Whoever handles a `POST` answers with a redirect (303) to [`address`].

mod view;

use crate::words::Part;
use askama::Template;
use decide::offers::Placing;
use vocabulary::{ConsentState, Day, Language, Openness, PurposeName};

/// The address of the page.
pub const PATH: &str = "/demo";
/// Where the form of a history item goes.
pub const FORGET_PATH: &str = "/demo/forget";
/// Where the answer to a discovery goes.
pub const ANSWER_PATH: &str = "/demo/answer";
/// Where the form of the switch goes.
pub const SWITCH_PATH: &str = "/demo/personalisation";

/// Everything the page shows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Demo {
    /// The language of the page.
    pub language: Language,
    /// The hidden field of the forms that change something, against forged requests.
    pub token: String,
    /// The sample customers to choose from.
    pub customers: Vec<Choice>,
    /// The chosen one; without, the page only asks for a choice.
    pub chosen: Option<Chosen>,
    /// What the person just did, said at the top.
    pub notice: Option<Notice>,
}

/// A sample customer in the list.
#[derive(Clone, PartialEq, Debug)]
pub struct Choice {
    /// The value of the form field `customer`.
    pub key: String,
    /// What people read: `Customer 17346`.
    pub label: String,
    /// What they answered on the whole.
    pub stance: Stance,
}

/// What a sample customer answered when asked for consent, on the whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stance {
    /// Yes to every purpose.
    All,
    /// Yes to some.
    Part,
    /// No.
    Refused,
    /// No answer.
    Silent,
}

/// The chosen customer: what is known, decided, and proved.
#[derive(Clone, PartialEq, Debug)]
pub struct Chosen {
    /// As in [`Choice::key`].
    pub key: String,
    /// As in [`Choice::label`].
    pub label: String,
    /// Whether the person's own switch is on. That it is on does not mean that the list is
    /// personalised: see `mode`.
    pub switched_on: bool,
    /// The answer for each purpose; none where consent is not what the purpose stands on.
    pub consents: Vec<(PurposeName, Option<ConsentState>)>,
    /// What the person did, the latest first.
    pub history: Vec<Known>,
    /// What is known about the person besides.
    pub traits: Vec<Trait>,
    /// What was sent about them and dropped.
    pub unkept: Vec<Unkept>,
    /// Whether the list was made from the history, and which policies decided so.
    pub mode: Mode,
    /// The policies that decided: identifier and words in the language of the page.
    pub policies: Vec<Policy>,
    /// The list, best first.
    pub offers: Vec<Offer>,
    /// The same list at each step of the dial: which, whether it is the person's, and each item's name with what is
    /// said of its place.
    pub steps: Vec<AtStep>,
    /// How many of the list are outside the person's habits, where that is measured.
    pub gauge: Option<Gauge>,
    /// What a rule of the shop took out.
    pub excluded: Vec<Excluded>,
    /// The record of this very list.
    pub record: Record,
}

/// An item of the history.
#[derive(Clone, PartialEq, Debug)]
pub struct Known {
    /// The value of the form field `item`.
    pub item: String,
    /// The name people read.
    pub name: String,
    /// How often it was viewed.
    pub viewed: u32,
    /// How often it was put into a basket.
    pub added: u32,
    /// In how many orders it was bought.
    pub bought: u32,
    /// The day of the latest of these.
    pub last: Day,
    /// Which source sent it.
    pub source: String,
    /// The purposes it is used for as things stand.
    pub purposes: Vec<PurposeName>,
}

/// A declared field and its value.
#[derive(Clone, PartialEq, Debug)]
pub struct Trait {
    /// The field.
    pub name: String,
    /// What it holds.
    pub value: String,
    /// Which source sent it.
    pub source: String,
    /// The purposes it is used for as things stand.
    pub purposes: Vec<PurposeName>,
    /// When it will be gone, if a day is set.
    pub expires: Option<Day>,
}

/// Something that was sent and not kept.
#[derive(Clone, PartialEq, Debug)]
pub struct Unkept {
    /// The field or event.
    pub name: String,
    /// How often it was dropped.
    pub times: u64,
    /// Why.
    pub why: WhyUnkept,
}

/// Why something was not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhyUnkept {
    /// The data dictionary does not declare it.
    Undeclared,
    /// No purpose that would need it is permitted.
    NoPurpose,
    /// Never kept from anybody, as network addresses.
    Never,
    /// Its retention was over.
    Expired,
}

/// How the list was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// From the person's history.
    Profiled {
        /// How many items of the history were used.
        from: u64,
    },
    /// Without the person: nothing was opened.
    Contextual,
}

/// A policy that decided.
#[derive(Clone, PartialEq, Debug)]
pub struct Policy {
    /// Its identifier.
    pub id: String,
    /// What it says, in the language of the page.
    pub words: String,
}

/// An item of the list.
#[derive(Clone, PartialEq, Debug)]
pub struct Offer {
    /// Its identifier.
    pub item: String,
    /// The name people read.
    pub name: String,
    /// Its category; may be empty.
    pub category: String,
    /// Its price in pence.
    pub price: i64,
    /// The sum of the amounts of `parts`.
    pub score: f64,
    /// The reasons. The sentence, the bars and the exact sum are all made from these.
    pub parts: Vec<Part>,
    /// What is said of its place, and how it was drawn, if it was.
    pub slot: Option<Placing>,
    /// What would be if the weightiest item of the history were not in it.
    pub without: Option<Without>,
}

/// The list at one step of the dial.
#[derive(Clone, PartialEq, Debug)]
pub struct AtStep {
    /// Which.
    pub step: Openness,
    /// It is the person's own.
    pub own: bool,
    /// The name of each item, and why it stands there.
    pub items: Vec<(String, Placing)>,
}

/// What would change without one item of the history.
#[derive(Clone, PartialEq, Debug)]
pub struct Without {
    /// The name of that item.
    pub item: String,
    /// What would be.
    pub outcome: Outcome,
}

/// What would become of an offer.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// It would not be in the list; the named one would have its room.
    Instead(String),
    /// It would not be in the list.
    Gone,
    /// It would stand at this place, from 1.
    Place(u64),
}

/// How open the list is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gauge {
    /// Offers outside the person's usual topics.
    pub outside: u64,
}

/// An item that a rule took out of the list.
#[derive(Clone, PartialEq, Debug)]
pub struct Excluded {
    /// The name people read.
    pub name: String,
    /// Which rule.
    pub why: WhyExcluded,
}

/// The rules of a shop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhyExcluded {
    /// Not to be shown.
    Hidden,
    /// Cannot be bought now.
    OutOfStock,
    /// Bought before, and the shop asked for new things.
    AlreadyBought,
    /// Not of the categories that were asked for.
    OtherCategory,
    /// The person never wants to see it.
    Muted,
    /// The person wants to see nothing of its topic.
    MutedTopic,
}

/// Where the decision is recorded.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// The record's identifier.
    pub id: String,
    /// The address of its receipt.
    pub receipt: String,
    /// Its leaf in the log; none while it is on its way.
    pub leaf: Option<u64>,
}

/// What the person just did.
#[derive(Clone, PartialEq, Debug)]
pub enum Notice {
    /// An item left the history.
    Removed {
        /// Its name.
        name: String,
        /// Names of the items that left the list by this.
        went: Vec<String>,
        /// Names of the items that came into the list by this.
        came: Vec<String>,
    },
    /// A discovery was answered.
    Answered,
    /// Personalisation was switched off.
    SwitchedOff,
    /// Personalisation was switched on.
    SwitchedOn,
    /// The token was not ours or too old: nothing was changed.
    Stale,
}

/// The page as markup. Fails only if the machine cannot hold it.
pub fn page(demo: &Demo) -> Result<String, askama::Error> {
    view::Page::of(demo).render()
}

/// The address of the page for that customer and language.
pub fn address(customer: &str, language: Language) -> String {
    format!("{PATH}?customer={}&lang={}", escaped(customer), language.tag())
}

/// Percent-encoding of a query value (RFC 3986: all but unreserved characters).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
