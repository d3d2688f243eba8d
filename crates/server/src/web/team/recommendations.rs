//! The page of how good recommendations are: accuracy beside what it has to beat, the settings that were tried, and
//! the budget of models; each drawing with a table of the same figures.
//!
//! Deliberately does not know: people, how anything was measured.

use super::chart::{self, Labels, Range};
use super::{Frame, Shell};
use crate::accuracy::{Accuracy, Maker, OfLists};
use crate::automation::figures::Figure;
use crate::web::register::TrainingView;
use crate::words::{Put, Words};
use askama::Template;
use decide::register::OfTraining;
use recommend::Header;
use vocabulary::Digest;

/// What the page tells.
pub struct Recommendations<'a> {
    /// The model in service.
    pub model: Option<(Digest, &'a Header)>,
    /// How good its lists are, if that was measured.
    pub accuracy: Option<&'a Accuracy>,
    /// The budget of models, if one is declared or was spent.
    pub budget: Option<&'a OfTraining>,
}

#[derive(Template)]
#[template(path = "team_recommendations.html")]
struct Page<'a> {
    shell: Shell<'a>,
    facts: Vec<(String, String)>,
    digest: Option<String>,
    accuracy: Option<AccuracyView>,
    unmeasured: String,
    settings: Vec<(&'static str, String, String)>,
    settings_words: String,
    gained: Option<String>,
    trials: Vec<[String; 4]>,
    budget: Option<BudgetView>,
}

struct AccuracyView {
    said: Vec<String>,
    drawing: String,
    rows: Vec<[String; 3]>,
}

struct BudgetView {
    said: Vec<String>,
    drawing: String,
    sums: Vec<(String, String)>,
    rows: Vec<[String; 5]>,
}

/// The page.
pub fn recommendations(frame: &Frame<'_>, told: &Recommendations<'_>) -> Result<String, askama::Error> {
    let shell = Shell::of(frame);
    let words = shell.words;
    let header = told.model.map(|(_, header)| header);
    let tried = told.accuracy.filter(|accuracy| !accuracy.trials.is_empty());
    Page {
        facts: header.map(|header| facts(words, header)).unwrap_or_default(),
        digest: told.model.map(|(digest, _)| digest.to_string()),
        accuracy: told.accuracy.map(|told| accuracy(words, told)),
        unmeasured: words.say(match header.map(|header| header.privacy.is_some()) {
            Some(true) => "team-accuracy-budget",
            _ => "team-accuracy-none",
        }),
        settings: header.map(|header| settings(words, header)).unwrap_or_default(),
        settings_words: match tried {
            Some(tried) => {
                let people = super::figure(words, Some(Figure::of(tried.tried_on as u64)));
                words.with("team-settings-found", &[("people", Put::Text(&people))])
            }
            None => words.say("team-settings-given"),
        },
        gained: tried.map(|tried| gained(words, tried)),
        trials: tried.map(|tried| trials(words, tried)).unwrap_or_default(),
        budget: told.budget.map(|told| budget(words, told)),
        shell,
    }
    .render()
}

fn facts(words: Words, header: &Header) -> Vec<(String, String)> {
    let noise = words.say(match header.privacy {
        Some(_) => "team-model-noise",
        None => "team-model-exact",
    });
    vec![
        (words.say("team-model-day"), words.day(header.made_on)),
        (
            words.say("team-openness-who"),
            super::figure(words, Some(Figure::of(header.people))),
        ),
        (
            words.say("team-model-items"),
            words.count(u64::from(header.items)),
        ),
        (words.say("register-budget"), noise),
    ]
}

fn accuracy(words: Words, told: &Accuracy) -> AccuracyView {
    let name = |maker| {
        words.say(match maker {
            Maker::Model => "team-lists-model",
            Maker::Popularity => "team-lists-popularity",
            Maker::OwnCategories => "team-lists-own",
        })
    };
    let ranges: Vec<Range> = told
        .lists
        .iter()
        .map(|list| Range {
            name: name(list.maker),
            says: with_error(words, list.ndcg_100, list.ndcg_error),
            value: list.ndcg_100,
            error: list.ndcg_error,
        })
        .collect();
    let people = told.lists.first().map_or(0, |list| list.people as u64);
    let people = super::figure(words, Some(Figure::of(people)));
    let mut said = vec![words.with("team-accuracy-words", &[("people", Put::Text(&people))])];
    let of = |maker| told.lists.iter().find(|list| list.maker == maker);
    if let (Some(model), Some(popularity)) = (of(Maker::Model), of(Maker::Popularity)) {
        said.push(words.say(beside(model, popularity)));
    }
    AccuracyView {
        said,
        drawing: chart::ranges(
            &ranges,
            "ndcg",
            &words.say("team-accuracy-ndcg"),
            &words.say("team-accuracy-drawing"),
        ),
        rows: told
            .lists
            .iter()
            .map(|list| {
                [
                    name(list.maker),
                    with_error(words, list.ndcg_100, list.ndcg_error),
                    with_error(words, list.recall_20, list.recall_error),
                ]
            })
            .collect(),
    }
}

/// What may be said of two means of the same people: without more than chance between them, nothing.
fn beside(model: &OfLists, popularity: &OfLists) -> &'static str {
    let apart = model.ndcg_100 - popularity.ndcg_100;
    let chance = 2.0 * model.ndcg_error.hypot(popularity.ndcg_error);
    match () {
        () if apart > chance => "team-accuracy-better",
        () if apart < -chance => "team-accuracy-worse",
        () => "team-accuracy-equal",
    }
}

fn with_error(words: Words, value: f64, error: f64) -> String {
    format!("{} ± {}", words.number(value, 3), words.number(error, 3))
}

fn settings(words: Words, header: &Header) -> Vec<(&'static str, String, String)> {
    let (training, of) = (&header.training, &header.parameters);
    let each = [
        ("ridge", "team-setting-ridge", training.ridge),
        ("dropout", "team-setting-dropout", training.dropout),
        ("again", "team-setting-again", of.again),
        ("again_half", "team-setting-again-half", of.again_half),
        (
            "again_half_life",
            "team-setting-again-half-life",
            of.again_half_life,
        ),
        ("next", "team-setting-next", of.next),
        ("next_half_life", "team-setting-next-half-life", of.next_half_life),
        ("discover", "team-setting-discover", of.discover),
        (
            "discover_half_life",
            "team-setting-discover-half-life",
            of.discover_half_life,
        ),
        ("prior", "team-setting-prior", of.prior),
        ("alike", "team-setting-alike", of.alike),
        ("repeats", "team-setting-repeats", of.repeats),
    ];
    each.map(|(name, key, value)| (name, words.say(key), plain(words, value)))
        .into()
}

/// A number with as many decimals as it needs, three at most.
fn plain(words: Words, value: f64) -> String {
    let is = |decimals: i32| {
        let scaled = value * 10f64.powi(decimals);
        (scaled - scaled.round()).abs() < 1e-6
    };
    let decimals = (0..3).find(|decimals| is(*decimals)).unwrap_or(3);
    words.number(value, usize::try_from(decimals).unwrap_or(3))
}

fn trials(words: Words, told: &Accuracy) -> Vec<[String; 4]> {
    let row = |trial: &crate::accuracy::OfTrial| {
        [
            trial.name.clone(),
            plain(words, trial.value),
            with_error(words, trial.ndcg_100, trial.ndcg_error),
            words.say(match trial.better {
                true => "team-trial-yes",
                false => "team-trial-no",
            }),
        ]
    };
    told.trials.iter().map(row).collect()
}

/// How much better the best so far is than the first, trial by trial.
fn gained(words: Words, told: &Accuracy) -> String {
    let mut best = f64::MIN;
    let first = told.trials.first().map_or(0.0, |trial| trial.ndcg_100);
    let values: Vec<f64> = told
        .trials
        .iter()
        .map(|trial| {
            best = best.max(trial.ndcg_100);
            best - first
        })
        .collect();
    let top = format!("+{}", words.number(values.last().copied().unwrap_or(0.0), 4));
    chart::curve(
        &values,
        &Labels {
            id: "gained",
            title: &words.say("team-settings-gained"),
            says: &words.with("team-settings-drawing", &[("gain", Put::Text(&top))]),
            top: &top,
            first: "1",
            last: &words.count(values.len() as u64),
        },
    )
}

fn budget(words: Words, told: &OfTraining) -> BudgetView {
    let TrainingView { said, rows } = crate::web::register::training(words, told);
    let declared = told.declared.map(|declared| declared.lifetime_epsilon);
    let sums = [
        ("team-budget-declared", declared),
        ("team-budget-spent", Some(told.spent_epsilon)),
        ("team-budget-left", told.left_epsilon),
    ];
    let sums: Vec<(String, f64)> = sums
        .into_iter()
        .filter_map(|(key, value)| Some((words.say(key), value?)))
        .collect();
    let ranges: Vec<Range> = sums
        .iter()
        .map(|(name, value)| Range {
            name: name.clone(),
            says: words.number(*value, 2),
            value: *value,
            error: 0.0,
        })
        .collect();
    BudgetView {
        said,
        drawing: chart::ranges(
            &ranges,
            "spent",
            &words.say("team-budget-drawing"),
            &words.say("team-budget-bars"),
        ),
        sums: sums
            .into_iter()
            .map(|(name, value)| (name, words.number(value, 2)))
            .collect(),
        rows,
    }
}
