//! Show the person their own data.

use super::segment::{SegmentView, Segments};
use super::{Purpose, Wipe, declared_for, sealed};
use crate::RecordId;
use crate::contract::ContractState;
use crate::conversations::{self, Conversation};
use crate::envelope::{Content, Terms};
use crate::outbox::{self, ClosedWay, Pending};
use vocabulary::{
    AgeBracket, ConsentState, Day, Digest, Interaction, ItemId, Moment, Preferences, PurposeName, PurposeSet,
};

/// Show the person their own data (GDPR art. 15).
pub struct ShowOwnData;

/// One item of the history with where it came from and why it is kept.
pub struct Known {
    /// What was done.
    pub interaction: Interaction,
    /// Through which source it came.
    pub source: String,
    /// Why it is kept.
    pub purposes: PurposeSet,
}

/// One declared trait.
pub struct KnownTrait {
    /// Name.
    pub name: String,
    /// JSON text.
    pub value: String,
    /// When it was said.
    pub at: Moment,
    /// Through which source.
    pub source: String,
    /// Why it is kept.
    pub purposes: PurposeSet,
}

/// One daily count.
pub struct KnownCount {
    /// Event name.
    pub event: String,
    /// Day.
    pub day: Day,
    /// How often.
    pub count: u32,
}

/// One choice as it is remembered.
pub struct KnownConsent {
    /// For what.
    pub purpose: PurposeName,
    /// Its state now.
    pub state: ConsentState,
    /// When it was made; `None` if never.
    pub at: Option<Moment>,
    /// Through which source it came; empty if never.
    pub source: String,
    /// Until when a valid consent lasts; `None`: not valid, or without an end.
    pub expires_at: Option<Moment>,
    /// The notice that was shown, if one is known: the address of its file.
    pub notice: Option<Digest>,
    /// The record that holds the evidence.
    pub record: Option<RecordId>,
    /// Without a consent, a soft opt-in stands for this channel (ePrivacy art. 13(2)).
    pub soft_opt_in: bool,
}

/// All that is known.
pub struct ShowOwnDataView {
    /// Items.
    pub history: Vec<Known>,
    /// Traits.
    pub traits: Vec<KnownTrait>,
    /// Counts.
    pub counts: Vec<KnownCount>,
    /// Muted items.
    pub muted: Vec<ItemId>,
    /// What they wish of what is recommended to them.
    pub preferences: Preferences,
    /// When they last said so; `None`: never.
    pub preferred_at: Option<Moment>,
    /// Choices, one for each purpose that rests on consent.
    pub consents: Vec<KnownConsent>,
    /// Age bracket: what counts, the stricter of the two that follow.
    pub age: AgeBracket,
    /// What the operator's sources report.
    pub age_reported: AgeBracket,
    /// What the person said on their own page.
    pub age_said: Option<AgeBracket>,
    /// Purposes under which a decision is before a human (art. 22(3)): no program decides for them now.
    pub contested: PurposeSet,
    /// Restricted (art. 18).
    pub restricted: bool,
    /// Objected (art. 21).
    pub objected: bool,
    /// Objected to direct marketing (art. 21(2)-(3)).
    pub objected_marketing: bool,
    /// A Global Privacy Control signal stands against at least one purpose.
    pub gpc: bool,
    /// What groups and journeys rest on, if automation keeps anything of the person.
    pub automatic: Option<SegmentView>,
    /// How they may be written to.
    pub contract: ContractState,
    /// Conversations with the team.
    pub conversations: Vec<Conversation>,
    /// What waits to leave for them, is on its way, is in doubt, or left lately.
    pub outbox: Vec<Pending>,
    /// Ways to them that are closed to messages.
    pub closed_ways: Vec<ClosedWay>,
}

impl sealed::Look for ShowOwnData {
    type Seen = ShowOwnDataView;

    fn look(terms: &Terms, content: &Content, now: Moment) -> ShowOwnDataView {
        let history = content.history.iter().map(|seen| Known {
            interaction: Interaction {
                item: ItemId(seen.item.clone()),
                viewed: seen.viewed,
                added: seen.added,
                bought: seen.bought,
                last_at: Moment(seen.last_at),
            },
            source: seen.source.clone(),
            purposes: declared_for(seen.purposes),
        });
        let traits = content.traits.iter().map(|t| KnownTrait {
            name: t.name.clone(),
            value: t.value.clone(),
            at: Moment(t.at),
            source: t.source.clone(),
            purposes: declared_for(t.purposes),
        });
        let counts = content.counts.iter().map(|c| KnownCount {
            event: c.event.clone(),
            day: Day(c.day),
            count: c.count,
        });
        let consents = PurposeName::ASKED;
        ShowOwnDataView {
            history: history.collect(),
            traits: traits.collect(),
            counts: counts.collect(),
            muted: content.muted.iter().map(|item| ItemId(item.clone())).collect(),
            preferences: terms.preferences(),
            preferred_at: terms.preferred_at(),
            consents: consents
                .into_iter()
                .map(|purpose| known_consent(terms, purpose, now))
                .collect(),
            age: terms.age(),
            age_reported: terms.reported_age(),
            age_said: terms.said_age(),
            contested: PurposeName::ALL
                .into_iter()
                .filter(|purpose| terms.contests(*purpose))
                .collect(),
            restricted: terms.restricted,
            objected: terms.objected,
            objected_marketing: terms.objects_to_marketing(),
            automatic: content
                .automation
                .as_ref()
                .map(|_| <Segments as sealed::Look>::look(terms, content, now)),
            contract: ContractState::of(terms),
            conversations: conversations::seen(content),
            outbox: outbox::pending(content.outbox.as_ref()),
            closed_ways: outbox::closed(terms.suppressed.as_deref().unwrap_or_default()),
            gpc: consents.into_iter().any(|purpose| terms.gpc_stands(purpose)),
        }
    }
}

fn known_consent(terms: &Terms, purpose: PurposeName, now: Moment) -> KnownConsent {
    let entry = terms.consents.iter().find(|c| c.purpose == purpose as u8);
    let state = terms.consent(purpose, now);
    let proof = entry.and_then(|c| c.proof.as_ref());
    KnownConsent {
        purpose,
        state,
        at: entry.map(|c| Moment(c.at)),
        source: entry.map(|c| c.source.clone()).unwrap_or_default(),
        expires_at: terms.valid_until(purpose).filter(|_| state.is_valid()),
        notice: proof
            .and_then(|p| p.notice.as_ref())
            .map(|notice| Digest(**notice)),
        record: proof.map(|p| RecordId(*p.record)),
        soft_opt_in: terms.has_soft_opt_in(purpose, now),
    }
}

impl Purpose for ShowOwnData {
    type View = ShowOwnDataView;
    const NAME: PurposeName = PurposeName::ShowOwnData;
    const DPV: &'static str = "dpv:FulfilmentOfObligation";
    const LEGAL_BASIS: &'static str = "eu-gdpr:A6-1-c";
    const SEES: &'static [&'static str] = &["all that is known of the person"];
    const RETENTION_DAYS: u32 = 1;
}

impl Wipe for ShowOwnDataView {
    fn wipe(&mut self) {
        for known in &mut self.history {
            zeroize::Zeroize::zeroize(&mut known.interaction.item.0);
        }
        for known in &mut self.traits {
            zeroize::Zeroize::zeroize(&mut known.name);
            zeroize::Zeroize::zeroize(&mut known.value);
        }
        self.history.clear();
        self.traits.clear();
        self.counts.clear();
        self.muted.clear();
        self.preferences = Preferences::default();
        self.conversations.iter_mut().for_each(Wipe::wipe);
        for pending in &mut self.outbox {
            zeroize::Zeroize::zeroize(&mut pending.name);
            zeroize::Zeroize::zeroize(&mut pending.journey);
        }
        self.outbox.clear();
        if let Some(view) = &mut self.automatic {
            view.wipe();
        }
    }
}
