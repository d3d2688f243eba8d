//! Learning: permits for everybody who agreed, counts, a model, and the model in force; and unlearning:
//! whoever goes is taken out of the sum, and the model is learned from what is left.
//!
//! Deliberately does not know: how counts become a model (`learn`).

pub use super::held::facts;

use super::counted::{self, Tally};
use super::held::{self, Learnt, Lesson};
use crate::accuracy::Accuracy;
use crate::app::App;
use crate::in_force;
use crate::work::learn_privately;
use gate::charter::Requester;
use gate::purposes::Train;
use gate::{Ask, Gate, NotSpent, Permits, Removals, Unavailable};
use learn::{Provenance, Settings};
use recommend::{Header, Model, Privacy};
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;
use vocabulary::{Digest, ItemId, Signals};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const OWN_DATA: &str = "this installation's own events";

/// What was learned.
#[derive(Clone, Debug)]
pub struct Learned {
    /// Content address of the model.
    pub model: Digest,
    /// People whose history counts.
    pub people: u64,
    /// People who were there and did not permit it.
    pub refused: u64,
    /// Items in the model.
    pub items: u32,
    /// Bytes of the model.
    pub bytes: usize,
    /// What it gives away of a person at most, where a budget is declared: `people` then is a number with noise, and
    /// `refused` is not told. Where no items have ties, people were too few, and it is popularity and public facts.
    pub privacy: Option<Privacy>,
    /// How good its lists are, and which settings were tried; `None`: people are too few to tell, or there is a budget
    /// for models, of which measuring would take a part.
    pub accuracy: Option<Accuracy>,
}

/// With which settings a model is learned.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Choice {
    /// With those that serve best the people who are held back, sought from these on. With too few people, or where a
    /// budget is declared, with these.
    Found(Settings),
    /// With these.
    Given(Settings),
}

impl Default for Choice {
    fn default() -> Choice {
        Choice::Found(Settings::default())
    }
}

impl Choice {
    /// What is settled before anybody counts.
    pub(super) fn start(&self) -> &Settings {
        match self {
            Choice::Found(settings) | Choice::Given(settings) => settings,
        }
    }
}

/// Nothing was learned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The gate.
    #[error(transparent)]
    Gate(#[from] Unavailable),
    /// Counting or solving.
    #[error(transparent)]
    Learn(#[from] learn::Error),
    /// The model does not read back.
    #[error("the model does not read back: {0}")]
    Model(#[from] recommend::Error),
    /// Somebody went whose part in the sum cannot be read.
    #[error("somebody went whose part in the sum cannot be read; everybody else is counted anew")]
    Anew,
    /// The budget that is declared for models.
    #[error(transparent)]
    Budget(#[from] NotSpent),
    /// What is declared cannot be read: to learn without noise could break a promise.
    #[error(
        "the program in force cannot be read, so whether a budget is declared for models is not known: {0}"
    )]
    Program(String),
    /// No randomness.
    #[error("this machine has no randomness for noise; nothing was learned")]
    NoRandomness,
    /// Nobody permits it.
    #[error("nobody whose data is here permits `train`; nothing was learned")]
    Nobody,
}

/// Learns every `hours`, and while there is no model every minute, until the task is dropped.
pub async fn keep_learning(app: App, hours: u32) {
    let mut minute = tokio::time::interval(MINUTE);
    minute.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut last = tokio::time::Instant::now();
    let mut asked: Option<tokio::time::Instant> = None;
    loop {
        minute.tick().await;
        match is_due(&app).await {
            Ok(None) if app.shop().is_some() && last.elapsed() < HOUR * hours => continue,
            Ok(Some(false)) => continue,
            // What was refused is not asked for every minute.
            Ok(Some(true)) if asked.is_some_and(|asked| asked.elapsed() < HOUR) => continue,
            Ok(Some(true)) => asked = Some(tokio::time::Instant::now()),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "nothing was learned");
                continue;
            }
        }
        last = tokio::time::Instant::now();
        match run(&app, &Choice::default(), OWN_DATA).await {
            Ok(learned) => tell(&learned, "learned"),
            Err(Error::Nobody) => tracing::debug!("nobody permits learning yet"),
            Err(error) => tracing::warn!(%error, "nothing was learned"),
        }
    }
}

/// Takes out of the model, once a minute, whoever went, until the task is dropped. Whether and how often
/// the installation learns makes no difference to it.
pub async fn keep_unlearning(app: App) {
    let mut minute = tokio::time::interval(MINUTE);
    minute.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        minute.tick().await;
        match refit(&app, &Choice::default(), OWN_DATA).await {
            Ok(None) => {}
            Ok(Some(learned)) => tell(&learned, "unlearned"),
            Err(Error::Nobody | Error::Learn(learn::Error::NothingToLearn { .. })) => {
                tracing::info!("unlearned: too few people are left for a model");
            }
            // What is to be taken out stays on its list.
            Err(error) => tracing::error!(%error, "nothing was unlearned; it is tried again in a minute"),
        }
    }
}

fn tell(learned: &Learned, what: &str) {
    tracing::info!(model = %learned.model, people = learned.people, "{what}");
    if let Some(accuracy) = &learned.accuracy {
        tracing::info!("{accuracy}");
    }
}

/// Whether it is time for the next model with noise: that depends on the calendar alone, and on nobody. `None`: no
/// budget is declared, and models are learned without noise.
///
/// # Errors
/// [`Error`]: the program or what was spent cannot be read.
pub async fn is_due(app: &App) -> Result<Option<bool>, Error> {
    match learn_privately::declared(app).await? {
        Some(declared) => learn_privately::is_due(app, &declared).await.map(Some),
        None => Ok(None),
    }
}

/// Learns from everybody who permits it, publishes the model, and puts it in force.
pub async fn run(app: &App, choice: &Choice, data: &str) -> Result<Learned, Error> {
    let _alone = app.learning().await;
    match learn_privately::declared(app).await? {
        Some(declared) => learn_privately::learn(app, &declared, choice.start(), data).await,
        None => learn(app, choice, data).await,
    }
}

/// Takes whoever went out of the sums, learns the model from what is left, and puts it in force: the same
/// model, to the byte, as if they had never been counted, settings and what was measured included; in large catalogues
/// the settings stand until it is time to learn again. `None`: nobody went since the last model.
pub async fn refit(app: &App, choice: &Choice, data: &str) -> Result<Option<Learned>, Error> {
    let _alone = app.learning().await;
    let begun = app.gate.removals().await?;
    if begun.is_empty() {
        return Ok(None);
    }
    let in_force = app.shop();
    let exact = in_force
        .as_ref()
        .is_some_and(|shop| shop.model().header().privacy.is_none());
    if !exact && learn_privately::declared(app).await?.is_some() {
        // Of a model that was released with noise nobody can be taken out, and nothing exact is kept.
        learn_privately::forget_sums(app, begun).await?;
        return Ok(None);
    }
    let (gate, items) = (app.gate.clone(), app.catalogue.items().len());
    let header = in_force.as_ref().map(|shop| shop.model().header());
    let choice = &at_removal(choice, items, header);
    let tally = match begun.must_learn_anew() {
        true => None,
        false => blocking(move || Tally::stored(&gate, items)).await?,
    };
    let learned = match tally {
        Some(tally) => {
            let kept = Kept {
                tally,
                changed: false,
            };
            finish(app, choice, data, kept, begun, 0).await
        }
        None => learn(app, choice, data).await,
    };
    learned.map(Some)
}

/// With which settings a model is learned when somebody went. Where a search takes more than a minute of a processor
/// it is not made again for everybody who goes: the settings of the model in force stand, some numbers that were found
/// on hundreds of people, until it is time to learn again. Who went is out of the sums and the weights all the same.
fn at_removal(choice: &Choice, items: usize, in_force: Option<&Header>) -> Choice {
    match (choice, in_force) {
        (Choice::Found(start), Some(header)) if items > held::LARGE => Choice::Given(Settings {
            ridge: header.training.ridge,
            dropout: header.training.dropout,
            parameters: header.parameters,
            ..*start
        }),
        _ => *choice,
    }
}

async fn learn(app: &App, choice: &Choice, data: &str) -> Result<Learned, Error> {
    let begun = app.gate.removals().await?;
    let permits = permits(app).await?;
    let refused = permits.refused;
    let items = items(app);
    let (gate, anew) = (app.gate.clone(), begun.must_learn_anew());
    let kept = blocking(move || {
        let stored = match anew {
            true => None,
            false => Tally::stored(&gate, items.len())?,
        };
        let kept = match stored.filter(|tally| tally.is_over(&items)) {
            Some(tally) => Kept {
                tally,
                changed: false,
            },
            None => Kept {
                changed: counted::is_kept(&gate)?,
                tally: Tally::new(items)?,
            },
        };
        counted_in(&gate, permits, kept)
    });
    finish(app, choice, data, kept.await?, begun, refused).await
}

fn items(app: &App) -> Vec<ItemId> {
    app.catalogue.items().iter().map(|item| item.id.clone()).collect()
}

/// For everybody who permits it; the ledger holds that.
async fn permits(app: &App) -> Result<Permits<Train>, Unavailable> {
    let ask = Ask {
        signals: Signals::default(),
        requester: Requester::System,
        now: app.now(),
    };
    app.gate
        .permits::<Train>(ask, app.gate.dictionary().digest())
        .await
}

/// Who counts, and whether they are others than those that are kept.
struct Kept {
    tally: Tally,
    changed: bool,
}

/// Everybody who is permitted now, counted in.
fn counted_in(gate: &Gate, permits: Permits<Train>, kept: Kept) -> Result<Kept, Error> {
    let kept = RefCell::new(kept);
    let mut fault = None;
    gate.count_in(
        permits,
        |share| kept.borrow().tally.holds(share),
        |recount| {
            let mut kept = kept.borrow_mut();
            kept.changed = true;
            let mut recounted = || {
                for one in &recount.replaced {
                    kept.tally.subtract(one)?;
                }
                kept.tally.add(&recount.added)
            };
            if let Err(error) = recounted() {
                fault.get_or_insert(error);
            }
        },
    )?;
    match fault {
        Some(error) => Err(error.into()),
        None => Ok(kept.into_inner()),
    }
}

/// Takes out who went, keeps who counts, and puts the model of them in force. Only then is what was taken out
/// destroyed: whoever is killed in between begins again, and takes nobody out twice.
async fn finish(
    app: &App,
    choice: &Choice,
    data: &str,
    kept: Kept,
    begun: Removals,
    refused: u64,
) -> Result<Learned, Error> {
    let now = app.now();
    let removals = app.gate.removals().await?;
    if !removals.is_answered_by_a_sum_begun_at(&begun) {
        return Err(Error::Anew);
    }
    if !removals.is_empty() {
        app.gate.announce_removals(&removals, now).await?;
    }
    let gate = app.gate.clone();
    let (tally, removals) = blocking(move || {
        let Kept {
            mut tally,
            mut changed,
        } = kept;
        let mut fault = None;
        gate.open_removals(&removals, |gone| match tally.subtract(&gone) {
            Ok(held) => changed |= held,
            Err(error) => drop(fault.get_or_insert(error)),
        })?;
        if let Some(error) = fault {
            return Err(error.into());
        }
        if changed {
            tally.keep(&gate)?;
        }
        Ok((tally, removals))
    })
    .await?;
    let people = tally.people();
    // Nobody is opened for nothing.
    let opens = match tally {
        Tally::Sum(_) => held::is_worth(people),
        Tally::Names(_) => people > 0,
    };
    let permits = match opens {
        true => Some(permits(app).await?),
        false => None,
    };
    let provenance = Provenance {
        made_on: now.day(),
        charter: app.gate.charter().digest(),
        data: data.to_owned(),
    };
    let (gate, catalogue, choice) = (app.gate.clone(), Arc::clone(&app.catalogue), *choice);
    let learnt = blocking(move || {
        let lesson = Lesson {
            choice,
            catalogue: &catalogue,
            provenance,
        };
        held::learn(&gate, tally, permits, &lesson)
    });
    let Learnt { bytes, accuracy } = match learnt.await {
        Ok(learnt) => learnt,
        // A model of people who are gone is worse than none.
        Err(Error::Learn(error @ learn::Error::NothingToLearn { .. })) => {
            app.gate.withdraw("model", now).await?;
            Accuracy::withdraw(app).await?;
            app.take_model_away();
            app.gate.removed(removals).await?;
            return Err(if people == 0 { Error::Nobody } else { error.into() });
        }
        Err(error) => return Err(error),
    };
    let model = Model::read(&bytes)?;
    let learned = Learned {
        model: model.digest(),
        people,
        refused,
        items: model.header().items,
        bytes: bytes.len(),
        privacy: None,
        accuracy,
    };
    in_force::keep_beside_model(app, model.digest()).await?;
    match &learned.accuracy {
        Some(accuracy) => accuracy.keep(app).await?,
        None => Accuracy::withdraw(app).await?,
    }
    app.gate.publish("model", bytes, now).await?;
    app.put_model(model);
    app.gate.removed(removals).await?;
    Ok(learned)
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Unavailable::Stopped)?
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use learn::{Bounds, Counts};
    use vocabulary::{Day, Interaction, Moment};

    /// A model of two items, learned with these.
    fn header(settings: &Settings) -> Header {
        let items = ["a", "b"].map(|item| ItemId(item.to_owned()));
        let mut counts = Counts::new(items.clone(), Bounds::default()).unwrap();
        let history = items.map(|item| Interaction {
            item,
            viewed: 0,
            added: 0,
            bought: 1,
            last_at: Moment(0),
        });
        for _ in 0..9 {
            counts.add(&history).unwrap();
        }
        let provenance = Provenance {
            made_on: Day(0),
            charter: Digest::default(),
            data: "a test".to_owned(),
        };
        let bytes = learn::train(&counts, settings, provenance).unwrap();
        Model::read(&bytes).unwrap().header().clone()
    }

    #[test]
    fn in_a_large_catalogue_the_settings_in_force_stand_when_somebody_goes_and_in_another_they_are_sought() {
        let mut found = Settings {
            ridge: 5.6,
            dropout: 0.33,
            ..Settings::default()
        };
        found.parameters.next = 0.25;
        let header = header(&found);
        let sought = Choice::Found(Settings::default());
        assert_eq!(
            at_removal(&sought, held::LARGE + 1, Some(&header)),
            Choice::Given(found)
        );
        assert_eq!(at_removal(&sought, held::LARGE, Some(&header)), sought);
        assert_eq!(at_removal(&sought, held::LARGE + 1, None), sought);
        let given = Choice::Given(Settings::default());
        assert_eq!(at_removal(&given, held::LARGE + 1, Some(&header)), given);
    }
}
