//! The first days of a sender that nobody knows yet: so many messages a day, more each day. Counted in the
//! store in steps, so that a restart forgets nothing and a message costs no write.
//!
//! Deliberately does not know: what is sent, and to whom.

use crate::channels::email::settings::WarmUpSettings;
use gate::{Gate, Unavailable};
use vocabulary::{DAY_MS, Moment};

/// The name of the value: the first day, the day that is counted, and how many may have left on it.
const NAME: &str = "email_warm_up";
/// So many are counted at once; a crash loses at most that many of a day's messages, and never sends more.
const STEP: u64 = 20;

/// Counts messages.
#[derive(Debug)]
pub(super) struct WarmUp {
    settings: WarmUpSettings,
    /// What was read or written last.
    kept: Option<Kept>,
    /// Of those that are counted, so many have not left.
    left: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Kept {
    first: u32,
    day: u32,
    count: u64,
    version: u64,
}

impl Kept {
    fn read(bytes: &[u8], version: u64) -> Option<Kept> {
        let (first, rest) = bytes.split_first_chunk::<4>()?;
        let (day, rest) = rest.split_first_chunk::<4>()?;
        let count: [u8; 8] = rest.try_into().ok()?;
        Some(Kept {
            first: u32::from_be_bytes(*first),
            day: u32::from_be_bytes(*day),
            count: u64::from_be_bytes(count),
            version,
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.first.to_be_bytes().to_vec();
        bytes.extend(self.day.to_be_bytes());
        bytes.extend(self.count.to_be_bytes());
        bytes
    }
}

/// How many may leave on a day, counted from 0.
pub(super) fn allowed(settings: &WarmUpSettings, day: u32) -> u64 {
    let grown = settings.first_day as f64 * settings.growth.powf(f64::from(day));
    if grown >= settings.cap as f64 {
        settings.cap
    } else {
        grown as u64
    }
}

impl WarmUp {
    pub(super) fn new(settings: WarmUpSettings) -> WarmUp {
        WarmUp {
            settings,
            kept: None,
            left: 0,
        }
    }

    /// Takes one of the day's messages; else when the next day begins.
    pub(super) async fn take(&mut self, gate: &Gate, now: Moment) -> Result<Result<(), Moment>, Unavailable> {
        let today = now.day().0;
        for _ in 0..5 {
            let kept = match self.kept {
                Some(kept) => kept,
                None => {
                    let (bytes, version) = gate.house_value(NAME).await?;
                    let new = Kept {
                        first: today,
                        day: today,
                        count: 0,
                        version,
                    };
                    Kept::read(&bytes, version).unwrap_or(new)
                }
            };
            if kept.day == today && self.left > 0 {
                self.left -= 1;
                self.kept = Some(kept);
                return Ok(Ok(()));
            }
            // A clock that was set back stays on the later day.
            let day = today.max(kept.day);
            let count = if day == kept.day { kept.count } else { 0 };
            let free = allowed(&self.settings, day.saturating_sub(kept.first)).saturating_sub(count);
            let step = free.min(STEP);
            if step == 0 {
                self.kept = Some(kept);
                return Ok(Err(Moment((i64::from(day) + 1) * DAY_MS)));
            }
            let next = Kept {
                day,
                count: count + step,
                version: kept.version,
                ..kept
            };
            if gate.put_house_value(NAME, kept.version, next.bytes()).await? {
                self.kept = None;
                let (_, version) = gate.house_value(NAME).await?;
                self.kept = Some(Kept { version, ..next });
                self.left = step - 1;
                return Ok(Ok(()));
            }
            // Another process was faster: read again.
            self.kept = None;
            self.left = 0;
        }
        Ok(Err(Moment(now.0 + 60_000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_allows_more_than_the_one_before_up_to_the_cap() {
        let settings = WarmUpSettings {
            first_day: 50,
            growth: 2.0,
            cap: 1_000,
        };
        let days: Vec<u64> = (0..7).map(|day| allowed(&settings, day)).collect();
        assert_eq!(days, [50, 100, 200, 400, 800, 1_000, 1_000]);
        assert_eq!(allowed(&settings, u32::MAX), 1_000);
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let kept = Kept {
            first: 1,
            day: 2,
            count: 3,
            version: 4,
        };
        assert_eq!(Kept::read(&kept.bytes(), 4), Some(kept));
        assert_eq!(Kept::read(&[1; 15], 4), None);
    }
}
