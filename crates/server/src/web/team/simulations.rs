//! The page of simulations: which programs were simulated, and the form that takes another.
//!
//! Deliberately does not know: how people are simulated, what a simulation came to.

use super::{Frame, Shell, moment};
use crate::team::roles::Doing;
use crate::team::simulation_page::Stands;
use crate::words::Put;
use askama::Template;
use vocabulary::{Digest, Moment};

/// A program that can be simulated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Known {
    /// Where it is.
    pub stands: Stands,
    /// Which.
    pub digest: Digest,
    /// When its simulation was handed in, and of how many people it is.
    pub simulated: Option<(Moment, u64)>,
}

#[derive(Template)]
#[template(path = "team_simulations.html")]
struct ListPage<'a> {
    shell: Shell<'a>,
    may: bool,
    known: Vec<KnownView>,
}

struct KnownView {
    digest: String,
    short: String,
    stands: String,
    simulated: Option<String>,
}

/// The page.
pub fn simulations(frame: &Frame<'_>, known: &[Known]) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let view = |one: &Known| {
        let digest = one.digest.to_string();
        KnownView {
            short: digest.chars().take(12).collect(),
            digest,
            stands: words.say(match one.stands {
                Stands::InForce => "team-stands-in-force",
                Stands::Waits => "team-stands-waits",
                Stands::Folder => "team-stands-folder",
                Stands::Before => "team-stands-before",
            }),
            simulated: one.simulated.map(|(at, people)| {
                let (at, people) = (moment(words, at), words.count(people));
                words.with(
                    "team-simulated-on",
                    &[("when", Put::Text(&at)), ("people", Put::Text(&people))],
                )
            }),
        }
    };
    ListPage {
        may: shell.may(Doing::Simulate),
        known: known.iter().map(view).collect(),
        shell,
    }
    .render()
}
