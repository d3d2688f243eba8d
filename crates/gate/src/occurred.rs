//! What happened to a person, occurrence by occurrence, as far as groups and journeys may look: declared
//! events that are declared for `segment`, with their plain fields. Bounded: the latest of each event, and
//! of all of them, so that an envelope stays small.
//!
//! A group that asks for at least so many is exact as long as so many are kept; the program refuses higher
//! thresholds. Pure. Deliberately does not know: groups, journeys, the dictionary.

use crate::envelope::{Input, SPECIAL, skim};
use crate::keeping;
use crate::merge::Name;
use minicbor::decode::Error;
use minicbor::{Decode, Decoder, Encode};
use std::sync::Arc;
use vocabulary::{Happened, Moment, Occurrences, PurposeName, PurposeSet, Scalar};

/// Occurrences of one event that are kept; those that happened last.
pub(crate) const EACH_MAX: usize = 256;
/// Occurrences that are kept in all.
pub(crate) const ALL_MAX: usize = 1_024;
/// Plain fields of one occurrence that are kept.
const FIELDS_MAX: usize = 16;
/// Longest text that is kept of a field, bytes: an identifier, a code, a category; no prose.
const TEXT_MAX: usize = 64;

/// The occurrences of one event, by time.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Occurred {
    #[n(0)]
    pub(crate) event: String,
    /// The names of fields, that occurrences number.
    #[n(1)]
    names: Vec<String>,
    #[n(2)]
    pub(crate) each: Vec<One>,
}

/// One occurrence.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct One {
    #[n(0)]
    at: i64,
    #[n(1)]
    pub(crate) purposes: u16,
    /// Its place in the order of arrival.
    #[n(2)]
    number: u64,
    #[n(3)]
    fields: Vec<Field>,
    /// The visitor it was taken over from.
    #[n(4)]
    visitor: Option<Name>,
    /// How long the dictionary lets it be kept, seconds.
    #[n(5)]
    keeps: Option<u32>,
}

#[derive(Clone, PartialEq, Encode, Decode)]
struct Field<T = String> {
    #[n(0)]
    name: u8,
    #[n(1)]
    value: Plain<T>,
}

#[derive(Clone, PartialEq, Encode, Decode)]
enum Plain<T = String> {
    #[n(0)]
    Bool(#[n(0)] bool),
    #[n(1)]
    Number(#[n(0)] f64),
    #[n(2)]
    Text(#[n(0)] T),
}

/// Adds what an input says happened. `number` is its place in the order of arrival.
pub(crate) fn fold(kept: &mut Vec<Occurred>, number: u64, input: &Input) {
    let looked_at = PurposeSet(input.event_purposes).contains(PurposeName::Segment);
    let Some(event) = input
        .event
        .as_ref()
        .filter(|_| looked_at && input.event_purposes & SPECIAL == 0)
    else {
        return;
    };
    let place = kept.iter().position(|known| known.event == *event);
    let place = place.unwrap_or_else(|| {
        kept.push(Occurred {
            event: event.clone(),
            names: Vec::new(),
            each: Vec::new(),
        });
        kept.len() - 1
    });
    if let Some(known) = kept.get_mut(place) {
        let fields = input
            .fields
            .as_deref()
            .map(|text| plain(text, &mut known.names))
            .unwrap_or_default();
        known.put(One {
            at: input.at,
            purposes: input.event_purposes,
            number,
            fields,
            visitor: None,
            keeps: input.keeps,
        });
    }
    make_room(kept);
}

impl Occurred {
    fn put(&mut self, one: One) {
        let place = self
            .each
            .partition_point(|known| (known.at, known.number) <= (one.at, one.number));
        self.each.insert(place, one);
        if self.each.len() > EACH_MAX {
            self.each.remove(0);
        }
    }

    fn name(&self, field: &Field) -> Option<&str> {
        self.names.get(usize::from(field.name)).map(String::as_str)
    }
}

fn make_room(kept: &mut Vec<Occurred>) {
    let mut all: usize = kept.iter().map(|known| known.each.len()).sum();
    while all > ALL_MAX {
        let oldest = kept
            .iter_mut()
            .filter(|known| !known.each.is_empty())
            .min_by_key(|known| known.each.first().map(|one| one.at));
        let Some(oldest) = oldest else { break };
        oldest.each.remove(0);
        all -= 1;
    }
    kept.retain(|known| !known.each.is_empty());
}

/// The plain fields of an event, names numbered.
fn plain(text: &str, names: &mut Vec<String>) -> Vec<Field> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap_or_default();
    let mut kept = Vec::new();
    for (name, value) in fields {
        let value = match value {
            serde_json::Value::Bool(is) => Plain::Bool(is),
            serde_json::Value::Number(number) => match number.as_f64() {
                Some(number) => Plain::Number(number),
                None => continue,
            },
            serde_json::Value::String(text) if text.len() <= TEXT_MAX => Plain::Text(text),
            _ => continue,
        };
        let place = names.iter().position(|known| *known == name);
        let place = place.unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        match u8::try_from(place) {
            Ok(name) if kept.len() < FIELDS_MAX => kept.push(Field { name, value }),
            _ => break,
        }
    }
    kept
}

/// Of those occurrences, what `may` be seen.
pub(crate) fn seen(kept: &[Occurred], may: impl Fn(u16, i64) -> bool) -> Vec<Occurrences> {
    let happened = |names: &[Arc<str>], one: &One| Happened {
        at: Moment(one.at),
        number: one.number,
        fields: one
            .fields
            .iter()
            .filter_map(|field| {
                let name = names.get(usize::from(field.name))?;
                Some((Arc::clone(name), scalar(&field.value)))
            })
            .collect(),
    };
    kept.iter()
        .map(|known| {
            let names: Vec<Arc<str>> = known.names.iter().map(|name| name.as_str().into()).collect();
            let each = known.each.iter().filter(|one| may(one.purposes, one.at));
            Occurrences {
                event: known.event.clone(),
                each: each.map(|one| happened(&names, one)).collect(),
            }
        })
        .filter(|known| !known.each.is_empty())
        .collect()
}

/// As [`seen`], of the bytes of occurrences; nothing of what may not be seen is copied. What the dictionary lets
/// be kept no longer at `now` may not.
pub(crate) fn read(
    bytes: &mut Decoder<'_>,
    now: Moment,
    may: impl Fn(u16, i64) -> bool,
) -> Result<Vec<Occurrences>, Error> {
    let mut found = Vec::new();
    skim::each(bytes, |known| {
        let (mut event, mut names, mut each) = ("", Vec::<Arc<str>>::new(), Vec::new());
        skim::fields(known, |number, value| {
            match number {
                0 => event = value.str()?,
                1 => skim::each(value, |name| Ok(names.push(name.str()?.into())))?,
                2 => {
                    each.reserve(skim::length(value)?.min(EACH_MAX));
                    skim::each(value, |one| Ok(each.extend(read_one(one, &names, now, &may)?)))?;
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if !each.is_empty() {
            let event = event.to_owned();
            found.push(Occurrences { event, each });
        }
        Ok(())
    })?;
    Ok(found)
}

fn read_one(
    bytes: &mut Decoder<'_>,
    names: &[Arc<str>],
    now: Moment,
    may: &impl Fn(u16, i64) -> bool,
) -> Result<Option<Happened>, Error> {
    let mut one = Happened {
        at: Moment(0),
        number: 0,
        fields: Vec::new(),
    };
    let (mut purposes, mut keeps) = (0, None);
    skim::fields(bytes, |number, value| {
        match number {
            0 => one.at = Moment(value.i64()?),
            1 => purposes = value.u16()?,
            2 => one.number = value.u64()?,
            3 if may(purposes, one.at.0) => {
                one.fields.reserve_exact(skim::length(value)?.min(FIELDS_MAX));
                skim::each(value, |field| {
                    let field: Field<&str> = field.decode()?;
                    if let Some(name) = names.get(usize::from(field.name)) {
                        one.fields.push((Arc::clone(name), scalar(&field.value)));
                    }
                    Ok(())
                })?;
            }
            5 => keeps = Some(value.u32()?),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let lasts = now.0 < keeping::end(one.at.0, keeps);
    Ok((lasts && may(purposes, one.at.0)).then_some(one))
}

/// The purposes and the time of each, and how long the dictionary lets it be kept.
pub(crate) fn kept(known: &Occurred) -> impl Iterator<Item = (u16, i64, Option<u32>)> {
    known.each.iter().map(|one| (one.purposes, one.at, one.keeps))
}

/// Keeps what `keep` says of purposes, time, and how long the dictionary lets it be kept.
pub(crate) fn retain(kept: &mut Vec<Occurred>, keep: impl Fn(u16, i64, Option<u32>) -> bool) {
    for known in kept.iter_mut() {
        known.each.retain(|one| keep(one.purposes, one.at, one.keeps));
    }
    kept.retain(|known| !known.each.is_empty());
}

/// Removes what says that something was done with that item.
pub(crate) fn forget(kept: &mut Vec<Occurred>, item: &str) {
    for known in kept.iter_mut() {
        let product = known.names.iter().position(|name| name == "product_id");
        let Some(product) = product else { continue };
        let says = |field: &Field| match &field.value {
            Plain::Text(text) => text == item,
            Plain::Number(number) => number.to_string() == item,
            Plain::Bool(_) => false,
        };
        known.each.retain(|one| {
            !one.fields
                .iter()
                .any(|field| usize::from(field.name) == product && says(field))
        });
    }
    kept.retain(|known| !known.each.is_empty());
}

/// What a person takes over of a visitor: what both permitted, marked as the visitor's.
pub(crate) fn take(
    theirs: &[Occurred],
    visitor: Name,
    allowed: impl Fn(u16) -> Option<u16>,
) -> Vec<Occurred> {
    let taken = theirs.iter().map(|known| Occurred {
        event: known.event.clone(),
        names: known.names.clone(),
        each: known
            .each
            .iter()
            .filter_map(|one| {
                Some(One {
                    purposes: allowed(one.purposes)?,
                    visitor: Some(visitor),
                    // It arrived long ago: nothing starts by it.
                    number: 0,
                    ..one.clone()
                })
            })
            .collect(),
    });
    taken.filter(|known| !known.each.is_empty()).collect()
}

/// Adds what was taken over. What has to make room does not come back when it is given back.
pub(crate) fn take_over(kept: &mut Vec<Occurred>, taken: &[Occurred]) {
    for theirs in taken {
        match kept.iter_mut().find(|known| known.event == theirs.event) {
            None => kept.push(theirs.clone()),
            Some(known) => {
                for one in &theirs.each {
                    let fields = one.fields.iter().filter_map(|field| {
                        let name = theirs.name(field)?;
                        let place = known.names.iter().position(|known| known == name);
                        let place = place.unwrap_or_else(|| {
                            known.names.push(name.to_owned());
                            known.names.len() - 1
                        });
                        Some(Field {
                            name: u8::try_from(place).ok()?,
                            value: field.value.clone(),
                        })
                    });
                    let one = One {
                        fields: fields.collect(),
                        ..one.clone()
                    };
                    known.put(one);
                }
            }
        }
    }
    make_room(kept);
}

/// Removes what is of that visitor.
pub(crate) fn give_back(kept: &mut Vec<Occurred>, visitor: &Name) {
    for known in kept.iter_mut() {
        known.each.retain(|one| one.visitor.as_ref() != Some(visitor));
    }
    kept.retain(|known| !known.each.is_empty());
}

fn scalar<T: AsRef<str>>(value: &Plain<T>) -> Scalar {
    match value {
        Plain::Bool(is) => Scalar::Bool(*is),
        Plain::Number(number) => Scalar::Number(*number),
        Plain::Text(text) => Scalar::Text(text.as_ref().to_owned()),
    }
}

/// Overwrites what was seen. Names of fields are the dictionary's, and say nothing of anybody.
pub(crate) fn wipe(seen: &mut Vec<Occurrences>) {
    use zeroize::Zeroize;
    for known in seen.iter_mut() {
        known.event.zeroize();
        for (_, value) in known.each.iter_mut().flat_map(|one| one.fields.iter_mut()) {
            if let Scalar::Text(text) = value {
                text.zeroize();
            }
        }
    }
    seen.clear();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]

    use super::*;

    fn input(at: i64, fields: &str) -> Input {
        Input {
            at,
            event: Some("Order Completed".to_owned()),
            event_purposes: PurposeSet::NONE.with(PurposeName::Segment).0,
            fields: Some(fields.to_owned()),
            ..Input::default()
        }
    }

    fn all(kept: &[Occurred]) -> Vec<Occurrences> {
        seen(kept, |_, _| true)
    }

    #[test]
    fn what_is_kept_is_by_time_with_its_plain_fields() {
        let mut kept = Vec::new();
        fold(
            &mut kept,
            1,
            &input(20, r#"{"total":3.5,"gift":true,"products":[{"product_id":"a"}]}"#),
        );
        fold(&mut kept, 2, &input(10, r#"{"order_id":"x","total":1}"#));
        let found = all(&kept);
        assert_eq!(found.len(), 1);
        let times: Vec<i64> = found[0].each.iter().map(|one| one.at.0).collect();
        assert_eq!(times, [10, 20]);
        assert_eq!(
            found[0].each[0].fields[0],
            ("order_id".into(), Scalar::Text("x".to_owned()))
        );
        assert_eq!(found[0].each[1].fields.len(), 2, "a list is no plain field");
    }

    #[test]
    fn what_is_not_declared_for_segments_is_not_kept() {
        let mut kept = Vec::new();
        let other = Input {
            event_purposes: PurposeSet::NONE.with(PurposeName::Service).0,
            ..input(1, "{}")
        };
        fold(&mut kept, 1, &other);
        let intimate = Input {
            event_purposes: PurposeSet::NONE.with(PurposeName::Segment).0 | SPECIAL,
            ..input(1, "{}")
        };
        fold(&mut kept, 2, &intimate);
        assert!(kept.is_empty());
    }

    #[test]
    fn the_latest_stay_whatever_the_order_of_arrival() {
        let mut kept = Vec::new();
        for number in 0..(EACH_MAX as u64 + 50) {
            // The last come first.
            let at = 10_000 - number as i64;
            fold(&mut kept, number, &input(at, "{}"));
        }
        let found = all(&kept);
        assert_eq!(found[0].each.len(), EACH_MAX);
        assert_eq!(found[0].each.last().map(|one| one.at), Some(Moment(10_000)));
    }

    #[test]
    fn an_item_that_is_forgotten_is_forgotten_here_too() {
        let mut kept = Vec::new();
        fold(&mut kept, 1, &input(1, r#"{"product_id":"mug"}"#));
        fold(&mut kept, 2, &input(2, r#"{"product_id":"card"}"#));
        forget(&mut kept, "mug");
        assert_eq!(all(&kept)[0].each.len(), 1);
    }

    #[test]
    fn what_was_taken_over_can_be_given_back() {
        let (mut own, mut theirs) = (Vec::new(), Vec::new());
        fold(&mut own, 1, &input(1, r#"{"total":1}"#));
        fold(&mut theirs, 1, &input(2, r#"{"order_id":"x","total":2}"#));
        let visitor: Name = [3; 16].into();
        let before = all(&own);
        let taken = take(&theirs, visitor, Some);
        take_over(&mut own, &taken);
        let both = all(&own);
        assert_eq!(both[0].each.len(), 2);
        let total = |one: &Happened| one.fields.iter().find(|(name, _)| &**name == "total").cloned();
        assert_eq!(
            total(&both[0].each[1]),
            Some(("total".into(), Scalar::Number(2.0)))
        );
        give_back(&mut own, &visitor);
        assert_eq!(all(&own), before);
    }
}
