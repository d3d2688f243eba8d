//! Finds what paths name: loops, variables, counters, and then the values given.
//!
//! Deliberately does not know: filters, what is written.

use crate::fault::Stop;
use crate::filters::pair;
use crate::number;
use crate::render::{Machine, Turn};
use crate::tree::{Expr, Path, Root, Step};
use crate::value::Value;
use std::borrow::Cow;

impl<'a> Machine<'a> {
    /// A value. What is missing is nothing if `soft`, or in lax rendering.
    pub(crate) fn value(&mut self, expr: &'a Expr, soft: bool) -> Result<Cow<'a, Value>, Stop> {
        self.work.spend(1)?;
        match expr {
            Expr::Value(value) => Ok(Cow::Borrowed(value)),
            Expr::Empty | Expr::Blank => Ok(Cow::Owned(Value::text(""))),
            Expr::Path(path) => match self.look(path, soft)? {
                Some(value) => Ok(value),
                None if soft || !self.work.how.strict => Ok(Cow::Owned(Value::Nil)),
                None => Err(self.missing(path)),
            },
            Expr::Range(range) => {
                let (first, last, at) = &**range;
                let mut end = |expr: &'a Expr| match &*self.value(expr, soft)? {
                    Value::Int(number) => Ok(*number),
                    Value::Nil => Ok(0),
                    Value::Text(text) | Value::Html(text) => Ok(number::whole(text)),
                    _ => Err(Stop::value(*at, "a range goes from one whole number to another")),
                };
                Ok(Cow::Owned(Value::Range(end(first)?, end(last)?)))
            }
        }
    }

    /// `None` if it is missing, or nothing where it was given.
    fn look(&mut self, path: &'a Path, soft: bool) -> Result<Option<Cow<'a, Value>>, Stop> {
        let mut steps = path.steps.iter();
        let (mut found, mut given) = match &path.root {
            Root::Name(symbol) => {
                if let Some(turn) = self.turn(*symbol) {
                    let Some(step) = steps.next() else {
                        return Ok(Some(Cow::Owned(self.turn_object(turn))));
                    };
                    let key = self.key(step, soft)?;
                    let field = key.as_text().and_then(|name| self.turn_field(turn, name));
                    (field.map(Cow::Owned), true)
                } else if let Some(own) = self.own(*symbol) {
                    (Some(Cow::Owned(own)), false)
                } else {
                    let name = self.names.get(*symbol).map(|name| &**name).unwrap_or_default();
                    (self.data.get(name).map(Cow::Borrowed), true)
                }
            }
            Root::Asked(expr) => {
                let name = self.value(expr, soft)?;
                let name = name.as_text().unwrap_or_default();
                let symbol = self.names.iter().position(|known| **known == *name);
                match symbol.and_then(|symbol| self.own(symbol)) {
                    Some(own) => (Some(Cow::Owned(own)), false),
                    None => (self.data.get(name).map(Cow::Borrowed), true),
                }
            }
        };
        for step in steps {
            let Some(value) = found else { return Ok(None) };
            self.work.spend(1)?;
            let key = self.key(step, soft)?;
            found = match value {
                Cow::Borrowed(value) => child(value, &key),
                Cow::Owned(value) => child(&value, &key).map(|child| Cow::Owned(child.into_owned())),
            };
            given = true;
        }
        Ok(found.filter(|found| !given || **found != Value::Nil))
    }

    fn key(&mut self, step: &'a Step, soft: bool) -> Result<Cow<'a, Value>, Stop> {
        match step {
            Step::Name(name) => Ok(Cow::Owned(Value::Text(std::sync::Arc::clone(name)))),
            Step::Asked(expr) => self.value(expr, soft),
        }
    }

    /// What the template itself has under this name.
    fn own(&self, symbol: usize) -> Option<Value> {
        let slot = |slots: &[Option<Value>]| slots.get(symbol).cloned().flatten();
        slot(&self.bound)
            .or_else(|| slot(&self.assigned))
            .or_else(|| self.counters.get(symbol).copied().flatten().map(Value::Int))
    }

    /// The loop that `forloop` or `tablerowloop` names here.
    fn turn(&self, symbol: usize) -> Option<usize> {
        let table = match self.names.get(symbol).map(|name| &**name) {
            Some("forloop") => false,
            Some("tablerowloop") => true,
            _ => return None,
        };
        self.turns.iter().rposition(|turn| turn.table == table)
    }

    fn turn_field(&self, turn: usize, name: &str) -> Option<Value> {
        if name == "parentloop" {
            let parent = self.turns.get(..turn)?.iter().rposition(|turn| !turn.table);
            return parent.map(|parent| self.turn_object(parent));
        }
        self.turns.get(turn)?.field(name)
    }

    /// A loop as named values.
    fn turn_object(&self, turn: usize) -> Value {
        let names = [
            "name",
            "length",
            "index",
            "index0",
            "rindex",
            "rindex0",
            "first",
            "last",
            "parentloop",
            "col",
            "col0",
            "col_first",
            "col_last",
            "row",
        ];
        let fields = names
            .iter()
            .filter_map(|name| Some((*name, self.turn_field(turn, name)?)));
        Value::object(fields)
    }

    fn missing(&self, path: &Path) -> Stop {
        let mut text = match &path.root {
            Root::Name(symbol) => self
                .names
                .get(*symbol)
                .map(|name| name.to_string())
                .unwrap_or_default(),
            Root::Asked(_) => "[…]".to_owned(),
        };
        for step in &path.steps {
            match step {
                Step::Name(name) => {
                    text.push('.');
                    text.push_str(name);
                }
                Step::Asked(Expr::Value(Value::Int(number))) => text.push_str(&format!("[{number}]")),
                Step::Asked(_) => text.push_str("[…]"),
            }
        }
        Stop::Missing {
            path: text,
            line: path.at.line,
            column: path.at.column,
        }
    }
}

impl Turn<'_> {
    fn field(&self, name: &str) -> Option<Value> {
        let last = self.length.saturating_sub(1);
        let number = match name {
            "length" => self.length,
            "index" => self.index + 1,
            "index0" => self.index,
            "rindex" => self.length - self.index,
            "rindex0" => last - self.index,
            "first" => return Some(Value::Bool(self.index == 0)),
            "last" => return Some(Value::Bool(self.index == last)),
            "name" if !self.table => return Some(Value::text(self.name)),
            "row" if self.table => self.row,
            "col" if self.table => self.column,
            "col0" if self.table => self.column - 1,
            "col_first" if self.table => return Some(Value::Bool(self.column == 1)),
            "col_last" if self.table => return Some(Value::Bool(self.column == self.columns)),
            _ => return None,
        };
        Some(Value::Int(number))
    }
}

/// A field, an item, or one of `size`, `first` and `last`.
fn child<'v>(value: &'v Value, key: &Value) -> Option<Cow<'v, Value>> {
    match (value, key) {
        (Value::Object(entries), Value::Text(name) | Value::Html(name)) => {
            match (entries.get(&**name), &**name) {
                (Some(found), _) => Some(Cow::Borrowed(found)),
                (None, "size") => value.size().map(Value::Int).map(Cow::Owned),
                (None, "first") => entries.iter().next().map(pair).map(Cow::Owned),
                _ => None,
            }
        }
        (Value::List(items), Value::Int(number)) => {
            let length = i64::try_from(items.len()).ok()?;
            let at = if *number < 0 {
                number.checked_add(length)?
            } else {
                *number
            };
            items.get(usize::try_from(at).ok()?).map(Cow::Borrowed)
        }
        (Value::List(items), Value::Text(name)) => match &**name {
            "size" => value.size().map(Value::Int).map(Cow::Owned),
            "first" => items.first().map(Cow::Borrowed),
            "last" => items.last().map(Cow::Borrowed),
            _ => None,
        },
        (Value::Range(first, last), Value::Text(name)) => match &**name {
            "size" => value.size().map(Value::Int).map(Cow::Owned),
            "first" => Some(Cow::Owned(Value::Int(*first))),
            "last" => Some(Cow::Owned(Value::Int(*last))),
            _ => None,
        },
        (Value::Text(_) | Value::Html(_), Value::Text(name)) if &**name == "size" => {
            value.size().map(Value::Int).map(Cow::Owned)
        }
        _ => None,
    }
}
