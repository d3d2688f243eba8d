//! Telephone numbers over the API: the site's server says whose a number is, and the carrier of text messages says who
//! answered `STOP`.
//!
//! Deliberately does not know: how text messages are sent. A number stands in bodies and never in addresses.

use super::{read, unavailable};
use crate::api::Body;
use crate::app::App;
use crate::auth::Caller;
use crate::identifier::{Identifier, Named};
use crate::problem::{FieldProblem, Problem};
use axum::extract::{Form, FromRequest as _, Request, State};
use axum::http::{StatusCode, header};
use gate::Addressed;
use letter::sms::Number;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use vocabulary::PurposeName;

/// The source that is recorded for what the carrier says.
const SOURCE: &str = "sms";

/// Whose number it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NumberTold {
    /// The site's identifier of the person.
    pub user_id: Identifier,
    /// The number in the form of E.164: `+`, country and subscriber. Only a keyed hash of it is kept here.
    #[schema(example = "+33612345678")]
    pub number: String,
}

/// Says whose a telephone number is, so that an answer `STOP` reaches the right person's choices.
#[utoipa::path(
    post,
    path = "/v1/numbers",
    request_body = NumberTold,
    responses(
        (status = 204, description = "noted"),
        (status = 401, description = "no API key"),
        (status = 404, description = "no such person"),
        (status = 409, description = "the number leads to somebody else"),
        (status = 422, description = "a field has a value that cannot be"),
        (status = 503, description = "the store does not accept writes"),
    ),
    security(("api_key" = []))
)]
pub async fn note(
    State(app): State<App>,
    caller: Caller,
    Body(told): Body<NumberTold>,
) -> Result<StatusCode, Problem> {
    let mut errors = Vec::new();
    let named = Named::read(Some(&told.user_id), None, &mut errors);
    let number = Number::parse(&told.number);
    if let Err(error) = &number {
        errors.push(FieldProblem::new("/number", &error.to_string()));
    }
    let (Ok(number), true) = (number, errors.is_empty()) else {
        return Err(Problem::invalid(errors));
    };
    let source = super::consents::source_of(&caller);
    let user_id = named.user_id().unwrap_or_default();
    let noted = app
        .gate
        .note_number(user_id, number.as_str(), &source, app.now())
        .await;
    match noted.map_err(unavailable)? {
        Addressed::Kept => Ok(StatusCode::NO_CONTENT),
        Addressed::Nobody => Err(Problem::not_found("person")),
        Addressed::Taken => Err(Problem::new(
            StatusCode::CONFLICT,
            "number-taken",
            "the number leads to somebody else",
        )),
    }
}

/// The carrier of text messages tells that somebody answered: `STOP` takes back `market_by_sms`. Its shape and its
/// secret are those of `[channels.sms.inbound]`. Whether the number is known is not answered.
#[utoipa::path(
    post,
    path = "/v1/sms/inbound",
    request_body(content = Object, description = "as the carrier sends it: JSON or a form"),
    responses(
        (status = 204, description = "heard"),
        (status = 400, description = "no JSON and no form, or no number where the settings say it stands"),
        (status = 401, description = "not the carrier's secret"),
        (status = 404, description = "the settings name no carrier that tells anything"),
        (status = 503, description = "the store does not accept writes: tell it again"),
    ),
)]
pub async fn inbound(State(app): State<App>, request: Request) -> Result<StatusCode, Problem> {
    let inbound = app.ways.as_ref().and_then(|ways| ways.inbound.clone());
    let inbound = inbound.ok_or_else(|| Problem::not_found("carrier"))?;
    if !inbound.is_believed(request.headers()) {
        return Err(Problem::unauthorised());
    }
    let form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let bytes = read(request).await?;
    let said = match form {
        true => fields(bytes).await,
        false => serde_json::from_slice(&bytes).ok(),
    };
    let said = said.ok_or_else(|| Problem::bad_request("the body is neither JSON nor a form"))?;
    let number = inbound
        .number(&said)
        .ok_or_else(|| Problem::bad_request("no telephone number stands where the settings say"))?;
    if inbound.stops(&said) {
        let purpose = PurposeName::MarketBySms;
        let withdrawn = app
            .gate
            .withdraw_by_number(number.as_str(), purpose, SOURCE, app.now())
            .await;
        let known = withdrawn.map_err(unavailable)?;
        metrics::counter!("egard_sms_stops_total", "known" => if known { "yes" } else { "no" }).increment(1);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The fields of a form as an object of texts; of several of one name the first.
async fn fields(bytes: Vec<u8>) -> Option<Value> {
    let form = Request::post("/")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(bytes))
        .ok()?;
    let read = Form::<Vec<(String, String)>>::from_request(form, &()).await;
    let mut fields = Map::new();
    for (name, value) in read.ok()?.0 {
        fields.entry(name).or_insert(Value::String(value));
    }
    Some(Value::Object(fields))
}
