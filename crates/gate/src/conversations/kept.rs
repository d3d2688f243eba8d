//! Where conversations rest in the house: a sealed row for each, a pointer from its person, a pointer while
//! it is open or something of it is to be mailed.
//!
//! Deliberately does not know: what is said.

use super::ConversationId;
use crate::Unavailable;
use crate::envelope;
use crate::gate::{Gate, Shared};
use crate::seal::{Place, Table};
use minicbor::{Decode, Encode};
use vocabulary::{Moment, PersonId, Sealed};

const ALL: &str = "conversation/";
const OPEN: &str = "conversation-open/";
const OF: &str = "conversation-of/";
/// Rows read in one go.
pub(super) const AT_ONCE: usize = 500;

/// What the house knows of a conversation.
#[derive(Clone, Encode, Decode)]
pub(super) struct Row {
    #[n(0)]
    person: minicbor::bytes::ByteArray<16>,
    #[n(1)]
    pub(super) opened_at: i64,
    /// Since when the person waits for a human; `None`: they were answered.
    #[n(2)]
    pub(super) waiting_since: Option<i64>,
    /// Who of the team has it.
    #[n(3)]
    pub(super) held_by: Option<String>,
    #[n(4)]
    pub(super) closed_at: Option<i64>,
    /// Answers that are to go out by e-mail.
    #[n(5)]
    pub(super) to_mail: Vec<minicbor::bytes::ByteVec>,
    /// The last answer could not be mailed: the person finds it on their page.
    #[n(6)]
    pub(super) unmailed: Option<bool>,
}

impl Row {
    pub(super) fn new(person: PersonId, now: Moment) -> Row {
        Row {
            person: person.0.into(),
            opened_at: now.0,
            waiting_since: Some(now.0),
            held_by: None,
            closed_at: None,
            to_mail: Vec::new(),
            unmailed: None,
        }
    }

    pub(super) fn person(&self) -> PersonId {
        PersonId(*self.person)
    }
}

impl Gate {
    pub(super) async fn conversation_row(
        &self,
        id: ConversationId,
    ) -> Result<Option<(u64, Row)>, Unavailable> {
        self.blocking(move |gate| row(gate.shared(), id)).await
    }

    /// `None`: it is another version by now.
    pub(super) async fn keep_conversation(
        &self,
        id: ConversationId,
        expected: u64,
        row: Row,
    ) -> Result<Option<u64>, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let sealed = shared.nobody.0.seal(place(id), &envelope::encode(&row))?;
            Ok(shared.shelf.swap(shared.epoch, &name(id), expected, &sealed.0)?)
        })
        .await
    }

    /// A pointer to nothing is passed over; a conversation that is not found would be lost.
    pub(super) async fn point_at_conversation(
        &self,
        person: PersonId,
        id: ConversationId,
        open: bool,
    ) -> Result<(), Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let mut pointers = vec![format!("{}{id}", prefix(person))];
            pointers.extend(open.then(|| format!("{OPEN}{id}")));
            for pointer in pointers {
                // There already is as good.
                shared.shelf.swap(shared.epoch, &pointer, 0, &[])?;
            }
            Ok(())
        })
        .await
    }

    /// Takes a conversation off the list, unless something of it is still to be done.
    pub(super) async fn unpoint_open(&self, id: ConversationId) -> Result<(), Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let busy =
                row(shared, id)?.is_some_and(|(_, row)| row.closed_at.is_none() || !row.to_mail.is_empty());
            if !busy {
                remove(shared, &format!("{OPEN}{id}"))?;
            }
            Ok(())
        })
        .await
    }

    /// The conversations that are open or have something to be mailed, after `after`.
    pub(super) async fn listed(
        &self,
        after: Option<ConversationId>,
    ) -> Result<Vec<(ConversationId, u64, Row)>, Unavailable> {
        self.blocking(move |gate| {
            let shared = gate.shared();
            let after = after.map(|id| format!("{OPEN}{id}"));
            let found = shared.shelf.named(OPEN, after.as_deref(), AT_ONCE)?;
            let mut listed = Vec::new();
            for (pointer, _) in found {
                let id = pointer.strip_prefix(OPEN).and_then(ConversationId::parse);
                if let Some(id) = id
                    && let Some((version, row)) = row(shared, id)?
                {
                    listed.push((id, version, row));
                }
            }
            Ok(listed)
        })
        .await
    }

    /// Removes what the house keeps of a person's conversations: after every erasure.
    pub(crate) async fn forget_conversations(&self, person: PersonId) -> Result<(), Unavailable> {
        let _turn = self.shared().conversations.lock().await;
        self.blocking(move |gate| forget(gate.shared(), person)).await
    }
}

/// Removes what the house keeps of a person's conversations, while nobody else changes them.
pub(crate) fn forget(shared: &Shared, person: PersonId) -> Result<(), Unavailable> {
    let prefix = prefix(person);
    loop {
        let found = shared.shelf.named(&prefix, None, AT_ONCE)?;
        for (pointer, _) in &found {
            if let Some(id) = pointer.strip_prefix(&prefix).and_then(ConversationId::parse) {
                remove(shared, &format!("{OPEN}{id}"))?;
                remove(shared, &name(id))?;
            }
            remove(shared, pointer)?;
        }
        if found.len() < AT_ONCE {
            return Ok(());
        }
    }
}

fn row(shared: &Shared, id: ConversationId) -> Result<Option<(u64, Row)>, Unavailable> {
    let Some(held) = shared.shelf.get(&name(id))? else {
        return Ok(None);
    };
    let plain = shared.nobody.0.open(place(id), &Sealed(held.value))?;
    Ok(Some((held.version, envelope::decode(&plain)?)))
}

fn remove(shared: &Shared, name: &str) -> Result<(), Unavailable> {
    if let Some(held) = shared.shelf.get(name)? {
        shared.shelf.remove_named(shared.epoch, name, held.version)?;
    }
    Ok(())
}

fn place(id: ConversationId) -> Place {
    Place {
        table: Table::Conversation,
        person: PersonId(id.0),
        version: 0,
    }
}

fn name(id: ConversationId) -> String {
    format!("{ALL}{id}")
}

fn prefix(person: PersonId) -> String {
    format!("{OF}{}/", ConversationId(person.0))
}
