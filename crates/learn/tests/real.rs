//! What small models keep and how much few reasons say, on the orders that ship with the program.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic and print"
)]

use flate2::read::GzDecoder;
use learn::evaluate::{Case, Dense, measure, shipped};
use learn::{Bounds, Counts, Provenance, Settings, train};
use recommend::{Model, score_all};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read;
use vocabulary::{Day, Digest, Interaction, ItemId, Moment};

/// By customer, each product once, ascending.
fn people() -> Vec<Vec<ItemId>> {
    let mut text = String::new();
    let packed: &[u8] = include_bytes!("../../../demo/data/orders.txt.gz");
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let mut people: BTreeMap<u32, BTreeSet<ItemId>> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split(' ').skip(2);
        let customer = people.entry(words.next().unwrap().parse().unwrap()).or_default();
        customer.extend(words.map(|word| ItemId::from(word.split(['*', '@']).next().unwrap())));
    }
    people
        .into_values()
        .map(|items| items.into_iter().collect())
        .collect()
}

fn history<'i>(items: impl IntoIterator<Item = &'i ItemId>) -> Vec<Interaction> {
    let acts = items.into_iter().map(|item| Interaction {
        item: item.clone(),
        viewed: 0,
        added: 0,
        bought: 1,
        last_at: Moment(0),
    });
    acts.collect()
}

/// Every tenth person is asked for a fifth of their items.
fn split(nth: usize) -> (Counts, Vec<Case>) {
    let people = people();
    let items: BTreeSet<ItemId> = people.iter().flatten().cloned().collect();
    let mut counts = Counts::new(items, Bounds::default()).unwrap();
    let mut cases = Vec::new();
    for (at, items) in people.iter().enumerate() {
        if at % 10 != nth {
            counts.add(&history(items)).unwrap();
        } else if items.len() >= 5 {
            let hidden = |place: &usize| (place * 7 + at).is_multiple_of(5);
            let part = |wanted: bool| (0..items.len()).filter(move |place| hidden(place) == wanted);
            cases.push(Case {
                history: history(part(false).map(|place| &items[place])),
                wanted: part(true)
                    .map(|place| items[place].clone())
                    .collect::<HashSet<_>>(),
                repeats: false,
                now: Moment(0),
            });
        }
    }
    (counts, cases)
}

fn discover_alone(counts: &Counts, ridge: f64) -> Model {
    let mut settings = Settings {
        ridge,
        least_people: 1,
        ..Settings::default()
    };
    (
        settings.parameters.next,
        settings.parameters.prior,
        settings.parameters.again,
    ) = (0.0, 0.0, 0.0);
    let provenance = Provenance {
        made_on: Day(0),
        charter: Digest::default(),
        data: "Online Retail".to_owned(),
    };
    Model::read(&train(counts, &settings, provenance).unwrap()).unwrap()
}

/// Both with the ridge that is best for the dense one.
#[test]
fn a_hundred_weights_of_eight_bits_keep_what_the_dense_solution_knows() {
    let (counts, cases) = split(3);
    let dense = |ridge: f64| {
        let model = Dense::ease(&counts, 1, ridge).unwrap();
        (measure(&cases, |case| model.list(case)).ndcg_100, ridge)
    };
    let tried = [0.35, 0.7, 1.4].map(dense);
    let (best, ridge) = tried
        .into_iter()
        .reduce(|a, b| if b.0 > a.0 { b } else { a })
        .unwrap();
    let model = discover_alone(&counts, ridge);
    let ours = measure(&cases, |case| shipped(&model, case)).ndcg_100;
    println!(
        "NDCG@100 of {} people: dense {best:.4} (ridge {ridge}), 100 weights of 8 bits {ours:.4}: {:.1} %",
        cases.len(),
        100.0 * ours / best
    );
    assert!(ours >= 0.98 * best, "{ours} of {best}");
}

#[test]
fn five_reasons_carry_most_of_what_speaks_for_an_item() {
    let (counts, cases) = split(3);
    let model = discover_alone(&counts, Settings::default().ridge);
    let (mut five, mut all) = (0.0, 0.0);
    let mut of_items = Vec::new();
    for case in &cases {
        let known = case.known();
        for ranked in score_all(&model, &case.history, &[], case.now).rank(20, |item| !known.contains(item)) {
            let mut amounts: Vec<f64> = ranked.reasons.iter().map(|reason| reason.amount).collect();
            amounts.retain(|amount| *amount > 0.0);
            amounts.sort_by(|a, b| b.total_cmp(a));
            let (first, sum) = (amounts.iter().take(5).sum::<f64>(), amounts.iter().sum::<f64>());
            if sum > 0.0 {
                of_items.push(first / sum);
            }
            five += first;
            all += sum;
        }
    }
    let mean = of_items.iter().sum::<f64>() / of_items.len() as f64;
    println!(
        "five reasons carry {:.1} % of the positive mass, {:.1} % in the mean over {} items",
        100.0 * five / all,
        100.0 * mean,
        of_items.len()
    );
    assert!(mean >= 0.55, "{mean}");
}
