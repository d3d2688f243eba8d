//! The word in an answer by which a reply finds its conversation: the conversation's random name, until
//! when, and a MAC over both and the person. 48 letters: short enough for the part of an address before
//! the `@` (RFC 5321, section 4.5.3.1.1), and the same each time it is made, so that an answer that goes
//! out twice is one message.
//!
//! It says nothing to who cannot check it, opens no page, and is good for saying something in that
//! conversation alone. Deliberately does not know: mail.

use super::{ConversationId, NotSaid, TURN_MAX, Turn, Via, check, names, short};
use crate::Unavailable;
use crate::gate::Gate;
use crate::pass::{PassKind, hex};
use vocabulary::{DAY_MS, Moment, PersonId};

/// For so many days after an answer a reply finds its conversation.
pub const REPLY_DAYS: i64 = 180;
/// Bytes of the MAC.
const MAC: usize = 12;
/// The whole word, letters.
const WORD: usize = 48;
/// RFC 4648, section 6, in small letters: mail servers do not keep their size.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A reply that came by mail.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// What names the message, such as its Message-ID: the same is not heard twice.
    pub message: String,
    /// The new text; what is longer than [`MAX_TURN`](super::MAX_TURN) is cut off.
    pub text: String,
    /// Names of what was attached.
    pub attached: Vec<String>,
}

impl Gate {
    /// The word for replies to an answer that was given at `at`.
    pub(super) fn reply_word(&self, id: ConversationId, person: PersonId, at: Moment) -> String {
        let day = u16::try_from(at.plus((REPLY_DAYS + 1) * DAY_MS).day().0).unwrap_or(u16::MAX);
        let mut bytes = id.0.to_vec();
        bytes.extend_from_slice(&day.to_be_bytes());
        bytes.extend_from_slice(&self.reply_mac(id, person, day));
        letters(&bytes)
    }

    /// Hears a reply. The word must be ours, of this store's time, and not over; it is bound to the person
    /// and the conversation, which is open again from then on.
    pub async fn hear_reply(
        &self,
        word: &str,
        heard: &Heard,
        now: Moment,
    ) -> Result<Result<ConversationId, NotSaid>, Unavailable> {
        let Some((id, day, mac)) = read(word) else {
            return Ok(Err(NotSaid::Unknown));
        };
        let Some((_, row)) = self.conversation_row(id).await? else {
            return Ok(Err(NotSaid::Unknown));
        };
        let ours =
            aws_lc_rs::constant_time::verify_slices_are_equal(&mac, &self.reply_mac(id, row.person(), day));
        if ours.is_err() || now.day().0 >= u32::from(day) {
            return Ok(Err(NotSaid::Unknown));
        }
        let until = Moment((i64::from(day) + 1) * DAY_MS);
        self.hear(id, heard, until, now).await
    }

    /// The same for a reply whose mark the caller has checked: it names the conversation itself.
    pub async fn hear_marked_reply(
        &self,
        id: ConversationId,
        heard: &Heard,
        now: Moment,
    ) -> Result<Result<ConversationId, NotSaid>, Unavailable> {
        self.hear(id, heard, now.plus(REPLY_DAYS * DAY_MS), now).await
    }

    /// What a person answers to a message that was sent to them: it opens a conversation, and what they answer to
    /// that message later joins it. `reference`: under what it left, which the caller has checked. The same message
    /// is not heard twice.
    pub async fn hear_answer(
        &self,
        reference: [u8; 16],
        heard: &Heard,
        subject: &str,
        language: vocabulary::Language,
        now: Moment,
    ) -> Result<Result<ConversationId, NotSaid>, Unavailable> {
        let record = crate::RecordId(reference);
        let name = format!(
            "answered/{}",
            hex(&self.shared().keyring.blind("answered", &hex(&reference)).0)
        );
        let asked = name.clone();
        let found = self.blocking(move |gate| {
            let shelf = &gate.shared().shelf;
            Ok((shelf.record(record)?, shelf.get(&asked)?))
        });
        let (row, known) = found.await?;
        let Some(row) = row.filter(|row| row.person != PersonId::NOBODY) else {
            return Ok(Err(NotSaid::Unknown));
        };
        let version = known.as_ref().map_or(0, |known| known.version);
        let before = known.and_then(|known| <[u8; 16]>::try_from(known.value.as_slice()).ok());
        let until = now.plus(REPLY_DAYS * DAY_MS);
        if let Some(id) = before.map(ConversationId) {
            match self.hear(id, heard, until, now).await? {
                Err(NotSaid::Unknown) => {}
                heard => return Ok(heard),
            }
        }
        let opening = super::Opening {
            subject: short(subject, super::SUBJECT_MAX),
            text: short(&heard.text, TURN_MAX),
            language,
            about: None,
            reply_to: None,
        };
        if let Err(problem) = check(&opening.text, &opening.subject) {
            return Ok(Err(problem));
        }
        let id = match self.begin(row.person, opening, Via::Mail, "mail", now).await? {
            Ok(id) => id,
            Err(problem) => return Ok(Err(problem)),
        };
        let kept = self.blocking(move |gate| {
            let shared = gate.shared();
            Ok(shared.shelf.swap(shared.epoch, &name, version, &id.0)?)
        });
        kept.await?;
        self.use_once(self.mark("heard", &format!("{id}/{}", heard.message), until))
            .await?;
        Ok(Ok(id))
    }

    async fn hear(
        &self,
        id: ConversationId,
        heard: &Heard,
        until: Moment,
        now: Moment,
    ) -> Result<Result<ConversationId, NotSaid>, Unavailable> {
        let text = short(&heard.text, TURN_MAX);
        if let Err(problem) = check(&text, "") {
            return Ok(Err(problem));
        }
        let mark = self.mark("heard", &format!("{id}/{}", heard.message), until);
        if self.was_used(mark.clone()).await? {
            return Ok(Ok(id));
        }
        let blind = self.shared().keyring.blind("turn", &heard.message);
        let mut turn = [0; 16];
        turn.iter_mut().zip(blind.0).for_each(|(to, from)| *to = from);
        let turn = Turn {
            id: turn.into(),
            at: now.0,
            by: None,
            text,
            via: Via::Mail as u8,
            attached: names(&heard.attached),
        };
        match self.say(None, id, turn, "mail", now).await? {
            Ok(()) => {
                // After it: a crash in between makes the message come again, and the turn is known.
                self.use_once(mark).await?;
                Ok(Ok(id))
            }
            Err(problem) => Ok(Err(problem)),
        }
    }

    fn reply_mac(&self, id: ConversationId, person: PersonId, day: u16) -> [u8; MAC] {
        let shared = self.shared();
        let (of, time) = (ConversationId(person.0), ConversationId(shared.passes.number.0));
        let kind = PassKind::Conversation as u8;
        let blind = shared
            .keyring
            .blind("reply", &format!("{kind}/{time}/{id}/{of}/{day}"));
        let mut mac = [0; MAC];
        mac.iter_mut().zip(blind.0).for_each(|(to, from)| *to = from);
        mac
    }
}

fn letters(bytes: &[u8]) -> String {
    let mut word = String::with_capacity(WORD);
    for five in bytes.chunks(5) {
        let mut group = 0u64;
        five.iter().for_each(|byte| group = group << 8 | u64::from(*byte));
        for place in (0..8).rev() {
            let letter = LETTERS.get((group >> (place * 5) & 31) as usize);
            word.push(char::from(*letter.unwrap_or(&b'a')));
        }
    }
    word
}

fn read(word: &str) -> Option<(ConversationId, u16, [u8; MAC])> {
    if word.len() != WORD {
        return None;
    }
    let mut bytes = Vec::with_capacity(30);
    for eight in word.to_ascii_lowercase().as_bytes().chunks(8) {
        let mut group = 0u64;
        for letter in eight {
            let at = LETTERS.iter().position(|known| known == letter)?;
            group = group << 5 | at as u64;
        }
        bytes.extend_from_slice(group.to_be_bytes().get(3..)?);
    }
    let (id, rest) = bytes.split_first_chunk::<16>()?;
    let (day, mac) = rest.split_first_chunk::<2>()?;
    Some((
        ConversationId(*id),
        u16::from_be_bytes(*day),
        mac.try_into().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_word_is_read_as_it_was_written_in_letters_of_any_size(bytes in any::<[u8; 30]>()) {
            let word = letters(&bytes);
            prop_assert_eq!(word.len(), WORD);
            for word in [word.clone(), word.to_uppercase()] {
                let (id, day, mac) = read(&word).unwrap();
                let mut again = id.0.to_vec();
                again.extend_from_slice(&day.to_be_bytes());
                again.extend_from_slice(&mac);
                prop_assert_eq!(&again[..], &bytes[..]);
            }
        }

        #[test]
        fn no_other_text_is_a_word(text in ".{0,60}") {
            if let Some((id, _, _)) = read(&text) {
                prop_assert_eq!(text.len(), WORD);
                prop_assert!(!id.to_string().is_empty());
            }
        }
    }
}
