//! A person made up on a page: what a segment asks about, and the values that somebody typed for it.
//!
//! Deliberately does not know: people who exist, how a predicate is judged.

use ::program::Program;
use ::program::dictionary::Type;
use ::program::segment::{Did, Measure, Occurrence, Origin, Predicate};
use decide::segments::TraitKnown;
use std::collections::{BTreeMap, BTreeSet};
use vocabulary::{DAY_MS, Happened, ItemId, Moment, Occurrences, PurposeName, Scalar, Touched};

/// Rows for one event or for items: at least, and at most.
const ROWS: std::ops::RangeInclusive<usize> = 3..=8;
/// Longest value, bytes.
const LONGEST: usize = 200;
/// The longest time back, days.
const DAYS: f64 = 40_000.0;

/// What a segment asks about, with the segments it names.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Asks {
    /// Traits, and of which origin they must be to count.
    pub traits: BTreeMap<String, Origin>,
    /// Events with the fields that matter and how many rows a form needs.
    pub events: BTreeMap<String, (BTreeSet<String>, usize)>,
    /// What is done with items, and how many rows a form needs.
    pub items: (BTreeSet<&'static str>, usize),
    /// Purposes.
    pub consents: BTreeSet<PurposeName>,
}

/// The person.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Made {
    /// Traits.
    pub traits: Vec<TraitKnown>,
    /// What happened.
    pub happened: Vec<Occurrences>,
    /// What was done with items.
    pub touched: Vec<Touched>,
    /// What is consented to.
    pub consents: Vec<(PurposeName, Moment)>,
}

/// The name of a field of the form.
pub fn trait_key(name: &str) -> String {
    format!("t.{name}")
}

/// The same, of how many days ago the occurrence of a row was.
pub fn ago_key(event: &str, row: usize) -> String {
    format!("e.{row}.{event}")
}

/// The same, of a field of an occurrence.
pub fn field_key(event: &str, row: usize, field: &str) -> String {
    format!("f.{row}.{}.{event}.{field}", event.len())
}

/// The same, of a purpose.
pub fn consent_key(purpose: PurposeName) -> String {
    format!("c.{}", purpose.as_str())
}

/// The same, of an item: which, what was done, how many days ago.
pub fn item_keys(row: usize) -> [String; 3] {
    ["i", "d", "a"].map(|what| format!("{what}.{row}"))
}

impl Asks {
    /// What a predicate asks about.
    pub fn of(program: &Program, who: &Predicate) -> Asks {
        let mut asks = Asks::default();
        asks.add(program, who);
        asks
    }

    fn add(&mut self, program: &Program, who: &Predicate) {
        match who {
            Predicate::All(parts) | Predicate::Any(parts) => {
                parts.iter().for_each(|part| self.add(program, part));
            }
            Predicate::Not(part) => self.add(program, part),
            Predicate::Trait(test) => {
                let origin = self.traits.entry(test.name.clone()).or_insert(Origin::Declared);
                *origin = test.origin.unwrap_or(*origin);
            }
            Predicate::Event(test) => {
                self.event(&test.occurrence, rows(test.value, &test.measure));
                if let Measure::Sum(field) = &test.measure
                    && let Some((fields, _)) = self.events.get_mut(&test.occurrence.event)
                {
                    fields.insert(field.clone());
                }
            }
            Predicate::Sequence(sequence) => {
                for step in &sequence.steps {
                    self.event(step, sequence.steps.len());
                }
            }
            Predicate::Items(test) => {
                self.items.0.insert(did(test.did));
                let rows = (test.at_least as usize + 1).clamp(*ROWS.start(), *ROWS.end());
                self.items.1 = self.items.1.max(rows);
            }
            Predicate::Consent(purpose) => drop(self.consents.insert(*purpose)),
            // No cycles: the checker refuses them.
            Predicate::Member(name) => {
                if let Some(segment) = program.segments.get(name) {
                    self.add(program, &segment.who);
                }
            }
        }
    }

    fn event(&mut self, occurrence: &Occurrence, rows: usize) {
        let (fields, known) = self.events.entry(occurrence.event.clone()).or_default();
        *known = (*known).max(rows).clamp(*ROWS.start(), *ROWS.end());
        fields.extend(occurrence.fields.iter().map(|test| test.field.clone()));
    }
}

fn rows(value: f64, measure: &Measure) -> usize {
    match measure {
        Measure::Count if value.is_finite() => (value.clamp(0.0, 20.0) as usize) + 1,
        _ => *ROWS.start(),
    }
}

/// As files write it.
pub fn did(did: Did) -> &'static str {
    match did {
        Did::Viewed => "viewed",
        Did::Added => "added",
        Did::Bought => "bought",
    }
}

impl Made {
    /// The person of a form. An error names the fields that cannot be read.
    pub fn read(
        program: &Program,
        asks: &Asks,
        form: &[(String, String)],
        now: Moment,
    ) -> Result<Made, Vec<String>> {
        let text = |key: &str| {
            let found = form.iter().find(|(name, _)| name == key);
            found
                .map(|(_, value)| value.trim())
                .filter(|value| !value.is_empty())
        };
        let mut unclear: Vec<String> = form
            .iter()
            .filter(|(_, value)| value.len() > LONGEST)
            .map(|(name, _)| name.clone())
            .collect();
        let mut made = Made::default();
        for (name, origin) in &asks.traits {
            let Some(typed) = text(&trait_key(name)) else {
                continue;
            };
            let declared = program.dictionary.traits.get(name);
            match json(declared.map_or(Type::Any, |one| one.type_), typed) {
                Some(value) => made.traits.push(TraitKnown {
                    name: name.clone(),
                    value,
                    origin: *origin,
                }),
                None => unclear.push(name.clone()),
            }
        }
        let ago = |typed: &str| {
            let days: f64 = typed.replace(',', ".").parse().ok()?;
            (0.0..=DAYS)
                .contains(&days)
                .then(|| Moment(now.0 - (days * DAY_MS as f64) as i64))
        };
        for (event, (fields, rows)) in &asks.events {
            let mut each = Vec::new();
            for row in 0..*rows {
                let Some(typed) = text(&ago_key(event, row)) else {
                    continue;
                };
                let Some(at) = ago(typed) else {
                    unclear.push(event.clone());
                    continue;
                };
                let types = program.dictionary.events.get(event).map(|event| &event.fields);
                let mut known = Vec::new();
                for field in fields {
                    let Some(typed) = text(&field_key(event, row, field)) else {
                        continue;
                    };
                    let type_ = types.and_then(|types| types.get(field)).copied();
                    match scalar(type_.unwrap_or_default(), typed) {
                        Some(value) => known.push((field.as_str().into(), value)),
                        None => unclear.push(field.clone()),
                    }
                }
                each.push(Happened {
                    at,
                    number: 0,
                    fields: known,
                });
            }
            each.sort_by_key(|one| one.at);
            for (number, one) in (1..).zip(&mut each) {
                one.number = number;
            }
            if !each.is_empty() {
                made.happened.push(Occurrences {
                    event: event.clone(),
                    each,
                });
            }
        }
        for row in 0..asks.items.1 {
            let [item, did, when] = item_keys(row);
            let Some(item) = text(&item) else { continue };
            match ago(text(&when).unwrap_or("0")) {
                Some(at) => made.touch(item, text(&did).unwrap_or_default(), at),
                None => unclear.push(item.to_owned()),
            }
        }
        let consented = asks
            .consents
            .iter()
            .filter(|purpose| text(&consent_key(**purpose)).is_some());
        made.consents = consented.map(|purpose| (*purpose, Moment(i64::MAX))).collect();
        match unclear.is_empty() {
            true => Ok(made),
            false => Err(unclear),
        }
    }

    fn touch(&mut self, item: &str, did: &str, at: Moment) {
        let place = self.touched.iter().position(|touched| touched.item.0 == item);
        let place = place.unwrap_or_else(|| {
            self.touched.push(Touched {
                item: ItemId(item.to_owned()),
                viewed_at: None,
                added_at: None,
                bought_at: None,
            });
            self.touched.len() - 1
        });
        if let Some(touched) = self.touched.get_mut(place) {
            let slot = match did {
                "added" => &mut touched.added_at,
                "bought" => &mut touched.bought_at,
                _ => &mut touched.viewed_at,
            };
            *slot = (*slot).max(Some(at));
        }
    }
}

/// A typed value as the JSON text that a trait has.
fn json(type_: Type, typed: &str) -> Option<String> {
    let value = match type_ {
        Type::Bool => serde_json::Value::Bool(yes(typed)?),
        Type::Number => serde_json::Value::from(number(typed)?),
        Type::Text | Type::Time => serde_json::Value::from(typed),
        Type::List => typed.split(',').map(str::trim).collect(),
        Type::Any => serde_json::from_str(typed).unwrap_or_else(|_| typed.into()),
    };
    Some(value.to_string())
}

fn scalar(type_: Type, typed: &str) -> Option<Scalar> {
    Some(match type_ {
        Type::Bool => Scalar::Bool(yes(typed)?),
        Type::Number => Scalar::Number(number(typed)?),
        Type::Any => match (yes(typed), number(typed)) {
            (Some(yes), _) => Scalar::Bool(yes),
            (_, Some(number)) => Scalar::Number(number),
            _ => Scalar::Text(typed.to_owned()),
        },
        Type::Text | Type::Time | Type::List => Scalar::Text(typed.to_owned()),
    })
}

fn yes(typed: &str) -> Option<bool> {
    match typed {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn number(typed: &str) -> Option<f64> {
    let number: f64 = typed.replace(',', ".").parse().ok()?;
    number.is_finite().then_some(number)
}
