//! Whether something holds, and until when nothing but an input can change that. The second half is what
//! makes a person leave a group on time without anybody looking through everybody.

use vocabulary::Moment;

/// True or false at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Truth {
    /// Whether it holds.
    pub holds: bool,
    /// Before this moment it changes by an input alone; [`Truth::NEVER`] if by an input alone for ever.
    /// Never later than the first moment at which it does change.
    pub until: Moment,
}

impl Truth {
    /// No time changes it.
    pub const NEVER: Moment = Moment(i64::MAX);

    /// For ever, unless an input comes.
    pub fn always(holds: bool) -> Truth {
        Truth {
            holds,
            until: Truth::NEVER,
        }
    }

    /// Until then, unless an input comes.
    pub fn until(holds: bool, until: i64) -> Truth {
        Truth {
            holds,
            until: Moment(until),
        }
    }

    /// All of them. One that is false keeps the whole false for as long as it stays so, whatever the others
    /// do; a false one that no time changes settles it.
    pub fn all(parts: impl Iterator<Item = Truth>) -> Truth {
        let mut whole = Truth::always(true);
        for part in parts {
            whole = match (whole.holds, part.holds) {
                (true, true) => Truth::until(true, whole.until.0.min(part.until.0)),
                (true, false) => part,
                (false, true) => whole,
                (false, false) => Truth::until(false, whole.until.0.max(part.until.0)),
            };
            if !whole.holds && whole.until == Truth::NEVER {
                break;
            }
        }
        whole
    }

    /// One of them at least.
    pub fn any(parts: impl Iterator<Item = Truth>) -> Truth {
        !Truth::all(parts.map(std::ops::Not::not))
    }
}

/// The opposite, for as long.
impl std::ops::Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        Truth {
            holds: !self.holds,
            until: self.until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_changes_when_its_parts_let_it() {
        let parts = [
            Truth::until(true, 5),
            Truth::until(false, 9),
            Truth::until(false, 7),
        ];
        assert_eq!(Truth::all(parts.into_iter()), Truth::until(false, 9));
        assert_eq!(Truth::any(parts.into_iter()), Truth::until(true, 5));
        assert_eq!(Truth::all([].into_iter()), Truth::always(true));
        assert_eq!(Truth::any([].into_iter()), Truth::always(false));
    }
}
