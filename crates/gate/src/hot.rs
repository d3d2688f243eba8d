//! People in memory: the envelopes in use, ahead of the store by what the writer has not written
//! back yet. Terms are decoded when a person is loaded; content stays sealed until it is needed.
//!
//! Deliberately does not know: who may see anything. Private to this crate.

use crate::charter::{Charter, Question, Requester};
use crate::envelope::{self, Content, Terms};
use crate::keys::{Keyring, PersonKey};
use crate::seal::{Place, Table};
use crate::{Allowed, Unavailable, automation, keeping, outbox};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{PersonRow, Seq, Shelf};
use vocabulary::{ConsentState, Moment, PersonId, PurposeName, PurposeSet, Sealed, Signals};

const STRIPES: usize = 64;

/// The content of an envelope: sealed as it came from the store, or open.
pub(crate) enum Part {
    Closed(Sealed),
    Open(Box<Content>),
}

/// What the charter allows a person's data to be used for, as long as nothing changes.
struct Judged {
    terms_version: u64,
    signals: Signals,
    until: Moment,
    allowed: Arc<Allowed>,
}

/// One person in memory.
pub(crate) struct Slot {
    pub(crate) key: Arc<PersonKey>,
    pub(crate) terms: Arc<Terms>,
    pub(crate) content: Part,
    /// Inputs folded in; all of them durable.
    pub(crate) version: u64,
    /// Version of the row in the store, 0 if there is none.
    pub(crate) stored_version: u64,
    /// Head of the person's chain of events.
    pub(crate) last_seq: Seq,
    /// Oldest event that the stored row does not have.
    pub(crate) dirty_since: Option<Seq>,
    judged: Vec<Judged>,
    used: u64,
}

impl Slot {
    /// A person who is new: nothing stored but the key.
    pub(crate) fn new(key: Arc<PersonKey>) -> Slot {
        Slot {
            key,
            terms: Arc::default(),
            content: Part::Open(Box::default()),
            version: 0,
            stored_version: 0,
            last_seq: 0,
            dirty_since: None,
            judged: Vec::new(),
            used: 0,
        }
    }

    /// The content, opened if it was still sealed.
    pub(crate) fn content(&mut self, person: PersonId) -> Result<&mut Content, Unavailable> {
        if let Part::Closed(sealed) = &self.content {
            let place = Place {
                table: Table::Content,
                person,
                version: self.stored_version,
            };
            let bytes = self.key.0.open(place, sealed)?;
            self.content = Part::Open(Box::new(envelope::decode(&bytes)?));
        }
        match &mut self.content {
            Part::Open(content) => Ok(content),
            Part::Closed(_) => Err(Unavailable::Stopped),
        }
    }

    /// The row as it should be stored, sealed for its version.
    pub(crate) fn row(&mut self, person: PersonId) -> Result<PersonRow, Unavailable> {
        let version = self.version;
        let held = Arc::clone(&self.terms);
        let terms = envelope::encode(held.as_ref());
        let open = self.content(person)?;
        let (content, ends, looks, leaves) = (
            envelope::encode(open),
            keeping::ends(&held, open),
            automation::due(open),
            outbox::due(open),
        );
        let seal = |table, plain: &[u8]| {
            self.key.0.seal(
                Place {
                    table,
                    person,
                    version,
                },
                plain,
            )
        };
        Ok(PersonRow {
            person,
            version,
            last_seq: self.last_seq,
            next_due: held.undo_ends().into_iter().chain(ends).chain(looks).min(),
            next_leave: leaves,
            terms: seal(Table::Terms, &terms)?,
            content: seal(Table::Content, &content)?,
        })
    }

    /// What the charter allows, decided once per (terms, signals) and remembered.
    pub(crate) fn allowed(&mut self, charter: &Charter, signals: Signals, now: Moment) -> Arc<Allowed> {
        let version = self.terms.version;
        let fits = |j: &&Judged| j.terms_version == version && j.signals == signals && now < j.until;
        if let Some(judged) = self.judged.iter().find(fits) {
            return Arc::clone(&judged.allowed);
        }
        let allowed = Arc::new(judge(charter, &self.terms, signals, now));
        self.judged
            .retain(|j| j.terms_version == version && j.signals != signals);
        self.judged.push(Judged {
            terms_version: version,
            signals,
            until: self.terms.next_expiry(now),
            allowed: Arc::clone(&allowed),
        });
        allowed
    }
}

/// Asks the charter about every purpose, for the system and not on behalf of the person.
pub(crate) fn judge(charter: &Charter, terms: &Terms, signals: Signals, now: Moment) -> Allowed {
    charter.allowed_each(|purpose| question(terms, purpose, signals, Requester::System, now))
}

/// The purposes for which the charter lets data of a special category be used.
pub(crate) fn judge_special(charter: &Charter, terms: &Terms, signals: Signals, now: Moment) -> PurposeSet {
    let special = |purpose| Question {
        special: true,
        // Art. 9 wants a consent that says so.
        consent: terms.consent(purpose, now),
        ..question(terms, purpose, signals, Requester::System, now)
    };
    charter.allowed_each(special).purposes
}

/// The facts of a person as the charter wants them.
pub(crate) fn question(
    terms: &Terms,
    purpose: PurposeName,
    signals: Signals,
    requester: Requester,
    now: Moment,
) -> Question {
    Question {
        purpose,
        // Whoever talks to the team has asked to be helped: for as long as they do, and for nothing else.
        consent: match purpose {
            PurposeName::HumanHelp if terms.conversing() => ConsentState::Given,
            _ => terms.consent(purpose, now),
        },
        identified: terms.identified,
        // What was a visitor's own is the person's now; the closed envelope is stored and no more.
        restricted: terms.restricted || terms.part_of().is_some(),
        objected: terms.objected,
        objected_marketing: terms.objected_marketing,
        soft_opt_in: terms.has_soft_opt_in(purpose, now),
        age: terms.age(),
        signals: Signals {
            gpc: signals.gpc || terms.gpc_stands(purpose),
            child_directed: signals.child_directed || terms.child_directed,
        },
        // What is special was found at intake, where the charter was asked about it ([`judge_special`]): it
        // is kept for `service` and `human_help` alone, so no other view can contain any.
        special: false,
        under_review: terms.contests(purpose),
        requester,
    }
}

/// All people in memory, in stripes so that readers and the writer seldom meet.
pub(crate) struct Hot {
    /// The first `STRIPES - 1`.
    stripes: Vec<Mutex<HashMap<PersonId, Slot>>>,
    last: Mutex<HashMap<PersonId, Slot>>,
    capacity: usize,
    clock: AtomicU64,
}

impl Hot {
    /// Room for about `capacity` clean envelopes.
    pub(crate) fn new(capacity: usize) -> Hot {
        Hot {
            stripes: (1..STRIPES).map(|_| Mutex::default()).collect(),
            last: Mutex::default(),
            capacity: (capacity / STRIPES).max(1),
            clock: AtomicU64::new(0),
        }
    }

    fn stripe(&self, person: PersonId) -> MutexGuard<'_, HashMap<PersonId, Slot>> {
        let index = usize::from(person.shard()) % STRIPES;
        self.stripes
            .get(index)
            .unwrap_or(&self.last)
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on the person's slot, loading it if it is not in memory. `None` if there is no
    /// such person.
    pub(crate) fn with<T>(
        &self,
        person: PersonId,
        shelf: &dyn Shelf,
        keyring: &Keyring,
        work: impl FnOnce(&mut Slot) -> Result<T, Unavailable>,
    ) -> Result<Option<T>, Unavailable> {
        let mut stripe = self.stripe(person);
        let used = self.clock.fetch_add(1, Ordering::Relaxed);
        if !stripe.contains_key(&person) {
            // Loaded under the stripe's lock: a row in the store is current unless its slot is
            // in memory, because only clean slots leave.
            let Some(slot) = load(person, shelf, keyring)? else {
                return Ok(None);
            };
            make_room(&mut stripe, self.capacity);
            stripe.insert(person, slot);
        }
        match stripe.get_mut(&person) {
            Some(slot) => {
                slot.used = used;
                work(slot).map(Some)
            }
            None => Ok(None),
        }
    }

    /// Runs `work` on the slot if it is in memory already.
    pub(crate) fn peek<T>(&self, person: PersonId, work: impl FnOnce(&mut Slot) -> T) -> Option<T> {
        self.stripe(person).get_mut(&person).map(work)
    }

    /// Puts a slot in.
    pub(crate) fn insert(&self, person: PersonId, mut slot: Slot) {
        slot.used = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut stripe = self.stripe(person);
        make_room(&mut stripe, self.capacity);
        stripe.insert(person, slot);
    }

    /// Takes a slot out, whatever its state.
    pub(crate) fn remove(&self, person: PersonId) {
        self.stripe(person).remove(&person);
    }

    /// Gives back what is clean and beyond the room there is.
    pub(crate) fn trim(&self) {
        for stripe in self.stripes.iter().chain([&self.last]) {
            let mut stripe = stripe.lock().unwrap_or_else(PoisonError::into_inner);
            make_room(&mut stripe, self.capacity);
        }
    }

    /// Slots in memory.
    pub(crate) fn len(&self) -> usize {
        let all = self.stripes.iter().chain([&self.last]);
        all.map(|s| s.lock().unwrap_or_else(PoisonError::into_inner).len())
            .sum()
    }
}

/// When a stripe is full, what was used least recently and is clean leaves, until a quarter is free.
fn make_room(stripe: &mut HashMap<PersonId, Slot>, capacity: usize) {
    if stripe.len() < capacity {
        return;
    }
    let mut clean: Vec<(u64, PersonId)> = stripe
        .iter()
        .filter(|(_, s)| s.dirty_since.is_none())
        .map(|(p, s)| (s.used, *p))
        .collect();
    clean.sort_unstable_by_key(|(used, _)| *used);
    let leaving = stripe.len() - capacity + (capacity / 4).max(1);
    for (_, person) in clean.iter().take(leaving) {
        stripe.remove(person);
    }
}

fn load(person: PersonId, shelf: &dyn Shelf, keyring: &Keyring) -> Result<Option<Slot>, Unavailable> {
    let row = shelf.persons(&[person])?.into_iter().next().flatten();
    let key = shelf.keys(&[person])?.into_iter().next().flatten();
    let (Some(row), Some(key)) = (row, key) else {
        return Ok(None);
    };
    slot_of(row, keyring.unwrap_kept(person, &key)?).map(Some)
}

/// A slot of a stored row: terms open, content still sealed.
pub(crate) fn slot_of(row: PersonRow, key: Arc<PersonKey>) -> Result<Slot, Unavailable> {
    let place = Place {
        table: Table::Terms,
        person: row.person,
        version: row.version,
    };
    let terms = envelope::decode(&key.0.open(place, &row.terms)?)?;
    Ok(Slot {
        key,
        terms: Arc::new(terms),
        content: Part::Closed(row.content),
        version: row.version,
        stored_version: row.version,
        last_seq: row.last_seq,
        dirty_since: None,
        judged: Vec::new(),
        used: 0,
    })
}
