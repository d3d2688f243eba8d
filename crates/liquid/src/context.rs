//! Where in an HTML text each value is written: text, an attribute, a link, a style, or a place where
//! escaping does not make it harmless. Found once, when the template is read.
//!
//! Deliberately does not know: values. What depends on them is asked of `link` and `style` when they are
//! written.

use crate::fault::{Faults, Place};
use crate::tree::{Expr, Node};
use std::collections::BTreeSet;

/// Where a value is written. Where several are possible, the strictest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Spot {
    /// Between tags, or in a comment.
    Text,
    /// In an attribute, between quotes.
    Attribute,
    /// In a `style`: only what can be a measure, a colour or a name.
    Style,
    /// In an attribute that holds an address, between these quotes.
    Link(u8),
}

/// Schemes that an address made from values may have.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];
/// Attributes that hold an address; `background-url` is MJML's.
const LINKS: [&str; 14] = [
    "href",
    "src",
    "action",
    "formaction",
    "background",
    "background-url",
    "poster",
    "cite",
    "data",
    "xlink:href",
    "srcset",
    "ping",
    "longdesc",
    "icon-src",
];
/// Steps of the search for each node; balanced HTML needs one.
const STEPS: usize = 40;

/// Whether an address written so far, escaped, may go on: its scheme is one of `http`, `https`, `mailto` and
/// `tel`, or it has none. White space and control characters count as browsers count them: not at all.
pub(crate) fn link(so_far: &str) -> bool {
    let mut scheme = String::new();
    for (at, letter) in so_far.char_indices() {
        match letter {
            '/' | '?' | '#' | '\\' => return true,
            '&' => return so_far.get(at..).is_some_and(|rest| rest.starts_with("&amp;")),
            ':' => return SCHEMES.contains(&scheme.as_str()),
            letter if letter <= ' ' => {}
            letter => scheme.push(letter.to_ascii_lowercase()),
        }
        // No scheme of the list is so long; a longer word before `:` is none of them.
        if scheme.len() > 64 {
            return !so_far.contains(':');
        }
    }
    true
}

/// Whether a value can be a measure, a colour or a name in a `style`.
pub(crate) fn style(value: &str) -> bool {
    value.chars().all(|letter| {
        letter.is_ascii_alphanumeric() || matches!(letter, '#' | '%' | '.' | ',' | '-' | '_' | ' ')
    })
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum State {
    Text,
    /// After `<`, and the name of the tag so far.
    Name(String),
    /// Between attributes, of a tag of this name.
    Tag(Element),
    /// In the name of an attribute.
    Attribute(Element, String),
    /// After the name, before `=`.
    After(Element, Kind),
    /// After `=`.
    Before(Element, Kind),
    Quoted(Element, Kind, u8, Phase),
    Bare(Element),
    Comment,
    /// In a `script` or a `style`, up to its end; with what was seen of the end.
    Inside(Element, String),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Element {
    Script,
    Style,
    MjStyle,
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    Plain,
    Link,
    Style,
    Code,
}

/// How far the scheme of an address is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Phase {
    Open,
    /// A value was written, and its scheme may end in the text after it.
    Valued,
    Known,
}

type States = BTreeSet<State>;

/// Puts down where each value is written. What cannot be made harmless is a fault, for HTML alone.
pub(crate) fn mark(nodes: &mut [Node]) -> Faults {
    let mut search = Search {
        faults: Faults::default(),
        steps: count(nodes).saturating_mul(STEPS).saturating_add(1_000),
        last: Place { line: 1, column: 1 },
    };
    search.nodes(nodes, States::from([State::Text]));
    if search.steps == 0 {
        search.faults.add(
            search.last,
            "it cannot be seen where values stand in this HTML",
            "close tags and quotes in the same block in which they are opened",
        );
    }
    search.faults.settle();
    search.faults
}

fn count(nodes: &[Node]) -> usize {
    let inside: usize = nodes
        .iter()
        .map(|node| match node {
            Node::If { branches, .. } => branches.iter().map(|(_, nodes)| count(nodes)).sum(),
            Node::Case { branches, .. } => branches.iter().map(|(_, nodes)| count(nodes)).sum(),
            Node::For(repeat) => count(&repeat.body) + count(&repeat.otherwise),
            Node::Capture(_, nodes) => count(nodes),
            // Long texts count for their letters.
            Node::Text(text) => text.len() / 16,
            _ => 0,
        })
        .sum();
    inside + nodes.len()
}

struct Search {
    faults: Faults,
    steps: usize,
    /// The last value met.
    last: Place,
}

impl Search {
    fn nodes(&mut self, nodes: &mut [Node], mut states: States) -> States {
        for node in nodes {
            self.steps = self.steps.saturating_sub(1);
            if self.steps == 0 {
                break;
            }
            states = self.node(node, states);
        }
        states
    }

    fn node(&mut self, node: &mut Node, states: States) -> States {
        match node {
            Node::Text(text) => {
                self.steps = self.steps.saturating_sub(text.len() / 16 * states.len());
                let text: &str = text;
                states.into_iter().map(|state| self.text(state, text)).collect()
            }
            Node::Output(pipe, spot) => {
                self.last = pipe.at;
                self.value(states, spot)
            }
            Node::Cycle { items, at, spot, .. } => {
                self.last = *at;
                let fixed = items.iter().all(|item| matches!(item, Expr::Value(_)));
                if fixed { states } else { self.value(states, spot) }
            }
            Node::If { branches, .. } => {
                let otherwise = branches.iter().any(|(condition, _)| condition.is_none());
                let mut after = if otherwise { States::new() } else { states.clone() };
                for (_, nodes) in branches {
                    after.extend(self.nodes(nodes, states.clone()));
                }
                after
            }
            Node::Case { branches, .. } => {
                let mut after = states;
                for (_, nodes) in branches {
                    // Several branches may be written, one after the other.
                    after.extend(self.nodes(nodes, after.clone()));
                }
                after
            }
            Node::For(repeat) => {
                let mut after = states;
                loop {
                    let more = self.nodes(&mut repeat.body, after.clone());
                    let before = after.len();
                    after.extend(more);
                    if after.len() == before || self.steps == 0 {
                        break;
                    }
                }
                after.extend(self.nodes(&mut repeat.otherwise, after.clone()));
                after
            }
            Node::Capture(_, nodes) => {
                self.nodes(nodes, States::from([State::Text]));
                states
            }
            _ => states,
        }
    }

    fn value(&mut self, states: States, spot: &mut Spot) -> States {
        let at = self.last;
        let mut refuse = |what: &str, mend: &str| self.faults.add(at, what, mend);
        let mut after = States::new();
        for state in states {
            let (here, next) = match state {
                State::Text | State::Comment => (Spot::Text, state),
                State::Quoted(_, Kind::Plain, ..) => (Spot::Attribute, state),
                State::Quoted(_, Kind::Style, ..) | State::Inside(Element::Style | Element::MjStyle, _) => {
                    (Spot::Style, state)
                }
                State::Quoted(element, Kind::Link, quote, phase) => {
                    let phase = if phase == Phase::Known {
                        phase
                    } else {
                        Phase::Valued
                    };
                    (
                        Spot::Link(quote),
                        State::Quoted(element, Kind::Link, quote, phase),
                    )
                }
                State::Quoted(_, Kind::Code, ..) | State::Inside(..) => {
                    refuse(
                        "a value inside a script would be run",
                        "write it as text, or in a `data-` attribute",
                    );
                    (Spot::Text, state)
                }
                State::Before(element, _) | State::Bare(element) => {
                    refuse(
                        "a value in an attribute without quotes could become another attribute",
                        "write quotes around it",
                    );
                    (Spot::Text, State::Bare(element))
                }
                State::Name(_) | State::Tag(_) | State::Attribute(..) | State::After(..) => {
                    refuse(
                        "a value cannot make a tag or the name of an attribute",
                        "write the tag out, and values between quotes or tags",
                    );
                    (Spot::Text, state)
                }
            };
            *spot = here.max(*spot);
            after.insert(next);
        }
        after
    }

    fn text(&mut self, mut state: State, text: &str) -> State {
        let mut rest = text;
        while let Some(byte) = rest.bytes().next() {
            // The two states in which most letters are.
            let skip = match &state {
                State::Text => rest.find('<').unwrap_or(rest.len()),
                State::Comment => rest.find("-->").map_or(rest.len(), |at| at + 2),
                _ => 0,
            };
            if skip > 0 {
                rest = rest.get(skip..).unwrap_or_default();
                if state == State::Comment && rest.starts_with('>') {
                    state = State::Text;
                    rest = rest.get(1..).unwrap_or_default();
                }
                continue;
            }
            state = self.letter(state, byte, rest);
            let length = rest.chars().next().map_or(1, char::len_utf8);
            rest = rest.get(length..).unwrap_or_default();
        }
        state
    }

    fn letter(&mut self, state: State, byte: u8, rest: &str) -> State {
        let space = byte.is_ascii_whitespace();
        match state {
            // What a conditional comment holds is read by Outlook, so it is read here.
            State::Text if rest.starts_with("<!--") && !rest.starts_with("<!--[if") => State::Comment,
            State::Text => State::Name(String::new()),
            State::Comment => State::Comment,
            State::Name(name) => match byte {
                b'>' => inside(element(&name)),
                _ if name.is_empty() && (space || byte == b'<') => State::Text,
                b'/' if name.is_empty() => State::Name("/".to_owned()),
                _ if space || byte == b'/' => State::Tag(element(&name)),
                _ => State::Name(grown(name, byte)),
            },
            State::Tag(element) => match byte {
                b'>' => inside(element),
                b'/' => State::Tag(element),
                _ if space => State::Tag(element),
                _ => State::Attribute(element, grown(String::new(), byte)),
            },
            State::Attribute(element, name) => match byte {
                b'>' => inside(element),
                b'=' => State::Before(element, kind(&name)),
                b'/' => State::Tag(element),
                _ if space => State::After(element, kind(&name)),
                _ => State::Attribute(element, grown(name, byte)),
            },
            State::After(element, kind) => match byte {
                b'>' => inside(element),
                b'=' => State::Before(element, kind),
                b'/' => State::Tag(element),
                _ if space => State::After(element, kind),
                _ => State::Attribute(element, grown(String::new(), byte)),
            },
            State::Before(element, kind) => match byte {
                b'"' | b'\'' => State::Quoted(element, kind, byte, Phase::Open),
                b'>' => inside(element),
                _ if space => State::Before(element, kind),
                _ => State::Bare(element),
            },
            State::Bare(element) => match byte {
                b'>' => inside(element),
                _ if space => State::Tag(element),
                _ => State::Bare(element),
            },
            State::Quoted(element, _, quote, _) if byte == quote => State::Tag(element),
            State::Quoted(element, Kind::Link, quote, phase) => {
                let phase = match (phase, byte) {
                    (Phase::Valued, b':') => {
                        self.faults.add(
                            self.last,
                            "a value before `:` would choose what kind of address this is",
                            "write the beginning out, such as `https://`",
                        );
                        Phase::Known
                    }
                    (_, b':' | b'/' | b'?' | b'#') => Phase::Known,
                    (phase, _) => phase,
                };
                State::Quoted(element, Kind::Link, quote, phase)
            }
            State::Quoted(..) => state,
            State::Inside(element, mut seen) => {
                let end = match element {
                    Element::Script => "</script",
                    Element::MjStyle => "</mj-style",
                    _ => "</style",
                };
                let next = byte.to_ascii_lowercase() as char;
                seen = if end.starts_with(&format!("{seen}{next}")) {
                    format!("{seen}{next}")
                } else if next == '<' {
                    "<".to_owned()
                } else {
                    String::new()
                };
                if seen == end {
                    State::Tag(Element::Other)
                } else {
                    State::Inside(element, seen)
                }
            }
        }
    }
}

/// The names that matter are short.
fn grown(mut name: String, byte: u8) -> String {
    if name.len() < 16 {
        name.push(byte.to_ascii_lowercase() as char);
    }
    name
}

fn element(name: &str) -> Element {
    match name {
        "script" => Element::Script,
        "style" => Element::Style,
        "mj-style" => Element::MjStyle,
        _ => Element::Other,
    }
}

fn inside(element: Element) -> State {
    match element {
        Element::Other => State::Text,
        element => State::Inside(element, String::new()),
    }
}

fn kind(name: &str) -> Kind {
    match name {
        "style" => Kind::Style,
        "srcdoc" => Kind::Code,
        name if name.starts_with("on") => Kind::Code,
        name if LINKS.contains(&name) => Kind::Link,
        _ => Kind::Plain,
    }
}
