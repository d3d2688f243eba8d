//! The demo page's requests: from the gate's answers to the page's plain values, and the two forms
//! that change something.
//!
//! Served with `demo_page = true` only, which production refuses: it shows sample customers, whose
//! choices are synthetic, to anybody. Deliberately does not know: the store, how a list is made.

use super::demo::{self, Chosen, Demo, Mode, Notice, Stance};
use super::{PAGE_HEADERS, demo_values as values};
use crate::api::recommendations as api;
use crate::app::App;
use crate::me::openness::{self, Answer};
use crate::problem::Problem;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use decide::offers::{Offers, Request};
use decide::own_data::{self, OwnData};
use gate::charter::Requester;
use gate::purposes::ShowOwnData;
use gate::{Act, Ask, Recorded, Unavailable, Whom};
use serde::Deserialize;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use subtle::ConstantTimeEq as _;
use vocabulary::{ItemId, Language, PurposeName, Signals};

/// Offers on the page.
const COUNT: usize = 6;
/// Notices that wait to be shown; the oldest make room.
const NOTICES: usize = 200;
/// The source that the page's own choices are recorded under.
const SOURCE: &str = "demo-page";

/// A sample customer.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The `userId` under which the demo sent the customer's events.
    pub user_id: String,
    /// The customer's number in the data.
    pub number: u32,
    /// The synthetic answer.
    pub stance: Stance,
}

/// What the page's handlers share.
#[derive(Clone)]
struct Page {
    app: App,
    samples: Arc<Vec<Sample>>,
    token: Arc<str>,
    notices: Arc<Mutex<VecDeque<(String, Notice)>>>,
}

/// The page, its forms and its receipts.
pub fn router(app: App, samples: Vec<Sample>, token: &str) -> Router {
    let page = Page {
        app,
        samples: Arc::new(samples),
        token: Arc::from(token),
        notices: Arc::default(),
    };
    Router::new()
        .route(demo::PATH, get(show))
        .route(demo::FORGET_PATH, post(forget))
        .route(demo::SWITCH_PATH, post(switch))
        .route(demo::ANSWER_PATH, post(answer))
        .route("/demo/receipt/{id}", get(receipt))
        .with_state(page)
}

/// The query of the page.
#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    customer: String,
    lang: Option<String>,
    #[serde(default)]
    notice: String,
}

/// The fields of both forms.
#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    token: String,
    #[serde(default)]
    customer: String,
    lang: Option<String>,
    #[serde(default)]
    item: String,
    #[serde(default)]
    personalisation: String,
    answer: Option<Answer>,
}

async fn show(
    State(page): State<Page>,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let language = language(shown.lang.as_deref(), &headers);
    let chosen = match page
        .samples
        .iter()
        .find(|sample| sample.user_id == shown.customer)
    {
        Some(sample) => Some(
            page.chosen(sample, language, crate::api::signals(&headers))
                .await?,
        ),
        None => None,
    };
    let customers = page.samples.iter().map(|sample| demo::Choice {
        key: sample.user_id.clone(),
        label: values::label(sample, language),
        stance: sample.stance,
    });
    let view = Demo {
        language,
        token: page.token.to_string(),
        customers: customers.collect(),
        chosen,
        notice: page.take_notice(&shown.notice),
    };
    let markup = demo::page(&view).map_err(|error| {
        tracing::error!(%error, "the page could not be made");
        Problem::internal()
    })?;
    Ok((PAGE_HEADERS, markup).into_response())
}

async fn forget(
    State(page): State<Page>,
    headers: HeaderMap,
    Form(change): Form<Change>,
) -> Result<Response, Problem> {
    let language = language(change.lang.as_deref(), &headers);
    let Some(sample) = page.admitted(&change) else {
        return Ok(page.back(&change, language, Some(Notice::Stale)));
    };
    let whom = Whom {
        user_id: Some(&sample.user_id),
        anonymous_id: None,
    };
    let signals = crate::api::signals(&headers);
    let before = page.list(&whom, signals).await?;
    let act = Act::Forget(change.item.clone());
    page.app
        .gate
        .act(&whom, act, SOURCE, page.app.now())
        .await
        .map_err(crate::api::unavailable)?;
    let after = page.list(&whom, signals).await?;
    let name = api::name_of(&page.app, &ItemId(change.item.clone()));
    let names = |of: &Offers, other: &Offers| -> Vec<String> {
        let there: BTreeSet<&ItemId> = other.items.iter().map(|ranked| &ranked.item).collect();
        let gone = of.items.iter().filter(|ranked| !there.contains(&ranked.item));
        gone.map(|ranked| api::name_of(&page.app, &ranked.item)).collect()
    };
    let (before, after) = (before.proposal, after.proposal);
    let notice = Notice::Removed {
        name,
        went: names(&before, &after),
        came: names(&after, &before),
    };
    Ok(page.back(&change, language, Some(notice)))
}

async fn switch(
    State(page): State<Page>,
    headers: HeaderMap,
    Form(change): Form<Change>,
) -> Result<Response, Problem> {
    let language = language(change.lang.as_deref(), &headers);
    let on = match change.personalisation.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(Problem::bad_request("`personalisation` is `on` or `off`")),
    };
    let Some(sample) = page.admitted(&change) else {
        return Ok(page.back(&change, language, Some(Notice::Stale)));
    };
    let whom = Whom {
        user_id: Some(&sample.user_id),
        anonymous_id: None,
    };
    let choice = [(PurposeName::Personalise, on)];
    page.app
        .gate
        .choose(&whom, &choice, SOURCE, page.app.now())
        .await
        .map_err(crate::api::unavailable)?;
    let notice = if on {
        Notice::SwitchedOn
    } else {
        Notice::SwitchedOff
    };
    Ok(page.back(&change, language, Some(notice)))
}

/// What the customer says of a discovery: in force for the list that is shown next.
async fn answer(
    State(page): State<Page>,
    headers: HeaderMap,
    Form(change): Form<Change>,
) -> Result<Response, Problem> {
    let language = language(change.lang.as_deref(), &headers);
    let Some(sample) = page.admitted(&change) else {
        return Ok(page.back(&change, language, Some(Notice::Stale)));
    };
    let whom = Whom {
        user_id: Some(&sample.user_id),
        anonymous_id: None,
    };
    let act = change
        .answer
        .and_then(|answer| openness::act_of(&page.app, &change.item, answer))
        .ok_or_else(|| {
            Problem::bad_request("`answer` is `more`, `less` or `never`, of an item with a topic")
        })?;
    page.app
        .gate
        .act(&whom, act, SOURCE, page.app.now())
        .await
        .map_err(crate::api::unavailable)?;
    Ok(page.back(&change, language, Some(Notice::Answered)))
}

async fn receipt(State(page): State<Page>, Path(id): Path<String>) -> Result<Response, Problem> {
    let receipt = crate::api::records::take_home(&page.app, &id, Signals::default()).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(receipt)).into_response())
}

impl Page {
    /// The customer of a form that carries our token.
    fn admitted(&self, change: &Change) -> Option<&Sample> {
        let ours = bool::from(change.token.as_bytes().ct_eq(self.token.as_bytes()));
        self.samples
            .iter()
            .find(|sample| ours && sample.user_id == change.customer)
    }

    /// Back to the page, with something to say.
    fn back(&self, change: &Change, language: Language, notice: Option<Notice>) -> Response {
        let address = demo::address(&change.customer, language);
        let id = notice.and_then(|notice| self.keep_notice(notice));
        let id = id.map(|id| format!("&notice={id}")).unwrap_or_default();
        Redirect::to(&format!("{address}{id}#offers")).into_response()
    }

    fn keep_notice(&self, notice: Notice) -> Option<String> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).ok()?;
        let id = format!("{:016x}", u64::from_be_bytes(bytes));
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if notices.len() >= NOTICES {
            notices.pop_front();
        }
        notices.push_back((id.clone(), notice));
        Some(id)
    }

    fn take_notice(&self, id: &str) -> Option<Notice> {
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        let at = notices.iter().position(|(known, _)| known == id)?;
        notices.remove(at).map(|(_, notice)| notice)
    }

    async fn list(&self, whom: &Whom<'_>, signals: Signals) -> Result<Recorded<Offers>, Problem> {
        let shop = self.app.shop().ok_or_else(api::no_model)?;
        let request = Request {
            categories: Vec::new(),
            count: COUNT,
            counterfactuals: decide::offers::MAX_COUNTERFACTUALS,
            exclude_bought: false,
            placement: "demo".to_owned(),
        };
        api::decide(&self.app, &shop, whom, request, signals)
            .await
            .map_err(crate::api::unavailable)
    }

    async fn own_data(&self, whom: &Whom<'_>, signals: Signals) -> Result<Option<OwnData>, Unavailable> {
        let ask = Ask {
            signals,
            requester: Requester::Person,
            now: self.app.now(),
        };
        let decided = self
            .app
            .gate
            .decide::<ShowOwnData, _, _>(whom, ask, own_data::show)
            .await?;
        Ok(decided.ok().map(|recorded| recorded.proposal))
    }

    async fn chosen(&self, sample: &Sample, language: Language, signals: Signals) -> Result<Chosen, Problem> {
        let whom = Whom {
            user_id: Some(&sample.user_id),
            anonymous_id: None,
        };
        let known = self
            .own_data(&whom, signals)
            .await
            .map_err(crate::api::unavailable)?;
        let list = self.list(&whom, signals).await?;
        let policies = api::policies(&self.app, &list.policies, language).into_iter();
        let offers = &list.proposal;
        let personalise = |data: &OwnData| {
            data.consents
                .iter()
                .any(|(p, state, _)| *p == PurposeName::Personalise && state.is_valid())
        };
        let id = crate::api::records::show_id(list.record);
        Ok(Chosen {
            key: sample.user_id.clone(),
            label: values::label(sample, language),
            switched_on: known.as_ref().is_some_and(personalise),
            consents: values::consents(known.as_ref()),
            history: known
                .as_ref()
                .map(|data| values::history(&self.app, data))
                .unwrap_or_default(),
            traits: known.as_ref().map(values::traits).unwrap_or_default(),
            unkept: Vec::new(),
            mode: match offers.mode {
                decide::offers::Mode::Profiled => Mode::Profiled {
                    from: known.as_ref().map_or(0, |d| d.history.len() as u64),
                },
                decide::offers::Mode::Contextual => Mode::Contextual,
            },
            policies: policies
                .map(|policy| demo::Policy {
                    id: policy.id,
                    words: policy.words,
                })
                .collect(),
            offers: offers
                .items
                .iter()
                .enumerate()
                .map(|(place, _)| values::offer(&self.app, offers, place))
                .collect(),
            steps: values::steps(&self.app, offers),
            gauge: values::gauge(offers),
            excluded: values::excluded(&self.app, offers),
            record: demo::Record {
                receipt: format!("/demo/receipt/{id}"),
                id,
                leaf: None,
            },
        })
    }
}

fn language(chosen: Option<&str>, headers: &HeaderMap) -> Language {
    let header = || {
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    Language::preferred(chosen.unwrap_or_else(header))
}
