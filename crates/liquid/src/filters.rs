//! The filters there are, what each takes, and those that are refused.
//!
//! Deliberately does not know: how values are found.

mod dates;
mod encode;
mod list;
mod math;
mod money;
mod text;

use crate::fault::{Place, Stop};
use crate::how::{Escape, How};
use crate::tags::near;
use crate::value::Value;
pub(crate) use encode::{escape, escape_quotes};
pub(crate) use list::pair;

/// A filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Filter {
    Abs,
    Append,
    AtLeast,
    AtMost,
    Base64Decode,
    Base64Encode,
    Base64UrlDecode,
    Base64UrlEncode,
    Capitalize,
    Ceil,
    Compact,
    Concat,
    Date,
    Default,
    DividedBy,
    Downcase,
    Escape,
    EscapeOnce,
    First,
    Floor,
    Join,
    Last,
    Lstrip,
    Map,
    Minus,
    Modulo,
    Money,
    NewlineToBr,
    Plus,
    Prepend,
    Raw,
    Remove,
    RemoveFirst,
    RemoveLast,
    Replace,
    ReplaceFirst,
    ReplaceLast,
    Reverse,
    Round,
    Rstrip,
    Size,
    Slice,
    Sort,
    SortNatural,
    Split,
    Strip,
    StripHtml,
    StripNewlines,
    Sum,
    Times,
    Truncate,
    Truncatewords,
    Uniq,
    Upcase,
    UrlDecode,
    UrlEncode,
    Where,
}

/// Name, filter, and how many arguments it takes at least and at most.
const TABLE: [(&str, Filter, usize, usize); 58] = [
    ("abs", Filter::Abs, 0, 0),
    ("append", Filter::Append, 1, 1),
    ("at_least", Filter::AtLeast, 1, 1),
    ("at_most", Filter::AtMost, 1, 1),
    ("base64_decode", Filter::Base64Decode, 0, 0),
    ("base64_encode", Filter::Base64Encode, 0, 0),
    ("base64_url_safe_decode", Filter::Base64UrlDecode, 0, 0),
    ("base64_url_safe_encode", Filter::Base64UrlEncode, 0, 0),
    ("capitalize", Filter::Capitalize, 0, 0),
    ("ceil", Filter::Ceil, 0, 0),
    ("compact", Filter::Compact, 0, 1),
    ("concat", Filter::Concat, 1, 1),
    ("date", Filter::Date, 1, 2),
    ("default", Filter::Default, 0, 1),
    ("divided_by", Filter::DividedBy, 1, 1),
    ("downcase", Filter::Downcase, 0, 0),
    ("escape", Filter::Escape, 0, 0),
    ("escape_once", Filter::EscapeOnce, 0, 0),
    ("first", Filter::First, 0, 0),
    ("floor", Filter::Floor, 0, 0),
    ("h", Filter::Escape, 0, 0),
    ("join", Filter::Join, 0, 1),
    ("last", Filter::Last, 0, 0),
    ("lstrip", Filter::Lstrip, 0, 0),
    ("map", Filter::Map, 1, 1),
    ("minus", Filter::Minus, 1, 1),
    ("modulo", Filter::Modulo, 1, 1),
    ("money", Filter::Money, 0, 1),
    ("newline_to_br", Filter::NewlineToBr, 0, 0),
    ("plus", Filter::Plus, 1, 1),
    ("prepend", Filter::Prepend, 1, 1),
    ("raw", Filter::Raw, 0, 0),
    ("remove", Filter::Remove, 1, 1),
    ("remove_first", Filter::RemoveFirst, 1, 1),
    ("remove_last", Filter::RemoveLast, 1, 1),
    ("replace", Filter::Replace, 1, 2),
    ("replace_first", Filter::ReplaceFirst, 1, 2),
    ("replace_last", Filter::ReplaceLast, 2, 2),
    ("reverse", Filter::Reverse, 0, 0),
    ("round", Filter::Round, 0, 1),
    ("rstrip", Filter::Rstrip, 0, 0),
    ("size", Filter::Size, 0, 0),
    ("slice", Filter::Slice, 1, 2),
    ("sort", Filter::Sort, 0, 1),
    ("sort_natural", Filter::SortNatural, 0, 1),
    ("split", Filter::Split, 1, 1),
    ("strip", Filter::Strip, 0, 0),
    ("strip_html", Filter::StripHtml, 0, 0),
    ("strip_newlines", Filter::StripNewlines, 0, 0),
    ("sum", Filter::Sum, 0, 1),
    ("times", Filter::Times, 1, 1),
    ("truncate", Filter::Truncate, 0, 2),
    ("truncatewords", Filter::Truncatewords, 0, 2),
    ("uniq", Filter::Uniq, 0, 1),
    ("upcase", Filter::Upcase, 0, 0),
    ("url_decode", Filter::UrlDecode, 0, 0),
    ("url_encode", Filter::UrlEncode, 0, 0),
    ("where", Filter::Where, 1, 2),
];

/// What Braze has and this has not: a hash of an address is still that person, and is used to follow them.
const HASHES: [&str; 8] = [
    "md5",
    "sha1",
    "sha256",
    "sha512",
    "hmac_sha1",
    "hmac_sha1_hex",
    "hmac_sha256",
    "hmac_sha512",
];

impl Filter {
    /// Whether nothing stays nothing, or an empty text, so that a `default` after it still sees it.
    pub(crate) fn keeps_nothing(self) -> bool {
        use Filter as F;
        matches!(
            self,
            F::Capitalize
                | F::Compact
                | F::Date
                | F::Downcase
                | F::Escape
                | F::EscapeOnce
                | F::First
                | F::Join
                | F::Last
                | F::Lstrip
                | F::Map
                | F::Money
                | F::NewlineToBr
                | F::Remove
                | F::Replace
                | F::Reverse
                | F::Rstrip
                | F::Slice
                | F::Sort
                | F::SortNatural
                | F::Split
                | F::Strip
                | F::StripHtml
                | F::StripNewlines
                | F::Truncate
                | F::Truncatewords
                | F::Uniq
                | F::Upcase
                | F::UrlDecode
                | F::UrlEncode
                | F::Where
        )
    }
}

/// The filter of a name, if it takes so many arguments; else what is wrong and how to mend it.
pub(crate) fn named(name: &str, given: usize) -> Result<Filter, (String, String)> {
    if let Some((_, filter, least, most)) = TABLE.iter().find(|(known, ..)| *known == name) {
        if (*least..=*most).contains(&given) {
            return Ok(*filter);
        }
        let takes = match (least, most) {
            (0, 0) => "takes nothing after it".to_owned(),
            (least, most) if least == most => format!("takes {least} after `:`"),
            (least, most) => format!("takes {least} to {most} after `:`"),
        };
        return Err((
            format!("the filter `{name}` is given {given} arguments"),
            format!("it {takes}"),
        ));
    }
    let short: String = name.chars().take(40).collect();
    if HASHES.contains(&name) {
        return Err((
            format!("the filter `{short}` is refused: the hash of what is known of a person is still theirs"),
            "link to the person's own page with `links`, or leave it out".to_owned(),
        ));
    }
    let close = TABLE
        .iter()
        .filter(|(known, ..)| near(known, name))
        .min_by_key(|(known, ..)| known.len().abs_diff(name.len()));
    let mend = match close {
        Some((close, ..)) => format!("did you mean `{close}`?"),
        None => "see docs/templates.md for the filters there are".to_owned(),
    };
    Err((format!("there is no filter `{short}`"), mend))
}

/// What filters and tags use up while they work.
pub(crate) struct Work<'a> {
    pub(crate) how: &'a How,
    pub(crate) fuel: u64,
}

impl Work<'_> {
    pub(crate) fn spend(&mut self, units: usize) -> Result<(), Stop> {
        self.fuel = self.fuel.checked_sub(units as u64).ok_or(Stop::Fuel)?;
        Ok(())
    }

    pub(crate) fn html(&self) -> bool {
        self.how.escape == Escape::Html
    }

    /// A text that was made.
    pub(crate) fn text(&mut self, text: impl AsRef<str>) -> Result<Value, Stop> {
        self.spend(text.as_ref().len())?;
        Ok(Value::text(text))
    }

    /// A list that was made.
    pub(crate) fn list(&mut self, items: Vec<Value>) -> Result<Value, Stop> {
        self.spend(items.len().saturating_mul(8))?;
        Ok(Value::List(items.into()))
    }

    /// A value as text; what it costs to write it is spent before it is written.
    pub(crate) fn string(&mut self, value: &Value) -> Result<String, Stop> {
        self.spend(weight(value))?;
        Ok(value.to_string())
    }
}

/// About how many bytes a value is as text.
pub(crate) fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) | Value::Html(text) => text.len() + 1,
        Value::List(items) => items.iter().map(weight).sum::<usize>() + 1,
        Value::Object(entries) => {
            entries
                .iter()
                .map(|(name, value)| name.len() + weight(value))
                .sum::<usize>()
                + 1
        }
        _ => 1,
    }
}

/// A filter at its work.
pub(crate) struct Task<'t, 'a> {
    pub(crate) work: &'t mut Work<'a>,
    pub(crate) given: &'t [Value],
    pub(crate) at: Place,
    /// `default` takes `false` as it is.
    pub(crate) allow_false: bool,
}

impl Task<'_, '_> {
    /// An argument; nothing if it was not given.
    pub(crate) fn argument(&self, number: usize) -> &Value {
        self.given.get(number).unwrap_or(&Value::Nil)
    }

    pub(crate) fn argument_text(&mut self, number: usize) -> Result<String, Stop> {
        let value = self.argument(number).clone();
        self.work.string(&value)
    }

    /// An argument that must be a whole number.
    pub(crate) fn argument_whole(&self, number: usize) -> Result<i64, Stop> {
        match self.argument(number) {
            Value::Int(number) => Ok(*number),
            Value::Text(text) if text.trim().parse::<i64>().is_ok() => {
                Ok(text.trim().parse().unwrap_or_default())
            }
            _ => Err(self.fail("this needs a whole number")),
        }
    }

    pub(crate) fn fail(&self, message: impl Into<String>) -> Stop {
        Stop::value(self.at, message)
    }
}

/// Whether `default` stands in for it: nothing, an empty text or list, and `false` unless that is taken.
pub(crate) fn absent(value: &Value, allow_false: bool) -> bool {
    match value {
        Value::Nil => true,
        Value::Bool(false) => !allow_false,
        value => crate::compare::empty(value),
    }
}

/// What a filter makes of a value.
pub(crate) fn apply(filter: Filter, value: &Value, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    use Filter as F;
    task.work.spend(1)?;
    match filter {
        F::Default if absent(value, task.allow_false) => Ok(task.given.first().cloned().unwrap_or_default()),
        F::Default => Ok(value.clone()),
        F::Size => {
            task.work.spend(value.as_text().map_or(0, str::len) / 8)?;
            Ok(Value::Int(value.size().unwrap_or(match value {
                // Ruby's whole numbers are eight bytes.
                Value::Int(_) => 8,
                _ => 0,
            })))
        }
        F::Raw => text::raw(value, task),
        F::Abs
        | F::AtLeast
        | F::AtMost
        | F::Ceil
        | F::DividedBy
        | F::Floor
        | F::Minus
        | F::Modulo
        | F::Plus
        | F::Round
        | F::Times => math::apply(filter, value, task),
        F::Compact
        | F::Concat
        | F::First
        | F::Join
        | F::Last
        | F::Map
        | F::Reverse
        | F::Sort
        | F::SortNatural
        | F::Sum
        | F::Uniq
        | F::Where => list::apply(filter, value, task),
        F::Base64Decode
        | F::Base64Encode
        | F::Base64UrlDecode
        | F::Base64UrlEncode
        | F::Escape
        | F::EscapeOnce
        | F::NewlineToBr
        | F::StripHtml
        | F::UrlDecode
        | F::UrlEncode => encode::apply(filter, value, task),
        F::Date => dates::date(value, task),
        F::Money => money::money(value, task),
        F::Append
        | F::Capitalize
        | F::Downcase
        | F::Lstrip
        | F::Prepend
        | F::Remove
        | F::RemoveFirst
        | F::RemoveLast
        | F::Replace
        | F::ReplaceFirst
        | F::ReplaceLast
        | F::Rstrip
        | F::Slice
        | F::Split
        | F::Strip
        | F::StripNewlines
        | F::Truncate
        | F::Truncatewords
        | F::Upcase => text::apply(filter, value, task),
    }
}
