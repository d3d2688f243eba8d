//! The text of a message, made from its HTML: what a reader hears, who does not see pictures and boxes.
//!
//! Tables of mail are layout and vanish; links become `words <address>`, list items get a dash or a number,
//! headings a line of their own, and lines are wrapped at 76 columns. Works on rendered HTML, and as well
//! on a template with Liquid in it, of which nothing is changed or broken. No tag and no entity is left.
//! Deliberately does not know: style sheets, what the words mean.

mod entity;

use entity::decode;

/// Where lines are wrapped.
const WIDTH: usize = 76;
/// Lists within lists that are told apart.
const DEEPEST: usize = 8;
/// Elements whose content nobody reads.
const SILENT: [&str; 7] = ["head", "style", "script", "title", "noscript", "template", "svg"];
/// Elements that begin a line of their own.
const BLOCKS: [&str; 16] = [
    "div", "table", "tr", "tbody", "thead", "section", "article", "header", "footer", "nav", "main", "form",
    "dl", "dt", "dd", "figure",
];
/// Elements with an empty line around them.
const APART: [&str; 12] = [
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "blockquote",
    "pre",
    "hr",
];

/// The text of some HTML.
pub fn from_html(html: &str) -> String {
    let mut writer = Writer::default();
    let mut at = 0;
    while let Some(rest) = html.get(at..).filter(|rest| !rest.is_empty()) {
        at += writer.step(rest);
    }
    writer.finish()
}

#[derive(Default)]
struct Writer {
    out: String,
    /// The paragraph that is being read: words, and pieces of Liquid, with one space between.
    line: Vec<String>,
    /// Whether the next word stands apart from the one before.
    space: bool,
    /// Lists that are open: the number of the next item, or `None` for dashes.
    lists: Vec<Option<u32>>,
    /// What stands before the next line, such as `- `.
    bullet: String,
    /// Where the link that is open leads, and how many words were there before it.
    link: Option<(String, usize)>,
    /// Empty lines that are due.
    apart: bool,
    preformatted: bool,
}

impl Writer {
    /// Reads one thing; answers how long it is.
    fn step(&mut self, rest: &str) -> usize {
        if let Some(length) = liquid(rest) {
            self.liquid(rest.get(..length).unwrap_or_default());
            return length;
        }
        if rest.starts_with("<!--") {
            return rest.find("-->").map_or(rest.len(), |end| end + 3);
        }
        if let Some(tag) = Tag::read(rest) {
            let length = tag.length;
            if SILENT.contains(&tag.name.as_str()) && !tag.closes && !tag.empty {
                return length + skip(rest.get(length..).unwrap_or_default(), &tag.name);
            }
            self.tag(&tag);
            return length;
        }
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(at, c)| *c == '<' || (*c == '{' && liquid(rest.get(*at..).unwrap_or_default()).is_some()))
            .map_or(rest.len(), |(at, _)| at);
        self.text(&decode(rest.get(..end).unwrap_or_default()));
        end
    }

    fn liquid(&mut self, piece: &str) {
        self.push(piece);
    }

    fn text(&mut self, text: &str) {
        if self.preformatted {
            for (number, line) in text.split('\n').enumerate() {
                if number > 0 {
                    self.end_line();
                }
                self.line.push(line.trim_end().to_owned());
            }
            return;
        }
        // Invisible signs that fill the preview of a mailbox are nothing to read.
        let unseen = |c: char| ['\u{200b}', '\u{200c}', '\u{feff}', '\u{34f}', '\u{ad}'].contains(&c);
        let gap = |c: char| c.is_whitespace() || c == '\u{200d}' || unseen(c);
        // A space that does not break stands between words that belong together.
        let breaks = |c: char| c.is_whitespace() && c != '\u{a0}' && c != '\u{202f}';
        if text.starts_with(breaks) {
            self.space = true;
        }
        let mut first = true;
        for word in text.split(breaks).filter(|word| !word.chars().all(gap)) {
            if !std::mem::take(&mut first) {
                self.space = true;
            }
            self.push(&word.replace(unseen, ""));
        }
        if text.ends_with(breaks) {
            self.space = true;
        }
    }

    /// A word, joined to the one before unless there was a space.
    fn push(&mut self, word: &str) {
        let joined = !std::mem::take(&mut self.space);
        match self.line.last_mut() {
            Some(last) if joined => last.push_str(word),
            _ => self.line.push(word.to_owned()),
        }
    }

    fn tag(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            "br" => self.end_line(),
            "a" => self.link(tag),
            "img" => {
                if let Some(words) = tag.attribute("alt") {
                    self.text(&decode(&words));
                }
            }
            "ul" | "ol" => {
                self.end_line();
                if !tag.closes && self.lists.len() < DEEPEST {
                    self.apart |= self.lists.is_empty();
                    let start = tag
                        .attribute("start")
                        .and_then(|start| start.parse().ok())
                        .unwrap_or(1);
                    self.lists.push((tag.name == "ol").then_some(start));
                } else if tag.closes {
                    self.lists.pop();
                    self.apart |= self.lists.is_empty();
                }
            }
            "li" if !tag.closes => {
                self.end_line();
                let indent = "  ".repeat(self.lists.len().saturating_sub(1));
                self.bullet = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number = number.saturating_add(1);
                        format!("{indent}{}. ", number.saturating_sub(1))
                    }
                    _ => format!("{indent}- "),
                };
            }
            "li" => self.end_line(),
            "hr" => {
                self.end_line();
                self.apart = true;
                self.line.push("-".repeat(20));
                self.end_line();
                self.apart = true;
            }
            "td" | "th" => self.space = true,
            "pre" => {
                self.end_line();
                self.apart = true;
                self.preformatted = !tag.closes;
            }
            name if APART.contains(&name) => {
                self.end_line();
                self.apart = true;
            }
            name if BLOCKS.contains(&name) => self.end_line(),
            _ => {}
        }
    }

    fn link(&mut self, tag: &Tag) {
        if let Some((target, before)) = self.link.take() {
            let words = self
                .line
                .get(before.min(self.line.len())..)
                .unwrap_or_default()
                .join(" ");
            let shown = words.trim();
            // What already reads as its address is not said twice; a link around nothing is no link.
            let same = |text: &str| {
                text.trim_start_matches("https://")
                    .trim_start_matches("mailto:")
                    .trim_end_matches('/')
                    == shown
            };
            if !shown.is_empty() && !same(&target) && shown != target {
                self.space = true;
                self.push(&format!("<{}>", target.trim_start_matches("mailto:")));
            }
        }
        if !tag.closes
            && let Some(target) = tag.attribute("href")
        {
            let target = decode(target.trim());
            let script = target
                .get(..11)
                .is_some_and(|start| start.eq_ignore_ascii_case("javascript:"));
            if !target.is_empty() && !target.starts_with('#') && !script {
                // A word that the link is glued to counts with it: that is rare and harms nobody.
                let glued = usize::from(!self.space && !self.line.is_empty());
                self.link = Some((target, self.line.len() - glued));
            }
        }
    }

    /// Writes what was read, wrapped.
    fn end_line(&mut self) {
        self.space = false;
        let words = std::mem::take(&mut self.line);
        if words.iter().all(|word| word.is_empty()) && !self.preformatted {
            return;
        }
        if let Some((_, before)) = &mut self.link {
            *before = 0;
        }
        if std::mem::take(&mut self.apart) && !self.out.is_empty() {
            self.out.push('\n');
        }
        let bullet = std::mem::take(&mut self.bullet);
        let hang = " ".repeat(bullet.chars().count());
        let mut used = bullet.chars().count();
        self.out.push_str(&bullet);
        for (number, word) in words.iter().enumerate() {
            let width = word.chars().count();
            if number > 0 && used + 1 + width > WIDTH && !self.preformatted {
                self.out.push('\n');
                self.out.push_str(&hang);
                used = hang.len();
            } else if number > 0 {
                self.out.push(' ');
                used += 1;
            }
            self.out.push_str(word);
            used += width;
        }
        self.out.push('\n');
    }

    fn finish(mut self) -> String {
        self.link(&Tag {
            name: "a".to_owned(),
            closes: true,
            ..Tag::default()
        });
        self.end_line();
        self.out
    }
}

/// How long the Liquid is that starts here.
fn liquid(text: &str) -> Option<usize> {
    let end = match text.get(..2)? {
        "{{" => "}}",
        "{%" => "%}",
        _ => return None,
    };
    text.find(end).map(|at| at + 2)
}

/// How much there is until the element of that name is closed, with its end.
fn skip(text: &str, name: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("</")) {
        at += found;
        let rest = text.get(at..).unwrap_or_default();
        if let Some(tag) = Tag::read(rest)
            && tag.name == name
        {
            return at + tag.length;
        }
        at += 2;
    }
    text.len()
}

/// A tag: `<a href="x">`, `</p>`, `<br/>`.
#[derive(Default)]
struct Tag {
    name: String,
    closes: bool,
    empty: bool,
    length: usize,
    attributes: String,
}

impl Tag {
    /// The tag that starts here, if one does; `a < b` is none.
    fn read(text: &str) -> Option<Tag> {
        let inside = text.strip_prefix('<')?;
        if inside.starts_with('!') || inside.starts_with('?') {
            let length = text.find('>').map_or(text.len(), |end| end + 1);
            return Some(Tag {
                length,
                ..Tag::default()
            });
        }
        let closes = inside.starts_with('/');
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        if !inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let name_end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || "-:".contains(c)));
        let (name, attributes) = inside.split_at(name_end.unwrap_or(inside.len()));
        let (end, complete) = tag_end(attributes);
        let attributes = attributes.get(..end).unwrap_or_default();
        Some(Tag {
            name: name.to_ascii_lowercase(),
            closes,
            empty: attributes.ends_with('/'),
            length: 1 + usize::from(closes) + name.len() + end + usize::from(complete),
            attributes: attributes.to_owned(),
        })
    }

    /// The value of an attribute, with its entities.
    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes.as_str();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            if let Some(length) = liquid(rest) {
                rest = rest.get(length..)?;
                continue;
            }
            let end = rest
                .find(|c: char| c.is_whitespace() || c == '=')
                .unwrap_or(rest.len());
            let (name, after) =
                rest.split_at(end.max(rest.chars().next().map_or(1, char::len_utf8).min(rest.len())));
            let trimmed = after.trim_start();
            let Some(value) = trimmed.strip_prefix('=').map(str::trim_start) else {
                rest = after;
                continue;
            };
            let quote = value.chars().next().filter(|c| ['"', '\''].contains(c));
            let value = if quote.is_some() {
                value.get(1..).unwrap_or_default()
            } else {
                value
            };
            let end = value_end(value, quote);
            let (value, after) = value.split_at(end);
            if name.eq_ignore_ascii_case(wanted) {
                return Some(value.to_owned());
            }
            rest = if quote.is_some() {
                after.get(1..).unwrap_or_default()
            } else {
                after
            };
        }
    }
}

/// Where the tag ends whose attributes these are, and whether it does: not within quotes or Liquid.
fn tag_end(text: &str) -> (usize, bool) {
    let mut at = 0;
    let mut quote = None;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(length) = liquid(rest) {
            at += length;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        match (quote, c) {
            (None, '>') => return (at, true),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        at += c.len_utf8();
    }
    (text.len(), false)
}

fn value_end(text: &str, quote: Option<char>) -> usize {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(length) = liquid(rest) {
            at += length;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        let ends = match quote {
            Some(quote) => c == quote,
            None => c.is_whitespace(),
        };
        if ends {
            return at;
        }
        at += c.len_utf8();
    }
    text.len()
}
