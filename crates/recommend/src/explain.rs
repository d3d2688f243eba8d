//! A recommended item with all its reasons, as data. Words for people are made elsewhere.

use serde::{Deserialize, Serialize};
use vocabulary::ItemId;

/// Which part of the model an addend comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The person bought this very item before.
    Again,
    /// People who had that item then went on to this one.
    Next,
    /// People who have that item have this one too, more than its popularity explains.
    Discover,
    /// Many people have it.
    Prior,
    /// The person wants less of this, or of something close to it. Never positive.
    Mute,
    /// People of different views both value it; the same for everybody.
    Bridge,
    /// The person declared an interest in a topic of the item. Never negative.
    Interest,
    /// The person wants less of a topic of the item. Never positive.
    Less,
    /// Few have it yet, and what is publicly known of it (its categories, the words of its name) is like
    /// that item.
    Alike,
}

/// One addend of a score.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// Which part of the model.
    pub channel: Channel,
    /// Which item of the person's history or mutes; none for [`Channel::Prior`], [`Channel::Bridge`],
    /// [`Channel::Interest`] and [`Channel::Less`].
    pub because: Option<ItemId>,
    /// How much it adds, never 0.
    pub amount: f64,
}

/// An item of a list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Ranked {
    /// Which item.
    pub item: ItemId,
    /// Its score: the sum of the amounts of `reasons`, exactly, in any order of adding.
    pub score: f64,
    /// Every addend that is not 0, the greatest amount (by absolute value) first.
    pub reasons: Vec<Reason>,
}
