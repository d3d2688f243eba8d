//! Messages that an app shows: it collects those that wait, and says what the person did with them.
//!
//! Collecting is handing over: what is collected is permitted, cleared, recorded and marked before it is answered,
//! counts from then on, and has not left before. Until the person saw it, it waits in the app's list, and is written
//! again each time from what its purpose may see then; when it says something else that is another record. Who
//! withdraws the purpose meanwhile finds it gone.
//!
//! Deliberately does not know: which app, how it looks.

use super::answers::{ACCEPTED, ACTED, DELIVERED, DISMISSED, became};
use super::one::{Passed, words_of};
use super::turn::zone_of;
use super::under_way::{OneTurn, Ready};
use super::{Compose, Composed, NotComposed, Noted, Waiting};
use crate::clearance::{self, Code, Held, Standing, Verdict};
use crate::gate::Gate;
use crate::hot::Slot;
use crate::outbox::{self, Entry, Kind, Marked, Sent, Turn};
use crate::permit::Ask;
use crate::purposes::{MarketByEmail, MarketByPush, MarketBySms, Personalise, Service, Writes};
use crate::writer::Sending;
use crate::{RecordId, Unavailable, Whom};
use std::collections::BTreeMap;
use std::sync::Arc;
use vocabulary::{Channel, Moment, PersonId, PurposeName};

/// How often collecting begins anew when the person changes meanwhile.
const AGAIN: usize = 4;

/// A message that an app shows.
#[derive(Debug)]
pub struct Shown<L> {
    /// By this the app names it.
    pub id: [u8; 16],
    /// What it says.
    pub letter: L,
    /// Of the decision.
    pub record: RecordId,
    /// Whose: to make the words by which its links lead back to them.
    pub person: PersonId,
    /// Since when it is in the app's list.
    pub since: Moment,
}

/// What a person did with a message that an app showed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// It was before their eyes.
    Seen,
    /// They did what it proposes.
    Acted,
    /// They put it away.
    Dismissed,
}

impl Said {
    /// Every one.
    pub const ALL: [Said; 3] = [Said::Seen, Said::Acted, Said::Dismissed];

    /// The stable name, in records and over the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Said::Seen => "seen",
            Said::Acted => "acted",
            Said::Dismissed => "dismissed",
        }
    }

    fn number(self) -> u8 {
        match self {
            Said::Seen => DELIVERED,
            Said::Acted => ACTED,
            Said::Dismissed => DISMISSED,
        }
    }
}

/// What collecting changes, and what it answers.
struct Offer<L> {
    sending: Sending,
    letters: Vec<Ready<L>>,
}

impl Gate {
    /// What waits to be shown to that person inside an app: marked and recorded, durable when it answers. What was
    /// collected and not seen yet is among it. Empty also of whom nothing is known. Blocks.
    pub fn collect<C: Compose>(
        &self,
        whom: &Whom<'_>,
        ask: Ask,
        program: &C,
    ) -> Result<Vec<Shown<C::Letter>>, Unavailable> {
        let Some(person) = self.locate(&whom.located(&self.shared().keyring))? else {
            return Ok(Vec::new());
        };
        for _ in 0..AGAIN {
            let mut offer = None;
            self.visit(&[person], |person, slot| {
                offer = self.offer(person, slot, ask, program)?;
                Ok(())
            })?;
            let Some(Offer { sending, letters }) = offer else {
                return Ok(Vec::new());
            };
            let changes = sending.turn != Turn::default() || !sending.rows.is_empty();
            if changes && self.commit_turns(vec![sending], ask.now)?.first() != Some(&true) {
                continue;
            }
            self.note_next(person, ask.now)?;
            let shown = letters.into_iter().map(|ready| Shown {
                id: ready.ids.first().copied().unwrap_or_default(),
                letter: ready.letter,
                record: ready.record,
                person,
                since: ready.at,
            });
            return Ok(shown.collect());
        }
        Err(Unavailable::Busy)
    }

    fn offer<C: Compose>(
        &self,
        person: PersonId,
        slot: &mut Slot,
        ask: Ask,
        program: &C,
    ) -> Result<Option<Offer<C::Letter>>, Unavailable> {
        let shared = self.shared();
        let allowed = slot.allowed(&shared.charter, ask.signals, ask.now);
        let (terms, key, version) = (Arc::clone(&slot.terms), Arc::clone(&slot.key), slot.version);
        let content = slot.content(person)?;
        let Some(kept) = &content.outbox else {
            return Ok(None);
        };
        let contract = terms.contract();
        let zone = zone_of(content, &contract, &allowed, program.zone());
        let mut turn = OneTurn::of(
            (shared, program, ask),
            (person, &key, &terms, content),
            (&allowed, &contract, &zone),
            outbox::left(kept),
        );
        turn.only = Some(Channel::InApp);
        turn.collect(&kept.waiting)?;
        Ok(Some(Offer {
            letters: turn.letters,
            sending: Sending {
                person,
                version: Some(version),
                turn: turn.turn,
                rows: turn.rows,
                ..Sending::of(person)
            },
        }))
    }

    /// What the person did with a message that was collected for them; durable when it answers. Said again it
    /// changes nothing; `seen` after something else neither.
    pub async fn said_of_shown(
        &self,
        whom: &Whom<'_>,
        id: [u8; 16],
        said: Said,
        now: Moment,
    ) -> Result<Noted, Unavailable> {
        let located = whom.located(&self.shared().keyring);
        self.blocking(move |gate| {
            let shared = gate.shared();
            let Some(person) = gate.locate(&located)? else {
                return Ok(Noted::Unknown);
            };
            let found = |slot: &mut Slot| Ok(shown(slot.content(person)?.outbox.as_ref(), &id));
            let shelf = shared.shelf.as_ref();
            let known = shared.hot.with(person, shelf, &shared.keyring, found)?;
            let Some(known) = known.flatten() else {
                return Ok(Noted::Unknown);
            };
            if said.number() <= known.became {
                return Ok(Noted::Noted);
            }
            let purpose = PurposeName::ALL.get(usize::from(known.purpose)).copied();
            let whose = (person, purpose.unwrap_or(PurposeName::Service));
            let rows = gate.tell(
                whose,
                RecordId(known.record),
                &known.ids,
                None,
                said.as_str(),
                now,
            )?;
            let sending = Sending {
                person,
                turn: Turn {
                    answered: known.ids.iter().map(|id| became(*id, said.number())).collect(),
                    ..Turn::default()
                },
                rows: rows.into_iter().collect(),
                ..Sending::of(person)
            };
            match gate.commit_turns(vec![sending], now)?.first() {
                Some(true) => Ok(Noted::Noted),
                _ => Err(Unavailable::Busy),
            }
        })
        .await
    }
}

/// A message that is or was in an app's list.
struct Known {
    ids: Vec<[u8; 16]>,
    record: [u8; 16],
    purpose: u8,
    became: u8,
}

fn shown(outbox: Option<&outbox::Outbox>, id: &[u8; 16]) -> Option<Known> {
    let outbox = outbox?;
    let of = |own: &[u8; 16], with: Option<[u8; 16]>| own == id || with.as_ref() == Some(id);
    let waiting = outbox.waiting.iter();
    let waiting: Vec<(&Entry, &Marked)> = waiting
        .filter_map(|entry| Some((entry, entry.marked.as_ref().filter(|marked| marked.is_shown())?)))
        .filter(|(entry, marked)| of(&entry.id, marked.with))
        .collect();
    if let Some((first, marked)) = waiting.first() {
        return Some(Known {
            ids: waiting.iter().map(|(entry, _)| entry.id).collect(),
            record: marked.record,
            purpose: first.purpose,
            became: 0,
        });
    }
    let in_app = |sent: &&Sent| sent.channel == Channel::InApp as u8 && of(&sent.id, sent.with);
    let sent: Vec<&Sent> = outbox.sent.iter().filter(in_app).collect();
    let first = sent.first()?;
    Some(Known {
        ids: sent.iter().map(|sent| sent.id).collect(),
        record: first.record,
        purpose: first.purpose,
        became: first.became.max(ACCEPTED),
    })
}

impl<C: Compose> OneTurn<'_, C> {
    /// What an app is to show: what it had and nobody saw, and what is due for it.
    fn collect(&mut self, waiting: &[Entry]) -> Result<(), Unavailable> {
        let mut had: BTreeMap<[u8; 16], Vec<Entry>> = BTreeMap::new();
        let mut new = Vec::new();
        for entry in waiting {
            match &entry.marked {
                Some(marked) if marked.is_shown() => {
                    had.entry(marked.with.unwrap_or(entry.id))
                        .or_default()
                        .push(entry.clone());
                }
                Some(_) => {}
                // However long it was put off because no app had asked.
                None if entry.kind == Kind::Message as u8 => new.push(entry.clone()),
                None => {}
            }
        }
        let mut had: Vec<([u8; 16], Vec<Entry>)> = had.into_iter().collect();
        // In the order in which they were collected.
        had.sort_by_key(|(_, entries)| {
            entries
                .iter()
                .map(|entry| (entry.queued_at, entry.number, entry.id))
                .min()
        });
        for (id, mut entries) in had {
            // That one names the message.
            entries.sort_by_key(|entry| entry.id != id);
            self.show_again(entries)?;
        }
        new.sort_by_key(|entry| (entry.queued_at, entry.number, entry.id));
        let mut together: BTreeMap<(u8, u8), Vec<Passed>> = BTreeMap::new();
        for entry in new {
            self.message(entry, &mut together)?;
        }
        self.all_together(together)
    }

    /// What was collected and not seen. Permitted is asked anew; whether it may come now only where it says
    /// something else than before: the same words are there already.
    fn show_again(&mut self, entries: Vec<Entry>) -> Result<(), Unavailable> {
        let Some(first) = entries.first() else {
            return Ok(());
        };
        let wanted = self.program.wanted(&Waiting::of(first), self.ask.now);
        if !wanted.channels.contains(&Channel::InApp) || wanted.standing == Standing::Gone {
            let held = Held::of(Code::MessageGone, "program/message-gone");
            return self.end(&entries, Some(Channel::InApp), &held, serde_json::Value::Null);
        }
        let purpose = match wanted.service {
            true => PurposeName::Service,
            false => Channel::InApp.purpose(),
        };
        if let Some(held) = self.refused_of(purpose) {
            return self.end(&entries, Some(Channel::InApp), &held, serde_json::Value::Null);
        }
        if wanted.standing != Standing::InForce {
            return Ok(());
        }
        match purpose {
            PurposeName::MarketByEmail => self.write_again::<MarketByEmail>(entries),
            PurposeName::MarketBySms => self.write_again::<MarketBySms>(entries),
            PurposeName::MarketByPush => self.write_again::<MarketByPush>(entries),
            PurposeName::Personalise => self.write_again::<Personalise>(entries),
            _ => self.write_again::<Service>(entries),
        }
    }

    /// Whether clearance lets other words come now. If not, they wait for another time to be collected, or end.
    fn may_come<P: Writes>(&mut self, entries: &[Entry]) -> Result<bool, Unavailable> {
        let Some(first) = entries.first() else {
            return Ok(false);
        };
        let wanted = self.program.wanted(&Waiting::of(first), self.ask.now);
        let facts = self.facts(first, P::NAME, Channel::InApp, &wanted);
        match clearance::judge(&facts, self.program.rules(), self.ask.now) {
            Verdict::Pass(_) => Ok(true),
            Verdict::Wait { .. } => Ok(false),
            Verdict::End(held) => {
                self.end(entries, Some(Channel::InApp), &held, serde_json::Value::Null)?;
                Ok(false)
            }
        }
    }

    fn write_again<P: Writes>(&mut self, entries: Vec<Entry>) -> Result<(), Unavailable> {
        let draft = self.words::<P>(Channel::InApp, &entries);
        let (granted, proposal) = (draft.granted, draft.proposal);
        let marked = entries.first().and_then(|entry| entry.marked.clone());
        let Some(marked) = marked else { return Ok(()) };
        let (letter, said) = match proposal {
            Ok(Composed { letter, said }) => (letter, said),
            Err(NotComposed { code, said }) => {
                let held = Held::of(code, "program/words");
                return self.end(&entries, Some(Channel::InApp), &held, said);
            }
        };
        let words = words_of(&said);
        let same = marked.words == Some(words);
        if !same && !self.may_come::<P>(&entries)? {
            return Ok(());
        }
        let record = match same {
            true => RecordId(marked.record),
            false => self.handed_over::<P>(Channel::InApp, &entries, said, &granted)?,
        };
        let before = self.turn.marked.len();
        self.marked(
            entries,
            letter,
            (P::NAME, Some(Channel::InApp)),
            (record, Some(words)),
        );
        if same {
            self.turn.marked.truncate(before);
        }
        if let Some(ready) = self.letters.last_mut() {
            ready.at = Moment(marked.at);
        }
        Ok(())
    }
}
