//! What a template can read of the values it is given, found without rendering: every path, with its place.
//!
//! Sound: taking away everything that is not listed changes no text and no end of any rendering. Assignments
//! that give a root another name (`assign p = person`) are followed; everything else that is put into a
//! variable was read whole when it was put there.
//!
//! Deliberately does not know: values, who may read them.

use crate::fault::Place;
use crate::tree::{Condition, Expr, Node, Offset, Path, Pipe, Root, Step, Symbol};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Something a template can read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Read {
    /// Line, from 1.
    pub line: u32,
    /// Column in letters, from 1.
    pub column: u32,
    /// Such as `person.first_name`. `person.*` if the name after the point is found only while rendering,
    /// `*` if the first one is.
    pub path: String,
    /// Whether all that is under the path can be read; if not, only whether it is there, and itself if it is
    /// a text, a number, true or false.
    pub whole: bool,
}

/// All of them, by place.
pub(crate) fn reads(nodes: &[Node], names: &[Arc<str>]) -> Vec<Read> {
    let mut walk = Walk {
        names,
        own: vec![false; names.len()],
        bound: vec![0; names.len()],
        loops: [0; 2],
        edges: BTreeMap::new(),
        roots: BTreeMap::new(),
        found: BTreeSet::new(),
    };
    walk.nodes(nodes);
    walk.roots = closure(&walk.edges);
    walk.own = vec![false; names.len()];
    walk.found.clear();
    walk.nodes(nodes);
    walk.found.into_iter().collect()
}

struct Walk<'a> {
    names: &'a [Arc<str>],
    /// Names that the template has surely given a value here.
    own: Vec<bool>,
    /// Loops around that have this variable.
    bound: Vec<usize>,
    /// Loops around: `for`, `tablerow`.
    loops: [usize; 2],
    /// What names were made to stand for, and whether that may be a given value there.
    edges: BTreeMap<Symbol, BTreeSet<(Symbol, bool)>>,
    /// The given values each name may stand for.
    roots: BTreeMap<Symbol, BTreeSet<Symbol>>,
    found: BTreeSet<Read>,
}

/// Follows other names to the values they were given.
fn closure(edges: &BTreeMap<Symbol, BTreeSet<(Symbol, bool)>>) -> BTreeMap<Symbol, BTreeSet<Symbol>> {
    let mut roots = BTreeMap::new();
    for name in edges.keys() {
        let (mut seen, mut given) = (BTreeSet::from([*name]), BTreeSet::new());
        let mut next = vec![*name];
        while let Some(name) = next.pop() {
            for (other, may_be_given) in edges.get(&name).into_iter().flatten() {
                if *may_be_given {
                    given.insert(*other);
                }
                if seen.insert(*other) {
                    next.push(*other);
                }
            }
        }
        roots.insert(*name, given);
    }
    roots
}

impl Walk<'_> {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Text(_) | Node::Break | Node::Continue | Node::Abort(_) => {}
            Node::Output(pipe, _) => self.pipe(pipe),
            Node::If { branches, .. } => {
                let before = self.own.clone();
                let mut after: Option<Vec<bool>> = None;
                let mut all = false;
                for (condition, nodes) in branches {
                    self.own.clone_from(&before);
                    match condition {
                        Some(condition) => self.condition(condition),
                        None => all = true,
                    }
                    self.nodes(nodes);
                    after = Some(match after {
                        None => self.own.clone(),
                        Some(after) => after
                            .iter()
                            .zip(&self.own)
                            .map(|(one, other)| *one && *other)
                            .collect(),
                    });
                }
                self.own = after.filter(|_| all).unwrap_or(before);
            }
            Node::Case {
                subject, branches, ..
            } => {
                self.expr(subject, true);
                let before = self.own.clone();
                for (values, nodes) in branches {
                    values.iter().flatten().for_each(|value| self.expr(value, true));
                    self.nodes(nodes);
                    self.own.clone_from(&before);
                }
            }
            Node::For(repeat) => {
                self.expr(&repeat.over, true);
                for expr in [&repeat.limit, &repeat.table.clone().flatten()]
                    .into_iter()
                    .flatten()
                {
                    self.expr(expr, true);
                }
                if let Offset::By(expr) = &repeat.offset {
                    self.expr(expr, true);
                }
                let before = self.own.clone();
                let kind = usize::from(repeat.table.is_some());
                self.inside(repeat.variable, kind, |count| *count += 1);
                self.nodes(&repeat.body);
                self.inside(repeat.variable, kind, |count| *count = count.saturating_sub(1));
                self.own.clone_from(&before);
                self.nodes(&repeat.otherwise);
                self.own = before;
            }
            Node::Assign(name, pipe) => {
                match (&pipe.first, pipe.calls.is_empty()) {
                    (Expr::Path(path), true) if path.steps.is_empty() => self.alias(*name, path),
                    _ => self.pipe(pipe),
                }
                self.owns(*name);
            }
            Node::Capture(name, nodes) => {
                self.nodes(nodes);
                self.owns(*name);
            }
            Node::Count { name, .. } => self.owns(*name),
            Node::Cycle { group, items, .. } => {
                if let Err(expr) = group {
                    self.expr(expr, true);
                }
                items.iter().for_each(|item| self.expr(item, true));
            }
        }
    }

    fn owns(&mut self, name: Symbol) {
        if let Some(own) = self.own.get_mut(name) {
            *own = true;
        }
    }

    fn inside(&mut self, variable: Symbol, kind: usize, count: impl Fn(&mut usize)) {
        self.bound.get_mut(variable).into_iter().for_each(&count);
        self.loops.get_mut(kind).into_iter().for_each(&count);
    }

    /// `assign name = root`: what is read of it is read through the name.
    fn alias(&mut self, name: Symbol, path: &Path) {
        if let Root::Name(root) = &path.root {
            let edge = (*root, self.given(*root));
            self.edges.entry(name).or_default().insert(edge);
        }
        self.path(path, false);
    }

    fn pipe(&mut self, pipe: &Pipe) {
        self.expr(&pipe.first, true);
        for call in &pipe.calls {
            call.given
                .iter()
                .chain(&call.allow_false)
                .for_each(|expr| self.expr(expr, true));
        }
    }

    fn condition(&mut self, condition: &Condition) {
        for question in condition {
            self.expr(&question.left, question.compare.is_some());
            if let Some((_, right)) = &question.compare {
                self.expr(right, true);
            }
        }
    }

    /// `whole`: more is asked than whether it is there.
    fn expr(&mut self, expr: &Expr, whole: bool) {
        match expr {
            Expr::Value(_) | Expr::Empty | Expr::Blank => {}
            Expr::Path(path) => self.path(path, whole),
            Expr::Range(range) => {
                self.expr(&range.0, true);
                self.expr(&range.1, true);
            }
        }
    }

    fn path(&mut self, path: &Path, whole: bool) {
        for step in &path.steps {
            if let Step::Asked(expr) = step {
                self.expr(expr, true);
            }
        }
        let Root::Name(root) = &path.root else {
            if let Root::Asked(expr) = &path.root {
                self.expr(expr, true);
            }
            self.put("*".to_owned(), path.at, true);
            return;
        };
        if self.looped(*root) {
            return;
        }
        let (rest, whole) = rest(&path.steps, whole);
        let mut given: BTreeSet<Symbol> = self.roots.get(root).cloned().unwrap_or_default();
        if self.given(*root) {
            given.insert(*root);
        }
        for root in given {
            let name = self.names.get(root).map(|name| &**name).unwrap_or_default();
            self.put(format!("{name}{rest}"), path.at, whole);
        }
    }

    /// Whether it is a loop's own.
    fn looped(&self, name: Symbol) -> bool {
        let around = |kind: usize| self.loops.get(kind).is_some_and(|loops| *loops > 0);
        match self.names.get(name).map(|name| &**name) {
            Some("forloop") if around(0) => true,
            Some("tablerowloop") if around(1) => true,
            _ => self.bound.get(name).is_some_and(|loops| *loops > 0),
        }
    }

    /// Whether it may be one of the values given.
    fn given(&self, name: Symbol) -> bool {
        !self.looped(name) && !self.own.get(name).copied().unwrap_or_default()
    }

    fn put(&mut self, path: String, at: Place, whole: bool) {
        self.found.insert(Read {
            line: at.line,
            column: at.column,
            path,
            whole,
        });
    }
}

/// The steps as far as they are known, and whether all under them is read.
fn rest(steps: &[Step], whole: bool) -> (String, bool) {
    let mut text = String::new();
    for step in steps {
        match step {
            // These ask about all of what they are asked of.
            Step::Name(name) if matches!(&**name, "size" | "first" | "last") => return (text, true),
            Step::Name(name) => {
                text.push('.');
                text.push_str(name);
            }
            Step::Asked(Expr::Value(crate::value::Value::Int(_))) => return (text, true),
            Step::Asked(_) => return (text + ".*", true),
        }
    }
    // Further down, whether something is there is the value itself.
    (text, whole || !steps.is_empty())
}
