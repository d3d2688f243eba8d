//! How good the model is on Online Retail, against what it has to beat: the table of
//! `egard bench recommend`.
//!
//! Two questions, each with a validation split on which everything is chosen and a test split that is
//! only read:
//!
//! - *Leave-out* (strong generalisation, Liang et al., WWW 2018): 80 % of people train, 10 % validate,
//!   10 % test. Of each of the latter a fifth of the items is hidden, and is to be found from the rest.
//! - *Next basket*: learn from all orders before a day, then find what is in each person's first order
//!   after it; once with everything, once only with what that person never bought before. Products that
//!   nobody had bought before the day cannot be found by any of the models and are not asked for.

mod person;
mod report;
mod split;

pub use person::{PersonCost, Quantiles, person_cost};
pub use report::{Microseconds, Report, ScoringCost, Table, TrainingCost};

use crate::online_retail::{Order, histories};
use crate::stopwatch;
use learn::{Bounds, Provenance, Settings, train};
use recommend::{Model, Scores, Scratch, Topics, score_all_with};
use split::{Choice, Split, leave_out, next_basket};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use vocabulary::{Catalogue, Day, Digest, Interaction, ItemId, Moment};

/// The seed of the split that the defaults of `learn::Settings` were chosen on: with another one, people on
/// whom they were chosen are among the tested.
pub const SEED: u64 = 7;

/// 2011-07-01, before which the validation of the next basket learns.
const VALIDATE_FROM: Day = Day(15_156);
/// 2011-09-01, before which the test of the next basket learns.
const TEST_FROM: Day = Day(15_218);

/// Measures everything. Takes about a minute in a release build; the qualities depend on the data and
/// `seed` (usually [`SEED`]) alone.
///
/// # Errors
/// As [`learn::train`], if the data is too small to learn from.
pub fn run(orders: &[Order], catalogue: &Catalogue, seed: u64) -> Result<Report, learn::Error> {
    let items: Vec<ItemId> = catalogue.items().iter().map(|item| item.id.clone()).collect();
    let everybody = histories(orders);
    let now = orders.last().map(|order| order.at).unwrap_or_default();
    // First, so that the most memory is that of training and not of the dense models.
    let (model, training) = training_cost(&items, &everybody)?;
    let scoring = scoring_cost(&model, &everybody, now);
    let person = of_one(&model, catalogue, &everybody, now);

    let people = leave_out(&everybody, now, seed);
    let learned = Split::new(&items, people.train.iter().copied())?;
    let chosen = Choice::on(&learned, &people.validate)?;
    let question = "leave-out: a hidden fifth of the items of people never seen in training";
    let mut tables = vec![Table {
        question,
        rows: learned.rows(&chosen, &people.test)?,
    }];

    let validate = next_basket(orders, VALIDATE_FROM.start(), TEST_FROM.start());
    let test = next_basket(orders, TEST_FROM.start(), Moment(i64::MAX));
    let before = Split::new(&items, validate.histories.values())?;
    let later = Split::new(&items, test.histories.values())?;
    for (question, validate, test) in [
        (
            "next basket: everything in the first order after 2011-09-01",
            &validate.all,
            &test.all,
        ),
        (
            "next basket, discovery: what the person never bought before",
            &validate.new,
            &test.new,
        ),
    ] {
        let chosen = Choice::on(&before, validate)?;
        tables.push(Table {
            question,
            rows: later.rows(&chosen, test)?,
        });
    }
    Ok(Report {
        tables,
        training,
        scoring,
        person,
    })
}

/// A person with the categories of the catalogue as topics; everybody who has anything.
fn of_one(
    model: &Model,
    catalogue: &Catalogue,
    everybody: &BTreeMap<u32, Vec<Interaction>>,
    now: Moment,
) -> PersonCost {
    let mut categories: BTreeMap<&str, u32> = BTreeMap::new();
    for item in catalogue.items() {
        let next = categories.len() as u32;
        categories.entry(&item.category).or_insert(next);
    }
    let topic = |item: &ItemId| {
        let category = catalogue.get(item).map(|item| item.category.as_str());
        category.and_then(|category| categories.get(category)).copied()
    };
    let of_items: Vec<Vec<u32>> = model
        .items()
        .iter()
        .map(|item| topic(item).into_iter().collect())
        .collect();
    let topics = Topics::new(of_items.iter().map(Vec::as_slice));
    let offer = topics.mix((0..model.items().len() as u32).map(|at| (at, 1.0)));
    let histories: Vec<Vec<Interaction>> = everybody.values().map(|history| latest(history)).collect();
    person_cost(model, &histories, &topics, &offer, now)
}

/// The latest 200 of a history.
fn latest(history: &[Interaction]) -> Vec<Interaction> {
    let mut history = history.to_vec();
    history.sort_by_key(|act| std::cmp::Reverse(act.last_at));
    history.truncate(200);
    history
}

fn training_cost(
    items: &[ItemId],
    everybody: &BTreeMap<u32, Vec<Interaction>>,
) -> Result<(Model, TrainingCost), learn::Error> {
    let before_kib = stopwatch::peak_kib();
    let (start, cpu) = (Instant::now(), stopwatch::cpu());
    let counts = split::counts(items, everybody.values(), Bounds::default())?;
    let gather_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let bytes = train(&counts, &Settings::default(), provenance())?;
    let learn_seconds = start.elapsed().as_secs_f64();
    let cpu_seconds = stopwatch::cpu()
        .zip(cpu)
        .map(|(after, before)| (after - before).as_secs_f64());
    let peak_kib = stopwatch::peak_kib();
    let model = Model::read(&bytes)?;
    let cost = TrainingCost {
        people: counts.people(),
        items: items.len(),
        gather_seconds,
        learn_seconds,
        cpu_seconds,
        before_kib,
        peak_kib,
        digest: model.digest(),
        model_bytes: bytes.len(),
        weights: model.discover().len() + model.next().len(),
    };
    Ok((model, cost))
}

fn scoring_cost(model: &Model, everybody: &BTreeMap<u32, Vec<Interaction>>, now: Moment) -> ScoringCost {
    let all: Vec<Vec<Interaction>> = everybody.values().map(|history| latest(history)).collect();
    let longest: Vec<Vec<Interaction>> = all
        .iter()
        .filter(|history| history.len() == 200)
        .cloned()
        .collect();
    let items: usize = all.iter().map(Vec::len).sum();
    ScoringCost {
        mean: microseconds(model, &all, now),
        longest: microseconds(model, &longest, now),
        mean_items: items as f64 / all.len().max(1) as f64,
    }
}

fn microseconds(model: &Model, histories: &[Vec<Interaction>], now: Moment) -> Microseconds {
    Microseconds {
        top: each(model, histories, now, |scores| {
            std::hint::black_box(scores.top(20, |_| true));
        }),
        explained: each(model, histories, now, |scores| {
            std::hint::black_box(scores.rank(20, |_| true));
        }),
    }
}

/// Processor time per history, over at least two seconds of it: the clock of `/proc` ticks in hundredths.
fn each(model: &Model, histories: &[Vec<Interaction>], now: Moment, list: impl Fn(&Scores<'_>)) -> f64 {
    let start = Instant::now();
    let spent = || stopwatch::cpu().unwrap_or_else(|| start.elapsed());
    let (before, mut scored, mut scratch) = (spent(), 0u32, Scratch::default());
    while !histories.is_empty() && spent() - before < Duration::from_secs(2) {
        for history in histories {
            let scores = score_all_with(scratch, model, history, &[], now);
            list(&scores);
            scratch = scores.into_scratch();
            scored += 1;
        }
    }
    (spent() - before).as_secs_f64() * 1e6 / f64::from(scored.max(1))
}

fn provenance() -> Provenance {
    Provenance {
        made_on: TEST_FROM,
        charter: Digest::default(),
        data: "UCI Online Retail, for measurement: no charter, nobody asked".to_owned(),
    }
}
