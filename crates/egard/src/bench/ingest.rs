//! Durable events per second, from the client's socket to the disk and back, with everything on.

use super::fleet::{Fleet, Run};
use super::house::{House, Place, Temporary};
use super::raw::{self, ReadOnly};
use super::table::{self, Spread, Times, grouped, row};
use crate::say;
use lab::online_retail::shipped_catalogue;
use lab::{stopwatch, visits};

/// How much to send.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    place: Place,
    /// Events of the full path, all rounds together.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Visits going on at a time.
    #[arg(long, default_value_t = 5_000)]
    live: usize,
    /// People who come to visit, each as likely.
    #[arg(long, default_value_t = 200_000)]
    people: u32,
    /// Connections, one figure each.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 4, 8, 32])]
    connections: Vec<usize>,
    /// Rounds; the figures are the median and the range over these.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seed of the visits.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Leave the yardsticks out (for profiling).
    #[arg(long)]
    only: bool,
}

/// Everything measured with one number of connections.
#[derive(Default)]
struct Lane {
    full: Vec<(Run, f64)>,
    read: Vec<Run>,
    file: Vec<(Run, f64)>,
    store: Vec<(Run, f64)>,
}

/// Measures and prints.
pub async fn run(choices: Choices) -> Result<(), String> {
    say(&choices.place.describe());
    let products = visits::products(&shipped_catalogue().map_err(super::house::text)?);
    let mut fleet = Fleet::new(choices.seed, choices.people, choices.live, &products);
    let mut other = Fleet::new(!choices.seed, choices.people, choices.live, &products);
    let house = House::open(choices.place.folder()?, visits::DICTIONARY).await?;
    let scratch = choices.place.folder()?;
    stopwatch::forget_peak();
    let watch = house.watch();
    let agreed = fleet.agree(house.address, &house.source_header()).await?;
    let (bytes, stored) = (house.bytes(), house.stored().await?);
    if stored != agreed.events {
        return Err(format!(
            "{} people agreed and the server kept {stored}",
            agreed.events
        ));
    }
    let read_only = ReadOnly::open().await?;
    let mut lanes: Vec<Lane> = choices.connections.iter().map(|_| Lane::default()).collect();
    let each = choices.events / (choices.rounds * lanes.len()).max(1) as u64;
    let mut parsed = Vec::new();
    for _ in 0..choices.rounds {
        if !choices.only {
            parsed.push(raw::read_in_process(&mut other, each)?);
        }
        for (lane, connections) in lanes.iter_mut().zip(&choices.connections) {
            let groups = house.app.gate.groups();
            let full = fleet
                .send(house.address, &house.source_header(), *connections, each)
                .await?;
            let groups = (house.app.gate.groups() - groups) as f64;
            lane.full
                .push((full.clone(), full.events as f64 / groups.max(1.0)));
            if !choices.only {
                yardsticks(lane, &mut other, &read_only, &scratch, *connections, each).await?;
            }
        }
    }
    let sent: u64 = lanes
        .iter()
        .flat_map(|lane| &lane.full)
        .map(|(run, _)| run.events)
        .sum();
    let stored = house.stored().await?;
    if stored != agreed.events + sent {
        return Err(format!(
            "{sent} events were acknowledged and {} are stored",
            stored - agreed.events
        ));
    }
    let grown = house.bytes().saturating_sub(bytes);
    print_full(&choices, &lanes);
    if !choices.only {
        print_yardsticks(&choices, &lanes, &parsed);
    }
    let facts = [
        row([
            "stored and acknowledged",
            &format!("{sent} of {sent} events sent"),
        ]),
        row(["bytes of an event on the wire", &grouped(wire(&lanes), 0)]),
        row([
            "bytes of the store per event",
            &grouped(grown as f64 / (sent as f64).max(1.0), 0),
        ]),
        row([
            "longest write-ahead files, MB",
            &grouped(watch.longest() as f64 / 1e6, 1),
        ]),
        row([
            "most memory of this process, MB",
            &megabytes(stopwatch::peak_kib()),
        ]),
        row([
            "people seen for the first time, each with a consent",
            &format!(
                "{}/s, {} µs of processor each",
                grouped(agreed.rate(), 0),
                grouped(agreed.per_event(agreed.cpu), 1)
            ),
        ]),
        row(["load after", &grouped(stopwatch::load().unwrap_or_default(), 1)]),
    ];
    table::print("besides", &[vec![row(["", ""])], facts.to_vec()].concat());
    house.close().await.map(drop)
}

async fn yardsticks(
    lane: &mut Lane,
    fleet: &mut Fleet,
    read_only: &ReadOnly,
    scratch: &Temporary,
    connections: usize,
    events: u64,
) -> Result<(), String> {
    let header = crate::demo::basic(super::house::write_key());
    lane.read.push(
        fleet
            .send(read_only.address, &header, connections, events)
            .await?,
    );
    // These wait for the disk on threads of their own; the server has nothing to do meanwhile.
    let per_group = |(run, groups): (Run, u64)| {
        let size = run.events as f64 / (groups as f64).max(1.0);
        (run, size)
    };
    lane.file.push(per_group(tokio::task::block_in_place(|| {
        raw::append_to_file(fleet, scratch, connections, events)
    })?));
    lane.store.push(per_group(tokio::task::block_in_place(|| {
        raw::append_to_store(fleet, scratch, connections, events)
    })?));
    Ok(())
}

fn wire(lanes: &[Lane]) -> f64 {
    let runs = || lanes.iter().flat_map(|lane| &lane.full);
    let bytes: u64 = runs().map(|(run, _)| run.bytes).sum();
    let events: u64 = runs().map(|(run, _)| run.events).sum();
    bytes as f64 / (events as f64).max(1.0)
}

/// KiB as MB.
pub fn megabytes(kib: Option<u64>) -> String {
    kib.map_or_else(
        || "unknown".to_owned(),
        |kib| grouped(kib as f64 * 1024.0 / 1e6, 0),
    )
}

fn print_full(choices: &Choices, lanes: &[Lane]) {
    let mut rows = vec![row([
        "connections",
        "durable events/s",
        "events/group",
        "CPU µs/event: all",
        "server",
        "of it writer",
        "client",
        "ack p50 ms",
        "p99 ms",
    ])];
    for (lane, connections) in lanes.iter().zip(&choices.connections) {
        let spread = |of: &dyn Fn(&Run) -> f64| Spread::of(lane.full.iter().map(|(run, _)| of(run)));
        let mut acks = Times::default();
        lane.full
            .iter()
            .for_each(|(run, _)| acks.append(run.acks.clone()));
        rows.push(row([
            &connections.to_string(),
            &spread(&Run::rate).show(0),
            &Spread::of(lane.full.iter().map(|(_, size)| *size)).show(0),
            &spread(&|run| run.per_event(run.cpu)).show(1),
            &spread(&|run| run.per_event(run.server())).show(1),
            &spread(&|run| run.per_event(run.writer)).show(1),
            &spread(&|run| run.per_event(run.client)).show(1),
            &grouped(acks.percentile_ms(50), 1),
            &grouped(acks.percentile_ms(99), 1),
        ]));
    }
    let title = format!(
        "full path over HTTP: parse, consent, dictionary, dedupe, seal, fsync, fold; batches of 100; {} people, {} \
         visits at a time; median (range) of {} rounds",
        choices.people, choices.live, choices.rounds
    );
    table::print(&title, &rows);
}

fn print_yardsticks(choices: &Choices, lanes: &[Lane], parsed: &[Run]) {
    let rates = |runs: &[Run]| Spread::of(runs.iter().map(Run::rate));
    let alone = rates(parsed);
    let mut rows = vec![row([
        "connections",
        "yardstick",
        "events/s",
        "events/group",
        "CPU µs/event, no client",
        "ack p50 ms",
        "p99 ms",
        "full path is",
    ])];
    for (lane, connections) in lanes.iter().zip(&choices.connections) {
        let full = Spread::of(lane.full.iter().map(|(run, _)| run.rate())).median;
        let sizes = |runs: &[(Run, f64)]| Spread::of(runs.iter().map(|(_, size)| *size)).show(0);
        let runs = |runs: &[(Run, f64)]| runs.iter().map(|(run, _)| run.clone()).collect::<Vec<_>>();
        for (name, size, runs) in [
            ("read over HTTP, forgotten", String::new(), lane.read.clone()),
            ("bytes to a file, same fsync", sizes(&lane.file), runs(&lane.file)),
            (
                "bytes to the store, same fsync",
                sizes(&lane.store),
                runs(&lane.store),
            ),
        ] {
            let rate = rates(&runs);
            let mut acks = Times::default();
            runs.iter().for_each(|run| acks.append(run.acks.clone()));
            rows.push(row([
                &connections.to_string(),
                name,
                &rate.show(0),
                &size,
                &Spread::of(runs.iter().map(|run| run.per_event(run.server()))).show(2),
                &grouped(acks.percentile_ms(50), 1),
                &grouped(acks.percentile_ms(99), 1),
                &format!("{:.0} %", 100.0 * full / rate.median.max(1e-9)),
            ]));
        }
    }
    rows.push(row([
        "-",
        "read in process, one thread",
        &alone.show(0),
        "",
        &Spread::of(parsed.iter().map(|run| run.per_event(run.cpu))).show(2),
        "",
        "",
        "",
    ]));
    table::print("yardsticks: the same batches, in the same run", &rows);
}
