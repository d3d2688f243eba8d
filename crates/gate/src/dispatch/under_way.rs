//! What one person's turn goes by, and what it has come to so far.
//!
//! Deliberately does not know: what is decided in it.

use super::Compose;
use super::one::channel_of;
use crate::clearance::Code;
use crate::envelope::{Content, Terms};
use crate::gate::Shared;
use crate::outbox::{Kind, Turn};
use crate::permit::Ask;
use crate::{Allowed, RecordId};
use jiff::tz::TimeZone;
use std::sync::Arc;
use store::{Leaf, RecordRow};
use vocabulary::{Channel, Contract, Moment, PersonId, PurposeName};

/// What will be a handover when its mark is on disk.
pub(super) struct Ready<L> {
    pub(super) letter: L,
    pub(super) ids: Vec<[u8; 16]>,
    pub(super) kind: Kind,
    pub(super) purpose: PurposeName,
    pub(super) channel: Option<Channel>,
    pub(super) record: RecordId,
    pub(super) reference: RecordId,
    pub(super) tries: u32,
    pub(super) terms_version: u64,
    pub(super) at: Moment,
    pub(super) name: String,
}

/// One person's turn under way.
pub(super) struct OneTurn<'a, C: Compose> {
    pub(super) shared: &'a Shared,
    pub(super) program: &'a C,
    pub(super) ask: Ask,
    pub(super) person: PersonId,
    pub(super) key: &'a crate::keys::PersonKey,
    pub(super) terms: &'a Arc<Terms>,
    pub(super) content: &'a Content,
    pub(super) allowed: &'a Allowed,
    pub(super) contract: &'a Contract,
    pub(super) zone: &'a TimeZone,
    pub(super) left: Vec<(Moment, Channel)>,
    /// What leaves by this channel, and nothing else; none: whatever is due.
    pub(super) only: Option<Channel>,
    pub(super) turn: Turn,
    pub(super) rows: Vec<(RecordRow, Leaf)>,
    pub(super) letters: Vec<Ready<C::Letter>>,
    pub(super) ended: Vec<Code>,
    pub(super) later: Vec<Code>,
    pub(super) in_doubt: u64,
    pub(super) tasks: u64,
}

impl<'a, C: Compose> OneTurn<'a, C> {
    /// A turn in which nothing was done yet: by which program, whose, within what they allow and wish, and what left
    /// for them before.
    pub(super) fn of(
        (shared, program, ask): (&'a Shared, &'a C, Ask),
        (person, key, terms, content): (PersonId, &'a crate::keys::PersonKey, &'a Arc<Terms>, &'a Content),
        (allowed, contract, zone): (&'a Allowed, &'a Contract, &'a TimeZone),
        left: impl IntoIterator<Item = (Moment, u8)>,
    ) -> OneTurn<'a, C> {
        OneTurn {
            shared,
            program,
            ask,
            person,
            key,
            terms,
            content,
            allowed,
            contract,
            zone,
            left: left.into_iter().map(|(at, by)| (at, channel_of(by))).collect(),
            only: None,
            turn: Turn::default(),
            rows: Vec::new(),
            letters: Vec::new(),
            ended: Vec::new(),
            later: Vec::new(),
            in_doubt: 0,
            tasks: 0,
        }
    }
}
