//! `egard simulate`: what a program would do to people, on people who are made up, before it does anything to
//! anybody.
//!
//! Deliberately does not know: how a life is lived (`lab`), the store, a server.

mod histories;
mod tables;

use crate::say;
use lab::simulate::{self, Habits, Report, Settings, World};
use program::Program;
use program::catalogue::Format;
use program::drawing;
use server::ingest::clock;
use std::path::PathBuf;
use vocabulary::{Catalogue, DAY_MS, Language, Moment, PurposeName};

/// What to simulate.
#[derive(clap::Args)]
pub struct Choices {
    /// The folder of the program.
    folder: PathBuf,
    /// Days.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3660))]
    days: u32,
    /// People.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    people: u64,
    /// The same seed gives the same lives.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The day on which the program comes into force, at midnight UTC; today if it is not said, or as many days
    /// before the last event as are simulated.
    #[arg(long, value_name = "YYYY-MM-DD")]
    begins: Option<jiff::civil::Date>,
    /// The items: JSON lines, or a table with tabs or (`.csv`) commas; otherwise the program's sources that are files here.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Events that did happen, one Segment `track` message a line (JSON); what people agree to is drawn.
    #[arg(long, value_name = "FILE", conflicts_with = "online_retail")]
    events: Option<PathBuf>,
    /// The orders of the demo's shop as what did happen (Online Retail); what people agree to is drawn.
    #[arg(long)]
    online_retail: bool,
    /// How often an event happens to an average person in 30 days; may be said several times.
    #[arg(long, value_name = "EVENT=TIMES", value_parser = rate)]
    rate: Vec<(String, f64)>,
    /// Which share of people agrees to a purpose, 0 to 1; may be said several times.
    #[arg(long, value_name = "PURPOSE=SHARE", value_parser = agree)]
    agree: Vec<(PurposeName, f64)>,
    /// Which share of people sets terms of their own (hours, days, how many a week, together, a pause), 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    terms: Option<f64>,
    /// Threads; as many as there are cores if it is not said. Changes nothing but the time it takes.
    #[arg(long)]
    threads: Option<usize>,
    /// All figures as JSON.
    #[arg(long)]
    json: bool,
    /// Draw each journey with its counts into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(&str, f64), String> {
    let cannot = || format!("`{text}` is not of the form NAME=NUMBER");
    let (name, number) = text.rsplit_once('=').ok_or_else(cannot)?;
    let number: f64 = number.trim().parse().map_err(|_| cannot())?;
    if number.is_finite() && number >= 0.0 {
        Ok((name.trim(), number))
    } else {
        Err(format!("`{text}`: the number must be 0 or more"))
    }
}

fn rate(text: &str) -> Result<(String, f64), String> {
    let (name, times) = pair(text)?;
    if times > 1_000.0 {
        return Err(format!(
            "`{text}`: more than 1,000 times in 30 days is more than people do"
        ));
    }
    Ok((name.to_owned(), times))
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    match (0.0..=1.0).contains(&share) {
        true => Ok(share),
        false => Err(format!("`{text}`: a share is from 0 to 1")),
    }
}

fn agree(text: &str) -> Result<(PurposeName, f64), String> {
    let (name, share) = pair(text)?;
    let known = || PurposeName::ASKED.map(PurposeName::as_str).join("`, `");
    let purpose = PurposeName::parse(name)
        .filter(|purpose| PurposeName::ASKED.contains(purpose))
        .ok_or_else(|| {
            format!(
                "`{name}` is no purpose that people agree to; there are `{}`",
                known()
            )
        })?;
    if share > 1.0 {
        return Err(format!("`{text}`: a share is at most 1"));
    }
    Ok((purpose, share))
}

/// Simulates and prints.
pub fn run(choices: &Choices) -> Result<(), String> {
    let program = crate::program::whole(&choices.folder)?;
    let catalogue = catalogue(choices, &program)?;
    let mut habits = Habits::default();
    for (event, times) in &choices.rate {
        if !program.dictionary.events.contains_key(event) {
            let known: Vec<&str> = program.dictionary.events.keys().map(String::as_str).collect();
            return Err(format!(
                "`--rate {event}=…`: the program declares no such event; there are `{}`",
                known.join("`, `")
            ));
        }
        habits.rates.insert(event.clone(), *times);
    }
    habits.terms = choices.terms.unwrap_or(habits.terms);
    habits.agrees_to.extend(choices.agree.iter().copied());
    let histories = match &choices.events {
        Some(file) => histories::of_file(file, &program)?,
        None if choices.online_retail => histories::online_retail(&program)?,
        None => Vec::new(),
    };
    let last = histories.iter().flatten().map(simulate::Input::at).max();
    let settings = Settings {
        people: choices.people,
        days: choices.days,
        seed: choices.seed,
        begins: begins(choices, last)?,
        habits,
        threads: choices
            .threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get)),
    };
    let world = World::new(&program, &catalogue, settings.begins).map_err(|error| error.to_string())?;
    let started = std::time::Instant::now();
    let report = simulate::run(&world, &settings, &histories);
    if let Some(file) = &choices.svg {
        let drawn = draw(&program, &report);
        std::fs::write(file, drawn)
            .map_err(|error| format!("`{}` cannot be written: {error}", file.display()))?;
    }
    if choices.json {
        say(&serde_json::to_string(&report).map_err(|error| error.to_string())?);
    } else {
        tables::print(&program, &report, histories.len());
        let seconds = started.elapsed().as_secs_f64();
        say(&format!("\n{} looks at people in {seconds:.1} s", report.looks));
    }
    Ok(())
}

fn begins(choices: &Choices, last: Option<Moment>) -> Result<Moment, String> {
    let midnight = |at: i64| Moment(at - at.rem_euclid(DAY_MS));
    if let Some(day) = choices.begins {
        let at = day
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map_err(|error| error.to_string())?;
        return Ok(Moment(at.timestamp().as_millisecond()));
    }
    Ok(match last {
        Some(last) => midnight(last.0 + DAY_MS - i64::from(choices.days) * DAY_MS),
        None => midnight(clock::system()().0),
    })
}

/// The items that are named, or those of the program's files if they lie here.
fn catalogue(choices: &Choices, program: &Program) -> Result<Catalogue, String> {
    if let Some(file) = &choices.catalogue {
        let begins = std::fs::read_to_string(file)
            .map_err(|error| format!("`{}` cannot be read: {error}", file.display()))?;
        let format = match file.extension().and_then(|ending| ending.to_str()) {
            _ if begins.trim_start().starts_with('{') => Format::JsonLines,
            Some("csv") => Format::Csv,
            _ => Format::Tsv,
        };
        let items = server::catalogue_files::read(file, format).map_err(|error| error.to_string())?;
        return Ok(Catalogue::new(items));
    }
    let text = server::catalogue_files::of_sources(&program.catalogue).map_err(|error| error.to_string())?;
    let found = server::files::catalogue_of(&text.unwrap_or_default());
    found
        .map(|(catalogue, _)| catalogue)
        .map_err(|error| error.to_string())
}

/// All journeys, each with its counts.
fn draw(program: &Program, report: &Report) -> String {
    let counts = |name: &program::Name, key: &str| {
        let journey = report.journeys.get(name.as_str())?;
        // Nobody stands at a step of which nothing is told; a way nobody took says so.
        let count = journey.count(key)?;
        Some(crate::bench::table::grouped(count as f64, 0))
    };
    drawing::sheet(
        program.journeys.values(),
        &program.dictionary,
        &counts,
        Language::En,
    )
}
