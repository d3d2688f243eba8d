//! Filters of text. HTML stays HTML where nothing can be cut apart; what is added to it is escaped.
//!
//! Deliberately does not know: languages.

use super::encode::escape;
use super::{Filter, Task};
use crate::fault::Stop;
use crate::scan::white;
use crate::value::Value;

/// HTML of a value as it is, if that is allowed.
pub(super) fn raw(value: &Value, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    if !task.work.html() || matches!(value, Value::Html(_)) {
        return Ok(value.clone());
    }
    if !task.work.how.raw {
        return Err(Stop::refused(
            task.at,
            "`raw` would let HTML of a value through",
            "take it out, or have the template approved for it",
        ));
    }
    Ok(Value::Html(task.work.string(value)?.into()))
}

pub(super) fn apply(filter: Filter, value: &Value, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    let html = matches!(value, Value::Html(_)) || adds_html(filter, task);
    let text = match filter {
        Filter::Truncate | Filter::Truncatewords if *value == Value::Nil => return Ok(Value::Nil),
        Filter::Slice if matches!(value, Value::List(_) | Value::Range(..)) => {
            return super::list::slice(value, task);
        }
        _ if html && !matches!(value, Value::Html(_)) && keeps_html(filter) => {
            let text = task.work.string(value)?;
            escaped(&text)
        }
        _ => task.work.string(value)?,
    };
    let out = match filter {
        Filter::Append => text + &added(0, html, task)?,
        Filter::Prepend => added(0, html, task)? + &text,
        Filter::Upcase => text.to_uppercase(),
        Filter::Downcase => text.to_lowercase(),
        Filter::Capitalize => capitalize(&text),
        Filter::Strip => text.trim_matches(white).to_owned(),
        Filter::Lstrip => text.trim_start_matches(white).to_owned(),
        Filter::Rstrip => text.trim_end_matches(white).to_owned(),
        Filter::StripNewlines => text.replace("\r\n", "").replace('\n', ""),
        Filter::Remove | Filter::Replace => {
            let (what, with) = (task.argument_text(0)?, added(1, html, task)?);
            let times = text.matches(&what).count();
            task.work.spend(times.saturating_mul(with.len()))?;
            text.replace(&what, &with)
        }
        Filter::RemoveFirst | Filter::ReplaceFirst => {
            let (what, with) = (task.argument_text(0)?, added(1, html, task)?);
            text.replacen(&what, &with, 1)
        }
        Filter::RemoveLast | Filter::ReplaceLast => {
            let (what, with) = (task.argument_text(0)?, added(1, html, task)?);
            replace_last(&text, &what, &with)
        }
        Filter::Slice => slice(&text, task)?,
        Filter::Truncate => truncate(&text, task)?,
        Filter::Truncatewords => truncatewords(text, task)?,
        _ => return split(&text, task),
    };
    if html && keeps_html(filter) {
        task.work.spend(out.len())?;
        return Ok(Value::Html(out.into()));
    }
    task.work.text(out)
}

/// Whether what comes out of HTML is HTML: nothing is cut within a tag, and no letter of one changed.
fn keeps_html(filter: Filter) -> bool {
    use Filter as F;
    matches!(
        filter,
        F::Append
            | F::Prepend
            | F::Strip
            | F::Lstrip
            | F::Rstrip
            | F::StripNewlines
            | F::Replace
            | F::ReplaceFirst
            | F::ReplaceLast
            | F::Remove
            | F::RemoveFirst
            | F::RemoveLast
    )
}

/// Whether HTML is put to text that is none yet.
fn adds_html(filter: Filter, task: &Task<'_, '_>) -> bool {
    let added = match filter {
        Filter::Append | Filter::Prepend => task.given.first(),
        _ => None,
    };
    matches!(added, Some(Value::Html(_)))
}

/// An argument that becomes part of the result: escaped if that is HTML.
fn added(number: usize, html: bool, task: &mut Task<'_, '_>) -> Result<String, Stop> {
    let text = task.argument_text(number)?;
    let is_html = matches!(task.argument(number), Value::Html(_));
    Ok(if html && !is_html { escaped(&text) } else { text })
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}

fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().collect::<String>() + &letters.as_str().to_lowercase(),
        None => String::new(),
    }
}

fn replace_last(text: &str, what: &str, with: &str) -> String {
    match text.rfind(what) {
        Some(at) => {
            let (before, rest) = text.split_at_checked(at).unwrap_or((text, ""));
            format!("{before}{with}{}", rest.get(what.len()..).unwrap_or_default())
        }
        None => text.to_owned(),
    }
}

/// From where and how many, of a row so long; `None` if it begins outside.
pub(super) fn window(length: usize, task: &Task<'_, '_>) -> Result<Option<(usize, usize)>, Stop> {
    let offset = task.argument_whole(0)?;
    let count = if task.given.len() > 1 && *task.argument(1) != Value::Nil {
        task.argument_whole(1)?
    } else {
        1
    };
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let start = if offset < 0 {
        offset.saturating_add(length)
    } else {
        offset
    };
    if start < 0 || start > length || count < 0 {
        return Ok(None);
    }
    Ok(usize::try_from(start).ok().zip(usize::try_from(count).ok()))
}

fn slice(text: &str, task: &Task<'_, '_>) -> Result<String, Stop> {
    let window = window(text.chars().count(), task)?;
    Ok(window.map_or_else(String::new, |(start, count)| {
        text.chars().skip(start).take(count).collect()
    }))
}

fn truncate(text: &str, task: &mut Task<'_, '_>) -> Result<String, Stop> {
    let most = if task.given.is_empty() {
        50
    } else {
        task.argument_whole(0)?
    };
    let ending = if task.given.len() > 1 {
        task.argument_text(1)?
    } else {
        "...".to_owned()
    };
    let most = usize::try_from(most).unwrap_or(0);
    if text.chars().count() <= most {
        return Ok(text.to_owned());
    }
    let kept = most.saturating_sub(ending.chars().count());
    Ok(text.chars().take(kept).collect::<String>() + &ending)
}

fn truncatewords(text: String, task: &mut Task<'_, '_>) -> Result<String, Stop> {
    let most = if task.given.is_empty() {
        15
    } else {
        task.argument_whole(0)?
    };
    let ending = if task.given.len() > 1 {
        task.argument_text(1)?
    } else {
        "...".to_owned()
    };
    let most = usize::try_from(most.max(1)).unwrap_or(usize::MAX);
    let mut words = text.split(white).filter(|word| !word.is_empty());
    let kept: Vec<&str> = words.by_ref().take(most).collect();
    if words.next().is_none() {
        return Ok(text);
    }
    Ok(kept.join(" ") + &ending)
}

/// As Ruby splits: a space stands for any white space, nothing for every letter; empty ends are dropped.
fn split(text: &str, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    let pattern = task.argument_text(0)?;
    let mut parts: Vec<Value> = match pattern.as_str() {
        " " => text
            .split(white)
            .filter(|part| !part.is_empty())
            .map(Value::text)
            .collect(),
        "" => text
            .chars()
            .map(|letter| Value::text(letter.to_string()))
            .collect(),
        pattern => text.split(pattern).map(Value::text).collect(),
    };
    while parts.last().is_some_and(|part| part.as_text() == Some("")) {
        parts.pop();
    }
    task.work.spend(text.len())?;
    task.work.list(parts)
}
