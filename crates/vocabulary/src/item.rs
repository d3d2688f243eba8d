//! Items: what can be recommended, and what a person did with them. An item is public; an
//! [`Interaction`] is personal and reaches nobody but through a grant.

use crate::Moment;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash as _, Hasher as _};

/// The team's own identifier of an item (Segment's `product_id`), at most 100 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemId(pub String);

impl ItemId {
    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ItemId {
    fn from(text: &str) -> Self {
        ItemId(text.to_owned())
    }
}

/// What the catalogue says of an item. Public facts only.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The team's identifier.
    pub id: ItemId,
    /// The name people read.
    pub name: String,
    /// Category, one word of the team's.
    #[serde(default)]
    pub category: String,
    /// Price in minor units (cents) of the shop's currency.
    #[serde(default)]
    pub price_minor: i64,
    /// Never show it.
    #[serde(default)]
    pub hidden: bool,
    /// Can be bought now.
    #[serde(default = "yes")]
    pub in_stock: bool,
    /// How many can be bought now; `None`: the source does not say, and no message may say that few are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<u32>,
    /// What it cost since when, in any order, the price in force among them. Empty: the source does not say, and no
    /// message may announce a lower price (Directive 98/6/EC, art. 6a).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<PriceSince>,
}

/// A price from a moment on, until the next one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceSince {
    /// From when: milliseconds since 1970-01-01T00:00:00Z.
    pub from: Moment,
    /// Minor units (cents) of the shop's currency.
    pub minor: i64,
}

fn yes() -> bool {
    true
}

/// All items, in the catalogue's order, found by identifier.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    items: Vec<Item>,
    by_id: HashMap<ItemId, usize, BuildHasherDefault<Fnv>>,
    print: u64,
}

impl Catalogue {
    /// A catalogue of these items. Of two with one identifier the later stands.
    pub fn new(items: Vec<Item>) -> Catalogue {
        let mut catalogue = Catalogue::default();
        for item in items {
            match catalogue
                .by_id
                .get(&item.id)
                .and_then(|at| catalogue.items.get_mut(*at))
            {
                Some(earlier) => *earlier = item,
                None => {
                    catalogue.by_id.insert(item.id.clone(), catalogue.items.len());
                    catalogue.items.push(item);
                }
            }
        }
        let mut print = Fnv::default();
        for item in &catalogue.items {
            (&item.id.0, &item.category).hash(&mut print);
        }
        catalogue.print = print.finish();
        catalogue
    }

    /// A number for which items there are and of which categories: another one as soon as that changes.
    pub fn print(&self) -> u64 {
        self.print
    }

    /// The item of that identifier.
    pub fn get(&self, id: &ItemId) -> Option<&Item> {
        self.by_id.get(id).and_then(|at| self.items.get(*at))
    }

    /// All items in order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }
}

/// All that one person did with one item: what a history is made of. Bounded counts, not a log.
#[derive(Clone, PartialEq, Debug)]
pub struct Interaction {
    /// Which item.
    pub item: ItemId,
    /// How often it was viewed.
    pub viewed: u32,
    /// How often it was put into a cart.
    pub added: u32,
    /// In how many orders it was bought.
    pub bought: u32,
    /// The latest of these.
    pub last_at: Moment,
}

/// FNV-1a, 64 bits. The keys of the table are the team's catalogue and nobody else can add one, so it
/// need not withstand chosen keys; it is quick on short ones and the same everywhere.
#[derive(Clone)]
pub struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl std::hash::Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
