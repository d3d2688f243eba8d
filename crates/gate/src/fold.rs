//! Folding an input into an envelope: a pure function, so that after a crash the same events give
//! the same envelope.
//!
//! Deliberately does not know: keys, the charter, the dictionary. What the person's choices forbid
//! was taken out of the input before it got here.

use crate::contribution::Counting;
use crate::envelope::{
    Act, COUNTS_MAX, Choice, Consent, Content, DailyCount, HISTORY_MAX, Input, MUTED_MAX, OwnAge,
    REFUSED_TRAITS_MAX, Seen, SoftOptIn, TRAITS_MAX, Terms, Touch, Trait, preferred, talk, wishes,
};
use crate::{automation, keeping, merge, occurred, outbox};
use vocabulary::{AgeBracket, ConsentState, DAY_MS, Moment, PurposeName, PurposeSet};

/// By how much a clock may have been set back between two choices.
const SET_BACK_MS: i64 = DAY_MS;

/// The first half: what the input does to the terms. Cheap, and all the charter needs to judge
/// the rest of the same input.
pub(crate) fn fold_terms(terms: &mut Terms, input: &Input) {
    let before = terms.clone();
    terms.identified |= input.identified;
    if let Some(age) = input.age {
        said_age(terms, age, input.at);
    }
    terms.child_directed |= input.child_directed;
    terms.identifiers = terms.identifiers.saturating_add(input.identifiers.len() as u16);
    if input.gpc {
        terms.gpc_at = Some(terms.gpc_at.unwrap_or(i64::MIN).max(input.at));
    }
    if let Some(merging) = &input.merging {
        merge::fold_terms(terms, merging);
    }
    if let Some(counting) = &input.counting {
        terms.counted = matches!(counting, Counting::In(_)).then_some(true);
    }
    for choice in &input.choices {
        choose(terms, choice, input);
    }
    if let Some(new) = &input.soft_opt_in {
        rely_on(&mut terms.soft_opt_in, new);
    }
    if let Some(objects) = input.objects() {
        terms.objected_marketing = objects;
    }
    if let Some(reached) = &input.reached {
        terms.reached = Some(reached.clone());
    }
    match &input.act {
        Some(Act::Object(objects)) => terms.objected = *objects,
        Some(Act::Restrict(restricts)) => terms.restricted = *restricts,
        Some(Act::RemoveTrait { name }) if !terms.refuses_trait(name) => {
            let refused = terms.refused_traits.get_or_insert_default();
            if refused.len() < REFUSED_TRAITS_MAX {
                refused.push(name.clone());
            }
        }
        Some(Act::Correct { name, .. }) if terms.refuses_trait(name) => {
            terms
                .refused_traits
                .get_or_insert_default()
                .retain(|refused| refused != name);
        }
        Some(Act::SayAge(bracket)) => {
            let said = *bracket != AgeBracket::Unknown as u8;
            terms.own_age = said.then_some(OwnAge {
                bracket: *bracket,
                at: input.at,
            });
        }
        Some(Act::Contest { purposes, open }) => {
            let known = terms.contested.unwrap_or_default();
            let now = if *open {
                known | purposes
            } else {
                known & !purposes
            };
            terms.contested = (now != 0).then_some(now);
        }
        _ => {}
    }
    outbox::fold_terms(terms, input);
    wishes::fold(terms, input);
    preferred::fold(terms, input);
    talk::fold_terms(terms, input);
    if *terms != before {
        terms.version = before.version + 1;
    }
}

/// The latest sale of a channel stands.
fn rely_on(known: &mut Vec<SoftOptIn>, new: &SoftOptIn) {
    let new = SoftOptIn {
        facts: None,
        ..new.clone()
    };
    match known.iter_mut().find(|k| k.purpose == new.purpose) {
        Some(k) if k.sold_at >= new.sold_at => {}
        Some(k) => *k = new,
        None => known.push(new),
    }
}

/// The latest word about an age stands; of two of one moment the one that protects more.
fn said_age(terms: &mut Terms, age: u8, at: i64) {
    let minor = age == AgeBracket::Minor as u8;
    match terms.age_at {
        Some(known) if known > at || (known == at && !minor) => {}
        _ => (terms.age, terms.age_at) = (age, Some(at)),
    }
}

/// The second half: what the input does to the content, under the terms that hold after it.
pub(crate) fn fold_content(terms: &Terms, content: &mut Content, input: &Input) {
    let sweeps = input.sweeps == Some(true);
    // What we send is no sign of the person's.
    if !sweeps && input.turn.is_none() {
        content.last_at = content.last_at.max(input.at);
    }
    for identifier in &input.identifiers {
        if !content.identifiers.contains(identifier) {
            content.identifiers.push(identifier.clone());
        }
    }
    for touch in &input.touches {
        fold_touch(&mut content.history, touch, input);
    }
    for new in &input.traits {
        fold_trait(&mut content.traits, new);
    }
    if let Some(event) = &input.event {
        count(&mut content.counts, event, input);
        let number = content.arrivals.unwrap_or(0).saturating_add(1);
        content.arrivals = Some(number);
        occurred::fold(content.occurred.get_or_insert_default(), number, input);
    }
    automation::fold(content, input);
    talk::fold_content(terms, content, input);
    match &input.act {
        Some(Act::Forget(item)) => {
            content.history.retain(|seen| seen.item != *item);
            content
                .occurred
                .iter_mut()
                .for_each(|kept| occurred::forget(kept, item));
            merge::retain(content, |seen| seen.item != *item, |_| true, |_| true);
        }
        Some(Act::Mute(item)) if !content.muted.contains(item) && content.muted.len() < MUTED_MAX => {
            content.muted.push(item.clone());
        }
        Some(Act::Unmute(item)) => content.muted.retain(|muted| muted != item),
        Some(Act::RemoveTrait { name }) => {
            content.traits.retain(|known| known.name != *name);
            merge::retain(content, |_| true, |known| known.name != *name, |_| true);
        }
        Some(Act::Correct { name, value }) => {
            correct(terms, &mut content.traits, name, value, input);
            merge::retain(content, |_| true, |known| known.name != *name, |_| true);
        }
        _ => {}
    }
    if let Some(merging) = &input.merging {
        merge::fold_content(content, merging);
    }
    match &input.counting {
        Some(Counting::In(contributions)) => content.contributions = Some(contributions.clone()),
        Some(Counting::Out) => content.contributions = None,
        None => {}
    }
    let now = Moment(input.received_at);
    let refuses = input.choices.iter().any(|c| !c.given) || input.objects() == Some(true);
    if refuses || terms.has_expired(now) {
        drop_unheld(terms, content, now);
    }
    if sweeps {
        keeping::drop_ended(terms, content, now);
    }
    outbox::fold(terms, content, input);
}

/// One choice, against what is remembered. What stands in the end does not depend on the order of
/// arrival: an explicit refusal always counts, and from the moment it reaches us, so that no slow
/// clock can lose it; a stamped one counts unless a later explicit permission is known; a permission
/// counts only if it is an act of its own, made later than the refusal it ends. A preference merely stamped on
/// an event never ends a refusal, however late the refusal arrives.
///
/// An explicit refusal that repeats another moves its time on, so that no permission from between
/// the two can end it. A stamped one does not: it would write down when somebody who refused came by.
fn choose(terms: &mut Terms, choice: &Choice, input: &Input) {
    let known = terms.consents.iter().position(|c| c.purpose == choice.purpose);
    let (state, since, explicit_at) = match known.and_then(|i| terms.consents.get(i)) {
        Some(c) => (
            ConsentState::ALL
                .get(usize::from(c.state))
                .copied()
                .unwrap_or_default(),
            c.at,
            c.explicit_at,
        ),
        None => (ConsentState::Unknown, i64::MIN, None),
    };
    let at = match (choice.given, choice.explicit) {
        // Nor can a clock that was set back: a refusal is made after what it refuses. One that is off by
        // more is not followed, or nobody could permit anything until it has caught up.
        (false, true) => {
            let at = input.at.max(input.received_at);
            at.max(since.min(at.saturating_add(SET_BACK_MS)))
        }
        _ => input.at,
    };
    let asked = matches!(
        state,
        ConsentState::Unknown | ConsentState::Requested | ConsentState::RequestDeferred
    );
    let later = choice.explicit && at > since;
    let next = match (choice.given, state.is_valid()) {
        (false, _) if !choice.explicit && explicit_at.is_some_and(|permitted| at < permitted) => return,
        (false, true) => ConsentState::Withdrawn,
        (false, false) if asked => ConsentState::Refused,
        (false, false) if later => state,
        (true, true) if choice.explicit && explicit_at.is_none_or(|permitted| at > permitted) => {
            ConsentState::Renewed
        }
        (true, false) if asked || later => ConsentState::Given,
        _ => return,
    };
    let entry = Consent {
        purpose: choice.purpose,
        state: next as u8,
        at,
        source: input.source.clone(),
        expires_at: choice.expires_at.filter(|_| choice.given),
        explicit_at: (choice.given && choice.explicit).then_some(at),
        proof: input.proof.as_ref().map(|proof| proof.at.clone()),
    };
    match known.and_then(|i| terms.consents.get_mut(i)) {
        Some(slot) => *slot = entry,
        None => terms.consents.push(entry),
    }
}

fn fold_touch(history: &mut Vec<Seen>, touch: &Touch, input: &Input) {
    let position = match history.iter().position(|seen| seen.item == touch.item) {
        Some(position) => position,
        None => {
            if history.len() >= HISTORY_MAX {
                let oldest = history
                    .iter()
                    .enumerate()
                    .min_by(|(_, a), (_, b)| (a.last_at, &a.item).cmp(&(b.last_at, &b.item)))
                    .map(|(i, _)| i);
                if let Some(oldest) = oldest {
                    history.swap_remove(oldest);
                }
            }
            history.push(Seen {
                item: touch.item.clone(),
                viewed: 0,
                added: 0,
                bought: 0,
                last_at: i64::MIN,
                purposes: 0,
                source: input.source.clone(),
                viewed_at: None,
                added_at: None,
                bought_at: None,
                viewed_keeps: None,
                added_keeps: None,
                bought_keeps: None,
            });
            history.len() - 1
        }
    };
    if let Some(seen) = history.get_mut(position) {
        let (count, last, keeps) = match touch.what {
            0 => (&mut seen.viewed, &mut seen.viewed_at, &mut seen.viewed_keeps),
            1 => (&mut seen.added, &mut seen.added_at, &mut seen.added_keeps),
            _ => (&mut seen.bought, &mut seen.bought_at, &mut seen.bought_keeps),
        };
        // What is over and not yet taken out is not counted on.
        if last.is_some_and(|last| keeping::end(last, *keeps) <= input.received_at) {
            (*count, *last) = (0, None);
        }
        *count = count.saturating_add(1);
        if last.is_none_or(|last| last <= input.at) {
            (*last, *keeps) = (Some(input.at), input.keeps);
        }
        seen.last_at = seen.last_at.max(input.at);
        seen.purposes |= touch.purposes;
    }
}

/// The person's own word. What stood there before is remembered as an error, so that a source that
/// goes on sending it does not bring it back. A trait that was not known is kept only if a purpose
/// holds it.
fn correct(terms: &Terms, traits: &mut Vec<Trait>, name: &str, value: &str, input: &Input) {
    let corrected = Trait {
        name: name.to_owned(),
        value: value.to_owned(),
        at: input.at.max(input.received_at),
        source: input.source.clone(),
        purposes: input.correction.unwrap_or_default(),
        mistaken: None,
        keeps: input.keeps,
    };
    if let Some(known) = traits.iter_mut().find(|known| known.name == name) {
        let mistaken = match known.value == corrected.value {
            true => known.mistaken.take(),
            false => Some(std::mem::take(&mut known.value)),
        };
        *known = Trait {
            purposes: corrected.purposes | known.purposes,
            mistaken,
            ..corrected
        };
        return;
    }
    let held = terms.holds(corrected.purposes, Moment(input.received_at));
    if held && traits.len() < TRAITS_MAX {
        traits.push(corrected);
    }
}

/// The value with the latest time stands, whatever the order of arrival; the error that the person
/// corrected never does again.
fn fold_trait(traits: &mut Vec<Trait>, new: &Trait) {
    if let Some(known) = traits.iter_mut().find(|known| known.name == new.name) {
        let error = known.mistaken.as_ref() == Some(&new.value);
        if !error && (known.at, &known.value) <= (new.at, &new.value) {
            let mistaken = known.mistaken.take();
            *known = Trait {
                mistaken,
                ..new.clone()
            };
        }
    } else if traits.len() < TRAITS_MAX {
        traits.push(new.clone());
    }
}

fn count(counts: &mut Vec<DailyCount>, event: &str, input: &Input) {
    let day = Moment(input.at).day().0;
    if let Some(known) = counts.iter_mut().find(|c| c.day == day && c.event == event) {
        known.count = known.count.saturating_add(1);
        known.purposes |= input.event_purposes;
        known.keeps = keeping::shorter(known.keeps, input.keeps);
        return;
    }
    if counts.len() >= COUNTS_MAX {
        let oldest = counts
            .iter()
            .enumerate()
            .min_by_key(|(_, c)| c.day)
            .map(|(i, c)| (i, c.day));
        match oldest {
            Some((i, oldest_day)) if oldest_day <= day => drop(counts.swap_remove(i)),
            _ => return,
        }
    }
    counts.push(DailyCount {
        event: event.to_owned(),
        day,
        count: 1,
        purposes: input.event_purposes,
        keeps: input.keeps,
    });
}

/// Removes what no purpose holds any more.
fn drop_unheld(terms: &Terms, content: &mut Content, now: Moment) {
    let held = |purposes: u16| terms.holds(purposes, now);
    content.history.retain(|seen| held(seen.purposes));
    content.traits.retain(|t| held(t.purposes));
    content.counts.retain(|c| held(c.purposes));
    content
        .occurred
        .iter_mut()
        .for_each(|kept| occurred::retain(kept, |purposes, _, _| held(purposes)));
    if !held(PurposeSet::NONE.with(PurposeName::Segment).0) {
        content.automation = None;
        content.unlooked = None;
    }
    merge::retain(
        content,
        |seen| held(seen.purposes),
        |t| held(t.purposes),
        |c| held(c.purposes),
    );
}
