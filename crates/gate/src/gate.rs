//! The gate itself: observe, ask, open, record, choose, erase. All of a person's data goes through
//! these few calls.
//!
//! Deliberately does not know: HTTP, models, what is decided.

use crate::agenda::Agenda;
use crate::charter::Charter;
use crate::dictionary::Dictionary;
use crate::envelope::{Act, Input};
use crate::erasure::{Erasures, Mode, Refusals, refusals};
use crate::hot::Hot;
use crate::intake::{self, Located, Received, Whom};
use crate::keys::{self, Keyring, PersonKey};
use crate::known::{Found, Known};
use crate::lease::acquire;
use crate::notice::Notices;
use crate::pass::PassEpoch;
use crate::record::LedgerKey;
use crate::rotation::Pass;
use crate::sequencer::Sequencer;
use crate::signer::Signer;
use crate::writer::{Fate, Job, Writer, weight};
use crate::{Unavailable, erasure, pass, replay, start, succession, vault};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use store::{Epoch, Shelf};
use tokio::sync::oneshot;
use vocabulary::{Blind, Event, Moment, PersonId, PurposeName};

/// Events and decisions that may wait for the writer.
const WAITING: usize = 40_000;
/// Identifiers remembered for each envelope in memory: a `userId` and a browser or two.
const IDENTIFIERS_EACH: usize = 3;
/// Refusals outside the store that every start compares with it.
const LATEST: usize = 1_000;

/// What the gate is made of.
pub struct Options {
    /// Where ciphertext rests.
    pub shelf: Arc<dyn Shelf>,
    /// The keys of the installation.
    pub keyring: Keyring,
    /// The law.
    pub charter: Charter,
    /// What the team declares.
    pub dictionary: Dictionary,
    /// The key of the log.
    pub ledger: LedgerKey,
    /// Envelopes kept in memory.
    pub hot: usize,
    /// The time.
    pub clock: Arc<dyn Fn() -> Moment + Send + Sync>,
    /// What this process calls itself when it takes the store's lease.
    pub owner: String,
    /// Folder of the erasure journal, outside the store and outside its backups. `None`: there is only
    /// the store's own copy, and a backup that is put back brings back who was erased since.
    pub erasures: Option<PathBuf>,
}

/// Parts that the writer and the callers share.
pub(crate) struct Shared {
    pub(crate) shelf: Arc<dyn Shelf>,
    pub(crate) keyring: Keyring,
    pub(crate) charter: Charter,
    pub(crate) dictionary: Dictionary,
    /// What people are shown before they choose; empty until it is published.
    pub(crate) notices: RwLock<Notices>,
    pub(crate) hot: Hot,
    pub(crate) known: Known,
    pub(crate) clock: Arc<dyn Fn() -> Moment + Send + Sync>,
    /// The key of the records of decisions about nobody.
    pub(crate) nobody: Arc<PersonKey>,
    pub(crate) waiting: AtomicUsize,
    pub(crate) groups: AtomicU64,
    stopped: AtomicBool,
    openings: [AtomicU64; PurposeName::ALL.len()],
    pub(crate) sequencer: Mutex<Sequencer>,
    /// Held while a thing of the house is replaced.
    pub(crate) vault: Mutex<()>,
    /// Held while something is put on the list of what is to be taken out of the sums, or read from it.
    pub(crate) unlearning: Mutex<()>,
    /// Taken after `sequencer` by who needs both.
    pub(crate) erasures: Mutex<Erasures>,
    pub(crate) signer: RwLock<Signer>,
    /// How far the wrapping anew of keys has come.
    pub(crate) rewrapping: Mutex<Pass>,
    /// Of which time a link or a session must be.
    pub(crate) passes: PassEpoch,
    /// Requests for a right change one at a time.
    pub(crate) requests: tokio::sync::Mutex<()>,
    /// Conversations change one at a time.
    pub(crate) conversations: tokio::sync::Mutex<()>,
    /// Held while a name is pointed at an artefact, or an artefact is removed.
    pub(crate) artefacts: Mutex<()>,
    pub(crate) epoch: Epoch,
    /// What arrives is to be looked at.
    pub(crate) automates: AtomicBool,
    pub(crate) agenda: Mutex<Agenda>,
    /// Of whom something is to leave.
    pub(crate) outgoing: Mutex<Agenda>,
    /// Entries of outboxes that are being handed over: marked, and not in doubt yet.
    pub(crate) in_flight: Mutex<HashSet<[u8; 16]>>,
}

impl Shared {
    /// The persons these identifiers lead to, in the order asked; the store is asked only about those
    /// that are not remembered. For an outsider a stranger is then searched for as a person who is not in
    /// memory is loaded, one by one: to learn whom we know takes more than to compare how long an answer takes.
    pub(crate) fn resolve(
        &self,
        blinds: &[Blind],
        outsider: bool,
    ) -> Result<Vec<Option<PersonId>>, Unavailable> {
        let (found, asked) = self.known.find(blinds);
        let open: Vec<Blind> = blinds
            .iter()
            .zip(&found)
            .filter_map(|(blind, found)| (*found == Found::NotRemembered).then_some(*blind))
            .collect();
        let mut answers = Vec::new();
        if !open.is_empty() {
            answers = self.shelf.resolve(&open)?;
            let pairs = open.into_iter().zip(answers.iter().copied());
            let strangers = self.known.remember(asked, pairs);
            for stranger in strangers.iter().filter(|_| outsider) {
                // Nobody has this: a person's is random.
                let stand_in = stand_in(stranger);
                self.shelf.persons(&[stand_in])?;
                self.shelf.keys(&[stand_in])?;
            }
        }
        let mut answers = answers.into_iter();
        Ok(found
            .into_iter()
            .map(|found| match found {
                Found::Somebody(person) => Some(person),
                Found::Nobody => None,
                Found::NotRemembered => answers.next().flatten(),
            })
            .collect())
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// The notices in force.
    pub(crate) fn notices(&self) -> Notices {
        self.notices
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The writer cannot go on; nothing is acknowledged from here on.
    pub(crate) fn stop(&self, error: &Unavailable) {
        tracing::error!(%error, "the writer stopped");
        self.stopped.store(true, Ordering::Release);
    }

    /// The writer's thread is gone.
    pub(crate) fn ended(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    pub(crate) fn stop_if_final(&self, error: &Unavailable) {
        match error {
            Unavailable::Full | Unavailable::Busy | Unavailable::Key(keys::Error::Unreachable(_)) => {
                tracing::warn!(%error, "a write was put off")
            }
            _ => self.stop(error),
        }
    }

    /// A store error seen by the writer: final ones stop it.
    pub(crate) fn note(&self, error: &store::Error) {
        match error {
            // Refused: this one group was malformed; the next need not be.
            store::Error::Full | store::Error::Retry(_) | store::Error::Refused(_) => {
                tracing::warn!(%error, "a write was put off");
            }
            _ => {
                tracing::error!(%error, "the writer stopped");
                self.stopped.store(true, Ordering::Release);
            }
        }
    }

    pub(crate) fn count_opening(&self, purpose: PurposeName) {
        if let Some(counter) = self.openings.get(purpose as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The doors, shared by all who ask. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    shared: Arc<Shared>,
    jobs: mpsc::Sender<Job>,
    writer: Arc<Mutex<Option<std::thread::JoinHandle<()>>>>,
}

impl Gate {
    /// Takes the store's lease, checks that the keys are the store's, folds again what a crash
    /// left unwritten, and starts the writer.
    pub fn open(options: Options) -> Result<Gate, Unavailable> {
        Gate::open_in(options, Mode::Usual)
    }

    pub(crate) fn open_in(options: Options, mode: Mode) -> Result<Gate, Unavailable> {
        let Options {
            shelf,
            keyring,
            charter,
            dictionary,
            ledger,
            hot,
            clock,
            owner,
            erasures,
        } = options;
        let signer = Signer::new(&ledger.secret)?;
        let epoch = acquire(shelf.as_ref(), &owner, &clock)?;
        let opened = (|| {
            start::check_key(shelf.as_ref(), epoch, &keyring)?;
            let nobody = start::nobody(shelf.as_ref(), epoch, &keyring)?;
            // Before anything is signed or served: is this the store that was last seen?
            let folder = erasures.as_deref();
            let refusals = Refusals::open(folder, keyring.journal_key())?;
            if matches!(mode, Mode::Restoring { .. }) {
                refusals::owe(shelf.as_ref(), epoch)?;
                pass::begin(shelf.as_ref(), epoch, clock())?;
            }
            let passes = pass::load(shelf.as_ref())?;
            let book = erasure::open(shelf.as_ref(), epoch, &keyring, &ledger, folder, mode)?;
            let sequencer = Sequencer::new(&ledger, shelf.as_ref(), epoch)?;
            Ok((nobody, sequencer, book, refusals, passes))
        })();
        let (nobody, sequencer, (erasures, entries), refused, passes) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                // Somebody with the right key may want the store now.
                let _ = shelf.release(epoch);
                return Err(error);
            }
        };
        let shared = Arc::new(Shared {
            shelf,
            keyring,
            charter,
            dictionary,
            notices: RwLock::default(),
            hot: Hot::new(hot),
            known: Known::new(hot.saturating_mul(IDENTIFIERS_EACH)),
            clock,
            nobody: Arc::new(nobody),
            waiting: AtomicUsize::new(0),
            groups: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            openings: Default::default(),
            sequencer: Mutex::new(sequencer),
            vault: Mutex::default(),
            automates: AtomicBool::new(false),
            agenda: Mutex::default(),
            outgoing: Mutex::default(),
            in_flight: Mutex::default(),
            unlearning: Mutex::default(),
            erasures: Mutex::new(erasures),
            signer: RwLock::new(signer),
            rewrapping: Mutex::default(),
            passes,
            requests: tokio::sync::Mutex::new(()),
            conversations: tokio::sync::Mutex::new(()),
            artefacts: Mutex::default(),
            epoch,
        });
        let replayed = (|| {
            vault::tidy(&shared)?;
            replay::begin(&shared)?;
            erasure::erase_again(&shared, &entries)?;
            let mut sequencer = shared.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
            sequencer.checkpoint(shared.shelf.as_ref(), &shared.erasures)?;
            drop(sequencer);
            succession::succeed(&shared)?;
            start::replay(&shared)
        })();
        let (dirty, head) = match replayed {
            Ok(replayed) => replayed,
            Err(error) => {
                let _ = shared.shelf.release(epoch);
                return Err(error);
            }
        };
        let (jobs, queue) = mpsc::channel();
        let mut writer = Writer::new(Arc::clone(&shared), queue, epoch, dirty, head, refused);
        if let Err(error) = say_again(&shared, &mut writer) {
            let _ = shared.shelf.release(epoch);
            return Err(error);
        }
        let thread = std::thread::Builder::new().name("writer".to_owned());
        let thread = thread
            .spawn(move || writer.run())
            .map_err(|_| Unavailable::Stopped)?;
        Ok(Gate {
            shared,
            jobs,
            writer: Arc::new(Mutex::new(Some(thread))),
        })
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn shared_arc(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// The law in force.
    pub fn charter(&self) -> &Charter {
        &self.shared.charter
    }

    /// What the team declares.
    pub fn dictionary(&self) -> &Dictionary {
        &self.shared.dictionary
    }

    /// Whether events and decisions are still accepted.
    pub fn is_ready(&self) -> bool {
        !self.shared.stopped()
    }

    /// How often each purpose opened somebody since the start.
    pub fn openings(&self, purpose: PurposeName) -> u64 {
        self.shared
            .openings
            .get(purpose as usize)
            .map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// Envelopes in memory.
    pub fn in_memory(&self) -> usize {
        self.shared.hot.len()
    }

    /// Events and decisions that wait for the writer.
    pub fn waiting(&self) -> usize {
        self.shared.waiting.load(Ordering::Relaxed)
    }

    /// Groups committed since the start: one fsync each, two when somebody is new.
    pub fn groups(&self) -> u64 {
        self.shared.groups.load(Ordering::Relaxed)
    }

    /// Takes an event in: from here on nobody can read it.
    pub fn take_in(&self, source: &str, event: Event) -> Received {
        let shared = &self.shared;
        intake::take_in(
            event,
            source,
            &shared.dictionary,
            &shared.notices(),
            &shared.keyring,
        )
    }

    /// Stores events, oldest first. When it answers, what is `Stored` is on disk.
    pub async fn observe(&self, events: Vec<Received>) -> Result<Vec<Fate>, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Observe { events, reply })?;
        answer.await.map_err(|_| Unavailable::Stopped)?
    }

    /// Records an explicit choice of the person, durable when it answers. `None`: no such person.
    pub async fn choose(
        &self,
        whom: &Whom<'_>,
        choices: &[(PurposeName, bool)],
        source: &str,
        now: Moment,
    ) -> Result<Option<()>, Unavailable> {
        self.put(whom, intake::choice(choices, source, now, &self.shared.notices()))
            .await
    }

    /// Whether an act can be carried out as it stands; [`Gate::act`] changes nothing by one that
    /// cannot.
    pub fn can_act(&self, act: &Act) -> bool {
        intake::is_possible(act, &self.shared.dictionary)
    }

    /// Records an act of the person in their privacy centre, durable when it answers.
    pub async fn act(
        &self,
        whom: &Whom<'_>,
        act: Act,
        source: &str,
        now: Moment,
    ) -> Result<Option<()>, Unavailable> {
        if !self.can_act(&act) {
            // No item has such a name, so there is nothing to forget.
            return Ok(self.find(whom).await?.map(drop));
        }
        self.put(whom, intake::act(act, source, now, &self.shared.dictionary))
            .await
    }

    async fn put(&self, whom: &Whom<'_>, input: Input) -> Result<Option<()>, Unavailable> {
        match self.find(whom).await? {
            Some(person) => self.put_input(person, input).await,
            None => Ok(None),
        }
    }

    pub(crate) async fn put_input(&self, person: PersonId, input: Input) -> Result<Option<()>, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Input {
            person,
            input: Box::new(input),
            reply,
        })?;
        match answer.await.map_err(|_| Unavailable::Stopped)?? {
            Fate::Stored => Ok(Some(())),
            _ => Err(Unavailable::Busy),
        }
    }

    /// Envelopes in memory go to the store.
    pub async fn write_back(&self) -> Result<(), Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Flush { reply })?;
        answer.await.map_err(|_| Unavailable::Stopped)?
    }

    /// Finishes what waits, writes everything back and gives the store's lease back.
    pub async fn close(&self) {
        let (reply, answer) = oneshot::channel();
        if self.jobs.send(Job::Stop { reply }).is_ok() {
            let _ = answer.await;
        }
        let thread = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        self.shared.stopped.store(true, Ordering::Release);
    }

    pub(crate) async fn find(&self, whom: &Whom<'_>) -> Result<Option<PersonId>, Unavailable> {
        let located = whom.located(&self.shared.keyring);
        self.blocking(move |gate| gate.locate(&located)).await
    }

    /// Whom the caller means. Somebody with a `userId` that we do not know may be a visitor we do
    /// know, but never a person who has a `userId` already: that is somebody else on the same browser.
    pub(crate) fn locate(&self, located: &Located) -> Result<Option<PersonId>, Unavailable> {
        let shared = &self.shared;
        let resolve = |blind: &Option<Blind>| match blind {
            Some(blind) => {
                Ok::<_, Unavailable>(shared.resolve(&[*blind], true)?.into_iter().flatten().next())
            }
            None => Ok(None),
        };
        if let Some(user) = resolve(&located.user)? {
            return Ok(Some(user));
        }
        let Some(visitor) = resolve(&located.anonymous)? else {
            return Ok(None);
        };
        if located.user.is_none() {
            let shelf = shared.shelf.as_ref();
            let part_of = |slot: &mut crate::hot::Slot| Ok(slot.terms.part_of());
            let person = shared.hot.with(visitor, shelf, &shared.keyring, part_of)?;
            return Ok(Some(person.flatten().unwrap_or(visitor)));
        }
        let known = shared
            .hot
            .with(visitor, shared.shelf.as_ref(), &shared.keyring, |slot| {
                Ok((slot.terms.identified, slot.terms.part_of()))
            })?;
        Ok((known == Some((false, None))).then_some(visitor))
    }

    /// Whether this person can be found and opened from memory alone.
    pub(crate) fn at_hand(&self, located: &Located) -> bool {
        // A known `userId` decides alone; if it is not known, telling whom the other means may take the store.
        let Some(blind) = located.user.or(located.anonymous) else {
            return false;
        };
        let (found, _) = self.shared.known.find(&[blind]);
        found.into_iter().all(|found| match found {
            Found::Somebody(person) => self.shared.hot.peek(person, |_| ()).is_some(),
            Found::Nobody => located.user.is_none() || located.anonymous.is_none(),
            Found::NotRemembered => false,
        })
    }

    pub(crate) fn send(&self, job: Job) -> Result<(), Unavailable> {
        if self.shared.stopped() {
            return Err(Unavailable::Stopped);
        }
        let weight = weight(&job);
        if self.shared.waiting.fetch_add(weight, Ordering::Relaxed) > WAITING {
            self.shared.waiting.fetch_sub(weight, Ordering::Relaxed);
            return Err(Unavailable::Busy);
        }
        self.jobs.send(job).map_err(|_| Unavailable::Stopped)
    }

    /// Store calls block: they run beside the asynchronous threads.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Gate) -> Result<T, Unavailable> + Send + 'static,
    ) -> Result<T, Unavailable> {
        let gate = self.clone();
        tokio::task::spawn_blocking(move || work(&gate))
            .await
            .map_err(|_| Unavailable::Stopped)?
    }
}

/// In whose place a stranger is searched for.
fn stand_in(blind: &Blind) -> PersonId {
    let mut id = [0; 16];
    id.iter_mut().zip(blind.0).for_each(|(to, from)| *to = from);
    PersonId(id)
}

/// Before anybody is served: what was refused and is not in the store is said again.
fn say_again(shared: &Shared, writer: &mut Writer) -> Result<(), Unavailable> {
    let owed = refusals::owed(shared.shelf.as_ref())?;
    // Also after a usual start the last ones are looked at: a store may be older than its log tells, by
    // what was not in the log yet.
    let again = writer.refuse_again(if owed { usize::MAX } else { LATEST })?;
    if again > 0 {
        tracing::warn!(again, "refusals that the store did not have were said again");
    }
    if owed {
        refusals::paid(shared.shelf.as_ref(), shared.epoch)?;
    }
    Ok(())
}
