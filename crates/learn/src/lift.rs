//! What pairs of items were before noise of a known deviation was added: empirical Bayes.
//!
//! Of most pairs noise is all there is to see; a few stand far out of it. So the pairs themselves say how pairs are:
//! the lift of a pair is how often it comes beside how often it would if people chose each item without regard to
//! the others, and how lifts are distributed is found from all pairs at once, by maximum likelihood over a grid
//! (Kiefer and Wolfowitz 1956; Koenker and Mizera, "Convex Optimization, Shape Constraints, Compound Decisions, and
//! Empirical Bayes Rules", JASA 2014). Each pair then becomes the mean of what it can have been. What is pure noise
//! goes to what popularity says, what stands out stays, nothing becomes negative.
//!
//! It looks at nothing but what was released, so it costs no privacy. Deliberately does not know: what was released,
//! and how much noise is enough.

use rayon::prelude::*;

/// Lifts that are thought of: none, and from a twentieth to this many times by steps of a quarter.
const LEAST: f64 = 0.05;
const STEP: f64 = 1.25;
const STEPS: usize = 41;
/// Rounds of expectation and maximisation; the likelihood hardly grows any more then.
const ROUNDS: usize = 60;
/// At most about so many pairs say how lifts are distributed: every nth, without looking at them.
const SAMPLE: usize = 50_000;
/// Pairs worked on at once.
const CHUNK: usize = 4_096;

/// One pair as it was released, and what it would be in the mean without any tie between its items (0 or more).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Pair {
    pub(crate) released: f64,
    pub(crate) expected: f64,
}

/// How far a released value lies from its mean.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Spread {
    /// The standard deviation of the noise, above 0.
    pub(crate) noise: f64,
    /// What one person adds to a pair, 0 or more: chance is that of so many people as make up the mean, and of one more.
    pub(crate) unit: f64,
}

impl Spread {
    fn variance(self, mean: f64) -> f64 {
        self.noise * self.noise + self.unit * (self.unit + mean)
    }
}

/// The means of what the pairs can have been, in their order. Never negative.
pub(crate) fn denoised(pairs: &[Pair], spread: Spread) -> Vec<f64> {
    let grid = grid();
    let weights = distribution(pairs, &grid, spread);
    // Each pair by itself: neither chunks nor threads change a bit of it.
    let chunks = pairs.par_chunks(CHUNK).map(|chunk| {
        let mut likely = vec![0.0; grid.len()];
        let means = chunk.iter().map(|pair| {
            likelihood(pair, &grid, spread, &mut likely);
            let (mut all, mut sum) = (0.0, 0.0);
            for ((likely, weight), lift) in likely.iter().zip(&weights).zip(&grid) {
                all += likely * weight;
                sum += likely * weight * lift;
            }
            pair.expected * sum / all.max(f64::MIN_POSITIVE)
        });
        means.collect::<Vec<f64>>()
    });
    chunks.flatten_iter().collect()
}

fn grid() -> Vec<f64> {
    let mut lift = LEAST;
    let mut grid = vec![0.0];
    for _ in 1..STEPS {
        grid.push(lift);
        lift *= STEP;
    }
    grid
}

/// How often each lift of the grid occurs.
fn distribution(pairs: &[Pair], grid: &[f64], spread: Spread) -> Vec<f64> {
    let every = pairs.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<Vec<f64>> = pairs
        .iter()
        .step_by(every)
        .map(|pair| {
            let mut likely = vec![0.0; grid.len()];
            likelihood(pair, grid, spread, &mut likely);
            likely
        })
        .collect();
    let mut weights = vec![1.0 / grid.len() as f64; grid.len()];
    for _ in 0..ROUNDS {
        let mut next = vec![0.0; grid.len()];
        for likely in &sample {
            let all: f64 = likely.iter().zip(&weights).map(|(a, b)| a * b).sum();
            for ((place, likely), weight) in next.iter_mut().zip(likely).zip(&weights) {
                *place += likely * weight / all.max(f64::MIN_POSITIVE);
            }
        }
        let all: f64 = next.iter().sum();
        if all <= 0.0 {
            break;
        }
        next.iter_mut().for_each(|weight| *weight /= all);
        weights = next;
    }
    weights
}

/// How likely the released value is for each lift, up to a factor that is the same for all: the best is 1.
fn likelihood(pair: &Pair, grid: &[f64], spread: Spread, likely: &mut [f64]) {
    let mut best = f64::MIN;
    for (place, lift) in likely.iter_mut().zip(grid) {
        let mean = pair.expected * lift;
        let variance = spread.variance(mean);
        let away = pair.released - mean;
        *place = -(away * away / variance + variance.ln()) / 2.0;
        best = best.max(*place);
    }
    likely.iter_mut().for_each(|place| *place = (*place - best).exp());
}

#[cfg(test)]
mod tests {
    use super::*;
    use noise::Gaussian;
    use proptest::prelude::*;

    /// Pairs of which one in twenty is lifted by 8, the rest as chance has it.
    fn noised(deviation: u64, seed: u8) -> (Vec<f64>, Vec<Pair>) {
        let mut noise = Gaussian::new(deviation * 1_000, [seed; 32]).unwrap();
        let pairs = (0..20_000).map(|at| {
            let expected = 0.5 + f64::from(at % 40) / 10.0;
            let was = expected * if at % 20 == 7 { 8.0 } else { 1.0 };
            let released = was + noise.draw() as f64 / 1_000.0;
            (was, Pair { released, expected })
        });
        pairs.unzip()
    }

    fn noise_of(deviation: f64) -> Spread {
        Spread {
            noise: deviation,
            unit: 0.0,
        }
    }

    /// The same pair tells more the less one person adds to it.
    #[test]
    fn the_smaller_the_part_of_a_person_the_more_a_pair_says() {
        let (_, mut pairs) = noised(1, 7);
        pairs.push(Pair {
            released: 6.0,
            expected: 1.0,
        });
        let last = |unit: f64| denoised(&pairs, Spread { noise: 0.1, unit })[20_000];
        assert!((last(0.02) - 6.0).abs() < (last(4.0) - 6.0).abs());
    }

    #[test]
    fn it_is_nearer_to_what_was_than_what_was_released_and_than_popularity_alone() {
        for (deviation, of_released, of_expected) in [(4, 0.3, 0.75), (1, 0.5, 0.2)] {
            let (was, pairs) = noised(deviation, 3);
            let error = |of: &dyn Fn(usize) -> f64| -> f64 {
                (0..was.len()).map(|at| (of(at) - was[at]).powi(2)).sum()
            };
            let means = denoised(&pairs, noise_of(deviation as f64));
            let ours = error(&|at| means[at]);
            assert!(
                ours < of_released * error(&|at| pairs[at].released),
                "{deviation}"
            );
            assert!(
                ours < of_expected * error(&|at| pairs[at].expected),
                "{deviation}"
            );
        }
    }

    #[test]
    fn pure_noise_becomes_what_popularity_says_and_what_stands_out_stays() {
        let (_, mut pairs) = noised(4, 5);
        pairs.iter_mut().for_each(|pair| pair.expected = 0.01);
        pairs.push(Pair {
            released: 300.0,
            expected: 3.0,
        });
        let means = denoised(&pairs, noise_of(4.0));
        assert!((means[20_000] - 300.0).abs() < 30.0, "{}", means[20_000]);
        assert!(means.iter().take(20_000).all(|mean| *mean < 5.0));
    }

    proptest! {
        #[test]
        fn whatever_was_released_it_is_finite_and_not_negative(
            values in prop::collection::vec((-1e9f64..1e9, 0.0f64..1e6), 0..50), deviation in 0.01f64..1e6,
            unit in 0.0f64..1.0,
        ) {
            let pairs: Vec<Pair> = values.iter().map(|(released, expected)| Pair { released: *released, expected: *expected }).collect();
            let means = denoised(&pairs, Spread { noise: deviation, unit });
            prop_assert_eq!(means.len(), pairs.len());
            prop_assert!(means.iter().all(|mean| mean.is_finite() && *mean >= 0.0));
        }
    }
}
