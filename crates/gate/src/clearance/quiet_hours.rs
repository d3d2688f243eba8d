//! The operator's quiet hours, on the person's own clock.
//!
//! Deliberately does not know: the person's wishes.

use super::{Code, Held, Rules};
use crate::calendar::Wall;

pub(super) fn hold(rules: &Rules, wall: Wall) -> Option<Held> {
    let quiet = rules.quiet?;
    quiet
        .hold(wall.minute)
        .then(|| Held::of(Code::QuietHours, "program/quiet-hours"))
}
