//! Conversations read: the list for the team, one conversation for a member of the team, answers that are
//! to be mailed. Each through a permit for `human_help`, with a record before anything is shown.
//!
//! Deliberately does not know: pages, mail, who of the team may ask.

use super::kept::AT_ONCE;
use super::{Conversation, ConversationId, Said};
use crate::charter::Requester;
use crate::gate::Gate;
use crate::permit::{Account, Ask, Permit, Refused};
use crate::purposes::{HumanHelp, HumanHelpView, Purpose};
use crate::record::Statement;
use crate::{RecordId, Unavailable};
use std::marker::PhantomData;
use vocabulary::{Digest, Moment, PersonId};

/// How often it is tried again because the person changed their choices meanwhile.
const RETRIES: usize = 3;

/// A conversation on the list. It names nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenConversation {
    /// Which.
    pub id: ConversationId,
    /// Since when.
    pub opened_at: Moment,
    /// Since when the person waits; `None`: they were answered.
    pub waiting_since: Option<Moment>,
    /// Who of the team has it.
    pub held_by: Option<String>,
    /// What the person wrote above it. `None`: the charter does not let it be read now.
    pub subject: Option<String>,
}

/// A conversation as a member of the team reads it.
pub struct Reading {
    /// The conversation.
    pub conversation: Conversation,
    /// What it was read at: an answer names it.
    pub version: u64,
    /// Since when the person waits.
    pub waiting_since: Option<Moment>,
    /// Who of the team has it.
    pub held_by: Option<String>,
    /// The last answer could not be mailed.
    pub unmailed: bool,
    /// Traits declared for help: name and JSON text.
    pub traits: Vec<(String, String)>,
    /// The record of having looked.
    pub record: RecordId,
}

/// An answer that is to go out.
pub struct ToMail {
    /// In which conversation.
    pub id: ConversationId,
    /// The conversation, for its subject, its language and where the person wishes to be answered.
    pub conversation: Conversation,
    /// The answer.
    pub answer: Said,
    /// By which a reply finds its conversation.
    pub word: String,
    /// Traits declared for help: name and JSON text.
    pub traits: Vec<(String, String)>,
}

/// Who looked, and why: not what was seen.
struct Looked<T> {
    by: String,
    reason: &'static str,
    at: Moment,
    kind: &'static str,
    seen: T,
}

impl<T> Account for Looked<T> {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn program(&self) -> Digest {
        Digest::default()
    }

    fn details(&self) -> String {
        serde_json::json!({ "at": self.at, "by": self.by, "purpose": HumanHelp::NAME, "reason": self.reason })
            .to_string()
    }
}

impl Gate {
    /// The open conversations, those that wait longest first. One leaf says how many people's were looked
    /// at; of each no more than the line above it is read.
    pub async fn open_conversations(&self, ask: Ask) -> Result<Vec<OpenConversation>, Unavailable> {
        let ask = Ask {
            requester: Requester::Staff,
            ..ask
        };
        let mut open = Vec::new();
        let mut after = None;
        loop {
            let rows = self.listed(after).await?;
            let full = rows.len() == AT_ONCE;
            after = rows.last().map(|(id, ..)| *id);
            open.extend(rows.into_iter().filter(|(_, _, row)| row.closed_at.is_none()));
            if !full {
                break;
            }
        }
        let judged = self
            .blocking(move |gate| {
                let mut judged = Vec::with_capacity(open.len());
                for (id, _, row) in open {
                    let home = gate.home_now(row.person())?;
                    let allowed = matches!(gate.grant(home, HumanHelp::NAME, ask)?, Some(Ok(_)));
                    judged.push((id, row, home, allowed));
                }
                Ok(judged)
            })
            .await?;
        let people = judged.iter().filter(|(_, _, _, allowed)| *allowed).count();
        if people > 0 {
            let statement = Statement {
                kind: "run",
                purpose: Some(HumanHelp::NAME),
                program: self.charter().digest(),
                allowed: true,
                reasons: vec![format!("people:{people}"), "conversations".to_owned()],
                at: ask.now,
            };
            let details = serde_json::json!({ "people": people, "reads": "subjects" });
            self.record_about_nobody(statement, details.to_string()).await?;
        }
        let mut list = self
            .blocking(move |gate| {
                let mut list = Vec::with_capacity(judged.len());
                for (id, row, home, allowed) in judged {
                    let subject = if allowed { gate.subject_of(home, id)? } else { None };
                    list.push(OpenConversation {
                        id,
                        opened_at: Moment(row.opened_at),
                        waiting_since: row.waiting_since.map(Moment),
                        held_by: row.held_by,
                        subject,
                    });
                }
                Ok(list)
            })
            .await?;
        list.sort_by_key(|one| {
            (
                one.waiting_since.is_none(),
                one.waiting_since,
                one.opened_at,
                one.id,
            )
        });
        Ok(list)
    }

    /// How many conversations wait for a human, and since when the longest: for the house, nobody is opened.
    pub async fn waiting_conversations(&self) -> Result<(usize, Option<Moment>), Unavailable> {
        let rows = self.listed(None).await?;
        let waiting: Vec<i64> = rows.iter().filter_map(|(_, _, row)| row.waiting_since).collect();
        Ok((waiting.len(), waiting.iter().min().copied().map(Moment)))
    }

    /// One conversation, for a member of the team: that they looked is on the person's page before they see
    /// anything. `None`: there is no such conversation.
    pub async fn read_conversation(
        &self,
        id: ConversationId,
        ask: Ask,
        by: &str,
    ) -> Result<Option<Result<Reading, Refused>>, Unavailable> {
        let ask = Ask {
            requester: Requester::Staff,
            ..ask
        };
        let Some((version, row)) = self.conversation_row(id).await? else {
            return Ok(None);
        };
        let looked = self
            .look_into(id, row.person(), ask, by, "staff", "conversation")
            .await?;
        Ok(looked.map(|looked| {
            looked.map(|(conversation, traits, record)| Reading {
                conversation,
                version,
                waiting_since: row.waiting_since.map(Moment),
                held_by: row.held_by,
                unmailed: row.unmailed == Some(true),
                traits,
                record,
            })
        }))
    }

    /// The answers that are to go out by e-mail, each with a record that it does. What cannot be read now
    /// (a restriction) waits.
    pub async fn answers_to_mail(&self, ask: Ask) -> Result<Vec<ToMail>, Unavailable> {
        let ask = Ask {
            requester: Requester::System,
            ..ask
        };
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let rows = self.listed(after).await?;
            let full = rows.len() == AT_ONCE;
            after = rows.last().map(|(id, ..)| *id);
            for (id, _, row) in rows {
                if row.to_mail.is_empty() {
                    continue;
                }
                let looked = self
                    .look_into(id, row.person(), ask, "mail", "conversation", "answer")
                    .await?;
                let (conversation, traits) = match looked {
                    None => {
                        self.not_mailed(id, None, false, ask.now).await?;
                        continue;
                    }
                    Some(Err(_)) => continue,
                    Some(Ok((conversation, traits, _))) => (conversation, traits),
                };
                for turn in &row.to_mail {
                    let answer = conversation.turns.iter().find(|said| said.id[..] == turn[..]);
                    let Some(answer) = answer.cloned() else {
                        // The process died before the answer was said: the person waits on.
                        self.not_mailed(id, Some(turn.to_vec()), true, ask.now).await?;
                        continue;
                    };
                    found.push(ToMail {
                        id,
                        word: self.reply_word(id, row.person(), answer.at),
                        conversation: conversation.clone(),
                        answer,
                        traits: traits.clone(),
                    });
                }
            }
            if !full {
                return Ok(found);
            }
        }
    }

    /// An answer was handed over (`mailed`), or cannot be: it is on the person's page either way.
    pub async fn answer_mailed(
        &self,
        id: ConversationId,
        answer: [u8; 16],
        mailed: bool,
    ) -> Result<(), Unavailable> {
        let _turn = self.shared().conversations.lock().await;
        let Some((version, mut row)) = self.conversation_row(id).await? else {
            return Ok(());
        };
        row.to_mail.retain(|turn| turn[..] != answer[..]);
        row.unmailed = (!mailed).then_some(true);
        if self.keep_conversation(id, version, row).await?.is_none() {
            return Err(Unavailable::Busy);
        }
        self.unpoint_open(id).await
    }

    async fn not_mailed(
        &self,
        id: ConversationId,
        turn: Option<Vec<u8>>,
        waits: bool,
        now: Moment,
    ) -> Result<(), Unavailable> {
        let _turn = self.shared().conversations.lock().await;
        let Some((version, mut row)) = self.conversation_row(id).await? else {
            return Ok(());
        };
        match turn {
            Some(turn) => row.to_mail.retain(|known| known[..] != turn[..]),
            None => row.to_mail.clear(),
        }
        if waits && row.closed_at.is_none() {
            row.waiting_since = row.waiting_since.or(Some(now.0));
        }
        self.keep_conversation(id, version, row).await?;
        self.unpoint_open(id).await
    }

    async fn look_into(
        &self,
        id: ConversationId,
        person: PersonId,
        ask: Ask,
        by: &str,
        kind: &'static str,
        reason: &'static str,
    ) -> Result<Option<Result<(Conversation, Vec<(String, String)>, RecordId), Refused>>, Unavailable> {
        for _ in 0..RETRIES {
            let by = by.to_owned();
            let step = move |gate: &Gate| {
                let home = gate.home_now(person)?;
                let granted = match gate.grant(home, HumanHelp::NAME, ask)? {
                    None => return Ok(Some(Ok(None))),
                    Some(Err(refused)) => return Ok(Some(Err(refused))),
                    Some(Ok(granted)) => granted,
                };
                let permit = Permit::<HumanHelp> {
                    granted,
                    purpose: PhantomData,
                };
                let Some(opened) = gate.open_now(permit)? else {
                    return Ok(None);
                };
                let pick = move |view: &HumanHelpView| Looked {
                    by,
                    reason,
                    at: ask.now,
                    kind,
                    seen: view
                        .conversations
                        .iter()
                        .find(|known| known.id == id)
                        .cloned()
                        .map(|found| (found, view.traits.clone())),
                };
                let draft = opened.draft(pick);
                let record = gate.prepare(&draft.granted, &draft.proposal)?;
                Ok(record.map(|record| Ok(Some((draft, record)))))
            };
            match self.blocking(step).await? {
                Some(Err(refused)) => return Ok(Some(Err(refused))),
                Some(Ok(None)) => return Ok(None),
                Some(Ok(Some((draft, record)))) => {
                    if let Some(recorded) = self.finish(draft, record).await? {
                        let seen = recorded.proposal.seen;
                        return Ok(seen.map(|(found, traits)| Ok((found, traits, recorded.record))));
                    }
                }
                None => {}
            }
        }
        Err(Unavailable::Busy)
    }

    /// Only after a permit, which the caller holds for all on the list.
    fn subject_of(&self, person: PersonId, id: ConversationId) -> Result<Option<String>, Unavailable> {
        let shared = self.shared();
        shared.count_opening(HumanHelp::NAME);
        let subject = |slot: &mut crate::hot::Slot| {
            let talks = slot.content(person)?.conversations.iter().flatten();
            let found = talks.into_iter().find(|talk| *talk.id == id.0);
            Ok(found.map(|talk| talk.subject.clone()))
        };
        let found = shared
            .hot
            .with(person, shared.shelf.as_ref(), &shared.keyring, subject)?;
        Ok(found.flatten())
    }

    fn home_now(&self, person: PersonId) -> Result<PersonId, Unavailable> {
        let shared = self.shared();
        let part_of = |slot: &mut crate::hot::Slot| Ok(slot.terms.part_of());
        let found = shared
            .hot
            .with(person, shared.shelf.as_ref(), &shared.keyring, part_of)?;
        Ok(found.flatten().unwrap_or(person))
    }
}
