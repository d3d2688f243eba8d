//! Words that break a rule only together: each of several patterns in one sentence, or in it and the next ones,
//! in any order, and another pattern absent.
//!
//! Deliberately does not know: which rules, what the words mean.

use super::{Pattern, Patterns, Said, overlap, pattern};
use std::ops::Range;

/// Between patterns that all must be there.
pub(super) const AND: &str = " && ";
/// Before the pattern that must not be there.
pub(super) const WITHOUT: &str = " !! ";

/// `a && b !! c`: `a` and `b` without overlap, in any order, and no `c`.
pub(super) struct Together {
    all: Vec<Pattern>,
    none: Option<Pattern>,
}

impl Together {
    /// Nothing where a pattern cannot be read; a test reads all of them.
    pub(super) fn parse(line: &str, patterns: &mut Patterns) -> Option<Together> {
        let (all, none) = match line.split_once(WITHOUT) {
            Some((all, none)) => (all, Some(none)),
            None => (line, None),
        };
        let mut read = |part: &str| patterns.add(pattern(part.trim()));
        Some(Together {
            all: all.split(AND).map(&mut read).collect::<Option<_>>()?,
            none: match none {
                Some(none) => Some(read(none)?),
                None => None,
            },
        })
    }

    /// Whether the first of them stands there.
    pub(super) fn begins(&self, said: Said<'_>) -> bool {
        self.all.first().is_some_and(|first| first.is_in(said))
    }

    /// Where they stand in the first sentence. Of several sentences the first pattern must stand in the first one,
    /// the others anywhere, and not all of them in one sentence need be.
    pub(super) fn find<'a>(
        &self,
        sentences: &[Said<'_>],
        excused: impl Fn() -> &'a [Range<usize>],
    ) -> Option<Range<usize>> {
        let here = *sentences.first()?;
        let (first, others) = self.all.split_first()?;
        // Most sentences end here, so nothing else is looked for before.
        let may = |other: &Pattern| sentences.iter().any(|said| said.possible.has(other.number));
        if !here.possible.has(first.number) || !others.iter().all(may) {
            return None;
        }
        let mut found = first.ranges(here).peekable();
        found.peek()?;
        let none = self.none.as_ref();
        if none.is_some_and(|none| sentences.iter().any(|said| none.is_in(*said))) {
            return None;
        }
        let excused = excused();
        found.filter(|found| !overlap(found, excused)).find_map(|found| {
            let mut taken = vec![found];
            for other in others {
                let place = other
                    .ranges(here)
                    .find(|place| !overlap(place, &taken) && !overlap(place, excused));
                match place {
                    Some(place) => taken.push(place),
                    None => {
                        let mut later = sentences.iter().skip(1);
                        if !later.any(|said| other.is_in(*said)) {
                            return None;
                        }
                    }
                }
            }
            let start = taken.iter().map(|place| place.start).min()?;
            let end = taken.iter().map(|place| place.end).max()?;
            Some(start..end)
        })
    }
}
