//! **Synthetic** answers to the question of consent.
//!
//! Nobody in Online Retail was ever asked. So that the demo shows what happens to people who say yes,
//! no, or nothing, each customer is given an answer: by a fixed calculation from a seed and the
//! customer's number, in proportions that are made up. They say nothing about what real people would
//! answer. Whoever shows them says that they are synthetic.

/// What a customer is pretended to have answered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Answer {
    /// Yes to everything: to personalise and to train.
    All,
    /// Partly: yes to personalise, no to train.
    Partly,
    /// No to everything.
    Refused,
    /// Never answered; the question may still be open.
    Unanswered,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Answer; 4] = [Answer::All, Answer::Partly, Answer::Refused, Answer::Unanswered];

    /// What it says to "choose what I am shown by what I did": yes, no, or nothing.
    pub fn personalise(self) -> Option<bool> {
        match self {
            Answer::All | Answer::Partly => Some(true),
            Answer::Refused => Some(false),
            Answer::Unanswered => None,
        }
    }

    /// What it says to "let what I did count in the model".
    pub fn train(self) -> Option<bool> {
        match self {
            Answer::All => Some(true),
            Answer::Partly | Answer::Refused => Some(false),
            Answer::Unanswered => None,
        }
    }
}

/// The proportions, in percent. What is left of 100 never answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mix {
    /// Yes to everything.
    pub all: u32,
    /// Yes to personalise, no to train.
    pub partly: u32,
    /// No to everything.
    pub refused: u32,
}

impl Default for Mix {
    /// Made up: 55 % all, 20 % partly, 15 % refuse, 10 % never answer.
    fn default() -> Mix {
        Mix {
            all: 55,
            partly: 20,
            refused: 15,
        }
    }
}

/// The answer of one customer. The same seed, customer and mix give the same answer, whoever else is
/// asked.
pub fn answer(seed: u64, customer: u32, mix: Mix) -> Answer {
    let percent = (scramble(seed ^ scramble(u64::from(customer))) % 100) as u32;
    if percent < mix.all {
        Answer::All
    } else if percent < mix.all.saturating_add(mix.partly) {
        Answer::Partly
    } else if percent < mix.all.saturating_add(mix.partly).saturating_add(mix.refused) {
        Answer::Refused
    } else {
        Answer::Unanswered
    }
}

/// The output function of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) on the next state.
pub(crate) fn scramble(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_proportions_of_the_mix() {
        let asked = 20_000u32;
        for seed in [0, 1, 42] {
            let share = |wanted: Answer| {
                let same = (12_000..12_000 + asked).filter(|c| answer(seed, *c, Mix::default()) == wanted);
                same.count() as f64 / f64::from(asked)
            };
            for (wanted, expected) in Answer::ALL.into_iter().zip([0.55, 0.20, 0.15, 0.10]) {
                assert!(
                    (share(wanted) - expected).abs() < 0.015,
                    "{wanted:?} {}",
                    share(wanted)
                );
            }
        }
    }

    #[test]
    fn another_seed_gives_other_answers() {
        let answers = |seed| {
            (0..100)
                .map(|c| answer(seed, c, Mix::default()))
                .collect::<Vec<_>>()
        };
        assert_eq!(answers(7), answers(7));
        assert_ne!(answers(7), answers(8));
    }
}
