//! The second door, before a person's attention: whether a message may leave now, must wait, or ends here.
//!
//! Pure: the person's terms, what left lately, the operator's rules and the moment come in. What the person
//! said stands above everything an operator sets: a rule of the operator can only make fewer messages leave,
//! never more, because each rule is asked by itself and all of them must agree.
//!
//! Every outcome has a stable code, the id of the policy that decided, and, in `server::words`, words for the
//! person and for the team.
//!
//! What is for `service` answers the person: an order that was placed must be acknowledged without undue delay
//! (Directive 2000/31/EC, art. 11(1)). So hours, days, rhythm, pause, caps, quiet hours and an open conversation
//! do not hold it back; an address that is dead, a program nobody approved and a paused journey do.
//!
//! Deliberately does not know: what a message says, how it is carried, clocks.

mod approval;
mod caps;
mod code;
mod contract;
mod honesty;
mod quiet_hours;
mod suppression;

pub use approval::Standing;
pub use caps::{Cap, Caps};
pub use code::{Code, Held};
pub use honesty::Claims;
pub use suppression::WhySuppressed;

use crate::calendar::{self, NEVER};
use jiff::tz::TimeZone;
use vocabulary::{Channel, Contract, DAY_MS, Hours, Moment, PurposeName};

/// After so long a message that was held back ends: what was meant for then is not sent now.
pub const EXPIRES_MS: i64 = 30 * DAY_MS;
/// How long what waits for somebody else (an approval, a paused journey, a conversation) rests before it is looked
/// at again, though nothing happened.
const REST_MS: i64 = 15 * 60_000;

/// What the operator set for everybody.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// How many may leave.
    pub caps: Caps,
    /// When nothing leaves; none: at any hour.
    pub quiet: Option<Hours>,
}

/// All that a clearance depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What it is for.
    pub purpose: PurposeName,
    /// By which way.
    pub channel: Channel,
    /// Since when it waits.
    pub queued_at: Moment,
    /// What the person wishes.
    pub contract: &'a Contract,
    /// Where the person's clocks are.
    pub zone: &'a TimeZone,
    /// When messages that were not for `service` left, and by which way: the last thirty-five days.
    pub left: &'a [(Moment, Channel)],
    /// A conversation with a human is open.
    pub conversation: bool,
    /// The way is closed.
    pub suppressed: Option<WhySuppressed>,
    /// How its program and journey stand.
    pub standing: Standing,
    /// Whether the facts behind its claims are there.
    pub claims: Claims,
}

/// What clearance says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may leave now.
    Pass(Pass),
    /// It may not leave before that moment, at which it is judged again; `Moment(i64::MAX)`: until the person
    /// says something.
    Wait {
        /// Until when.
        until: Moment,
        /// What holds it back.
        held: Held,
    },
    /// It never leaves.
    End(Held),
}

/// That clearance said yes: made here alone, for one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    at: Moment,
}

impl Pass {
    /// For which moment.
    pub fn at(&self) -> Moment {
        self.at
    }
}

/// Judges one message.
pub fn judge(facts: &Facts<'_>, rules: &Rules, now: Moment) -> Verdict {
    if let Some(held) = suppression::ends(facts).or_else(|| approval::ends(facts)) {
        return Verdict::End(held);
    }
    if let Some(held) = approval::waits(facts) {
        return rest(facts, held, now);
    }
    if let Some(held) = honesty::ends(facts) {
        return Verdict::End(held);
    }
    if facts.purpose == PurposeName::Service {
        return Verdict::Pass(Pass { at: now });
    }
    let expires = facts.queued_at.plus(EXPIRES_MS);
    if expires <= now {
        return Verdict::End(Held::of(Code::Expired, "clearance/expired"));
    }
    if facts.conversation {
        let held = Held::of(Code::HumanConversation, "clearance/human-conversation");
        return rest(facts, held, now);
    }
    let (until, held) = earliest(facts, rules, now);
    match held {
        None => Verdict::Pass(Pass { at: now }),
        Some(held) => Verdict::Wait {
            until: until.min(expires),
            held,
        },
    }
}

fn rest(facts: &Facts<'_>, held: Held, now: Moment) -> Verdict {
    let expires = facts.queued_at.plus(EXPIRES_MS);
    let commercial = facts.purpose != PurposeName::Service;
    let mut until = now.plus(REST_MS);
    if commercial && expires > now {
        until = until.min(expires);
    }
    Verdict::Wait { until, held }
}

/// The first moment from now on at which every rule agrees, as far as it can be known now, and what holds the
/// message back until then.
fn earliest(facts: &Facts<'_>, rules: &Rules, now: Moment) -> (Moment, Option<Held>) {
    let mut at = now;
    let mut first = None;
    // Each round moves on; hours come round every day, so a few rounds find a moment if there is one.
    for _ in 0..16 {
        let before = at;
        let steps: [&dyn Fn(Moment) -> Option<(Moment, Held)>; 4] = [
            &|at| contract::paused(facts, at),
            &|at| contract::gathers(facts, at),
            &|at| caps::full(facts, rules, at),
            &|at| hours(facts, rules, at),
        ];
        for step in steps {
            if let Some((until, held)) = step(at) {
                first.get_or_insert(held);
                at = until;
            }
            if at == NEVER {
                return (at, first);
            }
        }
        if at == before {
            break;
        }
    }
    (at, first)
}

/// The person's hours and days, and the operator's quiet hours: all on the person's own clock.
fn hours(facts: &Facts<'_>, rules: &Rules, at: Moment) -> Option<(Moment, Held)> {
    let wall = calendar::wall(facts.zone, at);
    let held = match wall {
        Some(wall) => contract::outside(facts.contract, wall).or_else(|| quiet_hours::hold(rules, wall))?,
        None => Held::of(Code::OutsideHours, "contract/hours"),
    };
    let edges: Vec<u16> = [facts.contract.hours, rules.quiet]
        .into_iter()
        .flatten()
        .flat_map(|hours| [hours.from, hours.to])
        .collect();
    let open = |wall| {
        contract::outside(facts.contract, wall)
            .or_else(|| quiet_hours::hold(rules, wall))
            .is_none()
    };
    Some((calendar::first(facts.zone, at, 9, &edges, open), held))
}

#[cfg(test)]
mod tests;
