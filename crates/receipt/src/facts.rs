//! What the committed details say, as far as a receipt shows it. A member that is not there, or is not of
//! the type it should be, is not shown; whoever wants all of it reads the details themselves.

use crate::Error;
use serde_json::Value;
use vocabulary::{ConsentState, PurposeName};

/// The last moment with a four-digit year, milliseconds since 1970.
const LAST_MS: i64 = 253_402_300_799_999;
/// The largest integer that every reader of JSON reads exactly (RFC 8785, section 3.2.2.3).
const SAFE: i64 = 9_007_199_254_740_991;

/// What the details of a record say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// When it happened, RFC 3339, by the clock of the house.
    pub time: Option<String>,
    /// Through which source.
    pub source: Option<String>,
    /// The act of the person, if it was one.
    pub act: Option<String>,
    /// What the act was about.
    pub about: Option<String>,
    /// How a choice came about.
    pub event: Option<Event>,
    /// The words it answers.
    pub notice: Option<Notice>,
    /// What holds since, purpose by purpose.
    pub consents: Vec<(PurposeName, ConsentState)>,
    /// Objected to profiling.
    pub objected: Option<bool>,
    /// Objected to direct marketing.
    pub objected_marketing: Option<bool>,
    /// Processing is restricted.
    pub restricted: Option<bool>,
    /// A soft opt-in with its facts is in the details.
    pub soft_opt_in: bool,
    /// A list that was made.
    pub decision: Option<Decision>,
}

/// How a choice came about.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Event {
    /// What was shown or used.
    pub component: Option<String>,
    /// What the person did.
    pub action: Option<String>,
    /// Host and path of the page.
    pub page: Option<String>,
    /// Signals of the browser that came with it: `gpc`, `adpc`.
    pub signals: Vec<&'static str>,
    /// Where an imported choice was made.
    pub origin: Option<String>,
    /// When it was made there.
    pub origin_time: Option<String>,
}

/// The notice that was shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Notice {
    /// Its name.
    pub id: Option<String>,
    /// Its version.
    pub version: Option<i64>,
    /// In which language it was shown.
    pub language: Option<String>,
    /// SHA-256 of its file.
    pub file_hash: Option<String>,
    /// SHA-256 of the words in that language.
    pub text_hash: Option<String>,
    /// Who asked.
    pub controller: Option<String>,
    /// For how many days a consent on it lasts.
    pub valid_days: Option<i64>,
}

/// A list that was made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Decision {
    /// `profiled` or `contextual`.
    pub mode: String,
    /// Where it was shown.
    pub placement: Option<String>,
    /// The items, best first.
    pub items: Vec<String>,
    /// How many items of the person's history were used.
    pub history: Option<i64>,
    /// SHA-256 of the model.
    pub model: Option<String>,
    /// SHA-256 of the catalogue.
    pub catalogue: Option<String>,
}

impl Facts {
    /// What these details say; `kind` is the entry's.
    pub fn of(kind: &str, details: &str) -> Result<Facts, Error> {
        let all: Value = serde_json::from_str(details).map_err(|_| Error::Details)?;
        if !all.is_object() {
            return Err(Error::Details);
        }
        let time = integer(&all, "at").and_then(rfc3339);
        Ok(match kind {
            "choice" => Facts {
                time,
                source: text(&all, "source"),
                act: text(&all, "act"),
                about: text(&all, "about"),
                event: object(&all, "evidence").map(event),
                notice: object(&all, "evidence")
                    .and_then(|evidence| object(evidence, "notice"))
                    .map(notice),
                consents: consents(&all),
                objected: yes(&all, "objected"),
                objected_marketing: yes(&all, "objected_marketing"),
                restricted: yes(&all, "restricted"),
                soft_opt_in: object(&all, "soft_opt_in").is_some(),
                decision: None,
            },
            "recommendation" => Facts {
                time,
                decision: decision(&all),
                ..Facts::default()
            },
            _ => Facts {
                time,
                ..Facts::default()
            },
        })
    }
}

fn event(evidence: &Value) -> Event {
    let origin = object(evidence, "origin");
    Event {
        component: text(evidence, "component"),
        action: text(evidence, "action"),
        page: text(evidence, "page"),
        signals: ["gpc", "adpc"]
            .into_iter()
            .filter(|name| yes(evidence, name) == Some(true))
            .collect(),
        origin: origin.and_then(|origin| text(origin, "source")),
        origin_time: origin.and_then(|origin| integer(origin, "at")).and_then(rfc3339),
    }
}

fn notice(shown: &Value) -> Notice {
    Notice {
        id: text(shown, "id"),
        version: integer(shown, "version"),
        language: text(shown, "language"),
        file_hash: text(shown, "digest"),
        text_hash: text(shown, "text"),
        controller: text(shown, "controller"),
        valid_days: integer(shown, "valid_days").filter(|days| *days > 0),
    }
}

fn consents(all: &Value) -> Vec<(PurposeName, ConsentState)> {
    let Some(states) = object(all, "states") else {
        return Vec::new();
    };
    let state = |purpose: PurposeName| {
        let name = states.get(purpose.as_str())?.as_str()?;
        let state = ConsentState::ALL.into_iter().find(|s| s.as_str() == name)?;
        Some((purpose, state))
    };
    PurposeName::ALL.into_iter().filter_map(state).collect()
}

fn decision(all: &Value) -> Option<Decision> {
    let items = list(all, "items")?;
    let items: Option<Vec<String>> = items
        .iter()
        .map(|item| item.as_array()?.first()?.as_str().map(str::to_owned))
        .collect();
    Some(Decision {
        mode: text(all, "mode")?,
        placement: object(all, "request").and_then(|request| text(request, "placement")),
        items: items?,
        history: list(all, "history").and_then(|history| i64::try_from(history.len()).ok()),
        model: text(all, "model"),
        catalogue: text(all, "catalogue"),
    })
}

fn object<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|member| member.is_object())
}

fn list<'a>(value: &'a Value, name: &str) -> Option<&'a Vec<Value>> {
    value.get(name)?.as_array()
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

fn yes(value: &Value, name: &str) -> Option<bool> {
    value.get(name)?.as_bool()
}

/// An integer that every reader reads exactly, however it is written: to a browser `5.0` is 5.
fn integer(value: &Value, name: &str) -> Option<i64> {
    let value = value.get(name)?;
    let number = match value.as_i64() {
        Some(number) => number,
        None => {
            #[expect(clippy::cast_precision_loss, reason = "2^53 - 1 is exact")]
            let fits = |number: &f64| number.fract() == 0.0 && number.abs() <= SAFE as f64;
            #[expect(clippy::cast_possible_truncation, reason = "checked just before")]
            value.as_f64().filter(fits).map(|number| number as i64)?
        }
    };
    (-SAFE..=SAFE).contains(&number).then_some(number)
}

/// `2026-11-22T20:15:00.123Z`, as `Date.prototype.toISOString` writes it.
pub(crate) fn rfc3339(ms: i64) -> Option<String> {
    if !(0..=LAST_MS).contains(&ms) {
        return None;
    }
    let (days, of_day) = (ms / 86_400_000, ms % 86_400_000);
    let (hours, minutes) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (seconds, milliseconds) = (of_day / 1_000 % 60, of_day % 1_000);
    // Counted in years from March and eras of 400 years, which all have 146,097 days.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Some(format!(
        "{year:04}-{month:02}-{date:02}T{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}Z"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_browsers_write_them() {
        for (ms, text) in [
            (0, Some("1970-01-01T00:00:00.000Z")),
            (951_782_400_001, Some("2000-02-29T00:00:00.001Z")),
            (1_795_378_500_123, Some("2026-11-22T20:15:00.123Z")),
            (LAST_MS, Some("9999-12-31T23:59:59.999Z")),
            (LAST_MS + 1, None),
            (-1, None),
        ] {
            assert_eq!(rfc3339(ms).as_deref(), text);
        }
    }

    #[test]
    fn what_is_not_of_its_type_is_not_shown() {
        let facts = Facts::of(
            "choice",
            r#"{"at":1.5,"states":{"train":"Yes","segment":"ConsentGiven","nothing":"ConsentGiven"},"evidence":[]}"#,
        );
        let facts = facts.unwrap();
        assert_eq!(facts.consents, [(PurposeName::Segment, ConsentState::Given)]);
        assert_eq!((facts.time, facts.event), (None, None));
        assert_eq!(
            Facts::of("choice", r#"{"at":5.0}"#).unwrap().time.unwrap(),
            "1970-01-01T00:00:00.005Z"
        );
        for details in ["[]", "1", "", "{\"a\":\"\\ud800\"}", "{\"a\":1e999}"] {
            assert_eq!(Facts::of("choice", details), Err(Error::Details), "{details}");
        }
    }
}
