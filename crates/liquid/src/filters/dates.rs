//! `date`: a moment, in a zone, as a format asks for it.
//!
//! Deliberately does not know: clocks. What `now` means comes in.

use super::Task;
use crate::date;
use crate::fault::Stop;
use crate::value::Value;
use jiff::tz::TimeZone;

/// The second argument is a zone (IANA); without it, that of `How`.
pub(super) fn date(value: &Value, task: &mut Task<'_, '_>) -> Result<Value, Stop> {
    let format = task.argument_text(0)?;
    if format.is_empty() {
        return Ok(value.clone());
    }
    let how = task.work.how;
    let zone = match task.argument(1) {
        Value::Nil => how.zone.clone(),
        name => match TimeZone::get(&name.to_string()) {
            Ok(zone) => zone,
            Err(_) => return Err(task.fail("this time zone is unknown; write one such as `Europe/Paris`")),
        },
    };
    let moment = match value {
        Value::Int(seconds) => date::seconds(*seconds, &zone),
        Value::Text(text) | Value::Html(text) => {
            task.work.spend(text.len())?;
            date::read(text, &how.now, &zone)
        }
        _ => None,
    };
    match moment {
        Some(moment) => {
            let text = date::write(&moment, &format, how.language)
                .ok_or_else(|| task.fail("the date is too long"))?;
            task.work.text(text)
        }
        // As Shopify: what is no date stays as it is.
        None if !how.strict || *value == Value::Nil => Ok(value.clone()),
        None => {
            Err(task.fail("this is no date; write it as 2026-03-14 or 2026-03-14T15:09:26Z, or as seconds"))
        }
    }
}
