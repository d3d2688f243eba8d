//! Ways that are closed: an address that does not exist, a complaint, a person who left. Opened again by the
//! person's own new permission alone.
//!
//! Deliberately does not know: how it was learned.

use super::{Code, Facts, Held};
use vocabulary::PurposeName;

/// Why a way is closed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum WhySuppressed {
    /// The address does not take anything: nothing is sent there, answers included.
    HardBounce = 0,
    /// The person reported a message as unwanted.
    Complaint = 1,
    /// The person left by the link of a message.
    Unsubscribed = 2,
    /// Too many messages in a row were given up on the way, though the address may be good: see
    /// [`crate::dispatch::SOFT_BOUNCES`].
    SoftBounces = 3,
}

impl WhySuppressed {
    /// Every reason, in the order of their numbers.
    pub const ALL: [WhySuppressed; 4] = [
        WhySuppressed::HardBounce,
        WhySuppressed::Complaint,
        WhySuppressed::Unsubscribed,
        WhySuppressed::SoftBounces,
    ];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            WhySuppressed::HardBounce => "hard_bounce",
            WhySuppressed::Complaint => "complaint",
            WhySuppressed::Unsubscribed => "unsubscribed",
            WhySuppressed::SoftBounces => "soft_bounces",
        }
    }

    /// Of that number; of one that is not known the one that holds back the most.
    pub(crate) fn of_number(number: u8) -> WhySuppressed {
        let all = WhySuppressed::ALL.into_iter();
        all.into_iter()
            .find(|why| *why as u8 == number)
            .unwrap_or(WhySuppressed::HardBounce)
    }
}

pub(super) fn ends(facts: &Facts<'_>) -> Option<Held> {
    let policy = match (facts.suppressed?, facts.purpose) {
        (WhySuppressed::HardBounce, _) => "suppression/hard-bounce",
        // Whoever wants no advertising may still want their parcel.
        (_, PurposeName::Service) => return None,
        (WhySuppressed::Complaint, _) => "suppression/complaint",
        (WhySuppressed::Unsubscribed, _) => "suppression/unsubscribed",
        (WhySuppressed::SoftBounces, _) => "suppression/soft-bounces",
    };
    Some(Held::of(Code::Suppressed, policy))
}
