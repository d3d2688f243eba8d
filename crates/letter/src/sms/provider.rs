//! A provider of text messages as the settings declare it: the request it wants, with placeholders, and how its
//! answer is read.
//!
//! Deliberately does not know: the network, and any provider in particular.

use super::Number;
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest answer that is looked into, bytes.
const LONGEST_ANSWER: usize = 64 << 10;
/// Longest name of a message that is kept.
const LONGEST_ID: usize = 200;
/// How deep a declared body may nest.
const DEEPEST: usize = 8;

/// One text message.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// To whom.
    pub to: &'a Number,
    /// From whom, as the provider knows the sender.
    pub from: &'a str,
    /// What.
    pub text: &'a str,
    /// The same over all tries: a provider that knows it sends the message once.
    pub id: &'a str,
}

/// What a provider wants. Placeholders: `{to}` (with `+`), `{to_digits}`, `{from}`, `{text}`, `{id}`,
/// and `{secret:NAME}`.
#[derive(Clone, Debug)]
pub struct Provider {
    /// `https` address. Of the placeholders only secrets and `{id}` may stand in it: numbers and texts would end up in
    /// the logs of whatever is between.
    pub url: String,
    /// `POST` or `PUT`.
    pub method: String,
    /// Headers with placeholders.
    pub headers: Vec<(String, String)>,
    /// A JSON value whose texts have placeholders, or a form.
    pub body: Body,
    /// How the answer is read.
    pub reading: Reading,
    /// The provider sends a message with the same `{id}` once. Without that, whatever is not clearly refused or
    /// accepted stays in doubt.
    pub knows_id: bool,
}

/// The body of a request.
#[derive(Clone, Debug)]
pub enum Body {
    /// `application/json`.
    Json(Value),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
}

/// How an answer is read. The rules are tried in this order: accepted, never, later; if none fits the status says.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The provider has taken the message.
    pub accepted: Vec<Match>,
    /// It never will.
    pub never: Vec<Match>,
    /// It may, later.
    pub later: Vec<Match>,
    /// Where the provider's name of the message stands (RFC 6901).
    pub message_id: Option<String>,
}

/// One rule: all that is said of it must be so.
#[derive(Clone, Debug, Default)]
pub struct Match {
    /// One of these statuses; empty: any.
    pub status: Vec<u16>,
    /// Where to look (RFC 6901); `None`: nowhere.
    pub pointer: Option<String>,
    /// What must be there, as text; empty: anything but nothing.
    pub values: Vec<String>,
    /// The reason that is shown to the team if this rule fits.
    pub class: String,
}

/// A provider that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// Not `https`.
    #[error("`url` starts with `https://`: text messages are not sent in the clear")]
    Clear,
    /// A person's data in the address.
    #[error("`{{{0}}}` stands in `url`, where logs would keep it: send it in the body")]
    InAddress(String),
    /// No such placeholder.
    #[error(
        "there is no placeholder `{{{0}}}`: `to`, `to_digits`, `from`, `text`, `id` and `secret:NAME` are"
    )]
    Unknown(String),
    /// A secret that is not set.
    #[error("the secret `{0}` is not set: name a file or a variable for it in `secrets`")]
    Secret(String),
    /// The body says neither to whom nor what.
    #[error("the body needs `{{text}}`, and `{{to}}` or `{{to_digits}}`")]
    Incomplete,
    /// A method that is not for sending.
    #[error("`method` is `POST` or `PUT`")]
    Method,
    /// Not a pointer.
    #[error("`{0}` is no JSON pointer: it starts with `/` (RFC 6901)")]
    Pointer(String),
    /// A value that cannot stand in a header.
    #[error("the header `{0}` would hold what no header can")]
    Header(String),
    /// Too deep.
    #[error("the body nests deeper than {DEEPEST}")]
    Deep,
}

/// What is to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// `POST` or `PUT`.
    pub method: String,
    /// Where.
    pub url: String,
    /// With `content-type`.
    pub headers: Vec<(String, String)>,
    /// What.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request")
    }
}

/// What an answer means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Taken, under this name if the provider told one.
    Accepted(Option<String>),
    /// Refused, and so again.
    Never(String),
    /// Not taken, and perhaps later.
    Later(String),
    /// The answer does not tell.
    Unclear,
}

impl Provider {
    /// Looks at the declaration with the names of the secrets that are set.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, secrets: &BTreeMap<String, String>) -> Result<(), Fault> {
        if !self.url.starts_with("https://") {
            return Err(Fault::Clear);
        }
        if !["POST", "PUT"].contains(&self.method.as_str()) {
            return Err(Fault::Method);
        }
        let known = |name: &str| match name.strip_prefix("secret:") {
            Some(secret) if secrets.contains_key(secret) => Ok(()),
            Some(secret) => Err(Fault::Secret(secret.to_owned())),
            None if ["to", "to_digits", "from", "text", "id"].contains(&name) => Ok(()),
            None => Err(Fault::Unknown(name.to_owned())),
        };
        for name in names(&self.url) {
            known(name)?;
            if name != "id" && !name.starts_with("secret:") {
                return Err(Fault::InAddress(name.to_owned()));
            }
        }
        let mut seen = Vec::new();
        let mut texts: Vec<&str> = Vec::new();
        match &self.body {
            Body::Json(value) => walk(value, 0, &mut texts)?,
            Body::Form(fields) => texts.extend(fields.iter().map(|(_, value)| value.as_str())),
        }
        texts.iter().for_each(|text| seen.extend(names(text)));
        for name in seen.iter().chain(
            &self
                .headers
                .iter()
                .flat_map(|(_, v)| names(v))
                .collect::<Vec<_>>(),
        ) {
            known(name)?;
        }
        let says = |name: &str| seen.contains(&name);
        if !says("text") || !(says("to") || says("to_digits")) {
            return Err(Fault::Incomplete);
        }
        let reading = &self.reading;
        let rules = reading
            .accepted
            .iter()
            .chain(&reading.never)
            .chain(&reading.later);
        let pointers = rules
            .filter_map(|rule| rule.pointer.as_ref())
            .chain(&reading.message_id);
        match pointers.into_iter().find(|pointer| !pointer.starts_with('/')) {
            Some(pointer) => Err(Fault::Pointer(pointer.clone())),
            None => Ok(()),
        }
    }

    /// The request for one message.
    ///
    /// # Errors
    /// If a placeholder has no value, or a value cannot stand where it would.
    pub fn request(
        &self,
        message: &Message<'_>,
        secrets: &BTreeMap<String, String>,
    ) -> Result<Request, Fault> {
        let value = |name: &str| match name {
            "to" => Ok(message.to.as_str()),
            "to_digits" => Ok(message.to.digits()),
            "from" => Ok(message.from),
            "text" => Ok(message.text),
            "id" => Ok(message.id),
            name => match name.strip_prefix("secret:") {
                Some(secret) => secrets
                    .get(secret)
                    .map(String::as_str)
                    .ok_or_else(|| Fault::Secret(secret.to_owned())),
                None => Err(Fault::Unknown(name.to_owned())),
            },
        };
        let in_url = |name: &str| value(name).map(encoded);
        let as_is = |name: &str| value(name).map(str::to_owned);
        let mut headers = Vec::with_capacity(self.headers.len() + 1);
        for (name, pattern) in &self.headers {
            let filled = fill(pattern, as_is)?;
            // A line break in a value would begin a header of its own.
            if filled.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
                return Err(Fault::Header(name.clone()));
            }
            headers.push((name.to_ascii_lowercase(), filled));
        }
        let (kind, body) = match &self.body {
            Body::Json(pattern) => ("application/json", fill_value(pattern, as_is, 0)?.to_string()),
            Body::Form(fields) => {
                let mut form = Vec::with_capacity(fields.len());
                for (name, pattern) in fields {
                    form.push(format!("{}={}", encoded(name), encoded(&fill(pattern, as_is)?)));
                }
                ("application/x-www-form-urlencoded", form.join("&"))
            }
        };
        headers.push(("content-type".to_owned(), kind.to_owned()));
        Ok(Request {
            method: self.method.clone(),
            url: fill(&self.url, in_url)?,
            headers,
            body: body.into_bytes(),
        })
    }
}

impl Reading {
    /// What an answer means. Without a rule that fits: 2xx is taken, 429 is later, other 4xx never; of what a server
    /// that failed has done nobody knows.
    pub fn verdict(&self, status: u16, body: &[u8]) -> Verdict {
        let answer: Value = match body.len() <= LONGEST_ANSWER {
            true => serde_json::from_slice(body).unwrap_or(Value::Null),
            false => Value::Null,
        };
        let fits = |rules: &[Match]| rules.iter().find(|rule| rule.fits(status, &answer)).cloned();
        let class = |rule: Match| match rule.class.is_empty() {
            true => format!("status_{status}"),
            false => rule.class,
        };
        if fits(&self.accepted).is_some() {
            return Verdict::Accepted(self.name_in(&answer));
        }
        if let Some(rule) = fits(&self.never) {
            return Verdict::Never(class(rule));
        }
        if let Some(rule) = fits(&self.later) {
            return Verdict::Later(class(rule));
        }
        match status {
            200..=299 if self.accepted.is_empty() => Verdict::Accepted(self.name_in(&answer)),
            429 => Verdict::Later("rate_limited".to_owned()),
            400..=407 | 409..=499 => Verdict::Never(format!("status_{status}")),
            _ => Verdict::Unclear,
        }
    }

    fn name_in(&self, answer: &Value) -> Option<String> {
        let name = text_of(answer.pointer(self.message_id.as_deref()?)?)?;
        (!name.is_empty() && name.len() <= LONGEST_ID).then_some(name)
    }
}

impl Match {
    fn fits(&self, status: u16, answer: &Value) -> bool {
        let status = self.status.is_empty() || self.status.contains(&status);
        let there = self.pointer.as_ref().is_none_or(|pointer| {
            let value = answer.pointer(pointer).and_then(text_of);
            value.is_some_and(|value| self.values.is_empty() || self.values.contains(&value))
        });
        status && there
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

fn walk<'a>(value: &'a Value, depth: usize, texts: &mut Vec<&'a str>) -> Result<(), Fault> {
    if depth > DEEPEST {
        return Err(Fault::Deep);
    }
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(values) => values.iter().try_for_each(|v| walk(v, depth + 1, texts))?,
        Value::Object(fields) => fields.values().try_for_each(|v| walk(v, depth + 1, texts))?,
        _ => {}
    }
    Ok(())
}

fn fill_value(
    pattern: &Value,
    value: impl Fn(&str) -> Result<String, Fault> + Copy,
    depth: usize,
) -> Result<Value, Fault> {
    if depth > DEEPEST {
        return Err(Fault::Deep);
    }
    Ok(match pattern {
        Value::String(text) => Value::String(fill(text, value)?),
        Value::Array(values) => {
            let filled = values.iter().map(|v| fill_value(v, value, depth + 1));
            Value::Array(filled.collect::<Result<_, _>>()?)
        }
        Value::Object(fields) => {
            let filled = fields
                .iter()
                .map(|(name, v)| Ok((name.clone(), fill_value(v, value, depth + 1)?)));
            Value::Object(filled.collect::<Result<_, Fault>>()?)
        }
        plain => plain.clone(),
    })
}

/// The names between braces. A brace that opens nothing of the kind is a character like any other.
fn names(pattern: &str) -> Vec<&str> {
    pieces(pattern)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Name(name) => Some(name),
            Piece::Text(_) => None,
        })
        .collect()
}

/// Values are put in and not looked at again: a text that holds `{secret:key}` stays that text.
fn fill(pattern: &str, value: impl Fn(&str) -> Result<String, Fault>) -> Result<String, Fault> {
    let mut filled = String::with_capacity(pattern.len());
    for piece in pieces(pattern) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Name(name) => filled.push_str(&value(name)?),
        }
    }
    Ok(filled)
}

enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

fn pieces(mut rest: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some((before, after)) = rest.split_once('{') {
        let name = after.split_once('}').filter(|(name, _)| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_:-".contains(&b))
        });
        match name {
            Some((name, after)) => {
                pieces.extend([Piece::Text(before), Piece::Name(name)]);
                rest = after;
            }
            None => {
                pieces.extend([Piece::Text(before), Piece::Text("{")]);
                rest = after;
            }
        }
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// Percent-encoding of everything but the unreserved characters of RFC 3986.
fn encoded(text: impl AsRef<str>) -> String {
    let mut out = String::new();
    for byte in text.as_ref().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
