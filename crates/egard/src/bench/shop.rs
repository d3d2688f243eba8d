//! The demo's shop, loaded through the front door, with a model learned from those who agreed.
//!
//! Deliberately does not know: what is measured with it.

use super::fleet::on_clients;
use super::house::{House, Place, orders, text};
use crate::client::Client;
use crate::demo::feed::{Feed, user_id};
use lab::consents::{Answer, Mix, answer};
use lab::online_retail::Order;
use server::work::learn_model::{self, Choice, Learned};
use std::collections::BTreeMap;

/// Same seed, same answers.
const SEED: u64 = 20_261_122;

/// A server with customers in it.
pub struct Shop {
    /// The server.
    pub house: House,
    /// Customers who agreed to be recommended to: their `userId`s.
    pub agreed: Vec<String>,
    /// All orders that were fed.
    pub orders: Vec<Order>,
    /// Events that were fed.
    pub events: u64,
}

impl Shop {
    /// Feeds the orders of the first so many customers.
    pub async fn open(place: &Place, customers: usize) -> Result<Shop, String> {
        Shop::of_short(place, customers, usize::MAX).await
    }

    /// The same, of each customer no more than the first orders with so many lines in all.
    pub async fn of_short(place: &Place, customers: usize, lines: usize) -> Result<Shop, String> {
        let house = House::open(place.folder()?, include_str!("../../../../demo/dictionary.toml")).await?;
        let (mut orders, shift) = orders()?;
        let mut answers: BTreeMap<u32, Answer> = BTreeMap::new();
        for order in &orders {
            if answers.len() < customers {
                answers
                    .entry(order.customer)
                    .or_insert_with(|| answer(SEED, order.customer, Mix::default()));
            }
        }
        let mut room: BTreeMap<u32, usize> = BTreeMap::new();
        orders.retain(|order| {
            let room = room.entry(order.customer).or_insert(lines);
            let fits = order.lines.len() <= *room && answers.contains_key(&order.customer);
            *room = if fits { *room - order.lines.len() } else { 0 };
            fits
        });
        let mut feed = Feed::new(shift);
        let mut batches = Vec::new();
        for order in &orders {
            let given = answers
                .get(&order.customer)
                .copied()
                .unwrap_or(Answer::Unanswered);
            feed.order(order, given, &mut |batch| batches.push(batch));
        }
        feed.finish(&mut |batch| batches.push(batch));
        let (address, header) = (house.address, house.source_header());
        on_clients(move || async move {
            let mut client = Client::connect(address, &header).await.map_err(text)?;
            for batch in batches {
                client.post("/v1/batch", batch.into()).await.map_err(text)?;
            }
            Ok(())
        })
        .await?;
        let agreed = answers
            .iter()
            .filter(|(_, answer)| answer.personalise() == Some(true))
            .map(|(customer, _)| user_id(*customer))
            .collect();
        Ok(Shop {
            house,
            agreed,
            orders,
            events: feed.messages,
        })
    }

    /// Learns and puts the model in force.
    pub async fn learn(&self) -> Result<Learned, String> {
        let note = "UCI Online Retail (Chen 2015, CC BY 4.0), synthetic consents";
        learn_model::run(&self.house.app, &Choice::Given(learn::Settings::default()), note)
            .await
            .map_err(text)
    }
}
