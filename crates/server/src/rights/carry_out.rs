//! Carrying out what a program can: each act may be repeated, so a request that was interrupted at
//! any point is simply carried out again.
//!
//! Deliberately does not know: how each act is done; that is the gate's business.

use super::{
    By, Denial, Fault, Known, RefusedError, Right, Said, Status, Step, advance, amend, contested, correction,
    find,
};
use crate::app::App;
use crate::record_id::show_id;
use gate::charter::Requester;
use gate::{Act, Ask, RequestId};
use vocabulary::{PurposeName, Signals};

/// What acts of a request are said to come from.
const SOURCE: &str = "rights";

/// Takes a request as far as a program can. What needs a human stays open.
pub async fn carry_out(app: &App, id: RequestId, signals: Signals) -> Result<Known, Fault> {
    let mut known = contested::settle(app, find(app, id).await?).await?;
    if !known.house.automatic {
        return Ok(known);
    }
    if known.house.request.status == Status::Open {
        known = advance(app, id, Step::Start, By::System, None).await?;
    }
    if known.house.request.status != Status::InProgress {
        return Ok(known);
    }
    let there = known.linked && !app.gate.unlink_if_gone(id).await?;
    let right = known.house.request.right;
    let done = match right {
        // The key is destroyed first; if we were killed before this was written down, it is now.
        Right::Erasure => {
            if there && let Some(erased) = app.gate.erase_for(id).await? {
                let certificate = show_id(erased.certificate);
                amend(app, id, |house| house.certificate = Some(certificate.clone())).await?;
            }
            true
        }
        _ if !there => false,
        // Made anew whenever it is fetched, so that it is complete and never lies about.
        Right::Access | Right::Portability => true,
        Right::Restriction => act(app, id, Act::Restrict(true)).await?,
        Right::Objection => act(app, id, Act::Object(true)).await?,
        Right::WithdrawAll => {
            let refusals = PurposeName::ASKED.map(|purpose| (purpose, false));
            let done = app.gate.choose_for(id, &refusals, SOURCE, app.now()).await?;
            done.is_some()
        }
        Right::Rectification => rectify(app, id, signals).await?,
        Right::HumanReview => return Ok(known),
    };
    let step = match done {
        true => Step::Fulfil,
        false => Step::Deny(Denial::NoMatch),
    };
    match advance(app, id, step, By::System, None).await {
        // Somebody else carried it out at the same time: both did the same.
        Err(Fault::Step(decide::rights::Refusal::Ended(_))) => find(app, id).await,
        outcome => outcome,
    }
}

async fn act(app: &App, id: RequestId, act: Act) -> Result<bool, Fault> {
    let done = app.gate.act_for(id, act, SOURCE, app.now()).await?;
    Ok(done.is_some())
}

/// The corrections stand in the person's own record of the request, and nowhere else.
async fn rectify(app: &App, id: RequestId, signals: Signals) -> Result<bool, Fault> {
    let ask = Ask {
        signals,
        requester: Requester::System,
        now: app.now(),
    };
    let notes = app.gate.notes_of(id, ask).await?;
    let notes = notes.map_err(|refused| Fault::Charter(RefusedError(refused)))?;
    // The oldest is what the request came with.
    let Some(first) = notes.last() else {
        return Ok(false);
    };
    let said: Said = serde_json::from_str(&first.text).map_err(|_| Fault::Stored)?;
    for (name, value) in &said.corrections {
        if !act(app, id, correction(name, value)).await? {
            return Ok(false);
        }
    }
    Ok(!said.corrections.is_empty())
}
