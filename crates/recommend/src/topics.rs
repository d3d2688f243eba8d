//! Topics of items and mixes of them: what a history, an offer or a list is made of.
//!
//! Deliberately does not know: what topics are called, whose a mix is.

/// The topics of each item of a model, by place: categories, genres, viewpoints. Public facts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Topics {
    starts: Vec<u32>,
    of_items: Vec<u32>,
    number: u32,
}

impl Topics {
    /// From the topics of each item, in the order of the model's items. An item may have several, or none.
    pub fn new<'t>(items: impl IntoIterator<Item = &'t [u32]>) -> Topics {
        let mut topics = Topics {
            starts: vec![0],
            ..Topics::default()
        };
        for item in items {
            for topic in item {
                topics.number = topics.number.max(topic.saturating_add(1));
                topics.of_items.push(*topic);
            }
            topics.starts.push(topics.of_items.len() as u32);
        }
        topics
    }

    /// How many topics there are.
    pub fn number(&self) -> usize {
        self.number as usize
    }

    /// Those of the item at that place.
    pub fn of(&self, at: u32) -> &[u32] {
        let at = at as usize;
        let ends = self.starts.get(at).zip(self.starts.get(at + 1));
        ends.and_then(|(from, to)| self.of_items.get(*from as usize..*to as usize))
            .unwrap_or_default()
    }

    /// The mix of weighted items: shares of topics that sum to 1, or all 0 where no item has a topic. An
    /// item with several topics counts for each of them in part.
    pub fn mix(&self, items: impl IntoIterator<Item = (u32, f64)>) -> Mix {
        let mut shares = vec![0.0; self.number()];
        let mut sum = 0.0;
        for (at, weight) in items {
            let topics = self.of(at);
            for topic in topics {
                if let Some(share) = shares.get_mut(*topic as usize) {
                    *share += weight / topics.len() as f64;
                    sum += weight / topics.len() as f64;
                }
            }
        }
        if sum > 0.0 {
            shares.iter_mut().for_each(|share| *share /= sum);
        }
        Mix(shares)
    }
}

/// Shares of topics, by their number.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Mix(pub Vec<f64>);

/// What of the mix is a person's usual range: the topics, greatest first, that make up so much of it.
const USUAL: f64 = 0.8;

impl Mix {
    /// The share of a topic.
    pub fn share(&self, topic: u32) -> f64 {
        self.0.get(topic as usize).copied().unwrap_or(0.0)
    }

    /// Whether no topic has a share.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|share| *share == 0.0)
    }

    /// `part` of another mix, and the rest of this one.
    #[must_use]
    pub fn opened(&self, other: &Mix, part: f64) -> Mix {
        if self.is_empty() {
            return other.clone();
        }
        let shares = self.0.iter().zip(&other.0);
        Mix(shares
            .map(|(own, offer)| (1.0 - part) * own + part * offer)
            .collect())
    }

    /// How many topics this amounts to: `1 / Σ p²`, the number of equally great topics that are as varied
    /// (Hill 1973, order 2).
    pub fn effective(&self) -> f64 {
        let squares: f64 = self.0.iter().map(|share| share * share).sum();
        if squares > 0.0 { 1.0 / squares } else { 0.0 }
    }

    /// How unlike another mix it is: the Hellinger distance `√(1 − Σ √(p q))`, 0 the same, 1 nothing in
    /// common.
    pub fn distance(&self, other: &Mix) -> f64 {
        let common: f64 = self.0.iter().zip(&other.0).map(|(p, q)| (p * q).sqrt()).sum();
        (1.0 - common).max(0.0).sqrt()
    }

    /// The topics of the usual range, by their number.
    pub fn usual(&self) -> Vec<bool> {
        let mut order: Vec<(f64, usize)> = self.0.iter().copied().zip(0..).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut usual = vec![false; self.0.len()];
        let mut sum = 0.0;
        for (share, topic) in order {
            if share <= 0.0 || sum >= USUAL {
                break;
            }
            sum += share;
            if let Some(place) = usual.get_mut(topic) {
                *place = true;
            }
        }
        usual
    }
}
