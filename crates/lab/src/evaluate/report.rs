//! The report and how it prints.

use super::PersonCost;
use learn::evaluate::Quality;
use std::fmt;
use vocabulary::Digest;

/// What was measured.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The three tables.
    pub tables: Vec<Table>,
    /// Learning from everybody.
    pub training: TrainingCost,
    /// Scoring one person and explaining the best 20.
    pub scoring: ScoringCost,
    /// Scoring, choosing and explaining one person at a time.
    pub person: PersonCost,
}

/// One question, and how good each model answers it.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// The question.
    pub question: &'static str,
    /// Each model's name and quality.
    pub rows: Vec<(String, Quality)>,
}

/// What learning costs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TrainingCost {
    /// People.
    pub people: u64,
    /// Items.
    pub items: usize,
    /// Seconds to add everybody up.
    pub gather_seconds: f64,
    /// Seconds from counts to the bytes of the file.
    pub learn_seconds: f64,
    /// Processor seconds of all threads, of both.
    pub cpu_seconds: Option<f64>,
    /// Most memory of the process before, in KiB: the orders and histories.
    pub before_kib: Option<u64>,
    /// Most memory of the process after, in KiB.
    pub peak_kib: Option<u64>,
    /// The content address of the model file: the same on any number of threads.
    pub digest: Digest,
    /// Bytes of the model file.
    pub model_bytes: usize,
    /// Weights in it.
    pub weights: usize,
}

/// What scoring costs, in microseconds of processor time per person, one thread. Histories are cut to
/// the latest 200 items.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ScoringCost {
    /// Over all people.
    pub mean: Microseconds,
    /// Over the people with 200 items and more.
    pub longest: Microseconds,
    /// How many items a history has in the mean.
    pub mean_items: f64,
}

/// Microseconds of one person.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Microseconds {
    /// To score every item and find the best 20.
    pub top: f64,
    /// The same, with all reasons of those 20.
    pub explained: f64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in &self.tables {
            writeln!(f, "{table}")?;
        }
        writeln!(f, "{}\n{}\n\n{}", self.training, self.scoring, self.person)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let people = self.rows.first().map_or(0, |(_, quality)| quality.people);
        writeln!(f, "{} ({people} people)", self.question)?;
        writeln!(f, "  {:<44} {:>9}  {:>8}", "", "Recall@20", "NDCG@100")?;
        for (name, quality) in &self.rows {
            let Quality {
                recall_20,
                ndcg_100,
                ndcg_error,
                ..
            } = quality;
            writeln!(
                f,
                "  {name:<44} {recall_20:>9.4}  {ndcg_100:>8.4} ± {ndcg_error:.4}"
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for TrainingCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TrainingCost {
            people,
            items,
            gather_seconds,
            learn_seconds,
            ..
        } = self;
        write!(
            f,
            "training: {people} people, {items} items: {gather_seconds:.2} s to gather"
        )?;
        write!(f, " + {learn_seconds:.2} s to learn")?;
        if let Some(cpu) = self.cpu_seconds {
            write!(f, " ({cpu:.2} s of processor)")?;
        }
        if let (Some(before), Some(peak)) = (self.before_kib, self.peak_kib) {
            write!(
                f,
                ", peak memory {} MiB, {} MiB of it before",
                peak / 1024,
                before / 1024
            )?;
        }
        write!(
            f,
            "; model file {:.2} MB, {} weights, {}",
            self.model_bytes as f64 / 1e6,
            self.weights,
            self.digest
        )
    }
}

impl fmt::Display for ScoringCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ScoringCost {
            mean,
            longest,
            mean_items,
        } = self;
        write!(
            f,
            "scoring a person, the best 20: {:.1} µs in the mean ({mean_items:.0} items), ",
            mean.top
        )?;
        write!(f, "{:.1} µs with 200 items; with all their reasons ", longest.top)?;
        write!(f, "{:.1} µs and {:.1} µs", mean.explained, longest.explained)
    }
}
