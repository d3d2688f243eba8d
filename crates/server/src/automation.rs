//! The program in force, ready to act: loaded from the store at the start, and exchanged without a restart when
//! another one is applied. One that cannot be read acts on nobody, and the log says so.
//!
//! Deliberately does not know: when people are looked at (`work::react`), what a look does (`decide`).

pub mod claims;
pub mod count;
pub mod figures;
pub mod flow;
pub mod planned;
pub mod preview;
pub(crate) mod seen;
pub mod simulated;

use crate::app::App;
use ::program::Program;
use ::program::settings::Approval;
use decide::automation::Automation;
use decide::compose::{Backing, Shop, Words};
use decide::journeys::{InForce, Journeys};
use decide::segments::Plan;
use gate::purposes::{Purpose as _, Segments};
use gate::{Applied, Backfill, Gate, Unavailable};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use vocabulary::{Catalogue, Digest, Language};

/// So many programs of before are read to learn since when a journey runs.
const EARLIER: usize = 20;

/// A program that acts.
pub struct Running {
    /// When it was put in force, by whom, under which number.
    pub applied: Applied,
    /// What it says.
    pub program: Program,
    /// Its segments and journeys, ready.
    pub automation: Automation,
    words: RwLock<Option<Arc<Words>>>,
}

impl Running {
    /// Whether the gate works by this program's data dictionary. If not, the server was started with another
    /// one, and takes this one at its next start.
    pub fn has_its_dictionary(&self, gate: &Gate) -> bool {
        Digest::of(self.program.dictionary.toml().as_bytes()) == gate.dictionary().digest()
    }

    /// Its words, ready; none if they cannot be used: then nothing is sent, and what waits goes on waiting.
    pub fn words(&self) -> Option<Arc<Words>> {
        read(&self.words)
    }

    /// From now on its claims rest on these counts of people.
    pub(crate) fn has_counted(&self, counted: BTreeMap<String, u64>) {
        if let Some(words) = self.words() {
            put(
                &self.words,
                Some(Arc::new(Words::clone(&words).counting(counted))),
            );
        }
    }

    /// Whether anything of it can happen to anybody.
    pub fn acts(&self) -> bool {
        !self.program.segments.is_empty() || !self.program.journeys.is_empty()
    }
}

/// What the application holds of it.
#[derive(Default)]
pub(crate) struct Automatic {
    running: RwLock<Option<Arc<Running>>>,
    /// The number of the program that was looked at last, whether it can be used or not; 0: none.
    seen: AtomicU64,
    reached: RwLock<Option<Backfill>>,
    counted: RwLock<Option<Arc<count::Counted>>>,
    /// Whether the program in force came to more than is kept of somebody.
    too_large: AtomicBool,
    pub(crate) flow: flow::Pending,
    /// One preview at a time: they open people.
    pub(crate) previewing: tokio::sync::Mutex<()>,
}

impl App {
    /// The program that acts now; `None`: none was applied, or it cannot be read.
    pub fn running(&self) -> Option<Arc<Running>> {
        read(&self.automatic.running)
    }

    /// How far the program in force has reached those who were there before it.
    pub fn backfilled(&self) -> Option<Backfill> {
        read(&self.automatic.reached)
    }

    /// How many people are in its groups and journeys, if they were counted.
    pub fn counted(&self) -> Option<Arc<count::Counted>> {
        read(&self.automatic.counted)
    }

    /// Whether looks by the program in force came to more than is kept of a person, since this process took it up.
    pub fn came_to_too_much(&self) -> bool {
        self.automatic.too_large.load(Ordering::Acquire)
    }

    /// For so many people a look came to more than is kept of one: told in `/metrics`, on `/team` and in the log.
    pub fn note_too_large(&self, people: u64) {
        metrics::counter!("egard_looks_too_large_total").increment(people);
        if people > 0 {
            self.automatic.too_large.store(true, Ordering::Release);
            tracing::warn!(
                people,
                "there would be more than 64 KiB to keep of their groups and journeys: they stay where they were \
                 until something about them changes; take groups or journeys out of the program"
            );
        }
    }

    pub(crate) fn has_reached(&self, reached: Backfill) {
        metrics::gauge!("egard_backfill_people").set(reached.reached as f64);
        metrics::gauge!("egard_backfill_done").set(f64::from(u8::from(reached.done)));
        put(&self.automatic.reached, Some(reached));
    }

    pub(crate) fn has_counted(&self, counted: count::Counted) {
        put(&self.automatic.counted, Some(Arc::new(counted)));
    }
}

/// Looks which program is in force, and takes it up if it is another one. Answers whether it is.
pub async fn refresh(app: &App) -> Result<bool, Unavailable> {
    let history = app.gate.programs().await?;
    let Some(applied) = history.first() else {
        return Ok(false);
    };
    if app.automatic.seen.load(Ordering::Acquire) == applied.number {
        return Ok(false);
    }
    let (number, digest) = (applied.number, applied.digest);
    let reached = app.gate.backfill(digest, number).await?;
    let (gate, catalogue) = (app.gate.clone(), Arc::clone(&app.catalogue));
    let shop = app.shop_of_messages();
    let made = tokio::task::spawn_blocking(move || make(&gate, &history, catalogue, shop)).await;
    match made.map_err(|_| Unavailable::Stopped)?? {
        Ok(running) => {
            if !running.has_its_dictionary(&app.gate) {
                tracing::info!(
                    program = %digest,
                    "another data dictionary is in use; with `[program] folder` a restart takes this one up"
                );
            }
            // Before anybody is reached: whoever comes from here on is looked at by themselves.
            app.gate.automate(running.acts());
            app.has_reached(reached);
            put(&app.automatic.running, Some(Arc::new(running)));
            tracing::info!(program = %digest, number, "a program is in force");
        }
        Err(problem) => {
            app.gate.automate(false);
            put(&app.automatic.running, None);
            put(&app.automatic.reached, None);
            tracing::error!(program = %digest, problem, "the program in force cannot be used: nothing is done by it");
        }
    }
    put(&app.automatic.counted, None);
    app.automatic.too_large.store(false, Ordering::Release);
    app.automatic.seen.store(number, Ordering::Release);
    Ok(true)
}

/// The newest of these, newest first, made ready; or why it cannot be.
fn make(
    gate: &Gate,
    history: &[Applied],
    catalogue: Arc<Catalogue>,
    shop: Shop,
) -> Result<Result<Running, String>, Unavailable> {
    let Some((applied, earlier)) = history.split_first() else {
        return Ok(Err("there is none".to_owned()));
    };
    let Some(bytes) = gate.artefact_now(applied.digest)? else {
        return Ok(Err("it is gone, or not what was applied".to_owned()));
    };
    let program = match Program::unpack(&bytes) {
        Ok(program) => program,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let journeys = since(gate, &program, applied, earlier)?;
    let backing = Backing::of(&catalogue);
    Ok(match ready(&program, journeys, catalogue) {
        Ok(automation) => Ok(Running {
            words: RwLock::new(
                words(&program, applied, shop).map(|words| Arc::new(words.backed_by(backing))),
            ),
            applied: applied.clone(),
            program,
            automation,
        }),
        Err(error) => Err(error.to_string()),
    })
}

/// The words of a program, ready. A program whose words cannot be used sends nothing, and the log says why.
fn words(program: &Program, applied: &Applied, shop: Shop) -> Option<Words> {
    let asks = program.settings.approval == Approval::SecondPerson;
    let approved = !asks || applied.approved_by.as_ref().is_some_and(|by| *by != applied.by);
    let phrases = [Language::Fr, Language::En].map(|language| (language, crate::words::around(language)));
    match Words::new(program, shop, phrases.into(), approved) {
        Ok(words) => Some(words),
        Err(error) => {
            tracing::error!(program = %program.digest(), %error, "the words of the program cannot be used: nothing is sent");
            None
        }
    }
}

/// Segments and journeys of a program, ready; its journeys as they are in force.
pub fn ready(
    program: &Program,
    journeys: Vec<InForce>,
    catalogue: Arc<Catalogue>,
) -> Result<Automation, decide::segments::Error> {
    let segments: Vec<_> = program.segments.values().cloned().collect();
    Ok(Automation {
        plan: Plan::new(&segments, program.digest(), Segments::RETENTION_DAYS)?,
        journeys: Journeys::new(journeys),
        catalogue,
        // A checked program names a zone that is there.
        zone: TimeZone::get(&program.settings.time_zone).unwrap_or(TimeZone::UTC),
        messages: program
            .messages
            .values()
            .map(|message| (message.name.clone(), message.purpose))
            .collect(),
    })
}

/// Since when each journey is in force as it is, without having been away or another meanwhile.
fn since(
    gate: &Gate,
    program: &Program,
    applied: &Applied,
    earlier: &[Applied],
) -> Result<Vec<InForce>, Unavailable> {
    let mut since: BTreeMap<_, _> = program.journeys.keys().map(|name| (name, applied.at)).collect();
    let mut open: Vec<_> = program.journeys.values().collect();
    for before in earlier.iter().take(EARLIER) {
        if open.is_empty() {
            break;
        }
        let bytes = gate.artefact_now(before.digest)?;
        let Some(other) = bytes.and_then(|bytes| Program::unpack(&bytes).ok()) else {
            break;
        };
        open.retain(|journey| other.journeys.get(&journey.name) == Some(*journey));
        for journey in &open {
            since.insert(&journey.name, before.at);
        }
    }
    let in_force = program.journeys.values().map(|journey| InForce {
        journey: journey.clone(),
        since: since.get(&journey.name).copied().unwrap_or(applied.at),
    });
    Ok(in_force.collect())
}

fn read<T: Clone>(place: &RwLock<T>) -> T {
    place.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn put<T>(place: &RwLock<T>, value: T) {
    *place.write().unwrap_or_else(PoisonError::into_inner) = value;
}
