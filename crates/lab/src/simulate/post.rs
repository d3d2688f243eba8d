//! What journeys want to say to one person, on its way: judged as a server judges it (`gate::clearance`), by the
//! person's choices and contract and the program's caps and quiet hours, when it is wanted and whenever it is due.
//!
//! Deliberately does not know: channels and what they refuse, words and the values they miss, what is counted.

use super::World;
use super::people::Person;
use decide::journeys::Effect;
use gate::clearance::{self, Code, Facts, Held, Verdict};
use gate::dispatch::{Compose, Waiting, Wanted};
use gate::{Kind, WAITING_MAX};
use program::Name;
use std::collections::BTreeMap;
use vocabulary::{Channel, Moment, PurposeName, Rhythm};

/// Nothing is due.
const NEVER: Moment = Moment(i64::MAX);

/// What became of a message.
pub enum Became {
    /// It left.
    Left {
        /// As a part of another: several came together.
        with: bool,
    },
    /// It waits, by a policy that had not held it back before.
    Held(Held),
    /// It never leaves.
    Ended(Held),
}

/// Told of each message, whenever something becomes of it.
pub struct Posted<'a> {
    /// Whose.
    pub person: &'a Person,
    /// When.
    pub now: Moment,
    /// Which message.
    pub message: &'a Name,
    /// Of which journey.
    pub journey: &'a Name,
    /// Which run, since when it waits.
    pub waiting: &'a Waiting,
    /// What became of it.
    pub became: Became,
}

/// A message that waits.
struct Letter {
    message: Name,
    journey: Name,
    waiting: Waiting,
    due: Moment,
    held_by: Vec<String>,
}

/// One person's outbox.
#[derive(Default)]
pub(super) struct Post {
    letters: Vec<Letter>,
    left: Vec<(Moment, Channel)>,
}

impl Post {
    /// When something is due.
    pub(super) fn due(&self) -> Moment {
        self.letters
            .iter()
            .map(|letter| letter.due)
            .min()
            .unwrap_or(NEVER)
    }

    /// The messages that wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Name> {
        self.letters.iter().map(|letter| &letter.message)
    }

    /// A journey wants to say something. Where too much waits, the oldest that is not an answer makes room.
    pub(super) fn queue(
        &mut self,
        world: &World<'_>,
        person: &Person,
        (effect, message): (&Effect, &Name),
        now: Moment,
        told: &mut dyn FnMut(&Posted<'_>),
    ) {
        let waiting = Waiting {
            id: [0; 16],
            kind: Kind::Message,
            name: message.to_string(),
            journey: effect.journey.to_string(),
            key: effect.key.clone(),
            step: effect.step.clone(),
            entered_at: effect.entered_at,
            number: effect.number,
            program: world.program.digest(),
            queued_at: now,
        };
        self.letters.push(Letter {
            message: message.clone(),
            journey: effect.journey.clone(),
            waiting,
            due: now,
            held_by: Vec::new(),
        });
        if self.letters.len() <= WAITING_MAX {
            return;
        }
        let commercial = |letter: &Letter| !world.words.wanted(&letter.waiting, now).service;
        let oldest = self.letters.iter().position(commercial);
        let full = self.letters.remove(oldest.unwrap_or(self.letters.len() - 1));
        full.tell(
            person,
            now,
            Became::Ended(Held::of(Code::OutboxFull, "outbox/full")),
            told,
        );
    }

    /// The person said something: all that waits is judged anew.
    pub(super) fn stir(&mut self, now: Moment) {
        self.letters.iter_mut().for_each(|letter| letter.due = now);
    }

    /// A turn at what is due, in the order in which it was wanted.
    pub(super) fn turn(
        &mut self,
        world: &World<'_>,
        person: &Person,
        now: Moment,
        told: &mut dyn FnMut(&Posted<'_>),
    ) {
        let (due, rest) = self
            .letters
            .drain(..)
            .partition::<Vec<_>, _>(|letter| letter.due <= now);
        self.letters = rest;
        let mut together: BTreeMap<(PurposeName, Channel), Vec<Letter>> = BTreeMap::new();
        for letter in due {
            let wanted = world.words.wanted(&letter.waiting, now);
            let Some((purpose, channel)) = way(person, &wanted) else {
                let gone = Held::of(Code::MessageGone, "program/message-gone");
                letter.tell(person, now, Became::Ended(gone), told);
                continue;
            };
            let gathered = person.contract.rhythm != Rhythm::Single && purpose != PurposeName::Service;
            match self.judge(world, person, (&letter, &wanted), (purpose, channel), now) {
                Verdict::Pass(_) if gathered => together.entry((purpose, channel)).or_default().push(letter),
                Verdict::Pass(_) => {
                    self.leaves(purpose, channel, now);
                    letter.tell(person, now, Became::Left { with: false }, told);
                }
                verdict => self.holds(letter, verdict, person, now, told),
            }
        }
        for ((purpose, channel), letters) in together {
            self.together(world, person, (purpose, channel), letters, now, told);
        }
        // In the order of wanting again, for the next turn.
        self.letters
            .sort_by_key(|letter| (letter.waiting.queued_at, letter.waiting.number));
        // Nothing looks back further than seven days.
        self.left
            .retain(|(at, _)| now.since(*at) < 35 * vocabulary::DAY_MS);
    }

    /// What comes together is one message. What left a moment ago by another way counts: it is judged again.
    fn together(
        &mut self,
        world: &World<'_>,
        person: &Person,
        (purpose, channel): (PurposeName, Channel),
        letters: Vec<Letter>,
        now: Moment,
        told: &mut dyn FnMut(&Posted<'_>),
    ) {
        let Some(first) = letters.first() else {
            return;
        };
        let wanted = world.words.wanted(&first.waiting, now);
        match self.judge(world, person, (first, &wanted), (purpose, channel), now) {
            Verdict::Pass(_) => {
                self.leaves(purpose, channel, now);
                for (place, letter) in letters.into_iter().enumerate() {
                    letter.tell(person, now, Became::Left { with: place > 0 }, told);
                }
            }
            verdict => {
                for letter in letters {
                    self.holds(letter, verdict.clone(), person, now, told);
                }
            }
        }
    }

    fn judge(
        &self,
        world: &World<'_>,
        person: &Person,
        (letter, wanted): (&Letter, &Wanted),
        (purpose, channel): (PurposeName, Channel),
        now: Moment,
    ) -> Verdict {
        if let Some(policy) = refused(person, purpose) {
            return Verdict::End(Held::of(Code::NoPurposeConsent, policy));
        }
        let facts = Facts {
            purpose,
            channel,
            queued_at: letter.waiting.queued_at,
            contract: &person.contract,
            zone: &person.zone,
            left: &self.left,
            conversation: false,
            suppressed: None,
            standing: wanted.standing,
            claims: wanted.claims,
        };
        clearance::judge(&facts, world.words.rules(), now)
    }

    fn leaves(&mut self, purpose: PurposeName, channel: Channel, now: Moment) {
        if purpose != PurposeName::Service {
            self.left.push((now, channel));
        }
    }

    fn holds(
        &mut self,
        mut letter: Letter,
        verdict: Verdict,
        person: &Person,
        now: Moment,
        told: &mut dyn FnMut(&Posted<'_>),
    ) {
        match verdict {
            Verdict::Pass(_) => {}
            Verdict::End(held) => letter.tell(person, now, Became::Ended(held), told),
            Verdict::Wait { until, held } => {
                if !letter.held_by.contains(&held.policy) {
                    letter.held_by.push(held.policy.clone());
                    letter.tell(person, now, Became::Held(held), told);
                }
                // Time goes on, whatever a rule says.
                letter.due = until.max(now.plus(1));
                self.letters.push(letter);
            }
        }
    }
}

impl Letter {
    fn tell(&self, person: &Person, now: Moment, became: Became, told: &mut dyn FnMut(&Posted<'_>)) {
        told(&Posted {
            person,
            now,
            message: &self.message,
            journey: &self.journey,
            waiting: &self.waiting,
            became,
        });
    }
}

/// Which policy of the charter refuses: what a journey wants rests on the permission to look as well.
fn refused(person: &Person, purpose: PurposeName) -> Option<&'static str> {
    match purpose {
        PurposeName::Service => None,
        _ if !person.permitted.contains(purpose) => Some("charter/no-consent-to-messages"),
        _ if !person.permitted.contains(PurposeName::Segment) => Some("charter/no-consent"),
        _ => None,
    }
}

/// By which way: the one the person prefers, if the message can leave by it and it is permitted.
fn way(person: &Person, wanted: &Wanted) -> Option<(PurposeName, Channel)> {
    let own = wanted.channels.first().copied()?;
    let purpose = |channel: Channel| match wanted.service {
        true => PurposeName::Service,
        false => channel.purpose(),
    };
    let preferred = person
        .contract
        .channel
        .filter(|channel| wanted.channels.contains(channel) && person.permitted.contains(purpose(*channel)));
    let channel = preferred.unwrap_or(own);
    Some((purpose(channel), channel))
}
