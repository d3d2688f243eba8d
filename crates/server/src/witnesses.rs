//! The witnesses that this log asks: who they are, how many are enough, and which checkpoint is shown.
//!
//! Deliberately does not know: how and when they are asked (`work::ask_witnesses`), and the store.

use ledger::policy::{self, Policy};
use ledger::witness::WitnessKey;
use serde::Deserialize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Most witnesses: a note carries 64 signatures, one of them the log's.
const MOST: usize = 32;

/// `[ledger]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LedgerSettings {
    /// Who is asked to countersign the log's checkpoints.
    pub witnesses: Vec<WitnessSetting>,
    /// How many of them must have, before a checkpoint counts as witnessed; if it is not set: all.
    pub quorum: Option<usize>,
    /// Seconds between two askings while the log grows.
    pub ask_every_seconds: u32,
}

impl Default for LedgerSettings {
    fn default() -> LedgerSettings {
        LedgerSettings {
            witnesses: Vec::new(),
            quorum: None,
            ask_every_seconds: 10,
        }
    }
}

/// `[[ledger.witnesses]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessSetting {
    /// Its submission prefix: `/add-checkpoint` is added to it.
    pub url: String,
    /// Its public key, `name+id+base64`.
    pub vkey: String,
}

/// Why these witnesses cannot be asked.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// A key.
    #[error("the `vkey` of witness {number}: {problem}")]
    Key {
        /// Which, from 1.
        number: usize,
        /// What is wrong.
        problem: ledger::key::Error,
    },
    /// An address.
    #[error("the `url` of witness {number}: say `https://host/prefix`, without query")]
    Url {
        /// Which, from 1.
        number: usize,
    },
    /// The number of witnesses, or the quorum.
    #[error(transparent)]
    Policy(#[from] policy::Error),
    /// Too many, or asked too often.
    #[error("at most {MOST} witnesses, asked every 1 to 3600 seconds")]
    Bounds,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) url: String,
    pub(crate) key: WitnessKey,
}

/// The witnesses of this log.
pub struct Witnesses {
    pub(crate) asked: Vec<Asked>,
    pub(crate) policy: Policy,
    pub(crate) every: Duration,
    /// Nothing was witnessed for too long: what is newest is shown although it is not.
    pub(crate) stale: AtomicBool,
    /// The largest checkpoint that was shown unwitnessed, with its size: none smaller is shown after it.
    floor: Mutex<(u64, Vec<u8>)>,
}

impl Witnesses {
    /// Those of the settings.
    pub fn new(settings: &LedgerSettings) -> Result<Witnesses, Error> {
        if settings.witnesses.len() > MOST || !(1..=3600).contains(&settings.ask_every_seconds) {
            return Err(Error::Bounds);
        }
        let mut asked = Vec::new();
        for (number, witness) in (1..).zip(&settings.witnesses) {
            let key = witness
                .vkey
                .parse()
                .map_err(|problem| Error::Key { number, problem })?;
            let url = address(&witness.url).ok_or(Error::Url { number })?;
            asked.push(Asked { url, key });
        }
        let keys: Vec<WitnessKey> = asked.iter().map(|asked| asked.key.clone()).collect();
        let quorum = settings.quorum.unwrap_or(keys.len());
        Ok(Witnesses {
            policy: Policy::any(quorum, keys)?,
            asked,
            every: Duration::from_secs(u64::from(settings.ask_every_seconds)),
            stale: AtomicBool::new(false),
            floor: Mutex::default(),
        })
    }

    /// Whether nobody is asked.
    /// The public keys of those that are asked, `name+id+base64`.
    pub fn keys(&self) -> Vec<String> {
        self.asked.iter().map(|asked| asked.key.to_string()).collect()
    }

    /// Whether none is asked.
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// Which checkpoint the world is shown: the newest witnessed one; the newest at all if there are no
    /// witnesses, or nothing was witnessed for too long. What is shown never gets smaller.
    pub fn shown(&self, newest: Vec<u8>, size: u64, witnessed: Option<gate::Witnessed>) -> Vec<u8> {
        if self.is_empty() {
            return newest;
        }
        let stale = self.stale.load(Ordering::Acquire);
        let mut floor = self.floor.lock().unwrap_or_else(PoisonError::into_inner);
        match witnessed {
            Some(kept) if kept.size >= size || (!stale && kept.size >= floor.0) => kept.checkpoint,
            // Shown again until a witnessed one has caught up. The newest instead would run ahead of the
            // witnesses for as long as the log grows.
            Some(_) if !stale => floor.1.clone(),
            _ => {
                *floor = (size, newest.clone());
                newest
            }
        }
    }
}

impl Default for Witnesses {
    fn default() -> Witnesses {
        Witnesses {
            asked: Vec::new(),
            policy: Policy::nobody(),
            every: Duration::from_secs(10),
            stale: AtomicBool::new(false),
            floor: Mutex::default(),
        }
    }
}

/// Where a request goes: the prefix and the protocol's path.
fn address(prefix: &str) -> Option<String> {
    let uri: hyper::Uri = prefix.parse().ok()?;
    let known = matches!(uri.scheme_str(), Some("https" | "http"));
    if !known || uri.host().is_none_or(str::is_empty) || uri.query().is_some() {
        return None;
    }
    Some(format!("{}/add-checkpoint", prefix.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gate::Witnessed;

    fn of(urls: &[&str]) -> LedgerSettings {
        let witness = |(number, url): (u8, &&str)| WitnessSetting {
            url: (*url).to_owned(),
            vkey: ledger::witness::Witness::from_seed("witness.example", &[number; 32])
                .unwrap()
                .key()
                .to_string(),
        };
        LedgerSettings {
            witnesses: (1..).zip(urls).map(witness).collect(),
            ..LedgerSettings::default()
        }
    }

    fn kept(size: u64) -> Option<Witnessed> {
        Some(Witnessed {
            size,
            checkpoint: vec![b'w'],
        })
    }

    #[test]
    fn the_protocols_path_is_added_to_the_prefix_and_nothing_else_is_an_address() {
        let good = Witnesses::new(&of(&["https://w.example/", "http://127.0.0.1:8/a/b"])).unwrap();
        assert_eq!(good.asked[0].url, "https://w.example/add-checkpoint");
        assert_eq!(good.asked[1].url, "http://127.0.0.1:8/a/b/add-checkpoint");
        for bad in ["w.example", "ftp://w.example", "https://w.example/?a=b", ""] {
            assert_eq!(
                Witnesses::new(&of(&[bad])).err(),
                Some(Error::Url { number: 1 }),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_quorum_that_cannot_be_reached_or_asks_for_nobody_is_refused() {
        for (quorum, good) in [(None, true), (Some(1), true), (Some(0), false), (Some(2), false)] {
            let settings = LedgerSettings {
                quorum,
                ..of(&["https://w.example"])
            };
            assert_eq!(Witnesses::new(&settings).is_ok(), good, "{quorum:?}");
        }
        let mut twice = of(&["https://w.example", "https://v.example"]);
        twice.witnesses[1].vkey = twice.witnesses[0].vkey.clone();
        assert!(matches!(Witnesses::new(&twice), Err(Error::Policy(_))));
    }

    #[test]
    fn what_is_shown_is_witnessed_while_witnesses_answer_and_never_gets_smaller() {
        let newest = || vec![b'n'];
        let nobody = Witnesses::default();
        assert_eq!(nobody.shown(newest(), 9, kept(9)), b"n");
        let witnesses = Witnesses::new(&of(&["https://w.example"])).unwrap();
        assert_eq!(witnesses.shown(b"5".to_vec(), 5, None), b"5");
        // Smaller than what was shown before: that again, and not what is newer still.
        assert_eq!(witnesses.shown(newest(), 7, kept(4)), b"5");
        assert_eq!(witnesses.shown(newest(), 9, kept(5)), b"w");
        assert_eq!(witnesses.shown(newest(), 9, kept(7)), b"w");
        witnesses.stale.store(true, Ordering::Release);
        assert_eq!(witnesses.shown(b"12".to_vec(), 12, kept(7)), b"12");
        assert_eq!(witnesses.shown(newest(), 12, kept(12)), b"w");
        assert_eq!(witnesses.shown(b"13".to_vec(), 13, kept(12)), b"13");
        witnesses.stale.store(false, Ordering::Release);
        // A log that grows faster than it is witnessed comes back to what is witnessed.
        assert_eq!(witnesses.shown(newest(), 20, kept(12)), b"13");
        assert_eq!(witnesses.shown(newest(), 30, kept(18)), b"w");
    }
}
