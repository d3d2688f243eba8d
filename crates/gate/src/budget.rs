//! What models have given away of people so far: one line for each release, written down before anything is released,
//! outside the store and in it, and said in the log.
//!
//! Releases add up by μ² (Gaussian differential privacy: Dong, Roth and Su, JRSS B 2022). What is spent is spent for
//! everybody, also for whoever came later: more than is true of them, never less. The two copies mend one another:
//! a store that was rolled back lacks lines that the file has, a machine that was changed lacks lines that the store
//! has. Where both go on differently, or a line was changed, nothing is released any more. A line that was written
//! for a release that a crash prevented counts.
//!
//! Deliberately does not know: what is released, what μ means for a person, how much may be spent.

use crate::erasure::{self, Line};
use crate::gate::{Gate, Shared};
use crate::record::Statement;
use crate::{Unavailable, envelope};
use minicbor::{Decode, Encode};
use std::sync::PoisonError;
use vocabulary::{Day, Digest, Moment};

/// Most releases there may ever be: one a day for more than ten years.
pub const MAX_RELEASES: usize = 4_000;
/// The store's copy: `training/` and the number of the release.
const PREFIX: &str = "training/";
const PAGE: usize = 1_000;

/// A model that is to be released. Nothing in it is exact about people.
#[derive(Clone, PartialEq, Debug)]
pub struct Release {
    /// Its content address.
    pub model: Digest,
    /// People who count, with noise.
    pub people: u64,
    /// ε and δ of this release.
    pub epsilon: f64,
    /// δ.
    pub delta: f64,
    /// The same as Gaussian differential privacy.
    pub mu: f64,
}

/// One that was paid for.
#[derive(Clone, PartialEq, Debug)]
pub struct Released {
    /// Which, from 1.
    pub number: u64,
    /// When.
    pub at: Moment,
    /// What.
    pub release: Release,
    /// All that was spent up to and with it: `√(μ₁² + μ₂² + …)`.
    pub spent_mu: f64,
}

/// Why nothing may be released.
#[derive(Debug, thiserror::Error)]
pub enum NotSpent {
    /// The release costs more than is left.
    #[error(
        "the training budget is used up: {releases} releases spent μ = {spent:.4} of {cap:.4}, and this one costs \
         {cost:.4}; nothing was released. What was declared as `lifetime_epsilon` would have to be raised in the \
         program, for everybody to see"
    )]
    Exhausted {
        /// Releases so far.
        releases: usize,
        /// Spent, as μ.
        spent: f64,
        /// The most that may be, as μ.
        cap: f64,
        /// What it would cost, as μ.
        cost: f64,
    },
    /// What was spent cannot be told.
    #[error("what was spent of the training budget cannot be told: {0}; nothing was released")]
    Damaged(&'static str),
    /// Not a number that can be spent.
    #[error("a release of μ = {0} cannot be paid for; nothing was released")]
    NoNumber(f64),
    /// The gate.
    #[error(transparent)]
    Gate(#[from] Unavailable),
}

/// A line's bytes.
#[derive(Clone, PartialEq, Encode, Decode)]
struct Row {
    #[n(0)]
    at: i64,
    #[cbor(n(1), with = "minicbor::bytes")]
    model: [u8; 32],
    #[n(2)]
    people: u64,
    #[n(3)]
    epsilon: f64,
    #[n(4)]
    delta: f64,
    #[n(5)]
    mu: f64,
}

impl Gate {
    /// All that was spent, oldest first.
    ///
    /// # Errors
    /// [`NotSpent::Damaged`], [`NotSpent::Gate`].
    pub async fn releases(&self) -> Result<Vec<Released>, NotSpent> {
        let read = self.blocking(|gate| Ok(told(gate.shared()))).await?;
        Ok(read?.1)
    }

    /// Whether a release of this μ fits, before anybody is opened for it.
    ///
    /// # Errors
    /// [`NotSpent`]: it does not.
    pub async fn can_spend(&self, mu: f64, cap_mu: f64) -> Result<(), NotSpent> {
        let read = self.blocking(|gate| Ok(told(gate.shared()))).await?;
        fits(&read?.1, mu, cap_mu).map(drop)
    }

    /// Pays for a release, so that all together stay within `cap_mu`. Durable when it answers, outside the store too
    /// if there is a place outside, and in the log: only then may anybody be shown the model.
    ///
    /// # Errors
    /// [`NotSpent`]: nothing may be released.
    pub async fn spend(&self, release: Release, cap_mu: f64, now: Moment) -> Result<Released, NotSpent> {
        let paid = self
            .blocking(move |gate| Ok(pay(gate.shared(), release, cap_mu, now)))
            .await??;
        let Release {
            model,
            people,
            epsilon,
            delta,
            mu,
        } = &paid.release;
        let statement = Statement {
            kind: "release",
            purpose: None,
            program: *model,
            allowed: true,
            reasons: vec![
                format!("release:{}", paid.number),
                format!("people:{people}"),
                format!("epsilon:{epsilon}"),
                format!("delta:{delta}"),
                format!("mu:{mu}"),
                format!("sigma:{:.4}", 1.0 / mu),
                format!("spent-mu:{:.6}", paid.spent_mu),
            ],
            at: now,
        };
        let details = format!(
            "{{\"delta\":{delta},\"epsilon\":{epsilon},\"model\":\"{model}\",\"mu\":{mu},\"people\":{people},\
             \"release\":{},\"spent_mu\":{}}}",
            paid.number, paid.spent_mu
        );
        self.record_about_nobody(statement, details).await?;
        Ok(paid)
    }
}

fn pay(shared: &Shared, release: Release, cap_mu: f64, now: Moment) -> Result<Released, NotSpent> {
    let numbers = [release.mu, release.epsilon, release.delta, cap_mu];
    if !numbers.iter().all(|number| *number > 0.0 && number.is_finite()) {
        return Err(NotSpent::NoNumber(release.mu));
    }
    let _alone = shared.vault.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut lines, before) = told(shared)?;
    let all = fits(&before, release.mu, cap_mu)?;
    let row = Row {
        at: now.0,
        model: release.model.0,
        people: release.people,
        epsilon: release.epsilon,
        delta: release.delta,
        mu: release.mu,
    };
    let line = Line::after(
        lines.last(),
        envelope::encode(&row),
        &shared.keyring.journal_key(),
    );
    let name = format!("{PREFIX}{:012}", lines.len());
    lines.push(line.clone());
    if let Some(folder) = outside(shared) {
        erasure::write_lines(&folder, &lines).map_err(Unavailable::from)?;
    }
    match shared.shelf.swap(shared.epoch, &name, 0, &line.0) {
        Ok(Some(_)) => {}
        Ok(None) => return Err(Unavailable::Busy.into()),
        Err(error) => return Err(Unavailable::from(error).into()),
    }
    Ok(Released {
        number: lines.len() as u64,
        at: now,
        release,
        spent_mu: all,
    })
}

/// What would be spent with it, as μ.
fn fits(before: &[Released], mu: f64, cap_mu: f64) -> Result<f64, NotSpent> {
    let spent = before.last().map_or(0.0, |last| last.spent_mu);
    // Rounded up: many small costs may not add up to less than they are.
    let all = (spent * spent + mu * mu).sqrt().next_up();
    // Models say their μ rounded up to a millionth: one release of the whole budget still fits.
    if all > cap_mu + 2e-6 || before.len() >= MAX_RELEASES {
        return Err(NotSpent::Exhausted {
            releases: before.len(),
            spent,
            cap: cap_mu,
            cost: mu,
        });
    }
    Ok(all)
}

/// What both copies say, made one.
fn told(shared: &Shared) -> Result<(Vec<Line>, Vec<Released>), NotSpent> {
    let filed = match outside(shared) {
        Some(folder) => erasure::read_lines(&folder).map_err(Unavailable::from)?,
        None => Vec::new(),
    };
    let stored = stored(shared)?;
    if !filed.iter().zip(&stored).all(|(one, other)| one == other) {
        return Err(NotSpent::Damaged(
            "the store and the folder beside the keys go on differently",
        ));
    }
    let (lines, lacking) = match filed.len() > stored.len() {
        true => (filed, stored.len()),
        false => (stored, usize::MAX),
    };
    let (key, mut before, mut all) = (shared.keyring.journal_key(), None, Vec::new());
    let mut square = 0.0;
    for (nth, line) in lines.iter().enumerate() {
        let row: Option<Row> = line
            .body(before, &key)
            .and_then(|body| envelope::decode(body).ok());
        let Some(row) = row else {
            return Err(NotSpent::Damaged("a line of it was changed, or left out"));
        };
        before = Some(line);
        square += row.mu * row.mu;
        all.push(Released {
            number: nth as u64 + 1,
            at: Moment(row.at),
            release: Release {
                model: Digest(row.model),
                people: row.people,
                epsilon: row.epsilon,
                delta: row.delta,
                mu: row.mu,
            },
            spent_mu: square.sqrt().next_up(),
        });
    }
    // A store that was rolled back hears what it forgot.
    for (nth, line) in lines.iter().enumerate().skip(lacking) {
        let name = format!("{PREFIX}{nth:012}");
        let put = shared.shelf.swap(shared.epoch, &name, 0, &line.0);
        put.map_err(Unavailable::from)?;
    }
    Ok((lines, all))
}

fn stored(shared: &Shared) -> Result<Vec<Line>, Unavailable> {
    let (mut lines, mut after): (Vec<Line>, Option<String>) = (Vec::new(), None);
    loop {
        let page = shared.shelf.named(PREFIX, after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(lines);
        };
        after = Some(last.clone());
        lines.extend(page.into_iter().map(|(_, held)| Line(held.value)));
    }
}

fn outside(shared: &Shared) -> Option<std::path::PathBuf> {
    let erasures = shared.erasures.lock().unwrap_or_else(PoisonError::into_inner);
    erasures.folder().map(std::path::Path::to_owned)
}

impl Released {
    /// The day.
    pub fn day(&self) -> Day {
        self.at.day()
    }
}
