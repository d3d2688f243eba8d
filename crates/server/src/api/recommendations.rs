//! Ask for recommendations: permitted, explained, recorded, and only then answered.
//!
//! Deliberately does not know: how a list is made (`decide`), who may be profiled (`gate`).

use super::consents::source_of;
use super::records::show_id;
use super::{Body, signals, unavailable};
use crate::app::App;
use crate::auth::Caller;
use crate::identifier::{Identifier, Named};
use crate::problem::{FieldProblem, Problem};
use crate::signals::Said;
use crate::web::person::slot_words;
use crate::words::{Part, PartKind, Words, sentence};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use decide::Shop;
use decide::offers::{self, Choose, Offers, Placing, Request};
use gate::charter::{PolicyId, Requester};
use gate::purposes::Personalise;
use gate::{Ask, Recorded, Unavailable, Whom};
use recommend::{Channel, Ranked, Reason, Slot};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use vocabulary::{ItemId, Language, PurposeName, Signals};

/// Bytes that most answers stay below.
const ANSWER: usize = 32 << 10;

/// Who, where, how many.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RecommendationsWanted {
    /// The site's identifier of the person, as it is sent with events: text of 1 to 512 bytes, or a
    /// whole number.
    #[serde(default)]
    pub user_id: Option<Identifier>,
    /// The browser's identifier of the visitor, likewise.
    #[serde(default)]
    pub anonymous_id: Option<Identifier>,
    /// Where the list is shown, as the site calls it: 1 to 64 bytes.
    pub placement: String,
    /// How many items: 1 to 100.
    #[serde(default = "ten")]
    pub count: u32,
    /// Rules of the shop for this list.
    #[serde(default)]
    pub filters: Filters,
    /// The language of sentences: `en` or `fr`.
    #[serde(default)]
    #[schema(value_type = String, example = "fr")]
    pub language: Language,
    /// For how many of the most influential items of the history to compute the list without
    /// them: 0 to 10.
    #[serde(default = "one")]
    pub counterfactuals: u32,
}

/// Rules of the shop for one list.
#[derive(Deserialize, ToSchema, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Filters {
    /// Only items of these categories, at most 50; empty = all.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Leave out what the person bought already.
    #[serde(default)]
    pub exclude_bought: bool,
}

/// What is the same for everybody is drawn for nobody.
const NOBODY: Whom<'static> = Whom {
    user_id: None,
    anonymous_id: None,
};

fn ten() -> u32 {
    10
}

fn one() -> u32 {
    1
}

/// The list, and everything that led to it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recommendations {
    /// The record of this decision; ask `/v1/records/{id}/receipt` for its receipt.
    pub record: String,
    /// `profiled` (from the person's history) or `contextual` (the same for everybody).
    #[schema(value_type = String)]
    pub mode: offers::Mode,
    /// The purpose that was asked for.
    #[schema(value_type = String)]
    pub purpose: PurposeName,
    /// The rules that decided whether the person may be profiled.
    pub policies: Vec<PolicyAnswer>,
    /// Content address of the model.
    pub model: String,
    /// Content address of the charter.
    pub charter: String,
    /// The items, best first.
    pub items: Vec<ItemAnswer>,
    /// Items that scored high enough, and the rule that took them out.
    pub excluded: Vec<ExcludedAnswer>,
    /// What the list would be without an item of the history.
    pub counterfactuals: Vec<CounterfactualAnswer>,
}

/// A rule that decided.
#[derive(Serialize, ToSchema)]
pub struct PolicyAnswer {
    /// Its identity.
    pub id: String,
    /// The law it stands for.
    pub law: String,
    /// What it says, in the language asked for.
    pub words: String,
}

/// One item of the list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemAnswer {
    /// Its identifier.
    pub id: String,
    /// The name people read.
    pub name: String,
    /// Its category.
    pub category: String,
    /// Its price in minor units.
    pub price_minor: i64,
    /// Its score: the sum of the amounts of its reasons.
    pub score: f64,
    /// Every addend of the score, the largest first.
    pub reasons: Vec<ReasonAnswer>,
    /// The reasons in one sentence.
    pub sentence: String,
    /// It lies outside the person's usual topics.
    pub outside: bool,
    /// Why it has its place: `chosen` by its score and by what it adds to the list's variety; `floor` or `interest`,
    /// a place kept for what lies outside or for a declared interest; `discovery` or `exposure`, drawn.
    pub slot: &'static str,
    /// The chance with which a drawn item was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propensity: Option<f64>,
    /// What to say beside it, where there is something to say: a discovery must be labelled as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// One addend of a score.
#[derive(Serialize, ToSchema)]
pub struct ReasonAnswer {
    /// `again`, `next`, `discover`, `prior`, `alike`, `bridge`, `mute`, `interest` or `less`.
    pub channel: &'static str,
    /// The item of the history it comes from, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// How much it adds.
    pub amount: f64,
}

/// An item that a rule took out.
#[derive(Serialize, ToSchema)]
pub struct ExcludedAnswer {
    /// Its identifier.
    pub id: String,
    /// Which rule.
    #[schema(value_type = String)]
    pub rule: offers::Rule,
}

/// The list without one item of the history.
#[derive(Serialize, ToSchema)]
pub struct CounterfactualAnswer {
    /// Without which.
    pub without: String,
    /// The items, best first.
    pub items: Vec<String>,
}

/// Recommendations for a person, or, where the charter does not permit to profile them, the list
/// that is the same for everybody.
#[utoipa::path(
    post,
    path = "/v1/recommendations",
    request_body = RecommendationsWanted,
    params(
        ("Sec-GPC" = Option<String>, Header, description = "`1`: do not profile for this request"),
        ("ADPC" = Option<String>, Header, description = "as the person's browser sent it; followed, and remembered"),
    ),
    responses(
        (status = 200, body = Recommendations),
        (status = 400, description = "not JSON, or not of this shape"),
        (status = 401, description = "no API key"),
        (status = 422, description = "a field has a value that cannot be"),
        (status = 503, description = "no model yet, or the store does not accept writes"),
    ),
    security(("api_key" = []))
)]
pub async fn recommend(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(wanted): Body<RecommendationsWanted>,
) -> Result<Response, Problem> {
    let (named, request) = check(&wanted)?;
    let shop = app.shop().ok_or_else(no_model)?;
    let whom = named.whom();
    let (said, signals) = (Said::read(&headers), signals(&headers));
    // Before the decision, so that it follows: what the browser takes back is off now.
    said.remember(&app.gate, &whom, signals, &source_of(&caller), app.now())
        .await
        .map_err(unavailable)?;
    let recorded = decide(&app, &shop, &whom, request, signals)
        .await
        .map_err(unavailable)?;
    json(&answer(&app, recorded, wanted.language))
}

/// An answer with hundreds of reasons, written into room enough from the start.
fn json(answer: &Recommendations) -> Result<Response, Problem> {
    let mut body = Vec::with_capacity(ANSWER);
    serde_json::to_writer(&mut body, answer).map_err(|_| Problem::internal())?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The decision itself, for the API and for pages alike.
pub(crate) async fn decide(
    app: &App,
    shop: &Arc<Shop>,
    whom: &Whom<'_>,
    request: Request,
    signals: Signals,
) -> Result<Recorded<Offers>, Unavailable> {
    let now = app.now();
    let ask = Ask {
        signals,
        requester: Requester::System,
        now,
    };
    // Once a day for each placement: who looks twice sees the same list, and nobody can reload until they like it.
    let placement = request.placement.clone();
    let occasion = format!("recommendation\0{}\0{}", now.day().0, request.placement);
    let (seed, nobodys) = (
        app.gate.seed_of(whom, &occasion),
        app.gate.seed_of(&NOBODY, &occasion),
    );
    let (asked, facts, rule) = (request.clone(), Arc::clone(shop), rule(app, &placement));
    let decided = app
        .gate
        .decide::<Personalise, _, _>(whom, ask, move |view| {
            offers::profiled_by(rule, view, &asked, &facts, seed, now)
        })
        .await?;
    let recorded = match decided {
        Ok(recorded) => recorded,
        Err(refused) => {
            let list = offers::contextual(&request, shop, nobodys, now);
            app.gate
                .record_unprofiled(list, refused.purpose, refused.policies, now)
                .await?
        }
    };
    let mode = match recorded.proposal.mode {
        offers::Mode::Profiled => "profiled",
        offers::Mode::Contextual => "contextual",
    };
    metrics::counter!("egard_decisions_total", "mode" => mode).increment(1);
    app.lists.count(&placement, seed, &recorded.proposal, shop, now);
    for place in &recorded.proposal.places {
        metrics::counter!("egard_slots_total", "slot" => slot(place.slot)).increment(1);
    }
    Ok(recorded)
}

/// By what the program in force has lists chosen there.
fn rule(app: &App, placement: &str) -> Choose {
    let running = app.running();
    let declared = running
        .as_ref()
        .map(|running| &running.program.settings.placements);
    match declared.and_then(|declared| declared.get(placement)) {
        Some(declared) if declared.choose == ::program::settings::Choose::Variety => Choose::Varied,
        _ => Choose::Mix,
    }
}

/// The answer while nothing has been learned.
pub(crate) fn no_model() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "no-model",
        "nothing has been learned yet",
    )
    .detail("run `egard train` once there are events, then ask again")
}

fn check(wanted: &RecommendationsWanted) -> Result<(Named<'_>, Request), Problem> {
    let mut errors = Vec::new();
    let named = Named::read(wanted.user_id.as_ref(), wanted.anonymous_id.as_ref(), &mut errors);
    let mut wrong = |pointer: &str, detail: &str| errors.push(FieldProblem::new(pointer, detail));
    if wanted.placement.is_empty() || wanted.placement.len() > 64 {
        wrong("/placement", "a placement is from 1 to 64 bytes");
    }
    if !(1..=offers::MAX_COUNT as u32).contains(&wanted.count) {
        wrong("/count", "`count` is from 1 to 100");
    }
    if wanted.counterfactuals > offers::MAX_COUNTERFACTUALS as u32 {
        wrong("/counterfactuals", "`counterfactuals` is from 0 to 10");
    }
    if wanted.filters.categories.len() > 50 || wanted.filters.categories.iter().any(|c| c.len() > 100) {
        wrong(
            "/filters/categories",
            "at most 50 categories of at most 100 bytes",
        );
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let request = Request {
        placement: wanted.placement.clone(),
        count: wanted.count as usize,
        categories: wanted.filters.categories.clone(),
        exclude_bought: wanted.filters.exclude_bought,
        counterfactuals: wanted.counterfactuals as usize,
    };
    Ok((named, request))
}

fn answer(app: &App, recorded: Recorded<Offers>, language: Language) -> Recommendations {
    let offers = recorded.proposal;
    Recommendations {
        record: show_id(recorded.record),
        mode: offers.mode,
        purpose: PurposeName::Personalise,
        policies: policies(app, &recorded.policies, language),
        model: offers.model.to_string(),
        charter: app.gate.charter().digest().to_string(),
        items: offers
            .items
            .into_iter()
            .zip(&offers.places)
            .map(|(ranked, place)| item(app, ranked, place, language))
            .collect(),
        excluded: offers
            .excluded
            .into_iter()
            .map(|(id, rule)| ExcludedAnswer { id: id.0, rule })
            .collect(),
        counterfactuals: offers
            .counterfactuals
            .into_iter()
            .map(|c| CounterfactualAnswer {
                without: c.without.0,
                items: c.items.into_iter().map(|item| item.0).collect(),
            })
            .collect(),
    }
}

/// The rules that decided, in words.
pub(crate) fn policies(app: &App, ids: &[PolicyId], language: Language) -> Vec<PolicyAnswer> {
    let charter = app.gate.charter();
    ids.iter()
        .map(|id| PolicyAnswer {
            id: id.to_string(),
            law: charter.law(id).to_owned(),
            words: charter.explain(id, language).to_owned(),
        })
        .collect()
}

fn item(app: &App, ranked: Ranked, place: &Placing, language: Language) -> ItemAnswer {
    let known = app.catalogue.get(&ranked.item);
    // A sentence names the two weightiest reasons in favour, and reasons come by weight.
    let mut unnamed = 2;
    let named = |reason: &Reason| {
        let named = unnamed > 0 && reason.amount > 0.0;
        unnamed -= usize::from(named);
        named
    };
    let sentence = sentence(language, &parts_naming(app, &ranked, named));
    ItemAnswer {
        id: ranked.item.0,
        name: known.map(|item| item.name.clone()).unwrap_or_default(),
        category: known.map(|item| item.category.clone()).unwrap_or_default(),
        price_minor: known.map_or(0, |item| item.price_minor),
        score: ranked.score,
        reasons: ranked
            .reasons
            .into_iter()
            .map(|reason| ReasonAnswer {
                channel: channel(reason.channel),
                because: reason.because.map(|item| item.0),
                amount: reason.amount,
            })
            .collect(),
        sentence,
        outside: place.outside,
        slot: slot(place.slot),
        propensity: match place.slot {
            Slot::Discovery { propensity, .. } | Slot::Exposure { propensity, .. } => Some(propensity),
            Slot::Chosen | Slot::Floor | Slot::Interest => None,
        },
        label: slot_words(Words::of(language), place),
    }
}

/// The reasons with the names people read, for sentences and drawings.
pub(crate) fn parts(app: &App, ranked: &Ranked) -> Vec<Part> {
    parts_naming(app, ranked, |_| true)
}

/// As [`parts`], with the names of those reasons only that need one: there may be hundreds.
fn parts_naming(app: &App, ranked: &Ranked, mut named: impl FnMut(&Reason) -> bool) -> Vec<Part> {
    ranked
        .reasons
        .iter()
        .map(|reason| Part {
            kind: match reason.channel {
                Channel::Again => PartKind::Again,
                Channel::Next => PartKind::Next,
                Channel::Discover => PartKind::Discover,
                Channel::Prior => PartKind::Prior,
                Channel::Mute => PartKind::Mute,
                Channel::Bridge => PartKind::Bridge,
                Channel::Interest => PartKind::Interest,
                Channel::Less => PartKind::Less,
                Channel::Alike => PartKind::Alike,
            },
            item: reason
                .because
                .as_ref()
                .filter(|_| named(reason))
                .map(|item| name_of(app, item))
                .or_else(|| of_topic(app, ranked, reason))
                .unwrap_or_default(),
            amount: reason.amount,
        })
        .collect()
}

/// The topic of an item, for what was said of it.
fn of_topic(app: &App, ranked: &Ranked, reason: &Reason) -> Option<String> {
    let said = matches!(reason.channel, Channel::Interest | Channel::Less);
    let item = app.catalogue.get(&ranked.item).filter(|_| said)?;
    Some(item.category.clone())
}

/// The name of an item, or its identifier if the catalogue does not have it.
pub(crate) fn name_of(app: &App, id: &ItemId) -> String {
    app.catalogue
        .get(id)
        .map_or_else(|| id.0.clone(), |item| item.name.clone())
}

fn slot(slot: Slot) -> &'static str {
    match slot {
        Slot::Chosen => "chosen",
        Slot::Floor => "floor",
        Slot::Interest => "interest",
        Slot::Discovery { .. } => "discovery",
        Slot::Exposure { .. } => "exposure",
    }
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Again => "again",
        Channel::Next => "next",
        Channel::Discover => "discover",
        Channel::Prior => "prior",
        Channel::Mute => "mute",
        Channel::Bridge => "bridge",
        Channel::Interest => "interest",
        Channel::Less => "less",
        Channel::Alike => "alike",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_what_it_is_for_events() {
        let wrong = |id: &str| {
            let json = format!("{{\"userId\":{id},\"placement\":\"home\"}}");
            check(&serde_json::from_str(&json).unwrap()).is_err()
        };
        assert!(!wrong("42") && !wrong("\"42\"") && !wrong(&format!("{:?}", "x".repeat(512))));
        assert!(wrong("\"undefined\"") && wrong("\" \"") && wrong(&format!("{:?}", "x".repeat(513))));
    }
}
