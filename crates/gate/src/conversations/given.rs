//! The link "talk to a person" in a message: a sealed word that stands for its person and the message, good
//! for opening a conversation without a session and for nothing else.
//!
//! Deliberately does not know: HTTP, what a message says.

use super::{ConversationId, NotSaid, Opening, Via, check, short};
use crate::gate::Gate;
use crate::pass::{MAX_PASS, PassKind};
use crate::seal::Place;
use crate::{Unavailable, envelope};
use minicbor::{Decode, Encode};
use vocabulary::{Moment, PersonId, Sealed};

/// The bearer of the word. Never printed.
#[derive(Encode, Decode)]
pub struct HumanPass {
    #[n(0)]
    person: minicbor::bytes::ByteArray<16>,
    #[n(1)]
    until: i64,
    #[n(2)]
    about: Option<String>,
    /// Hides how long the name of the message is.
    #[n(3)]
    padding: String,
}

impl HumanPass {
    /// The name of the message the link stood in.
    pub fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }
}

impl std::fmt::Debug for HumanPass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HumanPass(..)")
    }
}

impl Gate {
    /// Makes the word for a message to that person, as bytes. `about` is the name of the message.
    pub fn human_pass(
        &self,
        person: PersonId,
        about: Option<&str>,
        ttl_ms: i64,
        now: Moment,
    ) -> Result<Vec<u8>, Unavailable> {
        let about = about.map(|about| short(about, 96));
        let padding = " ".repeat(96 - about.as_ref().map_or(0, String::len));
        let pass = HumanPass {
            person: person.0.into(),
            until: now.plus(ttl_ms).0,
            about,
            padding,
        };
        let sealed = self
            .shared()
            .nobody
            .0
            .seal(self.human_place(), &envelope::encode(&pass))?;
        Ok(sealed.0)
    }

    /// The same for somebody by their identifiers. `None`: nobody knows them.
    pub async fn human_pass_for(
        &self,
        whom: &crate::intake::Whom<'_>,
        about: Option<&str>,
        ttl_ms: i64,
        now: Moment,
    ) -> Result<Option<Vec<u8>>, Unavailable> {
        let found = self.find(whom).await?;
        found
            .map(|person| self.human_pass(person, about, ttl_ms, now))
            .transpose()
    }

    /// The word in these bytes, if we made it and it has not ended.
    pub fn read_human_pass(&self, bytes: &[u8], now: Moment) -> Option<HumanPass> {
        if let Some(word) = self.read_word(PassKind::Conversation, bytes) {
            // The short word of a message that was sent: good as long as the person is there.
            return Some(HumanPass {
                person: word.person().0.into(),
                until: i64::MAX,
                about: None,
                padding: String::new(),
            });
        }
        if bytes.len() > MAX_PASS {
            return None;
        }
        let sealed = Sealed(bytes.to_vec());
        let plain = self.shared().nobody.0.open(self.human_place(), &sealed).ok()?;
        let pass = envelope::decode::<HumanPass>(&plain).ok()?;
        (now.0 < pass.until).then_some(pass)
    }

    /// Opens a conversation for the bearer. Somebody who is gone is told that the link is not good any more.
    pub async fn open_conversation_by(
        &self,
        pass: &HumanPass,
        opening: Opening,
        now: Moment,
    ) -> Result<Result<ConversationId, NotSaid>, Unavailable> {
        if let Err(problem) = check(&opening.text, &opening.subject) {
            return Ok(Err(problem));
        }
        let person = PersonId(*pass.person);
        if self.open_of(person).await?.is_none() {
            return Ok(Err(NotSaid::Unknown));
        }
        let opening = Opening {
            about: pass.about.clone(),
            ..opening
        };
        self.begin(person, opening, Via::Link, "link", now).await
    }

    fn human_place(&self) -> Place {
        self.pass_place(PassKind::Conversation)
    }
}
