//! A way to a human: conversations between a person and the team.
//!
//! What is said is sealed in the person's own envelope and dies with their key. The house keeps a sealed row
//! for each conversation: whose it is, since when it waits, who of the team has it; no word of the person.
//! While one is open the terms say so and nothing is sent by a program. The row of a step is written before
//! the step where the team must not miss it, and after where it must not be claimed: a crash in between
//! leaves something to look at, and never a person who waits unseen. Deliberately does not know: HTTP, mail,
//! who of the team may read.

mod given;
mod kept;
mod listed;
mod reply;
mod shown;

pub(crate) use kept::forget;

pub use given::HumanPass;
pub use listed::{OpenConversation, Reading, ToMail};
pub use reply::{Heard, REPLY_DAYS};
pub(crate) use shown::seen;
pub use shown::{Conversation, Said};

use crate::envelope::talk::{
    CONVERSATIONS_MAX, Id, NAME_MAX, NAMES_MAX, SUBJECT_MAX, Step, TURN_MAX, Talk, Turn, What,
};
use crate::envelope::{Content, Input};
use crate::gate::Gate;
use crate::intake::{self, Whom};
use crate::{Unavailable, keys};
use kept::Row;
use vocabulary::{Language, Moment, PersonId};

/// Longest subject, bytes.
pub const MAX_SUBJECT: usize = SUBJECT_MAX;
/// Longest text of a turn, bytes.
pub const MAX_TURN: usize = TURN_MAX;
/// Conversations of one person.
pub const MAX_CONVERSATIONS: usize = CONVERSATIONS_MAX;

/// The identity of a conversation: random, so that nobody finds one by guessing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConversationId(pub [u8; 16]);

impl ConversationId {
    fn fresh() -> Result<ConversationId, Unavailable> {
        Ok(ConversationId(fresh()?))
    }

    /// Reads 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<ConversationId> {
        let good = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let number = good.then(|| u128::from_str_radix(text, 16).ok())??;
        Some(ConversationId(number.to_be_bytes()))
    }
}

impl std::fmt::Display for ConversationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// How something reached the conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Via {
    /// The person's own page.
    OwnPage = 0,
    /// The link in a message.
    Link = 1,
    /// A reply by e-mail.
    Mail = 2,
    /// A page of the team.
    Team = 3,
}

/// What a person begins a conversation with.
#[derive(Clone, Default)]
pub struct Opening {
    /// A few words, at most [`MAX_SUBJECT`] bytes.
    pub subject: String,
    /// What they say, at most [`MAX_TURN`] bytes.
    pub text: String,
    /// In which language.
    pub language: Language,
    /// The name of the message it is about.
    pub about: Option<String>,
    /// Where they wish to be answered besides their own page.
    pub reply_to: Option<String>,
}

/// Why something was not said. Nothing was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotSaid {
    /// Nothing was said.
    #[error("there is no text; write something")]
    Empty,
    /// Too much was said.
    #[error("the text is longer than {MAX_TURN} bytes, or the subject longer than {MAX_SUBJECT}; shorten it")]
    TooLong,
    /// The person has as many open conversations as there may be.
    #[error("{MAX_CONVERSATIONS} conversations are open already; go on in one of them, or close one")]
    TooMany,
    /// There is no such conversation of this person.
    #[error("there is no such conversation")]
    Unknown,
    /// It is closed.
    #[error("the conversation is closed")]
    Closed,
    /// Somebody else was quicker.
    #[error("something was said or done meanwhile; read it first")]
    Overtaken,
}

impl Gate {
    /// Opens a conversation; durable, and automation is silent, when it answers. Somebody of whom nothing is
    /// known gets a row: they ask to be answered.
    pub async fn open_conversation(
        &self,
        whom: &Whom<'_>,
        opening: Opening,
        source: &str,
        now: Moment,
    ) -> Result<Result<ConversationId, NotSaid>, Unavailable> {
        if let Err(problem) = check(&opening.text, &opening.subject) {
            return Ok(Err(problem));
        }
        let person = match self.find(whom).await? {
            Some(person) => person,
            None => {
                let input = Input {
                    at: now.0,
                    received_at: now.0,
                    source: source.to_owned(),
                    identified: whom.user_id.is_some(),
                    talk: Some(Vec::new()),
                    ..Input::default()
                };
                let arrived = intake::stated(whom, input, source, &self.shared().keyring)?;
                self.observe(vec![arrived]).await?;
                match self.find(whom).await? {
                    Some(person) => person,
                    // Erased, and not back: they come back by a consent of their own.
                    None => return Ok(Err(NotSaid::Unknown)),
                }
            }
        };
        self.begin(person, opening, Via::OwnPage, source, now).await
    }

    /// The person says something in a conversation of theirs; one that was closed is open again.
    pub async fn say_in_conversation(
        &self,
        whom: &Whom<'_>,
        id: ConversationId,
        text: &str,
        source: &str,
        now: Moment,
    ) -> Result<Result<(), NotSaid>, Unavailable> {
        if let Err(problem) = check(text, "") {
            return Ok(Err(problem));
        }
        let Some(person) = self.find(whom).await? else {
            return Ok(Err(NotSaid::Unknown));
        };
        let turn = Turn {
            id: fresh()?.into(),
            at: now.0,
            by: None,
            text: text.to_owned(),
            via: Via::OwnPage as u8,
            attached: None,
        };
        self.say(Some(person), id, turn, source, now).await
    }

    /// The person closes a conversation of theirs. Closing what is closed changes nothing.
    pub async fn close_own_conversation(
        &self,
        whom: &Whom<'_>,
        id: ConversationId,
        source: &str,
        now: Moment,
    ) -> Result<Result<(), NotSaid>, Unavailable> {
        let Some(person) = self.find(whom).await? else {
            return Ok(Err(NotSaid::Unknown));
        };
        let _turn = self.shared().conversations.lock().await;
        let Some((version, row)) = self.conversation_row(id).await? else {
            return Ok(Err(NotSaid::Unknown));
        };
        if self.home_of(row.person()).await? != person {
            return Ok(Err(NotSaid::Unknown));
        }
        self.close_now(id, version, row, person, source, now).await
    }

    /// The team answers: with the version the answer was written on, so that nobody answers unseen what was
    /// said meanwhile. Durable when it answers; it is to be mailed from then on.
    pub async fn answer_conversation(
        &self,
        id: ConversationId,
        seen: u64,
        by: &str,
        text: &str,
        now: Moment,
    ) -> Result<Result<u64, NotSaid>, Unavailable> {
        if let Err(problem) = check(text, "") {
            return Ok(Err(problem));
        }
        let _turn = self.shared().conversations.lock().await;
        let (row, person) = match self.row_as_seen(id, seen).await? {
            Ok(found) => found,
            Err(problem) => return Ok(Err(problem)),
        };
        let turn = fresh()?;
        let mut answered = row.clone();
        answered.waiting_since = None;
        answered.held_by = Some(by.to_owned());
        answered.to_mail.push(turn.to_vec().into());
        let Some(version) = self.keep_conversation(id, seen, answered).await? else {
            return Ok(Err(NotSaid::Overtaken));
        };
        let turn = Turn {
            id: turn.into(),
            at: now.0,
            by: Some(by.to_owned()),
            text: text.to_owned(),
            via: Via::Team as u8,
            attached: None,
        };
        self.step(person, id, What::Answered(turn), "team", now).await?;
        Ok(Ok(version))
    }

    /// The team closes a conversation. Programs may go on.
    pub async fn close_conversation(
        &self,
        id: ConversationId,
        seen: u64,
        now: Moment,
    ) -> Result<Result<(), NotSaid>, Unavailable> {
        let _turn = self.shared().conversations.lock().await;
        match self.row_as_seen(id, seen).await? {
            Ok((row, person)) => self.close_now(id, seen, row, person, "team", now).await,
            Err(problem) => Ok(Err(problem)),
        }
    }

    /// Says who of the team has it; `None`: nobody in particular.
    pub async fn hold_conversation(
        &self,
        id: ConversationId,
        seen: u64,
        by: Option<String>,
    ) -> Result<Result<u64, NotSaid>, Unavailable> {
        let _turn = self.shared().conversations.lock().await;
        let (mut row, _) = match self.row_as_seen(id, seen).await? {
            Ok(found) => found,
            Err(problem) => return Ok(Err(problem)),
        };
        row.held_by = by;
        let kept = self.keep_conversation(id, seen, row).await?;
        Ok(kept.ok_or(NotSaid::Overtaken))
    }

    pub(crate) async fn begin(
        &self,
        person: PersonId,
        opening: Opening,
        via: Via,
        source: &str,
        now: Moment,
    ) -> Result<Result<ConversationId, NotSaid>, Unavailable> {
        let person = self.home_of(person).await?;
        let _turn = self.shared().conversations.lock().await;
        if self
            .open_of(person)
            .await?
            .is_none_or(|open| open >= CONVERSATIONS_MAX)
        {
            return Ok(Err(NotSaid::TooMany));
        }
        let id = ConversationId::fresh()?;
        let row = Row::new(person, now);
        self.point_at_conversation(person, id, true).await?;
        if self.keep_conversation(id, 0, row).await?.is_none() {
            return Err(Unavailable::Busy);
        }
        let talk = Talk {
            id: id.0.into(),
            subject: opening.subject,
            opened_at: now.0,
            closed_at: None,
            language: Some(opening.language.tag().to_owned()),
            about: opening.about.map(|about| short(&about, SUBJECT_MAX)),
            reply_to: opening.reply_to.map(|to| short(&to, 320)),
            turns: vec![Turn {
                id: fresh()?.into(),
                at: now.0,
                by: None,
                text: opening.text,
                via: via as u8,
                attached: None,
            }],
            left_out: 0,
            last_at: now.0,
        };
        self.step(person, id, What::Said(Box::new(talk)), source, now)
            .await?;
        Ok(Ok(id))
    }

    /// `person`: who says it, if that is known by something other than the conversation.
    pub(crate) async fn say(
        &self,
        person: Option<PersonId>,
        id: ConversationId,
        turn: Turn,
        source: &str,
        now: Moment,
    ) -> Result<Result<(), NotSaid>, Unavailable> {
        let _turn = self.shared().conversations.lock().await;
        let Some((version, mut row)) = self.conversation_row(id).await? else {
            return Ok(Err(NotSaid::Unknown));
        };
        let home = self.home_of(row.person()).await?;
        if person.is_some_and(|person| person != home) {
            return Ok(Err(NotSaid::Unknown));
        }
        match self.open_of(home).await? {
            None => return Ok(Err(NotSaid::Unknown)),
            Some(open) if row.closed_at.is_some() && open >= CONVERSATIONS_MAX => {
                return Ok(Err(NotSaid::TooMany));
            }
            Some(_) => {}
        }
        row.waiting_since = row.waiting_since.or(Some(now.0));
        row.closed_at = None;
        self.point_at_conversation(home, id, true).await?;
        if self.keep_conversation(id, version, row).await?.is_none() {
            return Err(Unavailable::Busy);
        }
        let said = Talk {
            id: id.0.into(),
            subject: String::new(),
            opened_at: now.0,
            closed_at: None,
            language: None,
            about: None,
            reply_to: None,
            last_at: now.0,
            turns: vec![turn],
            left_out: 0,
        };
        self.step(home, id, What::Said(Box::new(said)), source, now)
            .await?;
        Ok(Ok(()))
    }

    async fn close_now(
        &self,
        id: ConversationId,
        version: u64,
        mut row: Row,
        person: PersonId,
        source: &str,
        now: Moment,
    ) -> Result<Result<(), NotSaid>, Unavailable> {
        if row.closed_at.is_some() {
            return Ok(Ok(()));
        }
        self.step(person, id, What::Closed, source, now).await?;
        row.closed_at = Some(now.0);
        row.waiting_since = None;
        if self.keep_conversation(id, version, row).await?.is_none() {
            return Err(Unavailable::Busy);
        }
        self.unpoint_open(id).await?;
        Ok(Ok(()))
    }

    /// One step, durable when it answers.
    async fn step(
        &self,
        person: PersonId,
        id: ConversationId,
        what: What,
        source: &str,
        now: Moment,
    ) -> Result<(), Unavailable> {
        let input = Input {
            at: now.0,
            received_at: now.0,
            source: source.to_owned(),
            talk: Some(vec![Step {
                id: id.0.into(),
                what,
            }]),
            ..Input::default()
        };
        self.put_input(person, input).await?.ok_or(Unavailable::Busy)
    }

    /// The row, if it is still as it was seen and open.
    async fn row_as_seen(
        &self,
        id: ConversationId,
        seen: u64,
    ) -> Result<Result<(Row, PersonId), NotSaid>, Unavailable> {
        let Some((version, row)) = self.conversation_row(id).await? else {
            return Ok(Err(NotSaid::Unknown));
        };
        if version != seen {
            return Ok(Err(NotSaid::Overtaken));
        }
        if row.closed_at.is_some() {
            return Ok(Err(NotSaid::Closed));
        }
        let person = self.home_of(row.person()).await?;
        Ok(Ok((row, person)))
    }

    /// How many conversations of the person are open. `None`: they are gone.
    async fn open_of(&self, person: PersonId) -> Result<Option<usize>, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let open =
                |slot: &mut crate::hot::Slot| Ok(slot.terms.conversing.as_ref().map_or(0, |open| open.len()));
            shared
                .hot
                .with(person, shared.shelf.as_ref(), &shared.keyring, open)
        })
        .await
    }

    /// The person whose part a visitor is by now, or the visitor.
    async fn home_of(&self, person: PersonId) -> Result<PersonId, Unavailable> {
        let part_of = self
            .blocking(move |gate| {
                let shared = gate.shared();
                shared
                    .hot
                    .with(person, shared.shelf.as_ref(), &shared.keyring, |slot| {
                        Ok(slot.terms.part_of())
                    })
            })
            .await?;
        Ok(part_of.flatten().unwrap_or(person))
    }
}

/// What a visitor's conversations become when they are joined to a person, and when they are parted.
pub(crate) fn moved(content: &Content, only: Option<&Content>, take: bool) -> Option<Vec<Step>> {
    let among =
        |id: &Id| only.is_none_or(|only| only.conversations.iter().flatten().any(|talk| talk.id == *id));
    let steps = content
        .conversations
        .iter()
        .flatten()
        .filter(|talk| among(&talk.id));
    let steps: Vec<Step> = steps
        .map(|talk| Step {
            id: talk.id,
            what: if take {
                What::Took(Box::new(talk.clone()))
            } else {
                What::Gave
            },
        })
        .collect();
    (!steps.is_empty()).then_some(steps)
}

fn check(text: &str, subject: &str) -> Result<(), NotSaid> {
    if text.trim().is_empty() {
        return Err(NotSaid::Empty);
    }
    match text.len() > TURN_MAX || subject.len() > SUBJECT_MAX {
        true => Err(NotSaid::TooLong),
        false => Ok(()),
    }
}

/// The beginning of a text that has at most so many bytes, whole letters.
pub(crate) fn short(text: &str, most: usize) -> String {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

fn names(attached: &[String]) -> Option<Vec<String>> {
    let names = attached.iter().take(NAMES_MAX).map(|name| short(name, NAME_MAX));
    (!attached.is_empty()).then(|| names.collect())
}

fn fresh() -> Result<[u8; 16], Unavailable> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| keys::Error::NoRandomness)?;
    Ok(bytes)
}
