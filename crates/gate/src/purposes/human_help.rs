//! Let a member of the team help the person, at the person's wish.

use super::{Purpose, Wipe, history_for, sealed, traits_for, wipe_history, wipe_traits};
use crate::conversations::{self, Conversation};
use crate::envelope::{Content, Terms};
use vocabulary::{Interaction, Moment, PurposeName};

/// Let a member of the team help the person, at the person's wish.
pub struct HumanHelp;

/// What `HumanHelp` may see.
pub struct HumanHelpView {
    /// Items declared for this purpose, such as those ordered, and what was done with them.
    pub history: Vec<Interaction>,
    /// Traits declared for this purpose: name and JSON text.
    pub traits: Vec<(String, String)>,
    /// What automation kept: groups and journeys the person is in, and not what they rest on. Empty: nothing.
    pub state: Vec<u8>,
    /// Conversations with the team.
    pub conversations: Vec<Conversation>,
}

impl sealed::Look for HumanHelp {
    type Seen = HumanHelpView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> HumanHelpView {
        HumanHelpView {
            history: history_for::<HumanHelp>(terms, &content.history, now),
            traits: traits_for::<HumanHelp>(terms, &content.traits, now),
            state: content
                .automation
                .as_ref()
                .map(|kept| kept.state.clone())
                .unwrap_or_default(),
            conversations: conversations::seen(content),
        }
    }
}

impl Purpose for HumanHelp {
    type View = HumanHelpView;
    const NAME: PurposeName = PurposeName::HumanHelp;
    const DPV: &'static str = "dpv:CommunicationForCustomerCare";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-b";
    const SEES: &'static [&'static str] = &[
        "items and traits declared for help, such as orders",
        "groups and journeys the person is in",
        "conversations with the team",
    ];
    const RETENTION_DAYS: u32 = 1_095;
}

impl Wipe for HumanHelpView {
    fn wipe(&mut self) {
        wipe_history(&mut self.history);
        wipe_traits(&mut self.traits);
        zeroize::Zeroize::zeroize(&mut self.state);
        self.conversations.iter_mut().for_each(Wipe::wipe);
    }
}
