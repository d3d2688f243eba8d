//! A template, read.
//!
//! Deliberately does not know: how it was written, how it is rendered.

use crate::context::Spot;
use crate::fault::Place;
use crate::filters::Filter;
use crate::value::Value;
use std::sync::Arc;

/// A name that a template uses at the front of a path, by its number.
pub(crate) type Symbol = usize;

/// What a value is made from.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Expr {
    Value(Value),
    /// `empty`: as a value nothing, in a comparison a question.
    Empty,
    /// `blank`, likewise.
    Blank,
    Path(Box<Path>),
    Range(Box<(Expr, Expr, Place)>),
}

/// `a.b[c].d`
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Path {
    pub(crate) root: Root,
    pub(crate) steps: Vec<Step>,
    pub(crate) at: Place,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Root {
    Name(Symbol),
    /// `[expression]`
    Asked(Expr),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Step {
    Name(Arc<str>),
    Asked(Expr),
}

/// A value and the filters it goes through.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Pipe {
    pub(crate) first: Expr,
    pub(crate) calls: Vec<Call>,
    /// Whether a filter says what to write if the value is missing.
    pub(crate) soft: bool,
    pub(crate) at: Place,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Call {
    pub(crate) filter: Filter,
    pub(crate) given: Vec<Expr>,
    pub(crate) allow_false: Option<Expr>,
    pub(crate) at: Place,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Compare {
    Equal,
    Unequal,
    Less,
    LessEqual,
    More,
    MoreEqual,
    Contains,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Question {
    pub(crate) left: Expr,
    pub(crate) compare: Option<(Compare, Expr)>,
    pub(crate) at: Place,
    /// How the next question is joined to it.
    pub(crate) then: Option<Join>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Join {
    And,
    Or,
}

/// Questions joined; the last join binds first, as in Shopify.
pub(crate) type Condition = Vec<Question>;

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Node {
    Text(Box<str>),
    Output(Pipe, Spot),
    /// The first branch whose condition holds; `None` always does.
    If {
        negated: bool,
        branches: Vec<(Option<Condition>, Vec<Node>)>,
    },
    /// All branches that hold the value; `None` if none before did.
    Case {
        subject: Expr,
        branches: Vec<(Option<Vec<Expr>>, Vec<Node>)>,
        at: Place,
    },
    For(Box<For>),
    Assign(Symbol, Pipe),
    Capture(Symbol, Vec<Node>),
    Count {
        name: Symbol,
        up: bool,
    },
    Cycle {
        group: Result<Arc<str>, Expr>,
        items: Vec<Expr>,
        at: Place,
        spot: Spot,
    },
    Break,
    Continue,
    Abort(Arc<str>),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct For {
    pub(crate) variable: Symbol,
    pub(crate) over: Expr,
    /// `variable-collection`, and its number for `offset: continue`.
    pub(crate) name: Arc<str>,
    pub(crate) number: usize,
    pub(crate) reversed: bool,
    pub(crate) limit: Option<Expr>,
    pub(crate) offset: Offset,
    /// For `tablerow`: how many cells are in a row, if it is said.
    pub(crate) table: Option<Option<Expr>>,
    pub(crate) body: Vec<Node>,
    pub(crate) otherwise: Vec<Node>,
    pub(crate) at: Place,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Offset {
    None,
    Continue,
    By(Expr),
}
