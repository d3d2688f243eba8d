//! What is measured of a run, round after round.

use super::round::Shown;
use super::taste::turned;
use super::world::World;
use crate::eval::measures::{divergence, entropy, gini};
use recommend::Topics;
use serde::Serialize;

/// The figures of one policy in one world. Pairs are of the first round and the last.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Figures {
    /// How many equally great topics a list amounts to (exponential of the entropy).
    pub shown: [f64; 2],
    /// The same of what is clicked, in the first and the last quarter of the rounds: 1 over the chance that two clicks
    /// of a person there are of one topic, which does not grow with the number of clicks; of the same people, early
    /// and late.
    pub clicked: [f64; 2],
    /// How far lists are from the mix of what people truly liked before anything was shown (Kullback-Leibler, .01).
    pub distance: [f64; 2],
    /// How much of a list another person is shown as well.
    pub overlap: [f64; 2],
    /// How far taste has turned since then: 1 − cosine.
    pub turned: f64,
    /// The share of clicks on topics outside the person's usual range before the first round.
    pub discovery: f64,
    /// The share found, by clicking, of the fifty items that appealed most and were not had.
    pub found: f64,
    /// Clicks of a person.
    pub clicks: f64,
    /// The share of what is shown that is relevant (appeals so much that it would rather be clicked than not) and
    /// unexpected: neither known to the person nor in the list that popularity alone would show them (Ge,
    /// Delgado-Battenfeld and Jannach, RecSys 2010, with popularity as the primitive model).
    pub serendipity: f64,
    /// How unequally items are shown, over all rounds: 0 all alike, 1 one only.
    pub gini: f64,
    /// The share of items that anybody was shown.
    pub coverage: f64,
    /// The share of what is shown that is of the less popular half of the items.
    pub small: f64,
    /// Each round.
    pub rounds: Vec<Round>,
}

/// One round.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Round {
    /// As [`Figures::shown`].
    pub shown: f64,
    /// As [`Figures::gini`], so far.
    pub gini: f64,
}

/// What is counted on the way.
pub(super) struct Tally<'w> {
    world: &'w World,
    figures: Figures,
    impressions: Vec<u64>,
    clicks: u64,
    outside: u64,
    surprises: u64,
    rounds: u32,
    /// What each person clicked in the first quarter and in the last.
    quarters: [Vec<Vec<u32>>; 2],
}

impl<'w> Tally<'w> {
    pub(super) fn new(world: &'w World, rounds: u32) -> Tally<'w> {
        Tally {
            world,
            figures: Figures::default(),
            impressions: vec![0; world.items()],
            clicks: 0,
            outside: 0,
            surprises: 0,
            rounds,
            quarters: [vec![Vec::new(); world.people()], vec![Vec::new(); world.people()]],
        }
    }

    /// Counts a round: what each person was shown.
    pub(super) fn count(&mut self, round: u32, shown: &[Shown]) {
        let topics = &self.world.topics;
        let n = shown.len().max(1) as f64;
        let mut of_round = vec![0u64; self.impressions.len()];
        let (mut varied, mut far) = (0.0, 0.0);
        for (one, person) in shown.iter().zip(&self.world.persons) {
            let mix = topics.mix(one.list.iter().map(|at| (*at, 1.0)));
            varied += entropy(&mix).exp();
            far += divergence(&person.mix, &mix);
            for a in &one.clicked {
                let usual = |topic: &u32| person.usual.get(*topic as usize).copied().unwrap_or(false);
                let of = topics.of(*a);
                self.outside += u64::from(!of.is_empty() && !of.iter().any(usual));
            }
            self.clicks += one.clicked.len() as u64;
            self.surprises += u64::from(one.surprises);
            for at in &one.list {
                if let Some(times) = of_round.get_mut(*at as usize) {
                    *times += 1;
                }
            }
        }
        // Of two people drawn at random, the part of a list that both are shown.
        let both: f64 = of_round
            .iter()
            .map(|times| *times as f64 * (*times as f64 - 1.0))
            .sum();
        let length = of_round.iter().sum::<u64>() as f64 / n;
        let common = both / (n * (n - 1.0) * length).max(1.0);
        self.impressions
            .iter_mut()
            .zip(&of_round)
            .for_each(|(sum, more)| *sum += more);
        let quarter = self.rounds.div_ceil(4);
        let [early, late] = &mut self.quarters;
        for (within, clicks) in [(round < quarter, early), (round >= self.rounds - quarter, late)] {
            if within {
                let each = clicks.iter_mut().zip(shown);
                each.for_each(|(clicks, one)| clicks.extend(&one.clicked));
            }
        }
        let figures = &mut self.figures;
        figures.rounds.push(Round {
            shown: varied / n,
            gini: gini(&mut self.impressions.clone()),
        });
        for (place, at) in [0, self.rounds.saturating_sub(1)].into_iter().enumerate() {
            if round != at {
                continue;
            }
            for (pair, value) in [
                (&mut figures.shown, varied / n),
                (&mut figures.distance, far / n),
                (&mut figures.overlap, common),
            ] {
                if let Some(figure) = pair.get_mut(place) {
                    *figure = value;
                }
            }
        }
    }

    /// What it came to. `tastes` and `clicked` are those of people after the last round.
    pub(super) fn done(self, tastes: &[&Vec<f64>], clicked: &[&Vec<bool>]) -> Figures {
        let n = tastes.len().max(1) as f64;
        let persons = &self.world.persons;
        let turns = persons
            .iter()
            .zip(tastes)
            .map(|(person, now)| turned(&person.taste, now));
        let (mut found, mut there) = (0.0, 0.0);
        for (person, clicked) in persons.iter().zip(clicked) {
            for at in person.best.iter().filter(|at| !person.had.contains(at)) {
                there += 1.0;
                found += f64::from(u8::from(clicked.get(*at as usize).copied().unwrap_or(false)));
            }
        }
        let all: u64 = self.impressions.iter().sum();
        let share = |number: u64, of: u64| number as f64 / of.max(1) as f64;
        let seen = self.impressions.iter().filter(|times| **times > 0).count();
        let small = self.impressions.iter().zip(&self.world.small);
        let clicked = consumed(&self.quarters, &self.world.topics);
        Figures {
            clicked,
            turned: turns.sum::<f64>() / n,
            discovery: share(self.outside, self.clicks),
            found: found / f64::max(there, 1.0),
            clicks: self.clicks as f64 / n,
            serendipity: share(self.surprises, all),
            coverage: share(seen as u64, self.impressions.len() as u64),
            small: share(
                small.filter(|(_, small)| **small).map(|(times, _)| times).sum(),
                all,
            ),
            gini: gini(&mut self.impressions.clone()),
            ..self.figures
        }
    }
}

/// Effective topics of each quarter: 1 over the chance that two clicks of a person are of one topic, the mean over the
/// people who clicked twice in both quarters (else it would be told of other people late than early).
fn consumed([early, late]: &[Vec<Vec<u32>>; 2], topics: &Topics) -> [f64; 2] {
    let (mut sums, mut people) = ([0.0; 2], 0.0);
    for (early, late) in early.iter().zip(late) {
        if let (Some(early), Some(late)) = (alike(early, topics), alike(late, topics)) {
            let [of_early, of_late] = &mut sums;
            *of_early += early;
            *of_late += late;
            people += 1.0;
        }
    }
    sums.map(|sum| if sum > 0.0 { people / sum } else { 0.0 })
}

/// The chance that two items of a list are of one topic (Simpson's index, without bias); none of fewer than two.
fn alike(list: &[u32], topics: &Topics) -> Option<f64> {
    let (mut alike, mut pairs) = (0.0, 0.0);
    for (nth, a) in list.iter().enumerate() {
        for b in list.iter().skip(nth + 1) {
            alike += overlap(topics.of(*a), topics.of(*b));
            pairs += 1.0;
        }
    }
    (pairs > 0.0).then(|| alike / pairs)
}

fn overlap(a: &[u32], b: &[u32]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let common = a.iter().filter(|topic| b.contains(topic)).count() as f64;
    common / ((a.len() * b.len()) as f64).sqrt()
}
