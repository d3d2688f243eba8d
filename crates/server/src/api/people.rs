//! A member of the team opens one person's data: for a purpose the charter knows, for a reason in their
//! own words. Both are on disk before anything is shown, and the person sees them.
//!
//! Deliberately does not know: which purposes staff may state; the charter does.

use super::records::show_id;
use super::{Body, signals, unavailable};
use crate::app::App;
use crate::auth::Staff;
use crate::automation::seen;
use crate::identifier::{Identifier, Named};
use crate::problem::{FieldProblem, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use gate::charter::Requester;
use gate::purposes::{AnswerRightsRequest, HumanHelp, Purpose, Secure};
use gate::{Account, Ask, Whom};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use vocabulary::{Digest, Interaction, Moment, PurposeName};

/// Shortest and longest reason, bytes: a word is none, and a reason is no file.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

/// Whose data, for what, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Opening {
    /// The site's identifier of the person.
    pub user_id: Identifier,
    /// `human_help`, `answer_rights_request` or `secure`.
    #[schema(value_type = String, example = "human_help")]
    pub purpose: PurposeName,
    /// Why, in words that the person will read: 10 to 500 bytes.
    pub reason: String,
}

/// What the purpose may see, and the record of having seen it.
#[derive(Serialize, ToSchema)]
pub struct OpenedAnswer {
    /// The record; the person finds it in their timeline.
    pub record: String,
    /// The purpose.
    #[schema(value_type = String)]
    pub purpose: PurposeName,
    /// The fields that the purpose may see.
    #[schema(value_type = Object)]
    pub data: Value,
}

/// What was opened, with who and why: that is what is recorded.
struct Opened {
    at: Moment,
    by: String,
    purpose: PurposeName,
    reason: String,
    data: Value,
}

impl Account for Opened {
    fn kind(&self) -> &'static str {
        "staff"
    }

    fn program(&self) -> Digest {
        Digest::default()
    }

    /// Who, when, for what and why; not what was seen: the record is no second copy of the data.
    fn details(&self) -> String {
        json!({ "at": self.at, "by": self.by, "purpose": self.purpose, "reason": self.reason }).to_string()
    }
}

/// Opens one person's data for a member of the team. The purpose and the reason are in the person's
/// timeline, with the name of the key, before the answer is given; the public log has a leaf of it. So has
/// what was refused, and why.
#[utoipa::path(
    post,
    path = "/v1/people/open",
    request_body = Opening,
    responses(
        (status = 200, body = OpenedAnswer),
        (status = 401, description = "no API key"),
        (status = 403, description = "the key is not for staff, or the charter refuses; a person nobody knows is refused alike"),
        (status = 422, description = "a field has a value that cannot be"),
    ),
    security(("api_key" = []))
)]
pub async fn open(
    State(app): State<App>,
    staff: Staff,
    headers: HeaderMap,
    Body(opening): Body<Opening>,
) -> Result<Json<OpenedAnswer>, Problem> {
    open_as(&app, staff.name, &headers, opening).await.map(Json)
}

/// The same for a member of the team who is in, by their name.
pub(crate) async fn open_as(
    app: &App,
    name: String,
    headers: &HeaderMap,
    opening: Opening,
) -> Result<OpenedAnswer, Problem> {
    let named = check(&opening)?;
    let whom = named.whom();
    let by = Opened {
        at: app.now(),
        by: name,
        purpose: opening.purpose,
        reason: opening.reason.trim().to_owned(),
        data: Value::Null,
    };
    let ask = Ask {
        signals: signals(headers),
        requester: Requester::Staff,
        now: by.at,
    };
    match opening.purpose {
        PurposeName::HumanHelp => {
            // Where they are, and not what that rests on: this purpose does not see it.
            let running = app.running();
            let see = move |view: &<HumanHelp as Purpose>::View| {
                let placed = seen::placed(running.as_deref(), &view.state);
                json!({
                    "groups": placed.groups, "history": history(view.history.iter()),
                    "journeys": placed.journeys, "traits": traits(view.traits.iter()),
                })
            };
            look::<HumanHelp>(app, &whom, ask, by, see).await
        }
        PurposeName::Secure => {
            let see = |view: &<Secure as Purpose>::View| json!({ "counts": view.counts, "identifiers": view.identifiers, "lastAt": view.last_at });
            look::<Secure>(app, &whom, ask, by, see).await
        }
        // Any other purpose is refused here as the charter refuses it: staff has three tasks.
        PurposeName::AnswerRightsRequest => {
            let (own, running) = (app.clone(), app.running());
            let see = move |view: &<AnswerRightsRequest as Purpose>::View| {
                let running = running.as_deref().zip(view.automatic.as_ref());
                let placed = running.map(|(running, view)| seen::explained(&own, running, view, ask.now));
                let placed = placed.unwrap_or_default();
                let traits = view.traits.iter().map(|known| (&known.name, &known.value));
                json!({
                    "groups": placed.groups,
                    "history": history(view.history.iter().map(|known| &known.interaction)),
                    "journeys": placed.journeys,
                    "traits": traits.map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
                })
            };
            look::<AnswerRightsRequest>(app, &whom, ask, by, see).await
        }
        purpose => turn_away(app, &whom, ask, by, purpose).await,
    }
}

async fn look<P: Purpose>(
    app: &App,
    whom: &Whom<'_>,
    ask: Ask,
    by: Opened,
    see: impl Fn(&P::View) -> Value + Clone + Send + 'static,
) -> Result<OpenedAnswer, Problem> {
    let purpose = by.purpose;
    let (name, reason) = (by.by.clone(), by.reason.clone());
    let decided = app
        .gate
        .decide::<P, _, _>(whom, ask, move |view| Opened {
            at: ask.now,
            by: name.clone(),
            purpose,
            reason: reason.clone(),
            data: see(view),
        })
        .await;
    let recorded = match decided {
        Ok(Ok(recorded)) => recorded,
        Ok(Err(why)) => {
            let noted = app.gate.record_refused(whom, &why, &by, ask.now).await;
            noted.map_err(unavailable)?;
            return Err(refused(purpose));
        }
        Err(error) => return Err(unavailable(error)),
    };
    Ok(OpenedAnswer {
        record: show_id(recorded.record),
        purpose,
        data: recorded.proposal.data,
    })
}

/// A purpose that is none of staff's: refused by the charter, and in the person's timeline like any attempt.
async fn turn_away(
    app: &App,
    whom: &Whom<'_>,
    ask: Ask,
    by: Opened,
    purpose: PurposeName,
) -> Result<OpenedAnswer, Problem> {
    let verdict = app.gate.verdict(whom, purpose, ask).await.map_err(unavailable)?;
    if let Err(why) = verdict {
        let noted = app.gate.record_refused(whom, &why, &by, ask.now).await;
        noted.map_err(unavailable)?;
    }
    Err(refused(purpose))
}

fn check(opening: &Opening) -> Result<Named<'_>, Problem> {
    let mut errors = Vec::new();
    let named = Named::read(Some(&opening.user_id), None, &mut errors);
    if !REASON.contains(&opening.reason.trim().len()) {
        let detail = "a reason has 10 to 500 bytes; the person will read it";
        errors.push(FieldProblem::new("/reason", detail));
    }
    match errors.is_empty() {
        true => Ok(named),
        false => Err(Problem::invalid(errors)),
    }
}

/// Told alike whether the person is unknown or the charter refuses: staff cannot find out who is known.
fn refused(purpose: PurposeName) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "refused", "the charter refuses")
        .detail(&format!("nobody of the team may open this for `{purpose}`"))
}

fn history<'a>(items: impl Iterator<Item = &'a Interaction>) -> Vec<Value> {
    let item = |seen: &Interaction| {
        json!({
            "added": seen.added, "bought": seen.bought, "item": seen.item, "lastAt": seen.last_at,
            "viewed": seen.viewed,
        })
    };
    items.map(item).collect()
}

fn traits<'a>(known: impl Iterator<Item = &'a (String, String)>) -> Vec<Value> {
    known
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}
