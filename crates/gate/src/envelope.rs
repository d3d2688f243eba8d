//! The envelope: all that is known of one person, in two parts that are sealed apart, and the
//! inputs that change it.
//!
//! *Terms* are what the charter needs to judge; *content* is what a purpose may open. Both are
//! versioned CBOR with numbered fields, so that old programs read new bytes and new programs old
//! ones. Nothing here leaves this crate but through a purpose's view.

mod act;
mod choice;
pub(crate) mod preferred;
pub(crate) mod skim;
pub(crate) mod talk;
pub(crate) mod wishes;

pub use act::Act;
pub(crate) use act::{OwnAge, Reached, bracket_of};
pub(crate) use choice::{Choice, Consent, Proof, ProofRef, SoftOptIn};

pub use wishes::Wishes;

use crate::automation::{Automation, Reaction};
use crate::contribution::{Contribution, Counting};
use crate::merge::{Merges, Merging, Note};
use crate::occurred::Occurred;
use crate::outbox::{Outbox, Suppressed, Turn};
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
/// Traits a person has removed for good; removing more of them still removes what is there.
pub(crate) const REFUSED_TRAITS_MAX: usize = 200;
/// Marks, beside the bits of the purposes, what is of a special category (GDPR art. 9): kept for `service`
/// and `human_help` alone, and for these only with a consent to that very purpose.
pub(crate) const SPECIAL: u16 = 1 << 15;

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
    /// Traits the person removed: they are not kept again, whoever sends them, until the person
    /// gives them themselves.
    #[n(14)]
    pub(crate) refused_traits: Option<Vec<String>>,
    /// How the person is reached by e-mail, for a link to their own page.
    #[n(15)]
    pub(crate) reached: Option<Reached>,
    /// Soft opt-ins of which every fact is recorded (ePrivacy art. 13(2)), one for each channel.
    #[n(10)]
    #[cbor(default)]
    pub(crate) soft_opt_in: Vec<SoftOptIn>,
    /// Objected to direct marketing (GDPR art. 21(2)-(3)).
    #[n(11)]
    #[cbor(default)]
    pub(crate) objected_marketing: bool,
    /// A bit for each purpose under which a decision is before a human (GDPR art. 22(3)).
    #[n(12)]
    pub(crate) contested: Option<u16>,
    /// Whose part this visitor is, or which visitors are part of this person.
    #[n(13)]
    pub(crate) merges: Option<Merges>,
    /// A sum may hold contributions of this person: the content says which.
    #[n(16)]
    pub(crate) counted: Option<bool>,
    /// What the person themselves said of their age, on their own page.
    #[n(17)]
    pub(crate) own_age: Option<OwnAge>,
    /// What the person wishes of messages: their contract.
    #[n(18)]
    pub(crate) wishes: Option<Wishes>,
    /// The conversations with the team that are open.
    #[n(19)]
    pub(crate) conversing: Option<Vec<talk::Id>>,
    /// Ways that are closed to messages, and why.
    #[n(20)]
    pub(crate) suppressed: Option<Vec<Suppressed>>,
    /// What the person wishes of what is recommended to them.
    #[n(21)]
    pub(crate) preferred: Option<preferred::Preferred>,
}

impl Terms {
    /// Whether the person removed that trait and did not give it again.
    pub(crate) fn refuses_trait(&self, name: &str) -> bool {
        self.refused_traits
            .iter()
            .flatten()
            .any(|refused| refused == name)
    }

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

    /// Until when the consent for `purpose` lasts, if it ends.
    pub(crate) fn valid_until(&self, purpose: PurposeName) -> Option<Moment> {
        let entry = self.consents.iter().find(|c| c.purpose == purpose as u8);
        entry.and_then(|c| c.expires_at).map(Moment)
    }

    /// Whether a consent has run out by `now`.
    pub(crate) fn has_expired(&self, now: Moment) -> bool {
        let out = |c: &Consent| c.expires_at.is_some_and(|until| until <= now.0);
        self.consents.iter().any(out)
    }

    /// Whether a soft opt-in with all its facts stands for this channel: not too old, and the person has
    /// not answered, before or since.
    pub(crate) fn has_soft_opt_in(&self, purpose: PurposeName, now: Moment) -> bool {
        let stands = |s: &SoftOptIn| s.purpose == purpose as u8 && s.sold_at <= now.0 && now.0 < s.until;
        !self.objected_marketing && self.unanswered(purpose, now) && self.soft_opt_in.iter().any(stands)
    }

    /// Objected to direct marketing.
    pub(crate) fn objects_to_marketing(&self) -> bool {
        self.objected_marketing
    }

    /// The first moment after `now` at which a consent or a soft opt-in runs out.
    pub(crate) fn next_expiry(&self, now: Moment) -> Moment {
        let soonest = self
            .consents
            .iter()
            .filter_map(|c| c.expires_at)
            .chain(self.soft_opt_in.iter().flat_map(|s| [s.sold_at, s.until]))
            .filter(|at| *at > now.0)
            .min();
        Moment(soonest.unwrap_or(i64::MAX))
    }

    /// Of [`Terms::holding`], what may hold data of a special category: a contract does not.
    pub(crate) fn holding_special(&self, now: Moment) -> PurposeSet {
        [PurposeName::Service, PurposeName::HumanHelp]
            .into_iter()
            .filter(|purpose| self.consent(*purpose, now).is_valid())
            .collect::<PurposeSet>()
            .and(self.holding(now))
    }

    /// Whether data with these bits may be kept at all.
    pub(crate) fn holds(&self, purposes: u16, now: Moment) -> bool {
        let holding = match purposes & SPECIAL {
            0 => self.holding(now),
            _ => self.holding_special(now),
        };
        !PurposeSet(purposes).and(holding).is_empty()
    }

    /// The person was not asked for `purpose`, or has not answered.
    fn unanswered(&self, purpose: PurposeName, now: Moment) -> bool {
        matches!(
            self.consent(purpose, now),
            ConsentState::Unknown | ConsentState::Requested | ConsentState::RequestDeferred
        )
    }

    /// What counts as the person's age: of what sources reported and what the person said the stricter. A
    /// child does not become an adult by saying so, and whoever says that they are a child is taken for one,
    /// however often a site goes on reporting something else.
    pub(crate) fn age(&self) -> AgeBracket {
        let reported = self.reported_age();
        match self.said_age() {
            Some(AgeBracket::Minor) => AgeBracket::Minor,
            _ => reported,
        }
    }

    /// What sources of the operator report of the person's age, the latest word.
    pub(crate) fn reported_age(&self) -> AgeBracket {
        bracket_of(self.age)
    }

    /// What the person said of their own age.
    pub(crate) fn said_age(&self) -> Option<AgeBracket> {
        self.own_age.as_ref().map(|own| bracket_of(own.bracket))
    }

    /// Whether a decision for that purpose is before a human.
    pub(crate) fn contests(&self, purpose: PurposeName) -> bool {
        PurposeSet(self.contested.unwrap_or_default()).contains(purpose)
    }

    /// The purposes for which data of this person may go on being *kept*: what nothing holds any
    /// more is removed when a choice changes (GDPR art. 17(1)(b)).
    pub(crate) fn holding(&self, now: Moment) -> PurposeSet {
        PurposeName::ALL
            .into_iter()
            .filter(|purpose| match purpose {
                PurposeName::Service | PurposeName::Secure => self.identified,
                PurposeName::ShowOwnData | PurposeName::AnswerRightsRequest => false,
                PurposeName::HumanHelp => self.identified || self.consent(*purpose, now).is_valid(),
                PurposeName::MarketByEmail | PurposeName::MarketBySms | PurposeName::MarketByPush => {
                    let basis = self.consent(*purpose, now).is_valid() || self.has_soft_opt_in(*purpose, now);
                    basis && !self.objected_marketing
                }
                _ => self.consent(*purpose, now).is_valid(),
            })
            .collect()
    }
}

/// A declared trait. Its texts are its own, or stand in the bytes it is read from ([`skim`]).
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Trait<T = String> {
    #[n(0)]
    pub(crate) name: T,
    /// JSON text.
    #[n(1)]
    pub(crate) value: T,
    #[n(2)]
    pub(crate) at: i64,
    #[n(3)]
    pub(crate) source: T,
    #[n(4)]
    pub(crate) purposes: u16,
    /// The value that the person corrected, JSON text: who sends it again repeats an error.
    #[n(5)]
    pub(crate) mistaken: Option<T>,
    /// As long as the dictionary lets it be kept, seconds; `None`: as long as a purpose looks back.
    #[n(6)]
    pub(crate) keeps: Option<u32>,
}

/// All that the person did with one item. Its texts are its own, or stand in the bytes it is read from
/// ([`skim`]).
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Seen<T = String> {
    #[n(0)]
    pub(crate) item: T,
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
    pub(crate) source: T,
    /// When each was last done; rows of before have none.
    #[n(7)]
    pub(crate) viewed_at: Option<i64>,
    #[n(8)]
    pub(crate) added_at: Option<i64>,
    #[n(9)]
    pub(crate) bought_at: Option<i64>,
    /// How long the dictionary lets each of the three be kept, seconds.
    #[n(10)]
    pub(crate) viewed_keeps: Option<u32>,
    #[n(11)]
    pub(crate) added_keeps: Option<u32>,
    #[n(12)]
    pub(crate) bought_keeps: Option<u32>,
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
    /// How long the dictionary lets it be kept, seconds.
    #[n(4)]
    pub(crate) keeps: Option<u32>,
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
    /// What happened, occurrence by occurrence, for groups and journeys.
    #[n(10)]
    pub(crate) occurred: Option<Vec<Occurred>>,
    /// How many inputs were folded that said something happened.
    #[n(11)]
    pub(crate) arrivals: Option<u64>,
    /// Groups and journeys.
    #[n(12)]
    pub(crate) automation: Option<Automation>,
    /// Something changed since automation looked.
    #[n(13)]
    pub(crate) unlooked: Option<bool>,
    /// What waits to leave, and what left.
    #[n(14)]
    pub(crate) outbox: Option<Outbox>,
    /// Conversations with the team.
    #[n(16)]
    pub(crate) conversations: Option<Vec<talk::Talk>>,
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
    /// The purposes for which the dictionary declares the trait that `act` corrects.
    #[n(18)]
    pub(crate) correction: Option<u16>,
    /// The site's server says where the person is reached.
    #[n(19)]
    pub(crate) reached: Option<Reached>,
    /// How the choices came about.
    #[n(15)]
    pub(crate) proof: Option<Proof>,
    /// The facts of a soft opt-in.
    #[n(17)]
    pub(crate) soft_opt_in: Option<SoftOptIn>,
    /// A visitor becomes part of a person, or somebody of their own again.
    #[n(16)]
    pub(crate) merging: Option<Merging>,
    /// What becomes of the person's contributions to the sums.
    #[n(20)]
    pub(crate) counting: Option<Counting>,
    /// What may be held no longer is taken out.
    #[n(22)]
    pub(crate) sweeps: Option<bool>,
    /// Automation was on when this arrived: it is to be looked at.
    #[n(24)]
    pub(crate) automates: Option<bool>,
    /// Automation looked.
    #[n(25)]
    pub(crate) reaction: Option<Reaction>,
    /// What a turn at the outbox changed.
    #[n(26)]
    pub(crate) turn: Option<Turn>,
    /// What the person is held to beside their own contract: never more is permitted than both permit.
    #[n(28)]
    pub(crate) held_to: Option<Wishes>,
    /// Steps of conversations.
    #[n(29)]
    pub(crate) talk: Option<Vec<talk::Step>>,
    /// What a visitor who becomes part of the person wished of what is recommended to them.
    #[n(30)]
    pub(crate) joined_wishes: Option<preferred::Preferred>,
    /// How long the dictionary lets be kept what the event says, or the trait that `act` corrects; seconds.
    #[n(36)]
    pub(crate) keeps: Option<u32>,
}

impl Input {
    /// Whether the person objects to direct marketing, if this says so.
    pub(crate) fn objects(&self) -> Option<bool> {
        self.proof.as_ref().and_then(|proof| proof.objects)
    }
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

    /// As version 1 stored it: every field that came later is absent.
    fn terms_1() -> Terms {
        Terms {
            version: 3,
            consents: vec![Consent {
                purpose: PurposeName::Personalise as u8,
                state: ConsentState::Given as u8,
                at: 1_795_348_800_000,
                source: "web".to_owned(),
                expires_at: Some(1_830_000_000_000),
                explicit_at: Some(1_795_348_800_000),
                proof: None,
            }],
            age: AgeBracket::Adult as u8,
            restricted: false,
            objected: true,
            gpc_at: Some(-5),
            identified: true,
            age_at: Some(-4),
            child_directed: false,
            identifiers: 1,
            soft_opt_in: Vec::new(),
            objected_marketing: false,
            refused_traits: None,
            reached: None,
            merges: None,
            counted: None,
            contested: None,
            own_age: None,
            wishes: None,
            conversing: None,
            suppressed: None,
            preferred: None,
        }
    }

    fn terms() -> Terms {
        let mut terms = terms_1();
        for consent in &mut terms.consents {
            consent.proof = Some(proof().at);
        }
        terms.soft_opt_in = vec![SoftOptIn {
            facts: None,
            ..soft_opt_in()
        }];
        terms.objected_marketing = true;
        terms
    }

    fn proof() -> Proof {
        Proof {
            at: ProofRef {
                record: [0xcd; 16].into(),
                notice: Some([0xef; 32].into()),
            },
            evidence: Some("{}".to_owned()),
            objects: Some(true),
        }
    }

    fn soft_opt_in() -> SoftOptIn {
        SoftOptIn {
            purpose: PurposeName::MarketByEmail as u8,
            sold_at: 1_795_000_000_000,
            until: 1_889_000_000_000,
            record: [0xcd; 16].into(),
            facts: Some("{}".to_owned()),
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
                mistaken: None,
                keeps: None,
            }],
            history: vec![Seen {
                item: "85123A".to_owned(),
                viewed: 3,
                added: 2,
                bought: 1,
                last_at: 9,
                purposes: 11,
                source: "shop".to_owned(),
                viewed_at: None,
                added_at: None,
                bought_at: None,
                viewed_keeps: None,
                added_keeps: None,
                bought_keeps: None,
            }],
            counts: vec![DailyCount {
                event: "page".to_owned(),
                day: 20_779,
                count: 4,
                purposes: 2,
                keeps: None,
            }],
            muted: vec!["22423".to_owned()],
            identifiers: vec![vec![0xab; 32].into()],
            last_at: 9,
            contributions: None,
            merges: None,
            occurred: None,
            arrivals: None,
            automation: None,
            unlooked: None,
            outbox: None,
            conversations: None,
        }
    }

    fn input_1() -> Input {
        Input {
            at: 1,
            received_at: 2,
            source: "shop".to_owned(),
            choices: vec![Choice {
                purpose: 1,
                given: true,
                explicit: true,
                expires_at: None,
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
            proof: None,
            soft_opt_in: None,
            correction: None,
            reached: None,
            merging: None,
            counting: None,
            sweeps: None,
            automates: None,
            reaction: None,
            turn: None,
            held_to: None,
            talk: None,
            joined_wishes: None,
            keeps: None,
        }
    }

    fn input() -> Input {
        let mut input = input_1();
        for choice in &mut input.choices {
            choice.expires_at = Some(1_830_000_000_000);
        }
        Input {
            proof: Some(proof()),
            soft_opt_in: Some(soft_opt_in()),
            ..input
        }
    }

    /// With what was added since: version 2 read nothing of it.
    fn terms_of_own_word() -> Terms {
        Terms {
            contested: Some(0b10),
            own_age: Some(OwnAge {
                bracket: AgeBracket::Minor as u8,
                at: 11,
            }),
            ..terms()
        }
    }

    fn unhex(stored: &str) -> Vec<u8> {
        let stored = stored.trim();
        (0..stored.len() / 2)
            .map(|i| u8::from_str_radix(&stored[i * 2..i * 2 + 2], 16).unwrap())
            .collect()
    }

    fn read<T: for<'b> Decode<'b, ()> + PartialEq>(name: &str, value: &T, stored: &str) {
        let read = decode::<T>(&unhex(stored));
        assert!(
            read.is_ok_and(|read| read == *value),
            "{name}: old bytes read differently"
        );
    }

    /// Holds today's encoding against the bytes that version 2 stored, both ways.
    fn check<T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq>(name: &str, value: &T, stored: &str) {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let bytes = encode(value);
        let path = format!("{}/stored/v2/{name}.hex", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("EGARD_BLESS").is_some() {
            std::fs::write(&path, hex(&bytes) + "\n").unwrap();
            return;
        }
        read(name, value, stored);
        assert_eq!(
            hex(&bytes),
            stored.trim(),
            "{name}: add fields at the end and bless them as a new folder; stored bytes never change"
        );
    }

    #[test]
    fn what_version_1_stored_is_read_for_ever() {
        read("terms", &terms_1(), include_str!("../stored/v1/terms.hex"));
        read("content", &content(), include_str!("../stored/v1/content.hex"));
        read("input", &input_1(), include_str!("../stored/v1/input.hex"));
    }

    #[test]
    fn what_version_2_stored_is_read_for_ever() {
        check("terms", &terms(), include_str!("../stored/v2/terms.hex"));
        check("content", &content(), include_str!("../stored/v2/content.hex"));
        check("input", &input(), include_str!("../stored/v2/input.hex"));
    }

    #[test]
    fn what_a_person_said_of_their_age_and_contests_is_read_for_ever() {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let said = encode(&terms_of_own_word());
        assert!(decode::<Terms>(&said).is_ok_and(|read| read == terms_of_own_word()));
        // The bytes after what version 2 knows: twelve is a set of purposes, seventeen an age and when.
        let known = hex(&encode(&terms()));
        let (head, tail) = (hex(&said), "02f6f6f6f682020b");
        assert!(head.ends_with(tail), "{head}");
        assert_eq!(head[4..known.len()], known[4..], "what was there before moved");
        for (act, bytes) in [
            (Act::age(AgeBracket::Minor), "0182078102"),
            (
                Act::Contest {
                    purposes: 2,
                    open: true,
                },
                "0182088202f5",
            ),
        ] {
            assert_eq!(hex(&encode(&act)), bytes);
        }
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
        // The array has twelve fields: one with number 30 is made, as a later version would, with nothing
        // between.
        let mut bytes = encode(&terms());
        assert_eq!(bytes[1], 0x8c);
        bytes.splice(1..2, [0x98, 31]);
        bytes.extend([0xf6; 18]);
        bytes.push(0x05);
        assert!(decode::<Terms>(&bytes).is_ok_and(|read| read == terms()));
    }
}
