//! Simulations of programs: the files of `egard simulate --json` that members hand in, each shown beside the program
//! it is of, and beside no other.
//!
//! A server simulates nothing itself: a hundred thousand lives take every core for as long as they last, and people
//! wait for decisions meanwhile. Whoever writes a program has it in a folder and simulates it where they write.
//! Deliberately does not know: how people are simulated, how a page looks.

use super::entrance::{Shown, page};
use super::roles::Doing;
use super::{Team, upload};
use crate::api::unavailable;
use crate::automation::simulated::{Error, Simulated};
use crate::problem::Problem;
use crate::web::team::{self as pages, Known, Simulation, Tab};
use ::program::Program;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use std::collections::BTreeMap;
use vocabulary::{Digest, Moment};

/// Longest form with its file, bytes.
pub(super) const LONGEST: usize = gate::MAX_SIMULATION + (8 << 10);

/// Where a program is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stands {
    /// It is in force.
    InForce,
    /// It waits for a second person.
    Waits,
    /// It lies in the team's folder.
    Folder,
    /// It was in force.
    Before,
}

/// The programs that can be simulated, and which are.
pub(super) async fn list(
    State(team): State<Team>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let mut known = Vec::new();
    for (digest, stands) in team.known_programs().await? {
        let simulated = team.simulation(digest).await?;
        // Those of long ago only if they were simulated.
        if simulated.is_some() || stands != Stands::Before {
            known.push(Known {
                digest,
                stands,
                simulated: simulated.map(|(at, simulated)| (at, simulated.people)),
            });
        }
    }
    known.sort();
    let frame = team.frame(&inside, Tab::Simulations, &shown.said);
    page(pages::simulations(&frame, &known))
}

/// One simulation, drawn.
pub(super) async fn show(
    State(team): State<Team>,
    headers: HeaderMap,
    Path(which): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match team.may(&headers, shown.lang.as_deref(), Doing::See).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let nothing = || Problem::not_found("simulation");
    let digest: Digest = which.parse().map_err(|_| nothing())?;
    let (at, simulated) = team.simulation(digest).await?.ok_or_else(nothing)?;
    let program = team.program_here(digest).await?;
    let mut frame = team.frame(&inside, Tab::Simulations, &shown.said);
    let path = format!("/simulations/{digest}");
    frame.path = &path;
    page(pages::simulation(
        &frame,
        &Simulation {
            at,
            digest,
            program: program.as_ref(),
            simulated: &simulated,
        },
    ))
}

/// Takes a file.
pub(super) async fn take(
    State(team): State<Team>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let unclear = || Problem::bad_request("the form has no `file`");
    let parts = upload::parts(&headers, &body).ok_or_else(unclear)?;
    let text = |name: &str| {
        let found = parts.iter().find(|(part, _)| part == name);
        found.and_then(|(_, bytes)| std::str::from_utf8(bytes).ok())
    };
    let asked = (text("lang"), text("token").unwrap_or_default());
    let inside = match team.may_post(&headers, asked, Doing::Simulate).await? {
        Ok(inside) => inside,
        Err(page) => return Ok(page),
    };
    let (_, file) = parts
        .iter()
        .find(|(part, _)| part == "file")
        .ok_or_else(unclear)?;
    let back = |word| Ok(team.back(&inside, "/simulations", word));
    // The program that the file names must be one of ours.
    let named = Simulated::named(file);
    let known = team.known_programs().await?;
    let Some(digest) = named.filter(|digest| known.contains_key(digest)) else {
        return back(match named {
            None => "no-simulation",
            Some(_) => "simulation-unknown",
        });
    };
    let simulated = match Simulated::read(file, digest) {
        Ok(simulated) => simulated,
        Err(Error::Unfitting(_)) => return back("simulation-unfitting"),
        Err(Error::NotOne(_) | Error::OtherProgram(_)) => return back("no-simulation"),
    };
    let (gate, now) = (&team.app().gate, team.app().now());
    let kept = gate.keep_simulation(digest, simulated.bytes(), now).await;
    kept.map_err(unavailable)?;
    Ok(team.back(&inside, &format!("/simulations/{digest}"), "simulated"))
}

impl Team {
    /// What was handed in for a program, if it can still be read.
    async fn simulation(&self, digest: Digest) -> Result<Option<(Moment, Simulated)>, Problem> {
        let kept = self.app().gate.simulation(digest).await.map_err(unavailable)?;
        Ok(kept.and_then(|(at, bytes)| Some((at, Simulated::read(&bytes, digest).ok()?))))
    }

    /// The programs that are in force, wait, lie in the folder, or were in force.
    async fn known_programs(&self) -> Result<BTreeMap<Digest, Stands>, Problem> {
        let gate = &self.app().gate;
        let mut known = BTreeMap::new();
        let history = gate.programs().await.map_err(unavailable)?;
        for (place, applied) in history.iter().enumerate() {
            let stands = if place == 0 {
                Stands::InForce
            } else {
                Stands::Before
            };
            known.entry(applied.digest).or_insert(stands);
        }
        for waiting in gate.waiting_programs().await.map_err(unavailable)? {
            known.insert(waiting.digest, Stands::Waits);
        }
        if let Some(Ok(Ok(program))) = self.folder().await {
            known.entry(program.digest()).or_insert(Stands::Folder);
        }
        Ok(known)
    }

    /// The program of a digest, kept or in the folder.
    pub(super) async fn program_here(&self, digest: Digest) -> Result<Option<Program>, Problem> {
        if let Some(program) = self.program_at(digest).await? {
            return Ok(Some(program));
        }
        match self.folder().await {
            Some(Ok(Ok(program))) if program.digest() == digest => Ok(Some(program)),
            _ => Ok(None),
        }
    }
}
