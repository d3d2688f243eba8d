//! What is recorded of a list: all that is needed to make it again, and its outcome, in the order of the keys.
//!
//! Deliberately does not know: how a record is kept.

use super::{Choose, Made, Mode, Placing, Request, Rule};
use crate::Shop;
use gate::purposes::PersonaliseView;
use recommend::Slot;
use serde::{Deserialize, Serialize};
use vocabulary::{Digest, ItemId, Moment, Preferences};

/// Bytes that the details of most decisions stay below.
const DETAILS: usize = 8 << 10;
/// The rules by which lists are opened. Whoever changes what a step of the dial means, how floors are kept or how
/// something is drawn, counts on here, and goes on making the lists of before as they were made.
const RULES: u32 = 1;

/// How a list is opened, beside what the person wishes.
#[derive(Clone)]
pub(crate) struct How {
    pub(crate) seed: u64,
    /// By what the set is chosen.
    pub(crate) rule: Choose,
    /// Topics that nobody is surprised with, by name.
    apart: Vec<String>,
    /// The same, by number.
    pub(crate) marks: Vec<bool>,
}

impl How {
    pub(crate) fn now(shop: &Shop, seed: u64) -> How {
        How::by(Choose::Mix, shop, seed)
    }

    pub(crate) fn by(rule: Choose, shop: &Shop, seed: u64) -> How {
        How::of(rule, shop, seed, shop.apart().map(str::to_owned).collect())
    }

    fn of(rule: Choose, shop: &Shop, seed: u64, apart: Vec<String>) -> How {
        How {
            seed,
            rule,
            marks: shop.marked(&apart),
            apart,
        }
    }
}

/// How a list was opened, as its record says it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Opened {
    apart: Vec<String>,
    pub(crate) places: Vec<Placing>,
    /// `None`: the list is the same for everybody.
    pub(crate) preferences: Option<Preferences>,
    /// By what the set was chosen; a mix of topics is not written.
    #[serde(default, skip_serializing_if = "is_mix")]
    rule: Choose,
    rules: u32,
    seed: u64,
}

impl Opened {
    /// As it was opened; `None`: by rules that this program does not know.
    pub(crate) fn how(&self, shop: &Shop) -> Option<How> {
        (self.rules == RULES).then(|| How::of(self.rule, shop, self.seed, self.apart.clone()))
    }
}

fn is_mix(rule: &Choose) -> bool {
    *rule == Choose::Mix
}

/// What the record says, in the order of its keys.
#[derive(Serialize)]
struct Details<'a> {
    at: Moment,
    catalogue: Digest,
    excluded: &'a [(ItemId, Rule)],
    history: Vec<(&'a str, u32, u32, u32, i64)>,
    items: Vec<(&'a str, f64)>,
    mode: Mode,
    model: Digest,
    muted: &'a [ItemId],
    #[serde(skip_serializing_if = "Option::is_none")]
    opened: Option<Opened>,
    request: &'a Request,
}

/// The record of a list.
pub(super) fn write(
    view: Option<&PersonaliseView>,
    request: &Request,
    shop: &Shop,
    how: Option<&How>,
    now: Moment,
    made: &Made,
) -> String {
    let history: Vec<(&str, u32, u32, u32, i64)> = view
        .iter()
        .flat_map(|view| &view.history)
        .map(|i| (i.item.as_str(), i.viewed, i.added, i.bought, i.last_at.0))
        .collect();
    let items = made.items.iter();
    let details = Details {
        at: now,
        catalogue: shop.catalogue_digest(),
        excluded: &made.excluded,
        history,
        items: items.map(|(r, _)| (r.item.as_str(), r.score)).collect(),
        mode: match view {
            Some(_) => Mode::Profiled,
            None => Mode::Contextual,
        },
        model: shop.model().digest(),
        muted: view.map(|view| view.muted.as_slice()).unwrap_or_default(),
        opened: how.map(|how| Opened {
            apart: how.apart.clone(),
            places: made.items.iter().map(|(_, place)| *place).collect(),
            preferences: view.map(|view| view.preferences.clone()),
            rule: how.rule,
            rules: RULES,
            seed: how.seed,
        }),
        request,
    };
    let mut text = Vec::with_capacity(DETAILS);
    // Nothing in it can fail to be written: it has no maps whose keys are no text.
    let _ = serde_json::to_writer(&mut text, &details);
    String::from_utf8(text).unwrap_or_default()
}

/// A [`Placing`] as it is written, in the order of the keys.
#[derive(Serialize, Deserialize)]
pub(super) struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    among: Option<u32>,
    outside: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    propensity: Option<f64>,
    slot: Kind,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Chosen,
    Discovery,
    Exposure,
    Floor,
    Interest,
}

impl From<Placing> for Written {
    fn from(place: Placing) -> Written {
        let (slot, drawn) = match place.slot {
            Slot::Chosen => (Kind::Chosen, None),
            Slot::Floor => (Kind::Floor, None),
            Slot::Interest => (Kind::Interest, None),
            Slot::Discovery { among, propensity } => (Kind::Discovery, Some((among, propensity))),
            Slot::Exposure { among, propensity } => (Kind::Exposure, Some((among, propensity))),
        };
        Written {
            among: drawn.map(|(among, _)| among),
            outside: place.outside,
            propensity: drawn.map(|(_, propensity)| propensity),
            slot,
        }
    }
}

impl TryFrom<Written> for Placing {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Placing, &'static str> {
        let drawn = || {
            written
                .among
                .zip(written.propensity)
                .ok_or("a draw without its chance")
        };
        let slot = match written.slot {
            Kind::Chosen => Slot::Chosen,
            Kind::Floor => Slot::Floor,
            Kind::Interest => Slot::Interest,
            Kind::Discovery => drawn().map(|(among, propensity)| Slot::Discovery { among, propensity })?,
            Kind::Exposure => drawn().map(|(among, propensity)| Slot::Exposure { among, propensity })?,
        };
        Ok(Placing {
            outside: written.outside,
            slot,
        })
    }
}
