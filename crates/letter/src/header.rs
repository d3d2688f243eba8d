//! Header fields: written so that no value can end its line, in lines of at most 76 characters where the
//! value can be folded, with RFC 2047 words for what is not ASCII.
//!
//! Deliberately does not know: which headers a message has.

use crate::address::Mailbox;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Where lines are folded (RFC 5322, section 2.1.1 recommends 78 with the line's end).
const LINE: usize = 76;
/// Longest encoded word (RFC 2047, section 2).
const WORD: usize = 75;
/// `=?UTF-8?Q?` and `?=`.
const FRAME: usize = 12;

/// The fields of one message, one after the other, each with its line end.
#[derive(Default)]
pub(crate) struct Headers {
    pub(crate) text: String,
}

impl Headers {
    /// An unstructured field, such as `Subject`: any text.
    pub(crate) fn words(&mut self, name: &str, value: &str) {
        let value = plain(value);
        self.open(name);
        let room = LINE.saturating_sub(name.len() + 2);
        if value.is_ascii()
            && !value.contains("=?")
            && value.split(' ').all(|word| word.len() <= room.min(60))
        {
            self.parts(name.len() + 2, value.split(' '));
        } else {
            self.encoded(name.len() + 1, &value);
        }
        self.close();
    }

    /// A field of one mailbox, such as `From`.
    pub(crate) fn mailbox(&mut self, name: &str, mailbox: &Mailbox) {
        self.open(name);
        let mut used = name.len() + 1;
        let address = mailbox.address.to_string();
        let Some(shown) = mailbox.name() else {
            self.text.push(' ');
            self.text.push_str(&address);
            return self.close();
        };
        used = self.phrase(used, shown);
        self.text.push_str(if used + address.len() + 3 > LINE {
            "\r\n <"
        } else {
            " <"
        });
        self.text.push_str(&address);
        self.text.push('>');
        self.close();
    }

    /// `List-ID: name <id>` (RFC 2919, section 3).
    pub(crate) fn list_id(&mut self, field: &str, name: &str, id: &str) {
        self.open(field);
        let mut used = field.len() + 1;
        if !name.is_empty() {
            used = self.phrase(used, name);
        }
        self.text.push_str(if used + id.len() + 3 > LINE {
            "\r\n <"
        } else {
            " <"
        });
        self.text.push_str(id);
        self.text.push('>');
        self.close();
    }

    /// A structured field whose parts hold no space and no control character: they are the crate's own or were
    /// checked. Folded between parts.
    pub(crate) fn tokens<'t>(&mut self, name: &str, parts: impl IntoIterator<Item = &'t str>) {
        self.open(name);
        self.parts(name.len() + 2, parts);
        self.close();
    }

    /// A name before an address; answers how much of the last line is used.
    fn phrase(&mut self, before: usize, shown: &str) -> usize {
        let atoms = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~ ".contains(c);
        if !shown.is_ascii() || shown.contains("=?") || shown.len() > 50 {
            return self.encoded(before, shown);
        }
        self.text.push(' ');
        let start = self.text.len();
        match shown.chars().all(atoms) && !shown.contains("  ") {
            true => self.text.push_str(shown),
            false => quoted(&mut self.text, shown),
        }
        before + 1 + self.text.len() - start
    }

    fn open(&mut self, name: &str) {
        self.text.push_str(name);
        self.text.push(':');
    }

    fn close(&mut self) {
        self.text.push_str("\r\n");
    }

    fn parts<'t>(&mut self, before: usize, parts: impl IntoIterator<Item = &'t str>) {
        let mut used = before;
        for (number, part) in parts.into_iter().enumerate() {
            if number > 0 && used + 1 + part.len() > LINE {
                self.text.push_str("\r\n ");
                used = 1 + part.len();
            } else {
                self.text.push(' ');
                used += 1 + part.len();
            }
            self.text.push_str(part);
        }
    }

    /// Encoded words; answers how much of the last line is used.
    fn encoded(&mut self, before: usize, value: &str) -> usize {
        let q_length: usize = value.bytes().map(|byte| if q_plain(byte) { 1 } else { 3 }).sum();
        let q = q_length <= value.len().div_ceil(3) * 4;
        let mut used = before;
        let mut rest = value;
        while !rest.is_empty() {
            // A word of its own line where hardly anything would fit.
            let room = match LINE.saturating_sub(used + 1) {
                room if room < 30 => {
                    self.text.push_str("\r\n");
                    used = 0;
                    WORD
                }
                room => room.min(WORD),
            };
            let (word, after) = rest.split_at(fitting(rest, room - FRAME, q));
            self.text.push_str(if q { " =?UTF-8?Q?" } else { " =?UTF-8?B?" });
            let start = self.text.len();
            if q {
                word.bytes().for_each(|byte| q_push(&mut self.text, byte));
            } else {
                STANDARD.encode_string(word, &mut self.text);
            }
            used += 1 + FRAME + self.text.len() - start;
            self.text.push_str("?=");
            rest = after;
        }
        used
    }
}

/// The text in one line: control characters and line ends become one space, no space at either end.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        // The separators of Unicode end lines for some readers too.
        if c.is_control() || c == '\u{2028}' || c == '\u{2029}' {
            if !plain.ends_with(' ') {
                plain.push(' ');
            }
        } else {
            plain.push(c);
        }
    }
    let trimmed = plain.trim_matches(' ');
    if trimmed.len() == plain.len() {
        plain
    } else {
        trimmed.to_owned()
    }
}

/// How many bytes of the text fit in so much room, at least one character.
fn fitting(text: &str, room: usize, q: bool) -> usize {
    let mut end = 0;
    let mut used = 0;
    for c in text.chars() {
        let mut buffer = [0; 4];
        let bytes = c.encode_utf8(&mut buffer).bytes();
        let cost = |byte| if q_plain(byte) { 1 } else { 3 };
        let next = if q {
            used + bytes.map(cost).sum::<usize>()
        } else {
            used + c.len_utf8()
        };
        let length = if q { next } else { next.div_ceil(3) * 4 };
        if length > room && end > 0 {
            break;
        }
        used = next;
        end += c.len_utf8();
    }
    end
}

/// What may stand as it is in a word of a phrase (RFC 2047, section 5(3)), and the space, which becomes `_`.
fn q_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!*+-/ ".contains(&byte)
}

fn q_push(text: &mut String, byte: u8) {
    match byte {
        b' ' => text.push('_'),
        _ if q_plain(byte) => text.push(char::from(byte)),
        _ => hex(text, byte),
    }
}

/// `=` and two digits.
pub(crate) fn hex(text: &mut String, byte: u8) {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).map_or('0', |c| c.to_ascii_uppercase());
    text.push('=');
    text.push(digit(byte >> 4));
    text.push(digit(byte & 15));
}

fn quoted(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        if c == '"' || c == '\\' {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
}
