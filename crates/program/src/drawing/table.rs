//! A journey as rows: what the picture says, for whoever does not see it.
//!
//! Deliberately does not know: the page around it.

use super::says::Speech;
use crate::Journey;
use crate::dictionary::Dictionary;
use crate::journey::What;
use vocabulary::Language;

/// A step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// What happens, in full.
    pub says: String,
    /// The ways on: when each is taken (empty if there is but one), and the id of the step it leads to; `None`
    /// leads out.
    pub ways: Vec<(String, Option<String>)>,
}

/// How people enter, in words.
pub fn entry(journey: &Journey, titles: &Dictionary, language: Language) -> String {
    Speech(language, titles).entry(&journey.entry)
}

/// The steps, in order.
pub fn steps(journey: &Journey, titles: &Dictionary, language: Language) -> Vec<Row> {
    let speech = Speech(language, titles);
    let row = |what: &What, id: &str| {
        let lead = |(number, next): (usize, Option<usize>)| {
            let to = next.and_then(|index| journey.steps.get(index));
            (speech.way(what, number), to.map(|step| step.id.clone()))
        };
        Row {
            id: id.to_owned(),
            says: speech.step(what),
            ways: what.ways().into_iter().enumerate().map(lead).collect(),
        }
    };
    journey
        .steps
        .iter()
        .map(|step| row(&step.what, &step.id))
        .collect()
}
