//! How good the lists of a model are: measured when it is learned, on people who were held back, and kept beside it.
//!
//! Means over many people and nothing else. Deliberately does not know: who was held back, how a model is learned,
//! how a page looks.

use crate::app::App;
use gate::{Published, Unavailable};
use learn::Selection;
use learn::evaluate::Quality;
use serde::{Deserialize, Serialize};
use std::fmt;
use vocabulary::Digest;

/// The name of this form; a new form has a new name.
const FORM: &str = "egard-accuracy/1";
/// Under which name it is published.
const NAME: &str = "accuracy";

/// How good lists are.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Accuracy {
    form: String,
    /// The model that is meant.
    pub model: Digest,
    /// Lists for the same people: the model’s, and those it has to beat.
    pub lists: Vec<OfLists>,
    /// What was tried before, in order; empty: settings were given.
    pub trials: Vec<OfTrial>,
    /// On how many people it was tried: others than those whose lists were measured.
    pub tried_on: usize,
}

/// What makes a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maker {
    /// The model, learned from everybody else with the same settings.
    Model,
    /// What most people have, the same for everybody.
    Popularity,
    /// The same, the categories first of which the person has most.
    OwnCategories,
}

/// How good lists of one kind are.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct OfLists {
    /// Who made them.
    pub maker: Maker,
    /// Of how many people.
    pub people: usize,
    /// NDCG@100, 0 to 1.
    pub ndcg_100: f64,
    /// Its standard error.
    pub ndcg_error: f64,
    /// Recall@20, 0 to 1.
    pub recall_20: f64,
    /// Its standard error.
    pub recall_error: f64,
}

/// A setting that was tried.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OfTrial {
    /// Which.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// NDCG@100 with it, 0 to 1.
    pub ndcg_100: f64,
    /// Its standard error.
    pub ndcg_error: f64,
    /// Whether it was better than all before.
    pub better: bool,
}

impl OfLists {
    /// From what was measured.
    pub(crate) fn of(maker: Maker, quality: Quality) -> OfLists {
        OfLists {
            maker,
            people: quality.people,
            ndcg_100: quality.ndcg_100,
            ndcg_error: quality.ndcg_error,
            recall_20: quality.recall_20,
            recall_error: quality.recall_error,
        }
    }
}

impl Accuracy {
    /// Of a model.
    pub(crate) fn of(model: Digest, lists: Vec<OfLists>, selection: Option<&Selection>) -> Accuracy {
        let trials = selection.map(|selection| selection.trials.as_slice());
        let trials = trials.unwrap_or_default();
        Accuracy {
            form: FORM.to_owned(),
            model,
            lists,
            tried_on: trials.first().map_or(0, |trial| trial.quality.people),
            trials: trials
                .iter()
                .map(|trial| OfTrial {
                    name: trial.name.to_owned(),
                    value: trial.value,
                    ndcg_100: trial.quality.ndcg_100,
                    ndcg_error: trial.quality.ndcg_error,
                    better: trial.better,
                })
                .collect(),
        }
    }

    /// As it is kept: the same measurement always the same bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Nothing in it can fail to be written: it has no maps, and every number is finite.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Puts it beside its model, before that is in force.
    pub(crate) async fn keep(&self, app: &App) -> Result<(), Unavailable> {
        let bytes = self.to_bytes();
        app.gate.keep_beside(self.model, &[Digest::of(&bytes)]).await?;
        app.gate.publish(NAME, bytes, app.now()).await?;
        Ok(())
    }

    /// Of the model that comes nothing was measured.
    pub(crate) async fn withdraw(app: &App) -> Result<(), Unavailable> {
        app.gate.withdraw(NAME, app.now()).await
    }

    /// Of that model; `None`: it was not measured, or what is kept is another’s.
    pub(crate) async fn kept(app: &App, model: Digest) -> Result<Option<Accuracy>, Unavailable> {
        let Published::Intact(bytes) = app.gate.published(NAME).await? else {
            return Ok(None);
        };
        let read: Option<Accuracy> = serde_json::from_slice(&bytes).ok();
        Ok(read.filter(|read| read.form == FORM && read.model == model))
    }
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Maker::Model => "this model",
            Maker::Popularity => "popularity",
            Maker::OwnCategories => "popularity in own categories",
        })
    }
}

impl fmt::Display for Accuracy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.trials.is_empty() {
            writeln!(
                f,
                "settings, tried on {} people who were held back",
                self.tried_on
            )?;
            writeln!(f, "  {:<28} {:>10}  {:>8}", "", "", "NDCG@100")?;
        }
        for trial in &self.trials {
            let mark = if trial.better { " *" } else { "" };
            let (name, value) = (&trial.name, trial.value);
            let (ndcg, error) = (trial.ndcg_100, trial.ndcg_error);
            writeln!(f, "  {name:<28} {value:>10.4}  {ndcg:>8.4} ± {error:.4}{mark}")?;
        }
        let tested = self.lists.first().map_or(0, |list| list.people);
        writeln!(
            f,
            "lists for {tested} other people who were held back, of what they had not had"
        )?;
        write!(f, "  {:<28} {:>17}  {:>17}", "", "NDCG@100", "Recall@20")?;
        for list in &self.lists {
            write!(
                f,
                "\n  {:<28} {:>8.4} ± {:.4}  {:>8.4} ± {:.4}",
                list.maker, list.ndcg_100, list.ndcg_error, list.recall_20, list.recall_error
            )?;
        }
        Ok(())
    }
}
