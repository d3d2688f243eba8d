//! What became of what was handed over: what the channel said at once, and what came back later.
//!
//! Deliberately does not know: channels, the formats of bounces and complaints.

use super::house;
use super::one::{AGAIN_MAX_MS, AGAIN_MS, TRIES, channel_of};
use super::told::{self, Told};
use super::turn::Handover;
use crate::clearance::{Code, Held, WhySuppressed};
use crate::envelope::{Choice, Proof, Trait};
use crate::gate::Gate;
pub(super) use crate::outbox::became::{
    ACCEPTED, ACTED, BOUNCED, COMPLAINED, DELIVERED, DISMISSED, FAILED, IN_DOUBT,
};
use crate::outbox::{Answered, Ended, Entry, Kind, Later, Sent, Suppressed, Turn};
use crate::record::{self, Statement};
use crate::writer::Sending;
use crate::{Action, Component, Evidence, RecordId, Unavailable, intake};
use serde_json::json;
use vocabulary::{Channel, DAY_MS, Digest, Moment, PersonId, PurposeName};

/// The source of a trait whose value a push service took away.
const GONE: &str = "device-gone";
/// So many messages of one channel that are given up on the way close it…
pub const SOFT_BOUNCES: usize = 5;
/// …if they left within this time, and none that left later arrived.
pub const SOFT_BOUNCES_MS: i64 = 30 * DAY_MS;

/// What a channel says of what it was handed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It was taken over.
    Accepted,
    /// It was certainly not taken, and may be handed over again from then on, under the same identity.
    NotNow {
        /// From when on.
        until: Moment,
    },
    /// It was certainly not taken and never will be.
    Refused {
        /// The address itself is dead: nothing is sent there any more.
        dead: bool,
    },
    /// It was certainly not taken: the device left that this trait leads to, and with it the trait's value, unless a
    /// later one came meanwhile. The way stays open for another device.
    Gone {
        /// The name of the trait.
        held_in: &'static str,
    },
    /// Nobody knows whether it was taken.
    Unknown,
    /// It was not handed over: what the person permits changed in the last moment.
    Withdrawn,
}

/// What came back later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Feedback {
    /// It reached the person's mailbox or device.
    Delivered,
    /// It was given up for now; the address may be good.
    Failed,
    /// It came back: there is no such address.
    Bounced,
    /// The person reported it as unwanted.
    Complained,
}

/// A handover with what the channel said.
pub struct HandedOver<L> {
    /// What was handed over.
    pub handover: Handover<L>,
    /// What became of it.
    pub outcome: Outcome,
}

/// Whether what came back was of somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Noted {
    /// It is on record.
    Noted,
    /// It is on record, and closes the way it came by.
    Closed(WhySuppressed),
    /// It is of nobody we know, or of what left too long ago.
    Unknown,
}

impl Gate {
    /// Whether what was marked may still be handed over: the person said nothing since that changes what is
    /// permitted. Asked at the last moment; if not, it is answered as [`Outcome::Withdrawn`].
    pub fn still_cleared<L>(&self, handover: &Handover<L>) -> bool {
        let shared = self.shared();
        let same = |slot: &mut crate::hot::Slot| Ok(slot.terms.version == handover.terms_version);
        let shelf = shared.shelf.as_ref();
        let same = shared.hot.with(handover.person, shelf, &shared.keyring, same);
        !shared.stopped() && matches!(same, Ok(Some(true)))
    }

    /// Writes down what channels said, durable when it answers. Blocks.
    pub fn answered<L>(&self, all: Vec<HandedOver<L>>, now: Moment) -> Result<(), Unavailable> {
        let mut guards = Vec::with_capacity(all.len());
        let mut sendings = Vec::with_capacity(all.len());
        for HandedOver { handover, outcome } in all {
            sendings.push(self.answer_of(&handover, outcome, now)?);
            guards.push(handover.in_flight);
        }
        if sendings.is_empty() {
            return Ok(());
        }
        let durable = self.commit_turns(sendings, now)?;
        for (mut guard, durable) in guards.into_iter().zip(durable) {
            // Who is gone has nothing in doubt.
            let gone = !durable && self.shared().hot.peek(guard.person, |_| ()).is_none();
            guard.settled = durable || gone;
            let person = guard.person;
            drop(guard);
            if durable {
                self.note_next(person, now)?;
            }
        }
        Ok(())
    }

    fn answer_of<L>(
        &self,
        handover: &Handover<L>,
        outcome: Outcome,
        now: Moment,
    ) -> Result<Sending, Unavailable> {
        let mut turn = Turn::default();
        let mut rows = Vec::new();
        let mut forgotten = None;
        let again = handover.kind != Kind::Message || handover.purpose == PurposeName::Service;
        let ids = handover.ids.iter().copied();
        let later = |until: Moment, code: Code| {
            let put_off = |id: &[u8; 16]| Later {
                id: *id,
                until: until.0,
                code: code.as_str().to_owned(),
            };
            handover.ids.iter().map(put_off).collect()
        };
        match outcome {
            Outcome::Accepted => turn.answered = ids.map(|id| became(id, ACCEPTED)).collect(),
            Outcome::Withdrawn => turn.later = later(now, Code::NoPurposeConsent),
            Outcome::NotNow { until } if handover.tries < TRIES => {
                turn.later = later(until, Code::ChannelBusy);
            }
            Outcome::Unknown if again && handover.tries < TRIES => {
                let rest = AGAIN_MS.saturating_mul(1 << handover.tries.saturating_sub(1).min(10));
                turn.later = later(now.plus(rest.min(AGAIN_MAX_MS)), Code::InDoubt);
            }
            Outcome::NotNow { .. } | Outcome::Refused { .. } | Outcome::Gone { .. } => {
                if let Outcome::Gone { held_in } = outcome {
                    forgotten = self.forgotten(handover.person, held_in, handover.at)?;
                }
                let held = Held::of(Code::ChannelRefused, "channel/refused");
                turn.ended = ids
                    .map(|id| Ended {
                        id,
                        code: held.code.as_str().to_owned(),
                    })
                    .collect();
                if let (Outcome::Refused { dead: true }, Some(channel)) = (outcome, handover.channel) {
                    turn.suppressed
                        .push(closed(channel, WhySuppressed::HardBounce, now));
                }
                let whose = (handover.person, handover.purpose);
                rows.extend(self.tell(whose, handover.record, &handover.ids, Some(&held), "refused", now)?);
            }
            Outcome::Unknown => {
                turn.answered = ids.map(|id| became(id, IN_DOUBT)).collect();
                self.put_doubts(handover, now)?;
                let held = Held::of(Code::InDoubt, "outbox/in-doubt");
                let whose = (handover.person, handover.purpose);
                rows.extend(self.tell(
                    whose,
                    handover.record,
                    &handover.ids,
                    Some(&held),
                    "in_doubt",
                    now,
                )?);
            }
        }
        Ok(Sending {
            person: handover.person,
            version: None,
            turn,
            rows,
            forgotten,
            withdrawn: None,
        })
    }

    /// The trait as it is without its value, if it is no newer than that.
    fn forgotten(&self, person: PersonId, name: &str, at: Moment) -> Result<Option<Trait>, Unavailable> {
        let shared = self.shared();
        let known = |slot: &mut crate::hot::Slot| {
            let mut traits = slot.content(person)?.traits.iter();
            Ok(traits.find(|known| known.name == name).cloned())
        };
        let shelf = shared.shelf.as_ref();
        let known = shared.hot.with(person, shelf, &shared.keyring, known)?.flatten();
        let known = known.filter(|known| known.at <= at.0);
        Ok(known.map(|known| Trait {
            value: "null".to_owned(),
            at: at.0,
            source: GONE.to_owned(),
            ..known
        }))
    }

    fn put_doubts<L>(&self, handover: &Handover<L>, now: Moment) -> Result<(), Unavailable> {
        let shared = self.shared();
        let waiting = |slot: &mut crate::hot::Slot| {
            let content = slot.content(handover.person)?;
            let waiting = content.outbox.iter().flat_map(|kept| &kept.waiting);
            let mine = waiting.filter(|entry| handover.ids.contains(&entry.id));
            Ok(mine.cloned().collect::<Vec<Entry>>())
        };
        let shelf = shared.shelf.as_ref();
        let entries = shared
            .hot
            .with(handover.person, shelf, &shared.keyring, waiting)?;
        for entry in entries.unwrap_or_default() {
            house::put_doubt(shared, &entry, entry.marked.as_ref(), now)?;
        }
        Ok(())
    }

    /// Writes down what came back of what left under that [`Handover::reference`].
    pub async fn feedback(
        &self,
        reference: [u8; 16],
        feedback: Feedback,
        now: Moment,
    ) -> Result<Noted, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let shelf = shared.shelf.as_ref();
            let Some(row) = shelf.record(RecordId(reference))? else {
                return Ok(Noted::Unknown);
            };
            let person = row.person;
            let found = |slot: &mut crate::hot::Slot| {
                let content = slot.content(person)?;
                let sent = content.outbox.iter().flat_map(|kept| &kept.sent);
                let mine = sent.clone().find(|sent| sent.reference == reference).cloned();
                Ok(mine.map(|mine| {
                    let too_many = too_many_failed(&mine, sent, now);
                    (mine, too_many)
                }))
            };
            let sent = shared.hot.with(person, shelf, &shared.keyring, found)?.flatten();
            let Some((sent, too_many)) = sent else {
                return Ok(Noted::Unknown);
            };
            let (number, outcome, why) = match feedback {
                Feedback::Delivered => (DELIVERED, "delivered", None),
                Feedback::Failed => (FAILED, "failed", too_many.then_some(WhySuppressed::SoftBounces)),
                Feedback::Bounced => (BOUNCED, "bounced", Some(WhySuppressed::HardBounce)),
                Feedback::Complained => (COMPLAINED, "complained", Some(WhySuppressed::Complaint)),
            };
            if number <= sent.became {
                // Known already: said again by who reports twice.
                return Ok(Noted::Noted);
            }
            let channel = channel_of(sent.channel);
            let purpose = PurposeName::ALL.get(usize::from(sent.purpose)).copied();
            let whose = (person, purpose.unwrap_or(PurposeName::Service));
            let rows = gate.tell(whose, RecordId(sent.record), &[sent.id], None, outcome, now)?;
            let sending = Sending {
                person,
                version: None,
                turn: Turn {
                    answered: vec![became(sent.id, number)],
                    suppressed: why.map(|why| closed(channel, why, now)).into_iter().collect(),
                    ..Turn::default()
                },
                rows: rows.into_iter().collect(),
                forgotten: None,
                // Whoever reports what they once permitted takes it back, by the easiest way there is.
                withdrawn: (feedback == Feedback::Complained).then(|| withdrawn(channel)),
            };
            let done = gate.commit_turns(vec![sending], now)?;
            match (done.first(), why) {
                (Some(true), None) => Ok(Noted::Noted),
                (Some(true), Some(why)) => Ok(Noted::Closed(why)),
                _ => Err(Unavailable::Busy),
            }
        })
        .await
    }

    /// A record of what became of something that was decided before. `None`: the person is gone.
    pub(super) fn tell(
        &self,
        (person, purpose): (PersonId, PurposeName),
        of: RecordId,
        ids: &[[u8; 16]],
        held: Option<&Held>,
        outcome: &'static str,
        now: Moment,
    ) -> Result<Option<(store::RecordRow, store::Leaf)>, Unavailable> {
        let shared = self.shared();
        let Some(key) = self.key_of(person)? else {
            return Ok(None);
        };
        let ids: Vec<String> = ids.iter().map(|id| told::hex(id)).collect();
        let told = Told {
            entries: &[],
            channel: None,
            outcome,
            held,
            facts: None,
            said: json!({ "ids": ids, "of": told::hex(&of.0) }),
            now,
        };
        let statement = Statement {
            kind: told::KIND,
            purpose: Some(purpose),
            program: Digest(shared.dictionary.digest().0),
            allowed: held.is_none(),
            reasons: held.iter().map(|held| held.policy.clone()).collect(),
            at: now,
        };
        record::make(shared, person, &key, statement, told.details()).map(Some)
    }
}

/// Whether `mine`, given up on the way, is one too many: of what left by the same channel lately, the newest were
/// all given up, and are as many.
fn too_many_failed<'s>(mine: &Sent, sent: impl Iterator<Item = &'s Sent>, now: Moment) -> bool {
    let mut lately: Vec<&Sent> = sent
        .filter(|one| one.channel == mine.channel && one.with.is_none())
        .filter(|one| one.at.saturating_add(SOFT_BOUNCES_MS) > now.0)
        // Of the others nobody knows yet whether they arrived.
        .filter(|one| one.id == mine.id || matches!(one.became, DELIVERED | FAILED))
        .collect();
    lately.sort_by_key(|one| std::cmp::Reverse((one.at, one.id)));
    let in_a_row = lately
        .iter()
        .take_while(|one| one.id == mine.id || one.became == FAILED)
        .count();
    in_a_row >= SOFT_BOUNCES
}

/// What is taken back by a complaint about a message of that channel.
fn withdrawn(channel: Channel) -> (Choice, Proof) {
    let choice = Choice {
        purpose: channel.purpose() as u8,
        given: false,
        explicit: true,
        expires_at: None,
    };
    let evidence = Evidence::new(Component::Message, Action::Withdraw);
    (choice, intake::proof(&evidence, None, None))
}

pub(super) fn became(id: [u8; 16], became: u8) -> Answered {
    Answered {
        id,
        became,
        left: Some(true),
    }
}

fn closed(channel: Channel, why: WhySuppressed, now: Moment) -> Suppressed {
    Suppressed {
        channel: channel as u8,
        why: why as u8,
        since: now.0,
    }
}
