//! The export of one person, for one request.
//!
//! Deliberately does not know: what is in it; `decide::rights` does.

use super::{Fault, Form, RefusedError, Right};
use crate::app::App;
use crate::automation::seen;
use decide::rights::{self, Facts};
use gate::charter::Requester;
use gate::{Ask, Subject};
use vocabulary::Signals;

/// An export, recorded.
pub struct Exported {
    /// The document.
    pub bytes: Vec<u8>,
    /// Its record: by this its receipt can be had.
    pub record: gate::RecordId,
}

/// Everything that is kept of the person, in one document. `None`: there is no such person.
pub async fn export(
    app: &App,
    subject: Subject<'_>,
    right: Right,
    form: Form,
    signals: Signals,
) -> Result<Option<Exported>, Fault> {
    let now = app.now();
    let office = &app.office;
    let facts = Facts {
        right,
        at: now,
        controller: office.controller.clone(),
        authority: office.authority.clone(),
        recipients: office.recipients.clone(),
        register: gate::purposes::register().to_vec(),
        event_days: office.event_days,
        dictionary: app.gate.dictionary().digest(),
    };
    let ask = Ask {
        signals,
        requester: Requester::System,
        now,
    };
    let (maker, running) = (app.clone(), app.running());
    let answer = app
        .gate
        .answer(subject, ask, move |view, archive| {
            let shops = |model, catalogue| maker.shop_of(model, catalogue);
            let automatic = running.as_deref().zip(view.automatic.as_ref());
            let automatic = automatic.map(|(running, view)| seen::in_words(&maker, running, view, now));
            rights::export(view, archive, &facts, form, &shops, automatic.unwrap_or_default())
        })
        .await?;
    match answer {
        None => Ok(None),
        Some(Err(refused)) => Err(Fault::Charter(RefusedError(refused))),
        Some(Ok(recorded)) => Ok(Some(Exported {
            bytes: recorded.proposal.bytes,
            record: recorded.record,
        })),
    }
}
