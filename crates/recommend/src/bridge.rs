//! Bridging: where an offer has opposed audiences (opinions, news, debates), what people of different views both
//! value gets something on top of its score.
//!
//! Of each group of views only sums come in: how many of them were asked about an item, and how many agreed. What
//! an item gets is `weight · product over groups of the smoothed rate of agreement`, the same for everybody: nobody's
//! own side is needed, asked for, worked out or kept. (The product is the group-informed consensus of Small et al.,
//! "Polis", RECERCA 2021; compare the bridging of Wojcik et al., "Birdwatch", 2022. Beside the minimum over groups it
//! also tells apart what the group worst off values alike.)
//!
//! Rule and weight were chosen on fifteen public conversations, all others than those that the program is measured on
//! (docs/eval.md).
//!
//! It is an addend of its own ([`Channel::Bridge`](crate::Channel::Bridge)), so that explanations stay exact.
//!
//! Deliberately does not know: who is of which view, how groups were found, what was voted on.

use crate::{Error, Model, Scores};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use vocabulary::ItemId;

/// What a group says of an item, in sums. With noise a sum may be off, and below 0.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// How many agreed.
    pub agreed: f64,
    /// How many were asked, those who agreed among them.
    pub asked: f64,
}

/// The sums of all groups: all that is known of views.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Views {
    /// Per group what it says of items. Groups have no name.
    pub groups: Vec<BTreeMap<ItemId, Answers>>,
    /// The standard deviation of the noise in the sums of those who agreed, and of those who did not; 0: none.
    pub deviation: f64,
}

/// How much is added, and from how many people on.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bridging {
    /// What an item would get that everybody of every group agrees to, in units of score: 1 is about what the
    /// model expects of something a person is certain to have.
    pub weight: f64,
    /// What a group says of an item counts only if at least so many of it were asked.
    pub least: f64,
}

impl Default for Bridging {
    fn default() -> Bridging {
        Bridging {
            weight: 2.0,
            least: 10.0,
        }
    }
}

/// At most so many groups.
const MOST_GROUPS: usize = 32;
/// How much rates of agreement differ among the items of a group: the variance that smoothing goes by.
const SPREAD: f64 = 0.04;
/// The variance of one answer, at its greatest.
const ONE: f64 = 0.25;
/// The part of the noise's variance that is left in a rate of one half.
const NOISE: f64 = 0.5;

/// What bridging adds to each item of a model.
#[derive(Clone, PartialEq, Debug)]
pub struct Bridge {
    /// By place in the model, in units of score.
    adds: Vec<i64>,
}

impl Bridge {
    /// From the sums of groups. With fewer than two groups there is nothing to bridge, and nothing is added.
    ///
    /// An item about which too few of a group were asked counts with that group's mean: nothing is held against it,
    /// and its few answers are not used.
    ///
    /// # Errors
    /// [`Error::Parameter`] or [`Error::Limit`] where a number is out of its range.
    pub fn new(model: &Model, views: &Views, bridging: Bridging) -> Result<Bridge, Error> {
        within("bridge_weight", bridging.weight, 0.0, 16.0)?;
        within("bridge_least", bridging.least, 1.0, 1e9)?;
        within("deviation", views.deviation, 0.0, 1e9)?;
        crate::header::limit("groups of views", views.groups.len() as u64, MOST_GROUPS as u64)?;
        let rates = views
            .groups
            .iter()
            .map(|group| rates(model, group, views.deviation, bridging.least))
            .collect::<Result<Vec<_>, Error>>()?;
        let unit = model.unit();
        let consensus = |at: usize| {
            let of_item = rates.iter().filter_map(|rates| rates.get(at).copied());
            of_item.product::<f64>()
        };
        let adds = (0..model.items().len()).map(|at| match rates.len() {
            0 | 1 => 0,
            _ => (bridging.weight * consensus(at) / unit + 0.5) as i64,
        });
        Ok(Bridge { adds: adds.collect() })
    }

    /// What it adds to the item at that place, in whole numbers of [`Model::unit`].
    pub(crate) fn of(&self, at: u32) -> i64 {
        self.adds.get(at as usize).copied().unwrap_or(0)
    }
}

impl<'m> Scores<'m> {
    /// These scores with what `bridge` adds. A bridge stands for the model it was made for.
    #[must_use]
    pub fn bridged(mut self, bridge: &'m Bridge) -> Scores<'m> {
        self.cross(bridge);
        self
    }
}

/// The smoothed rate of agreement of one group, for each item of the model.
///
/// Smoothed as by a normal prior around the group's mean: with `n` asked and noise of deviation σ, a rate has the
/// variance `(p (1 − p) + σ² (p² + (1 − p)²) / n) / n`, and counts against the spread of rates among items accordingly.
fn rates(
    model: &Model,
    group: &BTreeMap<ItemId, Answers>,
    deviation: f64,
    least: f64,
) -> Result<Vec<f64>, Error> {
    // Noise alone is not to look like a cohort.
    let enough = |said: &Answers| said.asked >= least + deviation;
    let (mut agreed, mut asked) = (0.0, 0.0);
    for said in group.values() {
        within("agreed", said.agreed, -1e12, 1e12)?;
        within("asked", said.asked, -1e12, 1e12)?;
        if enough(said) {
            agreed += said.agreed;
            asked += said.asked;
        }
    }
    let mean = match asked > 0.0 {
        true => (agreed / asked).clamp(0.0, 1.0),
        false => 0.5,
    };
    let rate = |item: &ItemId| {
        let Some(said) = group.get(item).filter(|said| enough(said)) else {
            return mean;
        };
        let prior = (ONE + NOISE * deviation * deviation / said.asked) / SPREAD;
        ((said.agreed + prior * mean) / (said.asked + prior)).clamp(0.0, 1.0)
    };
    Ok(model.items().iter().map(rate).collect())
}

fn within(name: &'static str, value: f64, least: f64, most: f64) -> Result<(), Error> {
    match value >= least && value <= most {
        true => Ok(()),
        false => Err(Error::Parameter {
            name,
            value,
            least,
            most,
        }),
    }
}
