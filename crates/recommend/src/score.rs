//! Scores of one person's history: a sparse sum in whole numbers.

use crate::model::INPUT_BITS;
use crate::said::Spoken;
use crate::{Bridge, Channel, Links, Model, Ranked, Reason, strength};
use vocabulary::{Interaction, ItemId, Moment};

/// The scores of every item for one history, and all that is needed to explain them. It holds what a
/// person did: give it no longer life than the answer needs.
pub struct Scores<'m> {
    model: &'m Model,
    scratch: Scratch,
    bridge: Option<&'m Bridge>,
}

/// Buffers of finished [`Scores`], to be used again. They hold nothing of the person any more.
#[derive(Default)]
pub struct Scratch {
    /// Per item, in units.
    totals: Vec<i64>,
    /// Per item of the model, what the person's own acts on it feed into each channel.
    inputs: Vec<Input>,
    /// Per item of the model, whether it has an input: small enough to stay in the nearest cache while
    /// the few inputs of a history are looked for among the many weights of a column.
    present: Vec<bool>,
    /// The items with an input, each once, in the order of the history.
    touched: Vec<u32>,
    /// What the person says of topics adds, by item.
    spoken: Vec<Spoken>,
    /// The best score before that.
    unspoken: Option<i64>,
}

#[derive(Clone, Copy, Default)]
struct Input {
    /// Units of 2^-INPUT_BITS; weight of the channel, strength and fading are in it.
    discover: i64,
    /// The same for "next".
    next: i64,
    /// The same for "alike".
    alike: i64,
    /// Units of score.
    again: i64,
    muted: bool,
    bought: bool,
}

/// Scores all items of `model` for a history.
///
/// Items that the model does not know are passed over. Several interactions with one item add up. A
/// muted item lowers itself and its neighbours, and speaks for nothing any more. `now` is the moment at
/// which the interactions' ages are taken; pass the moment of the decision, so that it can be replayed.
pub fn score_all<'m>(model: &'m Model, history: &[Interaction], muted: &[ItemId], now: Moment) -> Scores<'m> {
    score_all_with(Scratch::default(), model, history, muted, now)
}

/// [`score_all`] in the buffers of earlier [`Scores`]; they may have been of another model.
pub fn score_all_with<'m>(
    mut scratch: Scratch,
    model: &'m Model,
    history: &[Interaction],
    muted: &[ItemId],
    now: Moment,
) -> Scores<'m> {
    scratch.totals.clear();
    scratch.totals.extend_from_slice(&model.prior);
    scratch.inputs.resize(model.items.len(), Input::default());
    scratch.present.resize(model.items.len(), false);
    for item in muted {
        if let Some(at) = model.position(item) {
            scratch.touch(at, |input| input.muted = true);
        }
    }
    let parameters = model.parameters();
    for interaction in history {
        let Some(at) = model.position(&interaction.item) else {
            continue;
        };
        let input = input_of(model, interaction, now);
        scratch.touch(at, |sum| {
            if !sum.muted {
                sum.discover += input.discover;
                sum.next += input.next;
                sum.alike += input.alike;
                sum.again += input.again;
            }
            sum.bought |= input.bought;
        });
    }
    let mute = mute_units(model);
    let Scratch {
        totals,
        inputs,
        touched,
        ..
    } = &mut scratch;
    for at in touched.iter().copied() {
        let Some(input) = inputs.get(at as usize) else {
            continue;
        };
        if let Some(total) = totals.get_mut(at as usize) {
            *total += input.again - if input.muted { mute.of_item } else { 0 };
        }
        if input.muted && parameters.mute > 0.0 {
            for (target, weight) in model.discover.from(at).filter(|(_, weight)| *weight > 0) {
                if let Some(total) = totals.get_mut(target as usize) {
                    *total -= mute.of_weight * i64::from(weight);
                }
            }
        }
        spread(totals, &model.discover, at, input.discover);
        spread(totals, &model.next, at, input.next);
        spread(totals, &model.alike, at, input.alike);
    }
    Scores {
        model,
        scratch,
        bridge: None,
    }
}

impl<'m> Scores<'m> {
    /// The model these are scores of.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// What these scores would be had the person never met `item`: that item's addends taken out, which
    /// in whole numbers is the same as scoring again without it. Mutes stand.
    #[must_use]
    pub fn without(&self, item: &ItemId) -> Scores<'m> {
        let mut scratch = Scratch {
            totals: self.totals_without(item),
            inputs: self.scratch.inputs.clone(),
            present: self.scratch.present.clone(),
            touched: self.scratch.touched.clone(),
            spoken: Vec::new(),
            unspoken: None,
        };
        let at = self.model.position(item);
        if let Some(input) = at.and_then(|at| scratch.inputs.get_mut(at as usize)) {
            *input = Input {
                muted: input.muted,
                ..Input::default()
            };
        }
        Scores {
            model: self.model,
            scratch,
            bridge: self.bridge,
        }
    }

    /// The totals of [`Scores::without`].
    pub(crate) fn totals_without(&self, item: &ItemId) -> Vec<i64> {
        let mut totals = self.scratch.totals.clone();
        if let Some(at) = self.model.position(item) {
            let Input {
                discover,
                next,
                alike,
                again,
                ..
            } = self.input(at);
            if let Some(total) = totals.get_mut(at as usize) {
                *total -= again;
            }
            spread(&mut totals, &self.model.discover, at, -discover);
            spread(&mut totals, &self.model.next, at, -next);
            spread(&mut totals, &self.model.alike, at, -alike);
        }
        totals
    }

    /// The items of the history that carry a list of these scores, at most `most` of them: the one whose
    /// addends sum to most first, of equal ones the lower identifier first.
    pub fn carriers<'r>(&self, list: impl IntoIterator<Item = &'r Ranked>, most: usize) -> Vec<ItemId> {
        if most == 0 {
            return Vec::new();
        }
        // Items are in the order of their identifiers.
        let mut shares: Vec<(u32, i64)> = self.scratch.touched.iter().map(|at| (*at, 0)).collect();
        shares.sort_unstable_by_key(|(at, _)| *at);
        let listed = list
            .into_iter()
            .filter_map(|ranked| self.model.position(&ranked.item));
        let mut addends = Vec::new();
        for at in listed {
            self.addends(at, &mut addends);
            for (_, because, amount) in &addends {
                let place =
                    because.and_then(|because| shares.binary_search_by_key(&because, |(at, _)| *at).ok());
                if let Some((_, share)) = place.and_then(|place| shares.get_mut(place)) {
                    *share += amount;
                }
            }
        }
        shares.retain(|(_, share)| *share > 0);
        shares.sort_by_key(|(_, share)| std::cmp::Reverse(*share));
        let items = shares
            .into_iter()
            .take(most)
            .filter_map(|(at, _)| self.model.items.get(at as usize));
        items.cloned().collect()
    }

    /// Adds what a bridge adds, in place of another one.
    pub(crate) fn cross(&mut self, bridge: &'m Bridge) {
        let before = self.bridge.replace(bridge);
        for (total, at) in self.scratch.totals.iter_mut().zip(0..) {
            *total += bridge.of(at) - before.map_or(0, |before| before.of(at));
        }
    }

    /// What an item has without anything of the person, in units.
    pub(crate) fn common(&self, at: u32) -> i64 {
        self.model.prior.get(at as usize).copied().unwrap_or(0)
            + self.bridge.map_or(0, |bridge| bridge.of(at))
    }

    /// Whether the person bought the item at `at`.
    pub fn bought(&self, at: u32) -> bool {
        self.is_present(at) && self.input(at).bought
    }

    /// Whether the person muted the item at `at`.
    pub fn muted(&self, at: u32) -> bool {
        self.is_present(at) && self.input(at).muted
    }

    /// The score of the item at that place of [`Model::items`]; 0 where there is none.
    pub fn score_at(&self, at: u32) -> f64 {
        self.total(at) as f64 * self.model.unit()
    }

    /// The same as if the person had not muted that very item; what else they muted stands.
    pub fn unmuted_at(&self, at: u32) -> f64 {
        let mute = if self.muted(at) {
            mute_units(self.model).of_item
        } else {
            0
        };
        (self.total(at) + mute) as f64 * self.model.unit()
    }

    /// The score of one item and all its reasons, also for an item that no list shows; `None` for an item
    /// the model does not know.
    pub fn explain(&self, item: &ItemId) -> Option<Ranked> {
        self.ranked(self.model.position(item)?)
    }

    /// The buffers, emptied of the person, to score the next one with.
    pub fn into_scratch(self) -> Scratch {
        let mut scratch = self.scratch;
        for at in scratch.touched.drain(..) {
            if let Some(input) = scratch.inputs.get_mut(at as usize) {
                *input = Input::default();
            }
            if let Some(present) = scratch.present.get_mut(at as usize) {
                *present = false;
            }
        }
        scratch.totals.fill(0);
        scratch.spoken.clear();
        scratch.unspoken = None;
        scratch
    }

    /// The places of the items of the history that still speak, with how loud.
    pub(crate) fn history(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        let spoken = self.scratch.touched.iter().map(|at| (*at, self.input(*at)));
        spoken
            .filter(|(_, input)| !input.muted && input.discover > 0)
            .map(|(at, input)| (at, input.discover as f64))
    }

    /// Per item of the model, in its order, in whole numbers of [`Model::unit`].
    pub(crate) fn totals(&self) -> &[i64] {
        &self.scratch.totals
    }

    pub(crate) fn total(&self, at: u32) -> i64 {
        self.scratch.totals.get(at as usize).copied().unwrap_or(0)
    }

    pub(crate) fn prior_of(&self, at: u32) -> i64 {
        self.model.prior.get(at as usize).copied().unwrap_or(0)
    }

    /// Adds what was said; `greatest` is the best score before.
    pub(crate) fn speak(&mut self, spoken: Vec<Spoken>, greatest: i64) {
        for one in &spoken {
            if let Some(total) = self.scratch.totals.get_mut(one.at as usize) {
                *total += one.interest + one.less;
            }
        }
        self.scratch.spoken = spoken;
        self.scratch.unspoken = Some(greatest);
    }

    /// The best score before anything was said of topics, if something was.
    pub(crate) fn unspoken(&self) -> Option<i64> {
        self.scratch.unspoken
    }

    /// What was said adds to an item.
    pub(crate) fn spoken(&self, at: u32) -> Option<&Spoken> {
        let place = self.scratch.spoken.binary_search_by_key(&at, |one| one.at).ok()?;
        self.scratch.spoken.get(place)
    }

    pub(crate) fn ranked(&self, at: u32) -> Option<Ranked> {
        let unit = self.model.unit();
        let item = self.model.items.get(at as usize)?;
        let total = *self.scratch.totals.get(at as usize)?;
        let mut addends = Vec::with_capacity(64);
        self.addends(at, &mut addends);
        addends.sort_unstable_by_key(|(channel, because, amount)| {
            (std::cmp::Reverse(amount.unsigned_abs()), *channel, *because)
        });
        let reasons = addends.into_iter().map(|(channel, because, amount)| Reason {
            channel,
            because: because.and_then(|at| self.model.items.get(at as usize)).cloned(),
            amount: amount as f64 * unit,
        });
        Some(Ranked {
            item: item.clone(),
            score: total as f64 * unit,
            reasons: reasons.collect(),
        })
    }

    /// Every addend of an item's score that is not 0, in units, in the place of what `addends` held.
    fn addends(&self, at: u32, addends: &mut Vec<(Channel, Option<u32>, i64)>) {
        let own = self.input(at);
        let mute = mute_units(self.model);
        addends.clear();
        addends.extend([
            (
                Channel::Prior,
                None,
                self.model.prior.get(at as usize).copied().unwrap_or(0),
            ),
            (
                Channel::Bridge,
                None,
                self.bridge.map_or(0, |bridge| bridge.of(at)),
            ),
            (Channel::Again, Some(at), own.again),
            (Channel::Mute, Some(at), if own.muted { -mute.of_item } else { 0 }),
        ]);
        for (source, weight) in self
            .model
            .discover
            .to(at)
            .filter(|(source, _)| self.is_present(*source))
        {
            let input = self.input(source);
            addends.push((
                Channel::Discover,
                Some(source),
                input.discover * i64::from(weight),
            ));
            if input.muted && weight > 0 {
                addends.push((Channel::Mute, Some(source), -mute.of_weight * i64::from(weight)));
            }
        }
        for (source, weight) in self
            .model
            .next
            .to(at)
            .filter(|(source, _)| self.is_present(*source))
        {
            addends.push((
                Channel::Next,
                Some(source),
                self.input(source).next * i64::from(weight),
            ));
        }
        addends.extend(self.spoken(at).into_iter().flat_map(Spoken::addends));
        for (source, weight) in self
            .model
            .alike
            .to(at)
            .filter(|(source, _)| self.is_present(*source))
        {
            addends.push((
                Channel::Alike,
                Some(source),
                self.input(source).alike * i64::from(weight),
            ));
        }
        addends.retain(|(_, _, amount)| *amount != 0);
    }

    fn is_present(&self, at: u32) -> bool {
        self.scratch.present.get(at as usize).copied().unwrap_or(false)
    }

    fn input(&self, at: u32) -> Input {
        self.scratch.inputs.get(at as usize).copied().unwrap_or_default()
    }
}

impl Scratch {
    fn touch(&mut self, at: u32, change: impl FnOnce(&mut Input)) {
        let place = self
            .inputs
            .get_mut(at as usize)
            .zip(self.present.get_mut(at as usize));
        if let Some((input, present)) = place {
            change(input);
            if input.is_set() && !*present {
                *present = true;
                self.touched.push(at);
            }
        }
    }
}

impl Input {
    fn is_set(&self) -> bool {
        self.muted
            || self.bought
            || self.discover != 0
            || self.next != 0
            || self.alike != 0
            || self.again != 0
    }
}

fn input_of(model: &Model, interaction: &Interaction, now: Moment) -> Input {
    let parameters = model.parameters();
    let speaks = strength::strength(parameters, interaction);
    let (discover, next, again) = strength::faded(parameters, interaction.last_at, now);
    let inputs = (1u64 << INPUT_BITS) as f64;
    Input {
        discover: whole(parameters.discover * speaks * discover * inputs),
        next: whole(parameters.next * speaks * next * inputs),
        alike: whole(parameters.alike * speaks * discover * inputs),
        again: whole(strength::again(parameters, interaction) * again / model.unit()),
        muted: false,
        bought: interaction.bought > 0,
    }
}

struct Mute {
    of_item: i64,
    of_weight: i64,
}

fn mute_units(model: &Model) -> Mute {
    let mute = model.parameters().mute;
    Mute {
        of_item: whole(mute / model.unit()),
        of_weight: whole(mute * (1u64 << INPUT_BITS) as f64),
    }
}

/// Rounds what is not negative.
fn whole(value: f64) -> i64 {
    (value + 0.5) as i64
}

fn spread(totals: &mut [i64], links: &Links, at: u32, input: i64) {
    if input == 0 {
        return;
    }
    for (target, weight) in links.from(at) {
        if let Some(total) = totals.get_mut(target as usize) {
            *total += input * i64::from(weight);
        }
    }
}
