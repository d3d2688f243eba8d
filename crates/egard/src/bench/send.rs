//! Messages per second, from an outbox in which they wait to a receiver of mail over loopback, with everything on:
//! charter, clearance, honesty, words, a record and a leaf for each, the mark that is durable before a message is
//! handed over, links, two signatures, SMTP, and the answer on disk.
//!
//! In the same run: what each stage costs alone, the same receiver fed with ready bytes, and bare group commits.

mod house;
mod sink;

use super::fleet::{Before, Run};
use super::house::{Place, text};
use super::table::{self, Spread, grouped, row};
use crate::say;
use decide::compose::{Outgoing, Words};
use gate::charter::Requester;
use gate::clearance::Rules;
use gate::dispatch::{Compose, Composed, HandedOver, NotComposed, Outcome, Seen, Waiting, Wanted};
use gate::{Account, Ask, Kind};
use house::{Post, Ways};
use jiff::tz::TimeZone;
use lab::stopwatch;
use letter::address::{Address, Mailbox};
use letter::mime::{Message, Nature, Thread, build};
use letter::token::Reference;
use server::work::send::Sender;
use sink::Sink;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};
use vocabulary::{Channel, Contract, Digest, Moment, PurposeName, Signals};

/// How much to send.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    place: Place,
    /// Messages of each round, one to each person.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    messages: u32,
    /// Rounds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Connections to the receiver.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Messages that are marked and without an answer at most (`channels.email.at_once`).
    #[arg(long, default_value_t = 512)]
    at_once: usize,
    /// Sign with Ed25519 alone, and not with RSA of 2,048 bits beside it.
    #[arg(long)]
    ed25519_only: bool,
}

/// The figures of all rounds.
#[derive(Default)]
struct Figures {
    everything: Vec<Run>,
    looks: Vec<f64>,
    gate: Vec<Run>,
    words: Vec<Run>,
    built: Vec<Run>,
    signed: Vec<Run>,
    fed: Vec<Run>,
    commits: Vec<Run>,
}

/// Measures and prints.
pub async fn run(choices: Choices) -> Result<(), String> {
    say(&choices.place.describe());
    let sink = Sink::open()?;
    let ways = Ways {
        sink: sink.address,
        connections: choices.connections.max(1),
        at_once: choices.at_once.max(1),
        rsa: !choices.ed25519_only,
    };
    let mut post = Post::open(&choices.place, &ways).await?;
    let mut figures = Figures::default();
    let count = u64::from(choices.messages);
    for _ in 0..choices.rounds {
        // The gate alone first: its people are others.
        let few = (choices.messages / 4).max(100);
        post.asks(few as usize).await?;
        figures
            .gate
            .push(gate_alone(&post, u64::from(few), ways.at_once).await?);
        let took = post.asks(choices.messages as usize).await?;
        figures.looks.push(count as f64 / took.as_secs_f64().max(1e-9));
        figures.everything.push(everything(&post, &sink, count).await?);
        let stages = tokio::task::block_in_place(|| stages(&post, few))?;
        let [words, built, signed] = stages.runs;
        figures.words.push(words);
        figures.built.push(built);
        figures.signed.push(signed);
        figures
            .fed
            .push(fed(&sink, &stages.message, count, ways.connections as u64)?);
        figures.commits.push(commits(&post).await?);
    }
    print(&choices, &figures, &sink, post.bytes());
    post.app.gate.close().await;
    Ok(())
}

/// All that wait are sent, as the server sends them.
async fn everything(post: &Post, sink: &Sink, count: u64) -> Result<Run, String> {
    let log = tokio::spawn(server::work::integrate_log::run(post.app.gate.clone()));
    let (first, bytes) = (sink.messages(), sink.bytes());
    sink.recipients();
    let mut sender = Sender::default();
    let mut run = Run::default();
    let before = Before::now();
    let patience = Instant::now() + Duration::from_secs(600);
    while sink.messages() - first < count {
        sender.turn(&post.app).await.map_err(text)?;
        if Instant::now() > patience {
            let arrived = sink.messages() - first;
            return Err(format!(
                "only {arrived} of {count} messages arrived in ten minutes"
            ));
        }
    }
    sender.finish(&post.app).await;
    before.fill(&mut run);
    log.abort();
    run.events = count;
    run.bytes = sink.bytes() - bytes;
    let (people, most) = sink.recipients();
    if (people as u64, most) != (count, 1) {
        return Err(format!(
            "{people} people got up to {most} messages instead of {count} one each"
        ));
    }
    Ok(run)
}

/// The words of nothing: what is left is the gate's own.
struct Wordless<'a>(&'a Words);

impl Compose for Wordless<'_> {
    type Letter = ();

    fn rules(&self) -> &Rules {
        self.0.rules()
    }

    fn program(&self) -> Digest {
        self.0.program()
    }

    fn zone(&self) -> &TimeZone {
        self.0.zone()
    }

    fn wanted(&self, waiting: &Waiting, now: Moment) -> Wanted {
        self.0.wanted(waiting, now)
    }

    fn compose(&self, _: &Seen<'_>) -> Result<Composed<()>, NotComposed> {
        Ok(Composed {
            letter: (),
            said: serde_json::Value::Null,
        })
    }
}

/// Permitted, cleared, recorded and marked, and answered: without words, signatures and SMTP, one after the other.
async fn gate_alone(post: &Post, count: u64, at_once: usize) -> Result<Run, String> {
    let running = post.app.running().ok_or("no program is in force")?;
    let mut run = Run::default();
    let before = Before::now();
    while run.events < count {
        let now = post.app.now();
        let people = post.app.gate.outgoing(now, at_once).await.map_err(text)?;
        let ask = Ask {
            signals: Signals::default(),
            requester: Requester::System,
            now,
        };
        let (gate, running) = (post.app.gate.clone(), Arc::clone(&running));
        let turn = tokio::task::spawn_blocking(move || {
            let words = running.words().ok_or("the program has no words")?;
            let done = gate
                .dispatch(people, ask, &Wordless(&words), at_once)
                .map_err(text)?;
            let handed = done.letters.into_iter().map(|handover| HandedOver {
                handover,
                outcome: Outcome::Accepted,
            });
            let handed: Vec<_> = handed.collect();
            let count = handed.len() as u64;
            gate.answered(handed, now).map_err(text)?;
            Ok::<u64, String>(count)
        });
        let left = turn.await.map_err(text)??;
        if left == 0 {
            return Err(format!("only {} of {count} messages were marked", run.events));
        }
        run.events += left;
    }
    before.fill(&mut run);
    Ok(run)
}

/// What is done for each message on its way, one after another on one thread.
struct Stages {
    runs: [Run; 3],
    message: Vec<u8>,
}

fn stages(post: &Post, count: u32) -> Result<Stages, String> {
    let running = post.app.running().ok_or("no program is in force")?;
    let words = running.words().ok_or("the program has no words")?;
    let email = post.app.exit.email.as_ref().ok_or("there is no e-mail")?;
    let (now, contract) = (post.app.now(), Contract::default());
    let waiting = [Waiting {
        id: [7; 16],
        kind: Kind::Message,
        name: "hello".to_owned(),
        journey: "welcome".to_owned(),
        key: None,
        step: Some("hello".to_owned()),
        entered_at: now,
        number: 0,
        program: words.program(),
        queued_at: now,
    }];
    let traits = [("email", "\"ann@example.org\""), ("first_name", "\"Ann\"")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let seen = Seen {
        waiting: &waiting,
        purpose: PurposeName::MarketByEmail,
        channel: Channel::Email,
        traits: &traits,
        contract: &contract,
        zone: words.zone(),
        now,
    };
    let written = || {
        let composed = words.compose(&seen);
        composed.map_err(|not| format!("the words of the bench were not written: {}", not.code.as_str()))
    };
    let composed = timed(count, || written().map(|composed| drop(black_box(composed))))?;
    let Outgoing::Email {
        html, text, subject, ..
    } = written()?.letter
    else {
        return Err("the message of the bench is no e-mail".to_owned());
    };
    let to = Mailbox::new(None, Address::parse("ann@example.org").map_err(self::text)?);
    let message = Message {
        from: email.from(),
        to: &to,
        reply_to: None,
        subject: &subject,
        at: now.0 / 1_000,
        reference: Reference([7; 16]),
        domain: email.domain(),
        text: &text,
        html: html.as_deref(),
        language: Some("fr"),
        nature: Nature::Automatic,
        thread: Thread::default(),
    };
    let unsigned = timed(count, || {
        let built = build(&message, email.marks(), &[]).map_err(self::text)?;
        black_box(built);
        Ok(())
    })?;
    let signed = timed(count, || {
        black_box(email.build(&message).map_err(self::text)?);
        Ok(())
    })?;
    Ok(Stages {
        runs: [composed, unsigned, signed],
        message: email.build(&message).map_err(self::text)?.bytes,
    })
}

fn timed(count: u32, mut work: impl FnMut() -> Result<(), String>) -> Result<Run, String> {
    let mut run = Run::default();
    let (start, cpu) = (Instant::now(), stopwatch::cpu_of_this_thread());
    for _ in 0..count {
        work()?;
    }
    run.events = u64::from(count);
    run.time = start.elapsed();
    run.cpu = stopwatch::cpu_of_this_thread().saturating_sub(cpu);
    Ok(run)
}

/// The same receiver, fed with ready bytes.
fn fed(sink: &Sink, message: &[u8], count: u64, connections: u64) -> Result<Run, String> {
    let mut run = Run::default();
    let before = Before::now();
    tokio::task::block_in_place(|| sink::feed(sink, message, count, connections))?;
    before.fill(&mut run);
    run.events = count;
    Ok(run)
}

/// A record that says nothing.
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

/// Group commits of one empty record, one after another.
async fn commits(post: &Post) -> Result<Run, String> {
    let mut run = Run::default();
    let before = Before::now();
    let end = Instant::now() + Duration::from_secs(1);
    while Instant::now() < end {
        let from = Instant::now();
        let now = post.app.now();
        let recorded = post
            .app
            .gate
            .record_unprofiled(Nothing, PurposeName::Service, Vec::new(), now);
        recorded.await.map_err(text)?;
        run.acks.push(from.elapsed());
        run.events += 1;
    }
    before.fill(&mut run);
    Ok(run)
}

fn print(choices: &Choices, figures: &Figures, sink: &Sink, bytes: u64) {
    let rates = |runs: &[Run]| Spread::of(runs.iter().map(Run::rate));
    let costs = |runs: &[Run], of: fn(&Run) -> Duration| {
        Spread::of(runs.iter().map(|run| run.per_event(of(run)))).show(0)
    };
    let server: fn(&Run) -> Duration = Run::server;
    let everything = rates(&figures.everything);
    let mut rows = vec![row(["", "messages/s", "CPU µs each"])];
    let mut add = |name: &str, runs: &[Run], of: fn(&Run) -> Duration| {
        rows.push(row([name, &rates(runs).show(0), &costs(runs, of)]));
    };
    add(
        "everything: from the outbox to the receiver's answer on disk",
        &figures.everything,
        server,
    );
    add(
        "  the gate alone: clearance, record, leaf, mark and answer on disk",
        &figures.gate,
        server,
    );
    add("    of which the writer's thread", &figures.gate, |run| {
        run.writer
    });
    add("  the words alone", &figures.words, |run| run.cpu);
    add("  building alone", &figures.built, |run| run.cpu);
    add("  building and signing alone", &figures.signed, |run| run.cpu);
    add(
        "yardstick: the same receiver fed with ready bytes (sender's side)",
        &figures.fed,
        server,
    );
    add(
        "yardstick: group commits of one empty record, in turn",
        &figures.commits,
        server,
    );
    let title = format!(
        "{} messages, {} rounds, {} connections, {} at once, {}",
        choices.messages,
        choices.rounds,
        choices.connections,
        choices.at_once,
        if choices.ed25519_only {
            "one signature (Ed25519)"
        } else {
            "two signatures (RSA 2,048 and Ed25519)"
        },
    );
    table::print(&title, &rows);
    let receiving = costs(&figures.everything, |run| run.client);
    let whole = Spread::of(figures.everything.iter().map(|run| run.per_event(run.cpu))).median;
    say(&format!(
        "the receiver itself, in this process: CPU µs {receiving} a message; looks that queue messages: {} people/s",
        Spread::of(figures.looks.iter().copied()).show(0)
    ));
    say(&format!(
        "{} of the receiver fed with ready bytes; {} messages for each bare group commit; {} bytes a message; {} MB of store",
        grouped(everything.median / rates(&figures.fed).median.max(1e-9), 3),
        grouped(everything.median / rates(&figures.commits).median.max(1e-9), 1),
        grouped(sink.bytes() as f64 / (sink.messages() as f64).max(1.0), 0),
        bytes >> 20,
    ));
    say(&format!(
        "target: 1,000 messages/s on two cores; CPU in all, receiver included: {} µs a message, so that two cores with \
         nothing else to do carry {} a second; load after {:.1}",
        grouped(whole, 0),
        grouped(2e6 / whole.max(1e-9), 0),
        stopwatch::load().unwrap_or_default()
    ));
}
