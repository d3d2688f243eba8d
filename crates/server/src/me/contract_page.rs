//! The contract on the person's page: what they wish of messages, changed by a form or one of a few plain
//! buttons, in force at once; taken home and brought along as a file.
//!
//! Deliberately does not know: how the page looks, what is held to the contract.

use super::Me;
use super::contract::{self, Fault};
use super::own_page::{In, markup};
use crate::api::unavailable;
use crate::problem::Problem;
use crate::web::person::{self, SOURCE};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use gate::{Action, Component, ContractKept, ContractState, Evidence};
use serde::Deserialize;
use std::collections::BTreeMap;
use vocabulary::{Channel, Contract, DAY_MS, Hours, Language, MAX_ZONE, Moment, Rhythm, Tone, Weekdays};

/// Days of the pause that is offered as one button.
const MONTH: i64 = 30;

/// The query of the page.
#[derive(Deserialize)]
pub(super) struct Shown {
    lang: Option<String>,
}

/// The page.
pub(super) async fn show(
    State(me): State<Me>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, shown.lang.as_deref()).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    let state = me.contract_of(&inside).await?;
    let page = person::ContractPage {
        state: &state,
        before: None,
        problem: None,
        now: me.app().now(),
    };
    markup(person::contract(&me.frame(&inside), &page))
}

/// Changes it: one button, the whole form, or a file that the person brought.
pub(super) async fn set(
    State(me): State<Me>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, form.get("lang").map(String::as_str)).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    let field = |name: &str| form.get(name).map(|text| text.trim()).unwrap_or_default();
    if !(inside.session.admits(field("token")) && me.is_own(&headers)) {
        return Ok(me.back(inside.language, "stale", ""));
    }
    let before = me.contract_of(&inside).await?;
    let now = me.app().now();
    let wanted = match field("act") {
        "save" => read(&form, now),
        "file" => contract::read_file(field("file")),
        preset => preset_of(preset, &before.contract, now)
            .ok_or_else(|| Problem::bad_request("`act` is none of this page's"))
            .map(Ok)?,
    };
    let kept = match wanted {
        Ok(contract) => me.keep_contract(&inside, &contract).await?,
        Err(fault) => Err(fault),
    };
    let state = me.contract_of(&inside).await?;
    let page = person::ContractPage {
        state: &state,
        before: kept.is_ok().then_some(&before.contract),
        problem: kept.err(),
        now,
    };
    markup(person::contract(&me.frame(&inside), &page))
}

/// The person's own contract as a file.
pub(super) async fn file(State(me): State<Me>, headers: HeaderMap) -> Result<Response, Problem> {
    let inside = match me.enter(&headers, None).await {
        Ok(inside) => inside,
        Err(door) => return Ok(door),
    };
    let state = me.contract_of(&inside).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"my-contract.json\"",
        ),
    ];
    Ok((headers, contract::file(&state.contract)).into_response())
}

impl Me {
    pub(super) async fn contract_of(&self, inside: &In) -> Result<ContractState, Problem> {
        let (gate, ask) = (&self.app().gate, self.own(inside));
        let state = gate.contract_state(&inside.session.whom(), ask).await;
        Ok(state.map_err(unavailable)?.unwrap_or_default())
    }

    async fn keep_contract(&self, inside: &In, contract: &Contract) -> Result<Result<(), Fault>, Problem> {
        let mut evidence = Evidence::new(Component::OwnPage, Action::Save);
        evidence.gpc = inside.signals.gpc;
        evidence.page = Some(format!("{}/me/contract", self.0.audience));
        let (gate, now) = (&self.app().gate, self.app().now());
        if let Err(fault) = contract::check(contract) {
            return Ok(Err(fault));
        }
        let kept = gate
            .set_contract(&inside.session.whom(), contract, &evidence, SOURCE, now)
            .await;
        match kept.map_err(unavailable)? {
            Ok(ContractKept::Kept(_)) => Ok(Ok(())),
            Ok(ContractKept::NotKept) => Ok(Err(Fault::NotKept)),
            Err(problem) => Ok(Err(Fault::Limits(problem))),
        }
    }
}

/// What one button makes of the contract that stands.
fn preset_of(word: &str, before: &Contract, now: Moment) -> Option<Contract> {
    let before = before.clone();
    Some(match word {
        "evenings" => Contract {
            hours: Some(Hours {
                from: 18 * 60,
                to: 21 * 60,
            }),
            ..before
        },
        "weekly" => Contract {
            rhythm: Rhythm::Weekly { day: 5, at: 10 * 60 },
            ..before
        },
        "once-a-week" => Contract {
            per_week: Some(1),
            ..before
        },
        "pause-month" => Contract {
            paused_until: Some(now.plus(MONTH * DAY_MS)),
            ..before
        },
        "pause-ever" => Contract {
            paused_until: Some(Moment(i64::MAX)),
            ..before
        },
        "resume" => Contract {
            paused_until: None,
            ..before
        },
        "clear" => Contract {
            tone: before.tone,
            language: before.language,
            zone: before.zone,
            ..Contract::default()
        },
        _ => return None,
    })
}

/// The whole form. What is left empty is not said.
fn read(form: &BTreeMap<String, String>, now: Moment) -> Result<Contract, Fault> {
    let field = |name: &str| form.get(name).map(|text| text.trim()).unwrap_or_default();
    let minutes = |name: &str| match field(name) {
        "" => Ok(None),
        text => minute(text).map(Some).ok_or(Fault::Time),
    };
    let hours = match (minutes("from")?, minutes("to")?) {
        (None, None) => None,
        (Some(from), Some(to)) => Some(Hours { from, to }),
        _ => return Err(Fault::HalfHours),
    };
    let chosen = (0..7u8).filter(|day| form.contains_key(&format!("day{day}")));
    let days = Weekdays(chosen.fold(0, |days, day| days | 1 << day));
    if days.0 == 0 {
        return Err(Fault::NoDay);
    }
    let at = minutes("at")?.unwrap_or(10 * 60);
    let rhythm = match field("rhythm") {
        "daily" => Rhythm::Daily { at },
        "weekly" => Rhythm::Weekly {
            day: field("weekday").parse().map_err(|_| Fault::NoDay)?,
            at,
        },
        _ => Rhythm::Single,
    };
    let zone = field("zone");
    if zone.len() > MAX_ZONE {
        return Err(Fault::Zone);
    }
    let zone = (!zone.is_empty()).then(|| zone.to_owned());
    let paused_until = match field("pause") {
        "ever" => Some(Moment(i64::MAX)),
        "until" => Some(contract::start_of(field("until"), zone.as_deref()).ok_or(Fault::Date)?),
        _ => None,
    };
    if paused_until.is_some_and(|until| until <= now) {
        return Err(Fault::Date);
    }
    Ok(Contract {
        hours,
        days: (days != Weekdays::ALL).then_some(days),
        per_week: match field("per_week") {
            "" => None,
            text => Some(text.parse().map_err(|_| Fault::PerWeek)?),
        },
        paused_until,
        rhythm,
        channel: Channel::ALL
            .into_iter()
            .find(|one| one.as_str() == field("channel")),
        tone: Tone::ALL.into_iter().find(|one| one.as_str() == field("tone")),
        language: Language::of_tag(field("speak")),
        zone,
    })
}

/// `18:30`, and whatever seconds a browser adds.
fn minute(text: &str) -> Option<u16> {
    // As the French write it, too: `18 h 30`.
    let (hour, minute) = text.split_once([':', 'h'])?;
    let minute = minute.trim();
    let (hour, minute): (u16, u16) = (hour.trim().parse().ok()?, minute.get(..2)?.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn form(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
        let all = (0..7).map(|day| (format!("day{day}"), "1".to_owned()));
        let said = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        all.chain(said).collect()
    }

    #[test]
    fn an_empty_form_says_nothing_and_a_full_one_all() {
        assert_eq!(read(&form(&[]), Moment(0)).unwrap(), Contract::default());
        let full = form(&[
            ("from", "18:00"),
            ("to", "21:30"),
            ("rhythm", "weekly"),
            ("weekday", "5"),
            ("at", "10:15"),
            ("per_week", "2"),
            ("pause", "until"),
            ("until", "1970-01-03"),
            ("channel", "email"),
            ("tone", "plain"),
            ("speak", "fr"),
            ("zone", "Europe/Paris"),
        ]);
        let contract = read(&full, Moment(0)).unwrap();
        assert_eq!(
            contract.hours,
            Some(Hours {
                from: 1_080,
                to: 1_290
            })
        );
        assert_eq!(contract.rhythm, Rhythm::Weekly { day: 5, at: 615 });
        assert_eq!(contract.paused_until, Some(Moment(2 * DAY_MS - 3_600_000)));
        assert_eq!(contract.per_week, Some(2));
        assert_eq!(contract::check(&contract), Ok(()));
    }

    #[test]
    fn what_cannot_be_meant_is_told_and_not_guessed() {
        for (fields, fault) in [
            (vec![("from", "18:00")], Fault::HalfHours),
            (vec![("from", "25:00"), ("to", "1:00")], Fault::Time),
            (vec![("pause", "until"), ("until", "yesterday")], Fault::Date),
            (vec![("pause", "until"), ("until", "1960-01-01")], Fault::Date),
            (vec![("per_week", "many")], Fault::PerWeek),
        ] {
            assert_eq!(read(&form(&fields), Moment(0)), Err(fault));
        }
        assert_eq!(read(&BTreeMap::new(), Moment(0)), Err(Fault::NoDay));
    }

    #[test]
    fn a_button_changes_what_it_says_and_leaves_the_rest() {
        let before = Contract {
            tone: Some(Tone::Plain),
            per_week: Some(3),
            ..Contract::default()
        };
        let after = preset_of("evenings", &before, Moment(0)).unwrap();
        assert_eq!((after.per_week, after.tone), (Some(3), Some(Tone::Plain)));
        let cleared = preset_of("clear", &after, Moment(0)).unwrap();
        assert_eq!(
            (cleared.per_week, cleared.hours, cleared.tone),
            (None, None, Some(Tone::Plain))
        );
        let paused = preset_of("pause-ever", &before, Moment(0)).unwrap();
        assert_eq!(preset_of("resume", &paused, Moment(0)).unwrap(), before);
        assert_eq!(preset_of("everything", &before, Moment(0)), None);
    }
}
