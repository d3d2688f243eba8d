//! The contract over the API and as a file: the person sets it, by an assertion for them alone or in their
//! own session. A key of the site is not enough: an operator sets nobody's contract.
//!
//! Deliberately does not know: how a page looks, what is held to the contract.

use super::Me;
use crate::api::records::show_id;
use crate::api::{Body, signals, unavailable};
use crate::ingest::clock::rfc3339;
use crate::problem::{FieldProblem, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use gate::charter::Requester;
use gate::{Action, Ask, Component, ContractKept, Evidence, Whom};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use vocabulary::{Contract, Moment, NotAContract};

/// What a contract file says it is.
pub const FORMAT: &str = "egard-contract/1";
/// Longest file that is read, bytes.
pub const LONGEST_FILE: usize = 4_096;
/// The source of what an assertion or a session states over the API.
const SOURCE: &str = "me/api";
/// The members of a contract; another is a spelling mistake that must not pass unseen.
const MEMBERS: [&str; 9] = [
    "channel",
    "days",
    "hours",
    "language",
    "paused_until",
    "per_week",
    "rhythm",
    "tone",
    "zone",
];

/// Why a contract cannot be kept as it is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// A time that no clock shows.
    #[error("a time is written as `18:30`")]
    Time,
    /// Only one end of the hours.
    #[error("say both from when and until when, or neither")]
    HalfHours,
    /// No day of the week.
    #[error("choose a day at least, or pause")]
    NoDay,
    /// No day to come.
    #[error("say a day to come, such as `2027-01-31`")]
    Date,
    /// Not a number that can be meant.
    #[error("say a number from 1 to 100")]
    PerWeek,
    /// There is no such time zone.
    #[error("there is no such time zone; say one such as `Europe/Paris`")]
    Zone,
    /// Not a file of ours.
    #[error("this is not a contract file: JSON with `format` `{FORMAT}` and `contract`")]
    File,
    /// Outside the limits.
    #[error(transparent)]
    Limits(#[from] NotAContract),
    /// Of whom nothing is known nothing is kept.
    #[error("nothing is known of you here, so nothing is sent to you and nothing was kept")]
    NotKept,
}

/// Within the limits, and of a zone that exists.
pub(super) fn check(contract: &Contract) -> Result<(), Fault> {
    contract.check()?;
    let known = |zone: &String| jiff::tz::db().get(zone).is_ok();
    match contract.zone.as_ref().is_none_or(known) {
        true => Ok(()),
        false => Err(Fault::Zone),
    }
}

/// The first moment of a day such as `2027-01-31`, on the clocks of the zone; of none: in UTC.
pub(super) fn start_of(day: &str, zone: Option<&str>) -> Option<Moment> {
    let day: jiff::civil::Date = day.parse().ok()?;
    let zone = match zone {
        Some(name) => jiff::tz::db().get(name).ok()?,
        None => jiff::tz::TimeZone::UTC,
    };
    Some(Moment(day.to_zoned(zone).ok()?.timestamp().as_millisecond()))
}

/// The contract as a file that any house of this kind reads.
pub(super) fn file(contract: &Contract) -> String {
    let mut text = serde_json::to_string_pretty(&serde_json::json!({
        "contract": contract,
        "format": FORMAT,
    }))
    .unwrap_or_default();
    text.push('\n');
    text
}

/// A file that the person brought.
pub(super) fn read_file(text: &str) -> Result<Contract, Fault> {
    if text.len() > LONGEST_FILE {
        return Err(Fault::File);
    }
    let file: Value = serde_json::from_str(text).map_err(|_| Fault::File)?;
    if file.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(Fault::File);
    }
    let contract = file.get("contract").ok_or(Fault::File)?;
    let contract = read(contract).ok_or(Fault::File)?;
    check(&contract).map(|()| contract)
}

fn read(value: &Value) -> Option<Contract> {
    let members = value.as_object()?;
    let known = members.keys().all(|name| MEMBERS.contains(&name.as_str()));
    known.then(|| serde_json::from_value(value.clone()).ok())?
}

/// A contract, and who says so.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractStated {
    /// An assertion of the site for this person alone, as `POST /me/session` takes one; used once.
    #[serde(default)]
    pub assertion: Option<String>,
    /// In the person's own session (cookie): its token, as the forms of the page carry it.
    #[serde(default)]
    pub token: Option<String>,
    /// What they wish: `hours`, `days`, `per_week`, `paused_until`, `rhythm`, `channel`, `tone`, `language`,
    /// `zone`; what is left out is not said.
    #[schema(value_type = Object, example = json!({"per_week": 1, "rhythm": {"rhythm": "weekly", "day": 5, "at": 600}}))]
    pub contract: Value,
}

/// Who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractAsked {
    /// An assertion of the site for this person alone; used once.
    #[serde(default)]
    pub assertion: Option<String>,
    /// In the person's own session (cookie): its token.
    #[serde(default)]
    pub token: Option<String>,
}

/// A contract as it stands.
#[derive(Serialize, ToSchema)]
pub struct ContractAnswer {
    /// What the person said.
    #[schema(value_type = Object)]
    pub contract: Contract,
    /// When they said it last, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What they said last was lost with a store that was put back: nothing is sent until they say it again.
    pub to_be_said: bool,
    /// They talk to the team now: nothing is sent meanwhile.
    pub conversing: bool,
    /// Whether it is kept. Of a visitor nobody knows nothing is.
    pub kept: bool,
    /// The record that proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

type Answer = ([(HeaderName, &'static str); 1], Json<ContractAnswer>);

/// Sets the person's contract: durable when it answers, and in force for whatever is sent after. By the
/// person alone: an assertion for them, or their session. An API key opens nothing here.
#[utoipa::path(
    post,
    path = "/v1/contract",
    request_body = ContractStated,
    responses(
        (status = 200, body = ContractAnswer),
        (status = 400, description = "not JSON, or not of this shape"),
        (status = 403, description = "neither an assertion that is believed nor a session of the person"),
        (status = 422, description = "a value that cannot be"),
        (status = 503, description = "the store does not accept writes"),
    )
)]
pub async fn state(
    State(me): State<Me>,
    headers: HeaderMap,
    Body(stated): Body<ContractStated>,
) -> Result<Answer, Problem> {
    // First what costs nobody an assertion.
    let contract = read(&stated.contract).ok_or_else(|| wrong("a member is unknown or of the wrong type"))?;
    check(&contract).map_err(|fault| wrong(&fault.to_string()))?;
    let who = me.themselves(&headers, stated.assertion, stated.token).await?;
    let mut evidence = Evidence::new(Component::Api, Action::Save);
    evidence.gpc = signals(&headers).gpc;
    let (gate, now) = (&me.app().gate, me.app().now());
    let kept = gate
        .set_contract(&who.whom(), &contract, &evidence, SOURCE, now)
        .await;
    let kept = kept.map_err(unavailable)?;
    let kept = kept.map_err(|problem| wrong(&problem.to_string()))?;
    me.standing(&who, &headers, Some(kept)).await
}

/// The person's contract as it stands, for themselves.
#[utoipa::path(
    post,
    path = "/v1/contract/state",
    request_body = ContractAsked,
    responses(
        (status = 200, body = ContractAnswer),
        (status = 400, description = "not JSON, or not of this shape"),
        (status = 403, description = "neither an assertion that is believed nor a session of the person"),
        (status = 503, description = "the store does not answer"),
    )
)]
pub async fn ask(
    State(me): State<Me>,
    headers: HeaderMap,
    Body(asked): Body<ContractAsked>,
) -> Result<Answer, Problem> {
    let who = me.themselves(&headers, asked.assertion, asked.token).await?;
    me.standing(&who, &headers, None).await
}

/// Somebody who proved that they are themselves.
pub(super) struct Themselves {
    user_id: Option<String>,
    anonymous_id: Option<String>,
}

impl Themselves {
    pub(super) fn whom(&self) -> Whom<'_> {
        Whom {
            user_id: self.user_id.as_deref(),
            anonymous_id: self.anonymous_id.as_deref(),
        }
    }
}

impl Me {
    pub(super) async fn themselves(
        &self,
        headers: &HeaderMap,
        assertion: Option<String>,
        token: Option<String>,
    ) -> Result<Themselves, Problem> {
        let refused = || {
            Problem::new(
                StatusCode::FORBIDDEN,
                "person-only",
                "only the person themselves may do this",
            )
            .detail("send an `assertion` for them, unused and not over, or their session with its `token`; a key is not enough")
        };
        let (gate, now) = (&self.app().gate, self.app().now());
        if let Some(assertion) = assertion {
            let read = self.0.issuers.read(&assertion, &self.0.audience, now);
            let asserted = read.map_err(|_| refused())?;
            if !gate.remembers_since(asserted.issued) {
                return Err(refused());
            }
            let number = format!("{}\0{}", asserted.issuer, asserted.number);
            let mark = gate.mark("assertion", &number, asserted.until);
            return match gate.use_once(mark).await.map_err(unavailable)? {
                true => Ok(Themselves {
                    user_id: Some(asserted.subject),
                    anonymous_id: None,
                }),
                false => Err(refused()),
            };
        }
        let session = self.session(headers).await?.ok_or_else(refused)?;
        let token = token.unwrap_or_default();
        if !(session.admits(&token) && self.is_own(headers)) {
            return Err(refused());
        }
        let whom = session.whom();
        Ok(Themselves {
            user_id: whom.user_id.map(str::to_owned),
            anonymous_id: whom.anonymous_id.map(str::to_owned),
        })
    }

    async fn standing(
        &self,
        who: &Themselves,
        headers: &HeaderMap,
        kept: Option<ContractKept>,
    ) -> Result<Answer, Problem> {
        let ask = Ask {
            signals: signals(headers),
            requester: Requester::Person,
            now: self.app().now(),
        };
        let state = self.app().gate.contract_state(&who.whom(), ask).await;
        let state = state.map_err(unavailable)?.unwrap_or_default();
        let answer = ContractAnswer {
            contract: state.contract,
            at: state.at.map(rfc3339),
            to_be_said: state.to_be_said,
            conversing: state.conversing,
            kept: kept != Some(ContractKept::NotKept),
            record: match kept {
                Some(ContractKept::Kept(Some(record))) => Some(show_id(record)),
                _ => None,
            },
        };
        Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)))
    }
}

fn wrong(detail: &str) -> Problem {
    Problem::invalid(vec![FieldProblem::new("/contract", detail)])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_file_is_read_back_as_it_was_written_and_nothing_else_is_one() {
        let contract = Contract {
            per_week: Some(1),
            zone: Some("Europe/Paris".to_owned()),
            ..Contract::default()
        };
        let text = file(&contract);
        assert_eq!(read_file(&text).unwrap(), contract);
        for other in [
            "",
            "{}",
            r#"{"format":"egard-contract/2","contract":{}}"#,
            r#"{"format":"egard-contract/1","contract":{"per_weak":1}}"#,
            r#"{"format":"egard-contract/1","contract":{"per_week":"1"}}"#,
            r#"{"format":"egard-contract/1","contract":[]}"#,
        ] {
            assert_eq!(read_file(other), Err(Fault::File), "{other}");
        }
        let zone = r#"{"format":"egard-contract/1","contract":{"zone":"Europe/Atlantis"}}"#;
        assert_eq!(read_file(zone), Err(Fault::Zone));
        let days = r#"{"format":"egard-contract/1","contract":{"days":0}}"#;
        assert_eq!(read_file(days), Err(Fault::Limits(NotAContract::Days(0))));
        assert_eq!(
            read_file(&text.replace('1', &"1".repeat(5_000))),
            Err(Fault::File)
        );
    }

    #[test]
    fn the_published_schema_names_the_same_members() {
        let schema: Value =
            serde_json::from_str(include_str!("../../../../docs/schema/contract.schema.json")).unwrap();
        assert_eq!(schema["properties"]["format"]["const"], FORMAT);
        let members = schema["properties"]["contract"]["properties"]
            .as_object()
            .unwrap();
        let mut named: Vec<&str> = members.keys().map(String::as_str).collect();
        named.sort_unstable();
        assert_eq!(named, MEMBERS);
    }
}
