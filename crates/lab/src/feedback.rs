//! What recommendations do to people, and people to recommendations, round after round: the same seeded people are
//! shown lists by one policy after the other, they click, their taste drifts towards what they clicked, and the
//! model learns from it again.
//!
//! True taste is a low-rank factorisation of real data ([`taste`]); whether something is clicked depends on taste and
//! on the position at which it stands. Chance is drawn for each person, round and item, so that policies differ by
//! what they show and not by luck. Every figure is the mean of several worlds with its standard error over them.
//!
//! After Chaney, Stewart and Engelhardt ("How algorithmic confounding in recommendation systems increases
//! homogeneity and decreases utility", RecSys 2018). The people here are made up: it measures policies against each
//! other, not what real people would do.
//!
//! Deliberately does not know: the store, the gate, HTTP, whose the data is.

mod figures;
mod plot;
mod report;
mod round;
mod taste;
mod world;

pub use figures::Figures;
pub use report::{Cell, Line, Report, Verdict};

use crate::interactions::Interactions;
use rayon::prelude::*;
use recommend::{Openness, Rule};
use serde::Serialize;
use world::World;

/// Why nothing was simulated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too little data.
    #[error("{people} people have {least} of the {items} items or more; at least {needed} people are needed")]
    TooFew {
        /// Who can take part.
        people: usize,
        /// So many items each must have.
        least: usize,
        /// Of so many.
        items: usize,
        /// So many people are needed.
        needed: usize,
    },
    /// Learning.
    #[error(transparent)]
    Learn(#[from] learn::Error),
    /// The model does not read back.
    #[error(transparent)]
    Model(#[from] recommend::Error),
}

/// What a catalogue is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    /// What somebody has is not shown to them again: books, films, most of a shop.
    Once,
    /// Anything may come again: news, music, what is visited often.
    Again,
}

/// Who makes the lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Policy {
    /// Chance.
    Random,
    /// The best scores.
    Plain,
    /// A step of the dial, by that rule.
    Dial(Rule, Openness),
    /// What the person truly likes best: what no policy can know.
    Oracle,
}

impl Policy {
    /// All of an offer; the determinantal rule is for what may come again.
    pub fn all(offer: Offer) -> Vec<Policy> {
        let mut all = vec![Policy::Random, Policy::Plain];
        all.extend(Openness::ALL.map(|step| Policy::Dial(Rule::Mix, step)));
        if offer == Offer::Again {
            let steps = Openness::ALL.into_iter().filter(|step| *step != Openness::Close);
            all.extend(steps.map(|step| Policy::Dial(Rule::Varied, step)));
        }
        all.push(Policy::Oracle);
        all
    }

    /// Its name in tables.
    pub fn name(self) -> String {
        match self {
            Policy::Random => "random".to_owned(),
            Policy::Plain => "plain ranking".to_owned(),
            Policy::Dial(Rule::Mix, step) => format!("dial `{}`", step.as_str()),
            Policy::Dial(Rule::Varied, step) => format!("varied `{}`", step.as_str()),
            Policy::Oracle => "oracle".to_owned(),
        }
    }
}

/// What to simulate.
#[derive(Clone, PartialEq, Debug)]
pub struct Choices {
    /// Rounds.
    pub rounds: u32,
    /// Most people in a world.
    pub people: usize,
    /// Most items in a world: those that most people have.
    pub items: usize,
    /// Length of lists.
    pub length: usize,
    /// How many directions taste has.
    pub rank: usize,
    /// How far taste moves in a round towards what was clicked, 0 to 1.
    pub drift: f64,
    /// How many worlds.
    pub worlds: u64,
    /// The same seed gives the same worlds.
    pub seed: u64,
    /// Only these policies, where there are any; all otherwise.
    pub only: Vec<Policy>,
}

impl Default for Choices {
    fn default() -> Choices {
        Choices {
            rounds: 20,
            people: 600,
            items: 600,
            length: 10,
            rank: 32,
            drift: 0.05,
            worlds: 5,
            seed: 7,
            only: Vec::new(),
        }
    }
}

impl Choices {
    /// The policies that are simulated with an offer.
    pub(crate) fn policies(&self, offer: Offer) -> Vec<Policy> {
        let mut all = Policy::all(offer);
        all.retain(|policy| self.only.is_empty() || self.only.contains(policy));
        all
    }
}

/// Simulates every policy in every world, for each offer, on all cores; the result does not depend on their number.
///
/// # Errors
/// [`Error`]: too little data, or data nothing can be learned from.
pub fn run(
    data: &Interactions,
    topics: Option<&[Vec<u32>]>,
    offers: &[Offer],
    choices: &Choices,
) -> Result<Report, Error> {
    let worlds = (0..choices.worlds.max(1))
        .into_par_iter()
        .map(|nth| World::new(data, topics, choices, choices.seed.wrapping_add(nth)))
        .collect::<Result<Vec<World>, Error>>()?;
    let mut tasks: Vec<(Offer, Policy, &World)> = Vec::new();
    for offer in offers {
        for policy in choices.policies(*offer) {
            tasks.extend(worlds.iter().map(|world| (*offer, policy, world)));
        }
    }
    let done = tasks
        .into_par_iter()
        .map(|(offer, policy, world)| Ok((offer, policy, round::play(world, offer, policy, choices)?)))
        .collect::<Result<Vec<_>, Error>>()?;
    let people = worlds.iter().map(World::people).max().unwrap_or(0);
    let items = worlds.iter().map(World::items).max().unwrap_or(0);
    Ok(Report::of(done, offers, choices, people, items))
}
