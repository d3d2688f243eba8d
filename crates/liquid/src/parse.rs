//! Reads a template: its blocks, and what is wrong with them, all of it.
//!
//! Deliberately does not know: the insides of tags, which are `tags`' business.

use crate::expr::Reader;
use crate::fault::{Faults, Place};
use crate::how::Limits;
use crate::scan::{Piece, lines, scan, white};
use crate::tree::{Node, Pipe};
use crate::value::Value;
use crate::{context, tags};
use std::collections::HashMap;
use std::sync::Arc;

/// However deep is asked for: the stack of every thread holds this.
const DEEPEST: usize = 100;

/// What a template is when it is read.
pub(crate) struct Read {
    pub(crate) nodes: Vec<Node>,
    pub(crate) names: Vec<Arc<str>>,
    pub(crate) loops: usize,
    pub(crate) raw: Vec<Place>,
    pub(crate) html: Faults,
}

pub(crate) fn parse(source: &str, limits: &Limits) -> Result<Read, Faults> {
    let depth = limits.depth.min(DEEPEST);
    let mut reader = Reader::new(source, depth);
    if source.len() > limits.source {
        reader.fault(
            0,
            format!("the template is longer than {} bytes", limits.source),
            "shorten it, or make two of it",
        );
        return Err(reader.faults);
    }
    let pieces = scan(source, &reader.places, &mut reader.faults);
    let mut parser = Parser {
        reader,
        depth,
        deep: 0,
        open: Vec::new(),
        looping: 0,
        loop_numbers: HashMap::new(),
        tired: false,
    };
    let mut nodes = parser.block(&mut Pieces::new(pieces), &[]).nodes;
    let loops = parser.loop_numbers.len();
    let mut reader = parser.reader;
    if !reader.faults.is_empty() {
        reader.faults.settle();
        return Err(reader.faults);
    }
    let html = context::mark(&mut nodes);
    Ok(Read {
        nodes,
        names: reader.names,
        loops,
        raw: reader.raw,
        html,
    })
}

/// Pieces that are still to be read.
pub(crate) struct Pieces<'s> {
    pieces: std::vec::IntoIter<Piece<'s>>,
    /// A tag that another block met and that belongs to the one around it.
    again: Option<Piece<'s>>,
    /// The lines of a `liquid` tag: no text, no outputs.
    lines: bool,
}

impl<'s> Pieces<'s> {
    fn new(pieces: Vec<Piece<'s>>) -> Pieces<'s> {
        Pieces {
            pieces: pieces.into_iter(),
            again: None,
            lines: false,
        }
    }
}

/// A tag as it was found.
#[derive(Clone, Copy)]
pub(crate) struct Tag<'s> {
    pub(crate) name: &'s str,
    pub(crate) at: usize,
    pub(crate) body: &'s str,
    pub(crate) body_at: usize,
}

/// What stands between two tags of a block.
pub(crate) struct Block<'s> {
    pub(crate) nodes: Vec<Node>,
    /// Whether nothing of it is ever seen: white space, assignments.
    pub(crate) blank: bool,
    /// The tag that ended it; none at the end of the template.
    pub(crate) end: Option<Tag<'s>>,
}

/// What became of a tag.
pub(crate) enum Made {
    /// A node, and whether nothing of it is ever seen.
    Node(Node, bool),
    /// Nothing, or a fault that is put down.
    Nothing,
    /// A tag that does not belong here, and may belong to a block around.
    Stray,
}

pub(crate) struct Parser<'s> {
    pub(crate) reader: Reader<'s>,
    depth: usize,
    /// Blocks around.
    deep: usize,
    /// The ends and middles that the blocks around wait for.
    open: Vec<&'static [&'static str]>,
    /// Loops around.
    pub(crate) looping: usize,
    /// Loops by variable and collection.
    loop_numbers: HashMap<String, usize>,
    /// Too deep: the rest is not read.
    tired: bool,
}

impl<'s> Parser<'s> {
    /// Up to one of the tags that end it, or to the end.
    pub(crate) fn block(&mut self, pieces: &mut Pieces<'s>, ends: &'static [&'static str]) -> Block<'s> {
        let mut block = Block {
            nodes: Vec::new(),
            blank: true,
            end: None,
        };
        self.fill(&mut block, pieces, ends);
        block
    }

    fn fill(&mut self, block: &mut Block<'s>, pieces: &mut Pieces<'s>, ends: &'static [&'static str]) {
        while !self.tired {
            let Some(piece) = pieces.again.take().or_else(|| pieces.pieces.next()) else {
                return;
            };
            match piece {
                Piece::Text { text, .. } => {
                    block.blank &= text.chars().all(white);
                    if !text.is_empty() {
                        block.nodes.push(Node::Text(text.into()));
                    }
                }
                Piece::Output { body, at } => {
                    block.blank = false;
                    if let Some(pipe) = self.pipe(body, at) {
                        block.nodes.push(Node::Output(pipe, context::Spot::Text));
                    }
                }
                Piece::Tag {
                    name: "liquid",
                    body,
                    body_at,
                    ..
                } if !pieces.lines => {
                    let mut inner = Pieces::new(lines(body, body_at));
                    inner.lines = true;
                    let around = std::mem::take(&mut self.open);
                    self.fill(block, &mut inner, &[]);
                    self.open = around;
                }
                Piece::Tag {
                    name,
                    at,
                    body,
                    body_at,
                } => {
                    let tag = Tag {
                        name,
                        at,
                        body,
                        body_at,
                    };
                    if ends.contains(&name) {
                        block.end = Some(tag);
                        return;
                    }
                    match tags::tag(self, tag, pieces) {
                        Made::Node(node, blank) => {
                            block.blank &= blank;
                            block.nodes.push(node);
                        }
                        Made::Nothing => {}
                        Made::Stray if self.open.iter().any(|open| open.contains(&name)) => {
                            block.end = Some(tag);
                            return;
                        }
                        Made::Stray => self.stray(tag),
                    }
                }
            }
        }
    }

    /// A part of the block that `open` began. Nothing, with a fault, if the block is not closed.
    pub(crate) fn inside(
        &mut self,
        open: Tag<'s>,
        pieces: &mut Pieces<'s>,
        ends: &'static [&'static str],
    ) -> Block<'s> {
        self.deep += 1;
        if self.deep > self.depth {
            self.tired = true;
            self.reader.fault(
                open.at,
                format!("blocks are nested deeper than {} levels", self.depth),
                "close some before, or say it with `and`",
            );
        }
        self.open.push(ends);
        let mut block = self.block(pieces, ends);
        self.open.pop();
        self.deep -= 1;
        let foreign = block.end.filter(|end| !ends.contains(&end.name));
        if (block.end.is_none() || foreign.is_some()) && !self.tired {
            let close = ends.last().copied().unwrap_or_default();
            let mend = match foreign {
                Some(end) => {
                    let place = self.reader.places.of(end.at);
                    format!(
                        "write `{{% {close} %}}` before `{}` of line {}",
                        end.name, place.line
                    )
                }
                None => format!("write `{{% {close} %}}` where it ends"),
            };
            self.reader
                .fault(open.at, format!("`{}` is never closed", open.name), mend);
        }
        if let Some(end) = foreign {
            // It closes a block around this one; that one meets it again.
            let Tag {
                name,
                at,
                body,
                body_at,
            } = end;
            pieces.again = Some(Piece::Tag {
                name,
                at,
                body,
                body_at,
            });
            block.end = None;
        }
        block
    }

    /// A value with filters, from its text.
    pub(crate) fn pipe(&mut self, text: &str, at: usize) -> Option<Pipe> {
        let mut words = self.reader.words(text, at)?;
        self.reader.pipe(&mut words)
    }

    /// The same for loops of the same variable over the same collection: `offset: continue` goes on there.
    pub(crate) fn loop_number(&mut self, name: &str) -> usize {
        let next = self.loop_numbers.len();
        *self.loop_numbers.entry(name.to_owned()).or_insert(next)
    }

    fn stray(&mut self, tag: Tag<'s>) {
        let opener = match tag.name {
            "else" => "if",
            "elsif" => "if",
            "when" => "case",
            name => name.strip_prefix("end").unwrap_or(name),
        };
        self.reader.fault(
            tag.at,
            format!("`{}` belongs to no `{opener}`", tag.name),
            format!("write the `{opener}` before it, or take it out"),
        );
    }
}

/// White space of blocks of which nothing is ever seen is not written.
pub(crate) fn without_spaces(nodes: &mut Vec<Node>) {
    nodes.retain(|node| !matches!(node, Node::Text(_)));
}

/// A text that stands there as it is.
pub(crate) fn literal(pipe: &Pipe) -> Option<&Arc<str>> {
    match (&pipe.first, pipe.calls.is_empty()) {
        (crate::tree::Expr::Value(Value::Text(text)), true) => Some(text),
        _ => None,
    }
}
