//! The segments of a program made ready: in an order in which each comes after those it refers to, with
//! what each looks at, so that an input makes few of them be looked at again.
//!
//! Deliberately does not know: people.

#![allow(
    clippy::disallowed_types,
    reason = "one table is asked by key alone and never gone through: its order shows nowhere"
)]

use super::happened::Bounds;
use program::Segment;
use program::segment::{Did, Measure, Occurrence, Predicate};
use program::words::Name;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use vocabulary::{DAY_MS, Digest, Fnv, Needs};

/// Why segments cannot be made ready. A checked program has none of these faults.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// A segment that is not there.
    #[error("segment `{of}` refers to `{to}`, which is not there")]
    Unknown {
        /// Which refers.
        of: Name,
        /// To what.
        to: Name,
    },
    /// Segments that refer to each other in a ring.
    #[error("segment `{0}` refers to itself, perhaps through others; take one reference out")]
    Cycle(Name),
    /// Two of one name.
    #[error("there are two segments `{0}`")]
    Twice(Name),
}

/// Segments, ready to be evaluated.
pub struct Plan {
    pub(super) segments: Vec<Segment>,
    /// Where each stands.
    places: HashMap<Name, usize, BuildHasherDefault<Fnv>>,
    /// Which segments look at that event, trait or segment.
    by_event: BTreeMap<String, Vec<usize>>,
    by_trait: BTreeMap<String, Vec<usize>>,
    by_items: [(Did, Vec<usize>); 3],
    by_consents: Vec<usize>,
    pub(super) by_segment: Vec<Vec<usize>>,
    /// What each is defined as, with all it refers to.
    keys: Vec<u64>,
    digest: Digest,
    /// Nothing older is looked at, milliseconds: the purpose may not.
    pub(super) horizon: i64,
}

/// What changed of a person since they were last evaluated.
#[derive(Clone, Debug, Default)]
pub struct Changed<'a> {
    /// Everything, as far as anybody knows.
    pub all: bool,
    /// Events that happened.
    pub events: Vec<&'a str>,
    /// Traits that were set or removed.
    pub traits: Vec<&'a str>,
    /// Traits were set or removed, and it is not known which.
    pub any_trait: bool,
    /// Something was done with an item, and it is not known what.
    pub items: bool,
    /// What was done with an item.
    pub did: Vec<Did>,
    /// A choice was made, or ran out.
    pub consents: bool,
}

impl Plan {
    /// Makes segments ready. `digest` is the program's; `retention_days` how far back the purpose looks.
    pub fn new(segments: &[Segment], digest: Digest, retention_days: u32) -> Result<Plan, Error> {
        let mut plan = Plan {
            segments: in_order(segments)?,
            places: HashMap::default(),
            by_event: BTreeMap::new(),
            by_trait: BTreeMap::new(),
            by_items: [Did::Viewed, Did::Added, Did::Bought].map(|did| (did, Vec::new())),
            by_consents: Vec::new(),
            by_segment: vec![Vec::new(); segments.len()],
            keys: Vec::new(),
            digest,
            horizon: i64::from(retention_days) * DAY_MS,
        };
        for (place, segment) in plan.segments.iter().enumerate() {
            if plan.places.insert(segment.name.clone(), place).is_some() {
                return Err(Error::Twice(segment.name.clone()));
            }
        }
        let looks: Vec<Looks> = plan
            .segments
            .iter()
            .map(|segment| Looks::of(&segment.who))
            .collect();
        for (place, looks) in looks.into_iter().enumerate() {
            let key = plan.define(place, &looks);
            plan.keys.push(key);
            plan.note(place, looks);
        }
        Ok(plan)
    }

    fn note(&mut self, place: usize, looks: Looks) {
        for event in looks.events {
            push(self.by_event.entry(event).or_default(), place);
        }
        for name in looks.traits {
            push(self.by_trait.entry(name).or_default(), place);
        }
        for (did, places) in &mut self.by_items {
            if looks.did.contains(did) {
                places.push(place);
            }
        }
        if looks.consents {
            self.by_consents.push(place);
        }
        for name in looks.segments {
            let found = self.places.get(&name).copied();
            if let Some(looked_at) = found.and_then(|at| self.by_segment.get_mut(at)) {
                push(looked_at, place);
            }
        }
    }

    /// A number for what the segment is: another one as soon as it, or one it refers to, says otherwise.
    fn define(&self, place: usize, looks: &Looks) -> u64 {
        let of = self
            .segments
            .get(place)
            .map(|segment| (&segment.name, &segment.who));
        let mut text = format!("{of:?}");
        for name in &looks.segments {
            let key = self.place(name).and_then(|place| self.keys.get(place));
            text.push_str(&format!(" {key:?}"));
        }
        let digest = Digest::of(text.as_bytes());
        digest
            .0
            .first_chunk::<8>()
            .map_or(0, |first| u64::from_be_bytes(*first))
    }

    /// What that segment is defined as, as a number.
    pub fn key(&self, place: usize) -> u64 {
        self.keys.get(place).copied().unwrap_or_default()
    }

    /// How many segments there are.
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// What evaluating all of them looks at, and nothing else.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for segment in &self.segments {
            need(&segment.who, self.horizon, &mut needs);
        }
        needs
    }

    /// Where that segment stands.
    pub fn place(&self, name: &Name) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The segment that stands there.
    pub fn segment(&self, place: usize) -> Option<&Segment> {
        self.segments.get(place)
    }

    /// The program that the segments are of.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Marks the segments that look at what changed.
    pub(super) fn mark(&self, changed: &Changed<'_>, marks: &mut [bool]) {
        if changed.all {
            return marks.fill(true);
        }
        let events = changed
            .events
            .iter()
            .filter_map(|event| self.by_event.get(*event));
        let traits = changed.traits.iter().filter_map(|name| self.by_trait.get(*name));
        let any = changed.any_trait.then(|| self.by_trait.values());
        let did = |did: &Did| changed.items || changed.did.contains(did);
        let items = self
            .by_items
            .iter()
            .filter(|(one, _)| did(one))
            .map(|(_, places)| places);
        let consents = changed.consents.then_some(&self.by_consents);
        for place in events
            .chain(traits)
            .chain(any.into_iter().flatten())
            .chain(items)
            .chain(consents)
            .flatten()
        {
            if let Some(mark) = marks.get_mut(*place) {
                *mark = true;
            }
        }
    }
}

/// What a predicate looks at.
#[derive(Default)]
struct Looks {
    events: Vec<String>,
    traits: Vec<String>,
    segments: Vec<Name>,
    did: Vec<Did>,
    consents: bool,
}

impl Looks {
    fn of(predicate: &Predicate) -> Looks {
        let mut looks = Looks::default();
        looks.walk(predicate);
        looks
    }

    fn walk(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| self.walk(part)),
            Predicate::Not(part) => self.walk(part),
            Predicate::Trait(test) => self.traits.push(test.name.clone()),
            Predicate::Event(test) => self.events.push(test.occurrence.event.clone()),
            Predicate::Sequence(test) => {
                self.events
                    .extend(test.steps.iter().map(|step| step.event.clone()));
            }
            Predicate::Items(test) => self.did.push(test.did),
            Predicate::Consent(_) => self.consents = true,
            Predicate::Member(name) => self.segments.push(name.clone()),
        }
    }
}

fn need(predicate: &Predicate, horizon: i64, needs: &mut Needs) {
    let fields = |occurrence: &Occurrence| -> Vec<String> {
        occurrence.fields.iter().map(|test| test.field.clone()).collect()
    };
    let span = |window| Bounds::of(window, horizon).span();
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => {
            parts.iter().for_each(|part| need(part, horizon, needs));
        }
        Predicate::Not(part) => need(part, horizon, needs),
        Predicate::Trait(test) => {
            needs.traits.insert(test.name.clone());
        }
        Predicate::Event(test) => {
            let mut fields = fields(&test.occurrence);
            if let Measure::Sum(field) = &test.measure {
                fields.push(field.clone());
            }
            let fields = fields.iter().map(String::as_str);
            needs.event(&test.occurrence.event, span(test.window), fields);
        }
        Predicate::Sequence(test) => {
            for step in &test.steps {
                let fields = fields(step);
                needs.event(&step.event, span(test.window), fields.iter().map(String::as_str));
            }
        }
        Predicate::Items(test) => {
            let place = match test.did {
                Did::Viewed => 0,
                Did::Added => 1,
                Did::Bought => 2,
            };
            if let Some(needed) = needs.items.get_mut(place) {
                *needed = (*needed).max(Some(span(test.window)));
            }
        }
        // Choices are no part of the content; another segment says itself what it looks at.
        Predicate::Consent(_) | Predicate::Member(_) => {}
    }
}

fn push(places: &mut Vec<usize>, place: usize) {
    if places.last() != Some(&place) {
        places.push(place);
    }
}

/// Each segment after those it refers to.
fn in_order(segments: &[Segment]) -> Result<Vec<Segment>, Error> {
    let by_name: BTreeMap<&Name, &Segment> =
        segments.iter().map(|segment| (&segment.name, segment)).collect();
    let mut state = BTreeMap::new();
    let mut ordered = Vec::with_capacity(segments.len());
    for segment in segments {
        visit(segment, &by_name, &mut state, &mut ordered)?;
    }
    if ordered.len() < segments.len() {
        let twice =
            |segment: &&Segment| segments.iter().filter(|other| other.name == segment.name).count() > 1;
        if let Some(segment) = segments.iter().find(twice) {
            return Err(Error::Twice(segment.name.clone()));
        }
    }
    Ok(ordered)
}

/// Whether a segment is being visited (`false`) or done (`true`).
type Visited<'a> = BTreeMap<&'a Name, bool>;

fn visit<'a>(
    segment: &'a Segment,
    by_name: &BTreeMap<&'a Name, &'a Segment>,
    state: &mut Visited<'a>,
    ordered: &mut Vec<Segment>,
) -> Result<(), Error> {
    match state.get(&segment.name) {
        Some(true) => return Ok(()),
        Some(false) => return Err(Error::Cycle(segment.name.clone())),
        None => {}
    }
    state.insert(&segment.name, false);
    for name in Looks::of(&segment.who).segments {
        let other = by_name.get(&name).ok_or_else(|| Error::Unknown {
            of: segment.name.clone(),
            to: name.clone(),
        })?;
        visit(other, by_name, state, ordered)?;
    }
    state.insert(&segment.name, true);
    ordered.push(segment.clone());
    Ok(())
}
