//! The yardsticks of ingest: the same batches read and thrown away, appended to a plain file, and
//! appended to the store with nothing of the gate in between.
//!
//! Deliberately does not know: people, consent, keys.

use super::fleet::{BATCH, Before, CLIENT, Fleet, Line, Make as _, Run};
use super::house::{Temporary, ingest, stamp, text, write_key};
use super::table::Times;
use lab::stopwatch;
use server::ingest::{Accept, Accepted, Accepting, SourceName, Told, alone};
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use store::{Embedded, EventRow, MessageKey, Outcome, Seq, Shelf, Unit, WrappedKey};
use vocabulary::{Day, Moment, PersonId, Sealed};

/// Events that one group of the gate's writer holds at most; the yardsticks do the same.
const GROUP: usize = 4_000;
/// People of the raw store.
const PEOPLE: usize = 5_000;

/// Takes events and forgets them.
struct Forget;

impl Accept for Forget {
    fn accept(&self, _: SourceName, events: Vec<Told>) -> Accepting {
        let stored = u32::try_from(events.len()).unwrap_or(u32::MAX);
        Box::pin(async move {
            drop(events);
            Ok(Accepted {
                stored,
                ..Accepted::default()
            })
        })
    }
}

/// A server that reads events and forgets them.
pub struct ReadOnly {
    /// Where it listens.
    pub address: SocketAddr,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl ReadOnly {
    /// Starts it.
    pub async fn open() -> Result<ReadOnly, String> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(text)?;
        let address = listener.local_addr().map_err(text)?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let until = async move { drop(stopped.await) };
        tokio::spawn(alone::serve(ingest(Arc::new(Forget))?, listener, until));
        Ok(ReadOnly { address, _stop: stop })
    }
}

/// The same batches read in this process, one after another on one thread, and forgotten.
pub fn read_in_process(fleet: &mut Fleet, events: u64) -> Result<Run, String> {
    let ingest = ingest(Arc::new(Forget))?;
    let mut run = Run::default();
    let mut lines = fleet.lines(1);
    let mut bodies = Vec::new();
    for line in &mut lines {
        for number in 0..(events / BATCH as u64).clamp(1, 200) {
            let turn = number as usize % line.len().max(1);
            bodies.extend(line.get_mut(turn).map(|stream| stream.batch(BATCH, &stamp())));
        }
    }
    fleet.put_back(lines);
    let before = Before::now();
    for body in bodies.iter().cycle().take((events / BATCH as u64) as usize) {
        let read = ingest.read_batch(write_key(), body.as_bytes());
        run.events += read.map_err(|code| code.as_str().to_owned())?.len() as u64;
        run.bytes += body.len() as u64;
    }
    before.fill(&mut run);
    Ok(run)
}

/// The same batches appended to a file, one fsync for each group of those that wait.
pub fn append_to_file(
    fleet: &mut Fleet,
    folder: &Temporary,
    connections: usize,
    events: u64,
) -> Result<(Run, u64), String> {
    let path = folder.path().join("raw.log");
    let mut file = std::fs::File::create(&path).map_err(text)?;
    let outcome = grouped(fleet, connections, events, |group| {
        for batch in group {
            file.write_all(batch.as_bytes()).map_err(text)?;
        }
        file.sync_data().map_err(text)
    });
    // It vanishes with the folder if it cannot be removed now.
    let _ = std::fs::remove_file(&path);
    outcome
}

/// The same bytes appended to an embedded store as one event each, with its message key, one commit for
/// each group of those that wait.
pub fn append_to_store(
    fleet: &mut Fleet,
    folder: &Temporary,
    connections: usize,
    events: u64,
) -> Result<(Run, u64), String> {
    let path = folder.path().join("raw-store");
    let shelf = Arc::new(Embedded::open(&path).map_err(text)?);
    let epoch = shelf.acquire("bench", Moment(0), i64::MAX / 2).map_err(text)?;
    let mut people: Vec<(PersonId, Seq)> = (0..PEOPLE as u64).map(|number| (person(number), 0)).collect();
    let new: Vec<Unit> = people
        .iter()
        .map(|(person, _)| Unit {
            person: Some(*person),
            new_key: Some(WrappedKey(vec![7; 60])),
            ..Unit::default()
        })
        .collect();
    shelf.commit(epoch, &new).map_err(text)?;
    // The write-ahead file is moved beside the writer, as the gate has it done.
    let (nudge, nudged) = mpsc::sync_channel(1);
    let tidier = std::thread::spawn({
        let shelf = Arc::clone(&shelf);
        move || nudged.iter().try_for_each(|()| shelf.tidy())
    });
    let mut number = 0u64;
    let outcome = grouped(fleet, connections, events, |group| {
        let mut units = Vec::with_capacity(group.len() * BATCH);
        let mut whose = Vec::with_capacity(group.len() * BATCH);
        let before = number;
        for batch in group {
            let size = batch.len() / BATCH;
            for sealed in batch.as_bytes().chunks_exact(size.max(1)).take(BATCH) {
                number += 1;
                let turn = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % PEOPLE;
                let Some((person, last)) = people.get(turn) else {
                    continue;
                };
                whose.push(turn);
                units.push(unit(*person, *last, number, sealed));
            }
        }
        let outcomes = shelf.commit(epoch, &units).map_err(text)?;
        for (turn, outcome) in whose.into_iter().zip(outcomes) {
            if let (Outcome::Done { last_seq }, Some(entry)) = (outcome, people.get_mut(turn)) {
                entry.1 = last_seq;
            }
        }
        if number / 2_000 > before / 2_000 {
            // Full: it is at work.
            let _ = nudge.try_send(());
        }
        Ok(())
    });
    drop(nudge);
    let tidied = tidier.join().map_err(|_| "the tidier ended early".to_owned())?;
    drop(shelf);
    // It vanishes with the folder if it cannot be removed now.
    let _ = std::fs::remove_dir_all(&path);
    tidied.map_err(text)?;
    outcome
}

fn person(number: u64) -> PersonId {
    let mut id = [0; 16];
    let spread = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    id.copy_from_slice(
        [spread.to_be_bytes(), (!spread).to_be_bytes()]
            .concat()
            .get(..16)
            .unwrap_or(&[1; 16]),
    );
    PersonId(id)
}

fn unit(person: PersonId, prev_seq: Seq, number: u64, sealed: &[u8]) -> Unit {
    let mut message = [0; 16];
    message
        .iter_mut()
        .zip(number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes())
        .for_each(|(to, from)| *to = from);
    Unit {
        person: Some(person),
        messages: vec![MessageKey(message)],
        messages_day: Day(1),
        prev_seq,
        events: vec![EventRow {
            version: number,
            day: Day(1),
            sealed: Sealed(sealed.to_vec()),
        }],
        ..Unit::default()
    }
}

/// Clients that wait for each answer, as over HTTP, and one thread that writes what waits as a group.
/// Answers how many groups there were as well.
fn grouped(
    fleet: &mut Fleet,
    connections: usize,
    events: u64,
    mut write: impl FnMut(&[String]) -> Result<(), String>,
) -> Result<(Run, u64), String> {
    let lines = fleet.lines(connections);
    let batches = (events / BATCH as u64).div_ceil(lines.len() as u64).max(1);
    let (send, queue) = mpsc::channel::<(String, mpsc::Sender<()>)>();
    let before = Before::now();
    let mut clients = Vec::new();
    for streams in lines {
        let send = send.clone();
        let client = move || {
            let mut line = Line {
                streams,
                left: batches,
            };
            let (reply, answer) = mpsc::channel();
            let (mut acks, mut count) = (Times::default(), 0);
            while let Some((batch, events)) = line.make() {
                let sent = Instant::now();
                if send.send((batch, reply.clone())).is_err() || answer.recv().is_err() {
                    break;
                }
                acks.push(sent.elapsed());
                count += events;
            }
            (line.streams, acks, count, stopwatch::cpu_of_this_thread())
        };
        let thread = std::thread::Builder::new().name(CLIENT.to_owned());
        clients.push(thread.spawn(client).map_err(text)?);
    }
    drop(send);
    let (mut run, mut groups) = (Run::default(), 0);
    while let Ok(first) = queue.recv() {
        let (mut group, mut replies) = (vec![first.0], vec![first.1]);
        while group.len() * BATCH < GROUP {
            let Ok((batch, reply)) = queue.try_recv() else {
                break;
            };
            group.push(batch);
            replies.push(reply);
        }
        write(&group)?;
        groups += 1;
        run.bytes += group.iter().map(|batch| batch.len() as u64).sum::<u64>();
        for reply in replies {
            // A client that ended early says so itself.
            let _ = reply.send(());
        }
    }
    before.fill(&mut run);
    run.client = Duration::ZERO;
    for client in clients {
        let (streams, acks, count, cpu) = client.join().map_err(|_| "a client ended early".to_owned())?;
        fleet.put_back([streams]);
        run.acks.append(acks);
        run.client += cpu;
        run.events += count;
    }
    Ok((run, groups))
}
