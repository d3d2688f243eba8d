//! Own data: what is known of a person, as plain values for the person's own eyes.
//!
//! Deliberately does not know: how it is shown.

use gate::Account;
use gate::purposes::ShowOwnDataView;
use vocabulary::{
    AgeBracket, ConsentState, Day, Digest, Interaction, ItemId, Moment, PurposeName, PurposeSet,
};

/// One item of the history, with its source and why it is kept.
#[derive(Clone, PartialEq, Debug)]
pub struct Known {
    /// What was done.
    pub interaction: Interaction,
    /// Through which source it came.
    pub source: String,
    /// Why it is kept.
    pub purposes: PurposeSet,
}

/// A declared trait.
#[derive(Clone, PartialEq, Debug)]
pub struct Trait {
    /// Name.
    pub name: String,
    /// JSON text.
    pub value: String,
    /// Through which source it came.
    pub source: String,
    /// Why it is kept.
    pub purposes: PurposeSet,
}

/// All that is known, newest first.
#[derive(Clone, PartialEq, Debug)]
pub struct OwnData {
    /// Items.
    pub history: Vec<Known>,
    /// Traits.
    pub traits: Vec<Trait>,
    /// Daily counts: event, day, how often.
    pub counts: Vec<(String, Day, u32)>,
    /// Muted items.
    pub muted: Vec<ItemId>,
    /// Choices.
    pub consents: Vec<(PurposeName, ConsentState, Option<Moment>)>,
    /// Age bracket.
    pub age: AgeBracket,
    /// Restricted (GDPR art. 18).
    pub restricted: bool,
    /// Objected (GDPR art. 21).
    pub objected: bool,
    /// A Global Privacy Control signal is remembered.
    pub gpc: bool,
}

/// Everything there is, for the person.
pub fn show(view: &ShowOwnDataView) -> OwnData {
    let mut history: Vec<Known> = view
        .history
        .iter()
        .map(|known| Known {
            interaction: known.interaction.clone(),
            source: known.source.clone(),
            purposes: known.purposes,
        })
        .collect();
    history.sort_by(|a, b| {
        let (a, b) = (&a.interaction, &b.interaction);
        b.last_at.cmp(&a.last_at).then_with(|| a.item.cmp(&b.item))
    });
    let traits = view.traits.iter().map(|known| Trait {
        name: known.name.clone(),
        value: known.value.clone(),
        source: known.source.clone(),
        purposes: known.purposes,
    });
    OwnData {
        history,
        traits: traits.collect(),
        counts: view
            .counts
            .iter()
            .map(|c| (c.event.clone(), c.day, c.count))
            .collect(),
        muted: view.muted.clone(),
        consents: view.consents.iter().map(|c| (c.purpose, c.state, c.at)).collect(),
        age: view.age,
        restricted: view.restricted,
        objected: view.objected,
        gpc: view.gpc,
    }
}

impl Account for OwnData {
    fn kind(&self) -> &'static str {
        "access"
    }

    fn program(&self) -> Digest {
        Digest::default()
    }

    /// How much was shown, not what: the record of an access is no second copy of the data.
    fn details(&self) -> String {
        serde_json::json!({
            "counts": self.counts.len(),
            "history": self.history.len(),
            "traits": self.traits.len(),
        })
        .to_string()
    }
}
