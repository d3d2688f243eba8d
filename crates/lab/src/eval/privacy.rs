//! What privacy costs: the same people learned from with noise of several ε, beside popularity with as much noise and
//! beside the best that is found without any; and how that grows with people.
//!
//! Deliberately does not know: where the data comes from, budgets that are kept.

use super::Error;
use learn::evaluate::{Case, Dense, Quality, measure, shipped};
use learn::private::{First, Wish};
use learn::{Counts, Provenance, Settings};
use recommend::Model;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use vocabulary::{Digest, Interaction, ItemId};

/// What stands beside a figure of popularity.
const FEW: &str = "p";
const FEW_CELL: &str = " p";
/// δ of every measurement.
pub(super) const DELTA: f64 = 1e-6;
/// Noise is drawn so many times for each point.
const DRAWS: u64 = 3;
/// As good as no noise.
const NONE: f64 = 1_000.0;
/// Every so manieth person alone, in the growth with people.
const FEWER: [usize; 3] = [8, 4, 2];
/// Each person so many times: a virtual number of people.
const MORE: [usize; 2] = [4, 16];

/// NDCG@100 with noise, by ε and by people.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Curve {
    /// The best without noise: the model whose settings were found on people held back, or these very sums with as
    /// good as no noise, whichever is better on the tested people.
    pub best: f64,
    /// Of the model without noise whose settings were found on people held back.
    pub selected: f64,
    /// Popularity without noise.
    pub popularity: f64,
    /// By ε, the last one without noise.
    pub points: Vec<Point>,
    /// By people.
    pub growth: Vec<Growth>,
}

/// One ε.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Point {
    /// ε of all releases together; `null`: as good as no noise.
    pub epsilon: Option<f64>,
    /// People times μ.
    pub signal: f64,
    /// Items with ties; 0: too few people, and the model is popularity and public facts.
    pub items: usize,
    /// NDCG@100, the mean of several draws of noise; of virtual people one draw.
    pub ndcg: f64,
    /// Standard error over people, of one draw.
    pub error: f64,
    /// Of popularity with noise of the same ε.
    pub popularity: f64,
    /// The share of the best without noise.
    pub kept: f64,
    /// The share of what the best without noise gains over popularity without noise.
    pub lift: f64,
}

impl Point {
    /// Whether people were too few for this ε, so that the model is popularity with noise and public facts: the
    /// trainer takes them by itself.
    pub fn is_popularity(&self) -> bool {
        self.items == 0
    }
}

/// One number of people.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Growth {
    /// How many.
    pub people: usize,
    /// Whether each real person stands for several: then more people would know more as well, and this is a lower
    /// bound.
    pub is_virtual: bool,
    /// What was measured, by ε.
    pub points: Vec<Point>,
}

/// What is learned from.
pub(super) struct Ground<'a> {
    pub(super) histories: Vec<Vec<Interaction>>,
    pub(super) items: &'a [ItemId],
    pub(super) topics: Option<&'a [Vec<u32>]>,
    pub(super) provenance: &'a Provenance,
    pub(super) seed: u64,
}

impl Ground<'_> {
    /// The curve, and of each ε the first model with its name.
    pub(super) fn curve(
        &self,
        epsilons: &[f64],
        counts: &Counts,
        selected: &Model,
        cases: &[Case],
    ) -> Result<(Curve, Vec<(String, Model)>), Error> {
        let popularity = Dense::popularity(counts);
        let popularity = measure(cases, |case| popularity.list(case)).ndcg_100;
        let selected = measure(cases, |case| shipped(selected, case)).ndcg_100;
        let all: Vec<&Vec<Interaction>> = self.histories.iter().collect();
        let (last, _) = self.point(&all, 1, NONE, cases)?;
        let best = selected.max(last.ndcg);
        let told = |mut point: Point| {
            point.kept = point.ndcg / best;
            point.lift = (point.ndcg - popularity) / (best - popularity);
            point
        };
        let (mut points, mut models) = (Vec::new(), Vec::new());
        for epsilon in epsilons {
            let (point, model) = self.point(&all, 1, *epsilon, cases)?;
            let name = match point.items {
                0 => format!("ε = {epsilon}: too few people"),
                items => format!("ε = {epsilon}, {items} items"),
            };
            points.push(told(point));
            models.push((name, model));
        }
        let growth = self.growth(epsilons, &points, cases, &told)?;
        points.push(told(Point {
            epsilon: None,
            ..last
        }));
        let curve = Curve {
            best,
            selected,
            popularity,
            points,
            growth,
        };
        Ok((curve, models))
    }

    /// Each number of people at each ε; `of_all` is what was measured of all of them.
    fn growth(
        &self,
        epsilons: &[f64],
        of_all: &[Point],
        cases: &[Case],
        told: &impl Fn(Point) -> Point,
    ) -> Result<Vec<Growth>, Error> {
        let fewer = FEWER.map(|part| (part, 1));
        let more = MORE.map(|more| (1, more));
        let mut growth = Vec::new();
        for (part, times) in fewer.into_iter().chain([(1, 1)]).chain(more) {
            let some: Vec<&Vec<Interaction>> = self.histories.iter().step_by(part).collect();
            let points = match (part, times) {
                (1, 1) => of_all.to_vec(),
                _ => epsilons
                    .iter()
                    .map(|epsilon| Ok(told(self.point(&some, times, *epsilon, cases)?.0)))
                    .collect::<Result<_, Error>>()?,
            };
            growth.push(Growth {
                people: some.len() * times,
                is_virtual: times > 1,
                points,
            });
        }
        Ok(growth)
    }

    /// Several draws of one ε, and the first model. Each person is counted `times` times.
    fn point(
        &self,
        people: &[&Vec<Interaction>],
        times: usize,
        epsilon: f64,
        cases: &[Case],
    ) -> Result<(Point, Model), Error> {
        let wish = Wish {
            epsilon,
            delta: DELTA,
        };
        // Beside many people noise is small: one draw of it is like another.
        let draws = if epsilon >= NONE || times > 1 { 1 } else { DRAWS };
        let (mut ndcg, mut popularity, mut of_first) = (0.0, 0.0, None);
        for draw in 0..draws {
            let (items, model) = self.learned(people, times, wish, draw, false)?;
            let quality = measure(cases, |case| shipped(&model, case));
            ndcg += quality.ndcg_100 / draws as f64;
            let (_, popular) = self.learned(people, times, wish, draw, true)?;
            popularity += measure(cases, |case| shipped(&popular, case)).ndcg_100 / draws as f64;
            if of_first.is_none() {
                of_first = Some((items, quality, model));
            }
        }
        let (items, quality, model): (usize, Quality, Model) = match of_first {
            Some(first) => first,
            None => {
                let (items, model) = self.learned(people, times, wish, 0, false)?;
                (items, Quality::default(), model)
            }
        };
        let point = Point {
            epsilon: Some(epsilon),
            signal: (people.len() * times) as f64 * wish.mu()?,
            items,
            ndcg,
            error: quality.ndcg_error,
            popularity,
            kept: 0.0,
            lift: 0.0,
        };
        Ok((point, model))
    }

    fn learned(
        &self,
        people: &[&Vec<Interaction>],
        times: usize,
        wish: Wish,
        draw: u64,
        popularity: bool,
    ) -> Result<(usize, Model), Error> {
        // A measurement must come out the same again; who releases a model draws a fresh seed.
        let seed = |number: u64| {
            let text = format!("{} {} {number} {draw} {popularity}", self.seed, wish.epsilon);
            Digest::of(text.as_bytes()).0
        };
        let mut first = First::new(self.items.iter().cloned())?;
        for history in people {
            (0..times).for_each(|_| first.add(history));
        }
        let popular = match popularity {
            true => first.release_popularity(wish, seed(1))?,
            false => first.release(wish, seed(1))?,
        };
        let mut second = popular.second();
        if popular.kept() > 0 {
            for history in people {
                (0..times).for_each(|_| second.add(history));
            }
        }
        let public: BTreeMap<ItemId, Vec<u32>> = match self.topics {
            Some(topics) if !popularity => {
                let topics = topics.iter().cloned();
                self.items.iter().cloned().zip(topics).collect()
            }
            _ => BTreeMap::new(),
        };
        let bytes = second.learn(seed(2), &public, &Settings::default(), self.provenance.clone())?;
        Ok((popular.kept(), Model::read(&bytes)?))
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "what privacy costs: NDCG@100 for one person more or less, δ = {DELTA:e}, means of {DRAWS} draws of noise"
        )?;
        writeln!(
            f,
            "  without noise: {:.4} with settings found on people held back, {:.4} at best, {:.4} popularity",
            self.selected, self.best, self.popularity
        )?;
        writeln!(
            f,
            "  `{FEW}`: too few people for this ε; popularity with noise and public facts are used instead"
        )?;
        writeln!(
            f,
            "  {:>16} {:>10} {:>6} {:>17} {:>15} {:>7} {:>7}",
            "ε", "people × μ", "items", "NDCG@100", "popularity too", "kept", "lift"
        )?;
        for point in &self.points {
            let name = point
                .epsilon
                .map_or("∞".to_owned(), |epsilon| epsilon.to_string());
            writeln!(f, "  {name:>16} {}", Cells(point))?;
        }
        writeln!(
            f,
            "growth with people, NDCG@100; `{FEW}`: as above; `virtual`: each person counted several times, a lower bound"
        )?;
        write!(f, "  {:>16}", "people")?;
        for epsilon in self.points.iter().filter_map(|point| point.epsilon) {
            write!(f, "  {:>17}", format!("ε = {epsilon}"))?;
        }
        writeln!(f)?;
        for row in &self.growth {
            let name = match row.is_virtual {
                true => format!("virtual {}", row.people),
                false => row.people.to_string(),
            };
            write!(f, "  {name:>16}")?;
            for point in &row.points {
                let few = if point.is_popularity() { FEW } else { " " };
                write!(f, "  {:>7.4} ± {:.4} {few}", point.ndcg, point.error)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

struct Cells<'a>(&'a Point);

impl fmt::Display for Cells<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Point {
            signal,
            items,
            ndcg,
            error,
            popularity,
            kept,
            lift,
            ..
        } = self.0;
        write!(
            f,
            "{signal:>10.0} {items:>6} {ndcg:>8.4} ± {error:.4} {popularity:>15.4} {:>5.1} % {:>5.1} %{}",
            100.0 * kept,
            100.0 * lift,
            if self.0.is_popularity() { FEW_CELL } else { "" }
        )
    }
}
