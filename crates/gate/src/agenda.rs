//! Who is to be seen to: by automation because something changed or their moment has come, or by the outbox
//! because something of theirs is to leave. Memory knows the people it holds; the store knows the rest.
//!
//! Deliberately does not know: what is done with whom it names.

use crate::envelope::Content;
use crate::gate::{Gate, Shared};
use crate::hot::Slot;
use crate::{Unavailable, automation, outbox};
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use vocabulary::{DAY_MS, Moment, PersonId};

/// Moments further ahead than this are left to the store, which has them by then.
const AHEAD_MS: i64 = 2 * DAY_MS;

/// Who is to be seen to, as far as memory knows; the store knows the rest.
#[derive(Default)]
pub(crate) struct Agenda {
    /// Something about them changed.
    touched: HashSet<PersonId>,
    /// Their moment comes.
    due: BTreeSet<(Moment, PersonId)>,
    /// When all that memory knows was last written back: the store knows the moments further ahead.
    written_back: Option<Moment>,
}

/// What for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    /// Groups and journeys.
    Looks,
    /// What is to leave.
    Outbox,
}

impl What {
    fn due(self, shared: &Shared, content: &Content) -> Option<Moment> {
        match self {
            What::Looks => automation::due(content),
            What::Outbox => outbox::due_but(content, &shared.in_flight()),
        }
    }

    fn other(self) -> What {
        match self {
            What::Looks => What::Outbox,
            What::Outbox => What::Looks,
        }
    }
}

impl Gate {
    /// Who is to be seen to now, at most about `limit`; nobody twice.
    pub(crate) async fn called(
        &self,
        what: What,
        now: Moment,
        limit: usize,
    ) -> Result<Vec<PersonId>, Unavailable> {
        let written_back = lock(self.shared().agenda_of(what)).written_back;
        if written_back.is_none_or(|at| now.0.saturating_sub(at.0).abs() >= AHEAD_MS / 2) {
            self.write_back().await?;
            lock(self.shared().agenda_of(what)).written_back = Some(now);
        }
        let (mut people, stale) = self
            .blocking(move |gate| gate.on_agenda(what, now, limit))
            .await?;
        if stale > 0 && people.len() < limit {
            // Rows that memory is ahead of hide those behind them.
            self.write_back().await?;
            let (more, _) = self
                .blocking(move |gate| gate.on_agenda(what, now, limit))
                .await?;
            let known: HashSet<PersonId> = people.iter().copied().collect();
            people.extend(more.into_iter().filter(|person| !known.contains(person)));
        }
        Ok(people)
    }

    pub(crate) fn note_due(&self, what: What, person: PersonId, due: Option<Moment>, now: Moment) {
        if let Some(due) = due.filter(|due| due.0 <= now.0.saturating_add(AHEAD_MS)) {
            lock(self.shared().agenda_of(what)).due.insert((due, person));
        }
    }

    /// Who is to be seen to, and how many rows of the store say so that memory knows better of.
    fn on_agenda(
        &self,
        what: What,
        now: Moment,
        limit: usize,
    ) -> Result<(Vec<PersonId>, usize), Unavailable> {
        let shared = self.shared();
        let mut people: BTreeSet<PersonId> = BTreeSet::new();
        let mut came_due = Vec::new();
        {
            let mut agenda = lock(shared.agenda_of(what));
            let touched: Vec<PersonId> = agenda.touched.iter().copied().take(limit).collect();
            for person in touched {
                agenda.touched.remove(&person);
                people.insert(person);
            }
            while people.len() + came_due.len() < limit {
                match agenda.due.first().copied() {
                    Some((due, person)) if due <= now => {
                        agenda.due.pop_first();
                        came_due.push(person);
                    }
                    _ => break,
                }
            }
        }
        let known_due = |what: What, person: PersonId| {
            let due = |slot: &mut Slot| Ok::<_, Unavailable>(what.due(shared, slot.content(person)?));
            shared.hot.peek(person, due).transpose()
        };
        for person in came_due {
            // What was to come may have been put off, or given up, since it was noted.
            if !matches!(known_due(what, person)?, Some(due) if due.is_none_or(|due| due > now)) {
                people.insert(person);
            }
        }
        let mut stale = 0;
        let mut elsewhere = Vec::new();
        for person in shared.shelf.due(now, limit)? {
            match known_due(what, person)? {
                Some(due) if due.is_none_or(|due| due > now) => {
                    let other = known_due(what.other(), person)?.flatten();
                    // Due for the other: the row is right.
                    stale += usize::from(other.is_none_or(|due| due > now));
                }
                None => elsewhere.push(person),
                _ if people.len() < limit => drop(people.insert(person)),
                _ => {}
            }
        }
        // A row says one moment for both. Of whom memory knows nothing, what is due for the other only would be named
        // here again and again.
        self.each_slot(&elsewhere, |person, slot| {
            let content = slot.content(person)?;
            let is_due = |what: What| what.due(shared, content).is_some_and(|due| due <= now);
            if people.len() < limit && (is_due(what) || !is_due(what.other())) {
                people.insert(person);
            }
            Ok(())
        })?;
        // Of whom nothing is due but the end of an undoing, the permits will say so.
        Ok((people.into_iter().collect(), stale))
    }
}

impl Shared {
    /// After a start: of these the store's rows say less than is known, and nobody remembers who of them
    /// was seen to.
    pub(crate) fn all_touched(&self, people: impl Iterator<Item = PersonId>) {
        let people: Vec<PersonId> = people.collect();
        lock(&self.outgoing).touched.extend(people.iter().copied());
        lock(&self.agenda).touched.extend(people);
    }

    /// These are to be looked at again.
    pub(crate) fn looked_again(&self, people: impl Iterator<Item = PersonId>) {
        lock(&self.agenda).touched.extend(people);
    }

    /// Somebody is to be looked at, if automation is on.
    pub(crate) fn touched(&self, person: PersonId) {
        if self.automates.load(Ordering::Acquire) {
            lock(&self.agenda).touched.insert(person);
        }
    }

    /// Something of somebody may be to leave.
    pub(crate) fn leaves(&self, person: PersonId) {
        lock(&self.outgoing).touched.insert(person);
    }

    fn agenda_of(&self, what: What) -> &Mutex<Agenda> {
        match what {
            What::Looks => &self.agenda,
            What::Outbox => &self.outgoing,
        }
    }

    /// What is being handed over at this moment.
    pub(crate) fn in_flight(&self) -> MutexGuard<'_, HashSet<[u8; 16]>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock(agenda: &Mutex<Agenda>) -> MutexGuard<'_, Agenda> {
    agenda.lock().unwrap_or_else(PoisonError::into_inner)
}
