//! How a person enters a journey, from its tree.
//!
//! Deliberately does not know: steps.

use super::journey::{time, transpose, weekdays};
use super::predicate::{occurrence, whole};
use super::uses::{Page, Used, Wants};
use crate::dictionary::Type;
use crate::journey::{Calendar, Change, Days, Entry};
use crate::segment::Window;
use crate::shape::tables;
use crate::tree::Node;

pub(super) fn entry(node: &Node, page: &mut Page<'_>) -> Option<Entry> {
    match tables::ENTRIES.find(node)?.name {
        "entry_event" => {
            let occurrence = occurrence(node, Window::Ever, page)?;
            let key = node.get("key");
            if let Some((node, field)) = key.and_then(|node| Some((node, node.text()?))) {
                uses_key(&occurrence.event, field, node, page);
            }
            Some(Entry::Event {
                occurrence,
                key: transpose(key.map(|node| node.text().map(str::to_owned)))?,
            })
        }
        "entry_segment" => {
            let segment = node.get("segment")?;
            let name = segment.text()?;
            page.uses(segment.mark, Used::Segment(name.to_owned()));
            let change = match node.get("change")?.text()? {
                "enters" => Change::Enters,
                "leaves" => Change::Leaves,
                _ => return None,
            };
            Some(Entry::Segment {
                name: name.into(),
                change,
            })
        }
        "entry_schedule" => schedule(node, page),
        _ => {
            let trait_ = node.get("anniversary")?;
            let name = trait_.text()?.to_owned();
            let used = Used::Trait {
                name: name.clone(),
                wants: Wants::Only(Type::Time),
            };
            page.uses(trait_.mark, used);
            let days_before = match node.get("days_before") {
                None => 0.0,
                Some(node) => node
                    .number()
                    .filter(|days| days.abs() <= 365.0 && days.fract() == 0.0)?,
            };
            Some(Entry::Anniversary {
                name,
                days_before: days_before as i16,
                at: time(node.get("at"))?,
            })
        }
    }
}

pub(super) fn uses_key(event: &str, field: &str, node: &Node, page: &mut Page<'_>) {
    let used = Used::Field {
        event: event.to_owned(),
        field: field.to_owned(),
        wants: Wants::Anything,
    };
    page.uses(node.mark, used);
}

fn schedule(node: &Node, page: &mut Page<'_>) -> Option<Entry> {
    let schedule = node.get("schedule")?;
    let kind = schedule.text()?;
    let wanted = match kind {
        "weekly" => Some("days"),
        "monthly" => Some("day"),
        _ => None,
    };
    for (key, _) in node.entries() {
        if matches!(key.name.as_str(), "days" | "day") && wanted != Some(&key.name) {
            page.sheet.error(
                "conflict",
                key.mark,
                format!("`{}` says nothing of a `{kind}` schedule", key.name),
                "take it out; `days` goes with `weekly`, `day` with `monthly`",
            );
        }
    }
    if let Some(key) = wanted.filter(|key| node.get(key).is_none()) {
        let message = format!("a `{kind}` schedule needs `{key}`");
        let mend = match key {
            "days" => "add `days: [monday]`",
            _ => "add `day: 1`",
        };
        page.sheet.error("missing", schedule.mark, message, mend);
        return None;
    }
    let days = weekdays(node.get("days"), page);
    let on = match kind {
        "daily" => Days::Daily,
        "weekly" => Days::Weekly(Some(days).filter(|days| !days.is_empty())?),
        "monthly" => Days::Monthly(whole(node.get("day")?).and_then(|day| u8::try_from(day).ok())?),
        _ => return None,
    };
    Some(Entry::Schedule(Calendar {
        on,
        at: time(node.get("at"))?,
    }))
}
