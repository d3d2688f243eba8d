//! What a commit costs: groups of 1,000 units with one event of 680 bytes each, against the same
//! bytes appended raw to a file with the same number of fsyncs.
//!
//! `cargo run --release -p store --example append -- [FOLDER] [GROUPS]`
//! CPU is this thread's (user and system; commits run on it), from `/proc/thread-self/schedstat`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench may panic, and prints its figures"
)]

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use store::testing::PostgresServer;
use store::{Embedded, EventRow, MessageKey, Outcome, PersonRow, Postgres, Seq, Shelf, Unit, WrappedKey};
use vocabulary::{Blind, Day, Moment, PersonId, Sealed};

const GROUP: u64 = 1_000;
const PERSONS: u64 = 5_000;
const EVENT: usize = 680;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .map_or_else(|| std::env::temp_dir().join("egard-append"), PathBuf::from);
    let groups: u64 = arguments.next().map_or(400, |groups| groups.parse().unwrap());
    let _absent = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();

    let mut file = File::create(folder.join("raw")).unwrap();
    let mut raw = Meter::new("raw append and fdatasync");
    for group in 0..groups {
        let bytes = vec![group as u8; EVENT * GROUP as usize];
        raw.measure(GROUP, || {
            file.write_all(&bytes).unwrap();
            file.sync_data().unwrap();
        });
    }
    raw.print();
    std::fs::remove_file(folder.join("raw")).unwrap();

    let shelf = Embedded::open(&folder.join("store")).unwrap();
    let epoch = shelf.acquire("bench", Moment(0), 1_000).unwrap();
    let mut arrivals = Meter::new("new persons (key, identifier)");
    for first in (0..PERSONS).step_by(GROUP as usize) {
        let units: Vec<Unit> = (first..first + GROUP).map(arrival).collect();
        arrivals.measure(GROUP, || shelf.commit(epoch, &units).unwrap());
    }
    arrivals.print();

    let mut heads: HashMap<PersonId, (u64, Seq)> = HashMap::new();
    let mut stored: HashMap<PersonId, u64> = HashMap::new();
    let (mut commits, mut flushes) = (Meter::new("commit"), Meter::new("flush, per event"));
    let (mut newest, mut largest) = (0, 0);
    for group in 0..groups {
        let units: Vec<Unit> = (0..GROUP).map(|n| visit(group * GROUP + n, &mut heads)).collect();
        let outcomes = commits.measure(GROUP, || shelf.commit(epoch, &units).unwrap());
        for (unit, outcome) in units.iter().zip(outcomes) {
            let Outcome::Done { last_seq } = outcome else {
                panic!("{outcome:?}")
            };
            heads.get_mut(&unit.person.unwrap()).unwrap().1 = last_seq;
            newest = last_seq;
        }
        largest = largest.max(
            std::fs::metadata(folder.join("store/state.sqlite-wal"))
                .unwrap()
                .len(),
        );
        // Every 50 groups all live envelopes: 0.1 for each event.
        if group % 50 == 49 {
            let rows: Vec<_> = heads
                .iter()
                .map(|(id, (version, head))| row(*id, *version, *head, &mut stored))
                .collect();
            flushes.measure(GROUP * 50, || shelf.flush(epoch, &rows, newest).unwrap());
        }
    }
    commits.print();
    flushes.print();
    println!("largest write-ahead file: {} MB", largest >> 20);
    let size: u64 = ["state.sqlite", "keys.sqlite"]
        .iter()
        .map(|file| std::fs::metadata(folder.join("store").join(file)).unwrap().len())
        .sum();
    println!(
        "on disk: {} bytes per event of {EVENT} sealed bytes",
        size / (groups * GROUP)
    );
    drop(shelf);
    std::fs::remove_dir_all(&folder).unwrap();
    postgres(groups.div_ceil(10));
}

/// The same on PostgreSQL, where every unit carries its envelope of a kilobyte. CPU is the client's.
fn postgres(groups: u64) {
    let Some(server) = PostgresServer::start().unwrap() else {
        return;
    };
    let shelf = Postgres::connect(&server.new_database().unwrap()).unwrap();
    let epoch = shelf.acquire("bench", Moment(0), 1_000).unwrap();
    for first in (0..PERSONS).step_by(GROUP as usize) {
        shelf
            .commit(epoch, &(first..first + GROUP).map(arrival).collect::<Vec<_>>())
            .unwrap();
    }
    let (mut heads, mut stored) = (HashMap::new(), HashMap::new());
    let mut commits = Meter::new("commit to PostgreSQL, with envelopes");
    for group in 0..groups {
        let mut units: Vec<Unit> = (0..GROUP).map(|n| visit(group * GROUP + n, &mut heads)).collect();
        for unit in &mut units {
            let id = unit.person.unwrap();
            unit.envelope = Some(row(id, unit.events[0].version, 0, &mut stored));
        }
        let outcomes = commits.measure(GROUP, || shelf.commit(epoch, &units).unwrap());
        for (unit, outcome) in units.iter().zip(outcomes) {
            let Outcome::Done { last_seq } = outcome else {
                panic!("{outcome:?}")
            };
            heads.get_mut(&unit.person.unwrap()).unwrap().1 = last_seq;
        }
    }
    commits.print();
}

/// Adds up time.
struct Meter {
    name: &'static str,
    events: u64,
    cpu_ns: u64,
    wall_ns: u128,
}

impl Meter {
    fn new(name: &'static str) -> Meter {
        Meter {
            name,
            events: 0,
            cpu_ns: 0,
            wall_ns: 0,
        }
    }

    fn measure<T>(&mut self, events: u64, work: impl FnOnce() -> T) -> T {
        let (cpu, wall) = (cpu_ns(), Instant::now());
        let done = work();
        self.cpu_ns += cpu_ns() - cpu;
        self.wall_ns += wall.elapsed().as_nanos();
        self.events += events;
        done
    }

    fn print(&self) {
        let per = |ns: u128| ns as f64 / self.events as f64 / 1_000.0;
        println!(
            "{}: {:.2} us CPU, {:.2} us wall each ({} of them)",
            self.name,
            per(u128::from(self.cpu_ns)),
            per(self.wall_ns),
            self.events
        );
    }
}

fn cpu_ns() -> u64 {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    schedstat.split_whitespace().next().unwrap().parse().unwrap()
}

fn arrival(number: u64) -> Unit {
    let id = person(number);
    Unit {
        person: Some(id),
        new_key: Some(WrappedKey(vec![number as u8; 60])),
        identifiers: vec![Blind(spread(number ^ 0xb11d))],
        ..Unit::default()
    }
}

fn visit(number: u64, heads: &mut HashMap<PersonId, (u64, Seq)>) -> Unit {
    let id = person(number * 7919 % PERSONS);
    let (version, head) = heads.entry(id).or_default();
    *version += 1;
    Unit {
        person: Some(id),
        messages: vec![MessageKey(spread(number ^ 0xe55a6e))],
        messages_day: Day((number / 200_000) as u32),
        prev_seq: *head,
        events: vec![EventRow {
            version: *version,
            day: Day((number / 200_000) as u32),
            sealed: Sealed(vec![number as u8; EVENT]),
        }],
        ..Unit::default()
    }
}

fn row(id: PersonId, version: u64, last_seq: Seq, stored: &mut HashMap<PersonId, u64>) -> (u64, PersonRow) {
    let expected = stored.insert(id, version).unwrap_or(0);
    let (terms, content) = (Sealed(vec![1; 200]), Sealed(vec![2; 800]));
    (
        expected,
        PersonRow {
            person: id,
            version,
            last_seq,
            next_due: None,
            next_leave: None,
            terms,
            content,
        },
    )
}

fn person(number: u64) -> PersonId {
    PersonId(spread(number))
}

fn spread<const N: usize>(number: u64) -> [u8; N] {
    let mut state = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    std::array::from_fn(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    })
}
