//! What of a view differs from the one of the last look, told by short prints of its parts: what looks the
//! same is not evaluated again. Everything is evaluated if the clock went back, or an event that was there is
//! not there any more.
//!
//! A print is 64 bits of a hash that nobody outside can choose collisions of usefully: whoever makes two
//! pasts of their own alike is looked at less often, themselves alone. Deliberately does not know: groups.

use super::Automation;
use crate::segments::{Changed, Known};
use gate::purposes::SegmentView;
use jiff::tz::TimeZone;
use minicbor::{Decode, Encode};
use program::segment::Did;
use std::hash::{Hash, Hasher};
use vocabulary::{Moment, Occurrences, Scalar};

/// A view at a moment, in short.
#[derive(Clone, PartialEq, Default, Encode, Decode)]
pub(super) struct Print {
    /// When it was looked at.
    #[n(0)]
    at: i64,
    #[n(1)]
    traits: u64,
    /// Of what was viewed.
    #[n(2)]
    items: u64,
    #[n(3)]
    consents: u64,
    /// Of each event: of its name, of its occurrences.
    #[n(4)]
    events: Vec<(u64, u64)>,
    /// Of what was put into a cart, and bought; before they were told apart all was in `items`.
    #[n(5)]
    added: Option<u64>,
    #[n(6)]
    bought: Option<u64>,
}

impl Print {
    /// Of that view, as the automation reads it.
    pub(super) fn of(view: &SegmentView, zone: &TimeZone, automation: &Automation) -> Print {
        // The time zone belongs to the traits: it is what dates are read in.
        let mut traits = Quick::default();
        (zone.iana_name(), &view.traits).hash(&mut traits);
        // Of which category an item is says the catalogue.
        let mut done = [automation.catalogue.print(); 3].map(Quick);
        for touched in &view.touched {
            let mut item = Quick::default();
            touched.item.0.hash(&mut item);
            let times = [touched.viewed_at, touched.added_at, touched.bought_at];
            for (print, at) in done.iter_mut().zip(times) {
                if let Some(at) = at {
                    (item.finish(), at.0).hash(print);
                }
            }
        }
        let [viewed, added, bought] = done.map(|print| print.finish());
        let mut consents = Quick::default();
        for (purpose, until) in &view.consents {
            (purpose.as_str(), until.0).hash(&mut consents);
        }
        Print {
            at: 0,
            traits: traits.finish(),
            items: viewed,
            added: Some(added),
            bought: Some(bought),
            consents: consents.finish(),
            events: view.occurred.iter().map(event).collect(),
        }
    }

    /// The print of a look at that moment.
    pub(super) fn at(self, now: Moment) -> Print {
        Print { at: now.0, ..self }
    }

    /// What differs from an earlier print; everything if there is none.
    pub(super) fn changed_since<'k>(
        &self,
        before: Option<&Print>,
        known: &Known<'k>,
        now: Moment,
    ) -> Changed<'k> {
        let all = Changed {
            all: true,
            ..Changed::default()
        };
        let Some(before) = before.filter(|before| before.at <= now.0) else {
            return all;
        };
        let gone = |(name, _): &(u64, u64)| !self.events.iter().any(|(other, _)| other == name);
        if before.events.iter().any(gone) {
            return all;
        }
        let did = [
            (Did::Viewed, before.items != self.items),
            (Did::Added, before.added != self.added),
            (Did::Bought, before.bought != self.bought),
        ];
        let pairs = known.happened.iter().zip(&self.events);
        Changed {
            all: false,
            events: pairs
                .filter(|(_, print)| !before.events.contains(print))
                .map(|(known, _)| known.event.as_str())
                .collect(),
            // A trait that was taken away cannot be named any more.
            any_trait: before.traits != self.traits,
            traits: Vec::new(),
            items: false,
            did: did
                .into_iter()
                .filter(|(_, differs)| *differs)
                .map(|(did, _)| did)
                .collect(),
            consents: before.consents != self.consents,
        }
    }
}

/// Occurrences are known by their number; those that were taken over have none, and are read.
fn event(known: &Occurrences) -> (u64, u64) {
    let mut name = Quick::default();
    known.event.hash(&mut name);
    let mut each = Quick::default();
    for one in &known.each {
        (one.at.0, one.number).hash(&mut each);
        if one.number > 0 {
            continue;
        }
        for (name, value) in &one.fields {
            name.hash(&mut each);
            match value {
                Scalar::Bool(is) => is.hash(&mut each),
                Scalar::Number(number) => number.to_bits().hash(&mut each),
                Scalar::Text(text) => text.hash(&mut each),
            }
        }
    }
    (name.finish(), each.finish())
}

/// A hash that is the same on every machine and in every version: prints are stored. Eight bytes at a time,
/// each mixed as the finalizer of MurmurHash3 does.
#[derive(Default)]
struct Quick(u64);

impl Quick {
    fn mix(&mut self, word: u64) {
        let mut mixed = (self.0.rotate_left(5) ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^= mixed >> 33;
        mixed = mixed.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        self.0 = mixed ^ mixed >> 29;
    }
}

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        if !rest.is_empty() {
            let word = rest
                .iter()
                .fold(rest.len() as u64, |word, byte| word << 8 | u64::from(*byte));
            self.mix(word);
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_i64(&mut self, value: i64) {
        self.mix(value.cast_unsigned());
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }
}
