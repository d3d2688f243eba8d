//! Filters that write text for somewhere else: HTML, addresses, base64.
//!
//! Deliberately does not know: where the text goes.

use super::{Filter, Task};
use crate::fault::Stop;
use crate::value::Value;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::fmt::Write;

pub(super) fn apply(filter: Filter, value: &Value, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    if *value == Value::Nil && matches!(filter, Filter::Escape | Filter::UrlEncode | Filter::UrlDecode) {
        return Ok(Value::Nil);
    }
    let html = matches!(value, Value::Html(_));
    if html && matches!(filter, Filter::Escape | Filter::EscapeOnce) {
        return Ok(value.clone());
    }
    let text = task.work.string(value)?;
    let mut out = String::with_capacity(text.len());
    match filter {
        Filter::Escape => escape(&text, &mut out),
        Filter::EscapeOnce => escape_once(&text, &mut out),
        Filter::NewlineToBr => return newline_to_br(&text, html, task),
        Filter::StripHtml => {
            out = strip_html(&text);
            if html {
                task.work.spend(out.len())?;
                return Ok(Value::Html(out.into()));
            }
            return task.work.text(out);
        }
        Filter::UrlEncode => {
            url_encode(&text, &mut out);
            return task.work.text(out);
        }
        Filter::UrlDecode => return url_decode(&text, task),
        Filter::Base64Encode => return task.work.text(STANDARD.encode(&text)),
        Filter::Base64UrlEncode => return task.work.text(URL_SAFE.encode(&text)),
        Filter::Base64Decode => return base64(STANDARD.decode(&text).ok(), task),
        _ => return base64(URL_SAFE.decode(&text).ok(), task),
    }
    task.work.spend(out.len())?;
    Ok(if task.work.html() {
        Value::Html(out.into())
    } else {
        Value::Text(out.into())
    })
}

fn base64(bytes: Option<Vec<u8>>, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => task.work.text(text),
        None => Err(task.fail("this is not base64 of a text")),
    }
}

/// Safe between tags and between quotes of either kind.
pub(crate) fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.push_str(rest.get(..at).unwrap_or_default());
        out.push_str(entity(rest.as_bytes().get(at).copied().unwrap_or_default()));
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    out.push_str(rest);
}

fn entity(byte: u8) -> &'static str {
    match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        _ => "&#39;",
    }
}

/// HTML put between quotes: what could end the attribute is escaped, entities stay.
pub(crate) fn escape_quotes(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>', '"', '\'']) {
        out.push_str(rest.get(..at).unwrap_or_default());
        out.push_str(entity(rest.as_bytes().get(at).copied().unwrap_or_default()));
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    out.push_str(rest);
}

fn escape_once(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.push_str(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        if rest.as_bytes().get(at) == Some(&b'&') && is_entity(after) {
            out.push('&');
        } else {
            out.push_str(entity(rest.as_bytes().get(at).copied().unwrap_or_default()));
        }
        rest = after;
    }
    out.push_str(rest);
}

fn is_entity(after: &str) -> bool {
    let (digits, body) = match after.strip_prefix('#') {
        Some(body) => (true, body),
        None => (false, after),
    };
    let fits = |byte: &u8| {
        if digits {
            byte.is_ascii_digit()
        } else {
            byte.is_ascii_alphabetic()
        }
    };
    let length = body.bytes().take_while(|byte| fits(byte)).count();
    length > 0 && body.as_bytes().get(length) == Some(&b';')
}

fn newline_to_br(text: &str, html: bool, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    let mut escaped = String::with_capacity(text.len());
    if task.work.html() && !html {
        escape(text, &mut escaped);
    } else {
        escaped.push_str(text);
    }
    let out = escaped.replace("\r\n", "\n").replace('\n', "<br />\n");
    task.work.spend(out.len())?;
    Ok(if task.work.html() {
        Value::Html(out.into())
    } else {
        Value::Text(out.into())
    })
}

/// Without scripts, styles, comments and tags.
fn strip_html(text: &str) -> String {
    const BLOCKS: [(&str, &str); 3] = [("<script", "</script>"), ("<!--", "-->"), ("<style", "</style>")];
    let mut open = BLOCKS.map(|_| true);
    let without = cut(text, |rest| {
        BLOCKS
            .iter()
            .zip(open.iter_mut())
            .find_map(|((begin, end), open)| {
                if !*open || !rest.starts_with(begin) {
                    return None;
                }
                let inside = rest.get(begin.len()..)?;
                let found = inside.find(end).map(|at| begin.len() + at + end.len());
                // What is closed nowhere from here on is closed nowhere later.
                *open = found.is_some();
                found
            })
    });
    let mut closed = true;
    cut(&without, |rest| {
        let found = closed.then(|| rest.find('>').map(|at| at + 1)).flatten();
        closed = found.is_some();
        found
    })
}

/// The text without what `length` measures at each `<`.
fn cut(text: &str, mut length: impl FnMut(&str) -> Option<usize>) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('<') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let gone = length(rest);
        if gone.is_none() {
            out.push('<');
        }
        rest = rest.get(gone.unwrap_or(1)..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn url_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            b' ' => out.push('+'),
            byte => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

fn url_decode(text: &str, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match (byte, code.and_then(|code| u8::from_str_radix(code, 16).ok())) {
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = after;
            }
            _ => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => task.work.text(text),
        Err(_) => Err(task.fail("this is no encoded text")),
    }
}
