//! The soft opt-in: a customer may be written to about similar products of the same seller without a
//! consent, if five facts are true and recorded (ePrivacy directive art. 13(2); CJEU C-654/23; in France
//! CPCE art. L34-5). A missing fact is no soft opt-in.
//!
//! Deliberately does not know: whether a message may be sent; the charter says that.

use crate::consent::Consented;
use crate::envelope::{self, Input};
use crate::gate::Gate;
use crate::intake::{self, Whom};
use crate::{Fate, Unavailable};
use serde_json::json;
use vocabulary::{DAY_MS, Moment, PurposeName};

/// For how long after the sale it holds: three years, what the CNIL takes for a customer who was not
/// heard of since.
pub const VALID_DAYS: u32 = 1095;
/// Longest text of one fact, bytes.
pub const MAX_FACT: usize = 300;

/// The facts. Each text says how the fact can be checked, in at most [`MAX_FACT`] bytes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SoftOptIn {
    /// 1. The person gave the address themselves, in this sale (or free contract): its reference.
    pub sale: String,
    /// When that was.
    pub sold_at: Moment,
    /// 2. The seller: the very one that will write.
    pub seller: String,
    /// 3. Which products or services of its own, similar to those sold, it will write about.
    pub similar: String,
    /// 4. Where the person could say no, free and easily, when they gave the address.
    pub opt_out_at_collection: String,
    /// 5. How they can say no in each message.
    pub opt_out_each_time: String,
}

/// Why there is no soft opt-in. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSoftOptIn {
    /// Only electronic mail can rest on it.
    #[error("`{0}` cannot rest on a soft opt-in; only `market_by_email` and `market_by_sms` can")]
    Channel(PurposeName),
    /// The person must be a customer.
    #[error("no customer is named; send `userId`")]
    NoCustomer,
    /// A fact is not there.
    #[error("the fact `{0}` is missing or longer than {MAX_FACT} bytes; without it there is no soft opt-in")]
    Fact(&'static str),
    /// A sale that did not happen yet, or too long ago.
    #[error("`sold_at` is in the future or more than {VALID_DAYS} days ago; ask for consent instead")]
    Sale,
}

impl Gate {
    /// Records the facts of a soft opt-in for one channel, durable when it answers. A no of the person,
    /// earlier or later, stands above it.
    pub async fn soft_opt_in(
        &self,
        whom: &Whom<'_>,
        purpose: PurposeName,
        facts: &SoftOptIn,
        source: &str,
        now: Moment,
    ) -> Result<Result<Consented, NoSoftOptIn>, Unavailable> {
        let stored = match check(whom, purpose, facts, now) {
            Ok(stored) => stored,
            Err(refused) => return Ok(Err(refused)),
        };
        let input = Input {
            at: now.0,
            received_at: now.0,
            source: source.to_owned(),
            identified: true,
            soft_opt_in: Some(stored),
            ..Input::default()
        };
        let received = intake::stated(whom, input, source, &self.shared().keyring)?;
        let (fate, made) = self.state(received).await?;
        match fate {
            Some(Fate::Stored | Fate::Duplicate) => Ok(Ok(Consented::Kept(made))),
            Some(Fate::Dropped(crate::Reason::NoPermission | crate::Reason::NotDeclared)) => {
                Ok(Ok(Consented::NotKept))
            }
            Some(Fate::Dropped(_)) | None => Err(Unavailable::Busy),
        }
    }
}

/// The stored form of complete facts.
pub(crate) fn check(
    whom: &Whom<'_>,
    purpose: PurposeName,
    facts: &SoftOptIn,
    now: Moment,
) -> Result<envelope::SoftOptIn, NoSoftOptIn> {
    if !matches!(purpose, PurposeName::MarketByEmail | PurposeName::MarketBySms) {
        return Err(NoSoftOptIn::Channel(purpose));
    }
    if whom.user_id.is_none() {
        return Err(NoSoftOptIn::NoCustomer);
    }
    for (name, text) in [
        ("sale", &facts.sale),
        ("seller", &facts.seller),
        ("similar", &facts.similar),
        ("opt_out_at_collection", &facts.opt_out_at_collection),
        ("opt_out_each_time", &facts.opt_out_each_time),
    ] {
        if text.trim().is_empty() || text.len() > MAX_FACT {
            return Err(NoSoftOptIn::Fact(name));
        }
    }
    let until = facts.sold_at.plus(i64::from(VALID_DAYS) * DAY_MS);
    if facts.sold_at > now || until <= now {
        return Err(NoSoftOptIn::Sale);
    }
    let canonical = json!({
        "opt_out_at_collection": facts.opt_out_at_collection,
        "opt_out_each_time": facts.opt_out_each_time,
        "purpose": purpose.as_str(),
        "sale": facts.sale,
        "seller": facts.seller,
        "similar": facts.similar,
        "sold_at": facts.sold_at.0,
    });
    Ok(envelope::SoftOptIn {
        purpose: purpose as u8,
        sold_at: facts.sold_at.0,
        until: until.0,
        record: [0; 16].into(),
        facts: Some(canonical.to_string()),
    })
}
