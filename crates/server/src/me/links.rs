//! What the site's server may ask for: a link to a person's page, and where the person is reached.
//!
//! The caller vouches that it hands the link to that person and nobody else. Deliberately does not
//! know: whether there is such a person; somebody we do not know gets a link that looks the same.

use super::Me;
use crate::api::{Body, unavailable};
use crate::auth::Caller;
use crate::identifier::{Identifier, Named};
use crate::ingest::clock::rfc3339;
use crate::problem::{FieldProblem, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gate::{Addressed, PassKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vocabulary::Language;

/// The longest a link may be asked to last, minutes.
const LONGEST: u32 = 24 * 60;
/// The source of what the API says.
const SOURCE: &str = "api";

/// Whose page.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LinkWanted {
    /// The site's identifier of the person, as it is sent with events.
    #[serde(default)]
    pub user_id: Option<Identifier>,
    /// The browser's identifier of a visitor, likewise.
    #[serde(default)]
    pub anonymous_id: Option<Identifier>,
    /// The language of the page: `en` or `fr`; without, the browser's.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "fr")]
    pub language: Option<Language>,
    /// Minutes the link lasts: 1 to 1440; without, `me.link_minutes` of the settings.
    #[serde(default)]
    pub minutes: Option<u32>,
}

/// A link to hand to the person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkAnswer {
    /// The address. It opens once, and names nobody.
    pub url: String,
    /// When it ends (RFC 3339).
    pub expires_at: String,
}

/// Where a person is reached.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AddressTold {
    /// The site's identifier of the person.
    pub user_id: Identifier,
    /// The address that the site has verified. Only a keyed hash of it is kept.
    pub email: String,
}

/// A link to the person's own page, for the site's server to hand to them. It opens a session once,
/// within the given time, after a click; fetching it changes nothing.
#[utoipa::path(
    post,
    path = "/v1/me/links",
    request_body = LinkWanted,
    responses(
        (status = 201, body = LinkAnswer),
        (status = 401, description = "no API key"),
        (status = 403, description = "the key is for staff"),
        (status = 422, description = "a field has a value that cannot be"),
    ),
    security(("api_key" = []))
)]
pub async fn make(
    State(me): State<Me>,
    _caller: Caller,
    Body(wanted): Body<LinkWanted>,
) -> Result<(StatusCode, Json<LinkAnswer>), Problem> {
    let named = check(&wanted)?;
    let whom = named.whom();
    if whom.user_id.is_none() && me.app().gate.is_customer(&whom).await.map_err(unavailable)? {
        // Whoever has a browser's identifier is not yet the customer who once used that browser.
        let detail = "this visitor is a customer by now: say who signed in, as `userId`";
        return Err(Problem::invalid(vec![FieldProblem::new("/anonymousId", detail)]));
    }
    let ttl_ms = wanted
        .minutes
        .map_or(me.0.link_ms, |minutes| i64::from(minutes) * 60_000);
    let now = me.app().now();
    let pass = me.app().gate.issue_pass(PassKind::Link, &whom, ttl_ms, now);
    let answer = LinkAnswer {
        url: me.link(&pass.map_err(unavailable)?, wanted.language),
        expires_at: rfc3339(now.plus(ttl_ms)),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// The address at which a person may ask for links to their own page, as the site verified it. An
/// earlier one gets no links any more.
#[utoipa::path(
    post,
    path = "/v1/me/addresses",
    request_body = AddressTold,
    responses(
        (status = 204, description = "noted"),
        (status = 401, description = "no API key"),
        (status = 403, description = "the key is for staff"),
        (status = 404, description = "no such person"),
        (status = 409, description = "the address leads to somebody else"),
        (status = 422, description = "a field has a value that cannot be"),
    ),
    security(("api_key" = []))
)]
pub async fn reach(
    State(me): State<Me>,
    _caller: Caller,
    Body(told): Body<AddressTold>,
) -> Result<StatusCode, Problem> {
    let mut errors = Vec::new();
    let named = Named::read(Some(&told.user_id), None, &mut errors);
    if !crate::mail::is_address(&told.email) {
        errors.push(FieldProblem::new("/email", "this is no e-mail address"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let now = me.app().now();
    let user_id = named.user_id().unwrap_or_default();
    match me.app().gate.reach(user_id, &told.email, SOURCE, now).await {
        Ok(Addressed::Kept) => Ok(StatusCode::NO_CONTENT),
        Ok(Addressed::Nobody) => Err(Problem::not_found("person")),
        Ok(Addressed::Taken) => Err(Problem::new(
            StatusCode::CONFLICT,
            "address-taken",
            "the address leads to somebody else",
        )),
        Err(error) => Err(unavailable(error)),
    }
}

impl Me {
    /// The address of a link.
    pub(super) fn link(&self, pass: &[u8], language: Option<Language>) -> String {
        let pass = URL_SAFE_NO_PAD.encode(pass);
        let language = language.map(|l| format!("&lang={}", l.tag())).unwrap_or_default();
        format!("{}/me/link?pass={pass}{language}", self.0.audience)
    }
}

fn check(wanted: &LinkWanted) -> Result<Named<'_>, Problem> {
    let mut errors = Vec::new();
    let named = Named::read(wanted.user_id.as_ref(), wanted.anonymous_id.as_ref(), &mut errors);
    let named = named.needed("/userId", "say `userId` or `anonymousId`", &mut errors);
    if wanted
        .minutes
        .is_some_and(|minutes| !(1..=LONGEST).contains(&minutes))
    {
        errors.push(FieldProblem::new("/minutes", "`minutes` is from 1 to 1440"));
    }
    match errors.is_empty() {
        true => Ok(named),
        false => Err(Problem::invalid(errors)),
    }
}
