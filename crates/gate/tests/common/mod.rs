//! A gate over a store, and short words for what people do.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

use gate::charter::{Charter, Requester};
use gate::dictionary::Dictionary;
use gate::purposes::{Personalise, ShowOwnData};
use gate::{Account, Ask, Fate, Gate, Keyring, LedgerKey, Options, Refused, Secret, Whom};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::Shelf;
use vocabulary::{Catalogue, Digest, Event, Item, Kind, Moment, PurposeName, Signals};

pub const DICTIONARY: &str = r#"
[consent_categories]
Marketing = ["personalise", "segment"]
Statistics = ["train"]

[events."Product Viewed"]
purposes = ["personalise", "segment", "train"]
interaction = "viewed"
fields = ["product_id"]

[events."Product Added"]
purposes = ["personalise", "segment", "train"]
interaction = "added"
fields = ["product_id", "quantity"]

[events."Order Completed"]
purposes = ["service", "personalise", "segment", "train"]
interaction = "bought"
fields = ["order_id", "products.product_id", "products.quantity"]

[traits.firstName]
purposes = ["service"]

[traits.favourite_colour]
purposes = ["personalise", "segment"]

[traits.age_bracket]
purposes = ["service"]
age_bracket = true

[traits.religion]
purposes = ["service"]
special = true

[traits.interests]
purposes = ["service", "personalise", "segment"]
"#;

/// What the shop sells; all other items are unknown to the catalogue.
pub fn catalogue() -> Catalogue {
    let item = |id: &str, name: &str| Item {
        id: id.into(),
        name: name.to_owned(),
        category: String::new(),
        price_minor: 0,
        hidden: false,
        in_stock: true,
        stock: None,
        prices: Vec::new(),
    };
    Catalogue::new(vec![item("p1", "Pregnancy test"), item("vase", "Blue vase")])
}

/// 2026-11-22T12:00:00Z.
pub const NOON: i64 = 1_795_348_800_000;

pub struct House {
    pub gate: Gate,
    pub now: Arc<AtomicI64>,
    messages: std::cell::Cell<u64>,
}

pub fn secret(byte: u8) -> Secret {
    Secret::from_text(&format!("{byte:02x}").repeat(32)).unwrap()
}

pub fn open(shelf: Arc<dyn Shelf>) -> Result<House, gate::Unavailable> {
    open_keyed(shelf, 1, 102)
}

pub fn open_keyed(shelf: Arc<dyn Shelf>, kek: u8, index: u8) -> Result<House, gate::Unavailable> {
    let now = Arc::new(AtomicI64::new(NOON));
    let gate = Gate::open(options(shelf, kek, index, &now, None))?;
    Ok(House::of(gate, now))
}

/// With an erasure journal in that folder.
pub fn open_journalled(shelf: Arc<dyn Shelf>, folder: &std::path::Path) -> Result<House, gate::Unavailable> {
    let now = Arc::new(AtomicI64::new(NOON));
    let gate = Gate::open(options(shelf, 1, 102, &now, Some(folder)))?;
    Ok(House::of(gate, now))
}

pub fn options(
    shelf: Arc<dyn Shelf>,
    kek: u8,
    index: u8,
    now: &Arc<AtomicI64>,
    erasures: Option<&std::path::Path>,
) -> Options {
    let clock = Arc::clone(now);
    Options {
        shelf,
        keyring: Keyring::new(&secret(kek), &secret(index)).unwrap(),
        charter: Charter::built_in().unwrap(),
        dictionary: Dictionary::read(DICTIONARY).unwrap().with_catalogue(&catalogue()),
        ledger: LedgerKey {
            origin: "test.example/egard".to_owned(),
            secret: secret(103),
            older: Vec::new(),
        },
        hot: 1000,
        clock: Arc::new(move || Moment(clock.load(Ordering::Relaxed))),
        owner: "test".to_owned(),
        erasures: erasures.map(std::path::Path::to_owned),
    }
}

pub fn ask(now: i64) -> Ask {
    Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now: Moment(now),
    }
}

pub fn user(id: &str) -> Whom<'_> {
    Whom {
        user_id: Some(id),
        anonymous_id: None,
    }
}

pub fn visitor(id: &str) -> Whom<'_> {
    Whom {
        user_id: None,
        anonymous_id: Some(id),
    }
}

/// An event of a known user.
pub fn event(user: &str, name: &str, fields: Value) -> Event {
    let Value::Object(fields) = fields else {
        panic!("fields are an object")
    };
    Event {
        message_id: String::new(),
        kind: Kind::Track,
        name: name.to_owned(),
        user_id: Some(user.to_owned()),
        anonymous_id: None,
        previous_id: None,
        at: Moment(NOON),
        received_at: Moment(NOON),
        fields,
        consent: None,
        signals: Signals::default(),
    }
}

pub fn viewed(user: &str, item: &str) -> Event {
    event(user, "Product Viewed", json!({ "product_id": item }))
}

pub fn bought(user: &str, items: &[&str]) -> Event {
    let products: Vec<Value> = items.iter().map(|item| json!({ "product_id": item })).collect();
    event(
        user,
        "Order Completed",
        json!({ "order_id": "7", "products": products }),
    )
}

pub fn consent(user: &str, at: i64, preferences: &[(&str, bool)]) -> Event {
    Event {
        consent: Some(
            preferences
                .iter()
                .map(|(name, given)| ((*name).to_owned(), *given))
                .collect(),
        ),
        at: Moment(at),
        received_at: Moment(at),
        ..event(user, gate::CONSENT_EVENT, Value::Object(Map::new()))
    }
}

impl House {
    pub fn of(gate: Gate, now: Arc<AtomicI64>) -> House {
        House {
            gate,
            now,
            messages: std::cell::Cell::new(0),
        }
    }

    /// Sends events, each as a message of its own, and answers what became of them.
    pub async fn send(&self, events: Vec<Event>) -> Vec<Fate> {
        let received = events
            .into_iter()
            .map(|mut event| {
                if event.message_id.is_empty() {
                    self.messages.set(self.messages.get() + 1);
                    event.message_id = format!("m{}", self.messages.get());
                }
                self.gate.take_in("shop", event)
            })
            .collect();
        self.gate.observe(received).await.unwrap()
    }

    /// What `personalise` sees: items with (viewed, added, bought), or the policies that refused.
    pub async fn seen(&self, whom: &Whom<'_>) -> Result<Vec<String>, Vec<String>> {
        self.seen_with(whom, ask(self.now.load(Ordering::Relaxed))).await
    }

    pub async fn seen_with(&self, whom: &Whom<'_>, ask: Ask) -> Result<Vec<String>, Vec<String>> {
        let decided = self.gate.decide::<Personalise, _, _>(whom, ask, |view| {
            let mut lines: Vec<String> = view
                .history
                .iter()
                .map(|i| format!("{} {}/{}/{}", i.item.as_str(), i.viewed, i.added, i.bought))
                .collect();
            lines.sort();
            Lines(lines)
        });
        match decided.await.unwrap() {
            Ok(recorded) => Ok(recorded.proposal.0),
            Err(refused) => Err(ids(&refused)),
        }
    }

    /// All that is known, as lines; `None` if nothing is.
    pub async fn known(&self, whom: &Whom<'_>) -> Option<Vec<String>> {
        let ask = Ask {
            requester: Requester::Person,
            ..ask(self.now.load(Ordering::Relaxed))
        };
        let decided = self.gate.decide::<ShowOwnData, _, _>(whom, ask, |view| {
            let mut lines: Vec<String> = view
                .history
                .iter()
                .map(|k| {
                    let i = &k.interaction;
                    format!("{} {}/{}/{}", i.item.as_str(), i.viewed, i.added, i.bought)
                })
                .collect();
            lines.extend(view.traits.iter().map(|t| format!("{}={}", t.name, t.value)));
            lines.extend(
                view.consents
                    .iter()
                    .map(|c| format!("{}:{}", c.purpose, c.state.as_str())),
            );
            lines.sort();
            Lines(lines)
        });
        decided.await.unwrap().ok().map(|recorded| recorded.proposal.0)
    }
}

pub fn ids(refused: &Refused) -> Vec<String> {
    refused.policies.iter().map(ToString::to_string).collect()
}

#[derive(Debug)]
pub struct Lines(pub Vec<String>);

impl Account for Lines {
    fn kind(&self) -> &'static str {
        "test"
    }
    fn program(&self) -> Digest {
        Digest::default()
    }
    fn details(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// All purposes that rest on consent, given or not.
pub fn all(given: bool) -> [(PurposeName, bool); 3] {
    [PurposeName::Personalise, PurposeName::Segment, PurposeName::Train].map(|p| (p, given))
}
