//! Decisions looked at again per second, beside deciding in the same run: through the door (permit, record,
//! durable) and in memory alone.

use super::house::{Place, text};
use super::shop::Shop;
use super::table::{self, Spread, grouped, row};
use crate::say;
use decide::offers::{Offers, Request, profiled};
use decide::{Shop as Facts, again};
use gate::charter::Requester;
use gate::purposes::{Personalise, PersonaliseView};
use gate::{Account as _, Ask, RecordId, Replay, Whom};
use server::app::App;
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;
use vocabulary::Signals;

/// How many decisions.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    place: Place,
    /// Customers of the demo's shop.
    #[arg(long, default_value_t = 1_000)]
    customers: usize,
    /// Decisions of each round.
    #[arg(long, default_value_t = 2_000)]
    decisions: usize,
    /// At a time.
    #[arg(long, default_value_t = 16)]
    beside: usize,
    /// Rounds.
    #[arg(long, default_value_t = 4)]
    rounds: usize,
}

/// Decisions per second of each round.
#[derive(Default)]
struct Figures {
    decided: Vec<f64>,
    decided_alone: Vec<f64>,
    replayed: Vec<f64>,
    executed_alone: Vec<f64>,
}

/// Measures and prints.
pub async fn run(choices: Choices) -> Result<(), String> {
    say(&choices.place.describe());
    let shop = Shop::open(&choices.place, choices.customers).await?;
    let learned = shop.learn().await?;
    let app = shop.house.app.clone();
    let facts = app.shop().ok_or("there is no model")?;
    let mut figures = Figures::default();
    for _ in 0..choices.rounds {
        let users = shop.agreed.iter().cycle().take(choices.decisions).cloned();
        let users: Vec<String> = users.collect();
        let start = Instant::now();
        let decided = decide_all(&app, &facts, &users, choices.beside).await?;
        let rate = |start: Instant| decided.len() as f64 / start.elapsed().as_secs_f64();
        figures.decided.push(rate(start));
        app.gate.integrate().await.map_err(text)?;
        let details: Vec<String> = decided.iter().map(|(_, list)| list.details()).collect();
        let same = || {
            details
                .iter()
                .all(|details| again::differs(details, &facts).is_none())
        };
        let start = Instant::now();
        if !tokio::task::block_in_place(same) {
            return Err("a decision made again came out otherwise".to_owned());
        }
        figures.executed_alone.push(rate(start));
        let inputs: Vec<_> = details
            .iter()
            .filter_map(|details| again::inputs(details))
            .collect();
        let start = Instant::now();
        tokio::task::block_in_place(|| {
            for (view, now) in &inputs {
                std::hint::black_box(profiled(view, &request(), &facts, 1, *now));
            }
        });
        figures.decided_alone.push(rate(start));
        let records: Vec<RecordId> = decided.iter().map(|(id, _)| *id).collect();
        let start = Instant::now();
        replay_all(&app, &records, choices.beside).await?;
        figures.replayed.push(rate(start));
    }
    let replayed = Spread::of(figures.replayed.iter().copied()).median;
    let mut rows = vec![row(["", "per second", "in one replay"])];
    for (name, of) in [
        (
            "looked at again: permit, log proof, charter, execution, record",
            &figures.replayed,
        ),
        ("decided through the door: permit, list, record", &figures.decided),
        (
            "executed again in memory, one after another",
            &figures.executed_alone,
        ),
        ("decided in memory, one after another", &figures.decided_alone),
    ] {
        let spread = Spread::of(of.iter().copied());
        let times = grouped(spread.median / replayed.max(1e-9), 1);
        rows.push(row([name, &spread.show(0), &times]));
    }
    table::print("lists of 10 items, decided and decided again", &rows);
    say(&format!(
        "{} rounds of {} decisions, {} at a time; model of {} items; last column: so many of these in the time of one replay",
        choices.rounds, choices.decisions, choices.beside, learned.items
    ));
    shop.house.close().await.map(drop)
}

fn request() -> Request {
    Request {
        categories: Vec::new(),
        count: 10,
        counterfactuals: 1,
        exclude_bought: false,
        placement: "bench".to_owned(),
    }
}

type Decided = (RecordId, Offers);

async fn decide_all(
    app: &App,
    facts: &Arc<Facts>,
    users: &[String],
    beside: usize,
) -> Result<Vec<Decided>, String> {
    let mut decided = Vec::with_capacity(users.len());
    for page in users.chunks(beside.max(1)) {
        let mut making = JoinSet::new();
        for user in page {
            let (gate, facts, user, now) = (app.gate.clone(), Arc::clone(facts), user.clone(), app.now());
            making.spawn(async move {
                let whom = Whom {
                    user_id: Some(&user),
                    anonymous_id: None,
                };
                let ask = Ask {
                    signals: Signals::default(),
                    requester: Requester::System,
                    now,
                };
                let list = move |view: &PersonaliseView| profiled(view, &request(), &facts, 1, now);
                gate.decide::<Personalise, _, _>(&whom, ask, list).await
            });
        }
        while let Some(made) = making.join_next().await {
            let made = made.map_err(text)?.map_err(text)?;
            let recorded = made.map_err(|refused| refused.to_string())?;
            decided.push((recorded.record, recorded.proposal));
        }
    }
    Ok(decided)
}

async fn replay_all(app: &App, records: &[RecordId], beside: usize) -> Result<(), String> {
    let replay = Arc::new(server::audit::Replayer::new(app).await.map_err(text)?);
    for page in records.chunks(beside.max(1)) {
        let mut looks = JoinSet::new();
        for id in page {
            let (replay, id) = (Arc::clone(&replay), *id);
            looks.spawn(async move { replay.look(id).await });
        }
        while let Some(looked) = looks.join_next().await {
            match looked.map_err(text)?.map_err(text)? {
                Replay::Done(replayed) if replayed.is_sound() => {}
                other => {
                    return Err(format!(
                        "a record could not be looked at, or is not sound: {other:?}"
                    ));
                }
            }
        }
    }
    Ok(())
}
