//! The doors. Whoever wants a person's data comes through here, states a purpose, and leaves a
//! trace; there is no other way in, because keys, cipher and plaintext types never leave.
//!
//! Deliberately does not know: HTTP, models, what is decided.

mod address;
mod agenda;
mod applied;
mod archive;
mod artefacts;
mod asked;
mod attempt;
mod audits;
mod automation;
mod backfill;
mod budget;
pub mod calendar;
pub mod charter;
pub mod clearance;
mod consent;
mod contract;
mod contribution;
mod conversations;
mod cosigned;
mod count;
pub mod dictionary;
pub mod dispatch;
mod door;
mod dossier;
mod envelope;
mod erasure;
mod evidence;
mod flow;
mod fold;
mod gate;
mod hot;
mod house;
pub mod import;
mod in_force;
mod intake;
mod join;
mod joined;
mod keeping;
mod keys;
mod known;
mod lease;
mod merge;
pub mod notice;
mod number;
mod occurred;
mod outbox;
mod own_words;
mod pass;
mod permit;
pub mod purposes;
mod react;
mod record;
mod replay;
mod requests;
mod rotation;
mod run;
mod seal;
mod sequencer;
mod signer;
mod simulated;
mod soft_opt_in;
mod start;
mod succession;
mod sweep;
mod team;
mod timeline;
mod unlearn;
mod vault;
mod waiting;
mod word;
mod writer;

pub use address::Addressed;
pub use applied::{Applied, Apply, MAX_WHO, NotApplied, program_of};
pub use archive::Published;
pub use artefacts::Swept;
pub use audits::{Audit, MAX_AUDITS, MAX_REPORT};
pub use backfill::Backfill;
pub use budget::{MAX_RELEASES, NotSpent, Release, Released};
pub use consent::{ConsentGiven, ConsentRefused, ConsentStates, Consented, PurposeConsent};
pub use contract::{ContractKept, ContractState};
pub use contribution::{Contributed, ShareId};
pub use conversations::{
    Conversation, ConversationId, Heard, HumanPass, MAX_CONVERSATIONS, MAX_SUBJECT, MAX_TURN, NotSaid,
    OpenConversation, Opening, REPLY_DAYS, Reading, Said, ToMail, Via,
};
pub use cosigned::Witnessed;
pub use count::Recount;
pub use dossier::{Answering, AnsweringView, Archive, KnownEvent, KnownRecord, Subject};
pub use envelope::preferred::Preference;
pub use envelope::{Act, UnknownLayout, Wishes};
pub use erasure::{Erased, Error as ErasureError, Restored};
pub use evidence::{Action, Component, Evidence, MAX_ORIGIN, MAX_PAGE, Origin, Shown};
pub use flow::FLOW_DAYS;
pub use gate::{Gate, Options};
pub use in_force::{ErasedBy, InForce, MAX_IN_FORCE};
pub use intake::{CONSENT_EVENT, Received, Whom};
pub use join::NotJoined;
pub use joined::Joined;
pub use keys::kms::{KekId, Kms, KmsError, LocalKek, local_id};
pub use keys::{Error as KeyError, Keyring, Secret};
pub use merge::UNDO_DAYS;
pub use notice::{Notice, NoticeText, Notices, PurposeText};
pub use outbox::{ClosedWay, Kind, Pending, WAITING_MAX};
pub use pass::{MAX_PASS, Mark, Pass, PassKind};
pub use permit::{Account, Ask, Draft, Opened, Permit, Recorded, Refused};
pub use react::{Beside, Looked, Looks, Queued, Reacted};
pub use record::{LedgerKey, Receipt};
pub use replay::{Auditor, Cover, Executed, Flaw, Permitted, Reopened, Replay, Replayed};
pub use requests::{Filed, Filing, MAX_HOUSE, MAX_NOTE, MAX_REQUESTS, Note, RequestId, by_the_person};
pub use rotation::{KekUse, Rewrapped};
pub use run::{Deciphered, Permits};
pub use simulated::MAX_SIMULATION;
pub use soft_opt_in::{NoSoftOptIn, SoftOptIn};
pub use store::{Oldest, RecordId};
pub use succession::LogKeys;
pub use team::{MAX_MEMBERS, Member, TeamSession};
pub use timeline::{MOST as TIMELINE_MOST, TimelineEntry};
pub use unlearn::Removals;
pub use waiting::Waiting;
pub use word::{WHY_MS, Why, Word};
pub use writer::{Fate, Reason};

pub use charter::Allowed;

/// Why the gate cannot answer now. Nothing was lost or half-done.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// More is waiting than may wait; ask again later.
    #[error("too much is waiting to be written; try again in a moment")]
    Busy,
    /// The disk is full.
    #[error("the disk is full; nothing was written")]
    Full,
    /// The store failed for good, was taken over, or is being closed.
    #[error("the store does not accept writes any more; see the log, then restart")]
    Stopped,
    /// The store answered with an error.
    #[error("the store failed: {0}")]
    Store(store::Error),
    /// A key does not fit, or there is no randomness.
    #[error(transparent)]
    Key(#[from] keys::Error),
    /// Stored bytes of another version, or damage.
    #[error(transparent)]
    Layout(#[from] UnknownLayout),
    /// The store was made with other keys.
    #[error(
        "this store was made with other keys (`kek` or `index`); start with the key files it was made with"
    )]
    WrongKey,
    /// The erasure journal does not fit this store.
    #[error(transparent)]
    Erasures(#[from] erasure::Error),
    /// The ledger cannot be continued.
    #[error("the ledger: {0}")]
    Ledger(String),
}

impl From<store::Error> for Unavailable {
    fn from(error: store::Error) -> Unavailable {
        match error {
            store::Error::Full => Unavailable::Full,
            store::Error::Fenced => Unavailable::Stopped,
            other => Unavailable::Store(other),
        }
    }
}
