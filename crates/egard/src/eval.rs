//! `egard eval`: how good recommendations are on any file of who had what, and what they have to beat.
//!
//! Deliberately does not know: how anything is measured (`lab`), the store, consent: whoever measures has the
//! right to the file, and nothing of it is kept.

use crate::say;
use lab::eval::{self, Split};
use lab::interactions;
use lab::polis;
use std::path::{Path, PathBuf};
use vocabulary::Moment;

/// What to measure on.
#[derive(clap::Args)]
pub struct Choices {
    /// Who had what when: CSV (also gzipped) with columns such as `person,item,time`; `event`, `quantity` and
    /// `rating` are understood. Without it: the shop that ships with the program, with its categories.
    #[arg(long, value_name = "FILE")]
    interactions: Option<PathBuf>,
    /// What items are about: CSV with `item,categories`, several categories separated by `|`. With it, every step
    /// of the openness dial is measured.
    #[arg(long, value_name = "FILE", requires = "interactions")]
    items: Option<PathBuf>,
    /// `people`: a fifth of what unseen people have is to be found. `last`: what each person had last. `from=DATE`:
    /// what each person had first from that day on. `last-new` and `from-new=DATE`: only what was new to them.
    #[arg(long, default_value = "people", value_parser = split)]
    split: Split,
    /// Only rows with at least this rating.
    #[arg(long, value_name = "RATING", requires = "interactions")]
    at_least: Option<f64>,
    /// Lengths of lists.
    #[arg(long, value_delimiter = ',', default_value = "20,100", value_parser = clap::value_parser!(u16).range(1..=1_000))]
    lengths: Vec<u16>,
    /// Also learn with differential privacy, with these ε (δ is a millionth; without any: 0.5, 1, 2, 5 and 10), and
    /// show what it costs and how that grows with people.
    #[arg(long, value_delimiter = ',', value_name = "EPSILON", value_parser = epsilon, num_args = 0..,
          default_missing_values = ["0.5", "1", "2", "5", "10"])]
    privacy: Vec<f64>,
    /// Instead: votes on opinions (a folder with `votes.csv` of Polis: `conversation,participant,statement,vote`). How
    /// one-sided lists are, and what bridging does about it; `--privacy` is the ε of noised sums by group.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["interactions", "items", "at_least"])]
    polis: Option<PathBuf>,
    /// The same seed splits the same way.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// All figures as JSON.
    #[arg(long)]
    json: bool,
}

fn split(text: &str) -> Result<Split, String> {
    let day = |text: &str| -> Result<Moment, String> {
        let wrong = |_| format!("`{text}` is no day; write it as 2011-09-01");
        let day: jiff::civil::Date = text.parse().map_err(wrong)?;
        let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(wrong)?;
        Ok(Moment(midnight.timestamp().as_millisecond()))
    };
    match text.split_once('=') {
        None if text == "people" => Ok(Split::People),
        None if text == "last" => Ok(Split::Last),
        None if text == "last-new" => Ok(Split::LastNew),
        Some(("from", from)) => Ok(Split::From(day(from)?)),
        Some(("from-new", from)) => Ok(Split::FromNew(day(from)?)),
        _ => Err(format!(
            "`{text}` is no split; there are `people`, `last`, `last-new`, `from=DATE` and `from-new=DATE`"
        )),
    }
}

fn epsilon(text: &str) -> Result<f64, String> {
    let epsilon = text
        .parse()
        .ok()
        .filter(|epsilon| (0.01..=100.0).contains(epsilon));
    epsilon.ok_or_else(|| format!("`{text}` is no ε; write a number from 0.01 to 100"))
}

/// Measures and prints.
pub fn run(choices: &Choices) -> Result<(), String> {
    let words = |error: interactions::Error| error.to_string();
    if let Some(folder) = &choices.polis {
        return views(folder, choices);
    }
    let (data, topics) = match &choices.interactions {
        Some(file) => {
            let data = interactions::read(file, choices.at_least).map_err(words)?;
            let topics = match &choices.items {
                Some(file) => Some(interactions::topics(file, &data.items).map_err(words)?.1),
                None => None,
            };
            (data, topics)
        }
        None => {
            let (data, topics) = interactions::shipped().map_err(|error| error.to_string())?;
            (data, Some(topics))
        }
    };
    let wanted = eval::Choices {
        split: choices.split,
        lengths: choices
            .lengths
            .iter()
            .map(|length| usize::from(*length))
            .collect(),
        privacy: choices.privacy.clone(),
        seed: choices.seed,
    };
    let report = eval::run(&data, topics.as_deref(), &wanted).map_err(|error| error.to_string())?;
    match choices.json {
        true => say(&serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?),
        false => say(&report.to_string()),
    }
    Ok(())
}

/// Votes: every conversation, for each ε asked for (1 if none is).
fn views(folder: &Path, choices: &Choices) -> Result<(), String> {
    let mut reports = Vec::new();
    let conversations = polis::read(folder).map_err(|error| error.to_string())?;
    let wanted = match choices.privacy.as_slice() {
        [] => &[1.0],
        some => some,
    };
    for conversation in &conversations {
        for epsilon in wanted {
            let asked = polis::Choices {
                epsilon: *epsilon,
                seed: choices.seed,
                ..polis::Choices::default()
            };
            reports.push(polis::run(conversation, &asked).map_err(|error| error.to_string())?);
        }
    }
    match choices.json {
        true => say(&serde_json::to_string_pretty(&reports).map_err(|error| error.to_string())?),
        false => reports.iter().for_each(|report| say(&report.to_string())),
    }
    Ok(())
}
