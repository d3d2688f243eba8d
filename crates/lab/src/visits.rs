//! **Synthetic** visits to a shop, as the Segment messages a server library would send: some live
//! sessions at a time, each of a person drawn at random, about twelve events each.
//!
//! Nothing here happened. The products are those of the shipped catalogue, so that names are as long as
//! names are. The same seed gives the same text.
//!
//! Deliberately does not know: HTTP, clocks, what becomes of a message.

use crate::consents::scramble;
use std::fmt::Write as _;
use std::sync::Arc;
use vocabulary::Catalogue;

/// Fewest and most events of one visit; in between all are equally likely, 12 on average.
const VISIT: (u64, u64) = (4, 20);

/// The data dictionary under which everything a visit says is declared but its `sku`.
pub const DICTIONARY: &str = include_str!("visits.toml");

/// A stream of messages of many people, interleaved.
pub struct Visits {
    random: Random,
    people: u64,
    live: Vec<Visit>,
    products: Arc<[String]>,
    stream: u64,
    number: u64,
}

struct Visit {
    person: u64,
    left: u64,
}

impl Visits {
    /// `live` sessions at a time of people from 0 to `people - 1`. Streams of one seed with different
    /// numbers share no message id.
    pub fn new(seed: u64, stream: u64, people: u32, live: usize, products: Arc<[String]>) -> Visits {
        let mut visits = Visits {
            random: Random(scramble(seed ^ scramble(stream))),
            people: u64::from(people.max(1)),
            live: Vec::with_capacity(live.max(1)),
            products,
            stream: scramble(seed).rotate_left(17) ^ stream,
            number: 0,
        };
        for _ in 0..live.max(1) {
            // Somewhere in the middle, as in a shop that has been open for a while.
            let visit = visits.begin();
            let left = 1 + visits.random.below(visit.left);
            visits.live.push(Visit { left, ..visit });
        }
        visits
    }

    /// A batch of `events` messages, all sent at `stamp` (RFC 3339).
    pub fn batch(&mut self, events: usize, stamp: &str) -> String {
        let mut text = String::with_capacity(events * 720 + 64);
        text.push_str("{\"batch\":[");
        for number in 0..events {
            if number > 0 {
                text.push(',');
            }
            self.event(stamp, &mut text);
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "],\"sentAt\":\"{stamp}\"}}");
        text
    }

    fn begin(&mut self) -> Visit {
        Visit {
            person: self.random.below(self.people),
            left: VISIT.0 + self.random.below(VISIT.1 - VISIT.0 + 1),
        }
    }

    fn event(&mut self, stamp: &str, text: &mut String) {
        let turn = self.random.below(self.live.len() as u64) as usize;
        let next = self.begin();
        let Some(visit) = self.live.get_mut(turn) else {
            return;
        };
        let (person, last) = (visit.person, visit.left <= 1);
        visit.left -= 1;
        if last {
            *visit = next;
        }
        let kind = match self.random.below(8) {
            0..=1 if last => "Order Completed",
            0..=1 => "Product Added",
            _ => "Product Viewed",
        };
        self.number += 1;
        let _ = write!(
            text,
            "{{\"type\":\"track\",\"event\":\"{kind}\",\"messageId\":\"node-next-{:016x}-{:012x}\",\
             \"userId\":\"person-{person:09}\",\"anonymousId\":\"{}\",\"timestamp\":\"{stamp}\",\
             \"properties\":{{",
            self.stream,
            self.number,
            device(person)
        );
        match kind {
            "Order Completed" => {
                let _ = write!(
                    text,
                    "\"order_id\":\"o-{:x}-{}\",\"currency\":\"GBP\",\"products\":[",
                    self.stream, self.number
                );
                for number in 0..=self.random.below(3) {
                    if number > 0 {
                        text.push(',');
                    }
                    let _ = write!(text, "{{{},\"quantity\":1}}", self.product());
                }
                text.push(']');
            }
            _ => {
                let position = self.random.below(40);
                let _ = write!(
                    text,
                    "{},\"position\":{position},\"quantity\":1,\"sku\":\"sku-{position}\"",
                    self.product()
                );
            }
        }
        text.push_str(
            "},\"context\":{\"library\":{\"name\":\"@segment/analytics-node\",\"version\":\"2.2.1\"},\
             \"locale\":\"fr-FR\",\"page\":{\"path\":\"/shop\"},\"timezone\":\"Europe/Paris\",\"userAgent\":\"Mozilla/5.0 (X11; Linux \
             x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\"},\"integrations\":{},\"_metadata\":\
             {\"nodeVersion\":\"22.11.0\"}}",
        );
    }

    /// A product as JSON fields. The square of a uniform draw: few products get most of the looks.
    fn product(&mut self) -> &str {
        let draw = self.random.unit() * self.random.unit();
        let at = (draw * self.products.len() as f64) as usize;
        self.products
            .get(at)
            .map_or("\"product_id\":\"none\"", String::as_str)
    }
}

/// The products of a catalogue as the JSON fields of a property object.
pub fn products(catalogue: &Catalogue) -> Arc<[String]> {
    let plain = |text: &str| text.replace(['"', '\\'], "'").replace(char::is_control, " ");
    let field = |item: &vocabulary::Item| {
        format!(
            "\"product_id\":\"{}\",\"name\":\"{}\",\"category\":\"{}\",\"price\":{}.{:02}",
            plain(item.id.as_str()),
            plain(&item.name),
            plain(&item.category),
            item.price_minor / 100,
            item.price_minor % 100
        )
    };
    catalogue.items().iter().map(field).collect()
}

/// A batch in which each of `people` agrees to everything, so that their visits may be kept.
pub fn agreements(people: std::ops::Range<u32>, stamp: &str) -> String {
    let each = people.map(|person| {
        format!(
            "{{\"type\":\"track\",\"event\":\"Segment Consent Preference Updated\",\"messageId\":\
             \"agreed-{person}\",\"userId\":\"person-{person:09}\",\"anonymousId\":\"{}\",\"timestamp\":\
             \"{stamp}\",\"properties\":{{}},\"context\":{{\"consent\":{{\"categoryPreferences\":\
             {{\"Personalisation\":true,\"Groups\":true,\"Learning\":true}}}}}}}}",
            device(u64::from(person))
        )
    });
    let each: Vec<String> = each.collect();
    format!("{{\"batch\":[{}],\"sentAt\":\"{stamp}\"}}", each.join(","))
}

/// The one browser of a person, as an identifier of the length of a UUID.
fn device(person: u64) -> String {
    let [a, b] = [scramble(person), scramble(!person)];
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        let drawn = scramble(self.0);
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        drawn
    }

    /// A number below `bound`, which is small enough for the bias not to matter.
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::online_retail::shipped_catalogue;
    use serde_json::Value;

    const STAMP: &str = "2026-11-22T12:00:00.000Z";

    fn visits(seed: u64, stream: u64) -> Visits {
        Visits::new(seed, stream, 1_000, 50, products(&shipped_catalogue().unwrap()))
    }

    #[test]
    fn batches_are_json_of_about_650_bytes_an_event_and_no_id_comes_twice() {
        let mut ids = std::collections::HashSet::new();
        let mut bytes = 0;
        for stream in 0..4 {
            let mut visits = visits(1, stream);
            for _ in 0..25 {
                let text = visits.batch(100, STAMP);
                bytes += text.len();
                let batch: Value = serde_json::from_str(&text).unwrap();
                for message in batch["batch"].as_array().unwrap() {
                    assert!(ids.insert(message["messageId"].to_string()));
                    assert!(message["event"].is_string() && message["userId"].is_string());
                }
            }
        }
        assert_eq!(ids.len(), 10_000);
        assert!((600..700).contains(&(bytes / 10_000)), "{}", bytes / 10_000);
    }

    #[test]
    fn the_same_seed_gives_the_same_text_and_another_another() {
        assert_eq!(visits(1, 0).batch(50, STAMP), visits(1, 0).batch(50, STAMP));
        assert_ne!(visits(1, 0).batch(50, STAMP), visits(2, 0).batch(50, STAMP));
    }

    #[test]
    fn visits_have_twelve_events_on_average() {
        let mut visits = Visits::new(3, 0, 1_000_000, 20, products(&shipped_catalogue().unwrap()));
        let text = visits.batch(60_000, STAMP);
        let batch: Value = serde_json::from_str(&text).unwrap();
        let people: std::collections::HashSet<String> = batch["batch"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["userId"].to_string())
            .collect();
        let events = 60_000.0 / people.len() as f64;
        assert!((11.0..13.0).contains(&events), "{events}");
    }

    #[test]
    fn agreements_name_each_person_once() {
        let batch: Value = serde_json::from_str(&agreements(3..7, STAMP)).unwrap();
        assert_eq!(batch["batch"].as_array().unwrap().len(), 4);
        assert_eq!(batch["batch"][0]["userId"], "person-000000003");
    }
}
