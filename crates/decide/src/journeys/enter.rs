//! Entering: by an event, by a change of group, by the calendar; once, again after a while, or whenever
//! they are out.
//!
//! Deliberately does not know: what the steps do.

use super::draw::draw;
use super::{Fresh, Happens, InForce, LATE_MS, Left, PRESENT_MAX, Run, Stepping, calendar, matches};
use program::journey::{Again, Change, Entry, State};
use vocabulary::{Moment, Scalar};

impl Stepping<'_> {
    pub(super) fn enter_by_event(&mut self, fresh: &Fresh<'_>) {
        let now = self.situation.now;
        if now.0 - fresh.happened.at.0 > LATE_MS || fresh.happened.at.0 - now.0 > LATE_MS {
            return;
        }
        for found in self.situation.journeys.iter() {
            let Entry::Event { occurrence, key } = &found.journey.entry else {
                continue;
            };
            if !matches(occurrence, fresh) {
                continue;
            }
            let value = match key {
                None => None,
                // Without the field there is nothing to tell the run by.
                Some(field) => match key_of(fresh, field) {
                    Some(value) => Some(value),
                    None => continue,
                },
            };
            self.enter(found, value, fresh.happened.at.min(now));
        }
    }

    pub(super) fn enter_by_segment(&mut self) {
        let standings = self.situation.standings;
        for found in self.situation.journeys.iter() {
            let Entry::Segment { name, change } = &found.journey.entry else {
                continue;
            };
            let place = self.situation.plan.place(name);
            let turned = place.filter(|place| standings.turned.contains(place));
            let standing = turned.and_then(|place| standings.each.get(place));
            if standing.is_some_and(|s| s.truth.holds == (*change == Change::Enters)) {
                self.enter(found, None, self.situation.now);
            }
        }
    }

    /// At the recurring times that came since the last look. Who was never looked at before has not
    /// missed any.
    pub(super) fn enter_by_calendar(&mut self) {
        let now = self.situation.now;
        for found in self.situation.journeys.iter() {
            let looked_at = self.runs.looked_at.unwrap_or(now).max(found.since);
            let since = looked_at.max(Moment(now.0.saturating_sub(LATE_MS)));
            let Some(next) = self.next_time(found, since.min(now)) else {
                continue;
            };
            if next > now {
                self.due = self.due.min(next.0);
                continue;
            }
            self.enter(found, None, now);
            if let Some(next) = self.next_time(found, now) {
                self.due = self.due.min(next.0);
            }
        }
    }

    /// The first recurring time later than that; `None` for a journey that is not entered so, or not by
    /// this person.
    fn next_time(&self, found: &InForce, after: Moment) -> Option<Moment> {
        let known = self.situation.known;
        match &found.journey.entry {
            Entry::Schedule(at) => Some(calendar::recurs(at, known.zone, after)),
            Entry::Anniversary {
                name,
                days_before,
                at,
            } => {
                let value = known.traits.iter().find(|known| known.name == *name)?;
                let text: String = serde_json::from_str(&value.value).ok()?;
                let born = match text.parse::<jiff::civil::Date>() {
                    Ok(date) => date,
                    Err(_) => text
                        .parse::<jiff::Timestamp>()
                        .ok()?
                        .to_zoned(known.zone.clone())
                        .date(),
                };
                Some(calendar::comes_round(born, *days_before, *at, known.zone, after))
            }
            Entry::Event { .. } | Entry::Segment { .. } => None,
        }
    }

    fn enter(&mut self, found: &InForce, key: Option<String>, begun_at: Moment) {
        let (journey, now) = (&found.journey, self.situation.now);
        let is_in = |run: &Run| run.journey == journey.name && run.key == key;
        if journey.state != State::Running
            || !self.situation.permitted.contains(journey.purpose)
            || self.situation.silent_until.is_some_and(|until| until > now)
            || self.runs.present.len() >= PRESENT_MAX
            || self.runs.present.iter().any(is_in)
            || !self.may_again(found, key.as_deref())
            || !journey.who.as_ref().is_none_or(|who| self.holds(who))
            || journey.leave_when.as_ref().is_some_and(|when| self.holds(when))
        {
            return;
        }
        let drawn = draw(&self.situation.seed, &["holdout", journey.name.as_str()]);
        let held_out = drawn < journey.holdout;
        let first = journey.steps.first().map(|step| step.id.clone());
        let mut run = Run {
            journey: journey.name.clone(),
            key,
            entered_at: now,
            begun_at,
            at: first.filter(|_| !held_out),
            reached_at: now,
            moves: 0,
            reached_goal: false,
        };
        self.happens(&mut run, None, Happens::Entered { held_out });
        if held_out && journey.goal.is_none() {
            return self.end(run, Left::HeldOut);
        }
        self.runs.present.push(run);
    }

    fn may_again(&self, found: &InForce, key: Option<&str>) -> bool {
        let now = self.situation.now;
        let earlier = self
            .runs
            .past
            .iter()
            .filter(|past| past.journey == found.journey.name && past.key.as_deref() == key);
        let Some(last) = earlier.max_by_key(|past| past.left_at) else {
            return true;
        };
        // A run is told from another by when it was entered, and its effects with it.
        if last.entered_at >= now {
            return false;
        }
        match found.journey.again {
            Again::Never => false,
            Again::WhenOut => true,
            Again::After(span) => calendar::after(span, self.situation.known.zone, last.left_at) <= now,
        }
    }
}

/// The value of the field that tells runs apart.
pub(super) fn key_of(fresh: &Fresh<'_>, field: &str) -> Option<String> {
    let (_, value) = fresh.happened.fields.iter().find(|(name, _)| **name == *field)?;
    Some(match value {
        Scalar::Text(text) => text.clone(),
        Scalar::Number(number) => number.to_string(),
        Scalar::Bool(is) => is.to_string(),
    })
}
