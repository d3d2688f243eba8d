//! Keep the service and the people in it safe from abuse.

use super::{Purpose, Wipe, counts_for, sealed};
use crate::envelope::{Content, Terms};
use vocabulary::{Day, Moment, PurposeName};

/// Keep the service and the people in it safe from abuse (GDPR recital 49).
pub struct Secure;

/// What `Secure` may see: how much, never what.
pub struct SecureView {
    /// How many identifiers lead to this person.
    pub identifiers: u16,
    /// When something last came in.
    pub last_at: Moment,
    /// Events declared for this purpose: name, day, how often.
    pub counts: Vec<(String, Day, u32)>,
}

impl sealed::Look for Secure {
    type Seen = SecureView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> SecureView {
        SecureView {
            identifiers: terms.identifiers,
            last_at: Moment(content.last_at),
            counts: counts_for::<Secure>(terms, &content.counts, now),
        }
    }
}

impl Purpose for Secure {
    type View = SecureView;
    const NAME: PurposeName = PurposeName::Secure;
    const DPV: &'static str = "dpv:MisusePreventionAndDetection";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-f";
    const SEES: &'static [&'static str] = &[
        "how many identifiers lead to the person",
        "when something last came in",
        "daily counts of declared events",
    ];
    // Logs of what was done on a service: six months to a year (CNIL, délibération 2021-122).
    const RETENTION_DAYS: u32 = 365;
}

impl Wipe for SecureView {
    fn wipe(&mut self) {
        (self.identifiers, self.last_at) = (0, Moment(0));
        self.counts.clear();
    }
}
