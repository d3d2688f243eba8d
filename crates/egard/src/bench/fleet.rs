//! Clients in threads of their own: each connection sends a batch, waits for the answer, sends the next.
//!
//! Deliberately does not know: what the server does with a batch.

use super::house::{stamp, text};
use super::table::Times;
use crate::client::Client;
use lab::stopwatch;
use lab::visits::Visits;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Events in one batch: what Segment's clients send by default at most.
pub const BATCH: usize = 100;
/// The name of every thread that works for the clients.
pub const CLIENT: &str = "bench-client";
/// Streams of visits; each connection sends those of one or more of them.
const STREAMS: u64 = 32;

/// All visitors of the bench, from one round to the next.
pub struct Fleet {
    streams: Vec<Visits>,
    people: u32,
}

/// What one round took.
#[derive(Clone, Default)]
pub struct Run {
    /// Events answered.
    pub events: u64,
    /// Bytes of the batches.
    pub bytes: u64,
    /// From the first request to the last answer.
    pub time: Duration,
    /// Processor time of the whole process, clients included.
    pub cpu: Duration,
    /// Processor time of the clients.
    pub client: Duration,
    /// Processor time of the gate's writer.
    pub writer: Duration,
    /// From sending a batch to its answer.
    pub acks: Times,
}

impl Run {
    /// Events per second.
    pub fn rate(&self) -> f64 {
        self.events as f64 / self.time.as_secs_f64().max(1e-9)
    }

    /// Processor microseconds per event of `time`.
    pub fn per_event(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1e6 / (self.events as f64).max(1.0)
    }

    /// Processor time of all that is not the clients.
    pub fn server(&self) -> Duration {
        self.cpu.saturating_sub(self.client)
    }
}

impl Fleet {
    /// `live` sessions at a time of `people`.
    pub fn new(seed: u64, people: u32, live: usize, products: &Arc<[String]>) -> Fleet {
        let each = (live / STREAMS as usize).max(1);
        Fleet {
            streams: (0..STREAMS)
                .map(|stream| Visits::new(seed, stream, people, each, Arc::clone(products)))
                .collect(),
            people,
        }
    }

    /// Everybody agrees to everything, in batches over HTTP.
    pub async fn agree(&self, address: SocketAddr, authorization: &str) -> Result<Run, String> {
        let people = self.people;
        let lines = 8u32;
        let makers = (0..lines).map(|line| {
            let mut next = people / lines * line;
            let end = if line + 1 == lines {
                people
            } else {
                people / lines * (line + 1)
            };
            move || {
                let from = next;
                next = end.min(from + BATCH as u32);
                (from < next).then(|| {
                    (
                        lab::visits::agreements(from..next, &stamp()),
                        u64::from(next - from),
                    )
                })
            }
        });
        let (run, _) = drive(address, authorization, makers.collect()).await?;
        Ok(run)
    }

    /// Sends about `events` events over so many connections.
    pub async fn send(
        &mut self,
        address: SocketAddr,
        authorization: &str,
        connections: usize,
        events: u64,
    ) -> Result<Run, String> {
        let lines = self.lines(connections);
        let batches = (events / BATCH as u64).div_ceil(lines.len() as u64).max(1);
        let makers = lines
            .into_iter()
            .map(|streams| Line {
                streams,
                left: batches,
            })
            .collect::<Vec<_>>();
        let (run, makers) = drive(address, authorization, makers).await?;
        self.streams = makers.into_iter().flat_map(|line| line.streams).collect();
        Ok(run)
    }

    /// The streams, dealt out to so many lines.
    pub fn lines(&mut self, count: usize) -> Vec<Vec<Visits>> {
        let count = count.clamp(1, STREAMS as usize);
        let mut lines: Vec<Vec<Visits>> = (0..count).map(|_| Vec::new()).collect();
        let mut streams = std::mem::take(&mut self.streams);
        while !streams.is_empty() {
            for line in &mut lines {
                line.extend(streams.pop());
            }
        }
        lines
    }

    /// Takes back what [`Fleet::lines`] dealt out.
    pub fn put_back(&mut self, lines: impl IntoIterator<Item = Vec<Visits>>) {
        self.streams.extend(lines.into_iter().flatten());
    }
}

/// Makes the next batch and says how many events it holds; `None` at the end.
pub trait Make: Send + 'static {
    /// The next batch.
    fn make(&mut self) -> Option<(String, u64)>;
}

impl<F: FnMut() -> Option<(String, u64)> + Send + 'static> Make for F {
    fn make(&mut self) -> Option<(String, u64)> {
        self()
    }
}

/// The batches of one connection.
pub struct Line {
    /// Whose, one after another.
    pub streams: Vec<Visits>,
    /// How many more.
    pub left: u64,
}

impl Make for Line {
    fn make(&mut self) -> Option<(String, u64)> {
        self.left = self.left.checked_sub(1)?;
        let turn = self.left as usize % self.streams.len().max(1);
        let stream = self.streams.get_mut(turn)?;
        Some((stream.batch(BATCH, &stamp()), BATCH as u64))
    }
}

/// One connection for each maker, all at once, each until its maker ends.
async fn drive<M: Make>(
    address: SocketAddr,
    authorization: &str,
    makers: Vec<M>,
) -> Result<(Run, Vec<M>), String> {
    let authorization = authorization.to_owned();
    on_clients(move || async move {
        let mut clients = Vec::new();
        for maker in makers {
            clients.push((
                Client::connect(address, &authorization).await.map_err(text)?,
                maker,
            ));
        }
        let before = Before::now();
        let tasks: Vec<_> = clients
            .into_iter()
            .map(|(client, maker)| tokio::spawn(one(client, maker)))
            .collect();
        let mut run = Run::default();
        let mut makers = Vec::new();
        for task in tasks {
            let (part, maker) = task.await.map_err(text)??;
            run.events += part.events;
            run.bytes += part.bytes;
            run.acks.append(part.acks);
            makers.push(maker);
        }
        before.fill(&mut run);
        Ok((run, makers))
    })
    .await
}

async fn one<M: Make>(mut client: Client, mut maker: M) -> Result<(Run, M), String> {
    let mut run = Run::default();
    while let Some((batch, events)) = maker.make() {
        run.events += events;
        run.bytes += batch.len() as u64;
        let sent = Instant::now();
        client.post("/v1/batch", batch.into()).await.map_err(text)?;
        run.acks.push(sent.elapsed());
    }
    Ok((run, maker))
}

/// Runs `work` on threads of the clients' own, so that their processor time can be told apart.
pub async fn on_clients<T, W>(work: impl FnOnce() -> W + Send + 'static) -> Result<T, String>
where
    T: Send + 'static,
    W: Future<Output = Result<T, String>>,
{
    let (reply, answer) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name(CLIENT.to_owned());
    thread
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name(CLIENT)
                .enable_all()
                .build();
            let done = runtime.map_err(text).and_then(|runtime| runtime.block_on(work()));
            // Nobody waits any more if the bench was interrupted.
            let _ = reply.send(done);
        })
        .map_err(text)?;
    answer.await.map_err(|_| "the clients ended early".to_owned())?
}

/// The clocks before a measurement.
pub struct Before {
    start: Instant,
    cpu: Duration,
    client: Duration,
    writer: Duration,
}

impl Before {
    /// Now.
    pub fn now() -> Before {
        Before {
            cpu: stopwatch::cpu().unwrap_or_default(),
            client: stopwatch::cpu_of_threads(CLIENT),
            writer: stopwatch::cpu_of_threads("writer"),
            start: Instant::now(),
        }
    }

    /// Notes what passed since.
    pub fn fill(&self, run: &mut Run) {
        run.time = self.start.elapsed();
        run.cpu = stopwatch::cpu().unwrap_or_default().saturating_sub(self.cpu);
        run.client = stopwatch::cpu_of_threads(CLIENT).saturating_sub(self.client);
        run.writer = stopwatch::cpu_of_threads("writer").saturating_sub(self.writer);
    }
}
