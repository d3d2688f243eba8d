//! Renders: walks the tree, keeps count of the work, writes.
//!
//! Deliberately does not know: how a template is written.

use crate::compare::{self, Side};
use crate::fault::{Place, Stop};
use crate::filters::{self, Filter, Task, Work, absent, pair, weight};
use crate::how::How;
use crate::number;
use crate::tree::{Condition, Expr, For, Join, Node, Offset, Pipe, Question, Symbol};
use crate::value::Value;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// A loop at its work.
pub(crate) struct Turn<'a> {
    pub(crate) name: &'a str,
    pub(crate) table: bool,
    pub(crate) length: i64,
    pub(crate) index: i64,
    pub(crate) columns: i64,
    pub(crate) column: i64,
    pub(crate) row: i64,
}

/// What a template needs while it is rendered.
pub(crate) struct Machine<'a> {
    pub(crate) names: &'a [Arc<str>],
    pub(crate) data: &'a Value,
    pub(crate) work: Work<'a>,
    /// Variables of loops, assigned ones and counters, each by symbol.
    pub(crate) bound: Vec<Option<Value>>,
    pub(crate) assigned: Vec<Option<Value>>,
    pub(crate) counters: Vec<Option<i64>>,
    pub(crate) turns: Vec<Turn<'a>>,
    /// Where `offset: continue` goes on, by loop.
    offsets: Vec<i64>,
    cycles: HashMap<String, usize>,
    pub(crate) out: String,
}

/// What is to be done after a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Go,
    Break,
    Continue,
}

/// The text of a template.
pub(crate) fn render(
    nodes: &[Node],
    names: &[Arc<str>],
    loops: usize,
    size: usize,
    data: &Value,
    how: &How,
) -> Result<String, Stop> {
    let mut machine = Machine {
        names,
        data,
        work: Work { how, fuel: how.fuel },
        bound: vec![None; names.len()],
        assigned: vec![None; names.len()],
        counters: vec![None; names.len()],
        turns: Vec::new(),
        offsets: vec![0; loops],
        cycles: HashMap::new(),
        out: String::with_capacity(size.min(how.output_max)),
    };
    machine.nodes(nodes)?;
    Ok(machine.out)
}

impl<'a> Machine<'a> {
    fn nodes(&mut self, nodes: &'a [Node]) -> Result<Flow, Stop> {
        for node in nodes {
            self.work.spend(1)?;
            let flow = self.node(node)?;
            if flow != Flow::Go {
                return Ok(flow);
            }
        }
        Ok(Flow::Go)
    }

    fn node(&mut self, node: &'a Node) -> Result<Flow, Stop> {
        match node {
            Node::Text(text) => self.literal(text)?,
            Node::Output(pipe, spot) => {
                let value = self.pipe(pipe)?;
                self.put(&value, *spot, pipe.at)?;
            }
            Node::If { negated, branches } => {
                for (number, (condition, nodes)) in branches.iter().enumerate() {
                    let holds = match condition {
                        Some(condition) => self.holds(condition)? != (*negated && number == 0),
                        None => true,
                    };
                    if holds {
                        return self.nodes(nodes);
                    }
                }
            }
            Node::Case {
                subject,
                branches,
                at,
            } => return self.case(subject, branches, *at),
            Node::For(repeat) => return self.repeat(repeat),
            Node::Assign(name, pipe) => {
                let value = self.pipe(pipe)?.into_owned();
                self.assign(*name, value);
            }
            Node::Capture(name, nodes) => {
                let around = std::mem::take(&mut self.out);
                let flow = self.nodes(nodes)?;
                let text = std::mem::replace(&mut self.out, around);
                // Without a mark of HTML it is as good as plain.
                let html = self.work.html() && text.contains(['&', '<', '>', '"', '\'']);
                let value = if html {
                    Value::Html(text.into())
                } else {
                    Value::Text(text.into())
                };
                self.assign(*name, value);
                return Ok(flow);
            }
            Node::Count { name, up } => {
                let Some(counter) = self.counters.get_mut(*name) else {
                    return Ok(Flow::Go);
                };
                let before = counter.unwrap_or(0);
                let after = if *up {
                    before.saturating_add(1)
                } else {
                    before.saturating_sub(1)
                };
                *counter = Some(after);
                self.literal(&(if *up { before } else { after }).to_string())?;
            }
            Node::Cycle {
                group,
                items,
                at,
                spot,
            } => {
                let key = match group {
                    Ok(key) => format!("={key}"),
                    Err(expr) => {
                        let key = self.value(expr, false)?;
                        format!(":{}", self.work.string(&key)?)
                    }
                };
                let turn = self.cycles.entry(key).or_insert(0);
                let item = items.get(*turn);
                *turn = if *turn + 1 < items.len() { *turn + 1 } else { 0 };
                if let Some(item) = item {
                    let value = self.value(item, false)?;
                    self.put(&value, *spot, *at)?;
                }
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
            Node::Abort(reason) => return Err(Stop::Abort(reason.to_string())),
        }
        Ok(Flow::Go)
    }

    fn assign(&mut self, name: Symbol, value: Value) {
        if let Some(slot) = self.assigned.get_mut(name) {
            *slot = Some(value);
        }
    }

    fn literal(&mut self, text: &str) -> Result<(), Stop> {
        self.work.spend(text.len())?;
        self.out.push_str(text);
        self.fits()
    }

    pub(crate) fn fits(&self) -> Result<(), Stop> {
        let most = self.work.how.output_max;
        if self.out.len() > most {
            Err(Stop::TooLong(most))
        } else {
            Ok(())
        }
    }

    /// A value, through its filters.
    fn pipe(&mut self, pipe: &'a Pipe) -> Result<Cow<'a, Value>, Stop> {
        let mut value = self.value(&pipe.first, pipe.soft)?;
        for (number, call) in pipe.calls.iter().enumerate() {
            let allow_false = match &call.allow_false {
                Some(expr) => self.value(expr, true)?.truthy(),
                None => false,
            };
            if call.filter == Filter::Default && !absent(&value, allow_false) {
                continue;
            }
            // `a | default: b | default: "c"`: the second one stands in for a missing `b`.
            let next = pipe.calls.get(number + 1).map(|next| next.filter);
            let soft = (call.filter, next) == (Filter::Default, Some(Filter::Default));
            let mut given = Vec::with_capacity(call.given.len());
            for expr in &call.given {
                given.push(self.value(expr, soft)?.into_owned());
            }
            let mut task = Task {
                work: &mut self.work,
                given: &given,
                at: call.at,
                allow_false,
            };
            value = Cow::Owned(filters::apply(call.filter, &value, &mut task)?);
        }
        Ok(value)
    }

    fn holds(&mut self, condition: &'a Condition) -> Result<bool, Stop> {
        let mut holds = false;
        for question in condition {
            holds = self.question(question)?;
            match question.then {
                Some(Join::Or) if holds => break,
                Some(Join::And) if !holds => break,
                _ => {}
            }
        }
        Ok(holds)
    }

    fn question(&mut self, question: &'a Question) -> Result<bool, Stop> {
        let left = self.value(&question.left, true)?;
        let Some((compare, right)) = &question.compare else {
            return Ok(left.truthy());
        };
        let value = self.value(right, true)?;
        self.work
            .spend(weight(&left).saturating_add(weight(&value)) / 8)?;
        let (left, right) = (side(&question.left, &left), side(right, &value));
        compare::holds(&left, *compare, &right).map_err(|why| Stop::value(question.at, why))
    }

    fn case(
        &mut self,
        subject: &'a Expr,
        branches: &'a [(Option<Vec<Expr>>, Vec<Node>)],
        at: Place,
    ) -> Result<Flow, Stop> {
        let value = self.value(subject, true)?;
        let mut met = false;
        for (values, nodes) in branches {
            let mut here = values.is_none() && !met;
            for expr in values.iter().flatten() {
                let other = self.value(expr, true)?;
                self.work
                    .spend(weight(&value).saturating_add(weight(&other)) / 8)?;
                let equal = compare::holds(
                    &side(subject, &value),
                    crate::tree::Compare::Equal,
                    &side(expr, &other),
                );
                here |= equal.map_err(|why| Stop::value(at, why))?;
                met |= here;
            }
            if here {
                let flow = self.nodes(nodes)?;
                if flow != Flow::Go {
                    return Ok(flow);
                }
            }
        }
        Ok(Flow::Go)
    }

    /// A whole number of an attribute.
    fn whole(&mut self, expr: &'a Expr, at: Place) -> Result<Option<i64>, Stop> {
        match &*self.value(expr, false)? {
            Value::Nil => Ok(None),
            Value::Int(number) => Ok(Some(*number)),
            Value::Text(text) if text.trim().parse::<i64>().is_ok() => Ok(Some(number::whole(text))),
            _ => Err(Stop::value(at, "`limit`, `offset` and `cols` need whole numbers")),
        }
    }

    fn repeat(&mut self, repeat: &'a For) -> Result<Flow, Stop> {
        let from = match &repeat.offset {
            Offset::None => 0,
            Offset::Continue => self.offsets.get(repeat.number).copied().unwrap_or_default(),
            Offset::By(expr) => self.whole(expr, repeat.at)?.unwrap_or(0),
        };
        let limit = match &repeat.limit {
            Some(expr) => self.whole(expr, repeat.at)?,
            None => None,
        };
        let over = self.value(&repeat.over, false)?;
        // Named values are turned over as lists of name and value.
        let over = match &*over {
            Value::Object(entries) => {
                self.work.spend(entries.len().saturating_mul(16))?;
                Cow::Owned(Value::list(entries.iter().map(pair)))
            }
            _ => over,
        };
        let (start, length) = match &*over {
            Value::List(_) | Value::Range(..) => {
                let all = over.size().unwrap_or_default();
                let end = limit.map_or(all, |limit| from.saturating_add(limit).clamp(0, all));
                let start = from.max(0);
                (start, end.saturating_sub(start).max(0))
            }
            // A text is one item, and is not cut.
            Value::Text(text) | Value::Html(text) => (0, i64::from(!text.is_empty())),
            _ => (0, 0),
        };
        if repeat.table.is_none()
            && let Some(offset) = self.offsets.get_mut(repeat.number)
        {
            *offset = from.saturating_add(length);
        }
        if let Some(columns) = &repeat.table {
            return self.table(repeat, columns.as_ref(), &over, start, length);
        }
        if length == 0 {
            return self.nodes(&repeat.otherwise);
        }
        let around = self.enter(repeat, length, 0);
        for index in 0..length {
            self.work.spend(1)?;
            let at = if repeat.reversed {
                start + length - 1 - index
            } else {
                start + index
            };
            self.bind(repeat.variable, index, item(&over, at));
            if self.nodes(&repeat.body)? == Flow::Break {
                break;
            }
        }
        self.leave(repeat, around);
        Ok(Flow::Go)
    }

    fn table(
        &mut self,
        repeat: &'a For,
        columns: Option<&'a Expr>,
        over: &Value,
        start: i64,
        length: i64,
    ) -> Result<Flow, Stop> {
        if *over == Value::Nil {
            return Ok(Flow::Go);
        }
        let columns = match columns {
            Some(expr) => self.whole(expr, repeat.at)?.unwrap_or(0),
            None => 0,
        };
        self.literal("<tr class=\"row1\">\n")?;
        let around = self.enter(repeat, length, columns);
        for index in 0..length {
            self.work.spend(1)?;
            self.bind(repeat.variable, index, item(over, start + index));
            let column = self.turns.last().map_or(1, |turn| turn.column);
            self.literal(&format!("<td class=\"col{column}\">"))?;
            let flow = self.nodes(&repeat.body)?;
            self.literal("</td>")?;
            if flow == Flow::Break {
                break;
            }
            let Some(turn) = self.turns.last_mut() else { break };
            turn.column += 1;
            if column == columns {
                turn.column = 1;
                turn.row += 1;
                let row = turn.row;
                if index + 1 < length {
                    self.literal(&format!("</tr>\n<tr class=\"row{row}\">"))?;
                }
            }
        }
        self.leave(repeat, around);
        self.literal("</tr>\n")?;
        Ok(Flow::Go)
    }

    /// Begins a loop; what its variable was before comes back, to be given to `leave`.
    fn enter(&mut self, repeat: &'a For, length: i64, columns: i64) -> Option<Value> {
        self.turns.push(Turn {
            name: &repeat.name,
            table: repeat.table.is_some(),
            length,
            index: 0,
            columns,
            column: 1,
            row: 1,
        });
        self.bound.get_mut(repeat.variable).and_then(Option::take)
    }

    fn bind(&mut self, variable: Symbol, index: i64, value: Value) {
        if let Some(slot) = self.bound.get_mut(variable) {
            *slot = Some(value);
        }
        if let Some(turn) = self.turns.last_mut() {
            turn.index = index;
        }
    }

    fn leave(&mut self, repeat: &'a For, around: Option<Value>) {
        self.turns.pop();
        if let Some(slot) = self.bound.get_mut(repeat.variable) {
            *slot = around;
        }
    }
}

fn item(over: &Value, at: i64) -> Value {
    match over {
        Value::List(items) => usize::try_from(at)
            .ok()
            .and_then(|at| items.get(at))
            .cloned()
            .unwrap_or_default(),
        Value::Range(first, _) => Value::Int(first.saturating_add(at)),
        value => value.clone(),
    }
}

fn side<'v>(expr: &Expr, value: &'v Value) -> Side<'v> {
    match expr {
        Expr::Empty => Side::Empty,
        Expr::Blank => Side::Blank,
        _ => Side::Value(value),
    }
}
