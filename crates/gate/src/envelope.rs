//! The envelope: all that is known of one person, in two parts that are sealed apart, and the
//! inputs that change it.
//!
//! *Terms* are what the charter needs to judge; *content* is what a purpose may open. Both are
//! versioned CBOR with numbered fields, so that old programs read new bytes and new programs old
//! ones. Nothing here leaves this crate but through a purpose's view.

use crate::contribution::{Contribution, Counting};
use crate::merge::{Merges, Merging, Note};
use minicbor::{Decode, Encode};
use vocabulary::{AgeBracket, ConsentState, Moment, PurposeName, PurposeSet};

/// First byte of every encoded part and input.
pub(crate) const LAYOUT: u8 = 1;
/// Items in a history; the one not touched for longest makes room.
pub(crate) const HISTORY_MAX: usize = 200;
/// Declared traits of a person.
pub(crate) const TRAITS_MAX: usize = 100;
/// Daily counts kept: (event, day) pairs, the oldest make room.
pub(crate) const COUNTS_MAX: usize = 200;
/// Identifiers that lead to one person: whoever has more of them is no person.
pub(crate) const IDENTIFIERS_MAX: usize = 100;
/// Items a person has muted.
pub(crate) const MUTED_MAX: usize = 500;

/// A consent for one purpose, with what is known of how it came.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct Consent {
    #[n(0)]
    pub(crate) purpose: u8,
    #[n(1)]
    pub(crate) state: u8,
    /// When the person chose, milliseconds.
    #[n(2)]
    pub(crate) at: i64,
    /// Through which source.
    #[n(3)]
    pub(crate) source: String,
    #[n(4)]
    pub(crate) expires_at: Option<i64>,
    /// The latest permission that was an act of its own, as long as it stands. A permission without
    /// one was only stamped on some other event.
    #[n(5)]
    pub(crate) explicit_at: Option<i64>,
}

/// What the charter needs to judge.
#[derive(Clone, PartialEq, Default, Encode, Decode)]
pub struct Terms {
    /// Grows by one whenever anything here changes.
    #[n(0)]
    pub(crate) version: u64,
    #[n(1)]
    pub(crate) consents: Vec<Consent>,
    #[n(2)]
    pub(crate) age: u8,
    /// GDPR art. 18.
    #[n(3)]
    pub(crate) restricted: bool,
    /// GDPR art. 21.
    #[n(4)]
    pub(crate) objected: bool,
    /// Last time a Global Privacy Control signal came with this person.
    #[n(5)]
    pub(crate) gpc_at: Option<i64>,
    /// Known by a `userId`: a customer, not a visitor.
    #[n(6)]
    pub(crate) identified: bool,
    /// When the age was said.
    #[n(7)]
    pub(crate) age_at: Option<i64>,
    /// An event came from a source directed at children: unknown age counts as minor from then on.
    #[n(8)]
    pub(crate) child_directed: bool,
    /// Identifiers that lead to this person.
    #[n(9)]
    pub(crate) identifiers: u16,
    /// Whose part this visitor is, or which visitors are part of this person.
    #[n(13)]
    pub(crate) merges: Option<Merges>,
    /// A sum may hold contributions of this person: the content says which.
    #[n(14)]
    pub(crate) counted: Option<bool>,
}

impl Terms {
    /// The state of consent for `purpose` at `now`.
    pub(crate) fn consent(&self, purpose: PurposeName, now: Moment) -> ConsentState {
        let Some(entry) = self.consents.iter().find(|c| c.purpose == purpose as u8) else {
            return ConsentState::Unknown;
        };
        let state = ConsentState::ALL
            .get(usize::from(entry.state))
            .copied()
            .unwrap_or_default();
        match entry.expires_at {
            Some(until) if state.is_valid() && until <= now.0 => ConsentState::Expired,
            _ => state,
        }
    }

    /// Whether a remembered Global Privacy Control signal speaks against `purpose`: it does until the
    /// person explicitly permits that very purpose, later than the signal and without it.
    pub(crate) fn gpc_stands(&self, purpose: PurposeName) -> bool {
        let permitted = self.consents.iter().find(|c| c.purpose == purpose as u8);
        match (self.gpc_at, permitted.and_then(|c| c.explicit_at)) {
            (None, _) => false,
            (Some(gpc), Some(permitted)) => permitted <= gpc,
            (Some(_), None) => true,
        }
    }

    /// The first moment after `now` at which a consent runs out.
    pub(crate) fn next_expiry(&self, now: Moment) -> Moment {
        let soonest = self
            .consents
            .iter()
            .filter_map(|c| c.expires_at)
            .filter(|at| *at > now.0)
            .min();
        Moment(soonest.unwrap_or(i64::MAX))
    }

    /// What is known of the person's age.
    pub(crate) fn age(&self) -> AgeBracket {
        AgeBracket::ALL
            .into_iter()
            .find(|a| *a as u8 == self.age)
            .unwrap_or_default()
    }

    /// The purposes for which data of this person may go on being *kept*: what nothing holds any
    /// more is removed when a choice changes (GDPR art. 17(1)(b)).
    pub(crate) fn holding(&self, now: Moment) -> PurposeSet {
        PurposeName::ALL
            .into_iter()
            .filter(|purpose| match purpose {
                PurposeName::Service => self.identified,
                PurposeName::ShowOwnData => false,
                _ => self.consent(*purpose, now).is_valid(),
            })
            .collect()
    }
}

/// A declared trait.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Trait {
    #[n(0)]
    pub(crate) name: String,
    /// JSON text.
    #[n(1)]
    pub(crate) value: String,
    #[n(2)]
    pub(crate) at: i64,
    #[n(3)]
    pub(crate) source: String,
    #[n(4)]
    pub(crate) purposes: u16,
}

/// All that the person did with one item.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Seen {
    #[n(0)]
    pub(crate) item: String,
    #[n(1)]
    pub(crate) viewed: u32,
    #[n(2)]
    pub(crate) added: u32,
    #[n(3)]
    pub(crate) bought: u32,
    #[n(4)]
    pub(crate) last_at: i64,
    #[n(5)]
    pub(crate) purposes: u16,
    #[n(6)]
    pub(crate) source: String,
}

/// How often an event happened on a day.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct DailyCount {
    #[n(0)]
    pub(crate) event: String,
    #[n(1)]
    pub(crate) day: u32,
    #[n(2)]
    pub(crate) count: u32,
    #[n(3)]
    pub(crate) purposes: u16,
}

/// What a purpose may open, through its view.
#[derive(Clone, PartialEq, Default, Encode, Decode)]
pub struct Content {
    #[n(0)]
    pub(crate) traits: Vec<Trait>,
    #[n(1)]
    pub(crate) history: Vec<Seen>,
    #[n(2)]
    pub(crate) counts: Vec<DailyCount>,
    #[n(3)]
    pub(crate) muted: Vec<String>,
    /// Keyed hashes of the identifiers that lead here, for joining and erasure.
    #[n(4)]
    pub(crate) identifiers: Vec<minicbor::bytes::ByteVec>,
    #[n(5)]
    pub(crate) last_at: i64,
    /// All that sums may hold of the person: what is taken out again when they go.
    #[n(6)]
    pub(crate) contributions: Option<Vec<Contribution>>,
    /// What was taken over of visitors, as long as it can be given back.
    #[n(7)]
    pub(crate) merges: Option<Vec<Note>>,
}

/// A choice of the person about one purpose.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct Choice {
    #[n(0)]
    pub(crate) purpose: u8,
    #[n(1)]
    pub(crate) given: bool,
    /// Made just now, as an act of its own; not a preference stamped on some other event.
    #[n(2)]
    pub(crate) explicit: bool,
}

/// One thing done with one item.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Touch {
    #[n(0)]
    pub(crate) item: String,
    /// 0 viewed, 1 added, 2 bought.
    #[n(1)]
    pub(crate) what: u8,
    #[n(2)]
    pub(crate) purposes: u16,
}

/// Something the person did in their privacy centre.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub enum Act {
    /// Take an item out of my history.
    #[n(0)]
    Forget(#[n(0)] String),
    /// Never show me this item.
    #[n(1)]
    Mute(#[n(0)] String),
    /// I object to marketing and profiling (GDPR art. 21), or no longer do.
    #[n(2)]
    Object(#[n(0)] bool),
    /// Keep my data but do not use it (GDPR art. 18), or use it again.
    #[n(3)]
    Restrict(#[n(0)] bool),
}

/// One input, as appended to the person's events: already filtered to what their choices let us
/// keep, so folding it again needs neither charter nor dictionary.
#[derive(Clone, PartialEq, Default, Encode, Decode)]
pub(crate) struct Input {
    #[n(0)]
    pub(crate) at: i64,
    #[n(1)]
    pub(crate) received_at: i64,
    #[n(2)]
    pub(crate) source: String,
    #[n(3)]
    pub(crate) choices: Vec<Choice>,
    #[n(4)]
    pub(crate) gpc: bool,
    #[n(5)]
    pub(crate) identified: bool,
    #[n(6)]
    pub(crate) age: Option<u8>,
    #[n(7)]
    pub(crate) traits: Vec<Trait>,
    #[n(8)]
    pub(crate) touches: Vec<Touch>,
    /// Declared name of the event, if it may be counted.
    #[n(9)]
    pub(crate) event: Option<String>,
    #[n(10)]
    pub(crate) event_purposes: u16,
    /// The other declared fields, JSON text.
    #[n(11)]
    pub(crate) fields: Option<String>,
    #[n(12)]
    pub(crate) act: Option<Act>,
    #[n(13)]
    pub(crate) identifiers: Vec<minicbor::bytes::ByteVec>,
    #[n(14)]
    pub(crate) child_directed: bool,
    /// A visitor becomes part of a person, or somebody of their own again.
    #[n(16)]
    pub(crate) merging: Option<Merging>,
    /// What becomes of the person's contributions to the sums.
    #[n(19)]
    pub(crate) counting: Option<Counting>,
}

/// The bytes are not an envelope or input that this program knows.
#[derive(Debug, thiserror::Error)]
#[error(
    "the stored bytes have a layout this program does not know; they were written by another version, or the row is damaged"
)]
pub struct UnknownLayout;

/// Encodes a part or an input, layout byte first.
pub(crate) fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    bytes.push(LAYOUT);
    // Writing to a Vec cannot fail, and no encoder of ours returns an error of its own.
    let written = minicbor::encode(value, &mut bytes);
    debug_assert!(written.is_ok());
    bytes
}

/// Decodes what [`encode`] wrote, in this or an earlier version of this program.
pub(crate) fn decode<T: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, UnknownLayout> {
    match bytes.split_first() {
        Some((&LAYOUT, rest)) => minicbor::decode(rest).map_err(|_| UnknownLayout),
        _ => Err(UnknownLayout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Terms {
        Terms {
            version: 3,
            consents: vec![Consent {
                purpose: PurposeName::Personalise as u8,
                state: ConsentState::Given as u8,
                at: 1_795_348_800_000,
                source: "web".to_owned(),
                expires_at: Some(1_830_000_000_000),
                explicit_at: Some(1_795_348_800_000),
            }],
            age: AgeBracket::Adult as u8,
            restricted: false,
            objected: true,
            gpc_at: Some(-5),
            identified: true,
            age_at: Some(-4),
            child_directed: false,
            identifiers: 1,
            merges: None,
            counted: None,
        }
    }

    fn content() -> Content {
        Content {
            traits: vec![Trait {
                name: "favourite_colour".to_owned(),
                value: "\"bleu été\"".to_owned(),
                at: 7,
                source: "web".to_owned(),
                purposes: 6,
            }],
            history: vec![Seen {
                item: "85123A".to_owned(),
                viewed: 3,
                added: 2,
                bought: 1,
                last_at: 9,
                purposes: 11,
                source: "shop".to_owned(),
            }],
            counts: vec![DailyCount {
                event: "page".to_owned(),
                day: 20_779,
                count: 4,
                purposes: 2,
            }],
            muted: vec!["22423".to_owned()],
            identifiers: vec![vec![0xab; 32].into()],
            last_at: 9,
            contributions: None,
            merges: None,
        }
    }

    fn input() -> Input {
        Input {
            at: 1,
            received_at: 2,
            source: "shop".to_owned(),
            choices: vec![Choice {
                purpose: 1,
                given: true,
                explicit: true,
            }],
            gpc: false,
            identified: true,
            age: Some(1),
            traits: content().traits,
            touches: vec![Touch {
                item: "85123A".to_owned(),
                what: 2,
                purposes: 11,
            }],
            event: Some("Order Completed".to_owned()),
            event_purposes: 11,
            fields: Some("{\"order_id\":\"7\"}".to_owned()),
            act: Some(Act::Forget("22423".to_owned())),
            identifiers: content().identifiers,
            child_directed: true,
            merging: None,
            counting: None,
        }
    }

    /// Holds today's encoding against the bytes that version 1 stored, both ways.
    fn check<T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq>(name: &str, value: &T, stored: &str) {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let bytes = encode(value);
        let path = format!("{}/stored/v1/{name}.hex", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("EGARD_BLESS").is_some() {
            std::fs::write(&path, hex(&bytes) + "\n").unwrap();
            return;
        }
        let stored = stored.trim();
        let old: Vec<u8> = (0..stored.len() / 2)
            .map(|i| u8::from_str_radix(&stored[i * 2..i * 2 + 2], 16).unwrap())
            .collect();
        assert!(
            decode::<T>(&old).is_ok_and(|read| read == *value),
            "{name}: old bytes read differently"
        );
        assert_eq!(
            hex(&bytes),
            stored,
            "{name}: add a layout version; stored bytes never change"
        );
    }

    #[test]
    fn what_version_1_stored_is_read_for_ever() {
        check("terms", &terms(), include_str!("../stored/v1/terms.hex"));
        check("content", &content(), include_str!("../stored/v1/content.hex"));
        check("input", &input(), include_str!("../stored/v1/input.hex"));
    }

    #[test]
    fn bytes_of_another_layout_and_broken_bytes_are_refused() {
        assert!(decode::<Terms>(&[]).is_err());
        let mut bytes = encode(&terms());
        bytes[0] = 2;
        assert!(decode::<Terms>(&bytes).is_err());
        let bytes = encode(&content());
        assert!((1..bytes.len()).all(|end| decode::<Content>(&bytes[..end]).is_err()));
    }

    #[test]
    fn a_field_that_a_newer_program_added_is_passed_over() {
        // The array of `Terms` has ten fields: an eleventh is made, as a later version would.
        let mut bytes = encode(&terms());
        assert_eq!(bytes[1], 0x8a);
        bytes[1] = 0x8b;
        bytes.push(0x05);
        assert!(decode::<Terms>(&bytes).is_ok_and(|read| read == terms()));
    }
}
