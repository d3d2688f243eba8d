//! From a template's file to its words: MJML, HTML or plain text, with Liquid in it. Values put in are holes,
//! both branches of a condition are read, and every letter keeps its place in the file.
//!
//! Deliberately does not know: what the template would say to anybody, whether its markup is valid.

mod markup;

use crate::claim::Kind;
use crate::text::{Block, Bound, HOLE, Look, Origin, Role, Text};
use markup::{Tag, entity, tag};
use vocabulary::{Channel, Language};

/// What is known of a message besides its words.
#[derive(Clone, Debug)]
pub struct Head {
    /// The language it is written in.
    pub language: Language,
    /// How it reaches the person.
    pub channel: Channel,
    /// Whether it is advertising.
    pub marketing: bool,
    /// What its words claim, each bound to a fact.
    pub bound: Vec<Bound>,
}

/// A file, or a subject, as it is written.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// MJML or HTML.
    Markup(&'a str),
    /// Plain text.
    Plain(&'a str),
}

/// The message that a subject and a body make.
pub fn read(head: &Head, subject: Option<&str>, body: Source<'_>) -> Text {
    let subject = subject.map(|subject| {
        let mut reader = Reader::new(subject, false);
        reader.whole();
        let mut whole = Block::default();
        for block in reader.blocks {
            whole.words.push_str(&block.words);
            whole.origin.extend(block.origin);
            whole.target.push_str(&block.target);
        }
        whole
    });
    let mut reader = match body {
        Source::Markup(text) => Reader::new(text, true),
        Source::Plain(text) => Reader::new(text, false),
    };
    reader.whole();
    Text {
        language: head.language,
        channel: head.channel,
        marketing: head.marketing,
        subject,
        blocks: reader.blocks,
        bound: head.bound.clone(),
    }
}

struct Open {
    name: String,
    look: Look,
    /// A choice within words: its words stand in its own piece, too.
    choice: Option<Block>,
}

struct Reader<'a> {
    text: &'a str,
    markup: bool,
    at: usize,
    blocks: Vec<Block>,
    now: Block,
    open: Vec<Open>,
    /// A bit for each claim, of every `if` that is open.
    guards: Vec<u8>,
    /// A box waits for its words.
    ticked: Option<bool>,
    /// The bit of the claim whose value is being put in.
    prints: u8,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, markup: bool) -> Reader<'a> {
        Reader {
            text,
            markup,
            at: 0,
            blocks: Vec::new(),
            now: Block::default(),
            open: Vec::new(),
            guards: Vec::new(),
            ticked: None,
            prints: 0,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn whole(&mut self) {
        while let Some(letter) = self.rest().chars().next() {
            let rest = self.rest();
            if rest.starts_with("{{") {
                self.hole();
            } else if rest.starts_with("{%") {
                self.liquid();
            } else if self.markup && rest.starts_with("<!--") {
                self.skip_to("-->");
            } else if self.markup && letter == '<' {
                match tag(rest) {
                    Some(found) => {
                        self.at += found.length;
                        self.tag(&found);
                    }
                    None => self.letter(letter, 1),
                }
            } else if self.markup && letter == '&' {
                let (letter, length) = entity(rest).unwrap_or(('&', 1));
                self.letter(letter, length);
            } else if !self.markup && letter == '\n' {
                self.at += 1;
                let now = self.now.words.trim_start();
                let answer = now.len() < LONGEST_LINE && answers(now);
                let choice = answer || now.starts_with(['[', '☐', '☑', '☒', '>']);
                let next = self.rest().trim_start_matches([' ', '\t', '\r']);
                let signs = ['\n', '[', '☐', '☑', '☒', '>', '-', '•', '→', '*', '('];
                if choice || next.is_empty() || next.starts_with(signs) || answers(next) {
                    self.end();
                } else {
                    self.push(' ', self.at - 1);
                }
            } else {
                self.letter(letter, letter.len_utf8());
            }
        }
        self.end();
    }

    fn letter(&mut self, letter: char, length: usize) {
        let letter = if self.markup && letter == '\n' {
            ' '
        } else {
            letter
        };
        self.push(letter, self.at);
        self.at += length;
    }

    fn push(&mut self, letter: char, at: usize) {
        let guards = self.guards.iter().fold(0, |all, one| all | one);
        let origin = Origin {
            at: u32::try_from(at).unwrap_or(u32::MAX),
            guards,
            prints: self.prints,
        };
        let choices = self.open.iter_mut().filter_map(|open| open.choice.as_mut());
        for block in choices.chain([&mut self.now]) {
            block.words.push(letter);
            block
                .origin
                .extend(std::iter::repeat_n(origin, letter.len_utf8()));
        }
    }

    /// Ends the piece of running words.
    fn end(&mut self) {
        let mut block = std::mem::take(&mut self.now);
        if block.words.trim().is_empty() {
            return;
        }
        let look = self.look();
        block.look = look;
        let inside = |names: &[&str]| self.open.iter().any(|open| names.contains(&open.name.as_str()));
        block.role = match self.ticked.take() {
            Some(ticked) => Role::Checkbox { ticked },
            None if inside(&["h1", "h2", "h3", "h4"]) => Role::Heading,
            None => Role::Paragraph,
        };
        if !self.markup {
            plain_role(&mut block);
        }
        self.blocks.push(block);
    }

    fn look(&self) -> Look {
        self.open.last().map(|open| open.look).unwrap_or_default()
    }

    fn hole(&mut self) {
        let begin = self.at;
        let inner = self.rest().get(2..).and_then(|rest| rest.split_once("}}"));
        match inner {
            Some((inner, _)) => {
                let kind = inner.trim().strip_prefix("claims.").and_then(|path| {
                    let end = path.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                    Kind::of(path.get(..end.unwrap_or(path.len()))?)
                });
                self.prints = kind.map_or(0, Kind::bit);
                self.push(HOLE, begin);
                self.prints = 0;
                self.now.target.push_str(inner.trim());
                self.now.target.push(' ');
                self.at += inner.len() + 4;
            }
            None => self.letter('{', 1),
        }
    }

    fn liquid(&mut self) {
        let Some((inner, _)) = self.rest().get(2..).and_then(|rest| rest.split_once("%}")) else {
            self.letter('{', 1);
            return;
        };
        self.at += inner.len() + 4;
        let inner = inner.trim_matches(['-', ' ', '\n', '\t']);
        let mut words = inner.split_whitespace();
        match words.next().unwrap_or_default() {
            "if" => {
                let condition: Vec<&str> = words.collect();
                self.guards.push(guard(&condition));
            }
            "unless" | "case" | "for" => self.guards.push(0),
            "elsif" => {
                self.push(' ', self.at.saturating_sub(1));
                let condition: Vec<&str> = words.collect();
                if let Some(last) = self.guards.last_mut() {
                    *last = guard(&condition);
                }
            }
            "else" | "when" => {
                self.push(' ', self.at.saturating_sub(1));
                if let Some(last) = self.guards.last_mut() {
                    *last = 0;
                }
            }
            "endif" | "endunless" | "endcase" | "endfor" => drop(self.guards.pop()),
            "comment" => self.skip_past("endcomment"),
            _ => {}
        }
    }

    fn skip_to(&mut self, end: &str) {
        self.at += self
            .rest()
            .find(end)
            .map_or(self.rest().len(), |at| at + end.len());
    }

    fn skip_past(&mut self, end: &str) {
        self.skip_to(end);
        self.skip_to("%}");
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        if matches!(name, "style" | "script" | "mj-style" | "mj-attributes") && !tag.closes && !tag.empty {
            self.skip_to(&format!("</{}", tag.name));
            self.skip_to(">");
            return;
        }
        let within = matches!(
            name,
            "a" | "b" | "strong" | "em" | "i" | "u" | "span" | "small" | "font" | "big" | "sup" | "label"
        );
        if !within && name != "input" {
            match name {
                "br" => self.push(' ', self.at),
                _ => self.end(),
            }
        }
        if tag.closes {
            self.close(name);
            return;
        }
        match name {
            "img" | "mj-image" => {
                let words = tag.get("alt").unwrap_or_default();
                let at = Origin {
                    at: u32::try_from(self.at.saturating_sub(1)).unwrap_or(u32::MAX),
                    guards: 0,
                    prints: 0,
                };
                self.blocks.push(Block {
                    role: Role::Picture,
                    origin: vec![at; words.len()],
                    words: words.to_owned(),
                    look: Look::default(),
                    target: tag.get("src").unwrap_or_default().to_owned(),
                });
            }
            "input" => match tag.get("type") {
                Some("checkbox" | "radio") => self.ticked = Some(tag.has("checked")),
                Some("submit" | "button") => {
                    let words = tag.get("value").unwrap_or_default();
                    let at = Origin {
                        at: u32::try_from(self.at.saturating_sub(1)).unwrap_or(u32::MAX),
                        guards: 0,
                        prints: 0,
                    };
                    let look = tag.look(self.look());
                    self.blocks.push(Block {
                        role: Role::Button,
                        origin: vec![at; words.len()],
                        words: words.to_owned(),
                        look,
                        target: String::new(),
                    });
                }
                _ => {}
            },
            _ => {}
        }
        if tag.empty || matches!(name, "img" | "br" | "hr" | "input" | "meta" | "link") {
            return;
        }
        let look = tag.look(self.look());
        let button = matches!(name, "mj-button" | "button")
            || (name == "a"
                && (tag
                    .get("class")
                    .is_some_and(|class| class.contains("btn") || class.contains("button"))
                    || tag.paints()));
        let choice = match name {
            _ if button => Some(Role::Button),
            "a" => Some(Role::Link),
            _ => None,
        };
        let choice = choice.map(|role| Block {
            role,
            look,
            target: tag.get("href").unwrap_or_default().to_owned(),
            ..Block::default()
        });
        self.open.push(Open {
            name: tag.name.clone(),
            look,
            choice,
        });
    }

    fn close(&mut self, name: &str) {
        let Some(at) = self.open.iter().rposition(|open| open.name == name) else {
            return;
        };
        for open in self.open.drain(at..) {
            if let Some(choice) = open.choice
                && !choice.words.trim().is_empty()
            {
                self.blocks.push(choice);
            }
        }
    }
}

/// Claims that must hold where the condition is true: `claims.urgency`, alone or joined by `and`.
fn guard(condition: &[&str]) -> u8 {
    if condition.iter().any(|word| matches!(*word, "or" | "!=")) {
        return 0;
    }
    let kinds = condition
        .iter()
        .filter_map(|word| Kind::of(word.strip_prefix("claims.")?.split('.').next()?));
    match condition.contains(&"==") {
        true => 0,
        false => kinds.fold(0, |all, kind| all | kind.bit()),
    }
}

/// A line of more bytes is broken because it is long, not because it ends.
const LONGEST_LINE: usize = 66;

/// Whether a line says yes or no before anything else.
fn answers(line: &str) -> bool {
    let first = line.split(|letter: char| !letter.is_alphabetic()).next();
    first.is_some_and(|first| {
        let said = ["yes", "no", "nope", "nah", "oui", "non"];
        said.iter().any(|said| first.eq_ignore_ascii_case(said))
    })
}

/// What a line of plain text is: `[Words]` is pressed, `[x]` and `☑` are ticked.
fn plain_role(block: &mut Block) {
    let words = block.words.trim();
    block.role = if words.starts_with("[x]") || words.starts_with("[X]") || words.starts_with(['☑', '☒'])
    {
        Role::Checkbox { ticked: true }
    } else if words.starts_with("[ ]") || words.starts_with('☐') {
        Role::Checkbox { ticked: false }
    } else if (words.starts_with('[') && words.ends_with(']')) || words.starts_with('>') {
        Role::Button
    } else {
        Role::Paragraph
    };
}
