//! The person's contract and their open conversations, in stored bytes.
//!
//! Deliberately does not know: what a message is, how a conversation is led.

use super::{Input, Terms};
use minicbor::{Decode, Encode};
use vocabulary::{Channel, Contract, Hours, Language, Moment, Rhythm, Tone, Weekdays};

/// A contract as it is kept.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
pub struct Wishes {
    /// First and last minute of the day.
    #[n(0)]
    hours: Option<(u16, u16)>,
    #[n(1)]
    days: Option<u8>,
    #[n(2)]
    per_week: Option<u8>,
    #[n(3)]
    paused_until: Option<i64>,
    /// Kind, day, minute; `None`: one by one.
    #[n(4)]
    rhythm: Option<(u8, u8, u16)>,
    #[n(5)]
    channel: Option<u8>,
    #[n(6)]
    tone: Option<u8>,
    #[n(7)]
    language: Option<String>,
    #[n(8)]
    zone: Option<String>,
    /// When the person last said what they wish.
    #[n(9)]
    pub(crate) at: i64,
    /// A backup was put back that did not know their last word: nothing is sent until they say it again.
    #[n(10)]
    pub(crate) to_be_said: Option<bool>,
}

impl Wishes {
    pub(crate) fn new(contract: &Contract) -> Wishes {
        Wishes {
            hours: contract.hours.map(|hours| (hours.from, hours.to)),
            days: contract.days.map(|days| days.0),
            per_week: contract.per_week,
            paused_until: contract.paused_until.map(|until| until.0),
            rhythm: match contract.rhythm {
                Rhythm::Single => None,
                Rhythm::Daily { at } => Some((1, 0, at)),
                Rhythm::Weekly { day, at } => Some((2, day, at)),
            },
            channel: contract.channel.map(|channel| channel as u8),
            tone: contract.tone.map(|tone| tone as u8),
            language: contract.language.map(|language| language.tag().to_owned()),
            zone: contract.zone.clone(),
            at: 0,
            to_be_said: None,
        }
    }

    /// Nothing until the person says what they wish.
    pub(crate) fn to_be_said(at: i64) -> Wishes {
        Wishes {
            at,
            to_be_said: Some(true),
            ..Wishes::new(&Contract {
                paused_until: Some(Moment(i64::MAX)),
                ..Contract::default()
            })
        }
    }

    /// As plain values. What a later program wrote and this one does not know is left out.
    pub(crate) fn contract(&self) -> Contract {
        let numbered = |number: u8| Channel::ALL.into_iter().find(|known| *known as u8 == number);
        let tone = |number: u8| Tone::ALL.into_iter().find(|known| *known as u8 == number);
        Contract {
            hours: self.hours.map(|(from, to)| Hours { from, to }),
            days: self.days.map(Weekdays),
            per_week: self.per_week,
            paused_until: self.paused_until.map(Moment),
            rhythm: match self.rhythm {
                Some((1, _, at)) => Rhythm::Daily { at },
                Some((2, day, at)) => Rhythm::Weekly { day, at },
                _ => Rhythm::Single,
            },
            channel: self.channel.and_then(numbered),
            tone: self.tone.and_then(tone),
            language: self.language.as_deref().and_then(Language::of_tag),
            zone: self.zone.clone(),
        }
    }
}

impl Terms {
    /// What the person wishes of messages; by default what nobody has said anything of.
    pub fn contract(&self) -> Contract {
        self.wishes.as_ref().map(Wishes::contract).unwrap_or_default()
    }

    /// Whether the person must say again what they wish before anything is sent.
    pub(crate) fn contract_to_be_said(&self) -> bool {
        self.wishes
            .as_ref()
            .is_some_and(|kept| kept.to_be_said == Some(true))
    }

    /// When the person last said what they wish.
    pub(crate) fn contract_at(&self) -> Option<Moment> {
        self.wishes.as_ref().map(|kept| Moment(kept.at))
    }
}

/// What an input says of the person's wishes: the latest word of their own stands; what they are held to
/// beside it only ever limits.
pub(crate) fn fold(terms: &mut Terms, input: &Input) {
    let said_at = input.at.max(input.received_at);
    if let Some(super::Act::Contract(said)) = &input.act {
        terms.wishes = Some(Wishes {
            at: said_at,
            ..said.as_ref().clone()
        });
    }
    if let Some(held) = &input.held_to {
        let known = terms.wishes.take().unwrap_or_default();
        let both = known.contract().stricter(&held.contract());
        terms.wishes = Some(Wishes {
            // Of another clock: what is said from now on counts, whatever it says.
            at: known.at.max(held.at),
            to_be_said: known.to_be_said.or(held.to_be_said),
            ..Wishes::new(&both)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_is_read_back_as_it_was_said() {
        let contract = Contract {
            hours: Some(Hours {
                from: 1_080,
                to: 1_320,
            }),
            days: Some(Weekdays(0b001_1111)),
            per_week: Some(2),
            paused_until: Some(Moment(i64::MAX)),
            rhythm: Rhythm::Weekly { day: 6, at: 600 },
            channel: Some(Channel::InApp),
            tone: Some(Tone::Formal),
            language: Some(Language::Fr),
            zone: Some("Europe/Paris".to_owned()),
        };
        let bytes = super::super::encode(&Wishes::new(&contract));
        let read: Result<Wishes, _> = super::super::decode(&bytes);
        assert!(read.is_ok_and(|read| read.contract() == contract));
        assert_eq!(Wishes::new(&Contract::default()).contract(), Contract::default());
    }
}
