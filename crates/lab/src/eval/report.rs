//! The report and how it prints.

use super::measures::{At, Measures};
use super::privacy::Curve;
use learn::Selection;
use serde::Serialize;
use std::fmt;

/// What was measured.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// People who were learned from.
    pub people: u64,
    /// Items.
    pub items: usize,
    /// People who were tested.
    pub tested: usize,
    /// Lengths of lists.
    pub lengths: Vec<usize>,
    /// How settings were chosen.
    #[serde(skip)]
    pub selection: Selection,
    /// The models.
    pub lines: Vec<Row>,
    /// What privacy costs, if it was asked for.
    pub curve: Option<Curve>,
}

/// One model.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// By length of list.
    pub measures: Measures,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report {
            people,
            items,
            tested,
            ..
        } = self;
        writeln!(
            f,
            "{people} people and {items} items learned from, {tested} people tested\n"
        )?;
        writeln!(f, "{}", self.selection)?;
        for (nth, length) in self.lengths.iter().enumerate() {
            writeln!(f, "lists of {length}")?;
            writeln!(
                f,
                "  {:<34} {:>17} {:>17} {:>17} {:>6} {:>5} {:>6} {:>7} {:>8} {:>6} {:>7}",
                "",
                "Recall",
                "NDCG",
                "HR",
                "cover",
                "Gini",
                "rare",
                "variety",
                "miscal.",
                "topics",
                "serend."
            )?;
            for line in &self.lines {
                if let Some(at) = line.measures.get(nth) {
                    writeln!(f, "  {:<34} {}", line.name, Cells(at))?;
                }
            }
            writeln!(f)?;
        }
        match &self.curve {
            Some(curve) => write!(f, "{curve}"),
            None => Ok(()),
        }
    }
}

struct Cells<'a>(&'a At);

impl fmt::Display for Cells<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let At {
            recall,
            ndcg,
            hit_rate,
            coverage,
            gini,
            novelty,
            variety,
            miscalibration,
            topics,
            serendipity,
            ..
        } = self.0;
        for mean in [recall, ndcg, hit_rate] {
            write!(f, " {:>8.4} ± {:.4}", mean.mean, mean.error)?;
        }
        write!(f, " {coverage:>6.3} {gini:>5.3} {novelty:>6.2}")?;
        write!(
            f,
            " {:>7.3} {:>8.3} {:>6.2} {:>7.4}",
            variety.mean, miscalibration.mean, topics.mean, serendipity.mean
        )
    }
}
