//! The person's contract: pause, rhythm, hours and days. How many in a week is among the caps.
//!
//! Deliberately does not know: anything an operator sets.

use super::{Code, Facts, Held};
use crate::calendar::{self, Wall};
use vocabulary::{Contract, Moment, Rhythm};

pub(super) fn paused(facts: &Facts<'_>, at: Moment) -> Option<(Moment, Held)> {
    let until = facts.contract.paused_until.filter(|until| at < *until)?;
    Some((until, Held::of(Code::Paused, "contract/pause")))
}

/// Messages that come together wait for the first moment of the rhythm after they were queued.
pub(super) fn gathers(facts: &Facts<'_>, at: Moment) -> Option<(Moment, Held)> {
    let comes = comes(facts.contract.rhythm, facts)?;
    (at < comes).then(|| (comes, Held::of(Code::Gathered, "contract/rhythm")))
}

fn comes(rhythm: Rhythm, facts: &Facts<'_>) -> Option<Moment> {
    let (day, minute) = match rhythm {
        Rhythm::Single => return None,
        Rhythm::Daily { at } => (None, at),
        Rhythm::Weekly { day, at } => (Some(day), at),
    };
    let mut shown = calendar::local(facts.zone, facts.queued_at)?.date();
    for _ in 0..9 {
        let weekday = u8::try_from(shown.weekday().to_monday_zero_offset()).ok();
        let on = day.is_none() || weekday == day;
        let comes = calendar::at(shown, minute, facts.zone);
        if let Some(comes) = comes.filter(|comes| on && *comes > facts.queued_at) {
            return Some(comes);
        }
        shown = shown.tomorrow().ok()?;
    }
    None
}

/// What of the person's hours and days speaks against what the clock shows. Both must agree: a night from
/// Friday to Saturday is Saturday after midnight.
pub(super) fn outside(contract: &Contract, wall: Wall) -> Option<Held> {
    if contract.days.is_some_and(|days| !days.hold(wall.weekday)) {
        return Some(Held::of(Code::OutsideDays, "contract/days"));
    }
    if contract.hours.is_some_and(|hours| !hours.hold(wall.minute)) {
        return Some(Held::of(Code::OutsideHours, "contract/hours"));
    }
    None
}
