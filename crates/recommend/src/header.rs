//! What a model says of itself: the JSON at the front of its file, fit to be printed in the public
//! register as it stands.

use crate::Error;
use serde::{Deserialize, Serialize};
use vocabulary::{Day, Digest};

/// The header of a model file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The format of the file, [`crate::FORMAT`] or an earlier one.
    pub format: u32,
    /// How many items it knows.
    pub items: u32,
    /// How many people counted in it.
    pub people: u64,
    /// The day it was made (UTC).
    pub made_on: Day,
    /// The charter under which those people were permitted to count.
    pub charter: Digest,
    /// Where the data came from, in words.
    pub data: String,
    /// How it was learned.
    pub training: Training,
    /// How it scores.
    pub parameters: Parameters,
    /// What it gives away of a person at most, if noise was added; nothing is claimed without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy: Option<Privacy>,
    /// A weight in the file is a whole number of `2^-weight_bits`.
    pub weight_bits: u8,
}

/// Differential privacy at the level of a person, add or remove one.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// ε of all releases of this model together.
    pub epsilon: f64,
    /// δ of them.
    pub delta: f64,
    /// The same as Gaussian differential privacy, by which releases add up: `μ² = μ₁² + μ₂² + …`.
    pub mu: f64,
    /// How many items have pairs; 0: popularity and public facts alone, since people were too few.
    pub items: u32,
}

/// How a model was learned. Nothing here is used in scoring.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Ridge added to the diagonal, as a multiple of the mean diagonal entry.
    pub ridge: f64,
    /// The part of each history that was thought away.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub dropout: f64,
    /// At most so many "discover" weights lead to one item.
    pub neighbours: u32,
    /// At most so many "next" weights lead to one item.
    pub transitions: u32,
    /// At most so many weights of public facts lead to one item.
    #[serde(default, skip_serializing_if = "is_none")]
    pub alike: u32,
    /// At most so many items of one person count, the latest first.
    pub most_items: u32,
    /// An item has weights and popularity only if at least so many people are behind it.
    pub least_people: u32,
}

/// How a history becomes scores. All amounts are in units of score.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// What buying an item without end would add to that same item.
    pub again: f64,
    /// Weight of the directed transitions.
    pub next: f64,
    /// Weight of the symmetric part.
    pub discover: f64,
    /// What an item that everybody has would get for that.
    pub prior: f64,
    /// Weight of public facts, for items that few people have.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub alike: f64,
    /// What a mute takes from the muted item; from its neighbours their weight times this.
    pub mute: f64,
    /// Strength of an item that was viewed, never added or bought.
    pub viewed: f64,
    /// Strength of an item that was added to a cart, never bought.
    pub added: f64,
    /// Strength of an item that was bought once.
    pub bought: f64,
    /// Many acts count up to `1 + repeats` times as much as one.
    pub repeats: f64,
    /// After so many orders with an item, "again" reaches half of its most.
    pub again_half: f64,
    /// Days after which an interaction counts half in "discover".
    pub discover_half_life: f64,
    /// Days after which an interaction counts half in "next".
    pub next_half_life: f64,
    /// Days after which an interaction counts half in "again".
    pub again_half_life: f64,
}

impl Header {
    /// Checks every number of the header against its range.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !(1..=crate::FORMAT).contains(&self.format) {
            return Err(Error::Format {
                found: self.format,
                reads: crate::FORMAT,
            });
        }
        limit("items", u64::from(self.items), crate::MOST_ITEMS as u64)?;
        limit("bytes in the note on the data", self.data.len() as u64, 1_000)?;
        limit("bits in a weight", u64::from(self.weight_bits), 15)?;
        limit("weights to one item", u64::from(self.training.neighbours), 10_000)?;
        limit(
            "weights to one item",
            u64::from(self.training.transitions),
            10_000,
        )?;
        limit("weights to one item", u64::from(self.training.alike), 10_000)?;
        range("ridge", self.training.ridge, 0.0, 1e6)?;
        range("dropout", self.training.dropout, 0.0, 0.99)?;
        if let Some(privacy) = &self.privacy {
            range("epsilon", privacy.epsilon, f64::MIN_POSITIVE, 1e3)?;
            range("delta", privacy.delta, f64::MIN_POSITIVE, 0.1)?;
            range("mu", privacy.mu, f64::MIN_POSITIVE, 1e3)?;
        }
        self.parameters.check()
    }
}

impl Parameters {
    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the first one that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        for (name, value) in [
            ("again", self.again),
            ("next", self.next),
            ("discover", self.discover),
            ("prior", self.prior),
            ("alike", self.alike),
            ("mute", self.mute),
        ] {
            range(name, value, 0.0, 16.0)?;
        }
        // With these, 16,000 addends of the greatest size still add up exactly in an `f64`.
        for (name, value) in [
            ("viewed", self.viewed),
            ("added", self.added),
            ("bought", self.bought),
            ("repeats", self.repeats),
        ] {
            range(name, value, 0.0, 3.0)?;
        }
        range("again_half", self.again_half, 0.0, 1e3)?;
        range("discover_half_life", self.discover_half_life, 0.1, 1e5)?;
        range("next_half_life", self.next_half_life, 0.1, 1e5)?;
        range("again_half_life", self.again_half_life, 0.1, 1e5)
    }
}

fn is_nothing(value: &f64) -> bool {
    *value == 0.0
}

fn is_none(value: &u32) -> bool {
    *value == 0
}

pub(crate) fn limit(what: &'static str, found: u64, most: u64) -> Result<(), Error> {
    if found > most {
        Err(Error::Limit { what, found, most })
    } else {
        Ok(())
    }
}

fn range(name: &'static str, value: f64, least: f64, most: f64) -> Result<(), Error> {
    // Written so that NaN is out of range too.
    if value >= least && value <= most {
        Ok(())
    } else {
        Err(Error::Parameter {
            name,
            value,
            least,
            most,
        })
    }
}
