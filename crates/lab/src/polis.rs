//! Opposed audiences: how one-sided lists of opinions are, and what bridging does about it, on votes of real
//! conversations (Polis).
//!
//! People are split in five; of each fifth nothing is learned. What is learned of the others is what the product
//! learns of anybody: what they agreed to, as a history, and sums by group ([`recommend::Views`]). Half of the votes
//! of each tested person are held back, and five of these statements are chosen for them by each rule.
//!
//! Groups of views are found from votes as Polis finds them ([`sides`]), twice: among those who are learned from,
//! whose sums bridging gets, and among all, to measure by. Nothing that makes a list knows anybody's side.
//!
//! Deliberately does not know: what statements say, the store.

mod read;
mod report;
mod sides;
mod sums;

pub use read::{Conversation, Vote, read};
pub use report::{Line, Report};
pub use sides::Sides;

use crate::consents::scramble;
use learn::{Bounds, Counts, Provenance, Settings, train};
use rayon::prelude::*;
use recommend::{Bridge, Bridging, Model, Scores, Views, score_all};
use std::collections::HashMap;
use vocabulary::{Day, Digest, Interaction, ItemId, Moment};

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file.
    #[error(transparent)]
    Read(#[from] crate::interactions::Error),
    /// Too few people.
    #[error("`{conversation}`: {people} people voted {least} times or more; at least 20 are needed")]
    TooFew {
        /// Of which conversation.
        conversation: String,
        /// How many.
        people: usize,
        /// How often.
        least: usize,
    },
    /// Learning.
    #[error(transparent)]
    Learn(#[from] learn::Error),
    /// The model.
    #[error(transparent)]
    Model(#[from] recommend::Error),
    /// Noise.
    #[error(transparent)]
    Noise(#[from] noise::Error),
}

/// What to measure.
#[derive(Clone, Debug)]
pub struct Choices {
    /// Statements of a list.
    pub length: usize,
    /// ε of the sums, where they are noised as well (δ is a millionth).
    pub epsilon: f64,
    /// What splits and draws depend on.
    pub seed: u64,
}

impl Default for Choices {
    fn default() -> Choices {
        Choices {
            length: 5,
            epsilon: 1.0,
            seed: 7,
        }
    }
}

/// Who voted less is learned from and not tested.
const LEAST: usize = 20;
const FOLDS: u64 = 5;

/// What makes lists.
const RULES: [&str; 6] = [
    "chance",
    "most agreed",
    "plain",
    "bridging",
    "bridging, half of it",
    "bridging, noised",
];

/// What somebody was shown, by rule.
pub(crate) struct Shown {
    pub(crate) person: usize,
    /// In the order of [`RULES`], the places of statements.
    pub(crate) lists: Vec<Vec<u32>>,
}

/// Measures a conversation.
///
/// # Errors
/// [`Error`].
pub fn run(conversation: &Conversation, choices: &Choices) -> Result<Report, Error> {
    let able = conversation
        .people
        .iter()
        .filter(|votes| votes.len() >= LEAST)
        .count();
    if able < 20 {
        return Err(Error::TooFew {
            conversation: conversation.name.clone(),
            people: able,
            least: LEAST,
        });
    }
    let folds = (0..FOLDS)
        .into_par_iter()
        .map(|fold| one_fold(conversation, fold, choices))
        .collect::<Result<Vec<_>, Error>>()?;
    let shown: Vec<Shown> = folds.into_iter().flatten().collect();
    let everybody: Vec<&[Vote]> = conversation.people.iter().map(Vec::as_slice).collect();
    let sides = Sides::find(&everybody, conversation.statements.len(), choices.seed);
    Ok(report::measure(conversation, &sides, &shown, &RULES, choices))
}

fn one_fold(conversation: &Conversation, fold: u64, choices: &Choices) -> Result<Vec<Shown>, Error> {
    let of = |person: usize| scramble(choices.seed ^ scramble(person as u64)) % FOLDS;
    let learned: Vec<&[Vote]> = conversation
        .people
        .iter()
        .enumerate()
        .filter(|(person, _)| of(*person) != fold)
        .map(|(_, votes)| votes.as_slice())
        .collect();
    let statements = &conversation.statements;
    let model = model(&learned, statements)?;
    let sides = Sides::find(&learned, statements.len(), choices.seed ^ fold);
    let exact = sums::exact(&learned, &sides, statements);
    let noised = sums::noised(
        &learned,
        &sides,
        statements,
        choices.epsilon,
        choices.seed ^ scramble(fold),
    )?;
    let whole = Bridging::default();
    let half = Bridging {
        weight: whole.weight / 2.0,
        ..whole
    };
    let bridge = |views: &Views, bridging: Bridging| Bridge::new(&model, views, bridging);
    let bridges = [
        bridge(&exact, whole)?,
        bridge(&exact, half)?,
        bridge(&noised, whole)?,
    ];
    let agreed = most_agreed(&learned, statements.len());
    let tested: Vec<usize> = (0..conversation.people.len())
        .filter(|person| of(*person) == fold)
        .collect();
    let each = tested.par_iter().filter_map(|person| {
        let votes = conversation
            .people
            .get(*person)
            .filter(|votes| votes.len() >= LEAST)?;
        let mut order: Vec<(u64, Vote)> = votes
            .iter()
            .map(|vote| {
                let drawn =
                    choices.seed ^ scramble(*person as u64) ^ scramble(u64::from(vote.statement) << 20);
                (scramble(drawn), *vote)
            })
            .collect();
        order.sort_unstable_by_key(|(drawn, vote)| (*drawn, vote.statement));
        let (held, known) = order.split_at(order.len() / 2);
        let known: Vec<Vote> = known.iter().map(|(_, vote)| *vote).collect();
        let history = history(&known, statements);
        let asked: Vec<u32> = held.iter().map(|(_, vote)| vote.statement).collect();
        let scores = || score_all(&model, &history, &[], Moment(0));
        let top = |scores: Scores<'_>| -> Vec<u32> {
            let at = |item: &ItemId| statements.binary_search(item).ok().map(|at| at as u32);
            let list = scores.top(choices.length, |item| {
                at(item).is_some_and(|at| asked.contains(&at))
            });
            list.into_iter().filter_map(|(item, _)| at(item)).collect()
        };
        // Held-back votes come in an order of chance.
        let mut lists = vec![asked.iter().copied().take(choices.length).collect()];
        let mut by_agreed = asked.clone();
        let rate = |at: &u32| agreed.get(*at as usize).copied().unwrap_or(0.0);
        by_agreed.sort_by(|a, b| rate(b).total_cmp(&rate(a)).then(a.cmp(b)));
        by_agreed.truncate(choices.length);
        lists.push(by_agreed);
        lists.push(top(scores()));
        lists.extend(bridges.iter().map(|bridge| top(scores().bridged(bridge))));
        Some(Shown {
            person: *person,
            lists,
        })
    });
    Ok(each.collect())
}

/// What was agreed to, as the product knows what somebody has.
fn history(votes: &[Vote], statements: &[ItemId]) -> Vec<Interaction> {
    let agreed = votes.iter().filter(|vote| vote.agrees());
    agreed
        .filter_map(|vote| {
            Some(Interaction {
                item: statements.get(vote.statement as usize)?.clone(),
                viewed: 0,
                added: 0,
                bought: 1,
                last_at: Moment(0),
            })
        })
        .collect()
}

fn model(people: &[&[Vote]], statements: &[ItemId]) -> Result<Model, Error> {
    let mut counts = Counts::new(statements.iter().cloned(), Bounds::default())?;
    for votes in people {
        counts.add(&history(votes, statements))?;
    }
    let provenance = Provenance {
        made_on: Day(0),
        charter: Digest::default(),
        data: "a file, for measurement: no charter, nobody asked".to_owned(),
    };
    Ok(Model::read(&train(&counts, &Settings::default(), provenance)?)?)
}

/// The share of all who voted that agreed, smoothed with ten votes of the mean.
fn most_agreed(people: &[&[Vote]], statements: usize) -> Vec<f64> {
    let mut sums: HashMap<u32, (f64, f64)> = HashMap::new();
    let (mut agreed, mut all) = (0.0, 0.0);
    for vote in people.iter().flat_map(|votes| votes.iter()) {
        let (yes, asked) = sums.entry(vote.statement).or_default();
        *asked += 1.0;
        all += 1.0;
        if vote.agrees() {
            *yes += 1.0;
            agreed += 1.0;
        }
    }
    let mean = agreed / f64::max(all, 1.0);
    (0..statements as u32)
        .map(|at| {
            let (yes, asked) = sums.get(&at).copied().unwrap_or_default();
            (yes + 10.0 * mean) / (asked + 10.0)
        })
        .collect()
}
