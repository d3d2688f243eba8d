//! What a person wishes of what is recommended to them, in stored bytes.
//!
//! Deliberately does not know: what topics there are, how a list is made.

use super::{Act, Input, Terms};
use minicbor::{Decode, Encode};
use vocabulary::{MAX_TOPICS, Moment, Openness, Preferences, Stance, is_topic};

/// Most that is said in one act: all topics, and what stands before them.
pub(crate) const MOST_SAID: usize = MAX_TOPICS + 3;

/// One thing that a person says they wish.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub enum Preference {
    /// Forget what I said before.
    #[n(0)]
    Anew,
    /// How open a list is: the number of an [`Openness`].
    #[n(1)]
    Openness(#[n(0)] u8),
    /// Whether one slot in ten may be a discovery.
    #[n(2)]
    Discovery(#[n(0)] bool),
    /// What I say of a topic.
    #[n(3)]
    Topic {
        /// Its name in the catalogue.
        #[n(0)]
        name: String,
        /// The number of a [`Stance`]; 0: nothing any more.
        #[n(1)]
        stance: u8,
    },
}

impl Preference {
    /// What is said of a topic; `None` takes back what was said.
    pub fn topic(name: &str, stance: Option<Stance>) -> Preference {
        Preference::Topic {
            name: name.to_owned(),
            stance: stance.map_or(0, |stance| stance as u8),
        }
    }

    pub(crate) fn is_possible(&self) -> bool {
        match self {
            Preference::Anew | Preference::Discovery(_) => true,
            Preference::Openness(step) => usize::from(*step) < Openness::ALL.len(),
            Preference::Topic { name, stance } => is_topic(name) && usize::from(*stance) <= Stance::ALL.len(),
        }
    }

    fn told(&self) -> String {
        match self {
            Preference::Anew => "anew".to_owned(),
            Preference::Openness(step) => format!("openness:{}", openness(*step).as_str()),
            Preference::Discovery(on) => format!("discovery:{}", if *on { "on" } else { "off" }),
            Preference::Topic { name, stance: said } => {
                format!("{}:{name}", stance(*said).map_or("none", Stance::as_str))
            }
        }
    }
}

/// What was said, a line for each thing: `openness:wide`, `less:Candles`.
pub(crate) fn told(said: &[Preference]) -> String {
    let lines: Vec<String> = said.iter().map(Preference::told).collect();
    lines.join("\n")
}

/// Preferences as they are kept.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
pub(crate) struct Preferred {
    /// `None`: not said.
    #[n(0)]
    openness: Option<u8>,
    #[n(1)]
    discovery: Option<bool>,
    /// By name; a topic nothing is said of is not there.
    #[n(2)]
    topics: Vec<(String, u8)>,
    /// When the person last said something.
    #[n(3)]
    at: i64,
}

impl Preferred {
    fn say(&mut self, said: &Preference) {
        match said {
            Preference::Anew => *self = Preferred::default(),
            Preference::Openness(step) => self.openness = Some(*step),
            Preference::Discovery(on) => self.discovery = Some(*on),
            Preference::Topic { name, stance } => self.say_of(name, *stance),
        }
    }

    fn say_of(&mut self, topic: &str, stance: u8) {
        let place = self.topics.binary_search_by(|(name, _)| name.as_str().cmp(topic));
        match place {
            Ok(at) if stance == 0 => drop(self.topics.remove(at)),
            Ok(at) => {
                if let Some((_, said)) = self.topics.get_mut(at) {
                    *said = stance;
                }
            }
            Err(at) if stance != 0 && self.topics.len() < MAX_TOPICS => {
                self.topics.insert(at, (topic.to_owned(), stance));
            }
            Err(_) => {}
        }
    }

    /// What a visitor said who is this person: it fills what the person said nothing of.
    fn join(&mut self, theirs: &Preferred) {
        self.openness = self.openness.or(theirs.openness);
        self.discovery = self.discovery.or(theirs.discovery);
        for (topic, stance) in &theirs.topics {
            if !self.topics.iter().any(|(known, _)| known == topic) {
                self.say_of(topic, *stance);
            }
        }
        self.at = self.at.max(theirs.at);
    }
}

impl Terms {
    /// What the person wishes of what is recommended to them. What a later program wrote and this one does not
    /// know is left out.
    pub(crate) fn preferences(&self) -> Preferences {
        let Some(kept) = &self.preferred else {
            return Preferences::default();
        };
        let topics = kept.topics.iter();
        Preferences {
            openness: kept.openness.map(openness).unwrap_or_default(),
            discovery: kept.discovery.unwrap_or(true),
            topics: topics
                .filter_map(|(topic, said)| Some((topic.clone(), stance(*said)?)))
                .collect(),
        }
    }

    /// When the person last said something of it.
    pub(crate) fn preferred_at(&self) -> Option<Moment> {
        self.preferred.as_ref().map(|kept| Moment(kept.at))
    }
}

/// What an input says of the person's preferences.
pub(crate) fn fold(terms: &mut Terms, input: &Input) {
    if let Some(Act::Prefer(said)) = &input.act {
        let kept = terms.preferred.get_or_insert_default();
        said.iter().for_each(|one| kept.say(one));
        kept.at = input.at.max(input.received_at);
    }
    if let Some(theirs) = &input.joined_wishes {
        terms.preferred.get_or_insert_default().join(theirs);
    }
}

fn openness(number: u8) -> Openness {
    let step = Openness::ALL.into_iter().find(|step| *step as u8 == number);
    step.unwrap_or_default()
}

fn stance(number: u8) -> Option<Stance> {
    Stance::ALL.into_iter().find(|stance| *stance as u8 == number)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    fn said(all: &Preferences) -> Terms {
        let mut terms = Terms::default();
        let input = Input {
            at: 7,
            act: Some(Act::prefer(all)),
            ..Input::default()
        };
        fold(&mut terms, &input);
        terms
    }

    fn some() -> Preferences {
        Preferences {
            openness: Openness::Wide,
            discovery: false,
            topics: [
                ("mugs".to_owned(), Stance::Never),
                ("tea".to_owned(), Stance::Interested),
            ]
            .into(),
        }
    }

    #[test]
    fn what_is_stored_of_preferences_is_read_for_ever() {
        let terms = said(&some());
        let kept = terms.preferred.clone().unwrap();
        let bytes = super::super::encode(&kept);
        assert_eq!(
            hex(&bytes),
            "018403f48282646d75677303826374656101".to_owned() + "07"
        );
        assert!(super::super::decode::<Preferred>(&bytes).is_ok_and(|read| read == kept));
        let act = super::super::encode(&Act::Prefer(vec![
            Preference::Anew,
            Preference::Openness(4),
            Preference::Discovery(true),
            Preference::topic("tea", Some(Stance::Less)),
        ]));
        assert_eq!(
            hex(&act),
            "01820a818482008082018104820281f5820382637465610".to_owned() + "2"
        );
        assert_eq!(terms.preferences(), some());
        assert_eq!(Terms::default().preferences(), Preferences::default());
    }

    #[test]
    fn the_latest_word_on_a_topic_stands_and_can_be_taken_back() {
        let mut terms = said(&some());
        for (stance, found) in [(Some(Stance::Less), Some(Stance::Less)), (None, None)] {
            let input = Input {
                act: Some(Act::Prefer(vec![Preference::topic("mugs", stance)])),
                ..Input::default()
            };
            fold(&mut terms, &input);
            assert_eq!(terms.preferences().topics.get("mugs").copied(), found);
        }
        assert_eq!(terms.preferences().openness, Openness::Wide);
    }

    #[test]
    fn what_a_visitor_said_fills_what_the_person_said_nothing_of() {
        let mut terms = said(&Preferences {
            openness: Openness::Wide,
            topics: [("tea".to_owned(), Stance::Interested)].into(),
            ..Preferences::default()
        });
        let visitor = said(&Preferences {
            openness: Openness::Close,
            discovery: false,
            topics: [
                ("mugs".to_owned(), Stance::Never),
                ("tea".to_owned(), Stance::Less),
            ]
            .into(),
        });
        let input = Input {
            joined_wishes: visitor.preferred,
            ..Input::default()
        };
        fold(&mut terms, &input);
        let joined = terms.preferences();
        assert_eq!(joined.openness, Openness::Wide);
        assert_eq!(joined.topics.get("tea"), Some(&Stance::Interested));
        assert_eq!(joined.topics.get("mugs"), Some(&Stance::Never));
    }
}
