//! Bodies: text made fit for lines of 76 characters, by quoted-printable or base64, whichever is shorter
//! (RFC 2045, sections 6.7 and 6.8).
//!
//! Deliberately does not know: what the text is.

use crate::header::hex;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const LINE: usize = 76;

/// How a body is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encoding {
    QuotedPrintable,
    Base64,
}

impl Encoding {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Encoding::QuotedPrintable => "quoted-printable",
            Encoding::Base64 => "base64",
        }
    }

    /// The shorter one for that text.
    pub(crate) fn of(text: &str) -> Encoding {
        let literal = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'<' | b'>'..=b'~');
        let plain = text.bytes().filter(literal).count();
        let quoted = plain + (text.len() - plain) * 3;
        match quoted <= text.len() / 3 * 4 + 64 {
            true => Encoding::QuotedPrintable,
            false => Encoding::Base64,
        }
    }

    /// Appends the text, which then ends with a line end.
    pub(crate) fn push(self, out: &mut String, text: &str) {
        match self {
            Encoding::QuotedPrintable => quoted_printable(out, text),
            Encoding::Base64 => base64(out, text),
        }
        if !out.ends_with("\r\n") {
            out.push_str("\r\n");
        }
    }
}

fn base64(out: &mut String, text: &str) {
    // Line ends of text are CRLF also inside (RFC 2046, section 4.1.1).
    let mut whole = String::with_capacity(text.len() + text.len() / 32);
    for line in lines(text) {
        whole.push_str(line);
        whole.push_str("\r\n");
    }
    for chunk in whole.as_bytes().chunks(LINE / 4 * 3) {
        STANDARD.encode_string(chunk, out);
        out.push_str("\r\n");
    }
}

fn quoted_printable(out: &mut String, text: &str) {
    out.reserve(text.len() + text.len() / 16);
    for line in lines(text) {
        let mut used = 0;
        let mut rest = line.as_bytes();
        // `From ` at the start is changed by mailbox files, a dot alone ends SMTP's data: both are hidden.
        let hidden = line.starts_with("From ") || line.starts_with('.');
        while let Some((&byte, after)) = rest.split_first() {
            let last = after.is_empty();
            let literal = match byte {
                b' ' | b'\t' => !last,
                b'.' | b'F' if used == 0 && hidden && rest.len() == line.len() => false,
                b'=' => false,
                b'!'..=b'~' => true,
                _ => false,
            };
            let length = if literal { 1 } else { 3 };
            // Room for the `=` of a soft end, which the last one on a line does not need.
            if used + length > LINE - usize::from(!last) {
                out.push_str("=\r\n");
                used = 0;
            }
            if literal {
                out.push(char::from(byte));
            } else {
                hex(out, byte);
            }
            used += length;
            rest = after;
        }
        out.push_str("\r\n");
    }
}

/// Lines by CRLF, LF or CR alone, without their ends; no empty one after the last end.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = after
            .strip_prefix("\r\n")
            .or_else(|| after.strip_prefix(['\r', '\n']))
            .unwrap_or(after);
        Some(line)
    })
}
