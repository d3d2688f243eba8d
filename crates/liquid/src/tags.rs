//! Reads each tag.
//!
//! Deliberately does not know: rendering.

use crate::context::Spot;
use crate::expr::shown;
use crate::lex::{Token, Words};
use crate::parse::{Block, Made, Parser, Pieces, Tag, literal, without_spaces};
use crate::tree::{Expr, For, Node, Offset, Symbol};
use std::sync::Arc;

/// All names of tags, to be suggested.
const ALL: [&str; 22] = [
    "abort_message",
    "assign",
    "break",
    "capture",
    "case",
    "comment",
    "continue",
    "cycle",
    "decrement",
    "echo",
    "else",
    "elsif",
    "endfor",
    "endif",
    "for",
    "if",
    "increment",
    "liquid",
    "raw",
    "tablerow",
    "unless",
    "when",
];

pub(crate) fn tag<'s>(parser: &mut Parser<'s>, tag: Tag<'s>, pieces: &mut Pieces<'s>) -> Made {
    let made = match tag.name {
        "#" => return Made::Nothing,
        "if" | "unless" => branches(parser, tag, pieces),
        "case" => case(parser, tag, pieces),
        "for" | "tablerow" => repeat(parser, tag, pieces),
        "assign" => assign(parser, tag).map(|node| (node, true)),
        "capture" => capture(parser, tag, pieces).map(|node| (node, true)),
        "increment" | "decrement" => count(parser, tag).map(|node| (node, false)),
        "echo" => parser
            .pipe(tag.body, tag.body_at)
            .map(|pipe| (Node::Output(pipe, Spot::Text), false)),
        "cycle" => cycle(parser, tag).map(|node| (node, false)),
        "break" | "continue" => interrupt(parser, tag).map(|node| (node, false)),
        "abort_message" => abort(parser, tag).map(|node| (node, false)),
        "else" | "elsif" | "when" => return Made::Stray,
        name if name.starts_with("end") => return Made::Stray,
        _ => unknown(parser, tag),
    };
    made.map_or(Made::Nothing, |(node, blank)| Made::Node(node, blank))
}

fn unknown(parser: &mut Parser<'_>, tag: Tag<'_>) -> Option<(Node, bool)> {
    let (message, mend) = match tag.name {
        "" => (
            "a tag without a name".to_owned(),
            "write its name after `{%`, or take it out".to_owned(),
        ),
        "include" | "render" | "layout" | "section" | "block" => (
            format!("`{}` would bring in another file", tag.name),
            "write its words here: a template is one file".to_owned(),
        ),
        "connected_content" | "catalog_items" | "promotion" => (
            format!("`{}` would fetch something while a message is made", tag.name),
            "have it given to the message as a value".to_owned(),
        ),
        name => {
            let near = ALL
                .iter()
                .filter(|known| near(known, name))
                .min_by_key(|known| known.len().abs_diff(name.len()));
            let mend = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "see docs/templates.md for the tags there are".to_owned(),
            };
            let name: String = name.chars().take(40).collect();
            (format!("there is no tag `{name}`"), mend)
        }
    };
    parser.reader.fault(tag.at, message, mend);
    None
}

/// Whether one is the other but for a letter or two.
pub(crate) fn near(known: &str, name: &str) -> bool {
    if name.len() > 40 || known.len().abs_diff(name.len()) > 2 {
        return false;
    }
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (above, letter) in known.bytes().enumerate() {
        let mut before = above;
        let mut left = above + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(name.bytes()) {
            // `before` is the cell above to the left; the first cell of a row is its number.
            let here = (before + usize::from(letter != other))
                .min(left + 1)
                .min(*cell + 1);
            before = *cell;
            *cell = here;
            left = here;
        }
    }
    row.last()
        .is_some_and(|distance| *distance <= if name.len() < 4 { 1 } else { 2 })
}

fn branches<'s>(parser: &mut Parser<'s>, open: Tag<'s>, pieces: &mut Pieces<'s>) -> Option<(Node, bool)> {
    let negated = open.name == "unless";
    let (all, last): (&'static [&'static str], &'static [&'static str]) = if negated {
        (&["elsif", "else", "endunless"], &["endunless"])
    } else {
        (&["elsif", "else", "endif"], &["endif"])
    };
    let (mut branches, mut blank) = (Vec::new(), true);
    let (mut tag, mut otherwise) = (open, false);
    loop {
        let condition = if otherwise { None } else { condition(parser, tag) };
        if otherwise && !tag.body.is_empty() {
            parser
                .reader
                .fault(tag.body_at, "`else` takes no condition", "write `elsif`");
        }
        let ends = if otherwise { last } else { all };
        let block = parser.inside(open, pieces, ends);
        blank &= block.blank;
        if otherwise || condition.is_some() {
            branches.push((condition, block.nodes));
        }
        match block.end {
            Some(next) if matches!(next.name, "elsif" | "else") => {
                otherwise = next.name == "else";
                tag = next;
            }
            _ => break,
        }
    }
    if blank {
        branches.iter_mut().for_each(|(_, nodes)| without_spaces(nodes));
    }
    Some((Node::If { negated, branches }, blank))
}

fn condition(parser: &mut Parser<'_>, tag: Tag<'_>) -> Option<crate::tree::Condition> {
    let mut words = parser.reader.words(tag.body, tag.body_at)?;
    parser.reader.condition(&mut words)
}

fn case<'s>(parser: &mut Parser<'s>, open: Tag<'s>, pieces: &mut Pieces<'s>) -> Option<(Node, bool)> {
    let at = parser.reader.places.of(open.at);
    let subject = words(parser, open).and_then(|mut words| {
        let subject = parser.reader.expr(&mut words, 0)?;
        parser.reader.end(
            &words,
            "`case` takes one value, `when` the ones it is compared with",
        )?;
        Some(subject)
    });
    let ends: &'static [&'static str] = &["when", "else", "endcase"];
    let before = parser.inside(open, pieces, ends);
    let seen = before.nodes.iter().any(|node| match node {
        Node::Text(text) => !text.chars().all(crate::scan::white),
        _ => true,
    });
    if seen {
        parser.reader.fault(
            open.at,
            "between `case` and its first `when` nothing can stand",
            "move it before the `case`",
        );
    }
    let (mut branches, mut blank, mut end) = (Vec::new(), true, before.end);
    while let Some(tag) = end.filter(|tag| tag.name != "endcase") {
        let values = if tag.name == "when" {
            whens(parser, tag)
        } else {
            if !tag.body.is_empty() {
                parser
                    .reader
                    .fault(tag.body_at, "`else` takes no value", "write `when`");
            }
            None
        };
        let block = parser.inside(open, pieces, ends);
        blank &= block.blank;
        end = block.end;
        if tag.name == "else" || values.is_some() {
            branches.push((values, block.nodes));
        }
    }
    if blank {
        branches.iter_mut().for_each(|(_, nodes)| without_spaces(nodes));
    }
    Some((
        Node::Case {
            subject: subject?,
            branches,
            at,
        },
        blank,
    ))
}

fn whens(parser: &mut Parser<'_>, tag: Tag<'_>) -> Option<Vec<Expr>> {
    let mut words = words(parser, tag)?;
    let mut values = Vec::new();
    loop {
        values.push(parser.reader.expr(&mut words, 0)?);
        if !words.mark(",") && !words.word("or") {
            parser.reader.end(&words, "separate values with `,` or `or`")?;
            return Some(values);
        }
    }
}

fn words<'t>(parser: &mut Parser<'_>, tag: Tag<'t>) -> Option<Words<'t>> {
    parser.reader.words(tag.body, tag.body_at)
}

fn repeat<'s>(parser: &mut Parser<'s>, open: Tag<'s>, pieces: &mut Pieces<'s>) -> Option<(Node, bool)> {
    let head = head(parser, open);
    parser.looping += 1;
    let table = open.name == "tablerow";
    let mut body = if table {
        parser.inside(open, pieces, &["endtablerow"])
    } else {
        parser.inside(open, pieces, &["else", "endfor"])
    };
    parser.looping -= 1;
    let mut otherwise = Block {
        nodes: Vec::new(),
        blank: true,
        end: None,
    };
    if body.end.is_some_and(|end| end.name == "else") {
        otherwise = parser.inside(open, pieces, &["endfor"]);
    }
    let blank = !table && body.blank && otherwise.blank;
    if blank {
        without_spaces(&mut body.nodes);
        without_spaces(&mut otherwise.nodes);
    }
    let mut head = head?;
    (head.body, head.otherwise) = (body.nodes, otherwise.nodes);
    Some((Node::For(Box::new(head)), blank))
}

/// `item in list limit: 3 offset: 2 reversed`
fn head(parser: &mut Parser<'_>, tag: Tag<'_>) -> Option<For> {
    let mut words = parser.reader.words(tag.body, tag.body_at)?;
    let at = parser.reader.places.of(tag.at);
    let mend = format!("write `{{% {} item in list %}}`", tag.name);
    let variable = variable(parser, &mut words, &mend)?;
    if !words.word("in") {
        parser
            .reader
            .fault(words.at(), format!("`{}` needs `in`", tag.name), mend);
        return None;
    }
    let from = words.at();
    let over = parser.reader.expr(&mut words, 0)?;
    let name = parser.reader.names.get(variable).cloned().unwrap_or_default();
    let number = parser.loop_number(&format!("{name}-{}", words.written(from)));
    let mut head = For {
        variable,
        over,
        name: Arc::from(format!("{name}-{}", words.written(from))),
        number,
        reversed: false,
        limit: None,
        offset: Offset::None,
        table: (tag.name == "tablerow").then_some(None),
        body: Vec::new(),
        otherwise: Vec::new(),
        at,
    };
    while let Some(token) = words.peek() {
        let from = words.at();
        words.take();
        if token == Token::Mark(",") {
            continue;
        }
        let valued = words.mark(":");
        match (token, valued, &mut head.table) {
            (Token::Name("reversed"), false, None) => head.reversed = true,
            (Token::Name("limit"), true, _) => head.limit = Some(parser.reader.expr(&mut words, 0)?),
            (Token::Name("offset"), true, None) if words.word("continue") => head.offset = Offset::Continue,
            (Token::Name("offset"), true, _) => head.offset = Offset::By(parser.reader.expr(&mut words, 0)?),
            (Token::Name("cols"), true, Some(cols)) => *cols = Some(parser.reader.expr(&mut words, 0)?),
            (token, ..) => {
                parser.reader.fault(
                    from,
                    format!("{} is unknown to `{}`", shown(token), tag.name),
                    if head.table.is_some() {
                        "it takes `cols:`, `limit:` and `offset:`"
                    } else {
                        "it takes `limit:`, `offset:` and `reversed`"
                    },
                );
                return None;
            }
        }
    }
    Some(head)
}

fn variable(parser: &mut Parser<'_>, words: &mut Words<'_>, mend: &str) -> Option<Symbol> {
    let at = words.at();
    match words.take() {
        Some(Token::Name(name)) if !RESERVED.contains(&name) => Some(parser.reader.symbol(name)),
        Some(Token::Name(name)) => {
            parser.reader.fault(
                at,
                format!("`{name}` is a word of the language"),
                "choose another name",
            );
            None
        }
        _ => {
            parser.reader.fault(at, "the name of a variable is missing", mend);
            None
        }
    }
}

const RESERVED: [&str; 8] = [
    "nil",
    "null",
    "true",
    "false",
    "empty",
    "blank",
    "forloop",
    "tablerowloop",
];

fn assign(parser: &mut Parser<'_>, tag: Tag<'_>) -> Option<Node> {
    let mend = "write `{% assign name = value %}`";
    let mut words = parser.reader.words(tag.body, tag.body_at)?;
    let name = variable(parser, &mut words, mend)?;
    if !words.mark("=") {
        parser
            .reader
            .fault(words.at(), "`assign` needs `=` after the name", mend);
        return None;
    }
    let pipe = parser.reader.pipe(&mut words)?;
    Some(Node::Assign(name, pipe))
}

fn capture<'s>(parser: &mut Parser<'s>, open: Tag<'s>, pieces: &mut Pieces<'s>) -> Option<Node> {
    let mend = "write `{% capture name %}`";
    let name = parser
        .reader
        .words(open.body, open.body_at)
        .and_then(|mut words| {
            // Shopify also takes the name in quotes.
            let name = if let Some(Token::Text(name)) = words.peek() {
                words.take();
                Some(parser.reader.symbol(name))
            } else {
                variable(parser, &mut words, mend)
            };
            parser.reader.end(&words, mend)?;
            name
        });
    let looping = std::mem::take(&mut parser.looping);
    let block = parser.inside(open, pieces, &["endcapture"]);
    parser.looping = looping;
    Some(Node::Capture(name?, block.nodes))
}

fn count(parser: &mut Parser<'_>, tag: Tag<'_>) -> Option<Node> {
    let mend = "write the name of a counter";
    let mut words = parser.reader.words(tag.body, tag.body_at)?;
    let name = variable(parser, &mut words, mend)?;
    parser.reader.end(&words, mend)?;
    Some(Node::Count {
        name,
        up: tag.name == "increment",
    })
}

fn cycle(parser: &mut Parser<'_>, tag: Tag<'_>) -> Option<Node> {
    let mut words = parser.reader.words(tag.body, tag.body_at)?;
    let at = parser.reader.places.of(tag.at);
    let first = parser.reader.expr(&mut words, 0)?;
    let mut items = Vec::new();
    let group = if words.mark(":") {
        items.push(parser.reader.expr(&mut words, 0)?);
        Err(first)
    } else {
        items.push(first);
        Ok(Arc::from(tag.body))
    };
    while words.mark(",") {
        items.push(parser.reader.expr(&mut words, 0)?);
    }
    parser.reader.end(&words, "separate the values with `,`")?;
    Some(Node::Cycle {
        group,
        items,
        at,
        spot: Spot::Text,
    })
}

fn interrupt(parser: &mut Parser<'_>, tag: Tag<'_>) -> Option<Node> {
    if parser.looping == 0 {
        parser.reader.fault(
            tag.at,
            format!("`{}` stands in no loop", tag.name),
            "it belongs between `for` and `endfor`",
        );
        return None;
    }
    Some(if tag.name == "break" {
        Node::Break
    } else {
        Node::Continue
    })
}

/// `abort_message('reason')`, the reason a text as it is: it is read by the team and holds no value.
fn abort(parser: &mut Parser<'_>, tag: Tag<'_>) -> Option<Node> {
    let mend = "write `{% abort_message('why it is not sent') %}`";
    let inside = tag.body.strip_prefix('(').and_then(|body| body.strip_suffix(')'));
    if tag.body.is_empty() || inside.is_some_and(|inside| inside.trim().is_empty()) {
        return Some(Node::Abort(Arc::from("no reason given")));
    }
    let (body, at) = inside.map_or((tag.body, tag.body_at), |inside| (inside, tag.body_at + 1));
    let pipe = parser.pipe(body, at)?;
    match literal(&pipe) {
        Some(reason) => Some(Node::Abort(Arc::clone(reason))),
        None => {
            parser
                .reader
                .fault(tag.body_at, "the reason must be a text in quotes", mend);
            None
        }
    }
}
