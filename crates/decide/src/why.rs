//! What a list depends on, and what would be otherwise: for everything that went into a list, the list made again
//! without it, or with it as it could be. Whatever gives another list is named, whatever does not is not.
//!
//! Deliberately does not know: words for any of this, whose list it is.

use crate::Shop;
use crate::offers::{Choose, How, Lifted, Mode, Request, Rule, Seen, make};
use gate::purposes::PersonaliseView;
use serde::Serialize;
use vocabulary::{DAY_MS, Interaction, ItemId, Moment, Openness, Preferences};

/// Draws that are tried for another one.
const DRAWS: u64 = 64;
/// Items taken out by a rule of the shop that are tried, those that would score highest.
const TRIED: usize = 200;
/// "Later" is so many days.
pub const LATER_DAYS: i64 = 90;

/// Something that went into a list, and what is done to it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum Input {
    /// The person's history, without this item.
    History {
        /// Which.
        item: ItemId,
    },
    /// What the person never wants to see, without this item.
    Muted {
        /// Which.
        item: ItemId,
    },
    /// The dial at this step.
    Openness {
        /// Which.
        step: Openness,
    },
    /// Discoveries switched on, if they are off, or off.
    Discovery,
    /// What the person said of this topic taken back.
    Topic {
        /// Its name.
        name: String,
    },
    /// Not personalised at all.
    Off,
    /// All categories in place of those that the site asked for.
    Categories,
    /// What was bought shown, if the site left it out, or left out.
    Bought,
    /// An item that a rule of the shop took out, if it could be shown.
    Shop {
        /// Which.
        item: ItemId,
        /// The rule.
        rule: Rule,
    },
    /// Chosen towards the person's mix of topics, where the placement is for variety itself.
    Variety,
    /// Another draw for the slots that are drawn.
    Draw,
    /// The same question [`LATER_DAYS`] days later.
    Later,
}

/// What one input changes.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Effect {
    /// Which.
    #[serde(flatten)]
    pub input: Input,
    /// The list as it would be, best first.
    pub items: Vec<ItemId>,
}

/// A list and what it was made of.
pub(crate) struct Case<'a> {
    pub(crate) view: &'a PersonaliseView,
    pub(crate) mode: Mode,
    pub(crate) request: &'a Request,
    pub(crate) shop: &'a Shop,
    pub(crate) how: &'a How,
    pub(crate) at: Moment,
}

/// What changes the list that [`crate::offers::profiled`] makes of the same arguments.
pub fn effects(
    view: &PersonaliseView,
    request: &Request,
    shop: &Shop,
    seed: u64,
    now: Moment,
) -> Vec<Effect> {
    Case {
        view,
        mode: Mode::Profiled,
        request,
        shop,
        how: &How::now(shop, seed),
        at: now,
    }
    .effects()
}

/// One of the ways in which a list could be otherwise.
#[derive(Clone)]
struct Otherwise<'a> {
    history: &'a [Interaction],
    muted: &'a [ItemId],
    preferences: Preferences,
    request: Request,
    how: How,
    at: Moment,
    lifted: Lifted,
    off: bool,
}

impl Case<'_> {
    /// What changes it, in a fixed order.
    pub(crate) fn effects(&self) -> Vec<Effect> {
        let now = self.as_it_is();
        let items = self.list(&now);
        let mut effects = Vec::new();
        let mut tried = |input: Input, otherwise: &Otherwise<'_>| {
            let other = self.list(otherwise);
            let changes = other != items;
            if changes {
                effects.push(Effect { input, items: other });
            }
            changes
        };
        if self.mode == Mode::Profiled {
            self.try_person(&now, &mut tried);
        }
        self.try_site(&now, &mut tried);
        for nth in 1..=DRAWS {
            let mut other = now.clone();
            other.how.seed = other.how.seed.wrapping_add(nth) & ((1 << 53) - 1);
            if tried(Input::Draw, &other) {
                break;
            }
        }
        effects
    }

    fn as_it_is(&self) -> Otherwise<'_> {
        Otherwise {
            history: &self.view.history,
            muted: &self.view.muted,
            preferences: self.view.preferences.clone(),
            request: Request {
                counterfactuals: 0,
                ..self.request.clone()
            },
            how: self.how.clone(),
            at: self.at,
            lifted: Lifted::default(),
            off: self.mode == Mode::Contextual,
        }
    }

    fn list(&self, of: &Otherwise<'_>) -> Vec<ItemId> {
        let seen = Seen {
            history: of.history,
            muted: of.muted,
            preferences: &of.preferences,
        };
        let seen = (!of.off).then_some(&seen);
        make(seen, &of.request, self.shop, Some(&of.how), of.at, &of.lifted).ids()
    }

    fn try_person(&self, now: &Otherwise<'_>, tried: &mut dyn FnMut(Input, &Otherwise<'_>) -> bool) {
        for one in &self.view.history {
            // What the model does not know counts for nothing.
            if self.shop.model().knows(&one.item) {
                let history = Seen::of(self.view).without(&one.item);
                let item = one.item.clone();
                tried(
                    Input::History { item },
                    &Otherwise {
                        history: &history,
                        ..now.clone()
                    },
                );
            }
        }
        for item in &self.view.muted {
            let rest = self.view.muted.iter().filter(|other| *other != item);
            let muted: Vec<ItemId> = rest.cloned().collect();
            tried(
                Input::Muted { item: item.clone() },
                &Otherwise {
                    muted: &muted,
                    ..now.clone()
                },
            );
        }
        for step in Openness::ALL {
            if step != now.preferences.openness {
                let mut other = now.clone();
                other.preferences.openness = step;
                tried(Input::Openness { step }, &other);
            }
        }
        let mut other = now.clone();
        other.preferences.discovery = !other.preferences.discovery;
        tried(Input::Discovery, &other);
        for name in now.preferences.topics.keys() {
            let mut other = now.clone();
            other.preferences.topics.remove(name);
            tried(Input::Topic { name: name.clone() }, &other);
        }
        let mut other = now.clone();
        other.request.exclude_bought = !other.request.exclude_bought;
        tried(Input::Bought, &other);
        let later = Otherwise {
            at: now.at.plus(LATER_DAYS * DAY_MS),
            ..now.clone()
        };
        tried(Input::Later, &later);
        let off = Otherwise {
            off: true,
            ..now.clone()
        };
        tried(Input::Off, &off);
    }

    fn try_site(&self, now: &Otherwise<'_>, tried: &mut dyn FnMut(Input, &Otherwise<'_>) -> bool) {
        if now.how.rule == Choose::Varied {
            let mut other = now.clone();
            other.how.rule = Choose::Mix;
            tried(Input::Variety, &other);
        }
        if !now.request.categories.is_empty() {
            let mut other = now.clone();
            other.request.categories.clear();
            tried(Input::Categories, &other);
        }
        for (at, item, rule) in self.taken_out() {
            let other = Otherwise {
                lifted: Lifted { at: Some(at) },
                ..now.clone()
            };
            tried(Input::Shop { item, rule }, &other);
        }
    }

    /// What the shop hides or cannot sell, those first that most people have.
    fn taken_out(&self) -> Vec<(u32, ItemId, Rule)> {
        let model = self.shop.model();
        let mut out: Vec<(u32, ItemId, Rule)> = (0..)
            .zip(model.items())
            .filter_map(|(at, item)| {
                let standing = self.shop.standing(at).filter(|known| known.in_catalogue)?;
                let rule = match (standing.hidden, standing.in_stock) {
                    (true, _) => Rule::Hidden,
                    (false, false) => Rule::OutOfStock,
                    (false, true) => return None,
                };
                Some((at, item.clone(), rule))
            })
            .collect();
        out.sort_by(|a, b| model.prior_at(b.0).total_cmp(&model.prior_at(a.0)));
        out.truncate(TRIED);
        out
    }
}
