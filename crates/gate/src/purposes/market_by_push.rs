//! Send the person commercial notifications.
//!
//! Basis: consent alone. A notification is read on the person's own device (ePrivacy art. 5(3)), and the
//! soft opt-in is for electronic mail.

use super::{Purpose, Wipe, sealed, traits_for, wipe_traits};
use crate::envelope::{Content, Terms};
use vocabulary::{Moment, PurposeName};

/// Send the person commercial notifications.
pub struct MarketByPush;

/// What `MarketByPush` may see. What is offered in the message is chosen under `personalise`, if that is
/// permitted, and nothing of it is seen here.
pub struct MarketByPushView {
    /// Traits declared for this purpose, such as the address and the language: name and JSON text.
    pub traits: Vec<(String, String)>,
}

impl sealed::Look for MarketByPush {
    type Seen = MarketByPushView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> MarketByPushView {
        MarketByPushView {
            traits: traits_for::<MarketByPush>(terms, &content.traits, now),
        }
    }
}

impl Purpose for MarketByPush {
    type View = MarketByPushView;
    const NAME: PurposeName = PurposeName::MarketByPush;
    const DPV: &'static str = "dpv:DirectMarketing";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-a";
    const SEES: &'static [&'static str] = &["traits declared for notifications, such as the device"];
    // Three years from the last sign of interest: CNIL, référentiel « gestion commerciale ».
    const RETENTION_DAYS: u32 = 1_095;
}

impl Wipe for MarketByPushView {
    fn wipe(&mut self) {
        wipe_traits(&mut self.traits);
    }
}
