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
use store::Due;
use vocabulary::{DAY_MS, Moment, PersonId};

/// Moments further ahead than this are left to the store, which has them by then.
const AHEAD_MS: i64 = 2 * DAY_MS;
/// Rows of the store that are read at once, at least.
const ROWS: usize = 500;
/// Rows that one call goes through at most, of those who are not to be seen to after all.
const PASSED: usize = 10_000;

/// Who is to be seen to, as far as memory knows; the store knows the rest.
#[derive(Default)]
pub(crate) struct Agenda {
    /// Something about them changed.
    touched: HashSet<PersonId>,
    /// Their moment comes.
    due: BTreeSet<(Moment, PersonId)>,
    /// When all that memory knows was last written back: the store knows the moments further ahead.
    written_back: Option<Moment>,
    /// How far the store's rows were read: the next call goes on from there, so that rows of which memory knows
    /// better hide nobody behind them. `None`: from the soonest.
    after: Option<(Moment, PersonId)>,
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

    /// The moment of a row.
    fn row(self) -> Due {
        match self {
            What::Looks => Due::Scheduler,
            What::Outbox => Due::Leaving,
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
        self.blocking(move |gate| gate.on_agenda(what, now, limit)).await
    }

    pub(crate) fn note_due(&self, what: What, person: PersonId, due: Option<Moment>, now: Moment) {
        if let Some(due) = due.filter(|due| due.0 <= now.0.saturating_add(AHEAD_MS)) {
            lock(self.shared().agenda_of(what)).due.insert((due, person));
        }
    }

    /// Who is to be seen to: those memory knows of, then those whose rows say so.
    fn on_agenda(&self, what: What, now: Moment, limit: usize) -> Result<Vec<PersonId>, Unavailable> {
        let shared = self.shared();
        let mut people: BTreeSet<PersonId> = BTreeSet::new();
        let mut came_due = Vec::new();
        let mut after = {
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
            agenda.after
        };
        for person in came_due {
            // What was to come may have been put off, or given up, since it was noted.
            if !matches!(self.known_due(what, person)?, Some(due) if due.is_none_or(|due| due > now)) {
                people.insert(person);
            }
        }
        let (mut passed, mut began) = (0, after.is_none());
        while people.len() < limit && passed < PASSED {
            let page = limit.max(ROWS);
            let rows = shared.shelf.due_after(what.row(), now, after, page)?;
            let read = self.of_rows(what, now, limit, &rows, &mut people)?;
            passed += read;
            // All were read: from the soonest again, at once if this call did not begin there.
            let all = read == rows.len() && rows.len() < page;
            after = match all {
                true => None,
                false => rows.get(read.saturating_sub(1)).copied().or(after),
            };
            if all && std::mem::replace(&mut began, true) {
                break;
            }
        }
        lock(shared.agenda_of(what)).after = after;
        // Of whom nothing is due but the end of an undoing, the permits will say so.
        Ok(people.into_iter().collect())
    }

    /// Those of these rows who are to be seen to, until there are enough. Answers how many rows were read.
    fn of_rows(
        &self,
        what: What,
        now: Moment,
        limit: usize,
        rows: &[(Moment, PersonId)],
        people: &mut BTreeSet<PersonId>,
    ) -> Result<usize, Unavailable> {
        let mut read = 0;
        while let Some(rest) = rows
            .get(read..)
            .filter(|rest| !rest.is_empty() && people.len() < limit)
        {
            let some = rest.get(..limit - people.len()).unwrap_or(rest);
            read += some.len();
            let mut elsewhere = Vec::new();
            for (_, person) in some {
                match self.known_due(what, *person)? {
                    Some(due) => people.extend(due.filter(|due| *due <= now).map(|_| *person)),
                    None => elsewhere.push(*person),
                }
            }
            // Of whom memory knows nothing: the row may be of before there was a moment for each.
            self.each_slot(&elsewhere, |person, slot| {
                let due = what.due(self.shared(), slot.content(person)?);
                people.extend(due.filter(|due| *due <= now).map(|_| person));
                Ok(())
            })?;
        }
        Ok(read)
    }

    /// When somebody in memory is due. `None`: memory does not know them.
    fn known_due(&self, what: What, person: PersonId) -> Result<Option<Option<Moment>>, Unavailable> {
        let shared = self.shared();
        let due = |slot: &mut Slot| Ok::<_, Unavailable>(what.due(shared, slot.content(person)?));
        shared.hot.peek(person, due).transpose()
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
