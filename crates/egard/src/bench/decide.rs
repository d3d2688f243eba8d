//! Recommendations per second with permit, score, explanation and record, and how long one takes at a
//! fixed rate, beside the group commits of the same seconds.

use super::fleet::{Before, Run, on_clients};
use super::house::{Place, text};
use super::shop::Shop;
use super::table::{self, Spread, Times, grouped, row};
use crate::client::Client;
use crate::demo::feed::user_id;
use crate::say;
use decide::offers::{Request, profiled};
use gate::purposes::PersonaliseView;
use gate::{Account, Gate};
use lab::online_retail::histories;
use lab::stopwatch;
use server::app::App;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc};
use vocabulary::{Digest, Moment, PurposeName};

/// One probe of the group commit for so many decisions.
const PROBE_EVERY: u64 = 10;

/// How fast to ask.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    place: Place,
    /// Recommendations asked for per second.
    #[arg(long, default_value_t = 1_000)]
    rate: u64,
    /// Seconds of the fixed rate, all rounds together.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Rounds.
    #[arg(long, default_value_t = 4)]
    rounds: u64,
    /// Customers of the demo's shop.
    #[arg(long, default_value_t = 3_000)]
    customers: usize,
    /// Connections.
    #[arg(long, default_value_t = 32)]
    connections: usize,
}

/// A record that says nothing: what a durable write through the same writer costs by itself.
struct Nothing;

impl Account for Nothing {
    fn kind(&self) -> &'static str {
        "probe"
    }

    fn program(&self) -> Digest {
        Digest::default()
    }

    fn details(&self) -> String {
        "{}".to_owned()
    }
}

/// Measures and prints.
pub async fn run(choices: Choices) -> Result<(), String> {
    say(&choices.place.describe());
    let shop = Shop::open(&choices.place, choices.customers).await?;
    let learned = shop.learn().await?;
    say(&format!(
        "{} events of {} customers, {} of them agreed to recommendations; model of {} items from {} people",
        shop.events,
        choices.customers,
        shop.agreed.len(),
        learned.items,
        learned.people
    ));
    let asked = Arc::new(Asked::new(&shop, choices.connections));
    at_most(&asked, Duration::from_secs(1)).await?;
    let (mut fixed, mut most) = (Vec::new(), Vec::new());
    let mut beside = Beside::default();
    let each = Duration::from_secs(choices.seconds) / choices.rounds.max(1) as u32;
    for _ in 0..choices.rounds {
        let groups = asked.gate.groups();
        let (run, probes) = at_rate(&asked, What::Recommendation, choices.rate, each).await?;
        fixed.push((run, probes, asked.gate.groups() - groups));
        most.push(at_most(&asked, each / 2).await?);
        let (nothing, _) = at_rate(&asked, What::Nothing, choices.rate, each / 4).await?;
        beside.nothing.push(nothing);
        beside.commits.push(commits(&asked, each / 4).await?);
        let app = &shop.house.app;
        beside
            .lists
            .push(tokio::task::block_in_place(|| lists(&shop, app, each / 4))?);
    }
    print(&choices, fixed, most);
    beside.print();
    shop.house.close().await.map(drop)
}

/// The yardsticks of the same run.
#[derive(Default)]
struct Beside {
    nothing: Vec<Run>,
    commits: Vec<Run>,
    lists: Vec<Run>,
}

impl Beside {
    fn print(&self) {
        let mut rows = vec![row(["", "CPU µs each", "p50 ms", "p99 ms"])];
        for (name, runs, server) in [
            (
                "a request for a sign of life, at the same rate (server)",
                &self.nothing,
                true,
            ),
            (
                "a group commit of one empty record, one after another",
                &self.commits,
                false,
            ),
            (
                "the list by itself, in memory, one after another",
                &self.lists,
                false,
            ),
        ] {
            let cost = |run: &Run| run.per_event(if server { run.server() } else { run.cpu });
            let mut acks = Times::default();
            runs.iter().for_each(|run| acks.append(run.acks.clone()));
            let time = |percent, acks: &mut Times| match acks.len() {
                0 => String::new(),
                _ => grouped(acks.percentile_ms(percent), 2),
            };
            rows.push(row([
                name,
                &Spread::of(runs.iter().map(cost)).show(0),
                &time(50, &mut acks),
                &time(99, &mut acks),
            ]));
        }
        table::print("yardsticks of the same run", &rows);
    }
}

fn print(choices: &Choices, fixed: Vec<(Run, Times, u64)>, most: Vec<Run>) {
    let mut rows = vec![row([
        "round",
        "answered/s",
        "p50 ms",
        "p99 ms",
        "commit p50 ms",
        "commit p99 ms",
        "p99 - commit p99 ms",
        "records/group",
        "CPU µs/decision: all",
        "server",
        "of it writer",
    ])];
    let (mut differences, mut costs) = (Vec::new(), Vec::new());
    let (mut all, mut all_probes) = (Times::default(), Times::default());
    for (number, (mut run, mut probes, groups)) in (1..).zip(fixed) {
        let difference = run.acks.percentile_ms(99) - probes.percentile_ms(99);
        differences.push(difference);
        costs.push(run.per_event(run.server()));
        let records = run.events as f64 + probes.len() as f64;
        rows.push(row([
            &number.to_string(),
            &grouped(run.rate(), 0),
            &grouped(run.acks.percentile_ms(50), 2),
            &grouped(run.acks.percentile_ms(99), 2),
            &grouped(probes.percentile_ms(50), 2),
            &grouped(probes.percentile_ms(99), 2),
            &grouped(difference, 2),
            &grouped(records / (groups as f64).max(1.0), 1),
            &grouped(run.per_event(run.cpu), 0),
            &grouped(run.per_event(run.server()), 0),
            &grouped(run.per_event(run.writer), 0),
        ]));
        all.append(run.acks);
        all_probes.append(probes);
    }
    let title = format!(
        "{} recommendations of 10 items per second over HTTP, permitted, explained and recorded; the probe is an empty \
         record through the same writer, {} a second; time counts from when the request was due",
        choices.rate,
        choices.rate / PROBE_EVERY
    );
    table::print(&title, &rows);
    let of = |figure: &dyn Fn(&Run) -> f64, digits| Spread::of(most.iter().map(figure)).show(digits);
    let mut acks = Times::default();
    most.iter().for_each(|run| acks.append(run.acks.clone()));
    let rows = [
        row(["", "median (range)"]),
        row([
            "p99 - p99 of a group commit, rounds, ms",
            &Spread::of(differences).show(2),
        ]),
        row([
            "the same over all rounds together, ms",
            &grouped(all.percentile_ms(99) - all_probes.percentile_ms(99), 2),
        ]),
        row([
            "CPU µs of the server per decision at this rate",
            &Spread::of(costs).show(0),
        ]),
        row([
            &format!("most decisions/s, {} connections", choices.connections),
            &of(&Run::rate, 0),
        ]),
        row([
            "  CPU µs of the server per decision then",
            &of(&|run| run.per_event(run.server()), 0),
        ]),
        row([
            "  bytes of an answer",
            &of(&|run| run.bytes as f64 / run.events.max(1) as f64, 0),
        ]),
        row(["  of it writer", &of(&|run| run.per_event(run.writer), 0)]),
        row(["  p50 ms", &grouped(acks.percentile_ms(50), 2)]),
        row(["  p99 ms", &grouped(acks.percentile_ms(99), 2)]),
        row(["load after", &grouped(stopwatch::load().unwrap_or_default(), 1)]),
    ];
    table::print("over all rounds", &rows);
}

/// Who is asked about, where.
struct Asked {
    address: SocketAddr,
    header: String,
    bodies: Vec<String>,
    connections: usize,
    gate: Gate,
    now: Moment,
}

impl Asked {
    fn new(shop: &Shop, connections: usize) -> Asked {
        let body = |user: &String| {
            let filters = serde_json::json!({ "excludeBought": true });
            serde_json::json!({ "userId": user, "placement": "home", "count": 10, "filters": filters })
                .to_string()
        };
        Asked {
            address: shop.house.address,
            header: shop.house.api_header(),
            bodies: shop.agreed.iter().map(body).collect(),
            connections,
            gate: shop.house.app.gate.clone(),
            now: shop.house.app.now(),
        }
    }

    async fn connect(&self) -> Result<Client, String> {
        Client::connect(self.address, &self.header).await.map_err(text)
    }

    async fn ask_nothing(&self, client: &mut Client) -> Result<(), String> {
        let answer = client
            .send(hyper::Method::GET, "/healthz", bytes::Bytes::new())
            .await;
        answer.map(drop).map_err(text)
    }

    /// One recommendation, for another customer each time; must be from the customer's own history.
    /// Answers how many bytes it had.
    async fn ask(&self, client: &mut Client, number: u64) -> Result<usize, String> {
        let turn = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let body = self.bodies.get(turn as usize % self.bodies.len().max(1));
        let body = body.ok_or("nobody agreed")?.clone();
        let answer = client
            .post("/v1/recommendations", body.into())
            .await
            .map_err(text)?;
        let profiled = b"\"mode\":\"profiled\"";
        if answer.windows(profiled.len()).any(|window| window == profiled) {
            Ok(answer.len())
        } else {
            Err("a customer who agreed got the list of everybody".to_owned())
        }
    }
}

/// What is asked for at a fixed rate.
#[derive(Clone, Copy)]
enum What {
    /// Recommendations, with a probe of the group commit now and then.
    Recommendation,
    /// A sign of life: what a request costs by itself.
    Nothing,
}

impl What {
    fn is_probed(self) -> bool {
        matches!(self, What::Recommendation)
    }
}

/// Empty records, one after another, each durable before the next.
async fn commits(asked: &Asked, time: Duration) -> Result<Run, String> {
    let mut run = Run::default();
    let before = Before::now();
    let end = Instant::now() + time;
    while Instant::now() < end {
        let from = Instant::now();
        let recorded = asked
            .gate
            .record_unprofiled(Nothing, PurposeName::Service, Vec::new(), asked.now);
        recorded.await.map_err(text)?;
        run.acks.push(from.elapsed());
        run.events += 1;
    }
    before.fill(&mut run);
    Ok(run)
}

/// The lists themselves, from plain histories in memory, one after another on one thread.
fn lists(shop: &Shop, app: &App, time: Duration) -> Result<Run, String> {
    let facts = app.shop().ok_or("there is no model")?;
    let views: Vec<PersonaliseView> = histories(&shop.orders)
        .into_iter()
        .filter(|(customer, _)| shop.agreed.contains(&user_id(*customer)))
        .map(|(_, mut history)| {
            // As long as an envelope lets it be.
            history.truncate(200);
            PersonaliseView {
                history,
                muted: Vec::new(),
                preferences: vocabulary::Preferences::default(),
                traits: Vec::new(),
            }
        })
        .collect();
    let request = Request {
        categories: Vec::new(),
        count: 10,
        counterfactuals: 1,
        exclude_bought: true,
        placement: "home".to_owned(),
    };
    let mut run = Run::default();
    let before = Before::now();
    let end = Instant::now() + time;
    while Instant::now() < end {
        for view in &views {
            std::hint::black_box(profiled(view, &request, &facts, 1, app.now()));
            run.events += 1;
        }
    }
    before.fill(&mut run);
    Ok(run)
}

/// As many as come back, each connection asking again as soon as it is answered.
async fn at_most(asked: &Arc<Asked>, time: Duration) -> Result<Run, String> {
    let asked = Arc::clone(asked);
    on_clients(move || async move {
        let mut clients = Vec::new();
        for _ in 0..asked.connections {
            clients.push(asked.connect().await?);
        }
        let before = Before::now();
        let end = Instant::now() + time;
        let mut tasks = Vec::new();
        for (line, mut client) in (0u64..).zip(clients) {
            let asked = Arc::clone(&asked);
            tasks.push(tokio::spawn(async move {
                let (mut times, mut number, mut bytes) = (Times::default(), line << 32, 0);
                while Instant::now() < end {
                    let from = Instant::now();
                    number += 1;
                    bytes += asked.ask(&mut client, number).await?;
                    times.push(from.elapsed());
                }
                Ok::<(Times, usize), String>((times, bytes))
            }));
        }
        let mut run = Run::default();
        for task in tasks {
            let (times, bytes) = task.await.map_err(text)??;
            run.acks.append(times);
            run.bytes += bytes as u64;
        }
        run.events = run.acks.len() as u64;
        before.fill(&mut run);
        Ok(run)
    })
    .await
}

/// So many per second, whether or not the server keeps up; each counts from when it was due.
async fn at_rate(asked: &Arc<Asked>, what: What, rate: u64, time: Duration) -> Result<(Run, Times), String> {
    let asked = Arc::clone(asked);
    on_clients(move || async move {
        let (requests, queue) = mpsc::unbounded_channel::<(u64, Instant)>();
        let queue = Arc::new(Mutex::new(queue));
        let mut tasks = Vec::new();
        for _ in 0..asked.connections {
            let (asked, queue, mut client) = (Arc::clone(&asked), Arc::clone(&queue), asked.connect().await?);
            tasks.push(tokio::spawn(async move {
                let mut times = Times::default();
                loop {
                    let next = queue.lock().await.recv().await;
                    let Some((number, due)) = next else {
                        return Ok::<Times, String>(times);
                    };
                    match what {
                        What::Recommendation => drop(asked.ask(&mut client, number).await?),
                        What::Nothing => asked.ask_nothing(&mut client).await?,
                    }
                    times.push(due.elapsed());
                }
            }));
        }
        let (probe, probes) = mpsc::unbounded_channel();
        let probing = tokio::spawn(probe_all(Arc::clone(&asked), probes));
        let before = Before::now();
        // A thread that sleeps wakes up more exactly than a timer of the runtime.
        let pace = std::thread::Builder::new().name(super::fleet::CLIENT.to_owned());
        let pace = pace.spawn(move || {
            let start = Instant::now();
            for number in 0..rate * time.as_millis() as u64 / 1_000 {
                let due = start + Duration::from_secs_f64(number as f64 / rate.max(1) as f64);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                let probed =
                    !(what.is_probed() && number.is_multiple_of(PROBE_EVERY)) || probe.send(due).is_ok();
                if requests.send((number, due)).is_err() || !probed {
                    return;
                }
            }
        });
        let mut run = Run::default();
        for task in tasks {
            run.acks.append(task.await.map_err(text)??);
        }
        let probes = probing.await.map_err(text)??;
        run.events = run.acks.len() as u64;
        before.fill(&mut run);
        drop(pace.map_err(text)?);
        Ok((run, probes))
    })
    .await
}

/// Records nothing each time a moment comes, and says how long after it that was durable.
async fn probe_all(asked: Arc<Asked>, mut due: mpsc::UnboundedReceiver<Instant>) -> Result<Times, String> {
    let mut probes = tokio::task::JoinSet::new();
    while let Some(due) = due.recv().await {
        let asked = Arc::clone(&asked);
        probes.spawn(async move {
            let recorded = asked
                .gate
                .record_unprofiled(Nothing, PurposeName::Service, Vec::new(), asked.now)
                .await;
            recorded.map_err(text).map(|_| due.elapsed())
        });
    }
    let mut times = Times::default();
    while let Some(done) = probes.join_next().await {
        times.push(done.map_err(text)??);
    }
    Ok(times)
}
