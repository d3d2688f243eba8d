//! The shipped data is what its README says, and the model is worth its name on it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic and print"
)]

use flate2::{Compression, write::GzEncoder};
use lab::online_retail::{Error, catalogue, histories, orders, shipped_catalogue, shipped_orders};
use learn::{Bounds, Provenance, Settings, Sum, train};
use std::collections::HashSet;
use std::io::Write;
use vocabulary::{Day, Digest};

#[test]
fn the_shipped_data_is_what_its_readme_says() {
    let catalogue = shipped_catalogue().unwrap();
    let orders: Vec<_> = shipped_orders().unwrap().map(Result::unwrap).collect();
    assert_eq!(orders.len(), 18_402);
    assert_eq!(
        orders.iter().map(|order| order.lines.len()).sum::<usize>(),
        386_312
    );
    assert_eq!(histories(&orders).len(), 4_334);
    assert_eq!(catalogue.items().len(), 3_658);
    assert_eq!(
        orders
            .iter()
            .map(|order| order.invoice)
            .collect::<HashSet<_>>()
            .len(),
        orders.len()
    );
    assert!(orders.is_sorted_by_key(|order| order.at));
    // 2010-12-01T08:26:00Z, the first invoice of the original.
    let first = orders.first().unwrap();
    assert_eq!(
        (first.invoice, first.customer, first.at.0),
        (536_365, 17_850, 1_291_191_960_000)
    );
    let heart = first
        .lines
        .iter()
        .find(|line| line.product.as_str() == "85123A")
        .unwrap();
    assert_eq!((heart.quantity, heart.price_minor), (6, 255));
    assert!(
        orders
            .iter()
            .flat_map(|o| &o.lines)
            .all(|line| line.quantity > 0 && line.price_minor > 0)
    );
    for item in catalogue.items() {
        assert!(
            !item.name.is_empty() && !item.category.is_empty() && item.price_minor > 0,
            "{item:?}"
        );
        assert!(!item.name.contains("POSTAGE"), "{item:?}");
    }
    let other = catalogue
        .items()
        .iter()
        .filter(|item| item.category == "other")
        .count();
    assert!(
        other * 20 < catalogue.items().len() + 20,
        "{other} products have no category"
    );
}

#[test]
fn a_history_counts_orders_and_keeps_the_latest() {
    let catalogue = catalogue("A\tApple\tfruit\t10\nB\tBread\tbread\t200\n").unwrap();
    let text = "1 100 7 A*3 B\n2 200 8 A@9\n3 300 7 A\n";
    let orders: Vec<_> = orders(&gzip(text)[..], &catalogue)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(orders.get(1).unwrap().lines.first().unwrap().price_minor, 9);
    let people = histories(&orders);
    let seven = people.get(&7).unwrap();
    let seen: Vec<_> = seven
        .iter()
        .map(|act| (act.item.as_str(), act.bought, act.last_at.0 / 60_000))
        .collect();
    assert_eq!(seen, [("A", 2, 300), ("B", 1, 100)]);
}

#[test]
fn a_damaged_line_is_named() {
    let catalogue = catalogue("A\tApple\tfruit\t10\n").unwrap();
    for (text, line) in [
        ("1 100 7 A\n2 x 7 A\n", 2),
        ("1 100 7\n", 1),
        ("1 100 7 Z\n", 1),
        ("1 100 7 A", 1),
    ] {
        let error = orders(&gzip(text)[..], &catalogue)
            .unwrap()
            .find_map(Result::err)
            .unwrap();
        assert!(
            matches!(&error, Error::Line { line: at, .. } if *at == line),
            "{text}: {error}"
        );
    }
    let cut: &[u8] = &gzip("1 100 7 A\n")[..15];
    assert!(matches!(
        orders(cut, &catalogue).unwrap().next(),
        Some(Err(Error::Read { .. }))
    ));
    assert!(lab::online_retail::catalogue("A\tApple\tfruit\n").is_err());
}

/// All 4,334 real customers; every tenth goes.
#[test]
fn taking_real_customers_out_of_a_kept_sum_gives_the_model_that_never_knew_them() {
    let items: Vec<_> = shipped_catalogue()
        .unwrap()
        .items()
        .iter()
        .map(|item| item.id.clone())
        .collect();
    let orders: Vec<_> = shipped_orders().unwrap().map(Result::unwrap).collect();
    let people = histories(&orders);
    let empty = || Sum::new(items.iter().cloned(), Bounds::default()).unwrap();
    let share = |customer: u32| u128::from(customer).to_be_bytes();
    let (mut all, mut rest) = (empty(), empty());
    for (nth, (customer, history)) in (0..).zip(&people) {
        all.add(share(*customer), history).unwrap();
        if nth % 10 != 0 {
            rest.add(share(*customer), history).unwrap();
        }
    }
    let kept = all.to_bytes();
    println!("the sum over {} people: {} bytes", people.len(), kept.len());
    let mut left = Sum::from_bytes(&kept).unwrap();
    assert!(left == all);
    for (customer, history) in people.iter().step_by(10) {
        assert!(left.subtract(share(*customer), history).unwrap());
    }
    assert!(left == rest, "the sums differ");
    let model = |sum: &Sum| {
        let provenance = Provenance {
            made_on: Day(20_000),
            charter: Digest::default(),
            data: "Online Retail".to_owned(),
        };
        train(sum.counts(), &Settings::default(), provenance).unwrap()
    };
    let without = model(&left);
    assert!(without == model(&rest), "the models differ");
    assert!(without != model(&all), "a tenth of the people made no difference");
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// Prints the table; run it with
/// `cargo test --release -p lab --test online_retail -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement: about a minute in a release build"]
fn the_model_beats_what_it_has_to_beat() {
    let catalogue = shipped_catalogue().unwrap();
    let orders: Vec<_> = shipped_orders().unwrap().map(Result::unwrap).collect();
    let report = lab::evaluate::run(&orders, &catalogue, lab::evaluate::SEED).unwrap();
    println!("{report}");
    for table in &report.tables {
        let ndcg = |name: &str| {
            table
                .rows
                .iter()
                .find(|(row, _)| row.starts_with(name))
                .unwrap()
                .1
                .ndcg_100
        };
        assert!(ndcg("the model as shipped") > ndcg("popularity"));
        assert!(ndcg("the model as shipped") > ndcg("item-kNN"));
        assert!(ndcg("the model as shipped") > 0.97 * ndcg("EASE, all weights"));
    }
}
