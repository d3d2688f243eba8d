//! `egard loop`: what lists do to people, and people to lists, round after round, by each way of making them.
//!
//! Deliberately does not know: how anything is simulated or drawn (`lab`), the store, consent: the people are made up,
//! and whoever brings a file has the right to it.

use crate::say;
use lab::feedback::{self, Offer};
use lab::interactions;
use std::path::PathBuf;

/// What to simulate.
#[derive(clap::Args)]
pub struct Choices {
    /// Who had what: CSV (also gzipped) with columns such as `person,item,time`. Taste is a factorisation of it.
    /// Without it: the shop that ships with the program.
    #[arg(long, value_name = "FILE")]
    interactions: Option<PathBuf>,
    /// What items are about: CSV with `item,categories`, several categories separated by `|`. Without it topics are
    /// found: what is liked by the same people.
    #[arg(long, value_name = "FILE", requires = "interactions")]
    items: Option<PathBuf>,
    /// Only rows with at least this rating.
    #[arg(long, value_name = "RATING", requires = "interactions")]
    at_least: Option<f64>,
    /// `once`: what somebody has is not shown again (shops, books). `again`: anything may come again (news).
    #[arg(long, value_delimiter = ',', default_value = "once,again", value_parser = offer)]
    offer: Vec<Offer>,
    /// Rounds of showing, clicking and learning.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    rounds: u32,
    /// Most people of a world.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u32).range(50..=100_000))]
    people: u32,
    /// Most items of a world: those that most people have.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u32).range(20..=20_000))]
    most_items: u32,
    /// Length of lists.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    length: u32,
    /// How far taste moves in a round towards what was clicked: 0 not at all, 1 wholly.
    #[arg(long, default_value_t = 0.05, value_parser = share)]
    drift: f64,
    /// How many worlds: standard errors are over these.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    worlds: u64,
    /// The same seed gives the same worlds.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Write drawings (SVG) and the tables under them (`rounds.md`) to this folder.
    #[arg(long, value_name = "FOLDER")]
    drawings: Option<PathBuf>,
    /// All figures as JSON.
    #[arg(long)]
    json: bool,
}

fn offer(text: &str) -> Result<Offer, String> {
    match text {
        "once" => Ok(Offer::Once),
        "again" => Ok(Offer::Again),
        _ => Err(format!("`{text}` is no offer; there are `once` and `again`")),
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("`{text}` is no share; write a number from 0 to 1"))
}

/// Simulates and prints.
pub fn run(choices: &Choices) -> Result<(), String> {
    let words = |error: interactions::Error| error.to_string();
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
    let wanted = feedback::Choices {
        rounds: choices.rounds,
        people: choices.people as usize,
        items: choices.most_items as usize,
        length: choices.length as usize,
        drift: choices.drift,
        worlds: choices.worlds,
        seed: choices.seed,
        ..feedback::Choices::default()
    };
    let report = feedback::run(&data, topics.as_deref(), &choices.offer, &wanted)
        .map_err(|error| error.to_string())?;
    if let Some(folder) = &choices.drawings {
        let cannot = |error: std::io::Error| format!("`{}` cannot be written: {error}", folder.display());
        std::fs::create_dir_all(folder).map_err(cannot)?;
        for (name, drawing) in report.drawings() {
            std::fs::write(folder.join(name), drawing).map_err(cannot)?;
        }
        std::fs::write(folder.join("rounds.md"), report.table_of_rounds()).map_err(cannot)?;
    }
    match choices.json {
        true => say(&serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?),
        false => say(&report.to_string()),
    }
    Ok(())
}
