//! Rights in use: a request is opened, taken forward, carried out and answered. Every way in (the
//! page, the API, OpenDSR) comes through these few calls; which steps there are is `decide::rights`'
//! business, and each is durable and in the log before it counts.
//!
//! Deliberately does not know: HTTP, pages, who may call.

mod carry_out;
mod contested;
mod export;
mod notify;
mod office;
mod post;

pub use carry_out::carry_out;
pub use decide::rights::{By, Denial, ExtensionReason, Form, Right, Status, Step, Urgency, Via};
pub use export::{Exported, export};
pub use notify::{Told, opendsr_status, spki_pem, tell};
pub(crate) use notify::{expected, signed_headers};
pub use office::{Office, OfficeError};

use crate::app::App;
use decide::rights::{Refusal, Request};
use gate::charter::Requester;
use gate::{Act, Ask, Filed, Filing, MAX_NOTE, MAX_REQUESTS, Refused, RequestId, Unavailable, Whom};
use serde::{Deserialize, Serialize};
use vocabulary::{Moment, PurposeName, Signals};

/// Most corrections of one request.
pub const MAX_CORRECTIONS: usize = 50;
/// Most callbacks of one request.
pub const MAX_CALLBACKS: usize = 4;
/// Longest text of a request, bytes.
pub const MAX_WORDS: usize = 4_000;
/// How often a step is tried again because another came first.
const RETRIES: usize = 5;

/// What the house keeps of a request: nothing that names a person.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct House {
    /// The request.
    #[serde(flatten)]
    pub request: Request,
    /// Whom to tell of each step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<Callback>,
    /// Who sent it, by the name of their API key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<String>,
    /// A program can carry it out.
    #[serde(default)]
    pub automatic: bool,
    /// Of a human review: the purposes under which programs are silent until it is answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contested: Vec<PurposeName>,
    /// Programs may still be silent because of it: to be ended with the request.
    #[serde(default)]
    pub silent: bool,
    /// Of an erasure: the record of its certificate, which concerns nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// Somebody to be told of each step.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Callback {
    /// Where.
    pub url: String,
    /// How many steps they know of.
    pub told: usize,
    /// Failed tries for the next one.
    #[serde(default)]
    pub tries: u32,
    /// When to try again.
    #[serde(default)]
    pub next: Moment,
}

/// A request as its callers see it.
#[derive(Clone, PartialEq, Debug)]
pub struct Known {
    /// Which.
    pub id: RequestId,
    /// Where it stands.
    pub house: House,
    /// Whether there still is a person to answer.
    pub linked: bool,
    version: u64,
}

/// What a person asks.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// What they say, for whoever answers.
    pub words: Option<String>,
    /// What is to be corrected or removed (rectification), each a [`Act::Correct`] or
    /// [`Act::RemoveTrait`].
    pub corrections: Vec<(String, Option<String>)>,
    /// The decision that a human is to look at, by its record.
    pub record: Option<String>,
    /// Whom to tell.
    pub callbacks: Vec<String>,
    /// Who sent it.
    pub controller: Option<String>,
    /// The identity that the sender gave it.
    pub id: Option<RequestId>,
}

/// What is said in a request, sealed with the person's record of it.
#[derive(Serialize, Deserialize)]
struct Said {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    corrections: Vec<(String, Option<String>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<String>,
}

/// Why a request was not opened or taken forward. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The step is not possible.
    #[error(transparent)]
    Step(#[from] Refusal),
    /// There is no such request.
    #[error("there is no such request")]
    NoRequest,
    /// The sender's identity of the request was used before.
    #[error("a request of that id is there already")]
    IdTaken,
    /// The charter refuses.
    #[error(transparent)]
    Charter(RefusedError),
    /// More than one person may have.
    #[error("there are {MAX_REQUESTS} requests of this person already; nothing more is opened")]
    TooMany,
    /// A correction that cannot be carried out.
    #[error(
        "correction {0} cannot be carried out: name a declared trait that is no age bracket, with one plain value"
    )]
    Correction(usize),
    /// A text or list that is too long.
    #[error("`{0}` is longer than it may be")]
    TooLong(&'static str),
    /// A callback that nobody declared.
    #[error("callback {0} does not start with one of `rights.callbacks` of the settings, or has a query")]
    Callback(usize),
    /// The gate cannot answer.
    #[error(transparent)]
    Gate(#[from] Unavailable),
    /// What is stored cannot be read.
    #[error("the stored request cannot be read; it was written by another version")]
    Stored,
}

/// [`Refused`] as an error.
#[derive(Debug)]
pub struct RefusedError(pub Refused);

impl std::fmt::Display for RefusedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for RefusedError {}

/// Opens a request and carries it out as far as a program can. If the person has one of that right
/// that is not ended, that one is answered: asking twice is asking once. Of somebody nobody knows, the
/// request is kept and denied as `no_match`.
pub async fn open(
    app: &App,
    whom: &Whom<'_>,
    right: Right,
    via: Via,
    asked: Asked,
    signals: Signals,
) -> Result<Known, Fault> {
    let now = app.now();
    check(app, right, &asked)?;
    let mine = of(app, whom, signals).await?;
    let contested = match right {
        Right::HumanReview => contested::by(app, whom, asked.record.as_deref(), signals).await?,
        _ => Vec::new(),
    };
    let same = |known: &&Known| {
        let house = &known.house;
        house.request.right == right && house.contested == contested && !house.request.status.is_final()
    };
    if asked.id.is_none()
        && let Some(same) = mine.iter().find(same)
    {
        return Ok(same.clone());
    }
    if mine.len() >= MAX_REQUESTS {
        return Err(Fault::TooMany);
    }
    let id = match asked.id {
        Some(id) => id,
        None => RequestId::fresh()?,
    };
    // Telling somebody the word they just heard is not needed: they know of the first step.
    let callback = |url: &String| Callback {
        url: url.clone(),
        told: 1,
        tries: 0,
        next: now,
    };
    let house = House {
        request: Request::open(right, via, now),
        callbacks: asked.callbacks.iter().map(callback).collect(),
        controller: asked.controller.clone(),
        automatic: right.is_automatic() && (right != Right::Rectification || !asked.corrections.is_empty()),
        silent: !contested.is_empty(),
        contested,
        certificate: None,
    };
    let note = said(&asked);
    let filing = filing(&house, note, now)?;
    let Some(filed) = app.gate.open_request(id, whom, filing).await? else {
        return Err(Fault::IdTaken);
    };
    count(&house);
    let known = known(filed)?;
    if !known.linked {
        return advance(app, id, Step::Deny(Denial::NoMatch), By::System, None).await;
    }
    match carry_out(app, id, signals).await {
        Ok(known) => Ok(known),
        // It is open and durable: the work that answers requests takes it from here.
        Err(Fault::Gate(error)) => {
            tracing::warn!(%error, request = %id, "a request waits to be carried out");
            app.office.wake();
            Ok(known)
        }
        Err(fault) => Err(fault),
    }
}

/// The person's requests, newest first.
pub async fn of(app: &App, whom: &Whom<'_>, signals: Signals) -> Result<Vec<Known>, Fault> {
    let ask = Ask {
        signals,
        requester: Requester::Person,
        now: app.now(),
    };
    let filed = app.gate.requests_of(whom, ask).await?;
    let filed = filed.map_err(|refused| Fault::Charter(RefusedError(refused)))?;
    let mut mine: Vec<Known> = filed.into_iter().map(known).collect::<Result<_, _>>()?;
    mine.sort_by_key(|known| std::cmp::Reverse(known.house.request.received));
    Ok(mine)
}

/// One request.
pub async fn find(app: &App, id: RequestId) -> Result<Known, Fault> {
    match app.gate.request(id).await? {
        Some(filed) => known(filed),
        None => Err(Fault::NoRequest),
    }
}

/// Takes a request one step on, in the log and on disk when it answers. `note` goes to the person's
/// record of it, and nowhere else.
pub async fn advance(
    app: &App,
    id: RequestId,
    step: Step,
    by: By,
    note: Option<String>,
) -> Result<Known, Fault> {
    for _ in 0..RETRIES {
        let before = find(app, id).await?;
        let now = app.now();
        let house = House {
            request: before.house.request.take(step, by, now)?,
            ..before.house
        };
        let filing = filing(&house, note.clone(), now)?;
        if let Some(filed) = app.gate.advance_request(id, before.version, filing).await? {
            count(&house);
            if !house.callbacks.is_empty() {
                app.office.wake();
            }
            return contested::settle(app, known(filed)?).await;
        }
    }
    Err(Unavailable::Busy.into())
}

/// Changes what the house keeps beside the steps: no step, so nothing in the log.
async fn amend(app: &App, id: RequestId, change: impl Fn(&mut House)) -> Result<Known, Fault> {
    for _ in 0..RETRIES {
        let before = find(app, id).await?;
        let mut house = before.house;
        change(&mut house);
        let bytes = serde_json::to_vec(&house).map_err(|_| Fault::Stored)?;
        let amended = app.gate.amend_request(id, before.version, bytes, pending(&house));
        if let Some(filed) = amended.await? {
            return known(filed);
        }
    }
    Err(Unavailable::Busy.into())
}

/// Whether something is still to be done about it.
fn pending(house: &House) -> bool {
    let steps = house.request.steps.len();
    !house.request.status.is_final()
        || house.silent
        || house.callbacks.iter().any(|callback| callback.told < steps)
}

fn check(app: &App, right: Right, asked: &Asked) -> Result<(), Fault> {
    if asked.words.as_ref().is_some_and(|words| words.len() > MAX_WORDS) {
        return Err(Fault::TooLong("words"));
    }
    if asked.corrections.len() > MAX_CORRECTIONS {
        return Err(Fault::TooLong("corrections"));
    }
    if asked.record.as_ref().is_some_and(|record| record.len() != 32) {
        return Err(Fault::TooLong("record"));
    }
    if asked.callbacks.len() > MAX_CALLBACKS {
        return Err(Fault::TooLong("callbacks"));
    }
    if right != Right::Rectification && !asked.corrections.is_empty() {
        return Err(Fault::Correction(0));
    }
    for (at, (name, value)) in asked.corrections.iter().enumerate() {
        if !app.gate.can_act(&correction(name, value)) {
            return Err(Fault::Correction(at));
        }
    }
    for (at, url) in asked.callbacks.iter().enumerate() {
        if !app.office.may_call(url) {
            return Err(Fault::Callback(at));
        }
    }
    Ok(())
}

fn correction(name: &str, value: &Option<String>) -> Act {
    match value {
        Some(value) => Act::Correct {
            name: name.to_owned(),
            value: value.clone(),
        },
        None => Act::RemoveTrait {
            name: name.to_owned(),
        },
    }
}

fn said(asked: &Asked) -> Option<String> {
    let said = Said {
        words: asked.words.clone(),
        corrections: asked.corrections.clone(),
        record: asked.record.clone(),
    };
    let nothing = said.words.is_none() && said.corrections.is_empty() && said.record.is_none();
    if nothing {
        return None;
    }
    serde_json::to_string(&said).ok()
}

fn filing(house: &House, note: Option<String>, now: Moment) -> Result<Filing, Fault> {
    if note.as_ref().is_some_and(|note| note.len() > MAX_NOTE) {
        return Err(Fault::TooLong("note"));
    }
    let request = &house.request;
    let mut reasons = vec![
        format!("right:{}", request.right),
        format!("status:{}", request.status.as_str()),
    ];
    if let Status::Denied(denial) = request.status {
        reasons.push(format!("denial:{}", denial.as_str()));
    }
    if let Some(extension) = request.extension {
        reasons.push(format!("extension:{}", extension.reason.as_str()));
    }
    Ok(Filing {
        house: serde_json::to_vec(house).map_err(|_| Fault::Stored)?,
        reasons,
        refuses: matches!(request.status, Status::Denied(_)),
        pending: pending(house),
        note,
        at: request.changed_at().max(now),
    })
}

fn known(filed: Filed) -> Result<Known, Fault> {
    Ok(Known {
        id: filed.id,
        house: serde_json::from_slice(&filed.house).map_err(|_| Fault::Stored)?,
        linked: filed.linked,
        version: filed.version,
    })
}

fn count(house: &House) {
    let request = &house.request;
    let (right, status) = (request.right.as_str(), request.status.as_str());
    metrics::counter!("egard_rights_steps_total", "right" => right, "status" => status).increment(1);
    if request.status.is_final() {
        let seconds = request.took(request.changed_at()) as f64 / 1_000.0;
        metrics::histogram!("egard_rights_seconds", "right" => right).record(seconds);
    }
}
