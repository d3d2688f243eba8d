//! Own data: what is known of a person, as plain values for the person's own eyes.
//!
//! Deliberately does not know: how it is shown.

use crate::automation::{Automation, Shown};
use gate::purposes::ShowOwnDataView;
use gate::{Account, RecordId};
use vocabulary::{
    AgeBracket, ConsentState, DAY_MS, Day, Digest, Interaction, ItemId, Moment, Preferences, PurposeName,
    PurposeSet,
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
    /// From when on no purpose it is kept for uses it any more.
    pub until: Moment,
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
    /// When it was said.
    pub at: Moment,
    /// From when on no purpose it is kept for uses it any more.
    pub until: Moment,
}

/// A choice, with what shows how it came about.
#[derive(Clone, PartialEq, Debug)]
pub struct Choice {
    /// For what.
    pub purpose: PurposeName,
    /// Its state.
    pub state: ConsentState,
    /// When it was made; `None` if never.
    pub at: Option<Moment>,
    /// Through which source; empty if never made.
    pub source: String,
    /// Until when it lasts, if it is valid and has an end.
    pub until: Option<Moment>,
    /// The record that holds the evidence.
    pub record: Option<RecordId>,
    /// Without a consent, a soft opt-in stands (ePrivacy art. 13(2)).
    pub soft_opt_in: bool,
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
    /// What they wish of what is recommended to them.
    pub preferences: Preferences,
    /// When they last said so.
    pub preferred_at: Option<Moment>,
    /// Choices.
    pub consents: Vec<(PurposeName, ConsentState, Option<Moment>)>,
    /// The same choices with their evidence.
    pub choices: Vec<Choice>,
    /// Age bracket: what counts.
    pub age: AgeBracket,
    /// What the site's sources report of it.
    pub age_reported: AgeBracket,
    /// What the person said of it.
    pub age_said: Option<AgeBracket>,
    /// Purposes for which no program decides while a human looks at a decision.
    pub contested: PurposeSet,
    /// Restricted (GDPR art. 18).
    pub restricted: bool,
    /// Objected (GDPR art. 21).
    pub objected: bool,
    /// Objected to direct marketing (art. 21(2)-(3)).
    pub objected_marketing: bool,
    /// A Global Privacy Control signal is remembered.
    pub gpc: bool,
    /// Groups and journeys, if a program in force says what they are.
    pub automatic: Option<Shown>,
    /// How they may be written to.
    pub contract: gate::ContractState,
    /// Conversations with the team.
    pub conversations: Vec<gate::Conversation>,
    /// What waits to leave for them, is on its way, is in doubt, or left lately.
    pub outbox: Vec<gate::Pending>,
    /// Ways to them that are closed to messages.
    pub closed_ways: Vec<gate::ClosedWay>,
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
            until: until(known.purposes, known.interaction.last_at),
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
        at: known.at,
        until: until(known.purposes, known.at),
    });
    let choices = view.consents.iter().map(|known| Choice {
        purpose: known.purpose,
        state: known.state,
        at: known.at,
        source: known.source.clone(),
        until: known.expires_at,
        record: known.record,
        soft_opt_in: known.soft_opt_in,
    });
    OwnData {
        choices: choices.collect(),
        objected_marketing: view.objected_marketing,
        history,
        traits: traits.collect(),
        counts: view
            .counts
            .iter()
            .map(|c| (c.event.clone(), c.day, c.count))
            .collect(),
        muted: view.muted.clone(),
        preferences: view.preferences.clone(),
        preferred_at: view.preferred_at,
        consents: view.consents.iter().map(|c| (c.purpose, c.state, c.at)).collect(),
        age: view.age,
        age_reported: view.age_reported,
        age_said: view.age_said,
        contested: view.contested,
        restricted: view.restricted,
        objected: view.objected,
        gpc: view.gpc,
        automatic: None,
        contract: view.contract.clone(),
        conversations: view.conversations.clone(),
        outbox: view.outbox.clone(),
        closed_ways: view.closed_ways.clone(),
    }
}

/// The same, with groups and journeys as the program in force tells them.
pub fn show_with(view: &ShowOwnDataView, automation: Option<&Automation>, now: Moment) -> OwnData {
    let known = automation.zip(view.automatic.as_ref());
    OwnData {
        automatic: known.map(|(automation, view)| automation.shown(view, now)),
        ..show(view)
    }
}

/// The end of the longest look back among the purposes something of that time is kept for.
fn until(purposes: PurposeSet, at: Moment) -> Moment {
    let days = gate::purposes::register()
        .into_iter()
        .filter(|row| purposes.contains(row.name))
        .map(|row| row.retention_days)
        .max();
    at.plus(i64::from(days.unwrap_or(0)) * DAY_MS)
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
