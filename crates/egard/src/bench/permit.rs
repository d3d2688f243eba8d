//! What a permit costs on the way to a recommendation: with the answers that are remembered, and by
//! asking the charter anew.

use super::house::{Place, text};
use super::shop::Shop;
use super::table::{self, Spread, Times, grouped, row};
use crate::say;
use gate::charter::{Charter, Question, Requester, table as charter_table};
use gate::purposes::Personalise;
use gate::{Ask, Whom};
use std::hint::black_box;
use std::time::Instant;
use vocabulary::{ConsentState, PurposeName, Signals};

/// Calls in one sample, so that the clock does not count.
const CALLS: u32 = 10;

/// How often to ask.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    place: Place,
    /// Samples of ten calls each, per round.
    #[arg(long, default_value_t = 2_000)]
    samples: usize,
    /// Rounds.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Customers of the demo's shop.
    #[arg(long, default_value_t = 300)]
    customers: usize,
}

/// Measures and prints.
pub async fn run(choices: Choices) -> Result<(), String> {
    say(&choices.place.describe());
    let charter = Charter::built_in().map_err(text)?;
    let usual = Question {
        consent: ConsentState::Given,
        identified: true,
        ..Question::plain(PurposeName::Personalise)
    };
    let shop = Shop::open(&choices.place, choices.customers).await?;
    let mut rows = vec![row(["", "µs, median of a round", "p99 of a round"])];
    let mut add = |name: &str, rounds: Vec<Times>| {
        let of = |percent: usize| {
            let figures = rounds
                .iter()
                .cloned()
                .map(|mut times| times.percentile_ms(percent) * 1e3);
            Spread::of(figures.map(|micros| micros / f64::from(CALLS)))
        };
        rows.push(row([name, &of(50).show(2), &of(99).show(2)]));
        of(50).median
    };
    let timed = |call: &dyn Fn() -> bool| {
        let round = |_| {
            let sample = |_| {
                let from = Instant::now();
                (0..CALLS).for_each(|_| {
                    black_box(call());
                });
                from.elapsed()
            };
            let mut times = Times::default();
            (0..choices.samples).map(sample).for_each(|time| times.push(time));
            times
        };
        (0..choices.rounds).map(round).collect::<Vec<_>>()
    };
    let anew = add(
        "the charter, asked anew (Cedar)",
        timed(&|| charter.decide(&usual).allowed),
    );
    let one = add(
        "the charter, remembered, one purpose",
        timed(&|| charter.answer(&usual).allowed),
    );
    add(
        "the charter, remembered, all purposes",
        timed(&|| {
            let all = charter.allowed(&usual, |_| ConsentState::Given);
            all.purposes.contains(PurposeName::Personalise)
        }),
    );
    let mut rounds = Vec::new();
    for _ in 0..choices.rounds {
        rounds.push(whole(&shop, choices.samples).await?);
    }
    let whole = add(
        "a whole permit: find the person, their terms, the answer, a thread change",
        rounds,
    );
    table::print("cost of a permit", &rows);
    tables(choices.rounds)?;
    say(&format!(
        "remembering makes the answer {}x cheaper; a whole permit costs {} µs",
        grouped(anew / one.max(1e-9), 0),
        grouped(whole, 1)
    ));
    shop.house.close().await.map(drop)
}

/// The golden table, and the proof of the promises, each from a charter that has not been asked yet.
fn tables(rounds: usize) -> Result<(), String> {
    let mut rows = vec![row(["", "ms, median of the rounds"])];
    let mut add = |name: &str, work: &dyn Fn(&Charter) -> Result<(), String>| {
        let mut times = Vec::new();
        for _ in 0..rounds {
            let charter = Charter::built_in().map_err(text)?;
            let from = Instant::now();
            work(&charter)?;
            times.push(from.elapsed().as_secs_f64() * 1e3);
        }
        rows.push(row([name, &Spread::of(times).show(0)]));
        Ok::<_, String>(())
    };
    add("the table of decisions (`charter/decisions.txt`)", &|charter| {
        black_box(charter_table::render(charter).len());
        Ok(())
    })?;
    add("the proof of every promise, by enumeration", &|charter| {
        let proof = charter.prove().map_err(text)?;
        match black_box(proof.holds()) {
            true => Ok(()),
            false => Err("the charter breaks a promise; see `egard charter prove`".to_owned()),
        }
    })?;
    table::print("the charter as a whole", &rows);
    Ok(())
}

/// Permits as the recommendation path asks for them, for one customer after another.
async fn whole(shop: &Shop, samples: usize) -> Result<Times, String> {
    let gate = &shop.house.app.gate;
    let mut times = Times::default();
    let mut customers = shop.agreed.iter().cycle();
    for _ in 0..samples {
        let from = Instant::now();
        for _ in 0..CALLS {
            let whom = Whom {
                user_id: customers.next().map(String::as_str),
                anonymous_id: None,
            };
            let ask = Ask {
                signals: Signals::default(),
                requester: Requester::System,
                now: shop.house.app.now(),
            };
            let permit = gate.permit::<Personalise>(&whom, ask).await.map_err(text)?;
            // Given back unspent: nothing is opened.
            drop(permit.map_err(text)?);
        }
        times.push(from.elapsed());
    }
    Ok(times)
}
