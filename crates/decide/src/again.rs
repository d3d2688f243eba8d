//! A recorded list, made again from its record: the same items, now with every reason and with what
//! would change it, so that it can be explained long after; and, to the byte, for whoever checks that the
//! program decided as the record says.
//!
//! Deliberately does not know: whose list it is, words for any of this.

use crate::Shop;
use crate::offers::{self, How, Mode, Offers, Opened, Placing, Request};
use crate::why::{Case, Effect};
use gate::Account as _;
use gate::purposes::PersonaliseView;
use serde::Deserialize;
use vocabulary::{Digest, Interaction, ItemId, Moment, Openness, Preferences};

/// What a record says.
#[derive(Deserialize)]
struct Recorded {
    at: Moment,
    catalogue: Digest,
    history: Vec<(String, u32, u32, u32, i64)>,
    items: Vec<(String, serde::de::IgnoredAny)>,
    mode: Mode,
    model: Digest,
    muted: Vec<ItemId>,
    /// Lists of before were not opened.
    #[serde(default)]
    opened: Option<Opened>,
    request: Request,
}

/// The outcome of a list, as its record says it.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// When it was made.
    pub at: Moment,
    /// From the person's history or not.
    pub mode: Mode,
    /// Where it was shown, as the site calls it.
    pub placement: String,
    /// Whether the site left out what the person has.
    pub exclude_bought: bool,
    /// How many items of the history were used.
    pub from: usize,
    /// The items, best first.
    pub items: Vec<ItemId>,
    /// Of each why it stands there; empty for lists of before they were opened.
    pub places: Vec<Placing>,
    /// What the person wished then.
    pub preferences: Option<Preferences>,
    /// By which model.
    pub model: Digest,
    /// From which catalogue.
    pub catalogue: Digest,
}

/// What the record of a list says; `None` if it is no record of a list.
pub fn outcome(details: &str) -> Option<Outcome> {
    let recorded: Recorded = serde_json::from_str(details).ok()?;
    Some(Outcome {
        at: recorded.at,
        mode: recorded.mode,
        placement: recorded.request.placement,
        exclude_bought: recorded.request.exclude_bought,
        from: recorded.history.len(),
        items: recorded.items.into_iter().map(|(item, _)| ItemId(item)).collect(),
        places: recorded
            .opened
            .as_ref()
            .map(|opened| opened.places.clone())
            .unwrap_or_default(),
        preferences: recorded.opened.and_then(|opened| opened.preferences),
        model: recorded.model,
        catalogue: recorded.catalogue,
    })
}

/// The same list again, with its reasons and the lists without each of its weightiest items. `None`:
/// the model or the catalogue is another one now, or the outcome is not the recorded one.
pub fn again(details: &str, shop: &Shop) -> Option<Offers> {
    let recorded: Recorded = serde_json::from_str(details).ok()?;
    if recorded.model != shop.model().digest() || recorded.catalogue != shop.catalogue_digest() {
        return None;
    }
    let (view, request) = (recorded.view(), &recorded.request);
    // To the byte, before more is said about it than was recorded.
    if recorded.make(&view, request, shop)?.details() != details {
        return None;
    }
    let request = Request {
        counterfactuals: offers::MAX_COUNTERFACTUALS,
        ..request.clone()
    };
    recorded.make(&view, &request, shop)
}

/// What would change the list of a record, made again. Empty for lists of before they were opened, and where the
/// list cannot be made again.
pub fn effects(details: &str, shop: &Shop) -> Vec<Effect> {
    let Ok(recorded) = serde_json::from_str::<Recorded>(details) else {
        return Vec::new();
    };
    let how = recorded.opened.as_ref().and_then(|opened| opened.how(shop));
    let Some(how) = how.filter(|_| differs(details, shop).is_none()) else {
        return Vec::new();
    };
    Case {
        view: &recorded.view(),
        mode: recorded.mode,
        request: &recorded.request,
        shop,
        how: &how,
        at: recorded.at,
    }
    .effects()
}

/// A list at one step of the dial: which, and each item with why it stands there.
pub type AtStep = (Openness, Vec<(ItemId, Placing)>);

/// The list of a record at each step of the dial, made from what the record holds. `None`: it is none that was made
/// from a history, or it cannot be made again.
pub fn at_each_step(details: &str, shop: &Shop) -> Option<Vec<AtStep>> {
    let recorded: Recorded = serde_json::from_str(details).ok()?;
    if recorded.mode != Mode::Profiled || recorded.opened.is_none() || differs(details, shop).is_some() {
        return None;
    }
    let request = Request {
        counterfactuals: 0,
        ..recorded.request.clone()
    };
    let at = |openness| {
        let mut view = recorded.view();
        view.preferences.openness = openness;
        let made = recorded.make(&view, &request, shop)?;
        let items = made.items.into_iter().map(|ranked| ranked.item);
        Some((openness, items.zip(made.places).collect()))
    };
    Openness::ALL.into_iter().map(at).collect()
}

/// By what a list was made: the content addresses of its model and its catalogue. `None` if it is no record of
/// a list.
pub fn made_by(details: &str) -> Option<(Digest, Digest)> {
    let recorded: Recorded = serde_json::from_str(details).ok()?;
    Some((recorded.model, recorded.catalogue))
}

/// What a recorded list was made of: what was seen of the person, and when. `None` if it is no record of a list.
pub fn inputs(details: &str) -> Option<(PersonaliseView, Moment)> {
    let recorded: Recorded = serde_json::from_str(details).ok()?;
    Some((recorded.view(), recorded.at))
}

/// Makes the recorded list again and compares byte by byte. `None`: the same. Else where the first difference
/// is, in words that tell nothing of the person. The shop is the one that [`made_by`] names.
pub fn differs(details: &str, shop: &Shop) -> Option<String> {
    let recorded: Recorded = match serde_json::from_str(details) {
        Ok(recorded) => recorded,
        Err(_) => return Some("the record is not one of a list".to_owned()),
    };
    let Some(made) = recorded.make(&recorded.view(), &recorded.request, shop) else {
        return Some("the list was opened by rules that this program does not know".to_owned());
    };
    let made = made.details();
    (made != details).then(|| difference(details, &made))
}

/// Where two records differ first: what counts for the person before how it is written.
fn difference(recorded: &str, made: &str) -> String {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap_or_default();
    let (recorded, made) = (read(recorded), read(made));
    let lists = |name: &str| {
        let of = |value: &serde_json::Value| value.get(name)?.as_array().cloned();
        (of(&recorded).unwrap_or_default(), of(&made).unwrap_or_default())
    };
    let (before, now) = lists("items");
    for (place, (before, now)) in (1..).zip(before.iter().zip(&now)) {
        if before.get(0) != now.get(0) {
            return format!("item {place} of the list is another one than was recorded");
        }
        if before != now {
            return format!("item {place} of the list has another score than was recorded");
        }
    }
    if before.len() != now.len() {
        return format!("the list has {} items, {} were recorded", now.len(), before.len());
    }
    let (before, now) = lists("excluded");
    if let Some(place) = (0..before.len().max(now.len())).find(|at| before.get(*at) != now.get(*at)) {
        let place = place + 1;
        return format!("what the rules took out differs from what was recorded, at place {place}");
    }
    let members = made.as_object().into_iter().flatten();
    match members
        .into_iter()
        .find(|(name, value)| recorded.get(name) != Some(value))
    {
        Some((name, _)) => format!("`{name}` is not what was recorded"),
        None => "the content is the same, it is written otherwise".to_owned(),
    }
}

impl Recorded {
    /// What was seen of the person.
    fn view(&self) -> PersonaliseView {
        let history = self
            .history
            .iter()
            .map(|(item, viewed, added, bought, last_at)| Interaction {
                item: ItemId(item.clone()),
                viewed: *viewed,
                added: *added,
                bought: *bought,
                last_at: Moment(*last_at),
            });
        PersonaliseView {
            traits: Vec::new(),
            history: history.collect(),
            muted: self.muted.clone(),
            preferences: self.wished(),
        }
    }

    fn wished(&self) -> Preferences {
        let opened = self.opened.as_ref();
        opened
            .and_then(|opened| opened.preferences.clone())
            .unwrap_or_default()
    }

    fn make(&self, view: &PersonaliseView, request: &Request, shop: &Shop) -> Option<Offers> {
        let how: Option<How> = match &self.opened {
            Some(opened) => Some(opened.how(shop)?),
            None => None,
        };
        let view = match self.mode {
            Mode::Profiled => Some(view),
            Mode::Contextual => None,
        };
        Some(offers::decided(view, request, shop, how.as_ref(), self.at))
    }
}
