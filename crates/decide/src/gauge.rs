//! The bubble gauge: how varied and how open what a person has or is shown is, in four plain figures.
//!
//! Deliberately does not know: whose it is, words for any of this, what others have: of them it reads only what a
//! model released with noise says of everybody together.

use crate::Shop;
use crate::again::Outcome;
use recommend::{Mix, score_all};
use vocabulary::{Interaction, Moment, Openness};

/// How varied and how open something is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gauge {
    /// As many equally great topics would be as varied (Hill 1973, order 2).
    pub topics: f64,
    /// The same of all that is on offer.
    pub offered: f64,
    /// How unlike the offer it is: 0 the same mix, 1 nothing in common (Hellinger distance).
    pub apart: f64,
    /// The share that lies outside the person's habits, 0 to 1; of a history there is none.
    pub outside: Option<f64>,
    /// How much its mix has in common with that of everybody together, 0 to 1. `None` where the model was not
    /// released with noise: of others nothing else is read.
    pub shared: Option<f64>,
}

/// Of a history.
pub fn of_history(history: &[Interaction], shop: &Shop, now: Moment) -> Option<Gauge> {
    let scores = score_all(shop.model(), history, &[], now);
    of_mix(&scores.own_mix(shop.topics()), shop, None)
}

/// Of lists that were shown, made from the person's history.
pub fn of_lists<'l>(lists: impl IntoIterator<Item = &'l Outcome>, shop: &Shop) -> Option<Gauge> {
    let (mut items, mut outside, mut places) = (Vec::new(), 0, 0);
    for list in lists {
        places += list.places.len();
        outside += list.places.iter().filter(|place| place.outside).count();
        items.extend(list.items.iter().filter_map(|item| shop.model().position(item)));
    }
    let mix = shop.topics().mix(items.into_iter().map(|at| (at, 1.0)));
    let outside = (places > 0).then(|| outside as f64 / places as f64);
    of_mix(&mix, shop, outside)
}

/// The promise of a step about what lies outside, as a share; `None`: there is none.
pub fn floor(openness: Openness) -> Option<f64> {
    let one_in = openness.step().outside_one_in;
    (one_in > 0).then(|| 1.0 / f64::from(one_in))
}

fn of_mix(mix: &Mix, shop: &Shop, outside: Option<f64>) -> Option<Gauge> {
    if mix.is_empty() {
        return None;
    }
    let model = shop.model();
    let everybody = model.header().privacy.map(|_| {
        let all = 0..model.items().len() as u32;
        shop.topics().mix(all.map(|at| (at, model.prior_at(at))))
    });
    Some(Gauge {
        topics: mix.effective(),
        offered: shop.offer().effective(),
        apart: mix.distance(shop.offer()),
        outside,
        shared: everybody
            .filter(|all| !all.is_empty())
            .map(|all| 1.0 - mix.distance(&all)),
    })
}
