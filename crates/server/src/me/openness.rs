//! The dial and what is said of topics, over the API and for the page: set by the person alone, by an assertion for
//! them or in their own session, and in force for the very next list. A key of the site is not enough.
//!
//! Deliberately does not know: how the page looks, what a step does to a list.

use super::Me;
use super::contract::Themselves;
use crate::api::{Body, recommendations as api, signals, unavailable};
use crate::app::App;
use crate::ingest::clock::rfc3339;
use crate::problem::{FieldProblem, Problem};
use crate::web::person::Openness;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use decide::again::{self, Outcome};
use decide::gauge;
use decide::own_data::OwnData;
use gate::charter::Requester;
use gate::purposes::{ShowOwnData, ShowOwnDataView};
use gate::{Act, Ask, Preference, TimelineEntry};
use recommend::Slot;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vocabulary::{Interaction, ItemId, Preferences, PurposeName, Stance};

/// The source of what an assertion or a session states over the API.
const SOURCE: &str = "me/api";
/// Lists of the timeline that the gauge measures, and that discoveries are looked for in.
const LISTS: usize = 20;
/// Discoveries that can be answered on the page.
const DISCOVERIES: usize = 5;

/// A person's answer to something they were shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// More like this: its topic becomes an interest.
    More,
    /// Less like this: less of its topic.
    Less,
    /// Never this again.
    Never,
}

/// What a person wishes, and who says so.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpennessStated {
    /// An assertion of the site for this person alone, as `POST /me/session` takes one; used once.
    #[serde(default)]
    pub assertion: Option<String>,
    /// In the person's own session (cookie): its token, as the forms of the page carry it.
    #[serde(default)]
    pub token: Option<String>,
    /// All they wish: `openness` (`close`, `near`, `middle`, `wide`, `surprise`), `discovery`, `topics` (each
    /// `interested`, `less` or `never`); what is left out is as if never said.
    #[schema(value_type = Object, example = json!({"openness": "wide", "discovery": true, "topics": {"Kitchen": "interested"}}))]
    pub preferences: Preferences,
}

/// An answer to something that was shown, and who gives it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpennessAnswered {
    /// An assertion of the site for this person alone; used once.
    #[serde(default)]
    pub assertion: Option<String>,
    /// In the person's own session (cookie): its token.
    #[serde(default)]
    pub token: Option<String>,
    /// What was shown.
    pub item: String,
    /// `more`, `less` or `never`.
    pub answer: Answer,
}

/// Who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpennessAsked {
    /// An assertion of the site for this person alone; used once.
    #[serde(default)]
    pub assertion: Option<String>,
    /// In the person's own session (cookie): its token.
    #[serde(default)]
    pub token: Option<String>,
}

/// What holds.
#[derive(Serialize, ToSchema)]
pub struct OpennessAnswer {
    /// What the person wishes.
    #[schema(value_type = Object)]
    pub preferences: Preferences,
    /// When they last said so, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Topics that something can be said of.
    pub topics: Vec<String>,
    /// Whether it is kept. Of somebody nobody knows nothing is.
    pub kept: bool,
}

type Answered = ([(HeaderName, &'static str); 1], Json<OpennessAnswer>);

/// Sets how open the person's lists are and what they say of topics: durable when it answers, and in force for the
/// very next list. By the person alone: an API key opens nothing here.
#[utoipa::path(
    post,
    path = "/v1/openness",
    request_body = OpennessStated,
    responses(
        (status = 200, body = OpennessAnswer),
        (status = 400, description = "not JSON, or not of this shape"),
        (status = 403, description = "neither an assertion that is believed nor a session of the person"),
        (status = 422, description = "a topic that is not there, or that nobody is asked about"),
        (status = 503, description = "the store does not accept writes"),
    )
)]
pub async fn state(
    State(me): State<Me>,
    headers: HeaderMap,
    Body(stated): Body<OpennessStated>,
) -> Result<Answered, Problem> {
    // First what costs nobody an assertion.
    let wishes = &stated.preferences;
    let known = wishes
        .topics
        .iter()
        .all(|(topic, stance)| may_say(me.app(), topic, Some(*stance)));
    if !wishes.fits() || !known {
        return Err(wrong(
            "/preferences/topics",
            "a topic is not in the catalogue, or is one that nobody is asked about",
        ));
    }
    let who = me.themselves(&headers, stated.assertion, stated.token).await?;
    let kept = me.keep(&who, Act::prefer(wishes)).await?;
    me.wishes(&who, &headers, kept).await
}

/// What the person answers to something they were shown, a discovery before all: durable when it answers, and in
/// force for the very next list.
#[utoipa::path(
    post,
    path = "/v1/openness/answers",
    request_body = OpennessAnswered,
    responses(
        (status = 200, body = OpennessAnswer),
        (status = 400, description = "not JSON, or not of this shape"),
        (status = 403, description = "neither an assertion that is believed nor a session of the person"),
        (status = 422, description = "no such item, or none with a topic that can be asked about"),
        (status = 503, description = "the store does not accept writes"),
    )
)]
pub async fn answer(
    State(me): State<Me>,
    headers: HeaderMap,
    Body(answered): Body<OpennessAnswered>,
) -> Result<Answered, Problem> {
    let act = act_of(me.app(), &answered.item, answered.answer).ok_or_else(|| {
        wrong(
            "/item",
            "no such item, or none with a topic that can be asked about",
        )
    })?;
    let who = me
        .themselves(&headers, answered.assertion, answered.token)
        .await?;
    let kept = me.keep(&who, act).await?;
    me.wishes(&who, &headers, kept).await
}

/// How open the person's lists are, for themselves.
#[utoipa::path(
    post,
    path = "/v1/openness/state",
    request_body = OpennessAsked,
    responses(
        (status = 200, body = OpennessAnswer),
        (status = 400, description = "not JSON, or not of this shape"),
        (status = 403, description = "neither an assertion that is believed nor a session of the person"),
        (status = 503, description = "the store does not answer"),
    )
)]
pub async fn ask(
    State(me): State<Me>,
    headers: HeaderMap,
    Body(asked): Body<OpennessAsked>,
) -> Result<Answered, Problem> {
    let who = me.themselves(&headers, asked.assertion, asked.token).await?;
    me.wishes(&who, &headers, true).await
}

impl Me {
    async fn keep(&self, who: &Themselves, act: Act) -> Result<bool, Problem> {
        let (gate, now) = (&self.app().gate, self.app().now());
        let done = gate.act(&who.whom(), act, SOURCE, now).await;
        Ok(done.map_err(unavailable)?.is_some())
    }

    async fn wishes(&self, who: &Themselves, headers: &HeaderMap, kept: bool) -> Result<Answered, Problem> {
        let ask = Ask {
            signals: signals(headers),
            requester: Requester::Person,
            now: self.app().now(),
        };
        let show = |view: &ShowOwnDataView| decide::own_data::show(view);
        let shown = self
            .app()
            .gate
            .decide::<ShowOwnData, _, _>(&who.whom(), ask, show)
            .await;
        let data = shown.map_err(unavailable)?.ok().map(|recorded| recorded.proposal);
        let answer = OpennessAnswer {
            preferences: data
                .as_ref()
                .map(|data| data.preferences.clone())
                .unwrap_or_default(),
            at: data.as_ref().and_then(|data| data.preferred_at).map(rfc3339),
            topics: topics(self.app()),
            kept,
        };
        Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)))
    }

    /// What the page shows of the person's openness.
    pub(super) fn openness(&self, data: &OwnData, timeline: &[TimelineEntry]) -> Openness {
        openness(self.app(), data, timeline)
    }

    /// One of the page's forms, as an act; `None`: it is none that can be done.
    pub(super) fn openness_act(&self, form: &OpennessForm<'_>) -> Option<Act> {
        match *form {
            OpennessForm::Dial { step, discovery } => Some(Act::Prefer(vec![
                Preference::Openness(vocabulary::Openness::parse(step)? as u8),
                Preference::Discovery(discovery),
            ])),
            OpennessForm::Topic { name, stance } => {
                let stance = match stance {
                    "none" => None,
                    stance => Some(Stance::parse(stance)?),
                };
                may_say(self.app(), name, stance).then(|| Act::Prefer(vec![Preference::topic(name, stance)]))
            }
            OpennessForm::Answer { item, answer } => act_of(self.app(), item, answer),
        }
    }
}

/// A form of the page.
pub(super) enum OpennessForm<'a> {
    Dial { step: &'a str, discovery: bool },
    Topic { name: &'a str, stance: &'a str },
    Answer { item: &'a str, answer: Answer },
}

/// What an answer does. `None`: there is no such item, or nothing can be said of its topic.
pub(crate) fn act_of(app: &App, item: &str, answer: Answer) -> Option<Act> {
    let known = app.catalogue.get(&ItemId(item.to_owned()))?;
    let said = |stance| {
        may_say(app, &known.category, Some(stance))
            .then(|| Act::Prefer(vec![Preference::topic(&known.category, Some(stance))]))
    };
    match answer {
        Answer::More => said(Stance::Interested),
        Answer::Less => said(Stance::Less),
        Answer::Never => Some(Act::Mute(item.to_owned())),
    }
}

/// Topics that something can be said of.
fn topics(app: &App) -> Vec<String> {
    let shop = app.shop();
    let told = shop.iter().flat_map(|shop| shop.told_topics());
    told.map(str::to_owned).collect()
}

/// Whether that can be said of a topic. Less of something, or nothing more, can be said of anything.
fn may_say(app: &App, topic: &str, stance: Option<Stance>) -> bool {
    match stance {
        Some(Stance::Interested) => topics(app).iter().any(|known| known == topic),
        Some(Stance::Less | Stance::Never) => app.shop().is_some_and(|shop| shop.topic(topic).is_some()),
        None => true,
    }
}

/// What is shown of a person's openness.
pub(crate) fn openness(app: &App, data: &OwnData, timeline: &[TimelineEntry]) -> Openness {
    let lists: Vec<Outcome> = timeline
        .iter()
        .filter(|entry| entry.entry.kind == "recommendation")
        .filter_map(|entry| again::outcome(&entry.details))
        .filter(|list| !list.places.is_empty() && list.mode == decide::offers::Mode::Profiled)
        .take(LISTS)
        .collect();
    let history: Vec<Interaction> = data
        .history
        .iter()
        .filter(|known| known.purposes.contains(PurposeName::Personalise))
        .map(|known| known.interaction.clone())
        .collect();
    let mut discoveries: Vec<(String, String, String)> = Vec::new();
    for (item, place) in lists.iter().flat_map(|list| list.items.iter().zip(&list.places)) {
        let known = app.catalogue.get(item);
        let answered = |topic: &str| data.preferences.topics.contains_key(topic) || data.muted.contains(item);
        if let (Slot::Discovery { .. }, Some(known)) = (place.slot, known)
            && !answered(&known.category)
            && discoveries.len() < DISCOVERIES
            && discoveries.iter().all(|(other, ..)| *other != item.0)
        {
            discoveries.push((item.0.clone(), api::name_of(app, item), known.category.clone()));
        }
    }
    let shop = app.shop();
    Openness {
        preferences: data.preferences.clone(),
        topics: topics(app),
        lists: shop.as_ref().and_then(|shop| gauge::of_lists(&lists, shop)),
        history: shop
            .as_ref()
            .and_then(|shop| gauge::of_history(&history, shop, app.now())),
        discoveries,
    }
}

fn wrong(pointer: &str, detail: &str) -> Problem {
    Problem::invalid(vec![FieldProblem::new(pointer, detail)])
}
