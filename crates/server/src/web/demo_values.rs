//! From decisions to the demo page's plain values.
//!
//! Deliberately does not know: requests, forms, who may see what; it is given what was permitted and
//! recorded already.

use super::demo::{AtStep, Excluded, Gauge, Known, Offer, Outcome, Trait, WhyExcluded, Without};
use super::demo_routes::Sample;
use crate::api::recommendations as api;
use crate::app::App;
use decide::again;
use decide::offers::{Counterfactual, Mode, Offers, Rule};
use decide::own_data::OwnData;
use gate::Account as _;
use std::collections::BTreeSet;
use vocabulary::{ConsentState, ItemId, Language, PurposeName};

pub(super) fn history(app: &App, data: &OwnData) -> Vec<Known> {
    data.history
        .iter()
        .map(|known| Known {
            item: known.interaction.item.0.clone(),
            name: api::name_of(app, &known.interaction.item),
            viewed: known.interaction.viewed,
            added: known.interaction.added,
            bought: known.interaction.bought,
            last: known.interaction.last_at.day(),
            source: known.source.clone(),
            purposes: known.purposes.iter().collect(),
        })
        .collect()
}

pub(super) fn offer(app: &App, offers: &Offers, place: usize) -> Offer {
    let Some(ranked) = offers.items.get(place) else {
        return Offer {
            item: String::new(),
            name: String::new(),
            category: String::new(),
            price: 0,
            score: 0.0,
            parts: Vec::new(),
            slot: None,
            without: None,
        };
    };
    let item = app.catalogue.get(&ranked.item);
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
        .map(|counterfactual| without(app, offers, counterfactual, &ranked.item, place));
    Offer {
        item: ranked.item.0.clone(),
        name: api::name_of(app, &ranked.item),
        category: item.map(|item| item.category.clone()).unwrap_or_default(),
        price: item.map_or(0, |item| item.price_minor),
        score: ranked.score,
        parts: api::parts(app, ranked),
        slot: offers.places.get(place).copied(),
        without,
    }
}

fn without(
    app: &App,
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
                Some(instead) => Outcome::Instead(api::name_of(app, instead)),
                None => Outcome::Gone,
            }
        }
    };
    Without {
        item: api::name_of(app, &counterfactual.without),
        outcome,
    }
}

pub(super) fn gauge(offers: &Offers) -> Option<Gauge> {
    let outside = offers.places.iter().filter(|place| place.outside).count();
    (offers.mode == Mode::Profiled).then_some(Gauge {
        outside: outside as u64,
    })
}

/// The same list at each step of the dial, made from its record.
pub(super) fn steps(app: &App, offers: &Offers) -> Vec<AtStep> {
    let details = offers.details();
    let own = again::outcome(&details).and_then(|outcome| outcome.preferences);
    let shop = app.shop();
    let steps = shop.and_then(|shop| again::at_each_step(&details, &shop));
    let named = |(step, items): again::AtStep| AtStep {
        step,
        own: own.as_ref().is_some_and(|wishes| wishes.openness == step),
        items: items
            .into_iter()
            .map(|(item, place)| (api::name_of(app, &item), place))
            .collect(),
    };
    steps.into_iter().flatten().map(named).collect()
}

pub(super) fn excluded(app: &App, offers: &Offers) -> Vec<Excluded> {
    let why = |rule: &Rule| match rule {
        Rule::Hidden | Rule::NotInCatalogue => Some(WhyExcluded::Hidden),
        Rule::OutOfStock => Some(WhyExcluded::OutOfStock),
        Rule::AlreadyBought => Some(WhyExcluded::AlreadyBought),
        Rule::Category => Some(WhyExcluded::OtherCategory),
        Rule::Muted => Some(WhyExcluded::Muted),
        Rule::MutedTopic => Some(WhyExcluded::MutedTopic),
    };
    let named = offers.excluded.iter().filter_map(|(item, rule)| {
        Some(Excluded {
            name: api::name_of(app, item),
            why: why(rule)?,
        })
    });
    named.collect()
}

pub(super) fn consents(known: Option<&OwnData>) -> Vec<(PurposeName, Option<ConsentState>)> {
    let given = known
        .into_iter()
        .flat_map(|data| &data.consents)
        .map(|(purpose, state, _)| (*purpose, Some(*state)));
    std::iter::once((PurposeName::Service, None))
        .chain(given)
        .collect()
}

pub(super) fn traits(data: &OwnData) -> Vec<Trait> {
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

pub(super) fn label(sample: &Sample, language: Language) -> String {
    match language {
        Language::En => format!("Customer {}", sample.number),
        Language::Fr => format!("Cliente ou client {}", sample.number),
    }
}
