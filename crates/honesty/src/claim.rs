//! What a claim rests on, and whether it holds at the moment of rendering. A dead claim drops its words, or
//! stops the message.
//!
//! Deliberately does not know: clocks, stores, who counts. Facts come in; what holds goes out.

use std::collections::BTreeMap;
use vocabulary::Moment;

/// What can be claimed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Time is short.
    Urgency,
    /// Little is left.
    Scarcity,
    /// Others do it.
    SocialProof,
    /// The price is lower.
    Discount,
    /// Somebody praises it.
    Testimonial,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [
        Kind::Urgency,
        Kind::Scarcity,
        Kind::SocialProof,
        Kind::Discount,
        Kind::Testimonial,
    ];

    /// As in `claims.urgency`.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Urgency => "urgency",
            Kind::Scarcity => "scarcity",
            Kind::SocialProof => "social_proof",
            Kind::Discount => "discount",
            Kind::Testimonial => "testimonial",
        }
    }

    /// The kind of that name.
    pub fn of(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its bit in [`crate::text::Origin::guards`].
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Fewest people of a count that is told: fewer, and it could point at somebody.
pub const FEWEST_COUNTED: u64 = 20;
/// How far ahead a deadline may lie and still be called near, milliseconds: 14 days.
pub const NEAR_MS: i64 = 14 * 86_400_000;

/// What is known at the moment of rendering.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fact {
    /// From the settings of the program in force.
    Deadline {
        /// When it ends.
        at: Moment,
    },
    /// From the catalogue. `None`: the source does not say how many, so nothing is claimed.
    Stock {
        /// Pieces that can be bought now.
        left: Option<u64>,
        /// At most so many is called few; of the message's claim.
        few: u64,
    },
    /// From the statistics of the house: how many different people an event came from, with noise added
    /// and small counts suppressed before it comes here. Never counted from envelopes for a message.
    Counted {
        /// At least so many with the noise taken off; `None`: suppressed.
        at_least: Option<u64>,
        /// The days counted.
        days: u16,
    },
    /// From the catalogue's dated prices: see [`crate::price::announced`].
    Price {
        /// Now, minor units.
        now: i64,
        /// The lowest of the 30 days before the reduction began, minor units; `None`: not known.
        prior: Option<i64>,
    },
    /// From message.yaml.
    Source {
        /// Who said it.
        name: String,
        /// When the source was last checked to stand; `None`: never.
        checked: Option<Moment>,
    },
}

/// What became of a claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Held {
    /// It holds, with the figure that its words show.
    Holds(Figure),
    /// It does not; why, as a stable word.
    Dead(&'static str),
}

/// What `claims.<kind>` is in a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Figure {
    /// Until then.
    Until(Moment),
    /// So many.
    Count(u64),
    /// The prior price, minor units.
    PriorPrice(i64),
    /// Whose words they are.
    Source(String),
}

/// Whether each claim holds at `now`. A claim whose kind has several facts holds when all do, with the first
/// figure; a kind without a fact is not in the answer, and a template finds nothing under its name.
pub fn hold(facts: &[(Kind, Fact)], now: Moment) -> BTreeMap<Kind, Held> {
    let mut all = BTreeMap::new();
    for (kind, fact) in facts {
        let one = one(*kind, fact, now);
        match all.get(kind) {
            None => drop(all.insert(*kind, one)),
            Some(Held::Holds(_)) if matches!(one, Held::Dead(_)) => drop(all.insert(*kind, one)),
            Some(_) => {}
        }
    }
    all
}

fn one(kind: Kind, fact: &Fact, now: Moment) -> Held {
    match (kind, fact) {
        (Kind::Urgency, Fact::Deadline { at }) if at.0 <= now.0 => Held::Dead("passed"),
        (Kind::Urgency, Fact::Deadline { at }) if at.0.saturating_sub(now.0) > NEAR_MS => Held::Dead("far"),
        (Kind::Urgency, Fact::Deadline { at }) => Held::Holds(Figure::Until(*at)),
        (Kind::Scarcity, Fact::Stock { left: None, .. }) => Held::Dead("unknown"),
        (Kind::Scarcity, Fact::Stock { left: Some(0), .. }) => Held::Dead("none_left"),
        (
            Kind::Scarcity,
            Fact::Stock {
                left: Some(left),
                few,
            },
        ) if left > few => Held::Dead("enough"),
        (Kind::Scarcity, Fact::Stock { left: Some(left), .. }) => Held::Holds(Figure::Count(*left)),
        (Kind::SocialProof, Fact::Counted { at_least, .. }) => match at_least {
            None => Held::Dead("suppressed"),
            Some(count) if *count < FEWEST_COUNTED => Held::Dead("few"),
            Some(count) => Held::Holds(Figure::Count(*count)),
        },
        (Kind::Discount, Fact::Price { prior: None, .. }) => Held::Dead("unknown"),
        (
            Kind::Discount,
            Fact::Price {
                now,
                prior: Some(prior),
            },
        ) if now >= prior => Held::Dead("not_lower"),
        (
            Kind::Discount,
            Fact::Price {
                prior: Some(prior), ..
            },
        ) => Held::Holds(Figure::PriorPrice(*prior)),
        (Kind::Testimonial, Fact::Source { checked: None, .. }) => Held::Dead("unchecked"),
        (Kind::Testimonial, Fact::Source { name, .. }) => Held::Holds(Figure::Source(name.clone())),
        _ => Held::Dead("wrong_fact"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dead(kind: Kind, fact: Fact) -> bool {
        matches!(
            hold(&[(kind, fact)], Moment(1_000)).get(&kind),
            Some(Held::Dead(_))
        )
    }

    #[test]
    fn a_claim_dies_with_its_fact() {
        assert!(dead(Kind::Urgency, Fact::Deadline { at: Moment(1_000) }));
        assert!(dead(
            Kind::Urgency,
            Fact::Deadline {
                at: Moment(1_001 + NEAR_MS)
            }
        ));
        assert!(!dead(Kind::Urgency, Fact::Deadline { at: Moment(1_001) }));
        assert!(dead(Kind::Scarcity, Fact::Stock { left: None, few: 5 }));
        assert!(dead(
            Kind::Scarcity,
            Fact::Stock {
                left: Some(0),
                few: 5
            }
        ));
        assert!(dead(
            Kind::Scarcity,
            Fact::Stock {
                left: Some(6),
                few: 5
            }
        ));
        assert!(!dead(
            Kind::Scarcity,
            Fact::Stock {
                left: Some(5),
                few: 5
            }
        ));
        assert!(dead(
            Kind::SocialProof,
            Fact::Counted {
                at_least: None,
                days: 7
            }
        ));
        assert!(dead(
            Kind::SocialProof,
            Fact::Counted {
                at_least: Some(19),
                days: 7
            }
        ));
        assert!(!dead(
            Kind::SocialProof,
            Fact::Counted {
                at_least: Some(20),
                days: 7
            }
        ));
        assert!(dead(
            Kind::Discount,
            Fact::Price {
                now: 900,
                prior: Some(900)
            }
        ));
        assert!(dead(
            Kind::Discount,
            Fact::Price {
                now: 900,
                prior: None
            }
        ));
        assert!(!dead(
            Kind::Discount,
            Fact::Price {
                now: 899,
                prior: Some(900)
            }
        ));
        assert!(dead(
            Kind::Urgency,
            Fact::Stock {
                left: Some(1),
                few: 5
            }
        ));
        assert!(dead(
            Kind::Testimonial,
            Fact::Source {
                name: "x".to_owned(),
                checked: None
            }
        ));
    }

    #[test]
    fn of_two_facts_of_a_kind_the_dead_one_counts_in_any_order() {
        let live = (Kind::Urgency, Fact::Deadline { at: Moment(2_000) });
        let gone = (Kind::Urgency, Fact::Deadline { at: Moment(500) });
        for facts in [[live.clone(), gone.clone()], [gone, live]] {
            assert_eq!(
                hold(&facts, Moment(1_000)).get(&Kind::Urgency),
                Some(&Held::Dead("passed"))
            );
        }
    }
}
