//! How open lists are, as the public register tells it: of each placement the last day that is over and that many
//! people were there, with noise.
//!
//! Each person counts once a day and placement, and moves each of two means by at most `1/people`. Noise of Gaussian
//! differential privacy at [`MU`] lies on both together, so that whether one person was there on a day hardly shows.
//! It is drawn once for a day and placement, from a secret of the house: asking again tells nothing more, and neither
//! does another edition of the register.
//!
//! What was told is kept, as it was told, over restarts. Deliberately does not know: who was shown what.

use crate::app::App;
use crate::lists::Told;
use decide::register::OfGauge;
use decide::register::small::{LEAST_PEOPLE, people_at_least};
use gate::Unavailable;
use noise::Gaussian;
use serde::{Deserialize, Serialize};
use vocabulary::{Digest, Moment};

/// Under which name what was told is kept.
const NAME: &str = "gauges";
/// What both means together give away of one person's day: μ of Gaussian differential privacy.
const MU: f64 = 0.5;
/// A whole, in the units of noise.
const ONE: f64 = 1e6;
/// Most placements that are told.
const MOST: usize = 50;
/// Longest that is kept, bytes.
const LONGEST: usize = 4 << 10;

/// A gauge as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept(String, u32, u64, f64, f64, f64);

/// What the register tells now.
pub(super) async fn told(app: &App, now: Moment) -> Result<Vec<OfGauge>, Unavailable> {
    let (bytes, version) = app.gate.house_value(NAME).await?;
    let mut all: Vec<Kept> = serde_json::from_slice(&bytes).unwrap_or_default();
    let secret = app.gate.house_secret(NAME);
    let mut changed = false;
    for (placement, told) in app.lists.told(now) {
        let known = all.iter().any(|kept| kept.0 == placement && kept.1 >= told.day.0);
        if let Some(kept) = noised(&placement, &told, secret).filter(|_| !known) {
            all.retain(|kept| kept.0 != placement);
            all.push(kept);
            changed = true;
        }
    }
    if changed {
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(MOST);
        // Whatever failed or was faster: what is told next has the same noise.
        app.gate
            .put_house_value(NAME, version, shortened(&mut all))
            .await?;
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all.iter().map(gauge).collect())
}

/// As bytes that fit, the oldest left out.
fn shortened(all: &mut Vec<Kept>) -> Vec<u8> {
    loop {
        let bytes = serde_json::to_vec(all).unwrap_or_default();
        if bytes.len() <= LONGEST || all.pop().is_none() {
            return bytes;
        }
    }
}

/// `None`: of too few people.
fn noised(placement: &str, told: &Told, secret: [u8; 32]) -> Option<Kept> {
    let people = people_at_least(told.people)?;
    let mut seed = secret.to_vec();
    seed.extend_from_slice(&told.day.0.to_be_bytes());
    seed.extend_from_slice(placement.as_bytes());
    // Two means, each moved by `1/people` at most: `√2/people` together. Rounded up: never less noise than is said.
    let deviation = (ONE * std::f64::consts::SQRT_2 / (told.people as f64 * MU)).ceil();
    let mut noise = Gaussian::new(deviation as u64, Digest::of(&seed).0).ok()?;
    let mut mean = |of: f64| ((of * ONE).trunc() as i64).saturating_add(noise.draw()) as f64 / ONE;
    let (outside, spread) = (mean(told.outside), mean(told.spread));
    let rounded = |value: f64, parts: f64| (value * parts).round() / parts;
    Some(Kept(
        placement.to_owned(),
        told.day.0,
        people,
        rounded(spread.clamp(0.0, 1.0) * told.offered, 10.0),
        rounded(told.offered, 10.0),
        rounded(outside.clamp(0.0, 1.0), 100.0),
    ))
}

fn gauge(kept: &Kept) -> OfGauge {
    OfGauge {
        placement: kept.0.clone(),
        day: decide::rights::date(vocabulary::Day(kept.1)),
        people_at_least: kept.2.max(LEAST_PEOPLE),
        topics: kept.3,
        offered: kept.4,
        outside: kept.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::Day;

    fn told(people: u64, outside: f64) -> Told {
        Told {
            day: Day(20_000),
            people,
            outside,
            topics: 3.0,
            offered: 6.0,
            spread: 0.5,
            discoveries: 0.1,
            exposures: 0.1,
        }
    }

    fn outside(people: u64, secret: u8) -> f64 {
        noised("home", &told(people, 0.25), [secret; 32]).unwrap().5
    }

    #[test]
    fn few_people_are_not_told_and_noise_is_drawn_once() {
        assert!(noised("home", &told(LEAST_PEOPLE - 1, 0.25), [1; 32]).is_none());
        assert_eq!(outside(50, 7), outside(50, 7));
        let of = |placement: &str| noised(placement, &told(50, 0.25), [7; 32]).unwrap();
        assert_ne!((of("home").5, of("home").3), (of("cart").5, of("cart").3));
    }

    #[test]
    fn noise_is_as_great_as_it_is_said_to_be() {
        for people in [50, 500] {
            let values: Vec<f64> = (0..200).map(|secret| outside(people, secret)).collect();
            let mean = values.iter().sum::<f64>() / 200.0;
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 200.0;
            let said = std::f64::consts::SQRT_2 / (people as f64 * MU);
            // Rounded to a hundredth; 200 draws: within a quarter of it.
            assert!(
                (variance.sqrt() / said - 1.0).abs() < 0.35,
                "{people}: {}",
                variance.sqrt()
            );
        }
    }

    #[test]
    fn what_is_kept_fits_and_loses_the_oldest() {
        let kept = |n: u32| Kept(format!("{n:064}"), 20_000 - n, 50, 1.0, 2.0, 0.5);
        let mut all: Vec<Kept> = (0..100).map(kept).collect();
        let bytes = shortened(&mut all);
        assert!(bytes.len() <= LONGEST && all.len() > 20);
        assert_eq!(all[0].1, 20_000);
        let read: Vec<Kept> = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(read.len(), all.len());
    }
}
