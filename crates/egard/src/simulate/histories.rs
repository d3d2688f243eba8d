//! What people did, from a file of events or from the demo's orders, as what happens in a simulation.
//!
//! Deliberately does not know: what is made of it.

use lab::online_retail::{Order, shipped_orders};
use lab::simulate::{History, Input};
use program::Program;
use program::segment::Did;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use vocabulary::{Happened, ItemId, Moment, Scalar};

/// No line of a file is longer.
const LINE_MAX: u64 = 1 << 20;

/// A `track` message, as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Track {
    user_id: Option<String>,
    anonymous_id: Option<String>,
    event: String,
    timestamp: String,
    #[serde(default)]
    properties: serde_json::Map<String, serde_json::Value>,
}

/// Histories by person, in the order of their names. What the program does not declare is left out, as at
/// the door of a server.
pub fn of_file(file: &Path, program: &Program) -> Result<Vec<History>, String> {
    let cannot = |error: std::io::Error| format!("`{}` cannot be read: {error}", file.display());
    let mut reader = BufReader::new(std::fs::File::open(file).map_err(cannot)?);
    let mut people: BTreeMap<String, History> = BTreeMap::new();
    for line in 1u64.. {
        let mut text = String::new();
        if (&mut reader)
            .take(LINE_MAX)
            .read_line(&mut text)
            .map_err(cannot)?
            == 0
        {
            break;
        }
        if text.trim().is_empty() {
            continue;
        }
        // Neither the line nor what the parser read of it is repeated: it is about a person.
        let wrong = || {
            format!(
                "line {line} of `{}` is no `track` message; it needs `event`, `timestamp` (RFC 3339) and \
                 `userId` or `anonymousId`",
                file.display()
            )
        };
        let track: Track = serde_json::from_str(&text).map_err(|_| wrong())?;
        let time: jiff::Timestamp = track.timestamp.parse().map_err(|_| wrong())?;
        let person = track.user_id.or(track.anonymous_id).ok_or_else(wrong)?;
        let at = Moment(time.as_millisecond());
        if let Some(input) = input(program, &track.event, at, &track.properties) {
            people.entry(person).or_default().push(input);
        }
    }
    Ok(sorted(people))
}

/// The demo's orders by customer.
pub fn online_retail(program: &Program) -> Result<Vec<History>, String> {
    let orders = shipped_orders().and_then(|orders| orders.collect::<Result<Vec<Order>, _>>());
    let orders = orders.map_err(|error| error.to_string())?;
    let mut people: BTreeMap<u32, History> = BTreeMap::new();
    for order in orders {
        let total: i64 = order
            .lines
            .iter()
            .map(|line| line.price_minor * i64::from(line.quantity))
            .sum();
        let products: Vec<serde_json::Value> = order
            .lines
            .iter()
            .map(|line| serde_json::json!({ "product_id": line.product.as_str() }))
            .collect();
        let properties = serde_json::json!({
            "order_id": order.invoice.to_string(), "total": total as f64 / 100.0, "products": products,
        });
        let properties = properties.as_object().cloned().unwrap_or_default();
        if let Some(input) = input(program, "Order Completed", order.at, &properties) {
            people.entry(order.customer).or_default().push(input);
        }
    }
    Ok(sorted(people))
}

fn sorted<K>(people: BTreeMap<K, History>) -> Vec<History> {
    let each = people.into_values().map(|mut history| {
        history.sort_by_key(Input::at);
        history
    });
    each.collect()
}

fn input(
    program: &Program,
    event: &str,
    at: Moment,
    properties: &serde_json::Map<String, serde_json::Value>,
) -> Option<Input> {
    let declared = program.dictionary.events.get(event)?;
    let fields = properties
        .iter()
        .filter(|(name, _)| declared.fields.contains_key(*name))
        .filter_map(|(name, value)| {
            let value = match value {
                serde_json::Value::Bool(is) => Scalar::Bool(*is),
                serde_json::Value::Number(number) => Scalar::Number(number.as_f64()?),
                serde_json::Value::String(text) => Scalar::Text(text.clone()),
                _ => return None,
            };
            Some((name.as_str().into(), value))
        });
    let happened = Happened {
        at,
        number: 0,
        fields: fields.collect(),
    };
    Some(Input::Event {
        event: event.to_owned(),
        happened,
        did: declared.interaction,
        items: items(declared.interaction, properties),
    })
}

fn items(did: Option<Did>, properties: &serde_json::Map<String, serde_json::Value>) -> Vec<ItemId> {
    if did.is_none() {
        return Vec::new();
    }
    let products = properties
        .get("products")
        .and_then(|products| products.as_array());
    let each = products
        .into_iter()
        .flatten()
        .map(|product| product.get("product_id"));
    each.chain([properties.get("product_id")])
        .flatten()
        .filter_map(|id| id.as_str().map(ItemId::from))
        .collect()
}
