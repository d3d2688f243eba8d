//! Browsers that agreed to notifications: the site's server says whose browser it is, and when it left.
//!
//! A subscription is a declared trait of the person, [`TRAIT`], for `market_by_push`: it is kept only while that is
//! permitted, shown on the person's own page, and gone with the consent. Deliberately does not know: what is sent.

use super::{Body, unavailable};
use crate::app::App;
use crate::auth::Caller;
use crate::channels::push::{BadSubscription, Subscription};
use crate::identifier::{Identifier, Named};
use crate::problem::{FieldProblem, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use gate::charter::Requester;
use gate::purposes::MarketByPush;
use gate::{Ask, Fate, Gate, Reason, Unavailable, Whom};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use vocabulary::{Event, Kind, Moment, Signals};

/// The trait that holds the subscription; the data dictionary declares it for `market_by_push`.
pub const TRAIT: &str = "push_subscription";

/// A browser that agreed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BrowserTold {
    /// The site's identifier of the person.
    #[serde(default)]
    pub user_id: Option<Identifier>,
    /// The browser's identifier of the visitor.
    #[serde(default)]
    pub anonymous_id: Option<Identifier>,
    /// What `PushSubscription.toJSON()` answers.
    pub subscription: BrowserSubscription,
}

/// What a browser says of its subscription.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BrowserSubscription {
    /// Where its push service takes messages: `https`, 800 bytes at most.
    pub endpoint: String,
    /// Its keys.
    pub keys: BrowserKeys,
}

/// The keys of a browser, as URL-safe base64.
#[derive(Deserialize, ToSchema)]
pub struct BrowserKeys {
    /// A point on P-256, 65 bytes.
    pub p256dh: String,
    /// 16 bytes.
    pub auth: String,
}

/// Whose browser left.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BrowserLeft {
    /// The site's identifier of the person.
    #[serde(default)]
    pub user_id: Option<Identifier>,
    /// The browser's identifier of the visitor.
    #[serde(default)]
    pub anonymous_id: Option<Identifier>,
}

/// The key that browsers are asked with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushKey {
    /// For `applicationServerKey`: a point on P-256 as URL-safe base64.
    pub public_key: String,
}

/// The public key for `PushManager.subscribe`.
#[utoipa::path(
    get,
    path = "/v1/push-subscriptions/key",
    responses(
        (status = 200, body = PushKey),
        (status = 404, description = "the settings have no `[channels.push]`"),
    ),
)]
pub async fn key(
    State(app): State<App>,
) -> Result<([(HeaderName, &'static str); 2], Json<PushKey>), Problem> {
    let push = app.ways.as_ref().and_then(|ways| ways.push.as_ref());
    let push = push.ok_or_else(|| Problem::not_found("push key"))?;
    let headers = [
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    let public_key = push.public_key();
    Ok((headers, Json(PushKey { public_key })))
}

/// Notes the browser of a person who permitted `market_by_push`. One browser for each person: the latest stands.
#[utoipa::path(
    post,
    path = "/v1/push-subscriptions",
    request_body = BrowserTold,
    responses(
        (status = 204, description = "noted"),
        (status = 401, description = "no API key"),
        (status = 403, description = "the person does not permit `market_by_push`; nothing was kept"),
        (status = 404, description = "the settings have no `[channels.push]`"),
        (status = 409, description = "the data dictionary does not declare the trait `push_subscription`"),
        (status = 422, description = "a field has a value that cannot be"),
        (status = 503, description = "the store does not accept writes"),
    ),
    security(("api_key" = []))
)]
pub async fn note(
    State(app): State<App>,
    caller: Caller,
    Body(told): Body<BrowserTold>,
) -> Result<StatusCode, Problem> {
    if app.ways.as_ref().is_none_or(|ways| ways.push.is_none()) {
        return Err(Problem::not_found("push key"));
    }
    let mut errors = Vec::new();
    let named = named(told.user_id.as_ref(), told.anonymous_id.as_ref(), &mut errors);
    let said = &told.subscription;
    let subscription = Subscription::new(&said.endpoint, &said.keys.p256dh, &said.keys.auth);
    if let Err(error) = subscription {
        let place = match error {
            BadSubscription::Endpoint => "/subscription/endpoint",
            BadSubscription::Keys(_) => "/subscription/keys",
        };
        errors.push(FieldProblem::new(place, &error.to_string()));
    }
    let (Ok(subscription), true) = (subscription, errors.is_empty()) else {
        return Err(Problem::invalid(errors));
    };
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now: app.now(),
    };
    let whom = named.whom();
    let permitted = app
        .gate
        .permit::<MarketByPush>(&whom, ask)
        .await
        .map_err(unavailable)?;
    if permitted.is_err() {
        return Err(not_permitted());
    }
    let source = super::consents::source_of(&caller);
    let value = Value::String(subscription.to_text());
    let fate = write(&app.gate, &whom, value, &source, app.now()).await;
    match fate.map_err(unavailable)? {
        Some(Fate::Stored | Fate::Duplicate) => Ok(StatusCode::NO_CONTENT),
        Some(Fate::Dropped(Reason::NotDeclared)) => Err(Problem::new(
            StatusCode::CONFLICT,
            "not-declared",
            "the data dictionary does not declare the trait `push_subscription`",
        )),
        Some(Fate::Dropped(Reason::TryAgain)) | None => Err(Problem::unavailable(1)),
        Some(Fate::Dropped(_)) => Err(not_permitted()),
    }
}

/// Forgets the browser of a person, because it was switched off there. Idempotent.
#[utoipa::path(
    post,
    path = "/v1/push-subscriptions/remove",
    request_body = BrowserLeft,
    responses(
        (status = 204, description = "there is none any more"),
        (status = 401, description = "no API key"),
        (status = 422, description = "a field has a value that cannot be"),
        (status = 503, description = "the store does not accept writes"),
    ),
    security(("api_key" = []))
)]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Body(left): Body<BrowserLeft>,
) -> Result<StatusCode, Problem> {
    let mut errors = Vec::new();
    let named = named(left.user_id.as_ref(), left.anonymous_id.as_ref(), &mut errors);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let source = super::consents::source_of(&caller);
    let forgotten = forget(&app.gate, &named.whom(), &source, app.now()).await;
    forgotten.map(|()| StatusCode::NO_CONTENT).map_err(unavailable)
}

/// Forgets the subscription that was known at that moment: one that came later stays. For the push service's word
/// that a browser left, the moment is that at which the message was handed over.
///
/// # Errors
/// If the store does not accept writes.
pub async fn forget(gate: &Gate, whom: &Whom<'_>, source: &str, at: Moment) -> Result<(), Unavailable> {
    // Where nothing is permitted nothing is kept, so that a dropped word has nothing to forget.
    match write(gate, whom, Value::Null, source, at).await? {
        Some(Fate::Dropped(Reason::TryAgain)) | None => Err(Unavailable::Busy),
        Some(_) => Ok(()),
    }
}

async fn write(
    gate: &Gate,
    whom: &Whom<'_>,
    value: Value,
    source: &str,
    at: Moment,
) -> Result<Option<Fate>, Unavailable> {
    let unique: String = gate::Secret::fresh()?.to_text().chars().take(32).collect();
    let event = Event {
        message_id: format!("push-{unique}"),
        kind: Kind::Identify,
        name: String::new(),
        user_id: whom.user_id.map(str::to_owned),
        anonymous_id: whom.anonymous_id.map(str::to_owned),
        previous_id: None,
        at,
        received_at: at,
        fields: Map::from_iter([(TRAIT.to_owned(), value)]),
        consent: None,
        signals: Signals::default(),
    };
    let fates = gate.observe(vec![gate.take_in(source, event)]).await?;
    Ok(fates.first().copied())
}

fn named<'a>(
    user_id: Option<&'a Identifier>,
    anonymous_id: Option<&'a Identifier>,
    errors: &mut Vec<FieldProblem>,
) -> Named<'a> {
    let named = Named::read(user_id, anonymous_id, errors);
    named.needed("", "name `userId` or `anonymousId`", errors)
}

fn not_permitted() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "no-purpose-consent",
        "the person does not permit notifications",
    )
    .detail("ask for `market_by_push` first, then for the browser's permission; nothing was kept")
}
