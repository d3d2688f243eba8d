//! The table in the terminal: for a few customers, what they bought, what is recommended, why.

use super::{Error, feed, samples};
use crate::client::Client;
use lab::consents::Answer;
use lab::online_retail::Order;
use serde::Deserialize;
use server::app::App;
use server::web::demo::Stance;
use std::collections::HashMap;
use std::net::SocketAddr;
use vocabulary::ItemId;

/// The part of the API's answer that is shown.
#[derive(Deserialize)]
struct Answered {
    mode: String,
    policies: Vec<Policy>,
    items: Vec<Item>,
    record: String,
}

#[derive(Deserialize)]
struct Policy {
    id: String,
}

#[derive(Deserialize)]
struct Item {
    name: String,
    sentence: String,
}

/// Asks the API for one customer of each answer and prints what it says.
pub async fn print(
    address: SocketAddr,
    api_key: &str,
    app: &App,
    orders: &[Order],
    answers: &HashMap<u32, Answer>,
) -> Result<(), Error> {
    let mut client = Client::connect(address, &format!("Bearer {api_key}")).await?;
    let mut shown = Vec::new();
    for sample in samples(answers) {
        if shown.contains(&sample.stance) {
            continue;
        }
        shown.push(sample.stance);
        let body = serde_json::json!({
            "userId": feed::user_id(sample.number), "placement": "terminal", "count": 3,
            "language": "en", "filters": { "excludeBought": true },
        });
        let answer = client
            .post("/v1/recommendations", body.to_string().into())
            .await?;
        let answer: Answered = serde_json::from_slice(&answer).map_err(crate::client::Error::from)?;
        crate::say("");
        crate::say(&format!("customer {} ({})", sample.number, words(sample.stance)));
        crate::say(&format!("  bought       {}", bought(app, orders, sample.number)));
        let ids: Vec<&str> = answer.policies.iter().map(|policy| policy.id.as_str()).collect();
        let how = match answer.mode.as_str() {
            "profiled" => "from their own history, permitted by",
            _ => "the same for everybody, because of",
        };
        crate::say(&format!(
            "  list         {how} {} (record {})",
            ids.join(", "),
            super::short(&answer.record)
        ));
        for item in answer.items {
            crate::say(&format!("  recommended  {}", item.name));
            crate::say(&format!("               {}", item.sentence));
        }
    }
    crate::say("");
    Ok(())
}

fn words(stance: Stance) -> &'static str {
    match stance {
        Stance::All => "agreed to all",
        Stance::Part => "agreed to personalisation, not to learning",
        Stance::Refused => "refused",
        Stance::Silent => "never answered",
    }
}

/// The three things bought last.
fn bought(app: &App, orders: &[Order], customer: u32) -> String {
    let mut names: Vec<String> = Vec::new();
    for line in orders
        .iter()
        .rev()
        .filter(|order| order.customer == customer)
        .flat_map(|order| &order.lines)
    {
        let name = |id: &ItemId| app.catalogue.get(id).map(|item| item.name.clone());
        if let Some(name) = name(&line.product)
            && !names.contains(&name)
        {
            names.push(name);
        }
        if names.len() == 3 {
            break;
        }
    }
    names.join(", ")
}
