//! Consents over the API: the site's server states what a person chose, with its evidence, and asks
//! what stands.
//!
//! Deliberately does not know: what a choice leads to (`gate`), how a dialogue looks. Whom it is about
//! stands in bodies and never in addresses: addresses end up in the logs of proxies.

use super::records::show_id;
use super::{Body, unavailable};
use crate::app::App;
use crate::auth::Caller;
use crate::identifier::{Identifier, Named};
use crate::ingest::clock::rfc3339;
use crate::problem::{FieldProblem, Problem};
use crate::signals::Said;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use gate::charter::Requester;
use gate::{
    Action, Ask, Component, ConsentGiven, ConsentRefused, ConsentStates, Consented, Evidence, Shown, Whom,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use vocabulary::{AgeBracket, ConsentState, Language, PurposeName, Signals};

/// Longest address of a page that is taken, bytes.
const LONGEST_PAGE: usize = 2048;

/// A choice of a person, and how it came about.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ConsentStated {
    /// The site's identifier of the person.
    #[serde(default)]
    pub user_id: Option<Identifier>,
    /// The browser's identifier of the visitor.
    #[serde(default)]
    pub anonymous_id: Option<Identifier>,
    /// Purpose and answer. What is not named is left as it is.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"personalise": true, "train": false}))]
    pub choices: BTreeMap<String, bool>,
    /// Objection to direct marketing (GDPR art. 21(2)); `false` takes it back.
    #[serde(default)]
    pub objects_to_marketing: Option<bool>,
    /// What the person said of their age: `adult` or `minor`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub age_bracket: Option<AgeBracket>,
    /// The words that were shown; a permission needs them.
    #[serde(default)]
    pub notice: Option<NoticeShown>,
    /// What the person did: `accept_all`, `refuse_all`, `save`, `withdraw`, `object` or `reported`.
    pub action: String,
    /// The page where it happened; only host and path are kept.
    #[serde(default)]
    pub page: Option<String>,
}

/// A version of a notice.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NoticeShown {
    /// Its name.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// The language it was shown in: `en` or `fr`.
    #[schema(value_type = String, example = "fr")]
    pub language: Language,
    /// The hash of its words in that language, 64 hexadecimal digits, if the caller has it: it must fit.
    #[serde(default)]
    pub text_hash: Option<String>,
}

/// Whom is asked about.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ConsentAsked {
    /// The site's identifier of the person.
    #[serde(default)]
    pub user_id: Option<Identifier>,
    /// The browser's identifier of the visitor.
    #[serde(default)]
    pub anonymous_id: Option<Identifier>,
}

/// What stands, by purpose.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsentsAnswer {
    /// The record that proves the choice just stated; ask `/v1/records/{id}/receipt` for its receipt.
    /// Nothing where nothing new was said, and in answer to a question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Whether the choice is kept here. A refusal of somebody unknown is not: nothing is known of them
    /// afterwards either.
    pub kept: bool,
    /// Whether anything is to be asked now. Who refused is not asked again.
    pub ask: bool,
    /// Objected to direct marketing.
    pub objects_to_marketing: bool,
    /// Each purpose that rests on consent.
    pub purposes: Vec<PurposeAnswer>,
}

/// What stands for one purpose.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PurposeAnswer {
    /// Its name.
    #[schema(value_type = String)]
    pub purpose: PurposeName,
    /// The state, as the W3C Data Privacy Vocabulary 2.3 names it.
    #[schema(value_type = String, example = "ConsentGiven")]
    pub state: ConsentState,
    /// Until when a permission lasts, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Whether to ask for it now.
    pub ask: bool,
}

/// States what a person chose, with the evidence. Durable when it answers; the next decision follows it.
#[utoipa::path(
    post,
    path = "/v1/consents",
    request_body = ConsentStated,
    params(
        ("Sec-GPC" = Option<String>, Header, description = "as the person's browser sent it"),
        ("ADPC" = Option<String>, Header, description = "as the person's browser sent it"),
    ),
    responses(
        (status = 200, body = ConsentsAnswer),
        (status = 400, description = "not JSON, or not of this shape"),
        (status = 401, description = "no API key"),
        (status = 409, description = "the notice is not one that is published, or its words were others"),
        (status = 422, description = "a field has a value that cannot be"),
        (status = 503, description = "the store does not accept writes"),
    ),
    security(("api_key" = []))
)]
pub async fn state(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(stated): Body<ConsentStated>,
) -> Result<([(HeaderName, &'static str); 1], Json<ConsentsAnswer>), Problem> {
    let said = Said::read(&headers);
    let (named, given) = check(&stated, &said)?;
    let whom = named.whom();
    let source = source_of(&caller);
    let now = app.now();
    said.remember(&app.gate, &whom, signals(&said), &source, now)
        .await
        .map_err(unavailable)?;
    let consented = app.gate.consent(&whom, given, &source, now).await;
    let consented = consented.map_err(unavailable)?.map_err(refused)?;
    let states = states(&app, &whom, &said).await?;
    let (kept, record) = match consented {
        Consented::Kept(record) => (true, record.map(show_id)),
        Consented::NotKept => (false, None),
    };
    Ok(private(answer(states, kept, record)))
}

/// What stands for a person, by purpose, and whether to ask. Nothing is opened. Somebody unknown is
/// answered as somebody who never answered.
#[utoipa::path(
    post,
    path = "/v1/consents/state",
    request_body = ConsentAsked,
    params(
        ("Sec-GPC" = Option<String>, Header, description = "as the person's browser sent it"),
        ("ADPC" = Option<String>, Header, description = "as the person's browser sent it"),
    ),
    responses(
        (status = 200, body = ConsentsAnswer),
        (status = 400, description = "not JSON, or not of this shape"),
        (status = 401, description = "no API key"),
        (status = 422, description = "a field has a value that cannot be"),
        (status = 503, description = "the store does not answer"),
    ),
    security(("api_key" = []))
)]
pub async fn ask(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(asked): Body<ConsentAsked>,
) -> Result<([(HeaderName, &'static str); 1], Json<ConsentsAnswer>), Problem> {
    let said = Said::read(&headers);
    let mut errors = Vec::new();
    let named = named(asked.user_id.as_ref(), asked.anonymous_id.as_ref(), &mut errors);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let whom = named.whom();
    said.remember(&app.gate, &whom, signals(&said), &source_of(&caller), app.now())
        .await
        .map_err(unavailable)?;
    let states = states(&app, &whom, &said).await?;
    Ok(private(answer(states, true, None)))
}

/// Why a choice cannot be taken, without repeating what was sent.
pub(crate) fn refused(why: ConsentRefused) -> Problem {
    let wrong = |pointer: &str, detail: &str| Problem::invalid(vec![FieldProblem::new(pointer, detail)]);
    let other = |detail: &str| {
        Problem::new(
            StatusCode::CONFLICT,
            "other-notice",
            "these are not the words in force",
        )
        .detail(detail)
    };
    match why {
        ConsentRefused::Nobody => wrong("", "name `userId` or `anonymousId`"),
        ConsentRefused::Nothing => wrong(
            "/choices",
            "say at least one choice, an objection or an age bracket",
        ),
        ConsentRefused::NoNotice => wrong("/notice", "a permission names the notice that was shown"),
        ConsentRefused::UnknownNotice { .. } => other("there is no such version; show one that is published"),
        ConsentRefused::OtherText { .. } => other("the words shown were not the published ones; show those"),
        ConsentRefused::NotAsked(purpose) => wrong(
            "/choices",
            &format!("the notice that was shown does not ask for `{purpose}`"),
        ),
        ConsentRefused::NotOnConsent(purpose) => wrong(
            "/choices",
            &format!("`{purpose}` does not rest on consent; leave it out"),
        ),
    }
}

/// The source that the API's choices are recorded under.
pub(crate) fn source_of(caller: &Caller) -> String {
    format!("api/{}", caller.name)
}

fn check<'a>(stated: &'a ConsentStated, said: &Said) -> Result<(Named<'a>, ConsentGiven), Problem> {
    let mut errors = Vec::new();
    let named = named(stated.user_id.as_ref(), stated.anonymous_id.as_ref(), &mut errors);
    let mut wrong = |pointer: &str, detail: &str| errors.push(FieldProblem::new(pointer, detail));
    let choices: Option<Vec<(PurposeName, bool)>> = stated
        .choices
        .iter()
        .map(|(name, yes)| PurposeName::parse(name).map(|purpose| (purpose, *yes)))
        .collect();
    if choices.is_none() {
        let names: Vec<&str> = PurposeName::ASKED.iter().map(|p| p.as_str()).collect();
        wrong("/choices", &format!("purposes are `{}`", names.join("`, `")));
    }
    // What a browser said comes by its headers, not by the caller's word.
    let action = Action::parse(&stated.action).filter(|action| *action != Action::Signal);
    if action.is_none() {
        wrong(
            "/action",
            "say `accept_all`, `refuse_all`, `save`, `withdraw`, `object` or `reported`",
        );
    }
    if stated.page.as_ref().is_some_and(|page| page.len() > LONGEST_PAGE) {
        wrong("/page", "an address has 2048 bytes at most");
    }
    let mut shown = None;
    if let Some(notice) = &stated.notice {
        let text = notice.text_hash.as_ref().map(|hash| hash.parse());
        match text.transpose() {
            Ok(text) => {
                shown = Some(Shown {
                    notice: notice.id.clone(),
                    version: notice.version,
                    language: notice.language,
                    text,
                });
            }
            Err(_) => wrong("/notice/textHash", "the hash has 64 hexadecimal digits"),
        }
    }
    let (Some(choices), Some(action), true) = (choices, action, errors.is_empty()) else {
        return Err(Problem::invalid(errors));
    };
    let mut evidence = Evidence::new(Component::Api, action);
    evidence.shown = shown;
    evidence.page.clone_from(&stated.page);
    (evidence.gpc, evidence.adpc) = (said.gpc(), said.adpc());
    let mut given = ConsentGiven::new(choices, evidence);
    given.objects_to_marketing = stated.objects_to_marketing;
    given.age = stated.age_bracket;
    Ok((named, given))
}

fn named<'a>(
    user_id: Option<&'a Identifier>,
    anonymous_id: Option<&'a Identifier>,
    errors: &mut Vec<FieldProblem>,
) -> Named<'a> {
    let named = Named::read(user_id, anonymous_id, errors);
    named.needed("", "name `userId` or `anonymousId`", errors)
}

fn signals(said: &Said) -> Signals {
    Signals {
        gpc: said.gpc(),
        child_directed: false,
    }
}

async fn states(app: &App, whom: &Whom<'_>, said: &Said) -> Result<ConsentStates, Problem> {
    let ask = Ask {
        signals: signals(said),
        requester: Requester::System,
        now: app.now(),
    };
    app.gate.consent_state(whom, ask).await.map_err(unavailable)
}

fn answer(states: ConsentStates, kept: bool, record: Option<String>) -> ConsentsAnswer {
    ConsentsAnswer {
        record,
        kept,
        ask: !states.ask().is_empty(),
        objects_to_marketing: states.objects_to_marketing,
        purposes: states
            .purposes
            .into_iter()
            .map(|p| PurposeAnswer {
                purpose: p.purpose,
                state: p.state,
                expires_at: p.expires_at.map(rfc3339),
                ask: p.ask,
            })
            .collect(),
    }
}

fn private(answer: ConsentsAnswer) -> ([(HeaderName, &'static str); 1], Json<ConsentsAnswer>) {
    ([(header::CACHE_CONTROL, "no-store")], Json(answer))
}
