//! The prior price that a reduction must be told with: the lowest of the 30 days before it began (Directive
//! 98/6/EC, art. 6a; CJEU C-330/23, Aldi Süd: the percentage is reckoned from it too).
//!
//! Deliberately does not know: where prices come from, currencies.

use vocabulary::Moment;

/// A price from a moment on, until the next one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Dated {
    /// From when.
    pub from: Moment,
    /// Minor units.
    pub minor: i64,
}

/// The span that is looked back: 30 days, milliseconds.
pub const WINDOW_MS: i64 = 30 * 86_400_000;

/// The price now and the lowest that was applied in the 30 days before the reduction in force began. When a
/// reduction grows in steps without a break, that is the price before the first step (art. 6a (5)). `None`
/// without a price in force; `prior: None` when no price before the reduction is known, or when less than 30
/// days of history are: an unknown price is no proof of a high one.
pub fn announced(prices: &[Dated], now: Moment) -> Option<(i64, Option<i64>)> {
    let mut known: Vec<Dated> = prices.iter().copied().filter(|price| price.from <= now).collect();
    known.sort();
    known.dedup_by_key(|price| price.minor);
    let current = known.last()?;
    let lower = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| known.get(at));
        before
            .zip(known.get(at))
            .is_some_and(|(before, price)| price.minor < before.minor)
    };
    // Back over steps each of which went down.
    let mut begins = known.len() - 1;
    while begins > 1 && lower(begins) && lower(begins - 1) {
        begins -= 1;
    }
    let began = known.get(begins)?.from;
    let since = Moment(began.0.saturating_sub(WINDOW_MS));
    let before = known.get(..begins).unwrap_or_default();
    let whole = before.first().is_some_and(|first| first.from <= since);
    let applied = before.iter().enumerate().filter(|(at, _)| {
        let until = before.get(at + 1).map_or(began, |next| next.from);
        until > since
    });
    let lowest = applied.map(|(_, price)| price.minor).min();
    Some((current.minor, lowest.filter(|_| whole)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn at(days: &[(i64, i64)], now: i64) -> Option<(i64, Option<i64>)> {
        let prices: Vec<Dated> = days
            .iter()
            .map(|(day, minor)| Dated {
                from: Moment(day * DAY),
                minor: *minor,
            })
            .collect();
        announced(&prices, Moment(now * DAY))
    }

    #[test]
    fn the_lowest_of_thirty_days_before_the_reduction() {
        // Plain: 100 for long, 80 since yesterday.
        assert_eq!(at(&[(0, 100), (60, 80)], 61), Some((80, Some(100))));
        // Raised first, to be lowered grandly: the low price of before counts.
        assert_eq!(at(&[(0, 80), (50, 120), (60, 90)], 61), Some((90, Some(80))));
        // The low price lies more than 30 days back.
        assert_eq!(at(&[(0, 80), (20, 120), (60, 90)], 61), Some((90, Some(120))));
        // Its last day is within the window.
        assert_eq!(at(&[(0, 80), (31, 120), (60, 90)], 61), Some((90, Some(80))));
    }

    #[test]
    fn a_reduction_that_grows_keeps_its_first_prior_price() {
        assert_eq!(
            at(&[(0, 100), (60, 80), (63, 70), (66, 60)], 67),
            Some((60, Some(100)))
        );
        // With a break in between it begins anew.
        assert_eq!(
            at(&[(0, 100), (60, 80), (63, 100), (66, 70)], 67),
            Some((70, Some(80)))
        );
    }

    #[test]
    fn what_is_not_known_proves_nothing() {
        assert_eq!(at(&[], 5), None);
        assert_eq!(at(&[(0, 100)], 5), Some((100, None)));
        assert_eq!(
            at(&[(0, 100), (10, 80)], 11),
            Some((80, None)),
            "ten days of history"
        );
        assert_eq!(at(&[(7, 100)], 5), None, "a price of the future");
    }
}
