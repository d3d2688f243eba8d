//! Who is learned from, who is held back to choose settings, who is tested.

use super::Error;
use crate::consents::scramble;
use crate::interactions::{Act, Interactions, Row, history};
use learn::evaluate::Case;
use std::collections::HashSet;
use vocabulary::{DAY_MS, ItemId, Moment};

/// How people are split.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Split {
    /// By people: of those tested nothing is learned; a fifth of their items is to be found from the rest
    /// (strong generalisation, Liang et al., WWW 2018).
    People,
    /// By time: what each person had on the last day on which they had anything is to be found.
    Last,
    /// By time, and only what was new to the person.
    LastNew,
    /// What everybody had first from this moment on is to be found from what was before.
    From(Moment),
    /// The same, and only what was new to the person.
    FromNew(Moment),
}

/// Somebody who is asked about.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) case: Case,
    /// What is learned of them while settings are chosen, and all that is learned of them then.
    pub(super) earlier: Vec<Row>,
    pub(super) learned: Vec<Row>,
}

pub(super) struct People {
    pub(super) train: Vec<Vec<Row>>,
    pub(super) validate: Vec<Asked>,
    pub(super) test: Vec<Asked>,
}

/// Fewer items than this cannot be split in five.
const LEAST_ITEMS: usize = 5;
/// Most people on whom settings are chosen, and who are tested.
const MOST: usize = 20_000;
const MOST_VALIDATED: usize = 2_000;

pub(super) fn people(data: &Interactions, split: Split, seed: u64) -> Result<People, Error> {
    if split != Split::People && !data.timed {
        return Err(Error::NoTimes);
    }
    let mut people = People {
        train: Vec::new(),
        validate: Vec::new(),
        test: Vec::new(),
    };
    let held_back = match split {
        Split::From(until) | Split::FromNew(until) => {
            let first = data
                .people
                .iter()
                .filter_map(|rows| rows.first())
                .map(|row| row.at.0)
                .min();
            first.map(|first| Moment(until.0 - until.0.saturating_sub(first) / 7))
        }
        _ => None,
    };
    for (number, rows) in data.people.iter().enumerate() {
        let drawn = scramble(seed ^ scramble(number as u64));
        match split {
            Split::People => by_people(data, rows, drawn, &mut people),
            _ => by_time(data, rows, split, held_back, &mut people),
        }
    }
    people.test.truncate(MOST);
    while people.validate.len() > MOST_VALIDATED {
        let last = people.validate.len().saturating_sub(1);
        let at = scramble(seed ^ last as u64) as usize % people.validate.len().max(1);
        people.train.push(people.validate.swap_remove(at).learned);
    }
    if people.train.len() < 10 || people.test.len() < 10 || people.validate.len() < 10 {
        return Err(Error::TooFew {
            train: people.train.len(),
            test: people.test.len(),
            mend: "take more data, or another split",
        });
    }
    Ok(people)
}

fn by_people(data: &Interactions, rows: &[Row], drawn: u64, people: &mut People) {
    let asked = |rows: &[Row]| {
        let known = history(rows, &data.items);
        if known.len() < LEAST_ITEMS {
            return None;
        }
        let mut order: Vec<(u64, usize)> = (0..known.len())
            .map(|at| (scramble(drawn ^ scramble(at as u64)), at))
            .collect();
        order.sort_unstable();
        let hidden: HashSet<usize> = order.iter().take(known.len() / 5).map(|(_, at)| *at).collect();
        let now = rows.last().map_or(Moment(0), |row| row.at);
        let (mut shown, mut wanted) = (Vec::new(), HashSet::new());
        for (at, act) in known.into_iter().enumerate() {
            match hidden.contains(&at) {
                true => {
                    wanted.insert(act.item);
                }
                false => shown.push(act),
            }
        }
        let case = Case {
            history: shown,
            wanted,
            repeats: false,
            now,
        };
        Some(Asked {
            case,
            earlier: Vec::new(),
            learned: rows.to_vec(),
        })
    };
    match drawn % 10 {
        8 => people.validate.extend(asked(rows)),
        9 => people.test.extend(asked(rows)),
        _ => people.train.push(rows.to_vec()),
    }
}

/// Everybody's earlier rows are learned from. While settings are chosen the last day of these is held back and
/// asked for; then it is learned from as well: what people are tested on comes later.
fn by_time(data: &Interactions, rows: &[Row], split: Split, held_back: Option<Moment>, people: &mut People) {
    let new = matches!(split, Split::LastNew | Split::FromNew(_));
    let (before, wanted) = match split {
        Split::From(from) | Split::FromNew(from) => first_after(rows, from),
        _ => last_day(rows),
    };
    if let Some(case) = case(data, before, wanted, new) {
        people.test.push(Asked {
            case,
            earlier: Vec::new(),
            learned: Vec::new(),
        });
    }
    // As far back from the end of what may be known as a seventh of it: people and seasons as they will be asked
    // about, and not a day that each chose themselves.
    let (earlier, wanted) = match (split, held_back) {
        (Split::From(_) | Split::FromNew(_), Some(from)) => first_after(before, from),
        _ => last_day(before),
    };
    if let Some(case) = self::case(data, earlier, wanted, new) {
        people.validate.push(Asked {
            case,
            earlier: earlier.to_vec(),
            learned: before.to_vec(),
        });
        return;
    }
    if !before.is_empty() {
        people.train.push(before.to_vec());
    }
}

/// All before the last day on which anything was had, and that day.
fn last_day(rows: &[Row]) -> (&[Row], &[Row]) {
    let Some(last) = rows.iter().rfind(|row| row.act == Act::Had) else {
        return (rows, &[]);
    };
    let from = Moment(last.at.0.div_euclid(DAY_MS) * DAY_MS);
    rows.split_at(rows.partition_point(|row| row.at < from))
}

/// All before a moment, and the first order from it on.
fn first_after(rows: &[Row], from: Moment) -> (&[Row], &[Row]) {
    let (before, after) = rows.split_at(rows.partition_point(|row| row.at < from));
    let first = after
        .first()
        .map_or(0, |first| after.partition_point(|row| row.at <= first.at));
    (before, after.get(..first).unwrap_or_default())
}

fn case(data: &Interactions, before: &[Row], wanted: &[Row], new: bool) -> Option<Case> {
    let known = history(before, &data.items);
    let asked_at = wanted.first().map(|row| row.at);
    let seen: HashSet<&ItemId> = known.iter().map(|act| &act.item).collect();
    let wanted: HashSet<ItemId> = wanted
        .iter()
        .filter(|row| row.act == Act::Had)
        .filter_map(|row| data.items.get(row.item as usize))
        .filter(|item| !new || !seen.contains(item))
        .cloned()
        .collect();
    if known.is_empty() || wanted.is_empty() {
        return None;
    }
    Some(Case {
        now: asked_at.unwrap_or_default(),
        history: known,
        wanted,
        repeats: !new,
    })
}
