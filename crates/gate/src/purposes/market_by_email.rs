//! Send the person commercial e-mail.
//!
//! Basis: consent, or the soft opt-in of ePrivacy art. 13(2) with its recorded facts, which the charter
//! asks for.

use super::{Purpose, Wipe, sealed, traits_for, wipe_traits};
use crate::envelope::{Content, Terms};
use vocabulary::{Moment, PurposeName};

/// Send the person commercial e-mail.
pub struct MarketByEmail;

/// What `MarketByEmail` may see. What is offered in the message is chosen under `personalise`, if that is
/// permitted, and nothing of it is seen here.
pub struct MarketByEmailView {
    /// Traits declared for this purpose, such as the address and the language: name and JSON text.
    pub traits: Vec<(String, String)>,
}

impl sealed::Look for MarketByEmail {
    type Seen = MarketByEmailView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> MarketByEmailView {
        MarketByEmailView {
            traits: traits_for::<MarketByEmail>(terms, &content.traits, now),
        }
    }
}

impl Purpose for MarketByEmail {
    type View = MarketByEmailView;
    const NAME: PurposeName = PurposeName::MarketByEmail;
    const DPV: &'static str = "dpv:DirectMarketing";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-a";
    const SEES: &'static [&'static str] = &["traits declared for e-mail, such as the address"];
    // Three years from the last sign of interest: CNIL, référentiel « gestion commerciale ».
    const RETENTION_DAYS: u32 = 1_095;
}

impl Wipe for MarketByEmailView {
    fn wipe(&mut self) {
        wipe_traits(&mut self.traits);
    }
}
