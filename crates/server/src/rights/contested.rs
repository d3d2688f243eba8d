//! While a human looks at a decision, programs make no others of its kind about the person (GDPR art.
//! 22(3)): the charter is told when the request is opened and when it has ended, in whatever way. A kill in
//! between is made good by the work that answers requests: both may be repeated.
//!
//! Deliberately does not know: what the charter makes of it.

use super::{Fault, Known, Right, amend};
use crate::app::App;
use crate::record_id::parse_id;
use crate::rights;
use gate::{Whom, by_the_person};
use vocabulary::{PurposeName, PurposeSet, Signals};

/// What such acts are said to come from.
const SOURCE: &str = "rights";
/// The purposes under which a program decides about one person.
const DECIDING: [PurposeName; 6] = [
    PurposeName::Personalise,
    PurposeName::Segment,
    PurposeName::Predict,
    PurposeName::MarketByEmail,
    PurposeName::MarketBySms,
    PurposeName::MarketByPush,
];

/// What a request for a human contests: the purpose of the decision it names. Where it names none, it may
/// be any. A record that is not this person's, or was made without looking at them, contests nothing.
pub(super) async fn by(
    app: &App,
    whom: &Whom<'_>,
    record: Option<&str>,
    signals: Signals,
) -> Result<Vec<PurposeName>, Fault> {
    let Some(record) = record else {
        return Ok(DECIDING.to_vec());
    };
    let Some(id) = parse_id(record) else {
        return Ok(Vec::new());
    };
    let own = app.gate.own_receipt(whom, id, by_the_person(signals, app.now()));
    let Some(Ok(receipt)) = own.await? else {
        return Ok(Vec::new());
    };
    let purpose = ledger::Entry::parse(&receipt.leaf)
        .ok()
        .and_then(|entry| PurposeName::parse(&entry.purpose?));
    Ok(purpose
        .filter(|purpose| DECIDING.contains(purpose))
        .into_iter()
        .collect())
}

/// Silences programs while the request is open, and ends that when it has ended.
pub(super) async fn settle(app: &App, known: Known) -> Result<Known, Fault> {
    let house = &known.house;
    if house.request.right != Right::HumanReview || !house.silent {
        return Ok(known);
    }
    let purposes: PurposeSet = house.contested.iter().copied().collect();
    let now = app.now();
    if !house.request.status.is_final() {
        app.gate
            .contest_for(known.id, purposes, true, SOURCE, now)
            .await?;
        return Ok(known);
    }
    // What another open request contests stays silent.
    let mut over = purposes;
    for filed in app.gate.siblings(known.id).await? {
        let other = rights::known(filed)?.house;
        if !other.request.status.is_final() {
            over = other.contested.into_iter().fold(over, PurposeSet::without);
        }
    }
    if !over.is_empty() {
        app.gate.contest_for(known.id, over, false, SOURCE, now).await?;
    }
    amend(app, known.id, |house| house.silent = false).await
}
