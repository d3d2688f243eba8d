//! Filters of lists.
//!
//! Deliberately does not know: text.

use super::encode::escape;
use super::text::window;
use super::{Filter, Task, math, weight};
use crate::compare::equal;
use crate::fault::Stop;
use crate::number::{Number, Sum};
use crate::value::{Value, turns};
use std::cmp::Ordering;

pub(super) fn apply(filter: Filter, value: &Value, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    match filter {
        Filter::First => return end(value, true, task),
        Filter::Last => return end(value, false, task),
        _ => {}
    }
    let mut items = items(value, task)?;
    match filter {
        Filter::Join => return join(&items, task),
        Filter::Sum => return sum(&items, task),
        Filter::Reverse => items.reverse(),
        Filter::Concat => match task.argument(0).clone() {
            more @ (Value::List(_) | Value::Range(..)) => {
                let more = match &more {
                    // What is put to a list is not taken apart.
                    Value::List(more) => more.to_vec(),
                    more => self::items(more, task)?,
                };
                task.work.spend(more.len())?;
                items.extend(more);
            }
            _ => return Err(task.fail("`concat` needs a list after `:`")),
        },
        Filter::Compact => match name(task)? {
            None => items.retain(|item| *item != Value::Nil),
            Some(name) => retain(&mut items, &name, task, |found| *found != Value::Nil)?,
        },
        Filter::Map => {
            let Some(name) = name(task)? else {
                return Err(task.fail("`map` needs the name of a field"));
            };
            for item in &mut items {
                *item = field(item, &name, task)?;
            }
        }
        Filter::Where => {
            let Some(name) = name(task)? else {
                return Err(task.fail("`where` needs the name of a field"));
            };
            match task.argument(1).clone() {
                Value::Nil => retain(&mut items, &name, task, Value::truthy)?,
                wanted => retain(&mut items, &name, task, |found| equal(found, &wanted))?,
            }
        }
        Filter::Uniq => uniq(&mut items, task)?,
        _ => sort(&mut items, filter == Filter::SortNatural, task)?,
    }
    task.work.list(items)
}

/// The part of a list that `slice` asks for.
pub(super) fn slice(value: &Value, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    let items = match value {
        Value::List(items) => items.to_vec(),
        value => items(value, task)?,
    };
    let window = window(items.len(), task)?;
    let (start, count) = window.unwrap_or((0, 0));
    task.work
        .list(items.into_iter().skip(start).take(count).collect())
}

/// A value as a list: lists in lists are taken apart, a single value is a list of one.
fn items(value: &Value, task: &mut Task<'_, '_>) -> Result<Vec<Value>, Stop> {
    match value {
        Value::Nil => Ok(Vec::new()),
        Value::List(items) => {
            let mut flat = Vec::with_capacity(items.len());
            flatten(items, &mut flat, task)?;
            Ok(flat)
        }
        Value::Range(first, last) => {
            let length = usize::try_from(turns(*first, *last)).unwrap_or(usize::MAX);
            task.work.spend(length.saturating_mul(8))?;
            Ok((*first..=*last).map(Value::Int).collect())
        }
        value => Ok(vec![value.clone()]),
    }
}

fn flatten(items: &[Value], flat: &mut Vec<Value>, task: &mut Task<'_, '_>) -> Result<(), Stop> {
    task.work.spend(items.len())?;
    for item in items {
        match item {
            Value::List(inner) => flatten(inner, flat, task)?,
            item => flat.push(item.clone()),
        }
    }
    Ok(())
}

fn end(value: &Value, first: bool, task: &Task<'_, '_>) -> Result<Value, Stop> {
    Ok(match value {
        Value::List(items) if first => items.first().cloned().unwrap_or_default(),
        Value::List(items) => items.last().cloned().unwrap_or_default(),
        Value::Range(from, _) if first => Value::Int(*from),
        Value::Range(_, to) => Value::Int(*to),
        Value::Object(entries) if first => entries.iter().next().map(pair).unwrap_or_default(),
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Object(_) => Value::Nil,
        Value::Text(_) | Value::Html(_) if !task.work.how.strict => Value::Nil,
        Value::Text(_) | Value::Html(_) => {
            return Err(task.fail("a text has no items; take letters with `slice`"));
        }
    })
}

/// A name and its value, as a list of two.
pub(crate) fn pair((name, value): (&String, &Value)) -> Value {
    Value::list([Value::text(name), value.clone()])
}

fn join(items: &[Value], task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    let glue = if task.given.is_empty() {
        Value::text(" ")
    } else {
        task.argument(0).clone()
    };
    let html = items
        .iter()
        .chain([&glue])
        .any(|item| matches!(item, Value::Html(_)));
    let mut out = String::new();
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            put(&glue, html, &mut out, task)?;
        }
        put(item, html, &mut out, task)?;
    }
    Ok(if html {
        Value::Html(out.into())
    } else {
        Value::Text(out.into())
    })
}

fn put(item: &Value, html: bool, out: &mut String, task: &mut Task<'_, '_>) -> Result<(), Stop> {
    let text = task.work.string(item)?;
    if html && !matches!(item, Value::Html(_)) {
        escape(&text, out);
    } else {
        out.push_str(&text);
    }
    Ok(())
}

/// The first argument as the name of a field.
fn name(task: &mut Task<'_, '_>) -> Result<Option<String>, Stop> {
    match task.argument(0) {
        Value::Nil => Ok(None),
        _ => task.argument_text(0).map(Some),
    }
}

fn field(item: &Value, name: &str, task: &Task<'_, '_>) -> Result<Value, Stop> {
    match item {
        Value::Object(entries) => Ok(entries.get(name).cloned().unwrap_or_default()),
        Value::Nil => Ok(Value::Nil),
        _ => Err(task.fail("the items have no fields")),
    }
}

fn retain(
    items: &mut Vec<Value>,
    name: &str,
    task: &mut Task<'_, '_>,
    keeps: impl Fn(&Value) -> bool,
) -> Result<(), Stop> {
    let mut kept = Vec::new();
    for item in items.drain(..) {
        let found = field(&item, name, task)?;
        task.work.spend(weight(&found))?;
        if keeps(&found) {
            kept.push(item);
        }
    }
    *items = kept;
    Ok(())
}

fn sum(items: &[Value], task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    let name = name(task)?;
    let mut total = Value::Int(0);
    for item in items {
        let number = match &name {
            Some(name) => Number::of(&field(item, name, task)?),
            None => Number::of(item),
        };
        total = math::sum(Number::of(&total), Sum::Plus, number, task)?;
    }
    Ok(total)
}

fn uniq(items: &mut Vec<Value>, task: &mut Task<'_, '_>) -> Result<(), Stop> {
    let name = name(task)?;
    let mut seen = std::collections::BTreeSet::new();
    let mut kept = Vec::new();
    for item in items.drain(..) {
        let key = match &name {
            Some(name) => field(&item, name, task)?,
            None => item.clone(),
        };
        // The text tells values apart once their kind stands before it.
        let text = task.work.string(&key)?;
        let kind = match key {
            Value::Nil => 0,
            Value::Bool(_) => 1,
            Value::Int(_) => 2,
            Value::Float(_) => 3,
            Value::Text(_) | Value::Html(_) => 4,
            Value::List(_) => 5,
            Value::Object(_) => 6,
            Value::Range(..) => 7,
        };
        if seen.insert((kind, text)) {
            kept.push(item);
        }
    }
    *items = kept;
    Ok(())
}

/// Rising, nothing last. Equal ones keep their order.
fn sort(items: &mut Vec<Value>, natural: bool, task: &mut Task<'_, '_>) -> Result<(), Stop> {
    let name = name(task)?;
    let mut keyed = Vec::with_capacity(items.len());
    let mut costs = 0_usize;
    for item in items.drain(..) {
        let key = match &name {
            Some(name) => field(&item, name, task)?,
            None => item.clone(),
        };
        let key = match key {
            Value::Nil => Value::Nil,
            key if natural => Value::text(task.work.string(&key)?.to_ascii_lowercase()),
            key => key,
        };
        costs = costs.saturating_add(weight(&key));
        keyed.push((key, item));
    }
    let rounds = usize::BITS - keyed.len().leading_zeros();
    task.work.spend(costs.saturating_mul(rounds as usize))?;
    // `sort_by` may fall over an order that is none, so kinds are looked at before.
    let kind = |value: &Value| match value {
        Value::Nil => None,
        Value::Int(_) | Value::Float(_) => Some(1),
        Value::Text(_) | Value::Html(_) => Some(2),
        _ => Some(3),
    };
    let mut kinds = keyed.iter().filter_map(|(key, _)| kind(key));
    let first = kinds.next();
    let alike = kinds.all(|kind| Some(kind) == first);
    if !alike || (first == Some(3) && keyed.len() > 1) {
        return Err(task.fail("values of different kinds, or without an order, cannot be sorted"));
    }
    keyed.sort_by(|(one, _), (other, _)| order(one, other));
    items.extend(keyed.into_iter().map(|(_, item)| item));
    Ok(())
}

fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Nil, Value::Nil) => Ordering::Equal,
        (Value::Nil, _) => Ordering::Greater,
        (_, Value::Nil) => Ordering::Less,
        (Value::Int(one), Value::Int(other)) => one.cmp(other),
        (Value::Int(_) | Value::Float(_), _) => Number::of(one).float().total_cmp(&Number::of(other).float()),
        (one, other) => one.as_text().cmp(&other.as_text()),
    }
}
