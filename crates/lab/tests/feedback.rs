//! What lists do round after round: a small world, seeded, on the shop that ships with the program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use lab::feedback::{Choices, Error, Offer, Report, run};
use lab::interactions::{Act, Interactions, Row};
use lab::online_retail::{shipped_catalogue, shipped_orders};
use std::collections::HashMap;
use vocabulary::ItemId;

/// The shop that ships with the program.
fn shop() -> (Interactions, Vec<Vec<u32>>) {
    let catalogue = shipped_catalogue().unwrap();
    let mut data = Interactions { timed: true, ..Interactions::default() };
    let mut categories: Vec<&str> = Vec::new();
    let (mut places, mut topics) = (HashMap::<ItemId, u32>::new(), Vec::new());
    for item in catalogue.items() {
        places.insert(item.id.clone(), data.items.len() as u32);
        data.items.push(item.id.clone());
        let category = item.category.as_str();
        let topic = categories.iter().position(|known| *known == category).unwrap_or_else(|| {
            categories.push(category);
            categories.len() - 1
        });
        topics.push(vec![topic as u32]);
    }
    let mut people = HashMap::new();
    for order in shipped_orders().unwrap().map(Result::unwrap) {
        let next = people.len();
        let person = *people.entry(order.customer).or_insert(next);
        if person == data.people.len() {
            data.people.push(Vec::new());
        }
        for line in &order.lines {
            let item = places[&line.product];
            data.people[person].push(Row { item, at: order.at, act: Act::Had });
        }
    }
    (data, topics)
}

fn value(report: &Report, offer: Offer, line: &str, cell: usize) -> f64 {
    let line = report.lines.iter().find(|one| one.offer == offer && one.name == line).unwrap();
    line.cells[cell].value.mean
}

#[test]
#[ignore = "tuning"]
fn tune() {
    let (data, topics) = shop();
    let env = |name: &str, or: u64| std::env::var(name).ok().map_or(or, |text| text.parse().unwrap());
    let choices = Choices {
        worlds: env("WORLDS", 2),
        seed: env("SEED", 7),
        people: env("PEOPLE", 600) as usize,
        items: env("ITEMS", 600) as usize,
        ..Choices::default()
    };
    let from = std::time::Instant::now();
    let report = run(&data, Some(&topics), &[Offer::Once, Offer::Again], &choices).unwrap();
    println!("{report}\n{:?}", from.elapsed());
}

#[test]
fn too_few_people_are_refused_in_words() {
    let (mut data, topics) = shop();
    data.people.truncate(20);
    let refused = run(&data, Some(&topics), &[Offer::Once], &Choices::default());
    assert!(matches!(refused, Err(Error::TooFew { .. })));
}
