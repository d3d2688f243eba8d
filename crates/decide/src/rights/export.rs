//! The answer to a request for access or portability (GDPR art. 15 and 20): everything that is kept,
//! with source, purpose and retention, as JSON. Its schema stands beside it in `export.schema.json`.
//!
//! Deliberately does not know: how data is opened, and who carries the answer.

use super::contact::{
    Agreed, Closed, Outgoing, Preferred, Talked, agreed, closed, outgoing, preferred, talked,
};
use super::{Automatic, Journey, Membership, Right, csv, deadline};
use crate::Shop;
use crate::again::again;
use crate::offers::Counterfactual;
use gate::purposes::Registered;
use gate::{Account, AnsweringView, Archive, KnownEvent, KnownRecord, RecordId};
use recommend::Ranked;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;
use vocabulary::{Digest, Moment, PurposeSet};

/// The name of this form of export; a new form has a new name.
pub const FORM: &str = "egard-export/3";
/// JSON Schema (2020-12) of the export.
pub const SCHEMA: &str = include_str!("export.schema.json");

/// In which form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// One JSON document.
    Json,
    /// One table, a row for each fact (RFC 4180).
    Csv,
}

/// Who receives data, as the operator declares it (GDPR art. 15(1)(c): the actual recipients).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Recipient {
    /// Name.
    pub name: String,
    /// Where: a country, or several.
    pub place: String,
    /// Why.
    pub purpose: String,
}

/// What an answer says beside the data: the same for everybody.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Which right is answered.
    pub right: Right,
    /// Now.
    pub at: Moment,
    /// Who is responsible, and how they are reached.
    pub controller: String,
    /// Where a complaint goes (GDPR art. 77).
    pub authority: String,
    /// Who receives data.
    pub recipients: Vec<Recipient>,
    /// The record of processing.
    pub register: Vec<Registered>,
    /// Days that raw events are kept.
    pub event_days: u32,
    /// Content address of the data dictionary in force.
    pub dictionary: Digest,
}

/// The shop of a model and a catalogue, by their content addresses, if both are still kept.
pub type Shops<'a> = &'a dyn Fn(Digest, Digest) -> Option<Arc<Shop>>;

/// A finished answer.
pub struct Export {
    /// The document.
    pub bytes: Vec<u8>,
    form: Form,
    right: Right,
    dictionary: Digest,
    counts: [usize; 5],
    complete: bool,
}

/// The document, in the order in which it is read.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    form: &'static str,
    right: Right,
    made_at: String,
    complete: bool,
    controller: &'a str,
    authority: &'a str,
    pub(super) consents: Vec<Consent<'a>>,
    pub(super) standing: Standing,
    pub(super) traits: Vec<Trait<'a>>,
    pub(super) items: Vec<Item<'a>>,
    pub(super) muted: Vec<&'a str>,
    /// How open lists are to be, and what was said of topics.
    pub(super) preferences: Preferred<'a>,
    pub(super) counts: Vec<Count<'a>>,
    /// Nothing is inferred and stored: scores are computed when asked, and stand in `decisions`.
    inferences: [(); 0],
    pub(super) memberships: Vec<Membership>,
    pub(super) journeys: Vec<Journey>,
    /// How the person may be written to.
    pub(super) contract: Agreed<'a>,
    /// What they and the team said to each other.
    pub(super) conversations: Vec<Talked<'a>>,
    /// What waits to leave for them, is in doubt, or left lately.
    pub(super) outbox: Vec<Outgoing<'a>>,
    /// Ways to them that are closed to messages, and why.
    pub(super) closed_ways: Vec<Closed>,
    pub(super) events: Vec<Event<'a>>,
    pub(super) decisions: Vec<Decision<'a>>,
    pub(super) recipients: &'a [Recipient],
    processing: Vec<Processing>,
    retention: Retention,
    logic: &'static str,
}

#[derive(Serialize)]
pub(super) struct Consent<'a> {
    pub(super) purpose: &'static str,
    pub(super) state: &'static str,
    pub(super) at: Option<String>,
    pub(super) source: &'a str,
    pub(super) expires_at: Option<String>,
    /// The file of the notice that was shown.
    pub(super) notice: Option<String>,
    /// The record with the evidence, among `decisions`.
    pub(super) record: Option<String>,
    pub(super) soft_opt_in: bool,
}

#[derive(Serialize)]
pub(super) struct Standing {
    /// What counts: the stricter of the two that follow.
    pub(super) age: &'static str,
    pub(super) age_reported: &'static str,
    pub(super) age_said: Option<&'static str>,
    /// Purposes for which no program decides while a human looks at a decision (GDPR art. 22(3)).
    pub(super) under_review: Vec<&'static str>,
    pub(super) restricted: bool,
    pub(super) objected: bool,
    pub(super) objected_marketing: bool,
    pub(super) gpc: bool,
}

#[derive(Serialize)]
pub(super) struct Trait<'a> {
    pub(super) name: &'a str,
    #[serde(serialize_with = "raw")]
    pub(super) value: &'a str,
    pub(super) at: String,
    pub(super) source: &'a str,
    pub(super) purposes: Vec<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Item<'a> {
    pub(super) item: &'a str,
    pub(super) viewed: u32,
    pub(super) added: u32,
    pub(super) bought: u32,
    pub(super) last_at: String,
    pub(super) source: &'a str,
    pub(super) purposes: Vec<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Count<'a> {
    pub(super) event: &'a str,
    pub(super) day: String,
    pub(super) count: u32,
}

#[derive(Serialize)]
pub(super) struct Event<'a> {
    pub(super) at: String,
    pub(super) received_at: String,
    pub(super) source: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) purposes: Vec<&'static str>,
    #[serde(serialize_with = "raw_or_null")]
    pub(super) fields: Option<&'a str>,
    pub(super) items: Vec<Touched<'a>>,
    pub(super) traits: Vec<Said<'a>>,
    pub(super) choices: Vec<Chosen>,
    pub(super) gpc: bool,
    pub(super) act: Option<Acted<'a>>,
}

#[derive(Serialize)]
pub(super) struct Touched<'a> {
    pub(super) item: &'a str,
    pub(super) did: &'static str,
}

#[derive(Serialize)]
pub(super) struct Said<'a> {
    pub(super) name: &'a str,
    #[serde(serialize_with = "raw")]
    pub(super) value: &'a str,
}

#[derive(Serialize)]
pub(super) struct Chosen {
    pub(super) purpose: &'static str,
    pub(super) given: bool,
}

#[derive(Serialize)]
pub(super) struct Acted<'a> {
    pub(super) act: &'static str,
    pub(super) about: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Decision<'a> {
    pub(super) record: String,
    #[serde(serialize_with = "raw")]
    pub(super) entry: &'a str,
    #[serde(serialize_with = "raw")]
    pub(super) details: &'a str,
    /// Of a list: made again from its record, by the model that made it, also if another is in force since.
    pub(super) why: Option<Why>,
    /// Why the reasons of a list are not there, in a word.
    pub(super) why_not: Option<&'static str>,
}

/// Every addend of every score, and what would change the list.
#[derive(Serialize)]
pub(super) struct Why {
    items: Vec<Ranked>,
    counterfactuals: Vec<Counterfactual>,
}

/// By what a list was made.
#[derive(Deserialize)]
struct MadeBy {
    model: Digest,
    catalogue: Digest,
}

#[derive(Serialize)]
struct Processing {
    purpose: &'static str,
    dpv: &'static str,
    legal_basis: &'static str,
    sees: &'static [&'static str],
    retention_days: u32,
}

#[derive(Serialize)]
struct Retention {
    /// Days that raw events stay.
    events_days: u32,
    /// What else is kept stays until it is withdrawn, corrected or erased.
    rest: &'static str,
}

/// GDPR art. 15(1)(h), the procedure that is actually applied (CJEU C-203/22).
const LOGIC: &str = "A list is made from item-to-item weights learned from people who agreed. The score of an \
    item is a sum: of what you bought before and may need again, of what usually follows an item you \
    touched, of what goes with it, and of what the item is by itself, less what you asked to see less of. \
    Each list under `decisions` holds every addend of its scores, the rules that applied, and the list as \
    it would be without the items of your history that mattered most.";
/// The model or the catalogue that made a list is gone.
const NOT_KEPT: &str = "model_not_kept";
/// Both are there, and the list does not come out as it was recorded.
const NOT_THE_SAME: &str = "not_reproduced";
const REST: &str = "until you withdraw, correct or erase it, or a purpose's period ends: see `processing`";

/// Everything there is, for the person. `shops` finds what made a list, to tell its reasons; `automatic` is what
/// the program in force keeps of them, in words.
pub fn export(
    view: &AnsweringView,
    archive: &Archive,
    facts: &Facts,
    form: Form,
    shops: Shops<'_>,
    automatic: Automatic,
) -> Export {
    let document = document(view, archive, facts, shops, automatic);
    let bytes = match form {
        // Strings, numbers and checked JSON always have a JSON form.
        Form::Json => serde_json::to_vec(&document).unwrap_or_default(),
        Form::Csv => csv::write(&document),
    };
    Export {
        bytes,
        form,
        right: facts.right,
        dictionary: facts.dictionary,
        counts: [
            view.traits.len(),
            view.history.len(),
            view.counts.len(),
            archive.events.len(),
            archive.records.len(),
        ],
        complete: archive.complete,
    }
}

fn document<'a>(
    view: &'a AnsweringView,
    archive: &'a Archive,
    facts: &'a Facts,
    shops: Shops<'_>,
    automatic: Automatic,
) -> Document<'a> {
    Document {
        form: FORM,
        right: facts.right,
        made_at: time(facts.at),
        complete: archive.complete,
        controller: &facts.controller,
        authority: &facts.authority,
        consents: view
            .consents
            .iter()
            .map(|c| Consent {
                purpose: c.purpose.as_str(),
                state: c.state.as_str(),
                at: c.at.map(time),
                source: &c.source,
                expires_at: c.expires_at.map(time),
                notice: c.notice.map(|digest| digest.to_string()),
                record: c.record.map(hex),
                soft_opt_in: c.soft_opt_in,
            })
            .collect(),
        standing: Standing {
            age: view.age.as_str(),
            age_reported: view.age_reported.as_str(),
            age_said: view.age_said.map(|age| age.as_str()),
            under_review: names(view.contested),
            restricted: view.restricted,
            objected: view.objected,
            objected_marketing: view.objected_marketing,
            gpc: view.gpc,
        },
        traits: view
            .traits
            .iter()
            .map(|t| Trait {
                name: &t.name,
                value: &t.value,
                at: time(t.at),
                source: &t.source,
                purposes: names(t.purposes),
            })
            .collect(),
        items: view
            .history
            .iter()
            .map(|k| Item {
                item: k.interaction.item.as_str(),
                viewed: k.interaction.viewed,
                added: k.interaction.added,
                bought: k.interaction.bought,
                last_at: time(k.interaction.last_at),
                source: &k.source,
                purposes: names(k.purposes),
            })
            .collect(),
        muted: view.muted.iter().map(|item| item.as_str()).collect(),
        preferences: preferred(view),
        counts: view
            .counts
            .iter()
            .map(|c| Count {
                event: &c.event,
                day: deadline::date(c.day),
                count: c.count,
            })
            .collect(),
        inferences: [],
        memberships: automatic.memberships,
        journeys: automatic.journeys,
        contract: agreed(view),
        conversations: talked(view),
        outbox: outgoing(view),
        closed_ways: closed(view),
        events: archive.events.iter().map(event).collect(),
        decisions: archive
            .records
            .iter()
            .map(|record| decision(record, shops))
            .collect(),
        recipients: &facts.recipients,
        processing: facts
            .register
            .iter()
            .map(|row| Processing {
                purpose: row.name.as_str(),
                dpv: row.dpv,
                legal_basis: row.legal_basis,
                sees: row.sees,
                retention_days: row.retention_days,
            })
            .collect(),
        retention: Retention {
            events_days: facts.event_days,
            rest: REST,
        },
        logic: LOGIC,
    }
}

fn event(event: &KnownEvent) -> Event<'_> {
    Event {
        at: time(event.at),
        received_at: time(event.received_at),
        source: &event.source,
        name: event.name.as_deref(),
        purposes: names(event.purposes),
        fields: event.fields.as_deref(),
        items: event
            .items
            .iter()
            .map(|(item, did)| Touched { item, did })
            .collect(),
        traits: event
            .traits
            .iter()
            .map(|(name, value)| Said { name, value })
            .collect(),
        choices: event
            .choices
            .iter()
            .map(|(purpose, given)| Chosen {
                purpose: purpose.as_str(),
                given: *given,
            })
            .collect(),
        gpc: event.gpc,
        act: event.act.as_ref().map(|(act, about)| Acted {
            act,
            about: about.as_deref(),
        }),
    }
}

fn decision<'a>(record: &'a KnownRecord, shops: Shops<'_>) -> Decision<'a> {
    let (why, why_not) = match why(&record.details, shops) {
        Some(Ok(why)) => (Some(why), None),
        Some(Err(why_not)) => (None, Some(why_not)),
        None => (None, None),
    };
    Decision {
        record: hex(record.id),
        entry: &record.leaf,
        details: &record.details,
        why,
        why_not,
    }
}

pub(super) fn hex(id: RecordId) -> String {
    id.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `None`: it was no list.
fn why(details: &str, shops: Shops<'_>) -> Option<Result<Why, &'static str>> {
    let made_by: MadeBy = serde_json::from_str(details).ok()?;
    let Some(shop) = shops(made_by.model, made_by.catalogue) else {
        return Some(Err(NOT_KEPT));
    };
    Some(match again(details, &shop) {
        None => Err(NOT_THE_SAME),
        Some(offers) => Ok(Why {
            items: offers.items,
            counterfactuals: offers.counterfactuals,
        }),
    })
}

fn names(purposes: PurposeSet) -> Vec<&'static str> {
    purposes.iter().map(|purpose| purpose.as_str()).collect()
}

/// RFC 3339 in UTC, with milliseconds.
pub fn time(at: Moment) -> String {
    let of_day = at.0.rem_euclid(vocabulary::DAY_MS);
    let (seconds, ms) = (of_day / 1_000, of_day % 1_000);
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let date = deadline::date(at.day());
    format!("{date}T{hours:02}:{minutes:02}:{:02}.{ms:03}Z", seconds % 60)
}

/// JSON text as it stands; what is not JSON, which nothing we store is, as a string.
fn raw<S: serde::Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => raw.serialize(serializer),
        Err(_) => serializer.serialize_str(text),
    }
}

fn raw_or_null<S: serde::Serializer>(text: &Option<&str>, serializer: S) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => raw(text, serializer),
        None => serializer.serialize_none(),
    }
}

impl Account for Export {
    fn kind(&self) -> &'static str {
        "export"
    }

    fn program(&self) -> Digest {
        self.dictionary
    }

    /// How much was given, and its hash: the record of an answer is no second copy of the data.
    fn details(&self) -> String {
        let [traits, items, counts, events, decisions] = self.counts;
        let form = match self.form {
            Form::Json => "json",
            Form::Csv => "csv",
        };
        serde_json::json!({
            "complete": self.complete,
            "counts": counts,
            "decisions": decisions,
            "digest": Digest::of(&self.bytes).to_string(),
            "events": events,
            "form": form,
            "items": items,
            "right": self.right.as_str(),
            "traits": traits,
        })
        .to_string()
    }
}
