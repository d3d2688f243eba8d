//! Who trains, who validates, who tests; and every model on one split.

use super::provenance;
use crate::consents::scramble;
use crate::online_retail::{Order, histories};
use learn::evaluate::{Case, Dense, Quality, measure, own_frequency, shipped};
use learn::{Bounds, Counts, Settings, train};
use recommend::{Model, Parameters};
use std::collections::{BTreeMap, HashSet};
use vocabulary::{Interaction, ItemId, Moment};

/// Neighbours tried for item-kNN.
const NEIGHBOURS: [usize; 3] = [50, 100, 200];
/// Ridges tried for dense EASE, as multiples of the mean diagonal.
const RIDGES: [f64; 5] = [1.4, 3.0, 6.0, 12.0, 24.0];
/// Fewer items than this cannot be split in five.
const LEAST_ITEMS: usize = 5;

/// The people of the leave-out question.
pub(super) struct LeaveOut<'h> {
    pub(super) train: Vec<&'h Vec<Interaction>>,
    pub(super) validate: Vec<Case>,
    pub(super) test: Vec<Case>,
}

pub(super) fn leave_out(everybody: &BTreeMap<u32, Vec<Interaction>>, now: Moment, seed: u64) -> LeaveOut<'_> {
    let mut split = LeaveOut {
        train: Vec::new(),
        validate: Vec::new(),
        test: Vec::new(),
    };
    for (customer, history) in everybody {
        match scramble(seed ^ scramble(u64::from(*customer))) % 10 {
            8 => split.validate.extend(hide_a_fifth(*customer, history, now, seed)),
            9 => split.test.extend(hide_a_fifth(*customer, history, now, seed)),
            _ => split.train.push(history),
        }
    }
    split
}

fn hide_a_fifth(customer: u32, history: &[Interaction], now: Moment, seed: u64) -> Option<Case> {
    if history.len() < LEAST_ITEMS {
        return None;
    }
    let draw = |at: usize| scramble(seed ^ scramble((u64::from(customer) << 32) | at as u64));
    let mut shuffled: Vec<(u64, &Interaction)> = history
        .iter()
        .enumerate()
        .map(|(at, act)| (draw(at), act))
        .collect();
    shuffled.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.item.cmp(&b.1.item)));
    let seen = shuffled.split_off(history.len() / 5);
    Some(Case {
        history: seen.into_iter().map(|(_, act)| act.clone()).collect(),
        wanted: shuffled.into_iter().map(|(_, act)| act.item.clone()).collect(),
        repeats: false,
        now,
    })
}

/// The people of the next-basket questions.
pub(super) struct NextBasket {
    /// Everybody's, from the orders before the day.
    pub(super) histories: BTreeMap<u32, Vec<Interaction>>,
    /// With all of the first order from that day on.
    pub(super) all: Vec<Case>,
    /// With what is new to the person in it, where something is.
    pub(super) new: Vec<Case>,
}

/// Splits at `from`; first orders count until `until`.
pub(super) fn next_basket(orders: &[Order], from: Moment, until: Moment) -> NextBasket {
    let histories = histories(orders.iter().filter(|order| order.at < from));
    let mut firsts: BTreeMap<u32, &Order> = BTreeMap::new();
    for order in orders.iter().filter(|order| order.at >= from && order.at < until) {
        firsts.entry(order.customer).or_insert(order);
    }
    let sold: HashSet<&ItemId> = histories.values().flatten().map(|act| &act.item).collect();
    let (mut all, mut new) = (Vec::new(), Vec::new());
    for (customer, order) in firsts {
        let Some(history) = histories.get(&customer) else {
            continue;
        };
        let products = order.lines.iter().map(|line| &line.product);
        let wanted: HashSet<ItemId> = products
            .filter(|product| sold.contains(product))
            .cloned()
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let case = Case {
            history: history.clone(),
            wanted,
            repeats: true,
            now: order.at,
        };
        let known = case.known();
        let unknown: HashSet<ItemId> = case
            .wanted
            .iter()
            .filter(|item| !known.contains(item))
            .cloned()
            .collect();
        if !unknown.is_empty() {
            new.push(Case {
                history: history.clone(),
                wanted: unknown,
                repeats: false,
                now: order.at,
            });
        }
        all.push(case);
    }
    drop(sold);
    NextBasket { histories, all, new }
}

/// What the baselines are given; chosen on validation.
pub(super) struct Choice {
    neighbours: usize,
    ridge: f64,
}

impl Choice {
    /// The best of what is tried, by NDCG@100 on these people.
    pub(super) fn on(learned: &Split, validate: &[Case]) -> Result<Choice, learn::Error> {
        let mut choice = Choice {
            neighbours: 0,
            ridge: 0.0,
        };
        let mut best = -1.0;
        for neighbours in NEIGHBOURS {
            let ndcg = of_dense(&Dense::cosine(&learned.equal, neighbours), validate).ndcg_100;
            if ndcg > best {
                (best, choice.neighbours) = (ndcg, neighbours);
            }
        }
        best = -1.0;
        for ridge in RIDGES {
            let ndcg = of_dense(&Dense::ease(&learned.counts, 1, ridge)?, validate).ndcg_100;
            if ndcg > best {
                (best, choice.ridge) = (ndcg, ridge);
            }
        }
        Ok(choice)
    }
}

/// The counts of the people who train.
pub(super) struct Split {
    counts: Counts,
    /// Everybody adds the same length: item-kNN is better so.
    equal: Counts,
}

impl Split {
    pub(super) fn new<'h>(
        items: &[ItemId],
        people: impl Iterator<Item = &'h Vec<Interaction>> + Clone,
    ) -> Result<Split, learn::Error> {
        let equal = Bounds {
            length: 1,
            ..Bounds::default()
        };
        Ok(Split {
            counts: counts(items, people.clone(), Bounds::default())?,
            equal: counts(items, people, equal)?,
        })
    }

    /// Every model on the people of a test.
    pub(super) fn rows(
        &self,
        choice: &Choice,
        test: &[Case],
    ) -> Result<Vec<(String, Quality)>, learn::Error> {
        let popularity = Dense::popularity(&self.counts);
        let mut rows = vec![("popularity".to_owned(), of_dense(&popularity, test))];
        if test.iter().any(|case| case.repeats) {
            let own = measure(test, |case| own_frequency(&popularity, case));
            rows.push(("what the person bought most often".to_owned(), own));
        }
        let cosine = Dense::cosine(&self.equal, choice.neighbours);
        rows.push((
            format!("item-kNN, cosine, {} neighbours", choice.neighbours),
            of_dense(&cosine, test),
        ));
        let ease = Dense::ease(&self.counts, 1, choice.ridge)?;
        rows.push((
            format!("EASE, all weights, ridge {}", choice.ridge),
            of_dense(&ease, test),
        ));
        let top = format!("top {} weights", Settings::default().neighbours);
        let without_next = |p: &mut Parameters| (p.again, p.next, p.prior) = (0.0, 0.0, 0.0);
        rows.push((format!("{top}, refitted"), self.ours(without_next, test)?));
        rows.push((
            format!("{top}, refitted, and next"),
            self.ours(|p| (p.again, p.prior) = (0.0, 0.0), test)?,
        ));
        rows.push(("the model as shipped".to_owned(), self.ours(|_| (), test)?));
        Ok(rows)
    }

    fn ours(&self, change: impl Fn(&mut Parameters), test: &[Case]) -> Result<Quality, learn::Error> {
        let mut settings = Settings::default();
        change(&mut settings.parameters);
        let model = Model::read(&train(&self.counts, &settings, provenance())?)?;
        Ok(measure(test, |case| shipped(&model, case)))
    }
}

fn of_dense(model: &Dense, cases: &[Case]) -> Quality {
    measure(cases, |case| model.list(case))
}

pub(super) fn counts<'h>(
    items: &[ItemId],
    people: impl Iterator<Item = &'h Vec<Interaction>>,
    bounds: Bounds,
) -> Result<Counts, learn::Error> {
    let mut counts = Counts::new(items.iter().cloned(), bounds)?;
    for history in people {
        counts.add(history)?;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::online_retail::shipped_orders;
    use vocabulary::DAY_MS;

    fn disjoint(case: &Case) -> bool {
        !case.wanted.is_empty() && case.known().iter().all(|item| !case.wanted.contains(*item))
    }

    #[test]
    fn nothing_that_is_to_be_found_was_ever_shown() {
        let orders: Vec<Order> = shipped_orders().unwrap().map(Result::unwrap).collect();
        let everybody = histories(&orders);
        let split = leave_out(&everybody, Moment(0), 7);
        assert!(split.validate.iter().chain(&split.test).all(disjoint));
        let asked = split.validate.len() + split.test.len();
        let short = everybody
            .values()
            .filter(|history| history.len() < LEAST_ITEMS)
            .count();
        assert!(split.train.len() + asked <= everybody.len());
        assert!(split.train.len() + asked + short >= everybody.len());
        assert!(split.test.len() * 12 > everybody.len() - short, "about a tenth");

        let from = Moment(15_218 * DAY_MS);
        let basket = next_basket(&orders, from, Moment(i64::MAX));
        assert!(basket.histories.values().flatten().all(|act| act.last_at < from));
        assert!(basket.new.iter().all(disjoint));
        assert!(
            basket
                .all
                .iter()
                .all(|case| case.now >= from && !case.wanted.is_empty())
        );
        assert!(basket.all.len() > basket.new.len());
    }
}
