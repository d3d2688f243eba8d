//! How fast each provider is written to, and for how long not at all. Pure: the time comes in.
//!
//! Deliberately does not know: messages, people, connections.

use crate::channels::email::settings::{DomainRate, RateSettings};
use std::collections::HashMap;
use vocabulary::Moment;

/// Providers that are remembered at once; those that have rested longest are forgotten first.
const PROVIDERS: usize = 20_000;
/// The first rest after a provider said that it is too much, milliseconds.
const FIRST_REST: i64 = 60_000;
/// The longest.
const LONGEST_REST: i64 = 3_600_000;

/// What is known of all providers.
#[derive(Debug)]
pub(super) struct Pace {
    rate: RateSettings,
    rates: HashMap<String, RateSettings>,
    providers: HashMap<String, Provider>,
    /// The server itself, through which everything goes.
    server: Rest,
}

#[derive(Debug)]
struct Provider {
    /// When the next message may leave, if they left evenly; up to a second may be caught up.
    next: f64,
    rest: Rest,
    under_way: usize,
}

#[derive(Clone, Copy, Default, Debug)]
struct Rest {
    until: i64,
    failures: u32,
}

impl Rest {
    fn longer(&mut self, now: i64) {
        // Answers to what was under way together are one failure.
        if self.until > now {
            return;
        }
        let rest = FIRST_REST
            .saturating_mul(1 << self.failures.min(6))
            .min(LONGEST_REST);
        self.failures = self.failures.saturating_add(1);
        self.until = now.saturating_add(rest);
    }
}

impl Pace {
    pub(super) fn new(rate: RateSettings, rates: &[DomainRate]) -> Pace {
        let own = rates.iter().map(|own| {
            let rate = RateSettings {
                per_second: own.per_second,
                at_once: own.at_once,
            };
            (own.domain.to_ascii_lowercase(), rate)
        });
        Pace {
            rate,
            rates: own.collect(),
            providers: HashMap::new(),
            server: Rest::default(),
        }
    }

    /// When a message may leave at the earliest; nothing is taken by asking.
    pub(super) fn when(&self, domain: &str, now: Moment) -> Moment {
        let Some(known) = self.providers.get(domain) else {
            return Moment(self.server.until.max(now.0));
        };
        let full = known.under_way >= self.of(domain).at_once;
        let soon = if full { now.0 + 1_000 } else { now.0 };
        Moment(
            soon.max(known.rest.until)
                .max(self.server.until)
                .max(known.next.ceil() as i64),
        )
    }

    /// Takes the place of one message, which [`Pace::done`] gives back; else when to ask again.
    pub(super) fn take(&mut self, domain: &str, now: Moment, urgent: bool) -> Result<(), Moment> {
        let when = self.when(domain, now);
        if when > now && !urgent {
            return Err(when);
        }
        let step = 1_000.0 / self.of(domain).per_second;
        self.forget(now);
        let provider = self.providers.entry(domain.to_owned()).or_insert(Provider {
            next: 0.0,
            rest: Rest::default(),
            under_way: 0,
        });
        provider.next = provider.next.max(now.0 as f64 - 1_000.0) + step;
        provider.under_way += 1;
        Ok(())
    }

    /// A message is no longer under way.
    pub(super) fn done(&mut self, domain: &str) {
        if let Some(provider) = self.providers.get_mut(domain) {
            provider.under_way = provider.under_way.saturating_sub(1);
        }
    }

    /// The provider took one: what was, is over.
    pub(super) fn went_well(&mut self, domain: &str) {
        self.server = Rest::default();
        if let Some(provider) = self.providers.get_mut(domain) {
            provider.rest = Rest::default();
        }
    }

    /// The provider said that it is too much.
    pub(super) fn too_much(&mut self, domain: &str, now: Moment) {
        if let Some(provider) = self.providers.get_mut(domain) {
            provider.rest.longer(now.0);
        }
    }

    /// The server cannot be reached, or sends everybody away.
    pub(super) fn unreachable(&mut self, now: Moment) {
        self.server.longer(now.0);
    }

    fn of(&self, domain: &str) -> RateSettings {
        self.rates.get(domain).copied().unwrap_or(self.rate)
    }

    fn forget(&mut self, now: Moment) {
        if self.providers.len() >= PROVIDERS {
            let idle = |known: &Provider| {
                known.under_way == 0 && known.rest.until <= now.0 && known.next <= now.0 as f64
            };
            self.providers.retain(|_, known| !idle(known));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pace(per_second: f64, at_once: usize) -> Pace {
        let slow = DomainRate {
            domain: "slow.example".to_owned(),
            per_second: 0.5,
            at_once: 1,
        };
        Pace::new(RateSettings { per_second, at_once }, &[slow])
    }

    proptest! {
        #[test]
        fn no_provider_gets_more_than_its_rate_and_all_get_theirs(per_second in 0.2f64..50.0, steps in prop::collection::vec(1i64..400, 1..300)) {
            let mut pace = pace(per_second, 1_000);
            let (mut now, mut sent) = (1_000_000i64, 0u64);
            let start = now;
            for step in &steps {
                now += step;
                if pace.take("a.example", Moment(now), false).is_ok() {
                    sent += 1;
                }
                prop_assert!(pace.when("b.example", Moment(now)) == Moment(now), "one provider waits for another");
            }
            let most = (now - start) as f64 / 1_000.0 * per_second + per_second + 2.0;
            prop_assert!(sent as f64 <= most, "{} of {}", sent, most);
        }

        #[test]
        fn when_says_when(per_second in 0.2f64..50.0, now in 0i64..1_000_000_000) {
            let mut pace = pace(per_second, 1_000);
            let mut at = Moment(now);
            for _ in 0..100 {
                if let Err(when) = pace.take("a.example", at, false) {
                    prop_assert!(when > at);
                    at = when;
                    prop_assert!(pace.take("a.example", at, false).is_ok());
                }
            }
        }
    }

    #[test]
    fn rests_grow_end_and_do_not_hold_back_the_others_or_what_is_urgent() {
        let mut pace = pace(100.0, 100);
        let mut now = Moment(0);
        pace.take("a.example", now, false).unwrap();
        let mut rests = Vec::new();
        for _ in 0..9 {
            pace.too_much("a.example", now);
            pace.too_much("a.example", now);
            let until = pace.take("a.example", now, false).unwrap_err();
            rests.push((until.0 - now.0) / 1_000);
            assert!(pace.take("b.example", now, false).is_ok());
            assert!(pace.take("a.example", now, true).is_ok());
            now = until;
        }
        assert_eq!(rests, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
        pace.went_well("a.example");
        assert!(pace.take("a.example", now, false).is_ok());
        pace.unreachable(now);
        assert!(pace.take("b.example", now, false).is_err() && pace.take("b.example", now, true).is_ok());
    }

    #[test]
    fn only_so_many_are_under_way_at_once() {
        let mut pace = pace(1_000.0, 2);
        let now = Moment(5_000);
        assert!(pace.take("a.example", now, false).is_ok() && pace.take("a.example", now, false).is_ok());
        assert!(pace.take("a.example", now, false).is_err());
        pace.done("a.example");
        assert!(pace.take("a.example", now, false).is_ok());
        assert!(pace.take("slow.example", now, false).is_ok());
        assert!(pace.take("slow.example", now, false).is_err());
    }
}
