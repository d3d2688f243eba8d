//! Whether the five-millionth event costs what the first did.

use super::fleet::Fleet;
use super::house::{House, Place, text};
use super::ingest::megabytes;
use super::raw;
use super::table::{self, grouped, row};
use crate::say;
use lab::online_retail::shipped_catalogue;
use lab::{stopwatch, visits};

/// Events read and forgotten after each step.
const READ: u64 = 200_000;

/// How far to grow.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    place: Place,
    /// Events, in steps of which each is a row.
    #[arg(long, default_value_t = 5_000_000)]
    events: u64,
    /// Events of one step.
    #[arg(long, default_value_t = 1_000_000)]
    step: u64,
    /// Visits going on at a time.
    #[arg(long, default_value_t = 5_000)]
    live: usize,
    /// People who come to visit.
    #[arg(long, default_value_t = 200_000)]
    people: u32,
    /// Connections.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Seed of the visits.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Measures and prints.
pub async fn run(choices: Choices) -> Result<(), String> {
    say(&choices.place.describe());
    let products = visits::products(&shipped_catalogue().map_err(text)?);
    let mut fleet = Fleet::new(choices.seed, choices.people, choices.live, &products);
    let house = House::open(choices.place.folder()?, visits::DICTIONARY).await?;
    fleet.agree(house.address, &house.source_header()).await?;
    let watch = house.watch();
    let mut rows = vec![row([
        "events",
        "events/s",
        "CPU µs/event: all",
        "server",
        "of it writer",
        "against first",
        "reading alone",
        "ack p99 ms",
        "longest WAL MB",
        "store MB",
        "memory MB",
        "load",
    ])];
    let (mut first, mut first_reading, mut sent) = (0.0, 0.0, 0);
    while sent < choices.events {
        let mut step = fleet
            .send(
                house.address,
                &house.source_header(),
                choices.connections,
                choices.step,
            )
            .await?;
        sent += step.events;
        // What the neighbours on this machine do to a figure that cannot grow.
        let reading = raw::read_in_process(&mut fleet, READ)?;
        let reading = reading.per_event(reading.cpu);
        let cost = step.per_event(step.server());
        if first <= 0.0 {
            (first, first_reading) = (cost, reading);
        }
        rows.push(row([
            &grouped(sent as f64, 0),
            &grouped(step.rate(), 0),
            &grouped(step.per_event(step.cpu), 1),
            &grouped(cost, 1),
            &grouped(step.per_event(step.writer), 1),
            &format!("{:.2}", cost / first),
            &format!("{:.2}", reading / first_reading),
            &grouped(step.acks.percentile_ms(99), 1),
            &grouped(watch.longest() as f64 / 1e6, 0),
            &grouped(house.bytes() as f64 / 1e6, 0),
            &megabytes(stopwatch::held_kib()),
            &grouped(stopwatch::load().unwrap_or_default(), 1),
        ]));
    }
    let title = format!(
        "growth over HTTP, {} connections, {} people, {} visits at a time; \"reading alone\" is the cost of reading such \
         events and forgetting them, against what it was after the first step: it cannot grow, so what it does is the \
         machine's",
        choices.connections, choices.people, choices.live
    );
    table::print(&title, &rows);
    house.close().await.map(drop)
}
