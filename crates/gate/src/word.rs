//! Words: what stands in the links of messages. A word says whose message it was and which, to us alone, and is
//! good for one thing. It is short, always the same for the same message, and nothing is kept to read it.
//!
//! Person and record are sealed in the manner of SIV (RFC 5297): a code over both is made with the index key, and
//! they are hidden under a stream that begins with that code. Two words are alike only if they are of the same
//! message; whoever changes a bit has no word. The index key is never exchanged and a backup that is put back
//! changes nothing, so a word to leave by works as long as the person's envelope is there; one to read why by ends
//! with [`WHY_MS`].
//!
//! Deliberately does not know: addresses of pages, what a page shows.

use crate::clearance::WhySuppressed;
use crate::envelope::{Choice, Input};
use crate::evidence::{Action, Component, Evidence};
use crate::gate::Gate;
use crate::outbox::{Suppressed, Turn};
use crate::pass::PassKind;
use crate::permit::{Ask, Refused};
use crate::purposes::{Purpose as _, ShowOwnData};
use crate::record::{self, Receipt};
use crate::{RecordId, Unavailable, intake};
use ledger::Entry;
use vocabulary::{Channel, DAY_MS, Moment, PersonId};
use zeroize::Zeroize as _;

/// For how long a word of [`PassKind::Why`] is good after its message.
pub const WHY_MS: i64 = 365 * DAY_MS;
const CODE: usize = 16;
const LENGTH: usize = CODE + 32;

/// What a word is good for, and by which way it came: part of what is hashed.
type Kind = (PassKind, Channel);

/// A word that was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Word {
    person: PersonId,
    record: RecordId,
    channel: Channel,
}

impl Word {
    /// Whose message it was.
    pub(crate) fn person(&self) -> PersonId {
        self.person
    }

    /// The record of the message it stood in.
    pub fn record(&self) -> RecordId {
        self.record
    }

    /// By which way the message came.
    pub fn channel(&self) -> Channel {
        self.channel
    }
}

/// Why a message came, for whoever has its link.
pub struct Why {
    /// What the log says of it.
    pub entry: Entry,
    /// What the record says, JSON text.
    pub details: String,
    /// With its proof, if it is in the log.
    pub receipt: Receipt,
}

impl Drop for Why {
    fn drop(&mut self) {
        self.details.zeroize();
    }
}

impl std::fmt::Debug for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Why(..)")
    }
}

impl Gate {
    /// The word for the person of a message that comes by that way and has that record: 48 bytes.
    pub fn word(&self, kind: PassKind, channel: Channel, person: PersonId, record: RecordId) -> [u8; LENGTH] {
        let kind = (kind, channel);
        let mut plain = [0; 32];
        let (first, second) = plain.split_at_mut(16);
        first.copy_from_slice(&person.0);
        second.copy_from_slice(&record.0);
        let code = self.code(kind, &plain);
        let mut word = [0; LENGTH];
        let (head, body) = word.split_at_mut(CODE);
        head.copy_from_slice(&code);
        let stream = self.stream(kind, &code);
        body.iter_mut()
            .zip(plain.iter().zip(stream))
            .for_each(|(to, (from, hides))| *to = from ^ hides);
        word
    }

    /// Reads a word, if it is one of ours and of that kind. Whether the person is still there is another question.
    pub fn read_word(&self, kind: PassKind, word: &[u8]) -> Option<Word> {
        let mut channels = Channel::ALL.into_iter();
        channels.find_map(|channel| self.read_as((kind, channel), word))
    }

    fn read_as(&self, kind: Kind, word: &[u8]) -> Option<Word> {
        let word: &[u8; LENGTH] = word.try_into().ok()?;
        let (code, body) = word.split_first_chunk::<CODE>()?;
        let stream = self.stream(kind, code);
        let mut plain = [0; 32];
        plain
            .iter_mut()
            .zip(body.iter().zip(stream))
            .for_each(|(to, (from, hides))| *to = from ^ hides);
        let ours = self.code(kind, &plain);
        // Compared as a whole, in a time that tells nothing.
        let differs = ours.iter().zip(code).fold(0, |all, (a, b)| all | (a ^ b));
        if differs != 0 {
            return None;
        }
        let (first, second) = plain.split_first_chunk::<16>()?;
        Some(Word {
            person: PersonId(*first),
            record: RecordId(second.try_into().ok()?),
            channel: kind.1,
        })
    }

    fn code(&self, kind: Kind, plain: &[u8; 32]) -> [u8; CODE] {
        let name = format!("word {} {} code", kind.0 as u8, kind.1 as u8);
        let blind = self.shared().keyring.blind(&name, &hex(plain));
        let mut code = [0; CODE];
        code.iter_mut().zip(blind.0).for_each(|(to, from)| *to = from);
        code
    }

    fn stream(&self, kind: Kind, code: &[u8; CODE]) -> [u8; 32] {
        let name = format!("word {} {} stream", kind.0 as u8, kind.1 as u8);
        self.shared().keyring.blind(&name, &hex(code)).0
    }

    /// Whoever has the link of a message leaves what it came by: the purpose is withdrawn with its evidence, and the
    /// way is closed until the person permits it anew. Durable when it answers. `false`: the person is gone, and so
    /// nothing comes any more.
    pub async fn leave_by(&self, word: Word, source: &str, now: Moment) -> Result<bool, Unavailable> {
        let (person, channel) = (word.person, word.channel);
        if self.blocking(move |gate| gate.key_of(person)).await?.is_none() {
            return Ok(false);
        }
        let evidence = Evidence::new(Component::Message, Action::Withdraw);
        let input = Input {
            at: now.0,
            received_at: now.0,
            source: source.to_owned(),
            choices: vec![Choice {
                purpose: channel.purpose() as u8,
                given: false,
                explicit: true,
                expires_at: None,
            }],
            proof: Some(intake::proof(&evidence, None, None)),
            turn: Some(Turn {
                suppressed: vec![Suppressed {
                    channel: channel as u8,
                    why: WhySuppressed::Unsubscribed as u8,
                    since: now.0,
                }],
                ..Turn::default()
            }),
            ..Input::default()
        };
        Ok(self.put_input(person, input).await?.is_some())
    }

    /// The same by the address that stands in a message for leaving (RFC 2369): `reference` is what it left under.
    pub async fn leave_under(
        &self,
        reference: [u8; 16],
        channel: Channel,
        source: &str,
        now: Moment,
    ) -> Result<bool, Unavailable> {
        let record = RecordId(reference);
        let row = self
            .blocking(move |gate| Ok(gate.shared().shelf.record(record)?))
            .await?;
        let Some(row) = row.filter(|row| row.person != PersonId::NOBODY) else {
            return Ok(false);
        };
        let word = Word {
            person: row.person,
            record,
            channel,
        };
        self.leave_by(word, source, now).await
    }

    /// Why the message came in which this word stood: the decision and its proof, and nothing else of the person.
    /// Asks for `show_own_data` on behalf of the bearer. `None`: it is gone, or too long ago.
    pub async fn why(&self, word: Word, ask: Ask) -> Result<Option<Result<Why, Refused>>, Unavailable> {
        let own = self
            .blocking(move |gate| {
                let row = gate.shared().shelf.record(word.record)?;
                let Some(row) = row.filter(|row| row.person == word.person) else {
                    return Ok(None);
                };
                match gate.grant(row.person, ShowOwnData::NAME, ask)? {
                    None => return Ok(None),
                    Some(Err(refused)) => return Ok(Some(Err(refused))),
                    Some(Ok(_)) => {}
                }
                let Some(key) = gate.key_of(row.person)? else {
                    return Ok(None);
                };
                let opened = record::open(&row, &key)?;
                let entry =
                    Entry::parse(&opened.leaf).map_err(|error| Unavailable::Ledger(error.to_string()))?;
                let of = Moment(i64::from(entry.day).saturating_mul(DAY_MS));
                if entry.kind != crate::dispatch::KIND || of.plus(WHY_MS) < ask.now {
                    return Ok(None);
                }
                Ok(Some(Ok((entry, opened.details))))
            })
            .await?;
        let (entry, details) = match own {
            None => return Ok(None),
            Some(Err(refused)) => return Ok(Some(Err(refused))),
            Some(Ok(own)) => own,
        };
        match self.receipt(word.record, ask).await? {
            None => Ok(None),
            Some(Err(refused)) => Ok(Some(Err(refused))),
            Some(Ok(receipt)) => Ok(Some(Ok(Why {
                entry,
                details,
                receipt,
            }))),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
