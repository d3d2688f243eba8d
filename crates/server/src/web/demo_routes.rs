//! The demo page's requests: from the gate's answers to the page's plain values, and the two forms
//! that change something.
//!
//! Served with `demo_page = true` only, which production refuses: it shows sample customers, whose
//! choices are synthetic, to anybody. Deliberately does not know: the store, how a list is made.

use super::demo::{
    self, Chosen, Demo, Excluded, Gauge, Known, Mode, Notice, Offer, Outcome, Stance, Trait, WhyExcluded,
    Without,
};
use super::{PAGE_HEADERS, assets};
use crate::api::recommendations as api;
use crate::app::App;
use crate::problem::Problem;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use decide::offers::{Counterfactual, Offers, Request, Rule};
use decide::own_data::{self, OwnData};
use gate::charter::Requester;
use gate::purposes::ShowOwnData;
use gate::{Act, Ask, Recorded, Unavailable, Whom};
use serde::Deserialize;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use subtle::ConstantTimeEq as _;
use vocabulary::{ConsentState, ItemId, Language, PurposeName, Signals};

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

/// The page, its stylesheet, its forms and its receipts.
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
        .route("/demo/receipt/{id}", get(receipt))
        .route("/assets/{name}", get(asset))
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
        label: label(sample, language),
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

async fn receipt(State(page): State<Page>, Path(id): Path<String>) -> Result<Response, Problem> {
    let receipt = crate::api::records::take_home(&page.app, &id, Signals::default()).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(receipt)).into_response())
}

async fn asset(Path(name): Path<String>) -> Response {
    match assets::find(&format!("/assets/{name}")) {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, assets::CACHE_CONTROL),
            ];
            (headers, asset.body).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
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
        let model = self.app.model().ok_or_else(api::no_model)?;
        let request = Request {
            categories: Vec::new(),
            count: COUNT,
            counterfactuals: decide::offers::MAX_COUNTERFACTUALS,
            exclude_bought: false,
            placement: "demo".to_owned(),
        };
        api::decide(&self.app, &model, whom, request, signals)
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
            label: label(sample, language),
            switched_on: known.as_ref().is_some_and(personalise),
            consents: consents(known.as_ref()),
            history: known.as_ref().map(|data| self.history(data)).unwrap_or_default(),
            traits: known.as_ref().map(traits).unwrap_or_default(),
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
                .map(|(place, _)| self.offer(offers, place))
                .collect(),
            gauge: self.gauge(known.as_ref(), offers),
            excluded: self.excluded(offers),
            record: demo::Record {
                receipt: format!("/demo/receipt/{id}"),
                id,
                leaf: None,
            },
        })
    }

    fn history(&self, data: &OwnData) -> Vec<Known> {
        data.history
            .iter()
            .map(|known| Known {
                item: known.interaction.item.0.clone(),
                name: api::name_of(&self.app, &known.interaction.item),
                viewed: known.interaction.viewed,
                added: known.interaction.added,
                bought: known.interaction.bought,
                last: known.interaction.last_at.day(),
                source: known.source.clone(),
                purposes: known.purposes.iter().collect(),
            })
            .collect()
    }

    fn offer(&self, offers: &Offers, place: usize) -> Offer {
        let Some(ranked) = offers.items.get(place) else {
            return Offer {
                item: String::new(),
                name: String::new(),
                category: String::new(),
                price: 0,
                score: 0.0,
                parts: Vec::new(),
                without: None,
            };
        };
        let item = self.app.catalogue.get(&ranked.item);
        let weightiest = ranked
            .reasons
            .iter()
            .filter(|r| r.because.is_some())
            .max_by(|a, b| a.amount.total_cmp(&b.amount));
        let without = weightiest
            .and_then(|reason| {
                offers
                    .counterfactuals
                    .iter()
                    .find(|c| Some(&c.without) == reason.because.as_ref())
            })
            .map(|counterfactual| self.without(offers, counterfactual, &ranked.item, place));
        Offer {
            item: ranked.item.0.clone(),
            name: api::name_of(&self.app, &ranked.item),
            category: item.map(|item| item.category.clone()).unwrap_or_default(),
            price: item.map_or(0, |item| item.price_minor),
            score: ranked.score,
            parts: api::parts(&self.app, ranked),
            without,
        }
    }

    fn without(
        &self,
        offers: &Offers,
        counterfactual: &Counterfactual,
        item: &ItemId,
        place: usize,
    ) -> Without {
        let outcome = match counterfactual.items.iter().position(|other| other == item) {
            Some(at) => Outcome::Place(at as u64 + 1),
            None => {
                let now: BTreeSet<&ItemId> = offers.items.iter().map(|ranked| &ranked.item).collect();
                let came: Vec<&ItemId> = counterfactual
                    .items
                    .iter()
                    .filter(|other| !now.contains(other))
                    .collect();
                let went = offers
                    .items
                    .iter()
                    .take(place)
                    .filter(|r| !counterfactual.items.contains(&r.item))
                    .count();
                match came.get(went) {
                    Some(instead) => Outcome::Instead(api::name_of(&self.app, instead)),
                    None => Outcome::Gone,
                }
            }
        };
        Without {
            item: api::name_of(&self.app, &counterfactual.without),
            outcome,
        }
    }

    fn gauge(&self, known: Option<&OwnData>, offers: &Offers) -> Option<Gauge> {
        let data = known.filter(|_| offers.mode == decide::offers::Mode::Profiled)?;
        let category = |id: &ItemId| self.app.catalogue.get(id).map(|item| item.category.as_str());
        let habits: BTreeSet<&str> = data
            .history
            .iter()
            .filter_map(|k| category(&k.interaction.item))
            .collect();
        let outside = offers
            .items
            .iter()
            .filter(|r| category(&r.item).is_some_and(|c| !habits.contains(c)));
        Some(Gauge {
            outside: outside.count() as u64,
        })
    }

    fn excluded(&self, offers: &Offers) -> Vec<Excluded> {
        let why = |rule: &Rule| match rule {
            Rule::Hidden | Rule::NotInCatalogue => Some(WhyExcluded::Hidden),
            Rule::OutOfStock => Some(WhyExcluded::OutOfStock),
            Rule::AlreadyBought => Some(WhyExcluded::AlreadyBought),
            Rule::Category => Some(WhyExcluded::OtherCategory),
            Rule::Muted => None,
        };
        let named = offers.excluded.iter().filter_map(|(item, rule)| {
            Some(Excluded {
                name: api::name_of(&self.app, item),
                why: why(rule)?,
            })
        });
        named.collect()
    }
}

fn consents(known: Option<&OwnData>) -> Vec<(PurposeName, Option<ConsentState>)> {
    let given = known
        .into_iter()
        .flat_map(|data| &data.consents)
        .map(|(purpose, state, _)| (*purpose, Some(*state)));
    std::iter::once((PurposeName::Service, None))
        .chain(given)
        .collect()
}

fn traits(data: &OwnData) -> Vec<Trait> {
    let plain = |value: &str| value.trim_matches('"').to_owned();
    data.traits
        .iter()
        .map(|known| Trait {
            name: known.name.clone(),
            value: plain(&known.value),
            source: known.source.clone(),
            purposes: known.purposes.iter().collect(),
            expires: None,
        })
        .collect()
}

fn label(sample: &Sample, language: Language) -> String {
    match language {
        Language::En => format!("Customer {}", sample.number),
        Language::Fr => format!("Cliente ou client {}", sample.number),
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
