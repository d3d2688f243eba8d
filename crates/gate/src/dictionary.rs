//! The data dictionary: what the team declares it collects, and why. What is not declared is
//! dropped at the door and counted.
//!
//! Deliberately does not know: people. It is part of the program, read from a file, and
//! content-addressed.

mod consent_mode;
mod declared;
pub mod special;

pub use declared::Declaration;
use serde::Deserialize;
use serde_json::{Map, Value};
use special::{Category, Place};
use std::collections::{HashMap, HashSet};
use vocabulary::{Catalogue, Digest, PurposeName, PurposeSet};

/// Longest dictionary file that is read.
pub const MAX_BYTES: usize = 1 << 20;

/// What an event does to the history of items.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interaction {
    /// `product_id` was viewed.
    Viewed,
    /// `product_id` was put into a cart.
    Added,
    /// Each of `products[].product_id` was bought.
    Bought,
}

impl Interaction {
    pub(crate) fn number(self) -> u8 {
        match self {
            Interaction::Viewed => 0,
            Interaction::Added => 1,
            Interaction::Bought => 2,
        }
    }
}

/// A declared event.
#[derive(Clone, Debug)]
pub struct EventRule {
    /// Why it may be kept.
    pub purposes: PurposeSet,
    /// What it does to the history of items, if anything.
    pub interaction: Option<Interaction>,
    /// The declared properties.
    pub fields: Fields,
    /// The team vouches that values of this event are of no special category.
    pub vouched: bool,
    /// Kept at most so long after it happened, seconds.
    pub retention: Option<u32>,
}

/// Declared properties as a tree: `products.price` is the leaf `price` under `products`; a list
/// on the way is walked through.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    children: HashMap<String, Fields>,
}

impl Fields {
    fn declare(&mut self, path: &str) {
        path.split('.').fold(self, |node, name| {
            node.children.entry(name.to_owned()).or_default()
        });
    }

    fn declares(&self, path: &str) -> bool {
        path.split('.')
            .try_fold(self, |node, name| node.children.get(name))
            .is_some()
    }

    /// What is declared of `fields`; the names of what is not go to `undeclared`.
    pub(crate) fn keep(
        &self,
        fields: Map<String, Value>,
        undeclared: &mut Vec<String>,
    ) -> Map<String, Value> {
        let mut kept = Map::new();
        for (name, value) in fields {
            match self
                .children
                .get(&name)
                .map(|below| below.keep_value(value, undeclared))
            {
                Some(Some(value)) => drop(kept.insert(name, value)),
                _ => undeclared.push(name),
            }
        }
        kept
    }

    fn keep_value(&self, value: Value, undeclared: &mut Vec<String>) -> Option<Value> {
        match value {
            Value::Object(fields) if !self.children.is_empty() => {
                Some(Value::Object(self.keep(fields, undeclared)))
            }
            Value::Array(values) => {
                let kept = values
                    .into_iter()
                    .filter_map(|v| self.keep_value(v, undeclared))
                    .collect();
                Some(Value::Array(kept))
            }
            // An object where a plain value was declared: nobody declared what is in it.
            Value::Object(_) => None,
            Value::String(text) if text.len() > MAX_TEXT => None,
            plain if self.children.is_empty() => Some(plain),
            _ => None,
        }
    }
}

/// Longest text that is kept of one field, bytes.
pub const MAX_TEXT: usize = 1024;

/// A declared trait.
#[derive(Clone, Debug)]
pub struct TraitRule {
    /// Why it may be kept.
    pub purposes: PurposeSet,
    /// The trait says the person's age bracket (`adult`, `minor`): it goes into the terms.
    pub age_bracket: bool,
    /// A special category of GDPR art. 9.
    pub special: bool,
    /// The team vouches that neither name nor values are of a special category.
    pub vouched: bool,
    /// Kept at most so long after it was said, seconds.
    pub retention: Option<u32>,
}

/// All that is declared, checked.
#[derive(Clone, Debug)]
pub struct Dictionary {
    /// By event name; `page` and `screen` for those calls.
    pub events: HashMap<String, EventRule>,
    /// By trait name.
    pub traits: HashMap<String, TraitRule>,
    /// Consent category of the source's dialogue to the purposes it stands for. The names of
    /// purposes are categories of themselves.
    pub categories: HashMap<String, PurposeSet>,
    /// The names of Google Consent Mode and the purposes each stands for.
    pub consent_mode: HashMap<String, PurposeSet>,
    /// Items whose name or category gives something intimate away.
    special_items: HashSet<String>,
    digest: Digest,
}

/// A fault in a dictionary file.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not TOML of the right shape; the text says line and column.
    #[error("the data dictionary cannot be read: {0}")]
    Syntax(String),
    /// Longer than [`MAX_BYTES`].
    #[error("the data dictionary is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// A purpose that does not exist.
    #[error(
        "`{place}` names the purpose `{purpose}`, which data cannot be declared for; there are {}",
        declarable().map(|purpose| format!("`{purpose}`")).collect::<Vec<_>>().join(", ")
    )]
    Purpose {
        /// Where.
        place: String,
        /// What it says.
        purpose: String,
    },
    /// Kept for no purpose.
    #[error("`{0}` names no purpose; name why it is kept, or take it out")]
    NoPurpose(String),
    /// A special category for a purpose that it must not serve.
    #[error(
        "`{0}` is of a special category (GDPR art. 9); it may be kept for `service` and `human_help` only"
    )]
    Special(String),
    /// A name that Google Consent Mode does not have.
    #[error(
        "`consent_mode.{0}` is no name of Google Consent Mode v2; see its list, or use `consent_categories`"
    )]
    ConsentMode(String),
    /// A name that gives something intimate away, and is not declared to.
    #[error(
        "`{place}` sounds like {} (`{word}`); declare it `special = true`, take it out, or say why it is not \
         with `not_special = \"…\"`",
        category.as_str()
    )]
    SoundsSpecial {
        /// Where.
        place: String,
        /// Which word.
        word: String,
        /// Of which category.
        category: Category,
    },
    /// Declared both special and not.
    #[error("`{0}` is declared `special` and `not_special`; keep one")]
    Both(String),
    /// Kept for no time, or longer than anything is.
    #[error(
        "`{0}` says `retention_seconds` out of range; it is at least 60 and at most ten years ({MAX_RETENTION})"
    )]
    Retention(String),
    /// Vouched for without a reason.
    #[error(
        "`{0}` says `not_special` without a reason of at least {MIN_REASON} letters; say why, people read it"
    )]
    NoReason(String),
    /// An interaction whose item cannot be found.
    #[error("event `{event}` counts as `{interaction}` but does not declare the field `{field}`")]
    NoItem {
        /// Which event.
        event: String,
        /// What it counts as.
        interaction: String,
        /// What is missing.
        field: String,
    },
}

/// Letters of a reason why something is not special.
const MIN_REASON: usize = 10;
/// Longest declared retention, seconds: ten years, as `program` has it.
const MAX_RETENTION: u32 = 3660 * 86_400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    consent_categories: HashMap<String, Vec<String>>,
    #[serde(default)]
    consent_mode: HashMap<String, Vec<String>>,
    #[serde(default)]
    events: HashMap<String, EventFile>,
    #[serde(default)]
    traits: HashMap<String, TraitFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventFile {
    purposes: Vec<String>,
    interaction: Option<Interaction>,
    #[serde(default)]
    fields: Vec<String>,
    not_special: Option<String>,
    retention_seconds: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TraitFile {
    purposes: Vec<String>,
    #[serde(default)]
    age_bracket: bool,
    #[serde(default)]
    special: bool,
    not_special: Option<String>,
    retention_seconds: Option<u32>,
}

impl Dictionary {
    /// Reads and checks a dictionary file (TOML).
    pub fn read(text: &str) -> Result<Dictionary, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::TooLong);
        }
        let file: File = toml::from_str(text).map_err(|error| Error::Syntax(in_one_line(text, &error)))?;
        let mut dictionary = Dictionary {
            events: HashMap::new(),
            traits: HashMap::new(),
            categories: HashMap::new(),
            consent_mode: HashMap::new(),
            special_items: HashSet::new(),
            digest: Digest::of(text.as_bytes()),
        };
        for (category, names) in file.consent_categories {
            let purposes = purposes(&format!("consent_categories.{category}"), &names)?;
            dictionary.categories.insert(category, purposes);
        }
        for purpose in PurposeName::ALL {
            let own = PurposeSet::NONE.with(purpose);
            dictionary
                .categories
                .entry(purpose.as_str().to_owned())
                .or_insert(own);
        }
        dictionary.consent_mode = consent_mode::read(&file.consent_mode, &dictionary.categories)?;
        for (name, event) in file.events {
            let rule = event_rule(&name, event)?;
            dictionary.events.insert(name, rule);
        }
        for (name, declared) in file.traits {
            let rule = trait_rule(&name, declared)?;
            dictionary.traits.insert(name, rule);
        }
        Ok(dictionary)
    }

    /// The purposes that a consent category stands for; one that nobody declared stands for nothing.
    pub fn stands_for(&self, category: &str) -> Option<PurposeSet> {
        let declared = self.categories.get(category);
        declared.or_else(|| self.consent_mode.get(category)).copied()
    }

    /// With the items of the catalogue whose name or category gives something intimate away: what a person
    /// does with them is of a special category from then on.
    #[must_use]
    pub fn with_catalogue(mut self, catalogue: &Catalogue) -> Dictionary {
        let intimate = catalogue.items().iter().filter(|item| {
            [&item.name, &item.category]
                .into_iter()
                .any(|text| special::found(text, Place::Text).is_some())
        });
        self.special_items = intimate.map(|item| item.id.0.clone()).collect();
        self
    }

    /// Whether the catalogue says that the item is intimate.
    pub fn is_special_item(&self, item: &str) -> bool {
        self.special_items.contains(item)
    }

    /// How many items of the catalogue are intimate.
    pub fn special_items(&self) -> usize {
        self.special_items.len()
    }

    /// The shortest time that anything may be kept, seconds; `None`: nothing says one.
    pub fn shortest_retention(&self) -> Option<u32> {
        let events = self.events.values().filter_map(|rule| rule.retention);
        let traits = self.traits.values().filter_map(|rule| rule.retention);
        events.chain(traits).min()
    }

    /// The content address of the file it was read from.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// The purposes that data may be declared for: the two that answer the person see all there is.
fn declarable() -> impl Iterator<Item = PurposeName> {
    let answers = [PurposeName::ShowOwnData, PurposeName::AnswerRightsRequest];
    PurposeName::ALL
        .into_iter()
        .filter(move |purpose| !answers.contains(purpose))
}

fn event_rule(name: &str, event: EventFile) -> Result<EventRule, Error> {
    let place = format!("events.{name}");
    let vouched = vouched(&place, event.not_special.as_deref())?;
    if !vouched {
        check_name(&place, name)?;
        for field in &event.fields {
            check_name(&format!("{place}.fields.{field}"), field)?;
        }
    }
    let mut fields = Fields::default();
    event.fields.iter().for_each(|path| fields.declare(path));
    let needs = match event.interaction {
        Some(Interaction::Bought) => Some("products.product_id"),
        Some(_) => Some("product_id"),
        None => None,
    };
    if let (Some(field), Some(interaction)) = (needs, event.interaction)
        && !fields.declares(field)
    {
        return Err(Error::NoItem {
            event: name.to_owned(),
            interaction: format!("{interaction:?}").to_lowercase(),
            field: field.to_owned(),
        });
    }
    Ok(EventRule {
        purposes: purposes(&place, &event.purposes)?,
        interaction: event.interaction,
        fields,
        vouched,
        retention: retention(&place, event.retention_seconds)?,
    })
}

fn trait_rule(name: &str, declared: TraitFile) -> Result<TraitRule, Error> {
    let place = format!("traits.{name}");
    let purposes = purposes(&place, &declared.purposes)?;
    let vouched = vouched(&place, declared.not_special.as_deref())?;
    if declared.special {
        if vouched {
            return Err(Error::Both(place));
        }
        let may = PurposeSet::NONE
            .with(PurposeName::Service)
            .with(PurposeName::HumanHelp);
        if purposes.and(may) != purposes {
            return Err(Error::Special(place));
        }
    } else if !vouched {
        check_name(&place, name)?;
    }
    Ok(TraitRule {
        retention: retention(&place, declared.retention_seconds)?,
        purposes,
        age_bracket: declared.age_bracket,
        special: declared.special,
        vouched,
    })
}

/// How long it may be kept.
fn retention(place: &str, seconds: Option<u32>) -> Result<Option<u32>, Error> {
    match seconds {
        Some(seconds) if !(60..=MAX_RETENTION).contains(&seconds) => Err(Error::Retention(place.to_owned())),
        within => Ok(within),
    }
}

/// Whether the team vouches for it, with a reason.
fn vouched(place: &str, reason: Option<&str>) -> Result<bool, Error> {
    match reason {
        None => Ok(false),
        Some(reason) if reason.trim().chars().count() < MIN_REASON => Err(Error::NoReason(place.to_owned())),
        Some(_) => Ok(true),
    }
}

fn check_name(place: &str, name: &str) -> Result<(), Error> {
    match special::found(name, Place::Name) {
        None => Ok(()),
        Some((word, category)) => Err(Error::SoundsSpecial {
            place: place.to_owned(),
            word,
            category,
        }),
    }
}

/// A TOML error in one line: where and what.
pub(crate) fn in_one_line(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace('\n', "; ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return message;
    };
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: {message}")
}

fn purposes(place: &str, names: &[String]) -> Result<PurposeSet, Error> {
    let set = names
        .iter()
        .map(|name| {
            PurposeName::parse(name)
                .filter(|purpose| declarable().any(|one| one == *purpose))
                .ok_or_else(|| Error::Purpose {
                    place: place.to_owned(),
                    purpose: name.clone(),
                })
        })
        .collect::<Result<PurposeSet, Error>>()?;
    if set.is_empty() {
        return Err(Error::NoPurpose(place.to_owned()));
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        match Dictionary::read(text) {
            Ok(_) => assert_eq!("ok", expected),
            Err(error) => assert!(
                error.to_string().contains(expected),
                "{error} does not say {expected:?}"
            ),
        }
    }

    #[test]
    fn a_dictionary_says_what_is_wrong_where() {
        check("[traits.plan]\npurposes = ['service']", "ok");
        check("[traits.plan]\npurposes = []", "`traits.plan` names no purpose");
        check("[traits.plan]\npurposes = ['sell']", "names the purpose `sell`");
        check("[traits.plan]\npurpose = ['service']", "unknown field");
        check(
            "[traits.diet]\npurposes = ['segment']\nspecial = true",
            "special category",
        );
        check(
            "[traits.religion]\npurposes = ['service', 'segment']",
            "`traits.religion` sounds like belief (`religion`)",
        );
        check(
            "[traits.religion]\npurposes = ['service', 'human_help']\nspecial = true",
            "ok",
        );
        check(
            "[traits.sleep_mask_size]\npurposes = ['personalise']\nnot_special = 'a size, of the goods'",
            "ok",
        );
        check(
            "[traits.sleep_mask_size]\npurposes = ['personalise']\nnot_special = 'no'",
            "without a reason",
        );
        check(
            "[traits.religion]\npurposes = ['service']\nspecial = true\nnot_special = 'a long reason'",
            "keep one",
        );
        check(
            "[events.'Appointment Booked']\npurposes = ['segment']\nfields = ['doctor.diagnosis']",
            "`events.Appointment Booked.fields.doctor.diagnosis` sounds like health",
        );
        check(
            "[events.'Prayer Joined']\npurposes = ['segment']",
            "sounds like belief (`prayer`)",
        );
        check(
            "[events.'Product Viewed']\npurposes = ['personalise']\ninteraction = 'viewed'",
            "does not declare the field `product_id`",
        );
        check(
            "[traits.plan]\npurposes = ['service']\nretention_seconds = 59",
            "`traits.plan` says `retention_seconds` out of range",
        );
        check(
            "[traits.plan]\npurposes = ['service']\nretention_seconds = 60",
            "ok",
        );
        check("[events", "cannot be read");
    }
}
