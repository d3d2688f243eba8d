//! Reads values, filters and conditions.
//!
//! Deliberately does not know: tags.

use crate::fault::{Faults, Place};
use crate::filters;
use crate::lex::{Token, Words};
use crate::scan::Places;
use crate::tree::{Call, Compare, Condition, Expr, Join, Path, Pipe, Question, Root, Step, Symbol};
use crate::value::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// What is shared while a template is read.
pub(crate) struct Reader<'s> {
    pub(crate) places: Places<'s>,
    pub(crate) faults: Faults,
    pub(crate) names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Symbol>,
    /// Brackets inside brackets allowed.
    pub(crate) depth: usize,
    /// Where `raw` is used.
    pub(crate) raw: Vec<Place>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(source: &'s str, depth: usize) -> Reader<'s> {
        Reader {
            places: Places::new(source),
            faults: Faults::default(),
            names: Vec::new(),
            numbers: HashMap::new(),
            depth,
            raw: Vec::new(),
        }
    }

    pub(crate) fn symbol(&mut self, name: &str) -> Symbol {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let name: Arc<str> = Arc::from(name);
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, self.names.len() - 1);
        self.names.len() - 1
    }

    pub(crate) fn fault(&mut self, at: usize, message: impl Into<String>, mend: impl Into<String>) {
        let place = self.places.of(at);
        self.faults.add(place, message, mend);
    }

    pub(crate) fn words<'t>(&mut self, text: &'t str, at: usize) -> Option<Words<'t>> {
        Words::cut(text, at, &self.places, &mut self.faults)
    }

    /// Nothing more may follow.
    pub(crate) fn end(&mut self, words: &Words<'_>, mend: &str) -> Option<()> {
        let token = words.peek();
        match token {
            None => Some(()),
            Some(token) => {
                self.fault(words.at(), format!("{} is too much here", shown(token)), mend);
                None
            }
        }
    }

    /// A value with filters, up to the end.
    pub(crate) fn pipe(&mut self, words: &mut Words<'_>) -> Option<Pipe> {
        let at = self.places.of(words.at());
        let first = self.expr(words, 0)?;
        let mut calls = Vec::new();
        while words.mark("|") {
            calls.push(self.call(words)?);
        }
        self.end(words, "filters follow after `|`, their arguments after `:`")?;
        let before = calls
            .iter()
            .position(|call: &Call| call.filter == filters::Filter::Default);
        let soft =
            before.is_some_and(|before| calls.iter().take(before).all(|call| call.filter.keeps_nothing()));
        Some(Pipe {
            first,
            calls,
            soft,
            at,
        })
    }

    fn call(&mut self, words: &mut Words<'_>) -> Option<Call> {
        let from = words.at();
        let Some(Token::Name(name)) = words.take() else {
            self.fault(
                from,
                "after `|` the name of a filter is missing",
                "name one, or take the `|` out",
            );
            return None;
        };
        let at = self.places.of(from);
        let mut call = Call {
            filter: filters::Filter::Raw,
            given: Vec::new(),
            allow_false: None,
            at,
        };
        if words.mark(":") {
            loop {
                if let (Some(Token::Name(key)), Some(Token::Mark(":"))) = (words.peek(), words.ahead(1)) {
                    let from = words.at();
                    words.take();
                    words.take();
                    let value = self.expr(words, 0)?;
                    if (name, key) == ("default", "allow_false") {
                        call.allow_false = Some(value);
                    } else {
                        self.fault(
                            from,
                            format!("the filter `{name}` knows no `{key}:`"),
                            "only `default` takes one: `allow_false: true`",
                        );
                    }
                } else {
                    call.given.push(self.expr(words, 0)?);
                }
                if !words.mark(",") {
                    break;
                }
            }
        }
        match filters::named(name, call.given.len()) {
            Ok(filter) => call.filter = filter,
            Err((message, mend)) => self.fault(from, message, mend),
        }
        if call.filter == filters::Filter::Raw {
            self.raw.push(at);
        }
        Some(call)
    }

    /// One value.
    pub(crate) fn expr(&mut self, words: &mut Words<'_>, deep: usize) -> Option<Expr> {
        let from = words.at();
        if deep > self.depth {
            self.fault(
                from,
                "brackets are nested too deep",
                "put parts into variables with `assign`",
            );
            return None;
        }
        match words.take() {
            Some(Token::Text(text)) => Some(Expr::Value(Value::text(text))),
            Some(Token::Number(number)) => {
                let value = self.number(number, from)?;
                Some(Expr::Value(value))
            }
            Some(Token::Name(name)) => self.named(name, from, words, deep),
            Some(Token::Mark("[")) => {
                let root = Root::Asked(self.expr(words, deep + 1)?);
                self.close(words, "]")?;
                self.path(root, from, words, deep)
            }
            Some(Token::Mark("(")) => {
                let first = self.expr(words, deep + 1)?;
                if !words.mark("..") {
                    self.fault(
                        words.at(),
                        "a range needs `..`",
                        "write `(1..5)`; brackets group nothing",
                    );
                    return None;
                }
                let last = self.expr(words, deep + 1)?;
                self.close(words, ")")?;
                Some(Expr::Range(Box::new((first, last, self.places.of(from)))))
            }
            Some(token) => {
                self.fault(
                    from,
                    format!("{} cannot begin a value", shown(token)),
                    "a value is a name, a text in quotes, a number or a range such as `(1..5)`",
                );
                None
            }
            None => {
                self.fault(
                    from,
                    "a value is missing",
                    "write a name, a text in quotes or a number",
                );
                None
            }
        }
    }

    fn number(&mut self, number: &str, at: usize) -> Option<Value> {
        let value = if number.contains('.') {
            number
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map(Value::Float)
        } else {
            number.parse().ok().map(Value::Int)
        };
        if value.is_none() {
            self.fault(
                at,
                "this number is too large",
                "whole numbers have 18 digits at most",
            );
        }
        value
    }

    fn named(&mut self, name: &str, from: usize, words: &mut Words<'_>, deep: usize) -> Option<Expr> {
        let alone = !matches!(words.peek(), Some(Token::Mark("." | "[")));
        let literal = match name {
            "nil" | "null" => Some(Expr::Value(Value::Nil)),
            "true" => Some(Expr::Value(Value::Bool(true))),
            "false" => Some(Expr::Value(Value::Bool(false))),
            "empty" => Some(Expr::Empty),
            "blank" => Some(Expr::Blank),
            _ => None,
        };
        match literal {
            Some(literal) if alone => Some(literal),
            _ => {
                let root = Root::Name(self.symbol(name));
                self.path(root, from, words, deep)
            }
        }
    }

    fn path(&mut self, root: Root, from: usize, words: &mut Words<'_>, deep: usize) -> Option<Expr> {
        let mut steps = Vec::new();
        loop {
            if words.mark(".") {
                let at = words.at();
                match words.take() {
                    Some(Token::Name(name) | Token::Compare(name))
                        if !name.starts_with(['<', '>', '=', '!']) =>
                    {
                        steps.push(Step::Name(Arc::from(name)));
                    }
                    _ => {
                        self.fault(
                            at,
                            "after `.` a name is missing",
                            "name a field, such as `person.first_name`",
                        );
                        return None;
                    }
                }
            } else if words.mark("[") {
                steps.push(match self.expr(words, deep + 1)? {
                    Expr::Value(Value::Text(text)) => Step::Name(text),
                    expr => Step::Asked(expr),
                });
                self.close(words, "]")?;
            } else {
                let at = self.places.of(from);
                return Some(Expr::Path(Box::new(Path { root, steps, at })));
            }
        }
    }

    fn close(&mut self, words: &mut Words<'_>, mark: &str) -> Option<()> {
        if words.mark(mark) {
            return Some(());
        }
        self.fault(words.at(), format!("`{mark}` is missing"), "close the bracket");
        None
    }

    /// Questions joined by `and` and `or`, up to the end.
    pub(crate) fn condition(&mut self, words: &mut Words<'_>) -> Option<Condition> {
        let mut questions = Vec::new();
        loop {
            let at = self.places.of(words.at());
            let left = self.expr(words, 0)?;
            let from = words.at();
            let mut compare = None;
            if let Some(Token::Compare(sign)) = words.peek() {
                words.take();
                compare = Some((sign_of(sign), self.expr(words, 0)?));
            } else if words.mark("=") {
                self.fault(from, "`=` compares nothing", "write `==`");
                return None;
            }
            let then = if words.word("and") {
                Some(Join::And)
            } else if words.word("or") {
                Some(Join::Or)
            } else {
                None
            };
            questions.push(Question {
                left,
                compare,
                at,
                then,
            });
            if then.is_none() {
                self.end(
                    words,
                    "join conditions with `and` or `or`; filters go into an `assign` before",
                )?;
                return Some(questions);
            }
        }
    }
}

fn sign_of(sign: &str) -> Compare {
    match sign {
        "==" => Compare::Equal,
        "!=" | "<>" => Compare::Unequal,
        "<" => Compare::Less,
        "<=" => Compare::LessEqual,
        ">" => Compare::More,
        ">=" => Compare::MoreEqual,
        _ => Compare::Contains,
    }
}

/// A word as it is named in faults.
pub(crate) fn shown(token: Token<'_>) -> String {
    match token {
        Token::Text(_) => "a text".to_owned(),
        Token::Name(word) | Token::Number(word) | Token::Compare(word) | Token::Mark(word) => {
            let short: String = word.chars().take(40).collect();
            format!("`{short}`")
        }
    }
}
