//! A conversation for who may see it.
//!
//! Deliberately does not know: who that is.

use super::{ConversationId, Via};
use crate::envelope::Content;
use crate::envelope::talk::{Talk, Turn};
use vocabulary::{Language, Moment};

/// Something that was said.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    /// The turn.
    pub id: [u8; 16],
    /// When.
    pub at: Moment,
    /// Who of the team; `None`: the person.
    pub by: Option<String>,
    /// What, at most [`MAX_TURN`] bytes.
    pub text: String,
    /// Whether it came by e-mail.
    pub by_mail: bool,
    /// Names of what was attached and is not kept.
    pub attached: Vec<String>,
}

/// A conversation, for who may see it.
#[derive(Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// What the person wrote above it; empty if nothing.
    pub subject: String,
    /// Since when.
    pub opened_at: Moment,
    /// When it was closed; `None`: it is open.
    pub closed_at: Option<Moment>,
    /// In which language the person writes.
    pub language: Option<Language>,
    /// The name of the message it came from.
    pub about: Option<String>,
    /// Where the person wishes to be answered besides their own page.
    pub reply_to: Option<String>,
    /// Oldest first.
    pub turns: Vec<Said>,
    /// Earlier turns that are no longer kept.
    pub left_out: u32,
}

impl crate::purposes::Wipe for Conversation {
    fn wipe(&mut self) {
        use zeroize::Zeroize as _;
        self.subject.zeroize();
        self.reply_to.zeroize();
        self.turns.iter_mut().for_each(|turn| turn.text.zeroize());
    }
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Said(..)")
    }
}

impl std::fmt::Debug for Conversation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Conversation(..)")
    }
}

/// What is kept, for who may see it.
pub(crate) fn seen(content: &Content) -> Vec<Conversation> {
    let turn = |turn: &Turn| Said {
        id: *turn.id,
        at: Moment(turn.at),
        by: turn.by.clone(),
        text: turn.text.clone(),
        by_mail: turn.via == Via::Mail as u8,
        attached: turn.attached.clone().unwrap_or_default(),
    };
    let talk = |talk: &Talk| Conversation {
        id: ConversationId(*talk.id),
        subject: talk.subject.clone(),
        opened_at: Moment(talk.opened_at),
        closed_at: talk.closed_at.map(Moment),
        language: talk.language.as_deref().and_then(Language::of_tag),
        about: talk.about.clone(),
        reply_to: talk.reply_to.clone(),
        turns: talk.turns.iter().map(turn).collect(),
        left_out: talk.left_out,
    };
    content.conversations.iter().flatten().map(talk).collect()
}
