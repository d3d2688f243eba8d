//! Journeys from their trees: entry, goal, and steps with their jumps resolved.
//!
//! Deliberately does not know: which names exist outside the file; whether the graph makes sense (`flow`).

use super::entry::{entry, uses_key};
use super::flow::{self, Flow};
use super::predicate::{occurrence, plain, predicate};
use super::uses::{Page, Used, Wants};
use super::words;
use crate::journey::{
    Again, Arm, Awaited, DayWindow, Entry, Goal, Journey, Next, State, Step, TimeOfDay, Weekday, What,
};
use crate::segment::Window;
use crate::shape::{share, tables, time_of_day};
use crate::span::Span;
use crate::suggest;
use crate::tree::{Node, short};
use crate::words::Name;
use std::collections::HashMap;
use vocabulary::{PurposeName, PurposeSet};

/// A journey from its file.
pub(crate) fn journey(name: &str, node: &Node, page: &mut Page<'_>) -> Option<Journey> {
    let purpose = node.get("purpose").and_then(Node::text);
    let purpose = purpose.and_then(PurposeName::parse);
    let groups = page.purposes;
    // What people do is seen in groups; what happens within the service may move the service's own journeys.
    if let Some(purpose @ (PurposeName::Service | PurposeName::HumanHelp)) = purpose {
        page.purposes = page.purposes.with(purpose);
    }
    let entry = node.get("entry").and_then(|node| entry(node, page));
    let goal = node.get("goal").map(|node| goal(node, page));
    page.purposes = groups;
    let mut optional = |key: &str| node.get(key).map(|who| predicate(who, page));
    let (who, leave_when) = (optional("who"), optional("leave_when"));
    let key = match &entry {
        Some(Entry::Event { key, .. }) => key.clone(),
        _ => None,
    };
    let within = goal.as_ref().and_then(Option::as_ref);
    let steps = steps(node.get("steps"), (purpose, key.as_deref()), within, page);
    let moved = moved(node.get("moved"), steps.as_deref(), page);
    Some(Journey {
        name: Name::from(name),
        title: words(node.get("title"))?,
        purpose: purpose?,
        state: state(node.get("state")),
        entry: entry?,
        who: transpose(who)?,
        again: again(node.get("again"))?,
        leave_when: transpose(leave_when)?,
        goal: transpose(goal)?,
        holdout: node.get("holdout").map_or(Some(0), |node| share(node.text()?))?,
        steps: steps?,
        moved,
    })
}

fn state(node: Option<&Node>) -> State {
    match node.and_then(Node::text) {
        Some("paused") => State::Paused,
        Some("closing") => State::Closing,
        _ => State::Running,
    }
}

/// Steps that are gone, and where they lead now.
fn moved(node: Option<&Node>, steps: Option<&[Step]>, page: &mut Page<'_>) -> Vec<(String, String)> {
    let mut moved = Vec::new();
    for (from, to) in node.map(Node::entries).unwrap_or_default() {
        let (Some(to_id), Some(steps)) = (to.text(), steps) else {
            continue;
        };
        let there = |id: &str| steps.iter().any(|step| step.id == id);
        if there(&from.name) {
            let message = format!("the step `{}` is still there", short(&from.name));
            let mend = "name only steps that are gone; people stay at a step that is there";
            page.sheet.error("moved_is_there", from.mark, message, mend);
        } else if !there(to_id) {
            let near = suggest::mend(
                to_id,
                steps.iter().map(|step| step.id.as_str()),
                "name a step of this journey",
            );
            let message = format!("there is no step `{}` in this journey", short(to_id));
            page.sheet.error("jump_to_nowhere", to.mark, message, near);
        } else {
            moved.push((from.name.clone(), to_id.to_owned()));
        }
    }
    moved
}

/// Absent is fine, broken is not.
pub(super) fn transpose<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(None) => None,
        Some(some) => Some(some),
    }
}

fn span(node: Option<&Node>) -> Option<Span> {
    Span::read(node?.text()?).ok()
}

pub(super) fn time(node: Option<&Node>) -> Option<TimeOfDay> {
    time_of_day(node?.text()?)
}

pub(super) fn weekdays(node: Option<&Node>, page: &mut Page<'_>) -> Vec<Weekday> {
    const ALL: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let mut days = Vec::new();
    for item in node.map(Node::items).unwrap_or_default() {
        let day = item
            .text()
            .and_then(|text| ALL.iter().find(|(name, _)| *name == text));
        if let Some((name, day)) = day {
            if days.contains(day) {
                let message = format!("`{name}` is there twice");
                page.sheet.error("duplicate", item.mark, message, "keep one");
            } else {
                days.push(*day);
            }
        }
    }
    days.sort_unstable();
    days
}

/// A window of the day.
pub(super) fn window(node: &Node) -> Option<DayWindow> {
    Some(DayWindow {
        from: time(node.get("from"))?,
        to: time(node.get("to"))?,
    })
}

fn again(node: Option<&Node>) -> Option<Again> {
    let Some(node) = node else {
        return Some(Again::Never);
    };
    match node.text()? {
        "never" => Some(Again::Never),
        "when_out" => Some(Again::WhenOut),
        text => Span::read(text).ok().map(Again::After),
    }
}

fn goal(node: &Node, page: &mut Page<'_>) -> Option<Goal> {
    let occurrence = occurrence(node, Window::Ever, page);
    Some(Goal {
        occurrence: occurrence?,
        within: span(node.get("within"))?,
    })
}

/// The steps while they are read: where each name leads.
struct Ids<'n> {
    by_name: HashMap<&'n str, usize>,
    count: usize,
    /// A jump led nowhere.
    astray: bool,
}

impl Ids<'_> {
    /// Where a key of step `at` leads; without it to the next step.
    fn next(&mut self, node: Option<&Node>, at: usize, page: &mut Page<'_>) -> Option<Next> {
        let Some(node) = node else {
            return Some((at + 1 < self.count).then_some(at + 1));
        };
        let Some(name) = node.text() else {
            self.astray = true;
            return None;
        };
        if name == "exit" {
            return Some(None);
        }
        if let Some(found) = self.by_name.get(name) {
            return Some(Some(*found));
        }
        self.astray = true;
        let near = suggest::mend(
            name,
            self.by_name.keys().copied().chain(["exit"]),
            "name a step of this journey, or `exit`",
        );
        let message = format!("there is no step `{}` in this journey", short(name));
        page.sheet.error("jump_to_nowhere", node.mark, message, near);
        None
    }
}

fn steps(
    node: Option<&Node>,
    of: (Option<PurposeName>, Option<&str>),
    goal: Option<&Goal>,
    page: &mut Page<'_>,
) -> Option<Vec<Step>> {
    let nodes = node?.items();
    let mut ids = Ids {
        by_name: HashMap::new(),
        count: nodes.len(),
        astray: false,
    };
    for (at, node) in nodes.iter().enumerate() {
        let Some((node, id)) = node.get("id").and_then(|id| Some((id, id.text()?))) else {
            continue;
        };
        if ids.by_name.contains_key(id) {
            let message = format!("two steps are called `{}`", short(id));
            let mend = "give each step a name of its own; people stand at a step by its name";
            page.sheet.error("duplicate", node.mark, message, mend);
        } else {
            ids.by_name.insert(id, at);
        }
    }
    let read: Vec<Option<Step>> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| step(node, at, of, &mut ids, page))
        .collect();
    let steps: Vec<Step> = read.into_iter().collect::<Option<_>>()?;
    if !ids.astray {
        let marks = nodes.iter().map(|node| node.get("id").unwrap_or(node).mark);
        let flow = Flow {
            steps: &steps,
            marks: marks.collect(),
            goal,
        };
        flow::check(&flow, &mut page.sheet);
        flow::check_answers(&flow, &mut page.sheet);
    }
    Some(steps).filter(|steps| !steps.is_empty())
}

fn step(
    node: &Node,
    at: usize,
    (purpose, key): (Option<PurposeName>, Option<&str>),
    ids: &mut Ids<'_>,
    page: &mut Page<'_>,
) -> Option<Step> {
    let kind = tables::STEPS.find(node)?.name;
    let head = node.get(kind)?;
    // Looked up also where something else is broken: every jump that leads nowhere is told.
    let then = match kind {
        "wait_for" | "branch" | "cohort" | "experiment" | "exit" => Some(None),
        _ => ids.next(node.get("then"), at, page),
    };
    let named = |page: &mut Page<'_>, make: fn(String) -> Used| -> Option<Name> {
        let name = head.text()?;
        page.uses(head.mark, make(name.to_owned()));
        Some(name.into())
    };
    let what = match kind {
        "wait" => What::Wait {
            span: span(Some(head))?,
            next: then?,
        },
        "wait_until" => {
            let days = weekdays(head.get("days"), page);
            What::WaitUntil {
                window: window(head)?,
                days,
                next: then?,
            }
        }
        "wait_for" => {
            let came = ids.next(node.get("came"), at, page);
            let else_ = node.get("else").and_then(|node| ids.next(Some(node), at, page));
            let what = awaited(head, key, page);
            What::WaitFor {
                what: what?,
                at_most: span(node.get("at_most"))?,
                came: came?,
                else_: else_?,
            }
        }
        "branch" => {
            let mut arms = Vec::new();
            for way in head.items() {
                let when = way.get("when").and_then(|when| predicate(when, page));
                let then = way.get("then").and_then(|then| ids.next(Some(then), at, page));
                arms.push(when.zip(then));
            }
            let else_ = ids.next(node.get("else"), at, page);
            let arms: Option<Vec<_>> = arms.into_iter().collect();
            What::Branch {
                arms: arms.filter(|arms| !arms.is_empty())?,
                else_: else_?,
            }
        }
        "cohort" => What::Cohort {
            arms: arms(head, at, ids, page)?,
        },
        "experiment" => {
            let name = named(page, Used::Experiment);
            let arms = node.get("arms").and_then(|node| arms(node, at, ids, page));
            What::Experiment {
                name: name?,
                arms: arms?,
            }
        }
        "message" => What::Message {
            name: named(page, Used::Message)?,
            next: then?,
        },
        "task" => {
            let queue = node.get("queue").and_then(|node| Some((node, node.text()?)));
            if let Some((node, queue)) = queue {
                page.uses(node.mark, Used::Queue(queue.to_owned()));
            }
            What::Task {
                title: words(Some(head))?,
                queue: queue?.1.into(),
                next: then?,
            }
        }
        "update" => update(node, head, purpose, then, page)?,
        "webhook" => What::Webhook {
            name: named(page, Used::Webhook)?,
            next: then?,
        },
        _ => What::Exit,
    };
    Some(Step {
        id: node.get("id")?.text()?.to_owned(),
        what,
    })
}

/// What is set is kept for the purpose of the journey, not for the groups.
fn update(
    node: &Node,
    head: &Node,
    purpose: Option<PurposeName>,
    then: Option<Next>,
    page: &mut Page<'_>,
) -> Option<What> {
    let name = head.text()?.to_owned();
    let value = match node.get("to") {
        None => None,
        Some(node) => Some(plain(node)?),
    };
    let wants = value.as_ref().map_or(Wants::Anything, |(_, wants)| *wants);
    let groups = page.purposes;
    page.purposes = purpose.into_iter().collect::<PurposeSet>();
    page.uses(
        head.mark,
        Used::Trait {
            name: name.clone(),
            wants,
        },
    );
    page.purposes = groups;
    Some(What::Update {
        name,
        value: value.map(|(value, _)| value),
        next: then?,
    })
}

fn awaited(node: &Node, key: Option<&str>, page: &mut Page<'_>) -> Option<Awaited> {
    if let Some(who) = node.get("who") {
        return predicate(who, page).map(Awaited::Predicate);
    }
    let occurrence = occurrence(node, Window::Ever, page)?;
    let same = node.get("same_key");
    let same_key = same.and_then(Node::bool).unwrap_or(false);
    if let (Some(node), true) = (same, same_key) {
        match key {
            Some(key) => uses_key(&occurrence.event, key, node, page),
            None => page.sheet.error(
                "no_key",
                node.mark,
                "`same_key` has nothing to compare with: the entry of this journey has no `key`",
                "add `key:` to the entry, or take `same_key` out",
            ),
        }
    }
    Some(Awaited::Event { occurrence, same_key })
}

fn arms(node: &Node, at: usize, ids: &mut Ids<'_>, page: &mut Page<'_>) -> Option<Vec<Arm>> {
    let mut arms: Vec<Option<Arm>> = Vec::new();
    for arm in node.items() {
        let next = ids.next(arm.get("then"), at, page);
        let name = arm.get("name");
        let share = arm.get("share").and_then(|node| share(node.text()?));
        if let Some((node, text)) = name.and_then(|node| Some((node, node.text()?)))
            && arms.iter().flatten().any(|known: &Arm| known.name == text)
        {
            let message = format!("two arms are called `{}`", short(text));
            page.sheet
                .error("duplicate", node.mark, message, "give each arm a name of its own");
        }
        arms.push(match (name.and_then(Node::text), share, next) {
            (Some(name), Some(share), Some(next)) => Some(Arm {
                name: name.to_owned(),
                share,
                next,
            }),
            _ => None,
        });
    }
    let arms: Vec<Arm> = arms.into_iter().collect::<Option<_>>()?;
    let sum: u32 = arms.iter().map(|arm| u32::from(arm.share)).sum();
    if sum != 10_000 {
        page.sheet.error(
            "shares",
            node.mark,
            format!("the shares make {} %, not 100 %", f64::from(sum) / 100.0),
            "change them so that they make 100 %; an arm may lead to `exit`",
        );
        return None;
    }
    Some(arms)
}
