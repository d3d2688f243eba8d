//! One policy in one world: learn, show, click, drift, and again.

use super::figures::{Figures, Tally};
use super::taste::{appeal, best, chance, drifted, unit};
use super::world::{Person, World};
use super::{Choices, Error, Offer, Policy};
use learn::{Bounds, Counts, Provenance, Settings, train};
use rayon::prelude::*;
use recommend::{Model, Opening, score_all};
use vocabulary::{DAY_MS, Day, Digest, Interaction, Moment};

/// What somebody was shown in a round, and what became of it.
pub(super) struct Shown {
    pub(super) list: Vec<u32>,
    pub(super) clicked: Vec<u32>,
    /// How many of the list are relevant and unexpected.
    pub(super) surprises: u32,
}

/// Somebody between rounds.
struct State {
    history: Vec<Interaction>,
    had: Vec<bool>,
    clicked: Vec<bool>,
    taste: Vec<f64>,
}

pub(super) fn play(world: &World, offer: Offer, policy: Policy, choices: &Choices) -> Result<Figures, Error> {
    let mut states: Vec<State> = world
        .persons
        .iter()
        .map(|person| state(person, world.items(), offer))
        .collect();
    let mut having = world.having.clone();
    let mut tally = Tally::new(world, choices.rounds);
    for round in 0..choices.rounds {
        let now = world.from.plus(i64::from(round + 1) * DAY_MS);
        let model = match policy {
            Policy::Random | Policy::Oracle => None,
            Policy::Plain | Policy::Dial(..) => Some(learned(world, &states)?),
        };
        let fame: Vec<f64> = having.iter().map(|count| *count as f64).collect();
        let fame = best(&fame, fame.len());
        let one_round = Round {
            world,
            offer,
            policy,
            choices,
            round,
            now,
            model: model.as_ref(),
            fame: &fame,
        };
        let shown: Vec<Shown> = states
            .par_iter()
            .enumerate()
            .map(|(who, state)| one_round.show(who as u64, state))
            .collect();
        tally.count(round, &shown);
        for (state, shown) in states.iter_mut().zip(&shown) {
            state.take(world, offer, &shown.clicked, now, &mut having);
            let clicked: Vec<&Vec<f64>> = shown
                .clicked
                .iter()
                .filter_map(|at| world.factors.get(*at as usize))
                .collect();
            state.taste = drifted(&state.taste, &clicked, choices.drift);
        }
    }
    let tastes: Vec<&Vec<f64>> = states.iter().map(|state| &state.taste).collect();
    let clicked: Vec<&Vec<bool>> = states.iter().map(|state| &state.clicked).collect();
    Ok(tally.done(&tastes, &clicked))
}

fn state(person: &Person, items: usize, offer: Offer) -> State {
    let mut had = vec![false; items];
    for at in &person.had {
        if let Some(place) = had.get_mut(*at as usize) {
            *place = true;
        }
    }
    let mut history = person.history.clone();
    if offer == Offer::Again {
        // What may come again is read, not bought: nothing is "again" because it was read.
        for one in &mut history {
            one.viewed += one.added + one.bought;
            (one.added, one.bought) = (0, 0);
        }
    }
    State {
        history,
        had,
        clicked: vec![false; items],
        taste: person.taste.clone(),
    }
}

impl State {
    fn take(&mut self, world: &World, offer: Offer, clicked: &[u32], now: Moment, having: &mut [u64]) {
        for at in clicked {
            let place = *at as usize;
            let (Some(item), Some(had), Some(known)) = (
                world.items.get(place),
                self.had.get_mut(place),
                self.clicked.get_mut(place),
            ) else {
                continue;
            };
            *known = true;
            if !std::mem::replace(had, true)
                && let Some(count) = having.get_mut(place)
            {
                *count += 1;
            }
            let mut interaction = Interaction {
                item: item.clone(),
                viewed: 0,
                added: 0,
                bought: 0,
                last_at: now,
            };
            let one = match self.history.iter_mut().find(|one| one.item == *item) {
                Some(one) => one,
                None => &mut interaction,
            };
            one.last_at = now;
            match offer {
                Offer::Once => one.bought += 1,
                Offer::Again => one.viewed += 1,
            }
            if interaction.viewed + interaction.bought > 0 {
                self.history.push(interaction);
            }
        }
    }
}

/// What the server does at night: everybody's histories to a model.
fn learned(world: &World, states: &[State]) -> Result<Model, Error> {
    let mut counts = Counts::new(world.items.iter().cloned(), Bounds::default())?;
    for state in states {
        counts.add(&state.history)?;
    }
    let provenance = Provenance {
        made_on: Day(0),
        charter: Digest::default(),
        data: "people who are made up".to_owned(),
    };
    Ok(Model::read(&train(&counts, &Settings::default(), provenance)?)?)
}

struct Round<'a> {
    world: &'a World,
    offer: Offer,
    policy: Policy,
    choices: &'a Choices,
    round: u32,
    now: Moment,
    model: Option<&'a Model>,
    /// The items, the most popular first.
    fame: &'a [u32],
}

impl Round<'_> {
    fn show(&self, who: u64, state: &State) -> Shown {
        let appeals = appeal(&state.taste, &self.world.factors);
        let of = |at: &u32| appeals.get(*at as usize).copied().unwrap_or(f64::MIN);
        let list = self.list(who, state, &appeals);
        let seed = self.world.seed;
        let clicked = list.iter().enumerate().filter(|(position, at)| {
            let looks = 1.0 / (*position as f64 + 2.0).log2();
            let draw = unit(&[seed, 2, who, u64::from(self.round), u64::from(**at)]);
            draw < looks * chance(of(at))
        });
        let clicked = clicked.map(|(_, at)| *at).collect();
        let may = self.may(state);
        let expected: Vec<u32> = self
            .fame
            .iter()
            .copied()
            .filter(|at| may(*at))
            .take(self.choices.length)
            .collect();
        let surprises = list.iter().filter(|at| {
            let known = state.had.get(**at as usize).copied().unwrap_or(false);
            chance(of(at)) >= 0.5 && !known && !expected.contains(at)
        });
        Shown {
            surprises: surprises.count() as u32,
            clicked,
            list,
        }
    }

    /// Whether an item may be shown to somebody.
    fn may<'s>(&self, state: &'s State) -> impl Fn(u32) -> bool + use<'s> {
        let once = self.offer == Offer::Once;
        move |at| !once || !state.had.get(at as usize).copied().unwrap_or(false)
    }

    fn list(&self, who: u64, state: &State, appeals: &[f64]) -> Vec<u32> {
        let (seed, length) = (self.world.seed, self.choices.length);
        let may = self.may(state);
        let round = u64::from(self.round);
        let by = |value: &dyn Fn(u32) -> f64| {
            let values: Vec<f64> = (0..self.world.items() as u32)
                .map(|at| if may(at) { value(at) } else { f64::NEG_INFINITY })
                .collect();
            let mut list = best(&values, length);
            list.retain(|at| may(*at));
            list
        };
        let Some(model) = self.model else {
            return match self.policy {
                Policy::Oracle => by(&|at| appeals.get(at as usize).copied().unwrap_or(f64::MIN)),
                _ => by(&|at| unit(&[seed, 3, who, round, u64::from(at)])),
            };
        };
        let scores = score_all(model, &state.history, &[], self.now);
        let Policy::Dial(rule, openness) = self.policy else {
            let list = scores.top(length, |item| model.position(item).is_some_and(&may));
            return list
                .into_iter()
                .filter_map(|(item, _)| model.position(item))
                .collect();
        };
        let opening = Opening {
            openness,
            discovery: true,
            topics: &self.world.topics,
            offer: &self.world.offer,
            seed: (unit(&[seed, 4, who, round]) * 1e18) as u64,
        };
        let list = scores.open_by(rule, length, &opening, may);
        list.into_iter().map(|one| one.at).collect()
    }
}
