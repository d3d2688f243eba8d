//! Choose and order what this person is shown.

use super::{Purpose, Wipe, history_for, sealed, traits_for, wipe_history, wipe_traits};
use crate::envelope::{Content, Terms};
use vocabulary::{Interaction, ItemId, Moment, Preferences, PurposeName};

/// Choose and order what this person is shown.
pub struct Personalise;

/// What `Personalise` may see.
pub struct PersonaliseView {
    /// Items and what was done with them.
    pub history: Vec<Interaction>,
    /// Items the person never wants to be shown.
    pub muted: Vec<ItemId>,
    /// How open the person wants a list to be, and what they say of topics.
    pub preferences: Preferences,
    /// Traits declared for this purpose: name and JSON text.
    pub traits: Vec<(String, String)>,
}

impl sealed::Look for Personalise {
    type Seen = PersonaliseView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> PersonaliseView {
        PersonaliseView {
            history: history_for::<Personalise>(terms, &content.history, now),
            muted: content.muted.iter().map(|item| ItemId(item.clone())).collect(),
            preferences: terms.preferences(),
            traits: traits_for::<Personalise>(terms, &content.traits, now),
        }
    }
}

impl Purpose for Personalise {
    type View = PersonaliseView;
    const NAME: PurposeName = PurposeName::Personalise;
    const DPV: &'static str = "dpv:ProvidePersonalisedRecommendations";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-a";
    const SEES: &'static [&'static str] = &[
        "items viewed, put into a cart and bought",
        "items muted by the person",
        "how open the person wants a list to be, and what they say of topics",
        "declared traits",
    ];
    const RETENTION_DAYS: u32 = 395;
}

impl Wipe for PersonaliseView {
    fn wipe(&mut self) {
        wipe_history(&mut self.history);
        wipe_traits(&mut self.traits);
        self.muted
            .iter_mut()
            .for_each(|item| zeroize::Zeroize::zeroize(&mut item.0));
        self.muted.clear();
        self.preferences = Preferences::default();
    }
}
