//! Values that templates are given and make, and how they are written as text.
//!
//! Deliberately does not know: filters, where a value came from.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// Values nested deeper than this in JSON become nothing.
const DEEPEST: usize = 64;

/// A value. Cheap to clone.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Value {
    /// Nothing; as missing, where a template is strict.
    #[default]
    Nil,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction; always finite.
    Float(f64),
    /// Text, to be escaped where it is written into HTML.
    Text(Arc<str>),
    /// Text that is HTML already and is not escaped again.
    Html(Arc<str>),
    /// A list.
    List(Arc<[Value]>),
    /// Named values, by name.
    Object(Arc<BTreeMap<String, Value>>),
    /// Whole numbers from the first to the last, both included; none if the last is smaller.
    Range(i64, i64),
}

impl Value {
    /// Text.
    pub fn text(text: impl AsRef<str>) -> Value {
        Value::Text(Arc::from(text.as_ref()))
    }

    /// Named values.
    pub fn object<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Object(Arc::new(
            entries
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        ))
    }

    /// A list.
    pub fn list(items: impl IntoIterator<Item = Value>) -> Value {
        Value::List(items.into_iter().collect())
    }

    /// What a name stands for in named values.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(entries) => entries.get(name),
            _ => None,
        }
    }

    /// Whether a condition takes it for true: everything but nothing and `false`.
    pub fn truthy(&self) -> bool {
        !matches!(self, Value::Nil | Value::Bool(false))
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Html(text) => Some(text),
            _ => None,
        }
    }

    /// Letters, items or entries; `None` for what has none.
    pub(crate) fn size(&self) -> Option<i64> {
        match self {
            Value::Text(text) | Value::Html(text) => i64::try_from(text.chars().count()).ok(),
            Value::List(items) => i64::try_from(items.len()).ok(),
            Value::Object(entries) => i64::try_from(entries.len()).ok(),
            Value::Range(first, last) => Some(turns(*first, *last)),
            _ => None,
        }
    }

    /// As text, the way Ruby writes it.
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Value::Nil => {}
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Int(number) => {
                let _ = write!(out, "{number}");
            }
            Value::Float(number) => float(*number, out),
            Value::Text(text) | Value::Html(text) => out.push_str(text),
            Value::List(items) => items.iter().for_each(|item| item.write(out)),
            Value::Object(_) => self.inspect(out),
            Value::Range(first, last) => {
                let _ = write!(out, "{first}..{last}");
            }
        }
    }

    fn inspect(&self, out: &mut String) {
        match self {
            Value::Nil => out.push_str("nil"),
            Value::Text(text) | Value::Html(text) => {
                let _ = write!(out, "{text:?}");
            }
            Value::List(items) => {
                out.push('[');
                for (number, item) in items.iter().enumerate() {
                    out.push_str(if number > 0 { ", " } else { "" });
                    item.inspect(out);
                }
                out.push(']');
            }
            Value::Object(entries) => {
                out.push('{');
                for (number, (name, value)) in entries.iter().enumerate() {
                    let _ = write!(out, "{}{name:?}=>", if number > 0 { ", " } else { "" });
                    value.inspect(out);
                }
                out.push('}');
            }
            other => other.write(out),
        }
    }

    fn from_json(json: &serde_json::Value, deep: usize) -> Value {
        use serde_json::Value as Json;
        match json {
            _ if deep > DEEPEST => Value::Nil,
            Json::Null => Value::Nil,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => Value::Int(number),
                (None, Some(number)) if number.is_finite() => Value::Float(number),
                _ => Value::Nil,
            },
            Json::String(text) => Value::text(text),
            Json::Array(items) => Value::list(items.iter().map(|item| Value::from_json(item, deep + 1))),
            Json::Object(entries) => Value::object(
                entries
                    .iter()
                    .map(|(name, value)| (name.as_str(), Value::from_json(value, deep + 1))),
            ),
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&text)
    }
}

/// JSON as it is; what is nested deeper than 64 levels becomes nothing.
impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Value {
        Value::from_json(json, 0)
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Value {
        Value::from_json(&json, 0)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::text(text)
    }
}

/// How many numbers there are from the first to the last.
pub(crate) fn turns(first: i64, last: i64) -> i64 {
    match last.checked_sub(first) {
        _ if last < first => 0,
        Some(between) => between.saturating_add(1),
        None => i64::MAX,
    }
}

/// A number with a fraction as Ruby writes it: `100.0`, `1.0e+16`, `1.0e-05`.
fn float(number: f64, out: &mut String) {
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{number:e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        let dot = if digits.contains('.') { "" } else { ".0" };
        let (sign, power) = match power.strip_prefix('-') {
            Some(power) => ('-', power),
            None => ('+', power),
        };
        let _ = write!(out, "{digits}{dot}e{sign}{power:0>2}");
    } else {
        let _ = write!(out, "{number:?}");
    }
}
