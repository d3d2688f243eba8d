//! Learning with differential privacy, where the program in force declares a budget: two passes over everybody who
//! permits it, noise, the price paid and in the log, and only then the model.
//!
//! Nothing exact leaves: no number of people is told, logged or counted in a metric, no sum is kept, and when a model
//! is made depends on the calendar. Deliberately does not know: the mechanism (`learn::private`), how what was spent
//! is kept (`gate`).

use crate::app::App;
use crate::in_force;
use crate::work::counted;
use crate::work::held::facts;
use crate::work::learn_model::{Error, Learned, blocking};
use ::program::Program;
use ::program::settings::Training;
use gate::charter::Requester;
use gate::purposes::Train;
use gate::{Ask, NotSpent, Permits, Release, Removals, Unavailable};
use learn::private::{self, First, Popular, Wish};
use learn::{Provenance, Settings};
use recommend::Model;
use std::collections::{BTreeMap, BTreeSet};
use vocabulary::{Catalogue, DAY_MS, ItemId, Moment, Signals};

/// A budget, and since when the program that declares it is in force.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared {
    pub(crate) budget: Training,
    since: Moment,
}

impl Declared {
    fn wish(&self) -> Wish {
        Wish {
            epsilon: self.budget.epsilon,
            delta: self.budget.delta,
        }
    }

    /// All that may ever be spent, as μ.
    pub(crate) fn cap(&self) -> Result<f64, learn::Error> {
        let wish = Wish {
            epsilon: self.budget.lifetime_epsilon,
            ..self.wish()
        };
        wish.mu()
    }

    /// What one release costs, as μ, rounded up as models say it.
    pub(crate) fn cost(&self) -> Result<f64, learn::Error> {
        Ok((self.wish().mu()? * 1e6).ceil() / 1e6)
    }
}

/// The budget that the program in force declares; `None`: there is no program, or it declares none.
pub(crate) async fn declared(app: &App) -> Result<Option<Declared>, Error> {
    let Some(applied) = app.gate.programs().await?.into_iter().next() else {
        return Ok(None);
    };
    let gate = app.gate.clone();
    let (digest, since) = (applied.digest, applied.at);
    blocking(move || {
        let gone = || Error::Program("it is gone, or not what was applied".to_owned());
        let bytes = gate.artefact_now(digest)?.ok_or_else(gone)?;
        let program = Program::unpack(&bytes).map_err(|error| Error::Program(error.to_string()))?;
        let budget = program.settings.training;
        Ok(budget.map(|budget| Declared { budget, since }))
    })
    .await
}

/// Whether it is time for a model: so many days after the last one; the first a day after the budget was put in force,
/// whoever is there by then.
pub(crate) async fn is_due(app: &App, declared: &Declared) -> Result<bool, Error> {
    let releases = app.gate.releases().await?;
    let (last, days) = match releases.last() {
        Some(last) => (last.at, i64::from(declared.budget.every_days)),
        None => (declared.since, 1),
    };
    Ok(app.now().0 >= last.0.saturating_add(days * DAY_MS))
}

/// Learns, pays, and only then puts the model in force.
pub(crate) async fn learn(
    app: &App,
    declared: &Declared,
    settings: &Settings,
    data: &str,
) -> Result<Learned, Error> {
    let (cost, cap) = (declared.cost()?, declared.cap()?);
    let removals = app.gate.removals().await?;
    // Before anybody is opened.
    if let Err(error) = app.gate.can_spend(cost, cap).await {
        if matches!(error, NotSpent::Exhausted { .. }) {
            withdraw_exact(app).await?;
        }
        return Err(error.into());
    }
    let items: Vec<ItemId> = app.catalogue.items().iter().map(|item| item.id.clone()).collect();
    let (wish, seeds) = (declared.wish(), [seed()?, seed()?]);
    let [of_items, of_pairs] = seeds;
    let first = permits(app).await?;
    let gate = app.gate.clone();
    let popular: Popular = blocking(move || {
        let mut counted = First::new(items)?;
        gate.open_each(first, |opened| counted.add(&opened.view().history))?;
        Ok(counted.release(wish, of_items)?)
    })
    .await?;
    let second = match popular.kept() {
        0 => None,
        _ => Some(permits(app).await?),
    };
    let provenance = Provenance {
        made_on: app.now().day(),
        charter: app.gate.charter().digest(),
        data: data.to_owned(),
    };
    let (gate, catalogue, settings) = (app.gate.clone(), std::sync::Arc::clone(&app.catalogue), *settings);
    let bytes = blocking(move || {
        let mut counted = popular.second();
        if let Some(second) = second {
            gate.open_each(second, |opened| counted.add(&opened.view().history))?;
        }
        let (topics, facts) = (topics(&catalogue), facts(&catalogue));
        Ok(counted.learn_with(of_pairs, &topics, &facts, &settings, provenance)?)
    })
    .await?;
    let model = Model::read(&bytes)?;
    let header = model.header();
    let learned = Learned {
        model: model.digest(),
        people: header.people,
        refused: 0,
        items: header.items,
        bytes: bytes.len(),
        privacy: header.privacy,
        accuracy: None,
    };
    let release = Release {
        model: learned.model,
        people: learned.people,
        epsilon: wish.epsilon,
        delta: wish.delta,
        mu: cost,
    };
    let paid = app.gate.spend(release, cap, app.now()).await?;
    tracing::info!(
        release = paid.number,
        epsilon = wish.epsilon,
        ties = header.privacy.map_or(0, |privacy| privacy.items),
        "a model was paid for"
    );
    if header.privacy.is_some_and(|privacy| privacy.items == 0) {
        tracing::info!(
            "people are too few for this budget: the model is popularity with noise and the categories of the \
             catalogue"
        );
    }
    in_force::keep_beside_model(app, model.digest()).await?;
    app.gate.publish("model", bytes, app.now()).await?;
    app.put_model(model);
    forget_sums(app, removals).await?;
    Ok(learned)
}

/// Destroys what was kept exactly while no budget was declared; nobody is in anything any more.
pub(super) async fn forget_sums(app: &App, removals: Removals) -> Result<(), Error> {
    let gate = app.gate.clone();
    blocking(move || counted::forget(&gate)).await?;
    app.gate.removed(removals).await?;
    Ok(())
}

/// A model without noise does not stay because the budget for one with noise is used up.
async fn withdraw_exact(app: &App) -> Result<(), Unavailable> {
    if app
        .shop()
        .is_some_and(|shop| shop.model().header().privacy.is_none())
    {
        app.gate.withdraw("model", app.now()).await?;
        app.take_model_away();
    }
    Ok(())
}

async fn permits(app: &App) -> Result<Permits<Train>, Unavailable> {
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now: app.now(),
    };
    app.gate
        .permits_untold::<Train>(ask, app.gate.dictionary().digest())
        .await
}

/// What the public catalogue says of each item.
fn topics(catalogue: &Catalogue) -> BTreeMap<ItemId, Vec<u32>> {
    let items = catalogue.items();
    let named = items.iter().map(|item| item.category.as_str());
    let all: BTreeSet<&str> = named.filter(|category| !category.is_empty()).collect();
    let numbers: BTreeMap<&str, u32> = all.into_iter().zip(0..).collect();
    let of = |category: &str| numbers.get(category).copied().into_iter().collect();
    items
        .iter()
        .map(|item| (item.id.clone(), of(item.category.as_str())))
        .collect()
}

/// Fresh, and never kept: with it noise could be taken off again.
fn seed() -> Result<[u8; 32], Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| Error::NoRandomness)?;
    Ok(seed)
}

/// What the register tells of the budget: what is declared, what was spent, what is left.
pub(crate) async fn told(app: &App) -> Result<Option<decide::register::OfTraining>, Error> {
    use decide::register::{DeclaredBudget, OfRelease, OfTraining};
    let declared = declared(app).await?;
    let releases = app.gate.releases().await?;
    if declared.is_none() && releases.is_empty() {
        return Ok(None);
    }
    let delta = declared.map_or(1e-6, |declared| declared.budget.delta);
    let spent = releases.last().map_or(0.0, |last| last.spent_mu);
    let (mut left_epsilon, mut releases_left) = (None, None);
    if let Some(declared) = &declared {
        let (cost, cap) = (declared.cost()?, declared.cap()?);
        let left = (cap * cap - spent * spent).max(0.0);
        left_epsilon = Some(private::epsilon_of(left.sqrt(), delta)?);
        releases_left = Some((left / (cost * cost) + 1e-9) as u64);
    }
    let mut rows = Vec::with_capacity(releases.len());
    for one in releases.iter().rev() {
        rows.push(OfRelease {
            number: one.number,
            day: decide::rights::date(one.day()),
            model: one.release.model,
            people: one.release.people,
            epsilon: one.release.epsilon,
            delta: one.release.delta,
            sigma: 1.0 / one.release.mu,
            spent_epsilon: private::epsilon_of(one.spent_mu, one.release.delta)?,
        });
    }
    Ok(Some(OfTraining {
        declared: declared.map(|declared| DeclaredBudget {
            epsilon: declared.budget.epsilon,
            delta: declared.budget.delta,
            lifetime_epsilon: declared.budget.lifetime_epsilon,
            every_days: declared.budget.every_days,
        }),
        spent_epsilon: private::epsilon_of(spent, delta)?,
        left_epsilon,
        releases_left,
        releases: rows,
    }))
}
