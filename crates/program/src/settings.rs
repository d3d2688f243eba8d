//! What holds for the whole program: the shop's name, its zone, languages, hours, queues and webhooks.
//!
//! Deliberately does not know: how the server is set up; that is its settings file.

use crate::journey::DayWindow;
use crate::words::{Name, Words};
use std::collections::BTreeMap;
use vocabulary::{Channel, Language, Moment};

/// `program.yaml`, checked.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// The shop's name, as people know it.
    pub name: String,
    /// The time zone (IANA) of people whose own is not known.
    pub time_zone: String,
    /// The languages of messages, the first for people whose own is not known; never empty.
    pub languages: Vec<Language>,
    /// The currency (ISO 4217).
    pub currency: String,
    /// When nobody is written to who has not said otherwise, in their own zone.
    pub quiet_hours: Option<DayWindow>,
    /// How many messages a person gets at most; what the person said of it stands above it.
    pub caps: Caps,
    /// Whether a second person must approve a program before it is applied.
    pub approval: Approval,
    /// How much may be given away of a person by models that are learned; none: models are learned without noise.
    pub training: Option<Training>,
    /// Places where lists are shown, as the site calls them; of one that is not named the list goes by the mix of topics.
    pub placements: BTreeMap<String, Placement>,
    /// Who does tasks.
    pub queues: BTreeMap<Name, Words>,
    /// Systems that are told.
    pub webhooks: BTreeMap<Name, Webhook>,
    /// Moments that words of urgency are bound to.
    pub deadlines: BTreeMap<Name, Moment>,
    /// Why a deadline is later than it was when messages named it: people read it in the register.
    pub moved_because: BTreeMap<Name, String>,
}

/// At most so many messages; none: as many as there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cap {
    /// In any twenty-four hours.
    pub per_day: Option<u16>,
    /// In any seven days.
    pub per_week: Option<u16>,
}

/// Caps over all channels and by each.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Caps {
    /// Over all channels.
    pub all: Cap,
    /// By each of these.
    pub channels: BTreeMap<Channel, Cap>,
}

/// A budget of differential privacy, for one person more or less.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Training {
    /// ε of one release of a model.
    pub epsilon: f64,
    /// δ of each, and of all together.
    pub delta: f64,
    /// ε of all releases that ever are.
    pub lifetime_epsilon: f64,
    /// Days between two releases.
    pub every_days: u16,
}

/// A place where lists are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Placement {
    /// By what a list is chosen.
    pub choose: Choose,
}

/// By what a list is chosen from what somebody may like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Choose {
    /// Towards a mix of topics: the person’s own, opened as they wish. For shops and libraries.
    #[default]
    Mix,
    /// For variety itself, whatever the person’s mix: for news, and wherever a history must not narrow what comes next.
    Variety,
}

/// Whether somebody else must look before a program is applied.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Approval {
    /// Nobody must.
    #[default]
    None,
    /// A second named person approves this very program.
    SecondPerson,
}

/// A system that is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Webhook {
    /// Where: an `https` address.
    pub url: String,
    /// Who that is and why they are told.
    pub title: Words,
}
