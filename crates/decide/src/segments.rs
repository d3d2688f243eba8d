//! Groups: who is in which, since when, why, and until when nothing but an input changes it.
//!
//! A person is evaluated when something about them changes, and when the moment has come at which
//! something would change by itself. Windows slide over event time, so a person leaves a group on time
//! although nothing runs through everybody at night. A pure function of what is known and of the moment.
//!
//! Deliberately does not know: how a person was opened, where memberships are kept, what a journey makes
//! of them.

mod desk;
mod happened;
mod judge;
mod known;
mod plan;
mod truth;
mod value;

pub use judge::{Found, Why};
pub use known::{Known, TraitKnown};
pub use plan::{Changed, Error, Plan};
pub use truth::Truth;
pub(crate) use value::fields_pass;

use desk::Desk;
use judge::Sight;
use program::words::Name;
use vocabulary::{Catalogue, Moment};

/// How a person stands to one segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// In or not, and until when nothing but an input changes that.
    pub truth: Truth,
    /// Since when they are in, or out.
    pub since: Moment,
}

/// How a person stands to all segments of a plan, in its order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Standings {
    /// One for each segment.
    pub each: Vec<Standing>,
    /// The places of the segments that were entered or left just now.
    pub turned: Vec<usize>,
}

impl Standings {
    /// The first moment at which one of them changes by itself.
    pub fn due(&self) -> Moment {
        let until = self.each.iter().map(|standing| standing.truth.until);
        until.min().unwrap_or(Truth::NEVER)
    }
}

/// Evaluates what may have changed: what looks at something in `changed`, what was to be looked at again by
/// now, and what refers to a segment of either. The rest stands as before. With standings of another plan,
/// or none, everything is evaluated; nobody is then said to have entered or left.
pub fn evaluate(
    plan: &Plan,
    known: &Known<'_>,
    catalogue: &Catalogue,
    before: Option<&[Standing]>,
    changed: &Changed<'_>,
    now: Moment,
) -> Standings {
    let before = before.filter(|before| before.len() == plan.len());
    let mut marks = vec![before.is_none(); plan.len()];
    plan.mark(changed, &mut marks);
    let mut each = before.map_or_else(|| Vec::with_capacity(plan.len()), <[Standing]>::to_vec);
    let mut turned = Vec::new();
    let desk = Desk::default();
    for (place, segment) in plan.segments.iter().enumerate() {
        let earlier = each.get(place).copied();
        let due = earlier.is_some_and(|standing| standing.truth.until <= now);
        if !marks.get(place).copied().unwrap_or(true) && !due {
            continue;
        }
        let sight = Sight {
            plan,
            known,
            catalogue,
            standings: &each,
            desk: &desk,
            now,
        };
        let truth = sight.judge(&segment.who);
        let turns = earlier.is_some_and(|standing| standing.truth.holds != truth.holds);
        let since = earlier.filter(|_| !turns).map_or(now, |standing| standing.since);
        let standing = Standing { truth, since };
        match each.get_mut(place) {
            Some(slot) => *slot = standing,
            None => each.push(standing),
        }
        if turns {
            turned.push(place);
        }
        // Whoever refers to this one may stand otherwise now, or for another time.
        if earlier.is_none_or(|standing| standing.truth != truth) {
            for other in plan.by_segment.get(place).into_iter().flatten() {
                if let Some(mark) = marks.get_mut(*other) {
                    *mark = true;
                }
            }
        }
    }
    Standings { each, turned }
}

/// Why somebody is in a segment, or is not: the decision with all it rests on. `None` if there is no such
/// segment.
pub fn why<'p>(
    plan: &'p Plan,
    known: &Known<'_>,
    catalogue: &Catalogue,
    name: &Name,
    now: Moment,
) -> Option<Why<'p>> {
    let standings = evaluate(plan, known, catalogue, None, &Changed::default(), now);
    let segment = plan.segment(plan.place(name)?)?;
    let desk = Desk::default();
    let sight = Sight {
        plan,
        known,
        catalogue,
        standings: &standings.each,
        desk: &desk,
        now,
    };
    Some(sight.explain(&segment.who))
}

/// Whether a predicate that is no segment of its own holds: of a journey's branch, entry or exit.
pub fn holds(
    plan: &Plan,
    known: &Known<'_>,
    catalogue: &Catalogue,
    standings: &[Standing],
    predicate: &program::segment::Predicate,
    now: Moment,
) -> Truth {
    let desk = Desk::default();
    let sight = Sight {
        plan,
        known,
        catalogue,
        standings,
        desk: &desk,
        now,
    };
    sight.judge(predicate)
}
