//! What was measured of a conversation.

use super::{Choices, Conversation, Shown, Sides, Vote};
use crate::eval::Mean;
use serde::Serialize;
use std::fmt;

/// A conversation.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// Its name.
    pub conversation: String,
    /// People who voted.
    pub people: usize,
    /// Statements.
    pub statements: usize,
    /// Votes.
    pub votes: usize,
    /// People for whom lists were made.
    pub tested: usize,
    /// Groups of views that were found.
    pub groups: usize,
    /// Statements of a list.
    pub length: usize,
    /// ε of the noised sums.
    pub epsilon: f64,
    /// The rules.
    pub lines: Vec<Line>,
}

/// A rule. All are means over people.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Line {
    /// Its name.
    pub name: &'static str,
    /// The share of the list that the person agreed to.
    pub agrees: Mean,
    /// The share they disagreed with.
    pub disagrees: Mean,
    /// The share that is one-sided: in another group more people disagree than agree.
    pub one_sided: Mean,
    /// The same by the groups that the file gives.
    pub by_file: Mean,
    /// How much more of the own group than of the others agree to what is listed.
    pub gap: Mean,
}

impl Report {
    /// A rule by name.
    pub fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }
}

/// What each group says of each statement: agreed, disagreed, asked.
type Opinions = Vec<Vec<[f64; 3]>>;

/// Fewer say nothing of a group.
const LEAST: f64 = 5.0;

pub(super) fn measure(
    conversation: &Conversation,
    sides: &Sides,
    shown: &[Shown],
    rules: &[&'static str],
    choices: &Choices,
) -> Report {
    let found: Vec<Option<u32>> = conversation.people.iter().map(|votes| sides.of(votes)).collect();
    let by_found = opinions(conversation, &found);
    let by_file = opinions(conversation, &conversation.groups);
    let of_rule = |nth: usize, name: &'static str| {
        let (mut agrees, mut disagrees, mut one_sided) = (Vec::new(), Vec::new(), Vec::new());
        let (mut file, mut gap) = (Vec::new(), Vec::new());
        for one in shown {
            let (Some(list), Some(votes)) = (one.lists.get(nth), conversation.people.get(one.person)) else {
                continue;
            };
            let length = list.len().max(1) as f64;
            let voted = |wanted: i8| {
                let of = |at: &&u32| vote_on(votes, **at) == Some(wanted);
                list.iter().filter(of).count() as f64 / length
            };
            agrees.push(voted(1));
            disagrees.push(voted(-1));
            if let Some(own) = found.get(one.person).copied().flatten() {
                one_sided.push(rejected(list, own, &by_found));
                gap.push(gap_of(list, own, &by_found));
            }
            if let Some(own) = conversation.groups.get(one.person).copied().flatten() {
                file.push(rejected(list, own, &by_file));
            }
        }
        Line {
            name,
            agrees: mean(&agrees),
            disagrees: mean(&disagrees),
            one_sided: mean(&one_sided),
            by_file: mean(&file),
            gap: mean(&gap),
        }
    };
    Report {
        conversation: conversation.name.clone(),
        people: conversation.people.len(),
        statements: conversation.statements.len(),
        votes: conversation.people.iter().map(Vec::len).sum(),
        tested: shown.len(),
        groups: sides.groups(),
        length: choices.length,
        epsilon: choices.epsilon,
        lines: rules
            .iter()
            .enumerate()
            .map(|(nth, name)| of_rule(nth, name))
            .collect(),
    }
}

fn opinions(conversation: &Conversation, groups: &[Option<u32>]) -> Opinions {
    let number = groups.iter().flatten().max().map_or(0, |most| *most as usize + 1);
    let mut opinions = vec![vec![[0.0; 3]; conversation.statements.len()]; number];
    for (votes, group) in conversation.people.iter().zip(groups) {
        let opinions = group.and_then(|group| opinions.get_mut(group as usize));
        let Some(opinions) = opinions else { continue };
        for vote in votes {
            if let Some([agreed, disagreed, asked]) = opinions.get_mut(vote.statement as usize) {
                *asked += 1.0;
                match vote.vote {
                    1 => *agreed += 1.0,
                    -1 => *disagreed += 1.0,
                    _ => {}
                }
            }
        }
    }
    opinions
}

fn others(own: u32, opinions: &Opinions) -> impl Iterator<Item = &Vec<[f64; 3]>> {
    let others = (0u32..).zip(opinions).filter(move |(group, _)| *group != own);
    others.map(|(_, of_group)| of_group)
}

fn rejected(list: &[u32], own: u32, opinions: &Opinions) -> f64 {
    let one_sided = |at: &&u32| {
        others(own, opinions).any(|group| match group.get(**at as usize) {
            Some([agreed, disagreed, asked]) => *asked >= LEAST && disagreed > agreed,
            None => false,
        })
    };
    list.iter().filter(one_sided).count() as f64 / list.len().max(1) as f64
}

fn gap_of(list: &[u32], own: u32, opinions: &Opinions) -> f64 {
    let rate = |group: &Vec<[f64; 3]>, at: u32| match group.get(at as usize) {
        Some([agreed, _, asked]) if *asked >= LEAST => Some(agreed / asked),
        _ => None,
    };
    let each: Vec<f64> = list
        .iter()
        .filter_map(|at| {
            let of_own = rate(opinions.get(own as usize)?, *at)?;
            let others: Vec<f64> = others(own, opinions)
                .filter_map(|group| rate(group, *at))
                .collect();
            (!others.is_empty()).then(|| of_own - others.iter().sum::<f64>() / others.len() as f64)
        })
        .collect();
    each.iter().sum::<f64>() / each.len().max(1) as f64
}

fn vote_on(votes: &[Vote], statement: u32) -> Option<i8> {
    let at = votes
        .binary_search_by_key(&statement, |vote| vote.statement)
        .ok()?;
    votes.get(at).map(|vote| vote.vote)
}

fn mean(each: &[f64]) -> Mean {
    let n = each.len().max(1) as f64;
    let mean = each.iter().sum::<f64>() / n;
    let variance = each.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    Mean {
        mean,
        error: (variance / n).sqrt(),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} people, {} statements, {} votes; {} groups; lists of {} for {} people; noise of ε = {}",
            self.conversation,
            self.people,
            self.statements,
            self.votes,
            self.groups,
            self.length,
            self.tested,
            self.epsilon
        )?;
        writeln!(
            f,
            "  {:<20} {:>15} {:>15} {:>15} {:>15} {:>15}",
            "", "agrees", "disagrees", "one-sided", "by file", "gap"
        )?;
        for line in &self.lines {
            write!(f, "  {:<20}", line.name)?;
            for value in [
                line.agrees,
                line.disagrees,
                line.one_sided,
                line.by_file,
                line.gap,
            ] {
                write!(f, " {:>6.3} ± {:.4}", value.mean, value.error)?;
            }
            writeln!(f)?;
        }
        let Some(plain) = self.line("plain") else {
            return Ok(());
        };
        for line in self.lines.iter().filter(|line| line.name.starts_with("bridging")) {
            writeln!(
                f,
                "  {}: one-sided share {:+.0} % (by the file's groups {:+.0} %), agreement {:+.1} points",
                line.name,
                change(plain.one_sided, line.one_sided),
                change(plain.by_file, line.by_file),
                100.0 * (line.agrees.mean - plain.agrees.mean)
            )?;
        }
        Ok(())
    }
}

fn change(from: Mean, to: Mean) -> f64 {
    match from.mean > 0.0 {
        true => 100.0 * (to.mean / from.mean - 1.0),
        false => 0.0,
    }
}
