//! What lists look like, by placement: how many people saw one on a day, and how open it was. For the team, and only
//! of days that are over, only of many people, each counted once a day and placement.
//!
//! Whoever looks at it every minute learns nothing of who came meanwhile: a day is told as a whole, the day after.
//! Kept in memory, without identifiers: a person is a number that nobody can trace back and that goes with the day.
//! Deliberately does not know: who is shown what, how a page looks.

use crate::automation::figures::FEW;
use decide::Shop;
use decide::offers::{Mode, Offers};
use recommend::Slot;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};
use vocabulary::{Day, Moment};

/// Placements that are counted; a site has a handful.
const PLACEMENTS: usize = 50;
/// People counted of a placement and a day; more change no mean.
const PEOPLE: usize = 100_000;

/// Counts lists.
#[derive(Default)]
pub struct Lists(Mutex<State>);

#[derive(Default)]
struct State {
    day: Day,
    running: BTreeMap<String, Running>,
    told: BTreeMap<String, Told>,
}

#[derive(Default)]
struct Running {
    seen: HashSet<u64>,
    sums: [f64; 6],
}

/// A placement on a day that is over. Shares are means over people, 0 to 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Told {
    /// The day, in UTC.
    pub day: Day,
    /// How many people, each of whom counted once.
    pub people: u64,
    /// Outside the person's usual topics.
    pub outside: f64,
    /// Topics of a list, counted as if all weighed the same.
    pub topics: f64,
    /// The same of the whole catalogue.
    pub offered: f64,
    /// The first as a share of the second, at most 1 for anybody.
    pub spread: f64,
    /// Places that were discoveries.
    pub discoveries: f64,
    /// Places kept for small and new items.
    pub exposures: f64,
}

impl Lists {
    /// Counts a list. `whose` is the same number for one person, placement and day.
    pub fn count(&self, placement: &str, whose: u64, offers: &Offers, shop: &Shop, now: Moment) {
        if offers.mode != Mode::Profiled || offers.items.is_empty() {
            return;
        }
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.turn(now.day());
        if !state.running.contains_key(placement) {
            if state.running.len() >= PLACEMENTS {
                return;
            }
            state.running.insert(placement.to_owned(), Running::default());
        }
        let Some(running) = state.running.get_mut(placement) else {
            return;
        };
        if running.seen.len() >= PEOPLE || !running.seen.insert(whose) {
            return;
        }
        let places = offers
            .items
            .iter()
            .filter_map(|one| shop.model().position(&one.item));
        let topics = shop.topics().mix(places.map(|at| (at, 1.0)));
        let share = |is: &dyn Fn(Slot, bool) -> bool| {
            let those = offers.places.iter().filter(|place| is(place.slot, place.outside));
            those.count() as f64 / offers.places.len().max(1) as f64
        };
        let offered = shop.offer().effective();
        let of_list = [
            share(&|_, outside| outside),
            topics.effective(),
            offered,
            (topics.effective() / offered.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0),
            share(&|slot, _| matches!(slot, Slot::Discovery { .. })),
            share(&|slot, _| matches!(slot, Slot::Exposure { .. })),
        ];
        for (sum, one) in running.sums.iter_mut().zip(of_list) {
            *sum += one;
        }
    }

    /// The last day of each placement that is over and that enough people were there; the placement first.
    pub fn told(&self, now: Moment) -> Vec<(String, Told)> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.turn(now.day());
        let told = state.told.iter();
        told.map(|(placement, told)| (placement.clone(), *told)).collect()
    }
}

impl State {
    /// A day that is over is told, if it was one of many people, and forgotten.
    fn turn(&mut self, today: Day) {
        if today <= self.day {
            return;
        }
        let day = std::mem::replace(&mut self.day, today);
        for (placement, running) in std::mem::take(&mut self.running) {
            let people = running.seen.len() as u64;
            if people < FEW {
                continue;
            }
            let [outside, topics, offered, spread, discoveries, exposures] =
                running.sums.map(|sum| sum / people as f64);
            self.told.insert(
                placement,
                Told {
                    day,
                    people,
                    outside,
                    topics,
                    offered,
                    spread,
                    discoveries,
                    exposures,
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::DAY_MS;

    fn with(people: u64, day: i64) -> State {
        let mut state = State::default();
        state.turn(Moment(day * DAY_MS).day());
        let running = Running {
            seen: (0..people).collect(),
            sums: [people as f64 * 0.25; 6],
        };
        state.running.insert("home".to_owned(), running);
        state
    }

    #[test]
    fn a_day_is_told_when_it_is_over_and_only_of_many_people() {
        let told = |people, day| {
            let lists = Lists(Mutex::new(with(people, 100)));
            lists.told(Moment(day * DAY_MS))
        };
        assert!(told(FEW, 100).is_empty(), "the day is not over");
        assert!(told(FEW - 1, 101).is_empty(), "few people");
        let found = told(FEW, 101);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].1.people, found[0].1.outside), (FEW, 0.25));
        assert_eq!(found[0].1.day, Moment(100 * DAY_MS).day());
    }

    #[test]
    fn a_day_of_few_people_leaves_the_day_before_as_it_was_told() {
        let mut state = with(FEW, 100);
        state.turn(Moment(101 * DAY_MS).day());
        let first = state.told.clone();
        state.running = with(3, 101).running;
        state.turn(Moment(102 * DAY_MS).day());
        assert_eq!(state.told, first);
    }
}
