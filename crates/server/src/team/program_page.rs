//! The program: the one in force, the one in the team's folder with its faults or its differences, those that wait
//! for a second person, and those of before.
//!
//! Whoever presses a button names the very program they looked at, and what was in force then: if either has
//! changed, nothing happens. Deliberately does not know: what a program says.

use super::Team;
use super::entrance::{Shown, page};
use super::roles::Doing;
use super::session::Inside;
use crate::api::unavailable;
use crate::problem::Problem;
use crate::program::{gather, needs_approval, read};
use crate::web::team::{self as pages, Folder, ProgramPage, Proposed, Tab, Waits};
use ::program::{Files, Program, pack};
use axum::extract::{Form, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use gate::{Apply, NotApplied};
use serde::Deserialize;
use vocabulary::Digest;

/// The word for the team's folder in place of a digest.
const FOLDER: &str = "folder";

#[derive(Deserialize)]
pub(super) struct Acting {
    #[serde(default)]
    token: String,
    lang: Option<String>,
    #[serde(default)]
    act: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    against: String,
}

/// The page.
pub(super) async fn show(
    State(team): State<Team>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let history = team.app().gate.programs().await.map_err(unavailable)?;
    let current = history.first();
    let in_force = match current {
        Some(applied) => team.program_at(applied.digest).await?,
        None => None,
    };
    let waiting = team.app().gate.waiting_programs().await.map_err(unavailable)?;
    let mut waits = Vec::new();
    for one in &waiting {
        let program = team.program_at(one.digest).await?;
        let changes = program.as_ref().map(|to| differences(in_force.as_ref(), to));
        waits.push(Waits {
            waiting: one,
            changes,
        });
    }
    let folder = team.folder().await;
    let folder = match folder.as_ref() {
        None => Folder::None,
        Some(Err(problem)) => Folder::Unreadable(problem),
        Some(Ok(Err(faults))) => Folder::Faulty(faults),
        Some(Ok(Ok(program))) if current.is_some_and(|now| now.digest == program.digest()) => {
            Folder::Same(&program.warnings)
        }
        Some(Ok(Ok(program))) => Folder::New(Proposed {
            digest: program.digest(),
            warnings: &program.warnings,
            changes: differences(in_force.as_ref(), program),
            second_person: needs_approval(in_force.as_ref(), program, current.is_some()),
        }),
    };
    let content = ProgramPage {
        history: &history,
        readable: in_force.is_some(),
        dictionary_waits: crate::program::acts::dictionary_waits(team.app()).is_some(),
        folder,
        waits,
    };
    page(pages::program(
        &team.frame(&inside, Tab::Program, &shown.said),
        &content,
    ))
}

/// One program: what is different in it, and its files.
pub(super) async fn look(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(which): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let files = team.files_of(&which).await?;
    let mut frame = team.frame(&inside, Tab::Program, "");
    let path = format!("/program/{which}");
    frame.path = &path;
    page(pages::files(&frame, &which, pack::address(&files), &files))
}

/// One file, to be read.
pub(super) async fn file(
    State(team): State<Team>,
    headers: HeaderMap,
    Path((which, name)): Path<(String, String)>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let files = team.files_of(&which).await?;
    // Looked up among the names that were read, and never opened as a path.
    let (name, bytes) = files
        .get_key_value(&name)
        .ok_or_else(|| Problem::not_found("file"))?;
    let text = String::from_utf8_lossy(bytes);
    let mut frame = team.frame(&inside, Tab::Program, "");
    let path = format!("/program/{which}/{name}");
    frame.path = &path;
    page(pages::file(&frame, &which, name, &text))
}

/// Carries an act out.
pub(super) async fn act(
    State(team): State<Team>,
    headers: HeaderMap,
    Form(form): Form<Acting>,
) -> Result<Response, Problem> {
    let doing = match form.act.as_str() {
        "put-forward" | "apply" => Doing::PutForward,
        "approve" => Doing::Approve,
        "take-back" => Doing::TakeBack,
        "put-back" => Doing::PutBack,
        _ => return Err(Problem::bad_request("`act` is none of this page's")),
    };
    let asked = (form.lang.as_deref(), form.token.as_str());
    let inside = match team.may_post(&headers, asked, doing).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let digest: Digest = form
        .digest
        .parse()
        .map_err(|_| Problem::bad_request("`digest` is none"))?;
    let against = match form.against.as_str() {
        "none" | "" => None,
        text => Some(
            text.parse()
                .map_err(|_| Problem::bad_request("`against` is no digest"))?,
        ),
    };
    let word = team.carry_out(&inside, &form.act, digest, against).await?;
    Ok(team.back(&inside, "/program", word))
}

impl Team {
    async fn carry_out(
        &self,
        inside: &Inside,
        act: &str,
        digest: Digest,
        against: Option<Digest>,
    ) -> Result<&'static str, Problem> {
        let (gate, now) = (&self.app().gate, self.app().now());
        let by = inside.name.as_str();
        match act {
            "approve" => {
                let approved = gate.approve_program(digest, by, now).await;
                Ok(said(approved.map_err(unavailable)?, "approved"))
            }
            "take-back" => match gate.take_back_program(digest).await.map_err(unavailable)? {
                true => Ok("taken-back"),
                false => Ok("not-asked"),
            },
            "put-back" => {
                let back = gate.put_back_program(Some(digest), against, by, now).await;
                let word = said(back.map_err(unavailable)?, "put-back");
                self.refresh().await?;
                Ok(word)
            }
            _ => {
                let found = match act {
                    "put-forward" => match self.folder().await {
                        Some(Ok(Ok(program))) => Some(program),
                        _ => None,
                    },
                    _ => self.program_at(digest).await?,
                };
                // Somebody wrote in the folder since it was looked at.
                let Some(program) = found.filter(|program| program.digest() == digest) else {
                    return Ok("changed");
                };
                let history = gate.programs().await.map_err(unavailable)?;
                let current = history.first().map(|applied| applied.digest);
                let in_force = match current {
                    Some(current) => self.program_at(current).await?,
                    None => None,
                };
                let moved = in_force
                    .as_ref()
                    .map(|from| ::program::deadline::moved(from, &program));
                if moved
                    .unwrap_or_default()
                    .iter()
                    .any(::program::deadline::Moved::is_refused)
                {
                    return Ok("deadline-moved");
                }
                let apply = Apply {
                    bytes: program.pack(),
                    expected: against,
                    by: by.to_owned(),
                    needs_approval: needs_approval(in_force.as_ref(), &program, current.is_some()),
                };
                let applied = gate.apply_program(apply, now).await.map_err(unavailable)?;
                let word = said(applied, "applied");
                self.refresh().await?;
                Ok(word)
            }
        }
    }

    /// The program in force acts at once.
    async fn refresh(&self) -> Result<(), Problem> {
        let refreshed = crate::automation::refresh(self.app()).await;
        refreshed.map(drop).map_err(unavailable)
    }

    /// The program of the team's folder, as it lies there now. `None`: the settings name no folder.
    pub(super) async fn folder(&self) -> Option<Result<Result<Program, ::program::Faults>, String>> {
        let files = self.gathered().await?;
        let read = match files {
            Ok(files) => tokio::task::spawn_blocking(move || read(files))
                .await
                .map_err(|error| error.to_string()),
            Err(problem) => return Some(Err(problem)),
        };
        Some(read.map(|read| read.map(|(program, _)| program)))
    }

    async fn gathered(&self) -> Option<Result<Files, String>> {
        let folder = self.0.folder.clone()?;
        let gathered = tokio::task::spawn_blocking(move || gather(&folder)).await;
        Some(match gathered {
            Ok(Ok(files)) => Ok(files),
            Ok(Err(problem)) => Err(problem.to_string()),
            Err(problem) => Err(problem.to_string()),
        })
    }

    /// The program of a digest, if it can still be read.
    pub(super) async fn program_at(&self, digest: Digest) -> Result<Option<Program>, Problem> {
        let bytes = self.app().gate.program_of(digest).await.map_err(unavailable)?;
        let Some(bytes) = bytes else { return Ok(None) };
        let read = tokio::task::spawn_blocking(move || Program::unpack(&bytes).ok()).await;
        Ok(read.unwrap_or_default())
    }

    /// The files of the folder or of a digest, also of a program that this version cannot use.
    async fn files_of(&self, which: &str) -> Result<Files, Problem> {
        let nothing = || Problem::not_found("program");
        if which == FOLDER {
            return self.gathered().await.and_then(Result::ok).ok_or_else(nothing);
        }
        let digest = which.parse().map_err(|_| nothing())?;
        let bytes = self.app().gate.program_of(digest).await.map_err(unavailable)?;
        bytes
            .and_then(|bytes| pack::unpack(&bytes).ok())
            .ok_or_else(nothing)
    }
}

fn differences(from: Option<&Program>, to: &Program) -> Vec<::program::Change> {
    from.map(|from| ::program::diff(from, to)).unwrap_or_default()
}

fn said<T>(outcome: Result<T, NotApplied>, done: &'static str) -> &'static str {
    match outcome {
        Ok(_) => done,
        Err(NotApplied::Overtaken(_)) => "overtaken",
        Err(NotApplied::Unapproved(_)) => "forward",
        Err(NotApplied::SamePerson(_)) => "same-person",
        Err(NotApplied::NotAsked(_)) => "not-asked",
        Err(NotApplied::NeverApplied(_) | NotApplied::NothingBefore) => "nothing-before",
        Err(NotApplied::Damaged(_)) => "damaged",
        Err(NotApplied::Who) => "changed",
    }
}
