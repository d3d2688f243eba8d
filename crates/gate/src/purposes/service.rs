//! Perform what the person ordered.

use super::{Purpose, Wipe, history_for, sealed, traits_for, wipe_history, wipe_traits};
use crate::envelope::{Content, Terms};
use vocabulary::{Interaction, Moment, PurposeName};

/// Perform what the person ordered.
pub struct Service;

/// What `Service` may see.
pub struct ServiceView {
    /// Items and what was done with them.
    pub history: Vec<Interaction>,
    /// Traits declared for this purpose, such as the address: name and JSON text.
    pub traits: Vec<(String, String)>,
}

impl sealed::Look for Service {
    type Seen = ServiceView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> ServiceView {
        ServiceView {
            history: history_for::<Service>(terms, &content.history, now),
            traits: traits_for::<Service>(terms, &content.traits, now),
        }
    }
}

impl Purpose for Service {
    type View = ServiceView;
    const NAME: PurposeName = PurposeName::Service;
    const DPV: &'static str = "dpv:ServiceProvision";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-b";
    const SEES: &'static [&'static str] = &["orders", "traits declared for the service, such as the address"];
    const RETENTION_DAYS: u32 = 3650;
}

impl Wipe for ServiceView {
    fn wipe(&mut self) {
        wipe_history(&mut self.history);
        wipe_traits(&mut self.traits);
    }
}
