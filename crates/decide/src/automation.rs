//! A look at a person: their groups, then their journeys, from one view; and what is kept of it for the next
//! look.
//!
//! Pure: the view, the moment and the person's own seed come in, what to keep and what happens comes out.
//! Deliberately does not know: how a person was opened, how what happens is carried out.

mod differs;
mod kept;
mod shown;
mod tally;

use crate::journeys::{self, Effect, Fresh, Happens, Journeys, Seed, Situation};
use crate::segments::{self, Changed, Known, Plan, TraitKnown, Truth};
use gate::purposes::SegmentView;
use gate::{Beside, Kind, Queued, Reacted};
use jiff::tz::TimeZone;
use kept::Kept;
use program::segment::Origin;
use program::words::Name;
use serde_json::json;
pub use shown::{Group, Place, Reason, Shown};
use std::collections::BTreeMap;
use std::sync::Arc;
pub use tally::{key, key_of};
use vocabulary::{Catalogue, Moment, Needs, PurposeName};

/// The trait that says where the person's clocks are: an IANA name.
pub const ZONE: &str = "timezone";

/// The automatic part of a program, ready.
pub struct Automation {
    /// The segments.
    pub plan: Plan,
    /// The journeys.
    pub journeys: Journeys,
    /// The items.
    pub catalogue: Arc<Catalogue>,
    /// Where clocks are for whom nobody knows better.
    pub zone: TimeZone,
    /// For which purpose each message is.
    pub messages: BTreeMap<Name, PurposeName>,
}

/// How a person stands to one group, as it is shown.
#[derive(Clone, PartialEq, Debug)]
pub struct Membership {
    /// Which group.
    pub segment: Name,
    /// In it, or not.
    pub holds: bool,
    /// Since when.
    pub since: Moment,
}

impl Automation {
    /// Looks at a person. Whoever was never looked at before is new, and enters the groups they are in; but
    /// at the first look of a program that has just come into force (`baseline`) everybody is in their
    /// groups already, and what happened before starts nothing.
    pub fn look(&self, view: &SegmentView, beside: &Beside, baseline: bool) -> Reacted {
        self.look_from(view, beside, baseline.then_some(Moment(i64::MAX)))
    }

    /// As [`Automation::look`], while a program that came into force at `from` reaches one after the other:
    /// whoever was never looked at and was there before is in their groups already, but what they did since
    /// counts; whoever came since is new.
    pub fn look_while_it_comes(&self, view: &SegmentView, beside: &Beside, from: Moment) -> Reacted {
        self.look_from(view, beside, (!came_since(view, from)).then_some(from))
    }

    /// `already`: in their groups, and from when on what happened counts.
    fn look_from(&self, view: &SegmentView, beside: &Beside, already: Option<Moment>) -> Reacted {
        let before = Kept::decode(&view.state);
        // Of whoever was looked at, what arrived since is known by its number, whenever it happened.
        let counts_from = already.filter(|_| view.state.is_empty());
        let traits = traits(view);
        let zone = self.zone_of(&traits);
        let known = known(view, &traits, &zone);
        let mut earlier = before.standings(&self.plan);
        if earlier.whole.is_none() && already.is_none() {
            earlier = kept::Earlier::nowhere(&self.plan);
        }
        let print = differs::Print::of(view, &zone, self);
        let changed = print.changed_since(before.print(), &known, beside.now);
        let mut standings = segments::evaluate(
            &self.plan,
            &known,
            &self.catalogue,
            earlier.whole.as_deref(),
            &changed,
            beside.now,
        );
        // Nobody enters or leaves a group by its being defined anew.
        standings.turned.retain(|place| !earlier.new.contains(place));
        let fresh: Vec<Fresh<'_>> = view
            .occurred
            .iter()
            .flat_map(|known| known.each.iter().map(|happened| (known.event.as_str(), happened)))
            .filter(|(_, happened)| happened.number > view.looked_at)
            .filter(|(_, happened)| counts_from.is_none_or(|from| happened.at >= from))
            .map(|(event, happened)| Fresh { event, happened })
            .collect();
        let stepped = journeys::step(
            &before.runs(),
            &Situation {
                journeys: &self.journeys,
                plan: &self.plan,
                known: &known,
                catalogue: &self.catalogue,
                standings: &standings,
                fresh: &fresh,
                permitted: beside.permitted,
                // Looked at again when the conversation ends: that is an input like any other.
                silent_until: beside.silent.then_some(Moment(i64::MAX)),
                seed: Seed(beside.seed),
                now: beside.now,
            },
        );
        let due = standings.due().min(stepped.due);
        let after = Kept::of(&self.plan, &standings, &stepped.runs, print.at(beside.now));
        let told = told(self, &standings, &stepped.effects, beside.now);
        Reacted {
            changed: told.is_some() || !after.is_like(&before),
            state: after.encode(),
            due: (due != Truth::NEVER).then_some(due),
            set: set(&stepped.effects),
            told,
            counts: tally::of(self, &stepped),
            queue: self.queue(&stepped.effects),
        }
    }

    /// The groups that a person would be in, whatever was kept of them.
    pub fn would_be_in(&self, view: &SegmentView, now: Moment) -> Vec<Name> {
        let traits = traits(view);
        let zone = self.zone_of(&traits);
        let known = known(view, &traits, &zone);
        let changed = Changed::default();
        let standings = segments::evaluate(&self.plan, &known, &self.catalogue, None, &changed, now);
        let each = standings.each.iter().enumerate();
        let named = each.filter(|(_, standing)| standing.truth.holds);
        named
            .filter_map(|(place, _)| Some(self.plan.segment(place)?.name.clone()))
            .collect()
    }

    /// What [`Automation::would_be_in`] looks at, and nothing else.
    pub fn needs(&self) -> Needs {
        let mut needs = self.plan.needs();
        needs.traits.insert(ZONE.to_owned());
        needs
    }

    /// The groups that a state says the person is in, or was in: what is shown and handed out.
    pub fn memberships(&self, state: &[u8]) -> Vec<Membership> {
        let earlier = Kept::decode(state).standings(&self.plan);
        let each = earlier.whole.unwrap_or_default();
        let named = each.into_iter().enumerate().filter_map(|(place, standing)| {
            if earlier.new.contains(&place) {
                return None;
            }
            Some(Membership {
                segment: self.plan.segment(place)?.name.clone(),
                holds: standing.truth.holds,
                since: standing.since,
            })
        });
        named.collect()
    }

    /// What is to leave. Only what a journey for `service` says for `service` answers the person; whatever else
    /// it says is marketing of its channel, and bound by the person's contract.
    fn queue(&self, effects: &[Effect]) -> Vec<Queued> {
        let wanted = effects.iter().filter_map(|effect| {
            let journey = self.journeys.get(&effect.journey);
            let of_journey = journey.map_or(PurposeName::Segment, |one| one.journey.purpose);
            let (kind, name, purpose) = match &effect.what {
                Happens::Message(name) => {
                    let own = self.messages.get(name).copied().unwrap_or(of_journey);
                    let purpose = match (own, of_journey) {
                        (PurposeName::Service, PurposeName::Service) => PurposeName::Service,
                        (PurposeName::Service, other) => other,
                        (own, _) => own,
                    };
                    (Kind::Message, name, purpose)
                }
                Happens::Task { queue } => (Kind::Task, queue, of_journey),
                Happens::Webhook(name) => (Kind::Webhook, name, of_journey),
                _ => return None,
            };
            Some(Queued {
                kind,
                name: name.to_string(),
                purpose,
                journey: effect.journey.to_string(),
                key: effect.key.clone(),
                step: effect.step.clone(),
                entered_at: effect.entered_at,
                number: effect.number,
            })
        });
        wanted.collect()
    }

    fn zone_of(&self, traits: &[TraitKnown]) -> TimeZone {
        let named = traits.iter().find(|known| known.name == ZONE);
        named
            .and_then(|known| serde_json::from_str::<String>(&known.value).ok())
            .and_then(|name| TimeZone::get(&name).ok())
            .unwrap_or_else(|| self.zone.clone())
    }
}

/// Whether all that is dated of somebody is of that moment or later. Of whom nothing is dated it is not known
/// when they came: as if they had been there.
fn came_since(view: &SegmentView, from: Moment) -> bool {
    let happened = view.occurred.iter().flat_map(|known| &known.each);
    let touched = view.touched.iter().flat_map(|touched| {
        let each = [touched.viewed_at, touched.added_at, touched.bought_at];
        each.into_iter().flatten()
    });
    let first = happened.map(|happened| happened.at).chain(touched).min();
    first.is_some_and(|first| first >= from)
}

/// Where each journey stands that a state says the person is in: name, step, since when.
pub fn positions(state: &[u8]) -> Vec<(Name, Option<String>, Moment)> {
    let runs = Kept::decode(state).runs();
    runs.present
        .into_iter()
        .map(|run| (run.journey, run.at, run.reached_at))
        .collect()
}

fn known<'a>(view: &'a SegmentView, traits: &'a [TraitKnown], zone: &'a TimeZone) -> Known<'a> {
    Known {
        traits,
        happened: &view.occurred,
        touched: &view.touched,
        consents: &view.consents,
        zone,
    }
}

fn traits(view: &SegmentView) -> Vec<TraitKnown> {
    let known = |(name, value, observed): &(String, String, bool)| TraitKnown {
        name: name.clone(),
        value: value.clone(),
        origin: if *observed {
            Origin::Observed
        } else {
            Origin::Declared
        },
    };
    view.traits.iter().map(known).collect()
}

fn set(effects: &[Effect]) -> Vec<(String, String, Option<String>)> {
    let set = effects.iter().filter_map(|effect| match &effect.what {
        Happens::Update { name, value } => Some((effect.journey.to_string(), name.clone(), value.clone())),
        _ => None,
    });
    set.collect()
}

/// What happened, as it is recorded; nothing if nothing did.
fn told(
    automation: &Automation,
    standings: &segments::Standings,
    effects: &[Effect],
    now: Moment,
) -> Option<String> {
    if standings.turned.is_empty() && effects.is_empty() {
        return None;
    }
    let turned: Vec<serde_json::Value> = standings
        .turned
        .iter()
        .filter_map(|place| {
            let name = automation.plan.segment(*place)?.name.as_str();
            Some(json!({ "in": standings.each.get(*place)?.truth.holds, "segment": name }))
        })
        .collect();
    let effects: Vec<serde_json::Value> = effects.iter().map(effect).collect();
    let told = json!({ "at": now.0, "effects": effects, "segments": turned });
    Some(told.to_string())
}

fn effect(effect: &Effect) -> serde_json::Value {
    let (what, about) = match &effect.what {
        Happens::Entered { held_out } => ("entered", json!({ "held_out": held_out })),
        Happens::Arm { experiment, arm } => (
            "arm",
            json!({ "arm": arm, "experiment": experiment.as_ref().map(Name::as_str) }),
        ),
        Happens::Message(name) => ("message", json!({ "message": name.as_str() })),
        Happens::Task { queue } => ("task", json!({ "queue": queue.as_str() })),
        Happens::Update { name, value } => ("update", json!({ "trait": name, "removed": value.is_none() })),
        Happens::Webhook(name) => ("webhook", json!({ "webhook": name.as_str() })),
        Happens::Goal { held_out } => ("goal", json!({ "held_out": held_out })),
        Happens::Left(how) => ("left", json!({ "because": how.as_str() })),
    };
    json!({
        "about": about,
        "entered_at": effect.entered_at.0,
        "journey": effect.journey.as_str(),
        "number": effect.number,
        "step": effect.step,
        "what": what,
    })
}
