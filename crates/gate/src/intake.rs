//! The way in: an event off the wire becomes a [`Received`], which nobody can read any more; it
//! can only be sealed. What the dictionary does not declare is gone here; what the person's
//! choices forbid is gone one step later, in `admit`, before anything is stored.
//!
//! Deliberately does not know: HTTP, the store.

mod act;
mod vouched;

pub(crate) use act::{act, is_possible};
pub(crate) use vouched::refusals_alone;

use crate::consent::{self, ConsentGiven};
use crate::dictionary::{Dictionary, EventRule, Interaction, special};
use crate::envelope::{Choice, Input, Proof, ProofRef, SPECIAL, Touch, Trait};
use crate::evidence::{Action, Component, Evidence, Fitting, Shown};
use crate::keys::Keyring;
use crate::notice::Notices;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};
use store::{MessageKey, RecordId};
use vocabulary::{
    AgeBracket, Blind, DAY_MS, Event, Kind, Language, Moment, PurposeName, PurposeSet, Signals,
};

/// The event by which the browser libraries report a choice.
pub const CONSENT_EVENT: &str = "Segment Consent Preference Updated";
/// Longest item identifier, bytes.
pub const MAX_ITEM: usize = 100;
/// Most items one event may touch.
pub const MAX_TOUCHES: usize = 500;

/// An event that arrived. Its undeclared fields are gone; nobody can read it.
pub struct Received {
    pub(crate) message: MessageKey,
    pub(crate) user: Option<Blind>,
    pub(crate) anonymous: Option<Blind>,
    /// Another identifier of the same person, as the source claims (alias).
    pub(crate) previous: Vec<Blind>,
    pub(crate) signals: Signals,
    pub(crate) input: Input,
    /// Where the record of a choice is told to who waits for it.
    pub(crate) made: Option<Arc<OnceLock<RecordId>>>,
    /// Somebody else says what the person once said: that brings back nobody who was erased.
    pub(crate) reported: bool,
    /// Who sent it may speak for the person it names. If not, it permits nothing for anybody identified, and
    /// leads no other identifier to them.
    pub(crate) vouched: bool,
    /// Names of fields that the dictionary does not declare. A name may itself be personal.
    pub undeclared: Vec<String>,
}

impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Received(..)")
    }
}

/// How a person is found: by the identifiers of the outside world, as the caller gave them.
pub struct Whom<'a> {
    /// `userId`.
    pub user_id: Option<&'a str>,
    /// `anonymousId`.
    pub anonymous_id: Option<&'a str>,
}

impl Whom<'_> {
    /// The keyed hashes to look up.
    pub(crate) fn located(&self, keyring: &Keyring) -> Located {
        Located {
            user: self.user_id.map(|id| keyring.blind("user", id)),
            anonymous: self.anonymous_id.map(|id| keyring.blind("anonymous", id)),
        }
    }
}

/// [`Whom`] as keyed hashes.
#[derive(Clone, Copy)]
pub(crate) struct Located {
    pub(crate) user: Option<Blind>,
    pub(crate) anonymous: Option<Blind>,
}

/// Takes an event in: keyed hashes for identifiers, declared fields only, choices by purpose.
pub(crate) fn take_in(
    event: Event,
    source: &str,
    dictionary: &Dictionary,
    notices: &Notices,
    keyring: &Keyring,
) -> Received {
    let message = keyring.message(source, &event.message_id);
    let user = event.user_id.as_deref().map(|id| keyring.blind("user", id));
    let anonymous = event
        .anonymous_id
        .as_deref()
        .map(|id| keyring.blind("anonymous", id));
    let previous = match (&event.kind, event.previous_id.as_deref()) {
        // Only ever a visitor: a write key stands in web pages, and whoever has one must not be
        // able to take over what belongs to another `userId`.
        (Kind::Alias, Some(id)) => vec![keyring.blind("anonymous", id)],
        _ => Vec::new(),
    };
    let mut input = Input {
        at: event.at.0,
        received_at: event.received_at.0,
        source: source.to_owned(),
        gpc: event.signals.gpc,
        child_directed: event.signals.child_directed,
        identified: user.is_some(),
        ..Input::default()
    };
    let explicit = event.kind == Kind::Track && event.name == CONSENT_EVENT;
    if let Some(preferences) = &event.consent {
        input.choices = choices(preferences, explicit, dictionary);
        if explicit {
            reported(&event, &mut input, notices);
        } else {
            expire(&mut input, None, notices);
        }
    }
    let signals = event.signals;
    let undeclared = match event.kind {
        Kind::Identify => traits(event, source, dictionary, &mut input),
        Kind::Track if explicit => Vec::new(),
        Kind::Track => {
            let name = event.name.clone();
            happened(name, event, dictionary, &mut input)
        }
        Kind::Page => happened("page".to_owned(), event, dictionary, &mut input),
        Kind::Screen => happened("screen".to_owned(), event, dictionary, &mut input),
        Kind::Group => happened("group".to_owned(), event, dictionary, &mut input),
        Kind::Alias => Vec::new(),
    };
    Received {
        message,
        user,
        anonymous,
        previous,
        signals,
        input,
        made: None,
        reported: false,
        vouched: true,
        undeclared,
    }
}

/// An explicit choice in the privacy centre, as an input of its own.
pub(crate) fn choice(
    purposes: &[(PurposeName, bool)],
    source: &str,
    now: Moment,
    notices: &Notices,
) -> Input {
    let mut input = Input {
        at: now.0,
        received_at: now.0,
        source: source.to_owned(),
        choices: explicit(purposes),
        ..Input::default()
    };
    expire(&mut input, None, notices);
    input
}

/// A choice with its evidence, as something that arrived: its person may be new.
pub(crate) fn consented(
    whom: &Whom<'_>,
    given: &ConsentGiven,
    fitting: Option<Fitting>,
    source: &str,
    now: Moment,
    notices: &Notices,
    keyring: &Keyring,
) -> Result<Received, crate::Unavailable> {
    let evidence = &given.evidence;
    let signals = Signals {
        gpc: evidence.gpc,
        ..Signals::default()
    };
    let mut input = Input {
        at: evidence
            .origin
            .as_ref()
            .map_or(now.0, |origin| origin.at.0.min(now.0)),
        received_at: now.0,
        source: source.to_owned(),
        choices: explicit(&given.choices),
        gpc: evidence.gpc,
        identified: whom.user_id.is_some(),
        age: given.age.map(|age| age as u8),
        proof: Some(proof(evidence, fitting.as_ref(), given.objects_to_marketing)),
        ..Input::default()
    };
    expire(&mut input, fitting.as_ref(), notices);
    Ok(Received {
        signals,
        ..stated(whom, input, source, keyring)?
    })
}

/// Something a caller states about a person, as something that arrived: the person may be new, and no
/// two statements are the same message.
pub(crate) fn stated(
    whom: &Whom<'_>,
    input: Input,
    source: &str,
    keyring: &Keyring,
) -> Result<Received, crate::Unavailable> {
    let located = whom.located(keyring);
    let unique = crate::keys::Secret::fresh()?.to_text();
    Ok(Received {
        message: keyring.message(source, &unique),
        user: located.user,
        anonymous: located.anonymous,
        previous: Vec::new(),
        signals: Signals::default(),
        input,
        made: Some(Arc::default()),
        reported: false,
        vouched: true,
        undeclared: Vec::new(),
    })
}

fn explicit(purposes: &[(PurposeName, bool)]) -> Vec<Choice> {
    let choice = |(purpose, given): &(PurposeName, bool)| Choice {
        purpose: *purpose as u8,
        given: *given,
        explicit: true,
        expires_at: None,
    };
    purposes.iter().map(choice).collect()
}

/// The record's id is filled in when the record is made.
pub(crate) fn proof(evidence: &Evidence, fitting: Option<&Fitting>, objects: Option<bool>) -> Proof {
    Proof {
        at: ProofRef {
            record: [0; 16].into(),
            notice: fitting.map(|fitting| fitting.notice.0.into()),
        },
        evidence: Some(evidence.canonical(fitting)),
        objects,
    }
}

/// A permission ends when the notice it answers says, or the strictest one in force if none is named.
pub(crate) fn expire(input: &mut Input, fitting: Option<&Fitting>, notices: &Notices) {
    let at = Moment(input.at);
    for choice in input.choices.iter_mut().filter(|choice| choice.given) {
        let purpose = PurposeName::ALL.into_iter().find(|p| *p as u8 == choice.purpose);
        let days = match fitting {
            Some(fitting) => Some(fitting.valid_days),
            None => purpose.and_then(|purpose| notices.days(purpose)),
        };
        choice.expires_at = days.map(|days| at.plus(i64::from(days) * DAY_MS).0);
    }
}

/// What the dialogue of a source says of how its choice came about: the properties `notice_id`,
/// `notice_version`, `text_hash`, `language`, `action` and `page` of the consent event. A notice that
/// is named and does not fit takes the permissions with it: nobody knows what was agreed to. What is
/// refused stays refused.
fn reported(event: &Event, input: &mut Input, notices: &Notices) {
    let text = |name: &str| event.fields.get(name).and_then(Value::as_str);
    let action = text("action").and_then(Action::parse).unwrap_or(Action::Reported);
    let mut evidence = Evidence::new(Component::Event, action);
    evidence.page = text("page").map(str::to_owned);
    evidence.gpc = event.signals.gpc;
    let mut fitting = None;
    if event.fields.contains_key("notice_id") {
        let permits = |c: &&Choice| c.given;
        let permitted = PurposeName::ALL
            .into_iter()
            .filter(|p| {
                input
                    .choices
                    .iter()
                    .filter(permits)
                    .any(|c| c.purpose == *p as u8)
            })
            .collect();
        let shown = shown(event);
        fitting = shown
            .as_ref()
            .and_then(|shown| consent::fits(shown, permitted, notices).ok());
        match fitting {
            Some(_) => evidence.shown = shown,
            None => input.choices.retain(|choice| !choice.given),
        }
    }
    expire(input, fitting.as_ref(), notices);
    input.proof = Some(proof(&evidence, fitting.as_ref(), None));
}

fn shown(event: &Event) -> Option<Shown> {
    let field = |name: &str| event.fields.get(name);
    let hash = match field("text_hash") {
        None | Some(Value::Null) => None,
        Some(hash) => Some(hash.as_str()?.parse().ok()?),
    };
    Some(Shown {
        notice: field("notice_id")?.as_str()?.to_owned(),
        version: u32::try_from(field("notice_version")?.as_u64()?).ok()?,
        language: Language::of_tag(field("language")?.as_str()?)?,
        text: hash,
    })
}

/// Preferences by category become choices by purpose. A purpose that several categories stand for
/// needs all of them; an empty object refuses everything that has a category.
pub(crate) fn choices(
    preferences: &std::collections::BTreeMap<String, bool>,
    explicit: bool,
    dictionary: &Dictionary,
) -> Vec<Choice> {
    let mut given = PurposeSet::NONE;
    let mut refused = PurposeSet::NONE;
    if preferences.is_empty() {
        refused = dictionary
            .categories
            .values()
            .fold(PurposeSet::NONE, |all, p| PurposeSet(all.0 | p.0));
    }
    for (category, preference) in preferences {
        let Some(purposes) = dictionary.stands_for(category) else {
            continue;
        };
        match preference {
            true => given = PurposeSet(given.0 | purposes.0),
            false => refused = PurposeSet(refused.0 | purposes.0),
        }
    }
    vocabulary::PurposeName::ALL
        .into_iter()
        .filter(|p| given.contains(*p) || refused.contains(*p))
        .map(|p| Choice {
            purpose: p as u8,
            given: !refused.contains(p),
            explicit,
            expires_at: None,
        })
        .collect()
}

fn traits(event: Event, source: &str, dictionary: &Dictionary, input: &mut Input) -> Vec<String> {
    let mut undeclared = Vec::new();
    for (name, value) in event.fields {
        let Some(rule) = dictionary.traits.get(&name) else {
            undeclared.push(name);
            continue;
        };
        if rule.age_bracket {
            let bracket = AgeBracket::ALL
                .into_iter()
                .find(|b| value.as_str() == Some(b.as_str()));
            match bracket {
                Some(bracket) => input.age = Some(bracket as u8),
                None => undeclared.push(name),
            }
            continue;
        }
        let text = value.to_string();
        if text.len() > crate::dictionary::MAX_TEXT || value.is_object() {
            undeclared.push(name);
            continue;
        }
        let intimate = rule.special || (!rule.vouched && special::in_value(&value).is_some());
        input.traits.push(Trait {
            name,
            value: text,
            at: input.at,
            source: source.to_owned(),
            purposes: bits(rule.purposes, intimate),
            mistaken: None,
            keeps: rule.retention,
        });
    }
    undeclared
}

fn happened(name: String, event: Event, dictionary: &Dictionary, input: &mut Input) -> Vec<String> {
    let Some(rule) = dictionary.events.get(&name) else {
        return vec![name];
    };
    let mut undeclared = Vec::new();
    // Before anything is dropped: a name or a category that is not kept still tells what an item is.
    let intimate = intimate_items(&event.fields, rule, dictionary);
    let kept = rule.fields.keep(event.fields, &mut undeclared);
    if let Some(interaction) = rule.interaction {
        let mut touched = HashSet::new();
        for item in touched_products(interaction, &kept).filter_map(|(id, _)| item_id(id)) {
            if item.len() > MAX_ITEM || touched.len() >= MAX_TOUCHES {
                undeclared.push("product_id".to_owned());
            } else if touched.insert(item.clone()) {
                let purposes = bits(rule.purposes, intimate.contains(&item));
                input.touches.push(Touch {
                    item,
                    what: interaction.number(),
                    purposes,
                });
            }
        }
    }
    let tells = |value: &Value| !rule.vouched && special::in_value(value).is_some();
    input.event = Some(name);
    input.keeps = rule.retention;
    input.event_purposes = bits(rule.purposes, !intimate.is_empty() || kept.values().any(tells));
    if !kept.is_empty() {
        input.fields = serde_json::to_string(&kept).ok();
    }
    undeclared
}

/// The bits of what is declared for these purposes. Of a special category: as far as it may be at all.
fn bits(purposes: PurposeSet, special: bool) -> u16 {
    if !special {
        return purposes.0;
    }
    let may = PurposeSet::NONE
        .with(PurposeName::Service)
        .with(PurposeName::HumanHelp);
    purposes.and(may).0 | SPECIAL
}

/// The identifiers of the products an interaction is about, each with all that the event says of it.
fn touched_products<'a>(
    interaction: Interaction,
    fields: &'a Map<String, Value>,
) -> Box<dyn Iterator<Item = (&'a Value, Vec<&'a Value>)> + 'a> {
    match interaction {
        Interaction::Bought => {
            let products = fields.get("products").and_then(Value::as_array);
            let told = |product: &'a Value| {
                let fields = product.as_object()?;
                Some((fields.get("product_id")?, fields.values().collect()))
            };
            Box::new(products.into_iter().flatten().filter_map(told))
        }
        _ => {
            let id = fields.get("product_id");
            Box::new(id.into_iter().map(|id| (id, fields.values().collect())))
        }
    }
}

/// The items of an event that are intimate, by the catalogue or by what the event says of them.
fn intimate_items(fields: &Map<String, Value>, rule: &EventRule, dictionary: &Dictionary) -> HashSet<String> {
    let Some(interaction) = rule.interaction else {
        return HashSet::new();
    };
    touched_products(interaction, fields)
        .filter_map(|(id, told)| Some((item_id(id)?, told)))
        .filter(|(item, told)| {
            dictionary.is_special_item(item)
                || (!rule.vouched && told.iter().any(|value| special::in_value(value).is_some()))
        })
        .map(|(item, _)| item)
        .collect()
}

/// Identifiers come as text or as whole numbers.
fn item_id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        _ => None,
    }
}

/// Takes out of an input what none of the `permitted` purposes holds. What remains is what is
/// stored: refused data never reaches the disk. What is of a special category is held by the purposes that
/// `special` permits, asked only if there is any, and stays for no other.
pub(crate) fn admit(mut input: Input, permitted: PurposeSet, special: impl FnOnce() -> PurposeSet) -> Input {
    let all = input.traits.iter().map(|t| t.purposes);
    let all = all.chain(input.touches.iter().map(|t| t.purposes));
    let any_special = all.chain([input.event_purposes]).any(|bits| bits & SPECIAL != 0);
    let permitted_special = if any_special { special() } else { PurposeSet::NONE };
    let held = |purposes: &mut u16| {
        let by = if *purposes & SPECIAL == 0 {
            permitted
        } else {
            *purposes = PurposeSet(*purposes).and(permitted_special).0 | SPECIAL;
            permitted_special
        };
        !PurposeSet(*purposes).and(by).is_empty()
    };
    input.traits.retain_mut(|t| held(&mut t.purposes));
    input.touches.retain_mut(|t| held(&mut t.purposes));
    if !held(&mut input.event_purposes) {
        input.event = None;
        input.fields = None;
        input.event_purposes = 0;
    }
    input
}

/// Whether an admitted input still says anything that must be kept.
pub(crate) fn says_something(input: &Input) -> bool {
    !input.choices.is_empty()
        || !input.traits.is_empty()
        || !input.touches.is_empty()
        || !input.identifiers.is_empty()
        || input.event.is_some()
        || input.act.is_some()
        || input.objects().is_some()
        || input.soft_opt_in.is_some()
        || input.talk.is_some()
        || input.age.is_some()
        || input.gpc
        || input.child_directed
}
