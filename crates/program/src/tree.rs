//! YAML into a small tree in which everything knows its place.
//!
//! Only the plain part of YAML is taken: no anchors and aliases (they hide what is where, and a few lines of
//! them unfold into gigabytes), no tags, one document, text as keys. Scalars follow the core schema of YAML
//! 1.2, so `no` and `22:00` are texts.
//!
//! Deliberately does not know: what the files are about.

use crate::fault::{Mark, Sheet};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use std::collections::HashSet;

/// Longest file that is read, bytes.
pub const MAX_FILE: usize = 512 << 10;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 40;

/// A value and where it is.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Node {
    pub(crate) mark: Mark,
    pub(crate) value: Tree,
}

/// A value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Tree {
    /// Nothing, `null` or `~`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A finite number, and how it was written.
    Number(f64, String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A table, in the order of the file; no key twice.
    Map(Vec<(Key, Node)>),
}

/// A key of a table.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Key {
    pub(crate) mark: Mark,
    pub(crate) name: String,
}

impl Node {
    /// The value of that key of a table.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|(known, _)| known.name == key)
            .map(|(_, node)| node)
    }

    pub(crate) fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            Tree::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Tree::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self.value {
            Tree::Number(number, _) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn bool(&self) -> Option<bool> {
        match self.value {
            Tree::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// What it is, for people.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Tree::Null => "nothing",
            Tree::Bool(_) => "yes or no",
            Tree::Number(..) => "a number",
            Tree::Text(_) => "a text",
            Tree::List(_) => "a list",
            Tree::Map(_) => "a table",
        }
    }

    /// The same in JSON, as an editor's YAML reader makes it.
    pub(crate) fn json(&self) -> serde_json::Value {
        match &self.value {
            Tree::Null => serde_json::Value::Null,
            Tree::Bool(value) => (*value).into(),
            Tree::Number(number, _) if number.fract() == 0.0 && number.abs() < 9e15 => {
                serde_json::Value::from(*number as i64)
            }
            Tree::Number(number, _) => (*number).into(),
            Tree::Text(text) => text.as_str().into(),
            Tree::List(items) => items.iter().map(Node::json).collect(),
            Tree::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.name.clone(), node.json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

/// Reads one file; `None` if it is not YAML at all. Faults that leave the rest readable are put down and
/// the rest is read.
pub(crate) fn read(bytes: &[u8], sheet: &mut Sheet<'_>) -> Option<Node> {
    if bytes.len() > MAX_FILE {
        sheet.error(
            "too_long",
            Mark::START,
            format!("the file has {} bytes, more than {MAX_FILE}", bytes.len()),
            "split it",
        );
        return None;
    }
    let text = text(bytes, sheet)?;
    Reader {
        parser: Parser::new_from_str(text),
        sheet,
        ended: Mark::START,
    }
    .document()
}

/// The bytes as text.
pub(crate) fn text<'a>(bytes: &'a [u8], sheet: &mut Sheet<'_>) -> Option<&'a str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count();
            let column = before.rsplit(|byte| *byte == b'\n').next().map_or(0, |rest| {
                std::str::from_utf8(rest).map_or(0, |rest| rest.chars().count())
            });
            sheet.error(
                "not_utf8",
                mark(line + 1, column),
                "the file is no text in UTF-8",
                "save it as UTF-8",
            );
            None
        }
    }
}

fn mark(line: usize, column: usize) -> Mark {
    let fit = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Mark {
        line: fit(line.max(1)),
        column: fit(column.saturating_add(1)),
    }
}

fn at(marker: &Marker) -> Mark {
    mark(marker.line(), marker.col())
}

/// What is being put together: a list, or a table with the key that waits for its value.
enum Open {
    List(Vec<Node>),
    Map {
        entries: Vec<(Key, Node)>,
        known: HashSet<String>,
        /// `None`: a key comes next. The inner is `None` for a key that was refused.
        waiting: Option<Option<Key>>,
    },
}

struct Reader<'input, 'sheet, 'a> {
    parser: Parser<'input, saphyr_parser::StrInput<'input>>,
    sheet: &'sheet mut Sheet<'a>,
    ended: Mark,
}

impl<'input> Reader<'input, '_, '_> {
    fn next(&mut self) -> Option<(Event<'input>, Mark)> {
        match self.parser.next_event()? {
            Ok((event, span)) => {
                self.ended = at(&span.start);
                Some((event, self.ended))
            }
            Err(error) => {
                let message = format!("not YAML: {}", error.info().replace('\n', " "));
                self.sheet.error(
                    "syntax",
                    at(error.marker()),
                    message,
                    "look at the indentation and the quotes around here; the rest of the file was not read",
                );
                None
            }
        }
    }

    fn document(mut self) -> Option<Node> {
        let mut stack: Vec<(Mark, Open)> = Vec::new();
        let mut root: Option<Node> = None;
        loop {
            let (event, mark) = self.next()?;
            let done = match event {
                Event::StreamEnd => break,
                Event::Nothing | Event::StreamStart | Event::DocumentEnd => continue,
                Event::DocumentStart(_) if root.is_some() => {
                    self.sheet.error(
                        "two_documents",
                        mark,
                        "a second document begins here",
                        "keep one document a file; take out the `---`",
                    );
                    break;
                }
                Event::DocumentStart(_) => continue,
                Event::Alias(_) => {
                    self.sheet.error(
                        "alias",
                        mark,
                        "an alias (`*`) stands for something elsewhere",
                        "write out what it stands for",
                    );
                    Node {
                        mark,
                        value: Tree::Null,
                    }
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.plain_only(anchor, tag.is_some(), mark);
                    Node {
                        mark,
                        value: scalar(&text, style),
                    }
                }
                Event::SequenceStart(anchor, tag) => {
                    self.plain_only(anchor, tag.is_some(), mark);
                    self.deeper(&stack, mark)?;
                    stack.push((mark, Open::List(Vec::new())));
                    continue;
                }
                Event::MappingStart(anchor, tag) => {
                    self.plain_only(anchor, tag.is_some(), mark);
                    self.deeper(&stack, mark)?;
                    let open = Open::Map {
                        entries: Vec::new(),
                        known: HashSet::new(),
                        waiting: None,
                    };
                    stack.push((mark, open));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => match stack.pop()? {
                    (mark, Open::List(items)) => Node {
                        mark,
                        value: Tree::List(items),
                    },
                    (mark, Open::Map { entries, .. }) => Node {
                        mark,
                        value: Tree::Map(entries),
                    },
                },
            };
            match stack.last_mut() {
                None => root = root.or(Some(done)),
                Some((_, Open::List(items))) => items.push(done),
                Some((
                    _,
                    Open::Map {
                        entries,
                        known,
                        waiting,
                    },
                )) => match waiting.take() {
                    Some(Some(key)) => entries.push((key, done)),
                    Some(None) => {}
                    None => *waiting = Some(key(done, known, self.sheet)),
                },
            }
        }
        let root = root.unwrap_or(Node {
            mark: Mark::START,
            value: Tree::Null,
        });
        Some(root)
    }

    fn plain_only(&mut self, anchor: usize, tagged: bool, mark: Mark) {
        if anchor > 0 {
            self.sheet.error(
                "anchor",
                mark,
                "an anchor (`&`) is not taken",
                "take it out, and write out where it was used",
            );
        }
        if tagged {
            self.sheet.error(
                "tag",
                mark,
                "a tag (`!`) is not taken",
                "take it out; a text that looks like a number goes in quotes",
            );
        }
    }

    fn deeper(&mut self, stack: &[(Mark, Open)], mark: Mark) -> Option<()> {
        if stack.len() < MAX_DEPTH {
            return Some(());
        }
        self.sheet.error(
            "too_deep",
            mark,
            format!("nested more than {MAX_DEPTH} levels deep"),
            "name a part of it as a segment of its own; the rest of the file was not read",
        );
        None
    }
}

/// The key of an entry, unless it cannot be one or is there already.
fn key(node: Node, known: &mut HashSet<String>, sheet: &mut Sheet<'_>) -> Option<Key> {
    let name = match node.value {
        Tree::Text(name) | Tree::Number(_, name) => name,
        Tree::Bool(value) => value.to_string(),
        _ => {
            sheet.error(
                "key",
                node.mark,
                "a key must be a text",
                "write `name: value`; a text with `{` or `[` goes in quotes",
            );
            return None;
        }
    };
    if !known.insert(name.clone()) {
        sheet.error(
            "duplicate_key",
            node.mark,
            format!("`{}` is there twice", short(&name)),
            "keep one; the second would silently win or lose",
        );
        return None;
    }
    Some(Key {
        mark: node.mark,
        name,
    })
}

/// The core schema of YAML 1.2, for plain scalars. What is no finite number stays a text.
fn scalar(text: &str, style: ScalarStyle) -> Tree {
    if style != ScalarStyle::Plain {
        return Tree::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Tree::Null,
        "true" | "True" | "TRUE" => Tree::Bool(true),
        "false" | "False" | "FALSE" => Tree::Bool(false),
        _ => match number(text) {
            Some(number) => Tree::Number(number, text.to_owned()),
            None => Tree::Text(text.to_owned()),
        },
    }
}

fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let first = digits.bytes().next()?;
    let plain = (first.is_ascii_digit() || first == b'.')
        && digits.len() <= 40
        && digits
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    let number: f64 = plain.then(|| text.parse().ok()).flatten()?;
    number.is_finite().then_some(number)
}

/// A piece of somebody's text that fits into a message.
pub(crate) fn short(text: &str) -> String {
    const MOST: usize = 60;
    let clean: String = text
        .chars()
        .take(MOST)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if text.chars().nth(MOST).is_some() {
        format!("{clean}…")
    } else {
        clean
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::fault::Faults;

    fn faults(text: &[u8]) -> Vec<(&'static str, u32, u32)> {
        let mut faults = Faults::default();
        let mut sheet = Sheet {
            file: "a.yaml",
            faults: &mut faults,
        };
        read(text, &mut sheet);
        faults
            .iter()
            .map(|fault| (fault.code, fault.mark.line, fault.mark.column))
            .collect()
    }

    #[test]
    fn everything_knows_its_place_and_texts_stay_texts() {
        let mut faults = Faults::default();
        let mut sheet = Sheet {
            file: "a.yaml",
            faults: &mut faults,
        };
        let node = read(
            "a: no\nb:\n  - 22:00\n  - 1.5\n  - 'é'\nc: 2026-11-22\n".as_bytes(),
            &mut sheet,
        )
        .unwrap();
        assert_eq!(node.get("a").and_then(Node::text), Some("no"));
        assert_eq!(node.get("c").and_then(Node::text), Some("2026-11-22"));
        let list = node.get("b").unwrap();
        let marks: Vec<u32> = list.items().iter().map(|item| item.mark.line).collect();
        assert_eq!(marks, [3, 4, 5]);
        assert_eq!(list.items().first().and_then(Node::text), Some("22:00"));
        assert_eq!(list.items().get(1).and_then(Node::number), Some(1.5));
        assert!(faults.is_empty());
    }

    #[test]
    fn what_hides_or_unfolds_is_refused_with_its_place() {
        assert_eq!(faults(b"a: 1\nb: 2\na: 3\n"), [("duplicate_key", 3, 1)]);
        assert_eq!(faults(b"a: &x 1\nb: *x\n"), [("anchor", 1, 4), ("alias", 2, 4)]);
        assert_eq!(faults(b"a: !!int 1\n"), [("tag", 1, 4)]);
        assert_eq!(faults(b"a: 1\n---\nb: 1\n"), [("two_documents", 2, 1)]);
        assert_eq!(faults(b"? [a]\n: 1\n"), [("key", 1, 3)]);
        assert_eq!(faults(b"a: b\nc: \xff"), [("not_utf8", 2, 4)]);
        assert_eq!(faults("[".repeat(100).as_bytes()), [("too_deep", 1, 41)]);
        assert_eq!(faults(&vec![b' '; MAX_FILE + 1]), [("too_long", 1, 1)]);
        assert_eq!(faults(b"a: [1\nb: 2\n").len(), 1);
    }
}
