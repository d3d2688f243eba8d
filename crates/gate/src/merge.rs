//! A visitor with a history becomes part of a person who is known: what is taken over, and how it is given
//! back.
//!
//! What was known of the visitor is copied into the person's envelope; the visitor's own envelope stays
//! as it was, closed, and leads to the person. So for [`UNDO_DAYS`] days the two can be parted again: the
//! person gives back what they took, and the visitor is there as before. After that the copy is dropped.
//!
//! Nothing becomes permitted by it. The visitor's refusals are the person's from then on; what the
//! visitor did keeps only the purposes that the visitor permitted; and what the person refuses later
//! reaches the closed envelope too, so that no undoing brings a permission back.
//!
//! Pure. Deliberately does not know: keys, the charter, who asked for it.

use crate::envelope::{
    Act, Content, DailyCount, HISTORY_MAX, Input, MUTED_MAX, Proof, ProofRef, Seen, TRAITS_MAX, Terms, Trait,
};
use crate::keeping;
use crate::occurred::{self, Occurred};
use minicbor::{Decode, Encode};
use vocabulary::{AgeBracket, DAY_MS, Moment, PersonId, PurposeSet};

/// For so many days two people who were joined can be parted again.
pub const UNDO_DAYS: i64 = 30;
/// Visitors who may become part of one person.
pub(crate) const VISITORS_MAX: usize = 20;

/// A person's identity inside an envelope.
pub(crate) type Name = minicbor::bytes::ByteArray<16>;

/// What merging does to one of the two envelopes, as part of an input.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) enum Merging {
    /// The person takes over what was known of a visitor.
    #[n(0)]
    Took(#[n(0)] Box<Taken>),
    /// The person gives back what they took of that visitor.
    #[n(1)]
    GaveBack(#[n(0)] Name),
    /// The time to give it back is over: what was needed for it is dropped.
    #[n(2)]
    Kept(#[n(0)] Name),
    /// The visitor is part of a person from now on.
    #[n(3)]
    Went(#[n(0)] Into),
    /// The visitor is somebody of their own again.
    #[n(4)]
    CameBack,
    /// The visitor's own envelope is emptied: the person has it all.
    #[n(5)]
    Emptied,
}

/// What the terms say of merging.
#[derive(Clone, PartialEq, Default, Encode, Decode)]
pub(crate) struct Merges {
    /// Of a visitor: whose part they are.
    #[n(0)]
    pub(crate) into: Option<Into>,
    /// Of a person: the visitors who are part of them.
    #[n(1)]
    pub(crate) visitors: Vec<Name>,
}

/// Whose part a visitor is.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Into {
    #[n(0)]
    pub(crate) person: Name,
    #[n(1)]
    pub(crate) at: i64,
    /// Until when it can be undone, milliseconds; `None`: not any more.
    #[n(2)]
    pub(crate) until: Option<i64>,
}

/// What was taken over of a visitor.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Taken {
    #[n(0)]
    pub(crate) visitor: Name,
    #[n(1)]
    pub(crate) until: i64,
    #[n(2)]
    pub(crate) history: Vec<Seen>,
    #[n(3)]
    pub(crate) traits: Vec<Trait>,
    #[n(4)]
    pub(crate) counts: Vec<DailyCount>,
    #[n(5)]
    pub(crate) muted: Vec<String>,
    #[n(6)]
    pub(crate) occurred: Option<Vec<Occurred>>,
}

/// What is needed to give it back.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(crate) struct Note {
    #[n(0)]
    pub(crate) taken: Taken,
    /// The person's own, as it was, of what changed or had to make room.
    #[n(1)]
    pub(crate) history: Vec<Seen>,
    #[n(2)]
    pub(crate) traits: Vec<Trait>,
}

impl Terms {
    /// The person whose part this visitor is.
    pub(crate) fn part_of(&self) -> Option<PersonId> {
        let into = self.merges.as_ref()?.into.as_ref()?;
        Some(PersonId(*into.person))
    }

    /// When what is kept to undo a merge must go.
    pub(crate) fn undo_ends(&self) -> Option<Moment> {
        self.merges.as_ref()?.into.as_ref()?.until.map(Moment)
    }

    /// The visitors who are part of this person.
    pub(crate) fn visitors(&self) -> Vec<PersonId> {
        let merges = self.merges.iter().flat_map(|merges| &merges.visitors);
        merges.map(|name| PersonId(**name)).collect()
    }
}

/// What can be taken over of a visitor who permitted `permitted`, by a person with `own` content of whom
/// something may be kept for `held`.
///
/// What the visitor did with an item that the person has too is added up only where the visitor permitted
/// every purpose that the person's own is kept for: there is one number for both, and it must not tell
/// about the visitor where they did not permit it.
pub(crate) fn take(
    visitor: (PersonId, &Content),
    own: &Content,
    permitted: PurposeSet,
    held: PurposeSet,
    until: Moment,
) -> Taken {
    let (visitor, content) = visitor;
    let name: Name = visitor.0.into();
    let allowed = |purposes: u16| {
        let purposes = PurposeSet(purposes).and(permitted);
        (!purposes.and(held).is_empty()).then_some(purposes.0)
    };
    let fits = |known: Option<u16>, purposes: u16| known.is_none_or(|known| known & !purposes == 0);
    let history = content.history.iter().filter_map(|seen| {
        let purposes = allowed(seen.purposes)?;
        let known = own.history.iter().find(|known| known.item == seen.item);
        fits(known.map(|known| known.purposes), purposes).then(|| Seen {
            purposes,
            ..seen.clone()
        })
    });
    let traits = content.traits.iter().filter_map(|new| {
        let purposes = allowed(new.purposes)?;
        let known = own.traits.iter().find(|known| known.name == new.name);
        fits(known.map(|known| known.purposes), purposes).then(|| Trait {
            purposes,
            ..new.clone()
        })
    });
    let counts = content.counts.iter().filter_map(|count| {
        let purposes = allowed(count.purposes)?;
        let same = |known: &&DailyCount| known.day == count.day && known.event == count.event;
        let known = own.counts.iter().find(same);
        fits(known.map(|known| known.purposes), purposes).then(|| DailyCount {
            purposes,
            ..count.clone()
        })
    });
    let new = |item: &&String| !own.muted.contains(item);
    let room = MUTED_MAX.saturating_sub(own.muted.len());
    Taken {
        occurred: content
            .occurred
            .as_deref()
            .map(|theirs| occurred::take(theirs, name, allowed)),
        visitor: name,
        until: until.0,
        history: history.collect(),
        traits: traits.collect(),
        counts: counts.collect(),
        muted: content.muted.iter().filter(new).take(room).cloned().collect(),
    }
}

/// What of an input must reach the closed envelopes of the visitors too: whatever takes a permission or
/// data away, and nothing that gives one.
pub(crate) fn strict_part(input: &Input) -> Option<Input> {
    let act = input.act.clone().filter(|act| match act {
        Act::SayAge(bracket) => *bracket == AgeBracket::Minor as u8,
        // What is contested is contested by the person; a visitor is asked about nothing while closed.
        Act::Object(false) | Act::Restrict(false) | Act::Mute(_) | Act::Contest { .. } => false,
        // A visitor keeps what was their own contract, held to this one.
        Act::Contract(_) | Act::Prefer(_) => false,
        _ => true,
    });
    let strict = Input {
        at: input.at,
        received_at: input.received_at,
        source: input.source.clone(),
        choices: input.choices.iter().filter(|c| !c.given).cloned().collect(),
        gpc: input.gpc,
        age: input.age.filter(|age| *age == AgeBracket::Minor as u8),
        child_directed: input.child_directed,
        act,
        held_to: match &input.act {
            Some(Act::Contract(said)) => Some(said.as_ref().clone()),
            _ => input.held_to.clone(),
        },
        proof: (input.objects() == Some(true)).then(objection),
        ..Input::default()
    };
    let says = !strict.choices.is_empty()
        || strict.gpc
        || strict.age.is_some()
        || strict.child_directed
        || strict.act.is_some()
        || strict.held_to.is_some()
        || strict.proof.is_some();
    says.then_some(strict)
}

/// An objection to direct marketing, as part of an input; it gets its record when it is written.
pub(crate) fn objection() -> Proof {
    Proof {
        at: ProofRef {
            record: [0; 16].into(),
            notice: None,
        },
        evidence: None,
        objects: Some(true),
    }
}

/// The terms' half.
pub(crate) fn fold_terms(terms: &mut Terms, merging: &Merging) {
    let merges = terms.merges.get_or_insert_default();
    match merging {
        Merging::Took(taken) if !merges.visitors.contains(&taken.visitor) => {
            merges.visitors.push(taken.visitor);
        }
        Merging::Took(_) | Merging::Kept(_) => {}
        Merging::GaveBack(visitor) => merges.visitors.retain(|known| known != visitor),
        Merging::Went(into) => merges.into = Some(into.clone()),
        Merging::CameBack => merges.into = None,
        Merging::Emptied => {
            if let Some(into) = &mut merges.into {
                into.until = None;
            }
            terms.conversing = None;
        }
    }
    if *merges == Merges::default() {
        terms.merges = None;
    }
}

/// The content's half.
pub(crate) fn fold_content(content: &mut Content, merging: &Merging) {
    match merging {
        Merging::Took(taken) => take_over(content, taken),
        Merging::GaveBack(visitor) => {
            if let Some(note) = take_note(content, visitor) {
                give_back(content, &note);
            }
        }
        Merging::Kept(visitor) => drop(take_note(content, visitor)),
        Merging::Went(_) | Merging::CameBack => {}
        Merging::Emptied => {
            *content = Content {
                identifiers: std::mem::take(&mut content.identifiers),
                last_at: content.last_at,
                ..Content::default()
            };
        }
    }
}

/// Runs `keep` over the rows that are kept only to undo a merge: what goes from the envelope goes there too.
pub(crate) fn retain(
    content: &mut Content,
    seen: impl Fn(&Seen) -> bool,
    of_trait: impl Fn(&Trait) -> bool,
    count: impl Fn(&DailyCount) -> bool,
) {
    for note in content.merges.iter_mut().flatten() {
        note.taken.history.retain(&seen);
        note.history.retain(&seen);
        note.taken.traits.retain(&of_trait);
        note.traits.retain(&of_trait);
        note.taken.counts.retain(&count);
        note.taken.occurred = None;
    }
}

impl Note {
    /// When what is kept to undo a merge is past the retention that the dictionary declares.
    pub(crate) fn declared_ends(&self) -> impl Iterator<Item = i64> {
        let seen = self.taken.history.iter().chain(&self.history);
        let known = self.taken.traits.iter().chain(&self.traits);
        seen.flat_map(keeping::of_parts)
            .chain(known.map(keeping::of_known))
            .chain(self.taken.counts.iter().map(keeping::of_day))
    }
}

/// Hands over the rows of items that are kept only to undo a merge.
pub(crate) fn seen_mut(content: &mut Content) -> impl Iterator<Item = &mut Seen> {
    let notes = content.merges.iter_mut().flatten();
    notes.flat_map(|note| note.taken.history.iter_mut().chain(&mut note.history))
}

fn take_note(content: &mut Content, visitor: &Name) -> Option<Note> {
    let notes = content.merges.as_mut()?;
    let at = notes.iter().position(|note| note.taken.visitor == *visitor)?;
    let note = notes.remove(at);
    if notes.is_empty() {
        content.merges = None;
    }
    Some(note)
}

fn take_over(content: &mut Content, taken: &Taken) {
    let mut note = Note {
        taken: taken.clone(),
        history: Vec::new(),
        traits: Vec::new(),
    };
    for new in &taken.history {
        match content.history.iter_mut().find(|known| known.item == new.item) {
            Some(known) => {
                note.history.push(known.clone());
                known.viewed = known.viewed.saturating_add(new.viewed);
                known.added = known.added.saturating_add(new.added);
                known.bought = known.bought.saturating_add(new.bought);
                known.last_at = known.last_at.max(new.last_at);
                known.viewed_at = known.viewed_at.max(new.viewed_at);
                known.added_at = known.added_at.max(new.added_at);
                known.bought_at = known.bought_at.max(new.bought_at);
                // One number for both: it goes as soon as either must.
                known.viewed_keeps = keeping::shorter(known.viewed_keeps, new.viewed_keeps);
                known.added_keeps = keeping::shorter(known.added_keeps, new.added_keeps);
                known.bought_keeps = keeping::shorter(known.bought_keeps, new.bought_keeps);
            }
            None => content.history.push(new.clone()),
        }
    }
    // The oldest make room; the person's own of them come back with the visitor's going.
    content
        .history
        .sort_by(|a, b| (b.last_at, &a.item).cmp(&(a.last_at, &b.item)));
    while content.history.len() > HISTORY_MAX {
        let Some(oldest) = content.history.pop() else {
            break;
        };
        let theirs = taken.history.iter().any(|new| new.item == oldest.item);
        if !theirs {
            note.history.push(oldest);
        }
    }
    for new in &taken.traits {
        let room = content.traits.len() < TRAITS_MAX;
        match content.traits.iter_mut().find(|known| known.name == new.name) {
            Some(known) if (known.at, &known.value) <= (new.at, &new.value) => {
                note.traits.push(std::mem::replace(known, new.clone()));
            }
            Some(_) => {}
            None if room => content.traits.push(new.clone()),
            None => {}
        }
    }
    for new in &taken.counts {
        match find_count(content, new) {
            Some(known) => {
                known.count = known.count.saturating_add(new.count);
                known.keeps = keeping::shorter(known.keeps, new.keeps);
            }
            None => content.counts.push(new.clone()),
        }
    }
    content.muted.extend(taken.muted.iter().cloned());
    if let Some(theirs) = note.taken.occurred.take() {
        occurred::take_over(content.occurred.get_or_insert_default(), &theirs);
    }
    content.merges.get_or_insert_default().push(note);
}

/// What the person did themselves since then stays.
fn give_back(content: &mut Content, note: &Note) {
    for theirs in &note.taken.history {
        let own = note.history.iter().find(|own| own.item == theirs.item);
        let Some(at) = content.history.iter().position(|now| now.item == theirs.item) else {
            continue;
        };
        let Some(now) = content.history.get_mut(at) else {
            continue;
        };
        now.viewed = now.viewed.saturating_sub(theirs.viewed);
        now.added = now.added.saturating_sub(theirs.added);
        now.bought = now.bought.saturating_sub(theirs.bought);
        match own {
            Some(own) => part_times(now, own, theirs),
            None if (now.viewed, now.added, now.bought) == (0, 0, 0) => {
                content.history.swap_remove(at);
            }
            _ => {}
        }
    }
    for own in &note.history {
        let known = content.history.iter().any(|now| now.item == own.item);
        let theirs = note.taken.history.iter().any(|theirs| theirs.item == own.item);
        if !known && !theirs && content.history.len() < HISTORY_MAX {
            content.history.push(own.clone());
        }
    }
    for theirs in &note.taken.traits {
        let own = note.traits.iter().find(|own| own.name == theirs.name);
        match (content.traits.iter().position(|now| now == theirs), own) {
            (Some(at), Some(own)) => {
                if let Some(now) = content.traits.get_mut(at) {
                    *now = own.clone();
                }
            }
            (Some(at), None) => drop(content.traits.remove(at)),
            (None, _) => {}
        }
    }
    for theirs in &note.taken.counts {
        if let Some(now) = find_count(content, theirs) {
            now.count = now.count.saturating_sub(theirs.count);
        }
    }
    content.counts.retain(|count| count.count > 0);
    content.muted.retain(|item| !note.taken.muted.contains(item));
    content
        .occurred
        .iter_mut()
        .for_each(|kept| occurred::give_back(kept, &note.taken.visitor));
}

/// What the person did themselves since then is later than either.
fn part_times(now: &mut Seen, own: &Seen, theirs: &Seen) {
    if now.last_at == own.last_at.max(theirs.last_at) {
        now.last_at = own.last_at;
    }
    let part = |now: &mut Option<i64>, own: Option<i64>, theirs: Option<i64>| {
        if *now == own.max(theirs) {
            *now = own;
        }
    };
    part(&mut now.viewed_at, own.viewed_at, theirs.viewed_at);
    part(&mut now.added_at, own.added_at, theirs.added_at);
    part(&mut now.bought_at, own.bought_at, theirs.bought_at);
}

fn find_count<'c>(content: &'c mut Content, wanted: &DailyCount) -> Option<&'c mut DailyCount> {
    let same = |known: &&mut DailyCount| known.day == wanted.day && known.event == wanted.event;
    content.counts.iter_mut().find(same)
}

/// The last moment at which a merge made at `now` can be undone.
pub(crate) fn undo_until(now: Moment) -> Moment {
    now.plus(UNDO_DAYS * DAY_MS)
}

#[cfg(test)]
mod tests;
