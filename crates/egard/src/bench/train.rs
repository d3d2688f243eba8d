//! What learning costs: from sealed envelopes to a model in force, beside the same sums over plain
//! histories in memory and beside reading the sealed rows without opening them.

use super::fleet::{Before, Run};
use super::house::{Place, text};
use super::ingest::megabytes;
use super::shop::Shop;
use super::table::{self, Spread, row};
use crate::say;
use gate::Ask;
use gate::charter::Requester;
use gate::purposes::Train;
use lab::online_retail::{histories, shipped_catalogue};
use lab::stopwatch;
use learn::{Bounds, Counts, Provenance, Settings};
use store::Shelf as _;
use vocabulary::{Day, Digest, ItemId, Signals};

/// How much to learn from.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    place: Place,
    /// Customers of the demo's shop.
    #[arg(long, default_value_t = usize::MAX)]
    customers: usize,
    /// Rounds.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// Measures and prints.
pub async fn run(choices: Choices) -> Result<(), String> {
    say(&choices.place.describe());
    let shop = Shop::open(&choices.place, choices.customers).await?;
    let (mut whole, mut opened, mut plain, mut scanned) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    stopwatch::forget_peak();
    let held = stopwatch::held_kib();
    let mut people = 0;
    for _ in 0..choices.rounds {
        let mut run = Run::default();
        let before = Before::now();
        people = shop.learn().await?.people;
        before.fill(&mut run);
        run.events = people;
        whole.push(run);
        opened.push(open_all(&shop).await?);
    }
    let peak = stopwatch::peak_kib();
    for _ in 0..choices.rounds {
        plain.push(tokio::task::block_in_place(|| in_memory(&shop))?);
    }
    let bytes = shop.house.bytes();
    let folder = shop.house.close().await?;
    for _ in 0..choices.rounds {
        scanned.push(scan(&folder.path().join("store"))?);
    }
    let mut rows = vec![row(["", "seconds", "CPU seconds", "people/s", "CPU µs/person"])];
    for (name, runs) in [
        ("learn: permit, open, count, solve, refit, publish", &whole),
        ("permit and open everybody, nothing else", &opened),
        ("yardstick: count, solve, refit of plain histories", &plain),
        ("yardstick: read the sealed rows, open nothing", &scanned),
    ] {
        let of = |figure: &dyn Fn(&Run) -> f64, digits| Spread::of(runs.iter().map(figure)).show(digits);
        rows.push(row([
            name,
            &of(&|run| run.time.as_secs_f64(), 2),
            &of(&|run| run.cpu.as_secs_f64(), 2),
            &of(&Run::rate, 0),
            &of(&|run| run.per_event(run.cpu), 1),
        ]));
    }
    let title = format!(
        "learning from {people} people ({} events fed, store of {} MB); median (range) of {} rounds",
        shop.events,
        bytes / 1_000_000,
        choices.rounds
    );
    table::print(&title, &rows);
    say(&format!(
        "memory before {} MB, most while learning {} MB; load after {:.1}",
        megabytes(held),
        megabytes(peak),
        stopwatch::load().unwrap_or_default()
    ));
    Ok(())
}

/// Asks for everybody and opens those who permit it.
async fn open_all(shop: &Shop) -> Result<Run, String> {
    let app = &shop.house.app;
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now: app.now(),
    };
    let mut run = Run::default();
    let before = Before::now();
    let permits = app.gate.permits::<Train>(ask, app.gate.dictionary().digest());
    let permits = permits.await.map_err(text)?;
    let refused = permits.refused;
    let opened = tokio::task::block_in_place(|| app.gate.open_each(permits, drop));
    run.events = opened.map_err(text)? + refused;
    before.fill(&mut run);
    Ok(run)
}

/// The same model from histories in plain memory.
fn in_memory(shop: &Shop) -> Result<Run, String> {
    let histories = histories(&shop.orders);
    let catalogue = shipped_catalogue().map_err(text)?;
    let items: Vec<ItemId> = catalogue.items().iter().map(|item| item.id.clone()).collect();
    let mut run = Run::default();
    let before = Before::now();
    let mut counts = Counts::new(items, Bounds::default()).map_err(text)?;
    for history in histories.values() {
        counts.add(history).map_err(text)?;
    }
    let provenance = Provenance {
        made_on: Day(0),
        charter: Digest::default(),
        data: "bench".to_owned(),
    };
    let model = learn::train(&counts, &Settings::default(), provenance).map_err(text)?;
    before.fill(&mut run);
    run.events = counts.people();
    run.bytes = model.len() as u64;
    Ok(run)
}

/// Reads every row as it lies.
fn scan(folder: &std::path::Path) -> Result<Run, String> {
    let shelf = store::Embedded::open(folder).map_err(text)?;
    let mut run = Run::default();
    let before = Before::now();
    let mut after = None;
    loop {
        let rows = shelf.scan(after, 1_000).map_err(text)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.person);
        run.events += rows.len() as u64;
    }
    before.fill(&mut run);
    Ok(run)
}
