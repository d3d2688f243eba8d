//! How good the recommendations are, and what learning costs.

use crate::say;
use lab::online_retail::{Order, shipped_catalogue, shipped_orders};

/// Prints the table.
pub fn run(seed: u64) -> Result<(), String> {
    let orders = shipped_orders().and_then(|orders| orders.collect::<Result<Vec<Order>, _>>());
    let orders = orders.map_err(|error| error.to_string())?;
    let catalogue = shipped_catalogue().map_err(|error| error.to_string())?;
    let report = lab::evaluate::run(&orders, &catalogue, seed).map_err(|error| error.to_string())?;
    say(&report.to_string());
    Ok(())
}
