//! Conditions: how values are compared.
//!
//! Deliberately does not know: paths. Values come in looked up.

use crate::tree::Compare;
use crate::value::{Value, turns};

/// Why two values are not compared.
pub(crate) const UNLIKE: &str = "values of different kinds are compared: a number and something else";

/// A side of a comparison.
pub(crate) enum Side<'v> {
    Value(&'v Value),
    /// `empty` as a question.
    Empty,
    /// `blank` as a question.
    Blank,
}

/// Whether it holds; `Err` for what has no order.
pub(crate) fn holds(left: &Side<'_>, compare: Compare, right: &Side<'_>) -> Result<bool, &'static str> {
    match compare {
        Compare::Equal => Ok(same(left, right)),
        Compare::Unequal => Ok(!same(left, right)),
        Compare::Contains => Ok(contains(left, right)),
        _ => match (left, right) {
            (Side::Value(left), Side::Value(right)) => order(left, compare, right),
            _ => Ok(false),
        },
    }
}

fn same(left: &Side<'_>, right: &Side<'_>) -> bool {
    match (left, right) {
        (Side::Value(left), Side::Value(right)) => equal(left, right),
        (Side::Value(value), Side::Empty) | (Side::Empty, Side::Value(value)) => empty(value),
        (Side::Value(value), Side::Blank) | (Side::Blank, Side::Value(value)) => blank(value),
        _ => true,
    }
}

/// Nothing in it: no letters, no items.
pub(crate) fn empty(value: &Value) -> bool {
    match value {
        Value::Text(text) | Value::Html(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Range(first, last) => turns(*first, *last) == 0,
        _ => false,
    }
}

/// Nothing to be seen in it: nothing, `false`, white space.
fn blank(value: &Value) -> bool {
    match value {
        Value::Nil | Value::Bool(false) => true,
        Value::Text(text) | Value::Html(text) => text.chars().all(char::is_whitespace),
        value => empty(value),
    }
}

/// Whether they are the same; text is never a number.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Text(left) | Value::Html(left), Value::Text(right) | Value::Html(right)) => left == right,
        (Value::Int(whole), Value::Float(part)) | (Value::Float(part), Value::Int(whole)) => {
            *whole as f64 == *part
        }
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right.iter())
                    .all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right.iter())
                    .all(|((name, left), (other, right))| name == other && equal(left, right))
        }
        (left, right) => left == right,
    }
}

fn order(left: &Value, compare: Compare, right: &Value) -> Result<bool, &'static str> {
    use std::cmp::Ordering;
    let order = match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Int(left), Value::Float(right)) => (*left as f64).partial_cmp(right),
        (Value::Float(left), Value::Int(right)) => left.partial_cmp(&(*right as f64)),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Text(left) | Value::Html(left), Value::Text(right) | Value::Html(right)) => {
            Some(left.cmp(right))
        }
        (Value::Int(_) | Value::Float(_), Value::Text(_) | Value::Html(_))
        | (Value::Text(_) | Value::Html(_), Value::Int(_) | Value::Float(_)) => return Err(UNLIKE),
        _ => None,
    };
    Ok(order.is_some_and(|order| match compare {
        Compare::Less => order == Ordering::Less,
        Compare::LessEqual => order != Ordering::Greater,
        Compare::More => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }))
}

fn contains(left: &Side<'_>, right: &Side<'_>) -> bool {
    let (Side::Value(left), Side::Value(right)) = (left, right) else {
        return false;
    };
    if !right.truthy() {
        return false;
    }
    match left {
        Value::Text(text) | Value::Html(text) => match right.as_text() {
            Some(part) => text.contains(part),
            None => text.contains(&right.to_string()),
        },
        Value::List(items) => items.iter().any(|item| equal(item, right)),
        Value::Object(entries) => right.as_text().is_some_and(|name| entries.contains_key(name)),
        Value::Range(first, last) => match right {
            Value::Int(number) => (first..=last).contains(&number),
            _ => false,
        },
        _ => false,
    }
}
