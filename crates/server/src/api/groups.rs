//! Groups and journeys as the team sees them: sizes, rounded and never small; what a segment would come to
//! before it is in force; where people stand.
//!
//! Deliberately does not know: who is in a group.

use super::{MAX_BODY, unavailable};
use crate::app::App;
use crate::auth::Caller;
use crate::automation::figures::{self, FEW, Figure};
use crate::automation::{Running, count, preview, ready};
use crate::ingest::{self, Code};
use crate::problem::{FieldProblem, Problem};
use ::program::journey::{Journey, State as Runs, What};
use ::program::plan::Interval;
use ::program::words::{Name, Words};
use ::program::{Program, Severity};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The program in force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct InForce {
    /// Its content address.
    #[schema(value_type = String)]
    digest: vocabulary::Digest,
    /// Under which number it was put in force.
    number: u64,
    /// Since when, RFC 3339.
    since: String,
    /// Whether the server works by this program's data dictionary; if not, it takes it up when it starts again
    /// with `[program] folder` in its settings.
    dictionary_in_use: bool,
}

/// How far the program has reached those who were there before it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reached {
    /// Everybody.
    done: bool,
    /// People who were reached.
    people: Figure,
}

/// Words in both languages.
#[derive(Serialize, ToSchema)]
pub(super) struct Title {
    fr: String,
    en: String,
}

impl From<&Words> for Title {
    fn from(words: &Words) -> Title {
        Title {
            fr: words.fr.clone(),
            en: words.en.clone(),
        }
    }
}

/// A group.
#[derive(Serialize, ToSchema)]
pub(super) struct Group {
    /// Its name in the program.
    name: String,
    /// What people read.
    title: Title,
    /// People who are in it; none if they were not counted yet.
    size: Option<Figure>,
}

/// The groups of the program in force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Groups {
    program: Option<InForce>,
    backfill: Option<Reached>,
    /// When people were counted, RFC 3339.
    counted_at: Option<String>,
    segments: Vec<Group>,
}

/// A step and who stands at it.
#[derive(Serialize, ToSchema)]
pub(super) struct Step {
    /// Its id in the journey.
    id: String,
    /// What it does, in a word of the program's files.
    what: &'static str,
    /// People who stand at it; none if they were not counted yet.
    people: Option<Figure>,
}

/// A journey.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct JourneyBody {
    /// Its name in the program.
    name: String,
    /// What people read.
    title: Title,
    /// `running`, `paused` or `closing`.
    state: &'static str,
    /// People who are in it and held out: nothing is done to them.
    held_out: Option<Figure>,
    steps: Vec<Step>,
}

/// The journeys of the program in force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct JourneysBody {
    program: Option<InForce>,
    /// When people were counted, RFC 3339.
    counted_at: Option<String>,
    journeys: Vec<JourneyBody>,
}

/// What a segment would come to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Preview {
    /// People who were looked at, by chance, of those who permit it.
    sample: Figure,
    /// Between how many would be in it, with 95 % confidence; none if it would be few.
    people: Option<Between>,
    /// Set if it would be few: fewer than so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    fewer_than: Option<u64>,
}

/// A Wilson interval at 95 %, rounded outwards to two digits.
#[derive(Serialize, ToSchema)]
pub(super) struct Between {
    low: u64,
    high: u64,
}

impl From<Interval> for Between {
    fn from(Interval { low, high }: Interval) -> Between {
        Between { low, high }
    }
}

/// The groups of the program in force, how many people are in each, and how far the program has reached those
/// who were there before it. Sizes are rounded to two digits; below 50 they are not told.
#[utoipa::path(
    get,
    path = "/v1/segments",
    responses((status = 200, body = Groups), (status = 401, description = "no API key")),
    security(("api_key" = []))
)]
pub(super) async fn segments(State(app): State<App>, _: Caller) -> Json<Groups> {
    let Some(running) = app.running() else {
        return Json(Groups {
            program: None,
            backfill: None,
            counted_at: None,
            segments: Vec::new(),
        });
    };
    let counted = counted(&app, &running);
    let size = |name: &Name| {
        let counted = counted.as_ref()?;
        Some(Figure::of(counted.segments.get(name).copied().unwrap_or(0)))
    };
    let segments = running.program.segments.values().map(|segment| Group {
        name: segment.name.to_string(),
        title: Title::from(&segment.title),
        size: size(&segment.name),
    });
    Json(Groups {
        program: Some(in_force(&app, &running)),
        backfill: app.backfilled().map(|reached| Reached {
            done: reached.done,
            people: Figure::of(reached.reached),
        }),
        counted_at: counted.as_ref().map(|counted| time(counted.at)),
        segments: segments.collect(),
    })
}

/// The journeys of the program in force, and how many people stand at each step.
#[utoipa::path(
    get,
    path = "/v1/journeys",
    responses((status = 200, body = JourneysBody), (status = 401, description = "no API key")),
    security(("api_key" = []))
)]
pub(super) async fn journeys(State(app): State<App>, _: Caller) -> Json<JourneysBody> {
    let Some(running) = app.running() else {
        return Json(JourneysBody {
            program: None,
            counted_at: None,
            journeys: Vec::new(),
        });
    };
    let counted = counted(&app, &running);
    let at = |journey: &Journey, step: Option<&str>| {
        let place = (journey.name.clone(), step.map(str::to_owned));
        let counted = counted.as_ref()?;
        Some(Figure::of(counted.steps.get(&place).copied().unwrap_or(0)))
    };
    let journeys = running.program.journeys.values().map(|journey| JourneyBody {
        name: journey.name.to_string(),
        title: Title::from(&journey.title),
        state: match journey.state {
            Runs::Running => "running",
            Runs::Paused => "paused",
            Runs::Closing => "closing",
        },
        held_out: at(journey, None),
        steps: journey
            .steps
            .iter()
            .map(|step| Step {
                id: step.id.clone(),
                what: word(&step.what),
                people: at(journey, Some(&step.id)),
            })
            .collect(),
    });
    Json(JourneysBody {
        program: Some(in_force(&app, &running)),
        counted_at: counted.as_ref().map(|counted| time(counted.at)),
        journeys: journeys.collect(),
    })
}

/// How many people a segment would have. The body is the segment's file (YAML), checked within the program in
/// force. A random sample of the people who permit `segment` is looked at, with a record in the log; nothing is
/// kept of it.
#[utoipa::path(
    post,
    path = "/v1/segments/preview",
    request_body(content = String, content_type = "application/yaml"),
    responses(
        (status = 200, body = Preview),
        (status = 401, description = "no API key"),
        (status = 409, description = "no program is in force"),
        (status = 422, description = "the segment has faults: each with line and column"),
        (status = 503, description = "another preview is being made"),
    ),
    security(("api_key" = []))
)]
pub(super) async fn preview(State(app): State<App>, _: Caller, body: Body) -> Result<Json<Preview>, Problem> {
    let Some(running) = app.running() else {
        return Err(
            Problem::new(StatusCode::CONFLICT, "no-program", "no program is in force")
                .detail("put one in force with `egard program apply`"),
        );
    };
    let read = ingest::read_body(body, MAX_BODY).await;
    let file = read.map_err(|code| match code {
        Code::PayloadTooLarge => Problem::too_large(MAX_BODY),
        _ => Problem::bad_request("the body ended before its announced length"),
    })?;
    let Ok(_alone) = app.automatic.previewing.try_lock() else {
        return Err(Problem::unavailable(1));
    };
    let with = Arc::clone(&running);
    let checked = tokio::task::spawn_blocking(move || checked(&with, file.to_vec())).await;
    let (program, name) = checked.map_err(|_| Problem::internal())??;
    let digest = program.digest();
    let automation = ready(&program, Vec::new(), Arc::clone(&app.catalogue));
    let automation =
        automation.map_err(|error| Problem::invalid(vec![FieldProblem::new("", &error.to_string())]))?;
    let people = match counted(&app, &running) {
        Some(counted) => counted.people,
        None => count::count(&app, &running).await.map_err(unavailable)?.people,
    };
    let sampled = preview::sample(&app, automation, digest)
        .await
        .map_err(unavailable)?;
    let hits = sampled.hits.get(&name).copied().unwrap_or(0);
    let estimated = figures::estimated(hits, sampled.sample, people);
    Ok(Json(Preview {
        sample: Figure::of(sampled.sample),
        fewer_than: estimated.is_none().then_some(FEW),
        people: estimated.map(Between::from),
    }))
}

/// The program in force with that segment beside its own, and the name it has there.
fn checked(running: &Running, file: Vec<u8>) -> Result<(Program, Name), Problem> {
    let mut files = running.program.files().clone();
    let mut names = (0u32..).map(|number| Name(format!("preview_{number}")));
    let free = names.find(|name| !running.program.segments.contains_key(name));
    let name = free.ok_or_else(Problem::internal)?;
    let path = format!("segments/{name}.yaml");
    files.insert(path.clone(), file);
    Program::read(files)
        .map(|program| (program, name))
        .map_err(|faults| {
            let own = faults
                .iter()
                .filter(|fault| fault.severity == Severity::Error && fault.file == path);
            let told = own.map(|fault| {
                let place = format!("line {}, column {}", fault.mark.line, fault.mark.column);
                FieldProblem::new("", &format!("{place}: {}; {}", fault.message, fault.mend))
            });
            Problem::invalid(told.collect())
        })
}

fn counted(app: &App, running: &Running) -> Option<Arc<count::Counted>> {
    app.counted()
        .filter(|counted| counted.number == running.applied.number)
}

fn in_force(app: &App, running: &Running) -> InForce {
    InForce {
        digest: running.applied.digest,
        number: running.applied.number,
        since: time(running.applied.at),
        dictionary_in_use: running.has_its_dictionary(&app.gate),
    }
}

fn time(at: vocabulary::Moment) -> String {
    decide::rights::time(at)
}

fn word(what: &What) -> &'static str {
    match what {
        What::Wait { .. } => "wait",
        What::WaitUntil { .. } => "wait_until",
        What::WaitFor { .. } => "wait_for",
        What::Branch { .. } => "branch",
        What::Cohort { .. } => "cohort",
        What::Experiment { .. } => "experiment",
        What::Message { .. } => "message",
        What::Task { .. } => "task",
        What::Update { .. } => "update",
        What::Webhook { .. } => "webhook",
        What::Exit => "exit",
    }
}
