//! From the shipped invoices to Segment calls: `identify`, a consent choice, `Product Viewed`,
//! `Product Added` and `Order Completed`, in batches, as any Segment client would send them.
//!
//! What is real: who bought what, when, for how much. What is synthetic and says so: the answers to
//! the consent question, and that every line of an invoice was put into a cart (and every fourth
//! one looked at) a little before the order.

use lab::consents::Answer;
use lab::online_retail::Order;
use serde_json::{Value, json};
use vocabulary::{DAY_MS, Moment};

/// Most events in one batch.
pub const BATCH: usize = 100;
/// Most bytes in one batch: what Segment's clients stop at.
const BATCH_BYTES: usize = 450_000;
/// Most products in one `Order Completed`, so that it stays under 32 KiB.
const PRODUCTS: usize = 300;

/// The `userId` of a customer.
pub fn user_id(customer: u32) -> String {
    format!("customer-{customer}")
}

/// Turns orders into batches of Segment messages.
pub struct Feed {
    shift_ms: i64,
    met: std::collections::HashSet<u32>,
    batch: Vec<String>,
    bytes: usize,
    /// Messages made so far.
    pub messages: u64,
}

impl Feed {
    /// Moves all times by `shift_ms`.
    pub fn new(shift_ms: i64) -> Feed {
        Feed {
            shift_ms,
            met: std::collections::HashSet::new(),
            batch: Vec::new(),
            bytes: 0,
            messages: 0,
        }
    }

    /// The messages of one order; full batches go to `send`.
    pub fn order(&mut self, order: &Order, answer: Answer, send: &mut impl FnMut(String)) {
        let at = Moment(order.at.0 + self.shift_ms);
        if self.met.insert(order.customer) {
            self.meet(order.customer, at, answer, send);
        }
        for (number, line) in order.lines.iter().enumerate() {
            let before = at.plus(-60_000 * (order.lines.len() as i64 - number as i64).clamp(1, 600));
            let id = format!("{}-{number}", order.invoice);
            if number % 4 == 0 {
                let properties = json!({ "product_id": line.product.as_str() });
                self.track(
                    order.customer,
                    "Product Viewed",
                    &format!("v-{id}"),
                    before.plus(-30_000),
                    properties,
                    send,
                );
            }
            let properties = json!({ "product_id": line.product.as_str(), "quantity": line.quantity });
            self.track(
                order.customer,
                "Product Added",
                &format!("a-{id}"),
                before,
                properties,
                send,
            );
        }
        for (part, lines) in order.lines.chunks(PRODUCTS).enumerate() {
            let products: Vec<Value> = lines
                .iter()
                .map(|line| {
                    json!({
                        "product_id": line.product.as_str(),
                        "quantity": line.quantity,
                        "price": line.price_minor as f64 / 100.0,
                    })
                })
                .collect();
            let properties = json!({ "order_id": order.invoice.to_string(), "products": products });
            self.track(
                order.customer,
                "Order Completed",
                &format!("o-{}-{part}", order.invoice),
                at,
                properties,
                send,
            );
        }
    }

    /// What is left.
    pub fn finish(&mut self, send: &mut impl FnMut(String)) {
        if !self.batch.is_empty() {
            let batch = std::mem::take(&mut self.batch);
            self.bytes = 0;
            send(format!("{{\"batch\":[{}]}}", batch.join(",")));
        }
    }

    fn meet(&mut self, customer: u32, at: Moment, answer: Answer, send: &mut impl FnMut(String)) {
        let identify = json!({
            "type": "identify",
            "messageId": format!("i-{customer}"),
            "userId": user_id(customer),
            "timestamp": stamp(at.plus(-DAY_MS)),
            "traits": { "customer_number": customer.to_string(), "age_bracket": "adult" },
        });
        self.push(identify.to_string(), send);
        let (Some(personalise), Some(train)) = (answer.personalise(), answer.train()) else {
            return;
        };
        let preferences = json!({ "Personalisation": personalise, "Groups": personalise, "Learning": train });
        let choice = json!({
            "type": "track",
            "event": gate::CONSENT_EVENT,
            "messageId": format!("c-{customer}"),
            "userId": user_id(customer),
            "timestamp": stamp(at.plus(-DAY_MS + 1)),
            // What the dialogue of a shop would say of the words it showed.
            "properties": { "notice_id": "gift-shop", "notice_version": 1, "language": "en", "action": "save" },
            "context": { "consent": { "categoryPreferences": preferences } },
        });
        self.push(choice.to_string(), send);
    }

    fn track(
        &mut self,
        customer: u32,
        event: &str,
        id: &str,
        at: Moment,
        properties: Value,
        send: &mut impl FnMut(String),
    ) {
        let message = json!({
            "type": "track",
            "event": event,
            "messageId": id,
            "userId": user_id(customer),
            "timestamp": stamp(at),
            "properties": properties,
        });
        self.push(message.to_string(), send);
    }

    fn push(&mut self, message: String, send: &mut impl FnMut(String)) {
        if self.batch.len() >= BATCH || self.bytes + message.len() > BATCH_BYTES {
            self.finish(send);
        }
        self.messages += 1;
        self.bytes += message.len() + 1;
        self.batch.push(message);
    }
}

/// RFC 3339 in UTC.
fn stamp(at: Moment) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .unwrap_or_default()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_read_as_rfc_3339() {
        assert_eq!(stamp(Moment(0)), "1970-01-01T00:00:00Z");
        assert_eq!(stamp(Moment(1_795_348_800_123)), "2026-11-22T12:00:00.123Z");
    }
}
