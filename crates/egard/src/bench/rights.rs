//! What it takes to give a person everything that is kept of them, and to erase it, beside an fsync on the
//! same disk and beside a person of whom little is kept.

use super::fleet::on_clients;
use super::house::{House, Place, stamp, text};
use super::shop::Shop;
use super::table::{self, Spread, grouped, row};
use crate::client::Client;
use crate::say;
use decide::rights::{Form, Right};
use gate::{Subject, Whom};
use serde_json::{Value, json};
use server::rights::export;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;
use vocabulary::Signals;

/// Messages in one request.
const BATCH: usize = 500;
/// Events of the person of whom little is kept.
const FEW: usize = 3;

/// Of whom, and how often.
#[derive(clap::Args)]
pub struct Choices {
    #[command(flatten)]
    place: Place,
    /// Events of the person.
    #[arg(long, default_value_t = 10_000)]
    events: usize,
    /// Customers of the demo's shop beside them.
    #[arg(long, default_value_t = 300)]
    customers: usize,
    /// Rounds: each with people of its own.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// Milliseconds of each round.
#[derive(Default)]
struct Figures {
    json: Vec<f64>,
    csv: Vec<f64>,
    erased: Vec<f64>,
    bytes: usize,
}

/// Measures and prints.
pub async fn run(choices: Choices) -> Result<(), String> {
    say(&choices.place.describe());
    let shop = Shop::open(&choices.place, choices.customers).await?;
    let (mut many, mut few) = (Figures::default(), Figures::default());
    for round in 0..choices.rounds {
        for (events, figures) in [(choices.events, &mut many), (FEW, &mut few)] {
            let user = format!("bench-{events}-{round}");
            live(&shop.house, &user, events).await?;
            shop.house.app.gate.integrate().await.map_err(text)?;
            let (time, bytes) = take_out(&shop.house, &user, Form::Json).await?;
            figures.json.push(time);
            figures.bytes = bytes;
            figures.csv.push(take_out(&shop.house, &user, Form::Csv).await?.0);
            figures.erased.push(erase(&shop.house, &user).await?);
        }
    }
    let folder = shop.house.close().await?;
    let fsync = Spread::of(fsyncs(folder.path())?);
    let mut rows = vec![row(["", "ms", "times an fsync"])];
    let events = grouped(choices.events as f64, 0);
    for (name, figures) in [
        (format!("export as JSON, {events} events"), &many.json),
        (format!("export as CSV, {events} events"), &many.csv),
        (format!("erasure, {events} events"), &many.erased),
        (format!("export as JSON, {FEW} events"), &few.json),
        (format!("erasure, {FEW} events"), &few.erased),
    ] {
        let spread = Spread::of(figures.iter().copied());
        let times = grouped(spread.median / fsync.median.max(1e-9), 1);
        rows.push(row([&name, &spread.show(1), &times]));
    }
    rows.push(row([
        "one line appended to a file, and fsync",
        &fsync.show(2),
        "1.0",
    ]));
    table::print("a person's data: given, and erased", &rows);
    say(&format!(
        "the export of {events} events has {} bytes; {} rounds, median (smallest-largest)",
        grouped(many.bytes as f64, 0),
        choices.rounds
    ));
    Ok(())
}

/// A customer who agreed, and did so many things.
async fn live(house: &House, user: &str, events: usize) -> Result<(), String> {
    let (address, header, user) = (house.address, house.source_header(), user.to_owned());
    on_clients(move || async move {
        let mut client = Client::connect(address, &header).await.map_err(text)?;
        let mut messages = vec![agreement(&user)];
        messages.extend((0..events).map(|number| view(&user, number)));
        for batch in messages.chunks(BATCH) {
            let body = json!({ "batch": batch }).to_string();
            client.post("/v1/batch", body.into()).await.map_err(text)?;
        }
        Ok(())
    })
    .await
}

fn agreement(user: &str) -> Value {
    json!({
        "type": "track", "event": gate::CONSENT_EVENT, "messageId": format!("{user}-agrees"),
        "userId": user, "timestamp": stamp(),
        "context": { "consent": { "categoryPreferences": { "Personalisation": true, "Learning": true } } },
    })
}

fn view(user: &str, number: usize) -> Value {
    json!({
        "type": "track", "event": "Product Viewed", "messageId": format!("{user}-{number}"), "userId": user,
        "timestamp": stamp(), "properties": { "product_id": format!("{}", 10_000 + number % 400) },
    })
}

/// Milliseconds and bytes of an export, with its record on disk.
async fn take_out(house: &House, user: &str, form: Form) -> Result<(f64, usize), String> {
    let start = Instant::now();
    let whom = whom(user);
    let subject = Subject::Whom(&whom);
    let given = export(&house.app, subject, Right::Access, form, Signals::default())
        .await
        .map_err(text)?;
    let time = start.elapsed().as_secs_f64() * 1e3;
    let given = given.ok_or("the person is not there")?;
    Ok((time, given.bytes.len()))
}

async fn erase(house: &House, user: &str) -> Result<f64, String> {
    let start = Instant::now();
    let erased = house.app.gate.erase_certified(&whom(user)).await.map_err(text)?;
    let time = start.elapsed().as_secs_f64() * 1e3;
    match erased {
        Some(_) => Ok(time),
        None => Err("the person was not there to be erased".to_owned()),
    }
}

fn whom(user: &str) -> Whom<'_> {
    Whom {
        user_id: Some(user),
        anonymous_id: None,
    }
}

/// Milliseconds of appending a line to a file and making it durable.
fn fsyncs(folder: &Path) -> Result<Vec<f64>, String> {
    let mut file = std::fs::File::create(folder.join("appended")).map_err(text)?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        file.write_all(&[7; 200])
            .and_then(|()| file.sync_all())
            .map_err(text)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}
