//! What a person wishes of what is recommended to them: how open a list is, whether it holds discoveries, which
//! topics interest them, of which they want less, and of which nothing.
//!
//! Deliberately does not know: what topics there are, how a list is made, how any of this is kept.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Topics a person says something of, at most.
pub const MAX_TOPICS: usize = 100;
/// Longest name of a topic, bytes.
pub const MAX_TOPIC: usize = 100;

/// The person's dial, in five honest steps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Openness {
    /// Close to my habits.
    Close = 0,
    /// Mostly what I like, with a little air.
    Near = 1,
    /// Some of it beyond my habits.
    #[default]
    Middle = 2,
    /// Broad.
    Wide = 3,
    /// Surprise me.
    Surprise = 4,
}

/// What a step of the dial means.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Step {
    /// What variety weighs, against score: 0 to 1.
    pub variety: f64,
    /// The part of the offer's mix in the mix aimed at; the rest is the person's own.
    pub offer: f64,
    /// One in so many items lies outside the person's usual range; 0: no such floor.
    pub outside_one_in: u32,
    /// One slot in so many is a discovery; 0: none.
    pub discovery_one_in: u32,
}

impl Openness {
    /// Every step, from close to open.
    pub const ALL: [Openness; 5] = [
        Openness::Close,
        Openness::Near,
        Openness::Middle,
        Openness::Wide,
        Openness::Surprise,
    ];

    /// The name in files and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Openness::Close => "close",
            Openness::Near => "near",
            Openness::Middle => "middle",
            Openness::Wide => "wide",
            Openness::Surprise => "surprise",
        }
    }

    /// The step of that name.
    pub fn parse(name: &str) -> Option<Openness> {
        Openness::ALL.into_iter().find(|step| step.as_str() == name)
    }

    /// What the step means. The numbers were chosen on the validation people of Online Retail.
    pub fn step(self) -> Step {
        let (variety, offer, outside_one_in, discovery_one_in) = match self {
            Openness::Close => (0.0, 0.1, 0, 0),
            Openness::Near => (0.1, 0.1, 0, 10),
            Openness::Middle => (0.16, 0.2, 5, 10),
            Openness::Wide => (0.4, 0.4, 3, 10),
            Openness::Surprise => (0.7, 0.7, 2, 10),
        };
        Step {
            variety,
            offer,
            outside_one_in,
            discovery_one_in,
        }
    }
}

/// What a person says of a topic.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Stance {
    /// It interests me.
    Interested = 1,
    /// Less of it.
    Less = 2,
    /// Nothing of it.
    Never = 3,
}

impl Stance {
    /// Every stance, in the order of their numbers.
    pub const ALL: [Stance; 3] = [Stance::Interested, Stance::Less, Stance::Never];

    /// The name in files and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Stance::Interested => "interested",
            Stance::Less => "less",
            Stance::Never => "never",
        }
    }

    /// The stance of that name.
    pub fn parse(name: &str) -> Option<Stance> {
        Stance::ALL.into_iter().find(|stance| stance.as_str() == name)
    }
}

/// All of it. By default what nobody has said anything of: the middle, with discoveries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// One slot in ten may be a discovery, labelled as one.
    #[serde(default = "yes")]
    pub discovery: bool,
    /// How open a list is.
    #[serde(default)]
    pub openness: Openness,
    /// What was said of topics, by their name in the catalogue; at most [`MAX_TOPICS`].
    #[serde(default)]
    pub topics: BTreeMap<String, Stance>,
}

impl Default for Preferences {
    fn default() -> Preferences {
        Preferences {
            discovery: true,
            openness: Openness::default(),
            topics: BTreeMap::new(),
        }
    }
}

impl Preferences {
    /// The topics of that stance, in their order.
    pub fn of(&self, stance: Stance) -> impl Iterator<Item = &str> {
        let those = self.topics.iter().filter(move |(_, said)| **said == stance);
        those.map(|(topic, _)| topic.as_str())
    }

    /// Whether it is within the limits.
    pub fn fits(&self) -> bool {
        self.topics.len() <= MAX_TOPICS && self.topics.keys().all(|topic| is_topic(topic))
    }
}

/// Whether a topic can have that name: 1 to [`MAX_TOPIC`] bytes.
pub fn is_topic(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_TOPIC
}

fn yes() -> bool {
    true
}
