//! The facts behind claims, at the moment a message is written: what holds is a value, what does not is nothing, and
//! the sentence that asks for it goes, or the message stops.
//!
//! What was known of the world then is told with the message, so that it can be judged again from the record.
//!
//! Deliberately does not know: what the sentences say, where stock and counts come from.

use super::Words;
use gate::dispatch::{Seen, Waiting};
use honesty::claim::{Fact, Figure, Held, Kind, hold};
use honesty::price::{self, Dated};
use jiff::Timestamp;
use liquid::Value;
use program::message::{Claim, Message};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use vocabulary::{Catalogue, Item, ItemId, Moment};

/// At most so many are called few.
pub const FEW: u64 = 10;
/// Days that a counted event is counted.
pub const COUNTED_DAYS: u16 = 30;

/// Most prices of an item that are looked at, the newest: they stand in the record of each message that rests on them.
const MOST_PRICES: usize = 400;

/// What is known of the world besides the program: all that claims may rest on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Backing {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    items: BTreeMap<ItemId, Ware>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    counted: BTreeMap<String, u64>,
}

/// What is known of an item.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Ware {
    left: Option<u64>,
    now: i64,
    prices: Vec<(i64, i64)>,
}

impl Backing {
    /// Stock and prices as the catalogue says.
    pub fn of(catalogue: &Catalogue) -> Backing {
        let known = |item: &&Item| item.stock.is_some() || !item.in_stock || !item.prices.is_empty();
        let items = catalogue.items().iter().filter(known);
        Backing {
            items: items.map(|item| (item.id.clone(), Ware::of(item))).collect(),
            counted: BTreeMap::new(),
        }
    }

    /// And how many different people an event came from in the last [`COUNTED_DAYS`], at least: small counts left
    /// out, never exact.
    #[must_use]
    pub fn counting(mut self, counted: BTreeMap<String, u64>) -> Backing {
        self.counted = counted;
        self
    }

    /// Only what the claims of this message rest on.
    fn behind(&self, message: &Message) -> Backing {
        let mut behind = Backing::default();
        for claim in &message.claims {
            match claim {
                Claim::Scarcity { stock: item } | Claim::Discount { prior_price: item } => {
                    let ware = self.items.get(item).cloned();
                    behind.items.extend(ware.map(|ware| (item.clone(), ware)));
                }
                Claim::SocialProof { counted } => {
                    let count = self.counted.get(counted).copied();
                    behind.counted.extend(count.map(|count| (counted.clone(), count)));
                }
                Claim::Urgency { .. } | Claim::Testimonial { .. } => {}
            }
        }
        behind
    }

    /// All of both.
    #[must_use]
    pub(super) fn and(mut self, other: Backing) -> Backing {
        self.items.extend(other.items);
        self.counted.extend(other.counted);
        self
    }
}

impl Ware {
    fn of(item: &Item) -> Ware {
        let dated = item.prices.iter().map(|price| (price.from.0, price.minor));
        let mut prices: Vec<(i64, i64)> = dated.collect();
        prices.sort_unstable();
        // What is left out makes a history too short at most, and then nothing is claimed.
        prices.drain(..prices.len().saturating_sub(MOST_PRICES));
        let stock = item.stock.map(u64::from);
        Ware {
            left: if item.in_stock { stock } else { Some(0) },
            now: item.price_minor,
            prices,
        }
    }

    /// The lowest price of the 30 days before the reduction in force; `None` too if the history does not end with the
    /// price that is asked: then one of the two is wrong.
    fn prior(&self, now: Moment) -> Option<i64> {
        let dated = self.prices.iter().map(|(from, minor)| Dated {
            from: Moment(*from),
            minor: *minor,
        });
        let (current, prior) = price::announced(&dated.collect::<Vec<_>>(), now)?;
        prior.filter(|_| current == self.now)
    }
}

/// What holds of each kind that the message claims.
pub(super) fn held(words: &Words, message: &Message, now: Moment) -> BTreeMap<Kind, Held> {
    let ware = |item: &ItemId| words.backing.items.get(item);
    let facts: Vec<(Kind, Fact)> = message
        .claims
        .iter()
        .map(|claim| match claim {
            // A deadline that is not there any more is one that has passed.
            Claim::Urgency { deadline } => {
                let at = words.deadlines.get(deadline.as_str()).copied().unwrap_or(now);
                (Kind::Urgency, Fact::Deadline { at })
            }
            Claim::Scarcity { stock } => {
                let left = ware(stock).and_then(|ware| ware.left);
                (Kind::Scarcity, Fact::Stock { left, few: FEW })
            }
            Claim::SocialProof { counted } => {
                let at_least = words.backing.counted.get(counted).copied();
                let days = COUNTED_DAYS;
                (Kind::SocialProof, Fact::Counted { at_least, days })
            }
            Claim::Discount { prior_price } => {
                let ware = ware(prior_price);
                let prior = ware.and_then(|ware| ware.prior(now));
                let now = ware.map_or(0, |ware| ware.now);
                (Kind::Discount, Fact::Price { now, prior })
            }
            Claim::Testimonial { source, checked } => {
                let (name, checked) = (source.clone(), *checked);
                (Kind::Testimonial, Fact::Source { name, checked })
            }
        })
        .collect();
    hold(&facts, now)
}

/// The claims that hold, by the names templates use; a deadline by its own name too.
pub(super) struct Facts {
    holds: BTreeMap<String, Shown>,
    backing: Backing,
}

enum Shown {
    Text(String),
    Number(i64),
}

pub(super) fn of(words: &Words, waiting: &Waiting, seen: &Seen<'_>) -> Facts {
    let mut holds = BTreeMap::new();
    let Some(ready) = words.messages.get(&waiting.name) else {
        let backing = Backing::default();
        return Facts { holds, backing };
    };
    let written = |at: Moment| {
        let at = Timestamp::from_millisecond(at.0)
            .ok()?
            .to_zoned(seen.zone.clone());
        Some(at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
    };
    let number = |count: u64| Some(Shown::Number(i64::try_from(count).ok()?));
    for (kind, held) in held(words, &ready.message, seen.now) {
        let Held::Holds(figure) = held else {
            continue;
        };
        let shown = match figure {
            Figure::Until(at) => written(at).map(Shown::Text),
            Figure::Count(count) => number(count),
            Figure::PriorPrice(minor) => Some(Shown::Number(minor)),
            Figure::Source(name) => Some(Shown::Text(name)),
        };
        if kind == Kind::Urgency {
            for claim in &ready.message.claims {
                let Claim::Urgency { deadline } = claim else {
                    continue;
                };
                let at = words.deadlines.get(deadline.as_str()).and_then(|at| written(*at));
                holds.extend(at.map(|at| (deadline.to_string(), Shown::Text(at))));
            }
        }
        holds.extend(shown.map(|shown| (kind.name().to_owned(), shown)));
    }
    Facts {
        holds,
        backing: words.backing.behind(&ready.message),
    }
}

impl Facts {
    pub(super) fn values(&self) -> Value {
        let named = self.holds.iter().map(|(name, shown)| {
            let value = match shown {
                Shown::Text(text) => Value::from(text.as_str()),
                Shown::Number(number) => Value::from(serde_json::Value::from(*number)),
            };
            (name.clone(), value)
        });
        Value::object(named)
    }

    pub(super) fn told(&self) -> serde_json::Value {
        let named = self.holds.iter().map(|(name, shown)| {
            let value = match shown {
                Shown::Text(text) => text.clone().into(),
                Shown::Number(number) => (*number).into(),
            };
            (name.clone(), value)
        });
        serde_json::Value::Object(named.collect())
    }

    /// What the claims rest on besides the program, as [`Backing`] reads it.
    pub(super) fn rests_on(&self) -> serde_json::Value {
        serde_json::to_value(&self.backing).unwrap_or_default()
    }
}
