//! People who live with a program for a while: what it would do to them, before it does it to anybody.
//!
//! **Synthetic** people, drawn from a seed, or histories that are handed over. Groups and journeys are those of
//! `decide`, the very same code as on a server: each person is looked at when something happens to them and when
//! it is due, and never in between. People do not know of each other, so they are lived one by one, on as many
//! threads as there are, and what is counted is the same whatever their number.
//!
//! What journeys want to say is judged by the person's choices and terms, the program's caps and quiet hours, as a
//! server judges it.
//!
//! Deliberately does not know: files, clocks, real people, how a message is carried.

mod habits;
mod life;
mod people;
mod post;
mod random;
mod report;
mod tally;

pub use habits::Habits;
pub use life::{Input, Life, Looked, Told};
pub use people::{Person, person};
pub use post::{Became, Posted};
pub use report::{ByPolicy, JourneyReport, MessageReport, Report, SegmentReport, WITHIN_MINUTES};

use decide::compose::{Backing, NotReady, Phrases, Shop, Words};
use decide::journeys::{InForce, Journeys};
use decide::segments::{self, Plan};
use program::{Program, SEGMENT_DAYS};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tally::Tally;
use vocabulary::{Catalogue, DAY_MS, Moment};

/// People who are lived in one piece of work.
const PIECE: u64 = 250;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many people.
    pub people: u64,
    /// How many days, of 24 hours.
    pub days: u32,
    /// The same seed gives the same lives.
    pub seed: u64,
    /// When the program comes into force.
    pub begins: Moment,
    /// How people are.
    pub habits: Habits,
    /// How many threads work; at least one. Changes nothing but the time it takes.
    pub threads: usize,
}

/// What one person did, as it was recorded, oldest first.
pub type History = Vec<Input>;

/// A program, ready to be lived with.
pub struct World<'a> {
    /// The program.
    pub program: &'a Program,
    /// The items.
    pub catalogue: &'a Catalogue,
    /// Its journeys.
    pub journeys: Journeys,
    /// Its segments.
    pub plan: Plan,
    /// Its messages, their facts as the catalogue and the program's deadlines say, its caps and quiet hours.
    pub words: Words,
}

/// Why a program cannot be lived with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its segments cannot be asked about.
    #[error(transparent)]
    Segments(#[from] segments::Error),
    /// Its messages cannot be read.
    #[error(transparent)]
    Words(#[from] NotReady),
}

impl<'a> World<'a> {
    /// The program is in force from `begins` on.
    pub fn new(program: &'a Program, catalogue: &'a Catalogue, begins: Moment) -> Result<World<'a>, Error> {
        let all: Vec<program::Segment> = program.segments.values().cloned().collect();
        let days = u32::try_from(SEGMENT_DAYS).unwrap_or(u32::MAX);
        let in_force = |journey: &program::Journey| InForce {
            journey: journey.clone(),
            since: begins,
        };
        // Whoever simulates asks what happens once it is approved.
        let approved = true;
        let words = Words::new(program, Shop::default(), BTreeMap::<_, Phrases>::new(), approved)?
            .backed_by(Backing::of(catalogue));
        Ok(World {
            program,
            catalogue,
            journeys: Journeys::new(program.journeys.values().map(in_force)),
            plan: Plan::new(&all, program.digest(), days)?,
            words,
        })
    }
}

/// Lives everybody's life. With `histories`, person `n` did what history `n` says (again from the first when
/// there are more people than histories), and everything else about them is drawn; without, all of it is.
pub fn run(world: &World<'_>, settings: &Settings, histories: &[History]) -> Report {
    let next = AtomicU64::new(0);
    let whole = Mutex::new(Tally::new(world, settings.days));
    let work = || {
        let mut own = Tally::new(world, settings.days);
        loop {
            let first = next.fetch_add(PIECE, Ordering::Relaxed);
            if first >= settings.people {
                break;
            }
            for number in first..settings.people.min(first + PIECE) {
                one(world, settings, histories, number, &mut own);
            }
        }
        // Sums and maxima: the order in which they come together changes nothing.
        whole.lock().unwrap_or_else(PoisonError::into_inner).add(own);
    };
    std::thread::scope(|scope| {
        for _ in 1..settings.threads.max(1) {
            scope.spawn(work);
        }
        work();
    });
    let tally = whole.into_inner().unwrap_or_else(PoisonError::into_inner);
    report::of(world, settings, tally)
}

fn one(world: &World<'_>, settings: &Settings, histories: &[History], number: u64, tally: &mut Tally) {
    let history = usize::try_from(number)
        .ok()
        .and_then(|at| histories.get(at % histories.len().max(1)));
    let mut person = person(world, settings, number, history);
    let ends = Moment(settings.begins.0 + i64::from(settings.days) * DAY_MS);
    let inputs = std::mem::take(&mut person.inputs);
    tally.begins(&person);
    let mut life = Life::new(world, person, settings.begins);
    life.live(inputs, ends, &mut |told| match told {
        Told::Looked(looked) => tally.look(settings.begins, looked),
        Told::Posted(posted) => tally.post(settings.begins, posted),
    });
    tally.ends(world, &life);
}
