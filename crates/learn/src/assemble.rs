//! Counts and settings to the bytes of a model file.

use crate::solve::Gram;
use crate::{Counts, Error, Facts, refit, transitions};
use recommend::{Contents, FORMAT, Header, Parameters, Privacy, Training};
use vocabulary::{Day, Digest, ItemId};

/// How to learn and how to score. The defaults were chosen on the validation splits of Online Retail
/// (`lab::evaluate`), not on its test splits; `viewed`, `added` and `mute` have no data there to be chosen
/// on and are set by judgement.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Settings {
    /// Ridge, as a multiple of the mean diagonal entry.
    pub ridge: f64,
    /// The part of each history that is thought away at random in training, 0 to below 1: it keeps items of
    /// many people from speaking for everything (Steck, "Autoencoders that don't overfit towards the
    /// Identity", NeurIPS 2020: a ridge of `p / (1 − p)` times each item's own diagonal entry).
    pub dropout: f64,
    /// At most so many "discover" weights lead to one item.
    pub neighbours: u32,
    /// At most so many "next" weights lead to one item.
    pub transitions: u32,
    /// At most so many "alike" weights lead to one item.
    pub alike: u32,
    /// Added to the weight of the source of a transition: rare sources say little.
    pub shrink: f64,
    /// An item has weights and popularity only if at least so many people have it.
    pub least_people: u32,
    /// How histories become scores.
    pub parameters: Parameters,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            ridge: 1.4,
            dropout: 0.0,
            neighbours: 100,
            transitions: 50,
            alike: 30,
            shrink: 5.0,
            least_people: 5,
            parameters: Parameters {
                again: 3.0,
                next: 1.0,
                discover: 1.0,
                prior: 0.1,
                alike: 0.1,
                // More than any score on the shipped data: what is muted comes last.
                mute: 8.0,
                viewed: 0.3,
                added: 0.6,
                bought: 1.0,
                repeats: 0.5,
                again_half: 3.0,
                discover_half_life: 365.0,
                next_half_life: 365.0,
                again_half_life: 365.0,
            },
        }
    }
}

/// What the header says of where a model comes from.
#[derive(Clone, PartialEq, Debug)]
pub struct Provenance {
    /// The day it is made (UTC).
    pub made_on: Day,
    /// The charter under which the people who count were permitted to.
    pub charter: Digest,
    /// Where the data came from, in words, at most 1,000 bytes.
    pub data: String,
}

/// Learns a model and writes its file.
///
/// # Errors
/// [`Error::NothingToLearn`] without people or items, [`Error::NotPositive`] where the ridge is too
/// small, [`Error::Model`] where a setting is out of its range.
pub fn train(counts: &Counts, settings: &Settings, provenance: Provenance) -> Result<Vec<u8>, Error> {
    train_with(counts, &Facts::default(), settings, provenance)
}

/// As [`train`], with what is publicly known of the items: so that a new one is found too.
///
/// # Errors
/// As [`train`].
pub fn train_with(
    counts: &Counts,
    facts: &Facts,
    settings: &Settings,
    provenance: Provenance,
) -> Result<Vec<u8>, Error> {
    learned(counts, settings)?.write(facts, settings, provenance, None)
}

/// As [`train`]; `privacy` is what the header claims: of counts that were released with noise, and of no others.
pub(crate) fn assemble(
    counts: &Counts,
    facts: &Facts,
    settings: &Settings,
    provenance: Provenance,
    privacy: Option<Privacy>,
) -> Result<Vec<u8>, Error> {
    learned(counts, settings)?.write(facts, settings, provenance, privacy)
}

fn learned<'c>(counts: &'c Counts, settings: &Settings) -> Result<Learned<'c>, Error> {
    settings.parameters.check()?;
    let gram = Gram::new(counts, settings.least_people, settings.ridge, settings.dropout)?;
    let support = gram.support(settings.neighbours as usize)?;
    let discover = refit::refit(&gram, &support)?;
    let next = transitions::transitions(counts, &gram, settings.transitions as usize, settings.shrink);
    Ok(Learned {
        items: counts.items(),
        people: counts.people(),
        most_items: counts.bounds().most_items,
        people_of: gram.kept.iter().map(|at| counts.people_of(*at)).collect(),
        kept: gram.kept,
        discover,
        next,
    })
}

/// What was learned, however the sums came about.
pub(crate) struct Learned<'i> {
    pub(crate) items: &'i [ItemId],
    pub(crate) people: u64,
    pub(crate) most_items: u32,
    /// Positions of the items that take part; all below is in their order.
    pub(crate) kept: Vec<usize>,
    pub(crate) people_of: Vec<u64>,
    /// Per target, (source, weight): positions among the kept.
    pub(crate) discover: Vec<Vec<(u32, f32)>>,
    pub(crate) next: Vec<Vec<(u32, f32)>>,
}

impl Learned<'_> {
    /// The bytes of the model file.
    pub(crate) fn write(
        &self,
        facts: &Facts,
        settings: &Settings,
        provenance: Provenance,
        privacy: Option<Privacy>,
    ) -> Result<Vec<u8>, Error> {
        let popularity = self.popularity();
        let mut people_of = vec![0; self.items.len()];
        for (at, people) in self.kept.iter().zip(&self.people_of) {
            if let Some(place) = people_of.get_mut(*at) {
                *place = *people;
            }
        }
        let people_of = |at: usize| people_of.get(at).copied().unwrap_or(0);
        let alike = facts.weights(self.items, people_of, settings.alike as usize);
        let weight_bits = bits(self.discover.iter().chain(&self.next).chain(&alike));
        let header = Header {
            format: FORMAT,
            items: self.items.len() as u32,
            people: self.people,
            made_on: provenance.made_on,
            charter: provenance.charter,
            data: provenance.data,
            training: Training {
                ridge: settings.ridge,
                dropout: settings.dropout,
                neighbours: settings.neighbours,
                transitions: settings.transitions,
                alike: if facts.is_empty() { 0 } else { settings.alike },
                most_items: self.most_items,
                least_people: settings.least_people,
            },
            parameters: settings.parameters,
            privacy,
            weight_bits,
        };
        let contents = Contents {
            header,
            items: self.items.to_vec(),
            popularity,
            discover: self.widen(&self.discover, weight_bits),
            next: self.widen(&self.next, weight_bits),
            alike: whole(alike, weight_bits),
        };
        Ok(recommend::write(&contents)?)
    }

    /// From positions among the kept items to positions among all, and to whole numbers.
    fn widen(&self, columns: &[Vec<(u32, f32)>], bits: u8) -> Vec<Vec<(u32, i16)>> {
        let mut wide = vec![Vec::new(); self.items.len()];
        for (target, column) in self.kept.iter().zip(columns) {
            let column = column
                .iter()
                .filter_map(|(source, weight)| Some((*self.kept.get(*source as usize)? as u32, *weight)));
            if let Some(place) = wide.get_mut(*target) {
                *place = column.collect();
                place.sort_unstable_by_key(|(source, _)| *source);
            }
        }
        whole(wide, bits)
    }

    fn popularity(&self) -> Vec<u32> {
        let mut shares = vec![0u32; self.items.len()];
        for (at, people) in self.kept.iter().zip(&self.people_of) {
            let share = (u128::from(*people) << 32) / u128::from(self.people.max(1));
            if let Some(place) = shares.get_mut(*at) {
                *place = u32::try_from(share).unwrap_or(u32::MAX);
            }
        }
        shares
    }
}

/// Whole numbers of 8 bits each, as the file has them.
fn whole(columns: Vec<Vec<(u32, f32)>>, bits: u8) -> Vec<Vec<(u32, i16)>> {
    let scale = f32::from(2u8).powi(i32::from(bits));
    let columns = columns.into_iter().map(|column| {
        let column = column.into_iter();
        let mut column = column
            .map(|(source, weight)| (source, (weight * scale).round() as i16))
            .collect();
        recommend::eight_bits(&mut column);
        column
    });
    columns.collect()
}

/// The most bits after the point with which every weight fits into 16.
fn bits<'w>(columns: impl Iterator<Item = &'w Vec<(u32, f32)>>) -> u8 {
    let greatest = columns
        .flatten()
        .map(|(_, weight)| weight.abs())
        .fold(0.0f32, f32::max);
    (0u8..=15)
        .rev()
        .find(|bits| greatest * 2f32.powi(i32::from(*bits)) < 32_767.0)
        .unwrap_or(0)
}
