//! The bytes of a document: JSON with members in a fixed order and two spaces for each level, which is
//! what `JSON.stringify(document, null, 2)` writes in every browser.

use std::fmt::Write as _;

/// A value whose members keep their order.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Text(String),
    Number(i64),
    Bool(bool),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
    /// Written in this form already, for this level.
    Ready(&'static str),
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}

impl Json {
    /// The bytes, without a final newline.
    pub(crate) fn write(&self) -> String {
        let mut out = String::with_capacity(4096);
        self.to(&mut out, 0);
        out
    }

    fn to(&self, out: &mut String, level: usize) {
        match self {
            Json::Text(text) => quoted(out, text),
            // Writing to a string cannot fail, here and below.
            Json::Number(number) => drop(write!(out, "{number}")),
            Json::Bool(yes) => drop(write!(out, "{yes}")),
            Json::Ready(text) => out.push_str(text),
            Json::List(items) => {
                let inner = items.iter().map(|item| (None, item));
                block(out, level, '[', inner, ']');
            }
            Json::Object(members) => {
                let inner = members.iter().map(|(name, value)| (Some(*name), value));
                block(out, level, '{', inner, '}');
            }
        }
    }
}

fn block<'a>(
    out: &mut String,
    level: usize,
    open: char,
    inner: impl Iterator<Item = (Option<&'static str>, &'a Json)>,
    close: char,
) {
    out.push(open);
    let mut empty = true;
    for (name, value) in inner {
        if !empty {
            out.push(',');
        }
        empty = false;
        line(out, level + 1);
        if let Some(name) = name {
            quoted(out, name);
            out.push_str(": ");
        }
        value.to(out, level + 1);
    }
    if !empty {
        line(out, level);
    }
    out.push(close);
}

fn line(out: &mut String, level: usize) {
    out.push('\n');
    (0..level).for_each(|_| out.push_str("  "));
}

/// As ECMAScript quotes (RFC 8785, section 3.2.2.2): only what must be escaped is.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_browsers_write_it() {
        let value = Json::Object(vec![
            ("text", "é\u{1}\u{7f}\u{2028}\"\\\n".into()),
            ("none", Json::List(Vec::new())),
            ("empty", Json::Object(Vec::new())),
            ("list", Json::List(vec![Json::Number(-1), Json::Bool(true)])),
        ]);
        let browser = "{\n  \"text\": \"é\\u0001\u{7f}\u{2028}\\\"\\\\\\n\",\n  \"none\": [],\n  \"empty\": {},\n  \
                       \"list\": [\n    -1,\n    true\n  ]\n}";
        assert_eq!(value.write(), browser);
        let read: serde_json::Value = serde_json::from_str(&value.write()).unwrap();
        assert_eq!(
            serde_json::to_string_pretty(&read["list"]).unwrap(),
            "[\n  -1,\n  true\n]"
        );
    }
}
